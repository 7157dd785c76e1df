/* Interrupt sweep: what a scenario uses.
 *
 * A scenario is a kernel service, or one path through it. It runs once for each instruction offset
 * n = 0, 1, 2, ...: it prepares, opens the window, calls the service, closes the window, and checks
 * what it got. A one-shot timer, the probe, interrupts n instructions after the window opened, and
 * its handler wakes the most urgent task. A run in which the window closes first ends the sweep.
 *
 * The controller, a task of priority SWEEP_PRIO, runs the scenarios. Helpers take the other parts:
 * one is more urgent, one less. tests/sweep/sweep.py starts all this and reads what it prints.
 */
#ifndef SWEEP_H
#define SWEEP_H

#include "kiln/kiln.h"

#define SWEEP_PRIO 10U
#define LOW_PRIO   5U
#define HIGH_PRIO  20U
#define WOKEN_PRIO 30U

struct scenario {
    const char *name;
    void (*run)(void);
    void (*in_isr)(void); /* called by the probe's interrupt as well; or NULL */
    unsigned offsets_max; /* not 0: the window closes only after the interrupt */
    bool in_pairs;        /* in the code that switches, a second interrupt follows the first */
};

/* Defines a scenario. SCENARIO_ISR has the interrupt take part in it. In SCENARIO_WAITS everything
 * sleeps in the end until the interrupt comes, so that offsets have a number instead of an end.
 * SCENARIO_PAIRS has a second interrupt for each that comes in the middle of a switch: some of the
 * port's code runs only after one. */
#define SCENARIO(name)                 SCENARIO_AS(name, NULL, 0, false)
#define SCENARIO_ISR(name, isr)        SCENARIO_AS(name, isr, 0, false)
#define SCENARIO_WAITS(name, isr, max) SCENARIO_AS(name, isr, max, false)
#define SCENARIO_PAIRS(name)           SCENARIO_AS(name, NULL, 0, true)
#define SCENARIO_AS(name, isr, max, pairs)                                             \
    static void scenario_##name(void);                                                 \
    static const struct scenario scenario_##name##_entry KILN_SECTION(sweep_cases) = { \
        #name, scenario_##name, (isr), (max), (pairs)};                                \
    static void scenario_##name(void)

extern const struct scenario __start_sweep_cases[], __stop_sweep_cases[];

/* ---- The window: controller only ------------------------------------------------------------- */

/* The probe interrupts from here on. */
void sweep_open(void);

/* No more. Checks that the woken task, if it was woken, has run by now. */
void sweep_close(void);

/* True when the interrupt came in this run's window. */
bool sweep_interrupted(void);

/* ---- Checks: any context --------------------------------------------------------------------- */

void sweep_check(const char *file, int line, const char *what, long actual, long expected);

#define CHECK_EQ(actual, expected) \
    sweep_check(__FILE__, __LINE__, #actual, (long)(actual), (long)(expected))
#define CHECK_OK(call)   CHECK_EQ(call, KILN_OK)
#define CHECK(condition) CHECK_EQ((condition) ? 1 : 0, 1)

/* ---- Helpers --------------------------------------------------------------------------------- */

struct helper;
extern struct helper high, low;

/* Has a helper call `fn`. The high one runs at once until it waits for something. */
void helper_start(struct helper *helper, void (*fn)(void));

/* Waits until it has done so. */
void helper_wait(struct helper *helper);

/* True when it has done so, and nobody has waited for that. */
bool helper_is_done(struct helper *helper);

struct kiln_task *helper_task(struct helper *helper);

/* Makes a task that does not last, on the one stack there is for such. Its state is new. */
extern struct kiln_task victim;
void victim_init(int (*entry)(void *), unsigned priority);

/* Checks that it has ended, with this code. */
void victim_ended(int code);

/* ---- Interrupts besides the probe ------------------------------------------------------------ */

/* Raises a device's interrupt, less urgent than the probe, and of the tick's priority. */
void device_interrupt(void (*handler)(void));

/* Raises the tick's interrupt now: a tick more. */
void tick_now(void);

#endif
