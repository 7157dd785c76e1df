/* A semaphore's waiter: woken by an interrupt, by another task, or by its timeout, whichever comes
 * first. A unit is taken once, and none is lost. */
#include "explore.h"
#include "kiln/kiln.h"

KILN_SEM_DEFINE(sem, 0, 8);
static unsigned given, taken;

static void on_line(void)
{
    given += kiln_sem_give(&sem) == KILN_OK;
}

static int wait(void *arg)
{
    (void)arg;
    for (int i = 0; i < 2; i++) {
        int result = kiln_sem_take(&sem, 2);
        explore_require(result == KILN_OK || result == KILN_ETIMEOUT, "a strange result");
        taken += result == KILN_OK;
    }
    return 0;
}

static int give(void *arg)
{
    (void)arg;
    given += kiln_sem_give(&sem) == KILN_OK;
    (void)kiln_task_sleep(3);
    explore_require(given == taken + kiln_sem_count(&sem), "units were lost or made");
    return 0;
}

KILN_TASK_DEFINE(waiter, wait, NULL, 5, 512);
KILN_TASK_DEFINE(giver, give, NULL, 3, 512);

int main(void)
{
    explore_line(0, on_line, 2);
    return kiln_start();
}
