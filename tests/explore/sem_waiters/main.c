/* Several waiters of one semaphore: the most urgent first; one is killed, one times out. */
#include "explore.h"
#include "kiln/kiln.h"

KILN_SEM_DEFINE(sem, 0, 8);
static unsigned order; /* a digit for each that got a unit */

static int wait(void *arg)
{
    unsigned number = (unsigned)(uintptr_t)arg;
    if (kiln_sem_take(&sem, number == 2 ? 1 : 20) == KILN_OK) {
        order = order * 10 + number;
    }
    return 0;
}

KILN_TASK_DEFINE(waiter_1, wait, (void *)1, 5, 512);
KILN_TASK_DEFINE(waiter_2, wait, (void *)2, 6, 512);
KILN_TASK_DEFINE(waiter_3, wait, (void *)3, 6, 512);
KILN_TASK_DEFINE(waiter_4, wait, (void *)4, 7, 512);

static void kill_third(void)
{
    (void)kiln_task_kill(&waiter_3, 9);
}

static int give(void *arg)
{
    (void)arg;
    for (int i = 0; i < 4; i++) {
        (void)kiln_sem_give(&sem);
    }
    return 0;
}

KILN_TASK_DEFINE(giver, give, NULL, 3, 512);

/* 2 may be missing, for it timed out, and 3, for it was killed; what is left is in order. */
static int check(void *arg)
{
    (void)arg;
    for (int i = 0; i < 2; i++) {
        (void)kiln_task_join(i == 0 ? &giver : &waiter_1, NULL, KILN_FOREVER);
    }
    explore_require(order == 4231 || order == 431 || order == 421 || order == 41,
                    "the semaphore went to the wrong waiter");
    return 0;
}

KILN_TASK_DEFINE(checker, check, NULL, 2, 512);

int main(void)
{
    explore_line(0, kill_third, 1);
    return kiln_start();
}
