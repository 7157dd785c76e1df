/* Awaits: see kiln/async.h.
 *
 * Each makes the object's own call without waiting and, when there is nothing to take, queues up
 * where a task would: both in one masked section, so that nothing can be given in between. The
 * giver then completes the wait as it would a task's: an item goes straight into the frame.
 */
#include "kiln/config.h"

#if KILN_CFG_ASYNC

#include "async.h"
#include "core/timeout.h"
#include "core/waitq.h"
#include "kiln/kiln.h"

bool k_await_begin(struct kiln_async *async, unsigned *key)
{
    K_CHECK_OBJECT(async, KILN_TYPE_ASYNC);
    K_ASSERT(async->executor->running == async && !port_in_isr(),
             "an await outside the coroutine's body", async);
    *key = port_irq_save();
    if ((async->state & K_ASYNC_CANCEL) == 0) {
        return true;
    }
    async->state |= K_ASYNC_CANCEL_NOW;
    k_async_ready_locked(async);
    return false;
}

int k_await_end(struct kiln_async *async, int result, unsigned key)
{
    if (result != KILN_PENDING) {
        k_waiter_of(async)->wait.result = result;
    }
    port_irq_restore(key);
    return result;
}

int k_await_wait_locked(struct kiln_async *async, struct kiln_waitq *queue, void *arg,
                        kiln_ticks_t timeout_ticks, enum kiln_wait kind)
{
    struct kiln_task *waiter = k_waiter_of(async);
    if (timeout_ticks == KILN_NO_WAIT) {
        return KILN_EAGAIN;
    }
    waiter->prio = kernel.current->prio;
    waiter->wait.arg = arg;
    k_set_wait_kind(waiter, kind);
    if (timeout_ticks != KILN_FOREVER) {
        waiter->flags |= K_TASK_TIMED;
        k_timeout_start_locked(&waiter->timeout, K_TIMEOUT_TASK, timeout_ticks);
    }
    k_waitq_insert_locked(queue, waiter);
    return KILN_PENDING;
}

int kiln_await_result(const struct kiln_async *async)
{
    return k_waiter_of(async)->wait.result;
}

int kiln_await_yield(struct kiln_async *async)
{
    unsigned key;
    if (k_await_begin(async, &key)) {
        k_waiter_of(async)->wait.result = KILN_OK;
        k_async_ready_locked(async);
    }
    return k_await_end(async, KILN_PENDING, key);
}

/* Waits in a queue of its own, which only the timeout ends. */
static int sleep_locked(struct kiln_async *async, kiln_ticks_t ticks)
{
    if (ticks == 0) {
        return KILN_OK;
    }
    async->state |= K_ASYNC_SLEEPS;
    return k_await_wait_locked(async, &k_waiter_of(async)->wait.alone, NULL, ticks,
                               KILN_WAIT_SLEEP);
}

int kiln_await_sleep(struct kiln_async *async, kiln_ticks_t ticks)
{
    unsigned key;
    int result = KILN_PENDING;
    if (k_await_begin(async, &key)) {
        result = ticks == KILN_FOREVER ? KILN_EINVAL : sleep_locked(async, ticks);
    }
    return k_await_end(async, result, key);
}

static int sleep_until_locked(struct kiln_async *async, kiln_ticks_t *wake_ticks,
                              kiln_ticks_t period_ticks)
{
    if (wake_ticks == NULL || period_ticks > INT32_MAX) {
        return KILN_EINVAL;
    }
    *wake_ticks += period_ticks;
    int32_t left = (int32_t)(*wake_ticks - (kiln_ticks_t)kernel.now);
    return left < 0 ? KILN_ETIMEOUT : sleep_locked(async, (kiln_ticks_t)left);
}

int kiln_await_sleep_until(struct kiln_async *async, kiln_ticks_t *wake_ticks,
                           kiln_ticks_t period_ticks)
{
    unsigned key;
    int result = KILN_PENDING;
    if (k_await_begin(async, &key)) {
        result = sleep_until_locked(async, wake_ticks, period_ticks);
    }
    return k_await_end(async, result, key);
}

