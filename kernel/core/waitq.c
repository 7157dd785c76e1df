/* Wait queues: see waitq.h for what they promise.
 *
 * A queue is a circular list sorted by priority. With KILN_CFG_WAITQ_SKIP the first and the
 * last task of each run of equal priority know each other (`peer`), so that a search steps
 * over a whole run at once: it is bounded by the number of priorities, not of waiters.
 */
#include "waitq.h"
#include "async.h"
#include "mutex.h"
#include "timeout.h"

#if KILN_CFG_WAITQ_SKIP

/* Puts `task` behind the run of its priority, or into a run of its own. */
static K_SLOW void insert_in_order(struct kiln_waitq *queue, struct kiln_task *task)
{
    struct kiln_task *first = queue->first, *head = first;
    while (head->prio > task->prio) {
        head = head->peer->next;
        if (head == first) { /* less urgent than all */
            k_list_insert_before(first, task);
            return;
        }
    }
    if (head->prio == task->prio) {
        k_list_insert_before(head->peer->next, task);
        head->peer = task;
        task->peer = head;
        return;
    }
    k_list_insert_before(head, task);
    if (head == first) {
        queue->first = task;
    }
}

/* Hands the ends of a run of equal priority on, before `task` leaves it. */
static void leave_run(const struct kiln_waitq *queue, struct kiln_task *task)
{
    struct kiln_task *prev = task->prev, *next = task->next, *peer = task->peer;
    bool is_head = task == queue->first || prev->prio != task->prio;
    bool is_tail = next == queue->first || next->prio != task->prio;
    if (is_head && !is_tail) {
        next->peer = peer;
        peer->peer = next;
    } else if (is_tail && !is_head) {
        prev->peer = peer;
        peer->peer = prev;
    }
    task->peer = task;
}

#else

static K_SLOW void insert_in_order(struct kiln_waitq *queue, struct kiln_task *task)
{
    struct kiln_task *first = queue->first, *position = first;
    bool is_first = first->prio < task->prio;
    while (position->prio >= task->prio) {
        position = position->next;
        if (position == first) { /* no more urgent than all */
            break;
        }
    }
    k_list_insert_before(position, task);
    if (is_first) {
        queue->first = task;
    }
}

static void leave_run(const struct kiln_waitq *queue, struct kiln_task *task)
{
    (void)queue;
    (void)task;
}

#endif

static K_SLOW void remove_one_of_many(struct kiln_waitq *queue, struct kiln_task *task)
{
    leave_run(queue, task);
    k_list_leave(queue, task);
}

K_ONE_COPY void waitq_insert(struct kiln_waitq *queue, struct kiln_task *task)
{
    task->waitq = queue;
    if (K_LIKELY(queue->first == NULL)) {
        queue->first = task; /* linked to itself already */
    } else {
        insert_in_order(queue, task);
    }
}

K_ONE_COPY void waitq_remove(struct kiln_waitq *queue, struct kiln_task *task)
{
    if (K_LIKELY(task->next == task)) {
        queue->first = NULL;
    } else {
        remove_one_of_many(queue, task);
    }
}

void k_waitq_insert_locked(struct kiln_waitq *queue, struct kiln_task *task)
{
    waitq_insert(queue, task);
}

void k_waitq_remove_locked(struct kiln_waitq *queue, struct kiln_task *task)
{
    waitq_remove(queue, task);
}

/* ---- End of a wait ---------------------------------------------------------------------- */

/* The rare part: a pending timeout, a mutex, a task that is suspended as well. Returns whether
 * the task is ready now. */
K_INLINE bool clear_wait_flags(struct kiln_task *task)
{
    unsigned flags = task->flags;
    task->flags = (uint8_t)(flags & ~(unsigned)K_TASK_WAIT_FLAGS);
    if (flags & K_TASK_TIMED) {
        k_timeout_cancel_locked(&task->timeout);
    }
    return (flags & K_TASK_NOT_READY) == 0;
}

