/* Blinky: the smallest app. One task turns a light on and off, twice a second, for ever.
 *
 * The light is the board's first one, and a line on the console, so that it can be seen everywhere.
 * The task sleeps until fixed points in time, not for fixed times, so it does not drift. */
#include "kiln/kiln.h"

#define HALF_PERIOD_TICKS KILN_MS(500)

/* What a preemption takes, and what kiln_printf() takes. */
#define STACK_BYTES (PORT_STACK_MIN + 576)

static void show(struct kiln_leds *leds, bool on)
{
    unsigned ticks = (unsigned)kiln_ticks();
    unsigned ms = ticks % KILN_CFG_TICK_HZ * 1000U / KILN_CFG_TICK_HZ;
    kiln_printf("%4u.%03u s  %s\n", ticks / KILN_CFG_TICK_HZ, ms, on ? "(*) on" : "( ) off");
    kiln_led_set(leds, 0, on);
}

static int blink(void *arg)
{
    struct kiln_leds *leds = kiln_board_leds(); /* NULL: there are none */
    kiln_ticks_t wake_ticks = kiln_ticks();
    bool on = true;
    (void)arg;
    for (;;) {
        show(leds, on);
        on = !on;
        (void)kiln_task_sleep_until(&wake_ticks, HALF_PERIOD_TICKS);
    }
    return 0;
}

KILN_TASK_DEFINE(blinky, blink, NULL, 1, STACK_BYTES);

int main(void)
{
    kiln_printf("Blinky: a light goes on and off, each for half a second, for ever.\n");
    return kiln_start();
}
