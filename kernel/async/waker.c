/* Wakers: see kiln/async.h.
 *
 * A coroutine polls, and then queues up unless the waker was woken since somebody last did; that is
 * looked at in the section that queues up. So an interrupt between the poll and the wait has the
 * coroutine poll again, and one that comes later finds it in the queue.
 */
#include "kiln/config.h"

#if KILN_CFG_ASYNC

#include "async.h"
#include "core/waitq.h"

int kiln_waker_init(struct kiln_waker *waker)
{
    if (waker == NULL) {
        return KILN_EINVAL;
    }
    K_CHECK_NEW(waker, KILN_TYPE_WAKER);
    *waker = (struct kiln_waker){.woken = false};
    kiln_set_name(waker, "?");
    K_SET_TAG(waker, KILN_TYPE_WAKER);
    return KILN_OK;
}

int kiln_waker_destroy(struct kiln_waker *waker)
{
    K_CHECK_OBJECT(waker, KILN_TYPE_WAKER);
    unsigned key = port_irq_save();
    bool in_use = waker->waiters.first != NULL;
    if (!in_use) {
        K_CLEAR_TAG(waker);
    }
    port_irq_restore(key);
    return in_use ? KILN_ESTATE : KILN_OK;
}

int kiln_waker_wake(struct kiln_waker *waker)
{
    K_CHECK_OBJECT(waker, KILN_TYPE_WAKER);
    unsigned key = port_irq_save();
    struct kiln_task *waiter = waker->waiters.first;
    if (waiter != NULL) {
        return k_wake_and_release(&waker->waiters, waiter, key);
    }
    waker->woken = true;
    port_irq_restore(key);
    return KILN_OK;
}

int kiln_await_waker(struct kiln_async *async, struct kiln_waker *waker, kiln_ticks_t timeout_ticks)
{
    unsigned key;
    int result = KILN_PENDING;
    K_CHECK_OBJECT(waker, KILN_TYPE_WAKER);
    if (k_await_begin(async, &key)) {
        if (waker->woken) {
            waker->woken = false;
            result = KILN_OK;
        } else {
            result =
                k_await_wait_locked(async, &waker->waiters, NULL, timeout_ticks, KILN_WAIT_WAKER);
        }
    }
    return k_await_end(async, result, key);
}

/* The result of the last wait says whether to poll on: KILN_OK until the time is over. When that
 * is, stays in the deadline of the coroutine's timeout, which nobody else uses meanwhile. */
void k_poll_begin(struct kiln_async *async, kiln_ticks_t timeout_ticks)
{
    struct kiln_task *waiter = k_waiter_of(async);
    waiter->timeout.deadline = kiln_ticks() + timeout_ticks;
    waiter->wait.result = timeout_ticks == KILN_NO_WAIT ? KILN_EAGAIN : KILN_OK;
}

/* One wake-up may stand for several things that came. Who got one has the next one look. */
bool k_poll_goes_on(struct kiln_async *async, struct kiln_waker *waker, int polled)
{
    struct kiln_task *waiter = k_waiter_of(async);
    if (polled == KILN_EAGAIN) {
        return waiter->wait.result == KILN_OK;
    }
    waiter->wait.result = polled;
    unsigned key = port_irq_save();
    struct kiln_task *other = waker->waiters.first;
    if (other != NULL) {
        (void)k_wake_and_release(&waker->waiters, other, key);
    } else {
        port_irq_restore(key);
    }
    return false;
}

/* What is left of the time is worked out in the section that queues up: a tick in between would
 * count for nothing, and the wait would end late by it. */
int k_await_poll(struct kiln_async *async, struct kiln_waker *waker, kiln_ticks_t timeout_ticks)
{
    unsigned key = port_irq_save();
    kiln_ticks_t left = k_waiter_of(async)->timeout.deadline - kiln_ticks();
    if (timeout_ticks == KILN_FOREVER) {
        left = KILN_FOREVER;
    } else if (left == 0 || left > INT32_MAX) {
        return k_await_end(async, KILN_ETIMEOUT, key);
    }
    int result = kiln_await_waker(async, waker, left);
    port_irq_restore(key);
    return result;
}

#endif
