/* Tasks: creation, end, priority, suspension, sleep. */
#include "task.h"
#include "async.h"
#include "mutex.h"
#include "timeout.h"
#include "waitq.h"

/* ---- The list of all tasks -------------------------------------------------------------- */

#if KILN_CFG_TASK_LIST
static void list_add_locked(struct kiln_task *task)
{
    task->all_next = NULL;
    task->all_prev = kernel.all_last;
    if (kernel.all_last != NULL) {
        kernel.all_last->all_next = task;
    }
    kernel.all_last = task;
}

static void list_remove_locked(struct kiln_task *task)
{
    task->all_prev->all_next = task->all_next; /* the idle task is before every other */
    if (task->all_next != NULL) {
        task->all_next->all_prev = task->all_prev;
    } else {
        kernel.all_last = task->all_prev;
    }
}

struct kiln_task *kiln_task_next(const struct kiln_task *task)
{
    if (task == NULL) {
        return &kernel.idle;
    }
    K_CHECK_OBJECT(task, KILN_TYPE_TASK);
    K_ASSERT((task->flags & K_TASK_TERMINATED) == 0, "the task after one that has terminated",
             task);
    return task->all_next;
}
#else
K_INLINE void list_add_locked(struct kiln_task *task)
{
    (void)task;
}

K_INLINE void list_remove_locked(struct kiln_task *task)
{
    (void)task;
}
#endif

/* ---- Creation --------------------------------------------------------------------------- */

#if KILN_CFG_STACK_CHECK
K_INLINE void set_stack(struct kiln_task *task, const struct kiln_task_def *def)
{
    task->stack = (uint8_t *)def->stack;
    task->stack_bytes = def->stack_bytes;
    port_stack_paint(def->stack, def->stack_bytes);
}
#else
K_INLINE void set_stack(struct kiln_task *task, const struct kiln_task_def *def)
{
    (void)task;
    (void)def;
}
#endif

#if KILN_CFG_SLICE
K_INLINE void set_slice(struct kiln_task *task, kiln_ticks_t ticks)
{
    task->slice_ticks = (uint16_t)ticks;
    task->slice_left = (uint16_t)ticks;
}
#else
K_INLINE void set_slice(struct kiln_task *task, kiln_ticks_t ticks)
{
    (void)task;
    (void)ticks;
}
#endif

#if KILN_CFG_WAITQ_SKIP
K_INLINE void set_peer(struct kiln_task *task)
{
    task->peer = task;
}
#else
K_INLINE void set_peer(struct kiln_task *task)
{
    (void)task;
}
#endif

/* The last section makes it a task: an interrupt may kill the creator before, and then there is
 * none, nor anything that a port took for one; or after it, and then there is one that can be
 * killed as well. */
void k_task_setup(struct kiln_task *task, const struct kiln_task_def *def)
{
    *task = (struct kiln_task){.next = task,
                               .prev = task,
                               .prio = def->priority,
                               .base_prio = def->priority,
                               .flags = K_TASK_NEW};
    set_peer(task);
    kiln_set_name(task, def->name != NULL ? def->name : "?");
    set_stack(task, def);
    set_slice(task, def->slice_ticks);
    unsigned key = port_irq_save();
    port_ctx_init(&task->ctx, def->stack, def->stack_bytes, def->entry, def->arg);
    list_add_locked(task);
    K_SET_TAG(task, KILN_TYPE_TASK);
    port_irq_restore(key);
}

static bool is_valid(const struct kiln_task *task, const struct kiln_task_def *def)
{
    if (task == NULL || def == NULL || def->entry == NULL || def->stack == NULL) {
        return false;
    }
    unsigned priority = def->priority; /* of a wider type, or 256 would be no limit */
    return priority < KILN_CFG_PRIORITIES && (uintptr_t)def->stack % 8 == 0 &&
           def->stack_bytes >= PORT_STACK_MIN;
}

K_INLINE bool is_alive(const struct kiln_task *task)
{
#if KILN_CFG_CHECKS
    return task->tag == (const char *)task + KILN_TYPE_TASK &&
           (task->flags & K_TASK_TERMINATED) == 0;
#else
    (void)task;
    return false;
#endif
}

