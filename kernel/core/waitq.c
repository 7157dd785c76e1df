/* Wait queues: see waitq.h for what they promise.
 *
 * A queue is a circular list sorted by priority. With KILN_CFG_WAITQ_SKIP the first and the
 * last task of each run of equal priority know each other (`peer`), so that a search steps
 * over a whole run at once: it is bounded by the number of priorities, not of waiters.
 */
#include "waitq.h"
#include "mutex.h"
#include "timeout.h"

#if KILN_CFG_WAITQ_SKIP

/* Puts `task` behind the run that starts with `head`, or into a run of its own. */
void k_waitq_insert_locked(struct kiln_waitq *queue, struct kiln_task *task)
{
    struct kiln_task *first = queue->first;
    task->waitq = queue;
    task->peer = task;
    if (first == NULL) {
        task->next = task;
        task->prev = task;
        queue->first = task;
        return;
    }
    struct kiln_task *head = first;
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
}

#else

void k_waitq_insert_locked(struct kiln_waitq *queue, struct kiln_task *task)
{
    struct kiln_task *first = queue->first, *position = first;
    task->waitq = queue;
    if (first == NULL) {
        task->next = task;
        task->prev = task;
        queue->first = task;
        return;
    }
    while (position->prio >= task->prio) {
        position = position->next;
        if (position == first) { /* no more urgent than all */
            k_list_insert_before(first, task);
            return;
        }
    }
    k_list_insert_before(position, task);
    if (position == first) {
        queue->first = task;
    }
}

static void leave_run(const struct kiln_waitq *queue, struct kiln_task *task)
{
    (void)queue;
    (void)task;
}

#endif

static K_NOINLINE void remove_one_of_many(struct kiln_waitq *queue, struct kiln_task *task)
{
    leave_run(queue, task);
    task->prev->next = task->next;
    task->next->prev = task->prev;
    if (queue->first == task) {
        queue->first = task->next;
    }
}

K_INLINE void waitq_remove(struct kiln_waitq *queue, struct kiln_task *task)
{
    if (task->next == task) {
        queue->first = NULL;
    } else {
        remove_one_of_many(queue, task);
    }
}

void k_waitq_remove_locked(struct kiln_waitq *queue, struct kiln_task *task)
{
    waitq_remove(queue, task);
}

K_INLINE void unwait(struct kiln_task *task)
{
    if (task->wait_kind > KILN_WAIT_SLEEP) {
        waitq_remove(task->waitq, task);
    }
    task->wait_kind = KILN_WAIT_NONE;
}

void k_unwait_locked(struct kiln_task *task)
{
    unwait(task);
    if (task->flags & K_TASK_TIMED) {
        task->flags &= (uint8_t)~K_TASK_TIMED;
        k_timeout_cancel_locked(&task->timeout);
    }
}

/* The rare half of a wake: a pending timeout, a task that is suspended as well. */
static K_NOINLINE bool wake_flagged(struct kiln_task *task)
{
    if (task->flags & K_TASK_TIMED) {
        task->flags &= (uint8_t)~K_TASK_TIMED;
        k_timeout_cancel_locked(&task->timeout);
    }
    return (task->flags & K_TASK_NOT_READY) == 0;
}

K_INLINE void wake(struct kiln_task *task, int result)
{
    unwait(task);
    task->wait.result = result;
    kiln_trace_hook(KILN_TRACE_WAKE, task, (uintptr_t)result);
    if (task->flags == 0 || wake_flagged(task)) {
        k_ready_append_locked(task);
    }
}

void k_wake_locked(struct kiln_task *task, int result)
{
    wake(task, result);
}

int k_wake_and_release(struct kiln_task *task, int result, unsigned key)
{
    wake(task, result);
    if (k_is_ready(task)) {
        k_release_and_switch(task, key);
    } else {
        port_irq_restore(key);
    }
    return KILN_OK;
}

static K_NOINLINE int refuse_to_block(unsigned key)
{
    port_irq_restore(key);
    return port_in_isr() ? KILN_EISR : KILN_ELOCKED;
}

int k_block(struct kiln_waitq *queue, kiln_ticks_t timeout_ticks, enum kiln_wait kind, unsigned key)
{
    struct kiln_task *task = kernel.current;
    if (timeout_ticks == KILN_NO_WAIT) {
        port_irq_restore(key);
        return KILN_EAGAIN;
    }
    if (!k_can_block(key)) {
        return refuse_to_block(key);
    }
    k_ready_remove_locked(task);
    task->wait_kind = (uint8_t)kind;
    if (queue != NULL) {
        k_waitq_insert_locked(queue, task);
    }
    if (timeout_ticks != KILN_FOREVER) {
        task->flags |= K_TASK_TIMED;
        k_timeout_start_locked(&task->timeout, K_TIMEOUT_TASK, timeout_ticks);
    }
    kiln_trace_hook(KILN_TRACE_BLOCK, task, kind);
    k_switch_to_locked(k_ready_first_locked());
    port_irq_restore(key);
    return kernel.current->wait.result;
}
