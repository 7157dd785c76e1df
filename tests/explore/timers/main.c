/* Timers started, restarted and stopped by a task, by an interrupt and by a callback, as they
 * expire. A stopped timer does not fire, a one-shot once for each start. */
#include "explore.h"
#include "kiln/kiln.h"

static void on_once(struct kiln_timer *timer);
static void on_period(struct kiln_timer *timer);

KILN_TIMER_DEFINE(once, on_once);
KILN_TIMER_DEFINE(period, on_period);
static unsigned starts, calls, periods;

static void on_once(struct kiln_timer *timer)
{
    (void)timer;
    explore_require(++calls <= starts, "a timer fired more often than it was started");
}

static void on_period(struct kiln_timer *timer)
{
    if (++periods == 3) {
        explore_require(kiln_timer_stop(timer) == KILN_OK, "a callback could not stop its timer");
    }
    explore_require(periods <= 3, "a stopped timer fired");
}

static void start_once(kiln_ticks_t delay_ticks)
{
    unsigned key = kiln_irq_lock();
    starts++;
    explore_require(kiln_timer_start(&once, delay_ticks, 0) == KILN_OK, "a start failed");
    kiln_irq_unlock(key);
}

static void on_line(void)
{
    start_once(2);
}

static int run(void *arg)
{
    (void)arg;
    (void)kiln_timer_start(&period, 1, 1);
    start_once(1);
    start_once(1);
    (void)kiln_task_sleep(1);
    (void)kiln_timer_stop(&once);
    start_once(3);
    (void)kiln_task_sleep(2);
    (void)kiln_timer_stop(&once);
    return 0;
}

KILN_TASK_DEFINE(task, run, NULL, 4, 512);

int main(void)
{
    explore_line(0, on_line, 1);
    return kiln_start();
}