int kiln_task_init(struct kiln_task *task, const struct kiln_task_def *def)
{
    if (!is_valid(task, def)) {
        return KILN_EINVAL;
    }
    if (port_in_isr()) {
        return KILN_EISR;
    }
    if (is_alive(task)) {
        return KILN_ESTATE;
    }
    k_task_setup(task, def);
    return KILN_OK;
}

int kiln_task_start(struct kiln_task *task)
{
    K_CHECK_OBJECT(task, KILN_TYPE_TASK);
    unsigned key = port_irq_save();
    if ((task->flags & K_TASK_NEW) == 0) {
        port_irq_restore(key);
        return KILN_ESTATE;
    }
    kiln_trace_hook(KILN_TRACE_TASK_START, task, task->prio);
    task->flags = 0;
    k_ready_and_release(task, key);
    return KILN_OK;
}

int kiln_task_create(struct kiln_task *task, const struct kiln_task_def *def)
{
    int error = kiln_task_init(task, def);
    return error != KILN_OK ? error : kiln_task_start(task);
}

/* ---- End -------------------------------------------------------------------------------- */

#if KILN_CFG_JOIN
static unsigned wake_joiners(struct kiln_task *task, int code, unsigned key)
{
    return k_wake_joiners(&task->joiners, code, key);
}
#else
K_INLINE unsigned wake_joiners(struct kiln_task *task, int code, unsigned key)
{
    (void)task;
    (void)code;
    return key;
}
#endif

/* True when a kill of the running task waited for the scheduler lock that has just ended. */
K_INLINE bool is_killed(const struct kiln_task *task)
{
    return kernel.locked == 0 && (task->flags & K_TASK_KILL) != 0;
}

/* Takes a task out of whatever it is in. From here on it is terminated: no wake-up, timeout
 * or other kill finds it. Called and returns masked, with the scheduler locked, so that nobody can
 * reuse its storage while its executors, its mutexes and its joiners are dealt with one by one;
 * interrupts can come in between. */
static unsigned take_apart(struct kiln_task *task, int code, unsigned key)
{
    struct kiln_waitq *queue = task->waitq;
    bool waited_for_mutex = (task->flags & K_TASK_ON_MUTEX) != 0;
    if (k_is_ready(task)) {
        k_ready_remove_locked(task);
    }
    k_unwait_locked(task, code);
    task->flags = K_TASK_TERMINATED;
    if (waited_for_mutex) {
        k_mutex_waiter_left_locked(queue);
    }
    kiln_trace_hook(KILN_TRACE_TASK_END, task, (uintptr_t)code);
    list_remove_locked(task);
    key = k_executors_let_go(task, key);
    key = k_mutex_release_all(task, key);
    key = wake_joiners(task, code, key);
    port_ctx_free(&task->ctx);
    return key;
}

/* Terminates a task, and then the running one as well if an interrupt killed that meanwhile:
 * such a kill waits until the scheduler is unlocked. */
static void terminate(struct kiln_task *task, int code, unsigned key)
{
    do {
        kernel.locked++;
        key = take_apart(task, code, key);
        kernel.locked--;
        task = kernel.current;
        code = task->wait.result;
    } while (is_killed(task));
    k_release_and_reschedule(key);
}

void k_unlock_and_reschedule(unsigned key)
{
    struct kiln_task *task = kernel.current;
    kernel.locked--;
    if (is_killed(task)) {
        terminate(task, task->wait.result, port_in_isr() ? key : 0);
    } else {
        k_release_and_reschedule(key);
    }
}

void kiln_task_exit(int code)
{
    (void)port_irq_save();
    K_ASSERT(!port_in_isr() && (kernel.current->flags & K_TASK_IDLE) == 0,
             "kiln_task_exit() outside a task", kernel.current);
    kernel.locked = 0;
    terminate(kernel.current, code, 0); /* its interrupt locks end with it */
    port_halt();                        /* not reached: nobody switches back to it */
}

void kernel_task_return(int code)
{
    kiln_task_exit(code);
}

