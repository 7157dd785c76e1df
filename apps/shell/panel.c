/* The panel of the board, where it has one: a light that runs to and fro, a needle that shows how
 * busy the processor is, and buttons.
 *
 *   button 0   the light turns back
 *   button 1   starts and ends `spinner`, which computes without an end: look at the needle, or top
 *   button 3   reboots
 */
#include "kiln/board.h"
#include "kiln/kiln.h"
#include "panel.h"

#define STEP_TICKS  KILN_MS(125)
#define STEPS       4 /* of the light, to one of the needle */
#define STACK_BYTES (PORT_STACK_MIN + 256)

KILN_SEM_DEFINE(turns, 0, 1); /* the light is to turn back */

/* ---- Lights and needle ----------------------------------------------------------------------- */

/* Where the light is, and which way it goes. */
struct walker {
    unsigned lit;
    bool is_backward;
};

/* On to the next light. A board that has but one turns it on and off. */
static void walk(struct kiln_leds *leds, struct walker *walker)
{
    if (leds == NULL || leds->count < 2) {
        kiln_led_toggle(leds, 0);
        return;
    }
    if (kiln_sem_take(&turns, KILN_NO_WAIT) == KILN_OK) {
        walker->is_backward = !walker->is_backward;
    }
    if (walker->lit == 0 || walker->lit == leds->count - 1U) {
        walker->is_backward = walker->lit != 0;
    }
    kiln_led_set(leds, walker->lit, false);
    walker->lit = walker->is_backward ? walker->lit - 1 : walker->lit + 1;
    kiln_led_set(leds, walker->lit, true);
}

/* Thousandths of the time since the last call in which the processor was busy. */
static unsigned load_permille(uint64_t *last_idle_us, uint64_t *last_us)
{
    struct kiln_task_info idle;
    uint64_t now_us = kiln_uptime_us();
    (void)kiln_task_get_info(kiln_task_next(NULL), &idle); /* the first task is the idle task */
    uint32_t passed = (uint32_t)(now_us - *last_us),
             idled = (uint32_t)(idle.cpu_us - *last_idle_us);
    *last_us = now_us;
    *last_idle_us = idle.cpu_us;
    return passed <= idled ? 0 : (passed - idled) / (passed / 1000 + 1);
}

static int blink(void *arg)
{
    struct kiln_leds *leds = kiln_board_leds();
    struct kiln_gauge *gauge = kiln_board_gauge();
    kiln_ticks_t wake = kiln_ticks();
    uint64_t idle_us = 0, last_us = 0;
    struct walker walker = {0, false};
    (void)arg;
    for (unsigned step = 1;; step++) {
        walk(leds, &walker);
        if (gauge != NULL && step % STEPS == 0) {
            kiln_gauge_set(gauge, load_permille(&idle_us, &last_us) * gauge->max / 1000);
        }
        (void)kiln_task_sleep_until(&wake, STEP_TICKS);
    }
    return 0;
}

KILN_TASK_DEFINE(blinker, blink, NULL, 4, STACK_BYTES);

/* ---- Buttons --------------------------------------------------------------------------------- */

static int spin(void *arg)
{
    (void)arg;
    for (;;) {
        panel_compute(1000);
    }
    return 0;
}

KILN_RUN_ENTRY(spinner, spin, NULL, 1, STACK_BYTES);

static void toggle_spinner(void)
{
    if (kiln_task_create(&spinner, &spinner_def) != KILN_OK) { /* it runs already */
        (void)kiln_task_kill(&spinner, 0);
    }
}

static int attend(void *arg)
{
    struct kiln_buttons *buttons = kiln_board_buttons();
    uint32_t pressed = 0;
    (void)arg;
    while (buttons != NULL && kiln_buttons_wait(buttons, ~0U, &pressed, KILN_FOREVER) == KILN_OK) {
        if (pressed & 1U) {
            (void)kiln_sem_give(&turns); /* once is enough */
        }
        if (pressed & 2U) {
            toggle_spinner();
        }
        if (pressed & 8U) {
            kiln_reboot();
        }
    }
    return 0;
}

KILN_TASK_DEFINE(attendant, attend, NULL, 5, STACK_BYTES);
