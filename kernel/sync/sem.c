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
    unsigned key = port_irq_save();
    bool in_use = sem->waiters.first != NULL;
    if (!in_use) {
        K_CLEAR_TAG(sem);
    }
    port_irq_restore(key);
    return in_use ? KILN_ESTATE : KILN_OK;
}

int kiln_sem_take(struct kiln_sem *sem, kiln_ticks_t timeout_ticks)
{
    K_CHECK_OBJECT(sem, KILN_TYPE_SEM);
    unsigned key = port_irq_save();
    uint32_t count = sem->count;
    kiln_trace_hook(KILN_TRACE_SEM_TAKE, sem, count);
    if (count == 0) {
        return k_block(&sem->waiters, timeout_ticks, key, KILN_WAIT_SEM);
    }
    sem->count = count - 1;
    port_irq_restore(key);
    return KILN_OK;
}

static K_SLOW int refuse_to_give(unsigned key)
{
    port_irq_restore(key);
    return KILN_EOVERFLOW;
}

int kiln_sem_give(struct kiln_sem *sem)
{
    K_CHECK_OBJECT(sem, KILN_TYPE_SEM);
    unsigned key = port_irq_save();
    struct kiln_task *waiter = sem->waiters.first;
    uint32_t count = sem->count;
    kiln_trace_hook(KILN_TRACE_SEM_GIVE, sem, count);
    if (waiter != NULL) {
        return k_wake_and_release(&sem->waiters, waiter, key);
    }
    if (count == sem->limit) {
        return refuse_to_give(key);
    }
    sem->count = count + 1;
    port_irq_restore(key);
    return KILN_OK;
}

uint32_t kiln_sem_count(const struct kiln_sem *sem)
{
    K_CHECK_OBJECT(sem, KILN_TYPE_SEM);
    return sem->count;
}

#endif
