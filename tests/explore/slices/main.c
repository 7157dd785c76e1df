/* Two tasks of one priority share the processor by time slices; a third one yields to them. The
 * work is a number of loops; an interrupt ends the first task in the middle of it. */
#include "explore.h"
#include "kiln/kiln.h"

static volatile unsigned work_done[2];

static int work(void *arg)
{
    unsigned index = (unsigned)(uintptr_t)arg;
    (void)kiln_task_set_slice(kiln_task_self(), 1);
    while (work_done[index] < 10) {
        work_done[index] = work_done[index] + 1;
    }
    return 0;
}

static int yield(void *arg)
{
    (void)arg;
    for (int i = 0; i < 3; i++) {
        explore_require(kiln_task_yield() == KILN_OK, "a yield failed");
    }
    return 0;
}

KILN_TASK_DEFINE(worker_1, work, (void *)0, 4, 512);
KILN_TASK_DEFINE(worker_2, work, (void *)1, 4, 512);
KILN_TASK_DEFINE(yielder, yield, NULL, 4, 512);

static void kill_first(void)
{
    (void)kiln_task_kill(&worker_1, 1);
}

int main(void)
{
    explore_line(0, kill_first, 1);
    return kiln_start();
}
