/* The watchdogs: see kiln/reset.h.
 *
 * The kernel's is a timer, so it costs a system without one nothing. A feed is one store, and the
 * timer is not started anew for it: when it expires, it looks at how long ago the last feed was,
 * and waits for the rest. `fed_at` is one aligned word, read and written whole.
 */
#include "core/kernel.h"
#include "kiln/kiln.h"
#include "reset.h"

static kiln_ticks_t fed_at;

static bool is_timeout(kiln_ticks_t ticks)
{
    return ticks != 0 && ticks != KILN_FOREVER;
}

#if KILN_CFG_TIMER

static struct kiln_timer timer;
static bool timer_ready;
static kiln_ticks_t timeout_ticks; /* 0: nobody watches. Protected by masking, as the timer is */

/* The tick counts up to each deadline in turn: "now" is this one's, however late the interrupt is.
 * A stop by a more urgent interrupt, between the expiry and here, shows. */
static void look(struct kiln_timer *expired)
{
    unsigned key = port_irq_save();
    kiln_ticks_t since = kiln_ticks() - fed_at;
    if (timeout_ticks != 0 && since >= timeout_ticks) {
        k_watchdog_bite("watchdog: not fed in time");
    }
    if (timeout_ticks != 0) {
        (void)kiln_timer_start(expired, timeout_ticks - since, 0);
    }
    port_irq_restore(key);
}

int kiln_watchdog_start(kiln_ticks_t ticks)
{
    if (!is_timeout(ticks)) {
        return KILN_EINVAL;
    }
    unsigned key = port_irq_save();
    if (!timer_ready) {
        (void)kiln_timer_init(&timer, look);
        kiln_set_name(&timer, "watchdog");
        timer_ready = true;
    }
    timeout_ticks = ticks;
    fed_at = kiln_ticks();
    (void)kiln_timer_start(&timer, ticks, 0);
    port_irq_restore(key);
    return KILN_OK;
}

int kiln_watchdog_stop(void)
{
    int result = KILN_ESTATE;
    unsigned key = port_irq_save();
    if (timeout_ticks != 0) {
        timeout_ticks = 0;
        (void)kiln_timer_stop(&timer);
        result = KILN_OK;
    }
    port_irq_restore(key);
    return result;
}

#endif

int kiln_watchdog_start_hardware(kiln_ticks_t ticks)
{
    uint64_t ms = ((uint64_t)ticks * 1000U + KILN_CFG_TICK_HZ - 1U) / KILN_CFG_TICK_HZ;
    if (!is_timeout(ticks) || ms > UINT32_MAX) {
        return KILN_EINVAL;
    }
    unsigned key = port_irq_save();
    int result = port_watchdog_start((uint32_t)ms);
    port_irq_restore(key);
    return result;
}

void kiln_watchdog_feed(void)
{
    fed_at = kiln_ticks();
    port_watchdog_feed();
}