int kiln_task_kill(struct kiln_task *task, int code)
{
    K_CHECK_OBJECT(task, KILN_TYPE_TASK);
    unsigned key = port_irq_save();
    int error = KILN_OK;
    if (task->flags & K_TASK_IDLE) {
        error = KILN_EINVAL;
    } else if (task->flags & (K_TASK_TERMINATED | K_TASK_KILL)) {
        error = KILN_ESTATE;
    } else if (task != kernel.current) {
        terminate(task, code, key);
        return KILN_OK;
    } else if (!port_in_isr()) {
        port_irq_restore(key);
        kiln_task_exit(code);
    } else if (kernel.locked != 0) {
        task->flags |= K_TASK_KILL;
        task->wait.result = code;
    } else {
        terminate(task, code, key);
        return KILN_OK;
    }
    port_irq_restore(key);
    return error;
}

#if KILN_CFG_JOIN
int kiln_task_join(struct kiln_task *task, int *code, kiln_ticks_t timeout_ticks)
{
    K_CHECK_OBJECT(task, KILN_TYPE_TASK);
    unsigned key = port_irq_save();
    if (task->flags & K_TASK_TERMINATED) {
        if (code != NULL) {
            *code = task->wait.result;
        }
        port_irq_restore(key);
        return KILN_OK;
    }
    if (task == kernel.current && !port_in_isr()) {
        port_irq_restore(key);
        return KILN_EDEADLK;
    }
    return k_block_with(code, &task->joiners, timeout_ticks, key, KILN_WAIT_JOIN);
}
#endif

/* ---- Suspension ------------------------------------------------------------------------- */

/* All but the plain case: not the running task, or it cannot switch now. */
static K_SLOW int suspend_other(struct kiln_task *task, unsigned key)
{
    unsigned flags = task->flags;
    if (flags & (K_TASK_NEW | K_TASK_TERMINATED | K_TASK_IDLE)) {
        port_irq_restore(key);
        return (flags & K_TASK_IDLE) ? KILN_EINVAL : KILN_ESTATE;
    }
    if (k_is_ready(task)) {
        k_ready_remove_locked(task);
    }
    task->flags = (uint8_t)(flags | K_TASK_SUSPENDED);
    kiln_trace_hook(KILN_TRACE_TASK_SUSPEND, task, 0);
    k_release_and_reschedule(key);
    return KILN_OK;
}

int kiln_task_suspend(struct kiln_task *task)
{
    K_CHECK_OBJECT(task, KILN_TYPE_TASK);
    unsigned key = port_irq_save();
    if (!K_FOR_SPEED || task != kernel.current || task->flags != 0 || !k_can_block(key)) {
        return suspend_other(task, key);
    }
    k_ready_remove_locked(task);
    task->flags = K_TASK_SUSPENDED;
    kiln_trace_hook(KILN_TRACE_TASK_SUSPEND, task, 0);
    k_switch_to_first_locked(task);
    port_irq_restore(0); /* as it was, or we could not have switched */
    return KILN_OK;
}

int kiln_task_resume(struct kiln_task *task)
{
    K_CHECK_OBJECT(task, KILN_TYPE_TASK);
    unsigned key = port_irq_save();
    unsigned flags = task->flags;
    if ((flags & K_TASK_SUSPENDED) == 0) {
        port_irq_restore(key);
        return KILN_ESTATE;
    }
    task->flags = (uint8_t)(flags & ~(unsigned)K_TASK_SUSPENDED);
    kiln_trace_hook(KILN_TRACE_TASK_RESUME, task, 0);
    if (K_LIKELY(task->waitq == NULL)) {
        k_ready_and_release(task, key);
    } else {
        port_irq_restore(key);
    }
    return KILN_OK;
}

/* ---- Priority --------------------------------------------------------------------------- */

void k_task_set_prio_locked(struct kiln_task *task, uint8_t prio)
{
    bool lowered = prio < task->prio;
    kiln_trace_hook(KILN_TRACE_TASK_PRIORITY, task, prio);
    if (k_is_ready(task)) {
        k_ready_remove_locked(task);
        task->prio = prio;
        k_ready_append_locked(task);
        if (lowered && task == kernel.current) {
            kernel.ready[prio].first = task;
        }
    } else if (task->waitq != NULL) {
        struct kiln_waitq *queue = task->waitq;
        k_waitq_remove_locked(queue, task);
        task->prio = prio;
        k_waitq_insert_locked(queue, task);
    } else {
        task->prio = prio;
    }
}

