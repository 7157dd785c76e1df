/* A program for process.py: prints the time ten times a second, beside a busy task and an idle
 * one, until it is stopped. */
#include "kiln/kiln.h"

static int print_time(void *arg)
{
    kiln_ticks_t wake = kiln_ticks();
    (void)arg;
    for (;;) {
        kiln_printf("at %u ms\n", (unsigned)(kiln_uptime_ticks() * 1000U / KILN_CFG_TICK_HZ));
        (void)kiln_task_sleep_until(&wake, KILN_MS(100));
    }
    return 0;
}

static volatile unsigned long work;

static int work_in_bursts(void *arg)
{
    (void)arg;
    for (;;) {
        for (unsigned i = 0; i < 30000; i++) {
            work = work + i;
        }
        (void)kiln_task_sleep(3);
    }
    return 0;
}

static int suspend_itself(void *arg)
{
    (void)arg;
    (void)kiln_task_suspend(kiln_task_self());
    return 0;
}

KILN_TASK_DEFINE(clock_task, print_time, NULL, 5, 1024);
KILN_TASK_DEFINE(busy_task, work_in_bursts, NULL, 3, 512);
KILN_TASK_DEFINE(lazy_task, suspend_itself, NULL, 4, 512);

int main(void)
{
    return kiln_start();
}
