/* Three tasks and an interrupt print lines of all lengths, as fast as they can: two tasks preempt
 * the third at any place, and the tick's interrupt comes at any place of all. printers.py looks
 * at what comes out, line by line. */
#include "core/kernel.h"
#include "kiln/kiln.h"

#define LINES 150U /* of the tasks that sleep, and of the interrupt, at least */

static const char dots[] =
    "........................................................................";

/* Printed by the interrupt, and how often it found somebody else's text half out. Written by the
 * interrupt only. */
static volatile unsigned interrupts, found_held;

static void print(const char *who, unsigned number)
{
    (void)kiln_printf("%s %u %.*s|\n", who, number, (int)(number % sizeof(dots)), dots);
}

static void on_tick(struct kiln_timer *timer)
{
    (void)timer;
    if (kernel.locked != 0) { /* nobody else locks the scheduler here */
        found_held++;
    }
    print("i", ++interrupts);
}

KILN_TIMER_DEFINE(timer, on_tick);

static int print_now_and_then(void *arg)
{
    for (unsigned n = 1; n <= LINES; n++) {
        print((const char *)arg, n);
        (void)kiln_task_sleep(1 + n % 3);
    }
    return 0;
}

KILN_TASK_DEFINE(urgent, print_now_and_then, "a", 4, 768);
KILN_TASK_DEFINE(less_urgent, print_now_and_then, "b", 3, 768);

static int print_always(void *arg)
{
    unsigned n = 0;
    (void)arg;
    (void)kiln_timer_start(&timer, 1, 1);
    while (interrupts < LINES || kiln_task_join(&urgent, NULL, KILN_NO_WAIT) != KILN_OK ||
           kiln_task_join(&less_urgent, NULL, KILN_NO_WAIT) != KILN_OK) {
        print("c", ++n);
    }
    (void)kiln_timer_stop(&timer);
    (void)kiln_printf("end a %u b %u c %u i %u held %u\n", LINES, LINES, n, interrupts, found_held);
    kiln_stop(0);
}

KILN_TASK_DEFINE(tireless, print_always, NULL, 2, 768);

int main(void)
{
    return kiln_start();
}
