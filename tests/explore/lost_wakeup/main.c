/* An app with a defect, which the explorer has to find: the flag is looked at, and then the task
 * goes to sleep, with a gap in between (as in RIOT#25). An interrupt in the gap sets the flag,
 * finds nobody to wake, and never comes again. */
#include "explore.h"
#include "kiln/kiln.h"

static volatile bool is_set;

static int wait(void *arg)
{
    (void)arg;
    if (!is_set) {
        (void)kiln_task_suspend(kiln_task_self());
    }
    return 0;
}

KILN_TASK_DEFINE(waiter, wait, NULL, 4, 512);

static void on_line(void)
{
    is_set = true;
    (void)kiln_task_resume(&waiter);
}

int main(void)
{
    explore_line(0, on_line, 1);
    return kiln_start();
}
