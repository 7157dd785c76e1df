/* Software timers: see kiln/timer.h. A timer is a timeout with a function. */
#include "core/timer.h"

#if KILN_CFG_TIMER

#include "core/timeout.h"
#include "kiln/timer.h"

int kiln_timer_init(struct kiln_timer *timer, kiln_timer_fn callback)
{
    if (timer == NULL || callback == NULL) {
        return KILN_EINVAL;
    }
    K_CHECK_NEW(timer, KILN_TYPE_TIMER);
    *timer = (struct kiln_timer){.callback = callback};
    kiln_set_name(timer, "?");
    K_SET_TAG(timer, KILN_TYPE_TIMER);
    return KILN_OK;
}

K_INLINE bool is_pending(const struct kiln_timer *timer)
{
    return timer->timeout.order != 0;
}

int kiln_timer_destroy(struct kiln_timer *timer)
{
    K_CHECK_OBJECT(timer, KILN_TYPE_TIMER);
    unsigned key = port_irq_save();
    bool in_use = is_pending(timer);
    if (!in_use) {
        K_CLEAR_TAG(timer);
    }
    port_irq_restore(key);
    return in_use ? KILN_ESTATE : KILN_OK;
}

static void stop_locked(struct kiln_timer *timer)
{
    k_timeout_cancel_locked(&timer->timeout);
    timer->timeout.order = 0;
}

int kiln_timer_start(struct kiln_timer *timer, kiln_ticks_t delay_ticks, kiln_ticks_t period_ticks)
{
    K_CHECK_OBJECT(timer, KILN_TYPE_TIMER);
    if (delay_ticks == 0 || delay_ticks == KILN_FOREVER || period_ticks == KILN_FOREVER) {
        return KILN_EINVAL;
    }
    unsigned key = port_irq_save();
    kiln_trace_hook(KILN_TRACE_TIMER_START, timer, delay_ticks);
    if (is_pending(timer)) {
        k_timeout_cancel_locked(&timer->timeout);
    }
    timer->period_ticks = period_ticks;
    k_timeout_start_locked(&timer->timeout, K_TIMEOUT_TIMER, delay_ticks);
    port_irq_restore(key);
    return KILN_OK;
}

int kiln_timer_stop(struct kiln_timer *timer)
{
    K_CHECK_OBJECT(timer, KILN_TYPE_TIMER);
    int result = KILN_ESTATE;
    unsigned key = port_irq_save();
    if (is_pending(timer)) {
        kiln_trace_hook(KILN_TRACE_TIMER_STOP, timer, 0);
        stop_locked(timer);
        result = KILN_OK;
    }
    port_irq_restore(key);
    return result;
}

bool kiln_timer_active(const struct kiln_timer *timer)
{
    K_CHECK_OBJECT(timer, KILN_TYPE_TIMER);
    return is_pending(timer);
}

kiln_ticks_t kiln_timer_remaining(const struct kiln_timer *timer)
{
    K_CHECK_OBJECT(timer, KILN_TYPE_TIMER);
    unsigned key = port_irq_save();
    kiln_ticks_t left = is_pending(timer) ? timer->timeout.deadline - (kiln_ticks_t)kernel.now : 0;
    port_irq_restore(key);
    return left;
}

/* A periodic timer is pending again before its callback runs, so that the callback can stop
 * or restart it like anybody else. */
void k_timer_expired(struct kiln_timeout *timeout, unsigned key)
{
    struct kiln_timer *timer = K_CONTAINER_OF(timeout, struct kiln_timer, timeout);
    kiln_timer_fn callback = timer->callback; /* the timer may be gone when it is called */
    timer->timeout.order = 0;
    kiln_trace_hook(KILN_TRACE_TIMER_EXPIRE, timer, 0);
    if (timer->period_ticks != 0) {
        k_timeout_start_locked(timeout, K_TIMEOUT_TIMER, timer->period_ticks);
    }
    port_irq_restore(key);
    callback(timer); /* calls: timers */
}

#endif