int kiln_task_set_priority(struct kiln_task *task, unsigned priority)
{
    K_CHECK_OBJECT(task, KILN_TYPE_TASK);
    if (priority >= KILN_CFG_PRIORITIES || (task->flags & K_TASK_IDLE)) {
        return KILN_EINVAL;
    }
    unsigned key = port_irq_save();
    if (task->flags & K_TASK_TERMINATED) {
        port_irq_restore(key);
        return KILN_ESTATE;
    }
    task->base_prio = (uint8_t)priority;
    k_mutex_update_prio_locked(task);
    k_release_and_reschedule(key);
    return KILN_OK;
}

unsigned kiln_task_priority(const struct kiln_task *task)
{
    K_CHECK_OBJECT(task, KILN_TYPE_TASK);
    return task->prio;
}

#if KILN_CFG_SLICE
int kiln_task_set_slice(struct kiln_task *task, kiln_ticks_t ticks)
{
    K_CHECK_OBJECT(task, KILN_TYPE_TASK);
    if (ticks > UINT16_MAX) {
        return KILN_EINVAL;
    }
    unsigned key = port_irq_save();
    set_slice(task, ticks);
    port_irq_restore(key);
    return KILN_OK;
}
#endif

/* ---- Giving way, and sleep --------------------------------------------------------------- */

#if KILN_CFG_SLICE
K_INLINE void renew_slice(struct kiln_task *task)
{
    task->slice_left = task->slice_ticks;
}
#else
K_INLINE void renew_slice(struct kiln_task *task)
{
    (void)task;
}
#endif

int kiln_task_yield(void)
{
    unsigned key = port_irq_save();
    struct kiln_task *task = kernel.current, *next = task->next;
    int result = KILN_OK;
    if (!port_can_switch(key) || kernel.locked != 0) {
        result = port_in_isr() ? KILN_EISR : KILN_ELOCKED;
    } else if (next != task) {
        port_ctx_prefetch(&next->next->ctx, next->next->next);
        renew_slice(task);
        kernel.ready[task->prio].first = next;
        k_switch_locked(task, next);
    }
    port_irq_restore(key);
    return result;
}

/* Waits in a queue of its own, which only the timeout ends. Always inline: a frame less on the
 * stack of whoever sleeps. */
static inline __attribute__((always_inline)) int sleep_and_release(kiln_ticks_t ticks, unsigned key)
{
    struct kiln_waitq *alone = &kernel.current->wait.alone;
    return k_block_with(NULL, alone, ticks, key, KILN_WAIT_SLEEP);
}

int kiln_task_sleep(kiln_ticks_t ticks)
{
    if (ticks == KILN_FOREVER) {
        return KILN_EINVAL;
    }
    unsigned key = port_irq_save();
    int result = sleep_and_release(ticks, key);
    return result == KILN_ETIMEOUT || result == KILN_EAGAIN ? KILN_OK : result;
}

int kiln_task_sleep_until(kiln_ticks_t *wake_ticks, kiln_ticks_t period_ticks)
{
    if (wake_ticks == NULL || period_ticks > INT32_MAX) {
        return KILN_EINVAL;
    }
    unsigned key = port_irq_save();
    kiln_ticks_t wake = *wake_ticks + period_ticks;
    int32_t left = (int32_t)(wake - (kiln_ticks_t)kernel.now);
    if (left <= 0) {
        *wake_ticks = wake;
        port_irq_restore(key);
        return left == 0 ? KILN_OK : KILN_ETIMEOUT;
    }
    int result = sleep_and_release((kiln_ticks_t)left, key);
    if (result == KILN_ETIMEOUT) {
        *wake_ticks = wake;
        result = KILN_OK;
    }
    return result;
}

struct kiln_task *kiln_task_self(void)
{
    return kernel.current;
}
