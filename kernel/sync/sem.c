/* Counting semaphores: see kiln/sem.h. */
#include "kiln/config.h"

#if KILN_CFG_SEM

#include "core/waitq.h"
#include "kiln/sem.h"

int kiln_sem_init(struct kiln_sem *sem, uint32_t initial, uint32_t limit)
{
    if (sem == NULL || limit == 0 || initial > limit) {
        return KILN_EINVAL;
    }
    K_CHECK_NEW(sem, KILN_TYPE_SEM);
    *sem = (struct kiln_sem){.count = initial, .limit = limit};
    kiln_set_name(sem, "?");
    K_SET_TAG(sem, KILN_TYPE_SEM);
    return KILN_OK;
}

int kiln_sem_destroy(struct kiln_sem *sem)
{
    K_CHECK_OBJECT(sem, KILN_TYPE_SEM);
    if (sem->waiters.first != NULL) {
        return KILN_ESTATE;
    }
    K_CLEAR_TAG(sem);
    return KILN_OK;
}

int kiln_sem_take(struct kiln_sem *sem, kiln_ticks_t timeout_ticks)
{
    K_CHECK_OBJECT(sem, KILN_TYPE_SEM);
    unsigned key = port_irq_save();
    uint32_t count = sem->count;
    kiln_trace_hook(KILN_TRACE_SEM_TAKE, sem, count);
    if (count == 0) {
        k_set_wait_kind(kernel.current, KILN_WAIT_SEM);
        return k_block(&sem->waiters, timeout_ticks, key);
    }
    sem->count = count - 1;
    port_irq_restore(key);
    return KILN_OK;
}

int kiln_sem_give(struct kiln_sem *sem)
{
    K_CHECK_OBJECT(sem, KILN_TYPE_SEM);
    unsigned key = port_irq_save();
    uint32_t count = sem->count;
    int result = KILN_OK;
    kiln_trace_hook(KILN_TRACE_SEM_GIVE, sem, count);
    if (sem->waiters.first != NULL) {
        return k_wake_first_and_release(&sem->waiters, key);
    }
    if (count < sem->limit) {
        sem->count = count + 1;
    } else {
        result = KILN_EOVERFLOW;
    }
    port_irq_restore(key);
    return result;
}

uint32_t kiln_sem_count(const struct kiln_sem *sem)
{
    K_CHECK_OBJECT(sem, KILN_TYPE_SEM);
    return sem->count;
}

#endif