#if KILN_CFG_SEM
int kiln_await_sem(struct kiln_async *async, struct kiln_sem *sem, kiln_ticks_t timeout_ticks)
{
    unsigned key;
    int result = KILN_PENDING;
    if (k_await_begin(async, &key)) {
        result = kiln_sem_take(sem, KILN_NO_WAIT);
        if (result == KILN_EAGAIN) {
            result = k_await_wait_locked(async, &sem->waiters, NULL, timeout_ticks, KILN_WAIT_SEM);
        }
    }
    return k_await_end(async, result, key);
}
#endif

#if KILN_CFG_QUEUE
int kiln_await_send(struct kiln_async *async, struct kiln_queue *queue, const void *item,
                    kiln_ticks_t timeout_ticks)
{
    unsigned key;
    int result = KILN_PENDING;
    if (k_await_begin(async, &key)) {
        result = kiln_queue_send(queue, item, KILN_NO_WAIT);
        if (result == KILN_EAGAIN) {
            result = k_await_wait_locked(async, &queue->senders, (void *)(uintptr_t)item,
                                         timeout_ticks, KILN_WAIT_QUEUE_SEND);
        }
    }
    return k_await_end(async, result, key);
}

int kiln_await_receive(struct kiln_async *async, struct kiln_queue *queue, void *item,
                       kiln_ticks_t timeout_ticks)
{
    unsigned key;
    int result = KILN_PENDING;
    if (k_await_begin(async, &key)) {
        result = kiln_queue_receive(queue, item, KILN_NO_WAIT);
        if (result == KILN_EAGAIN) {
            result = k_await_wait_locked(async, &queue->receivers, item, timeout_ticks,
                                         KILN_WAIT_QUEUE_RECEIVE);
        }
    }
    return k_await_end(async, result, key);
}
#endif

#if KILN_CFG_FLAGS
int kiln_await_flags(struct kiln_async *async, struct kiln_flags *flags,
                     struct kiln_flags_condition *condition, kiln_ticks_t timeout_ticks)
{
    unsigned key;
    int result = KILN_PENDING;
    K_ASSERT(condition != NULL, "null condition", flags);
    if (k_await_begin(async, &key)) {
        condition->flags = flags;
        result = kiln_flags_wait(flags, condition->bits, condition->options, &condition->value,
                                 KILN_NO_WAIT);
        if (result == KILN_EAGAIN) {
            result = k_await_wait_locked(async, &flags->waiters[flags->active], condition,
                                         timeout_ticks, KILN_WAIT_FLAGS);
        }
    }
    return k_await_end(async, result, key);
}
#endif

int kiln_await_async(struct kiln_async *async, struct kiln_async *other, int *result_out,
                     kiln_ticks_t timeout_ticks)
{
    unsigned key;
    int result = KILN_PENDING;
    K_CHECK_OBJECT(other, KILN_TYPE_ASYNC);
    if (k_await_begin(async, &key)) {
        if (other == async) {
            result = KILN_EDEADLK;
        } else if (other->state & K_ASYNC_ENDED) {
            result = kiln_async_join(other, result_out, KILN_NO_WAIT);
        } else {
            result = k_await_wait_locked(async, &other->joiners, result_out, timeout_ticks,
                                         KILN_WAIT_ASYNC);
        }
    }
    return k_await_end(async, result, key);
}

#if KILN_CFG_JOIN
int kiln_await_task(struct kiln_async *async, struct kiln_task *task, int *code,
                    kiln_ticks_t timeout_ticks)
{
    unsigned key;
    int result = KILN_PENDING;
    if (k_await_begin(async, &key)) {
        result = kiln_task_join(task, code, KILN_NO_WAIT);
        if (result == KILN_EAGAIN) {
            result =
                k_await_wait_locked(async, &task->joiners, code, timeout_ticks, KILN_WAIT_JOIN);
        }
    }
    return k_await_end(async, result, key);
}
#endif

#endif