/* Ends the wait of `task`, but does not make it ready; returns whether it can be. */
K_ONE_COPY bool unwait(struct kiln_waitq *queue, struct kiln_task *task, int result)
{
    waitq_remove(queue, task);
    task->waitq = NULL;
    task->wait.result = result; /* where the queue of a sleeping task was */
    return (K_FOR_SPEED && K_LIKELY(task->flags == 0)) || clear_wait_flags(task);
}

void k_unwait_locked(struct kiln_task *task, int result)
{
    if (task->waitq != NULL) {
        (void)unwait(task->waitq, task, result);
    }
    task->wait.result = result;
}

K_ONE_COPY void wake(struct kiln_waitq *queue, struct kiln_task *task, int result)
{
    kiln_trace_hook(KILN_TRACE_WAKE, task, (uintptr_t)result);
    if (unwait(queue, task, result)) {
        k_ready_append_locked(task);
    } else {
        k_waiter_woken_locked(task);
    }
}

void k_wake_locked(struct kiln_task *task, int result)
{
    wake(task->waitq, task, result);
}

/* All but the plain case: one of several waiters, a timeout to cancel, a task that is suspended, a
 * coroutine. */
static K_SLOW int wake_other(struct kiln_waitq *queue, struct kiln_task *task, unsigned key)
{
    wake(queue, task, KILN_OK);
    k_release_and_reschedule(key);
    return KILN_OK;
}

int k_wake_and_release(struct kiln_waitq *queue, struct kiln_task *task, unsigned key)
{
    if (!K_FOR_SPEED || K_UNLIKELY(task->flags != 0 || task->next != task)) {
        return wake_other(queue, task, key);
    }
    kiln_trace_hook(KILN_TRACE_WAKE, task, KILN_OK);
    queue->first = NULL;
    task->waitq = NULL;
    task->wait.result = KILN_OK;
    k_ready_and_release(task, key);
    return KILN_OK;
}

/* ---- Begin of a wait -------------------------------------------------------------------- */

int k_check_wait(kiln_ticks_t timeout_ticks, unsigned key)
{
    int error = KILN_EAGAIN;
    if (timeout_ticks != KILN_NO_WAIT) {
        if (K_LIKELY(k_can_block(key))) {
            return KILN_OK;
        }
        error = port_in_isr() ? KILN_EISR : KILN_ELOCKED;
    }
    port_irq_restore(key);
    return error;
}

/* Waits until somebody wakes the task; its timeout has been started. */
K_INLINE int wait_forever(struct kiln_waitq *queue, enum kiln_wait kind)
{
    struct kiln_task *task = kernel.current;
    k_ready_remove_locked(task);
    k_set_wait_kind(task, kind);
    waitq_insert(queue, task);
    kiln_trace_hook(KILN_TRACE_BLOCK, task, kind);
    k_switch_to_first_locked(task);
    port_irq_restore(0); /* as it was, or we could not have blocked */
    return task->wait.result;
}

int k_wait(struct kiln_waitq *queue, kiln_ticks_t timeout_ticks, enum kiln_wait kind)
{
    if (timeout_ticks != KILN_FOREVER) {
        struct kiln_task *task = kernel.current;
        task->flags |= K_TASK_TIMED;
        k_timeout_start_locked(&task->timeout, K_TIMEOUT_TASK, timeout_ticks);
    }
    return wait_forever(queue, kind);
}

#if K_FOR_SPEED
/* All but the plain case. */
static K_NOINLINE int block_other(struct kiln_waitq *queue, kiln_ticks_t timeout_ticks,
                                  unsigned key, enum kiln_wait kind)
{
    int error = k_check_wait(timeout_ticks, key);
    return error != KILN_OK ? error : k_wait(queue, timeout_ticks, kind);
}

int k_block(struct kiln_waitq *queue, kiln_ticks_t timeout_ticks, unsigned key, enum kiln_wait kind)
{
    if (K_LIKELY(timeout_ticks == KILN_FOREVER && k_can_block(key))) {
        return wait_forever(queue, kind);
    }
    return block_other(queue, timeout_ticks, key, kind);
}
#endif
