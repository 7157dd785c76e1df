/* The scheduler locked: interrupts wake a more urgent task, and kill the one that holds the lock;
 * neither has an effect before the lock ends, and both have one then. */
#include "explore.h"
#include "kiln/kiln.h"

KILN_SEM_DEFINE(sem, 0, 4);
KILN_SEM_DEFINE(never, 0, 1);
static bool locked, killed;
static bool is_due; /* the waiter is to run as soon as the lock ends */

/* Woken by an interrupt, or by its timeout. */
static int wait(void *arg)
{
    (void)arg;
    for (int i = 0; i < 8; i++) {
        (void)kiln_sem_take(&sem, i < 2 ? 1 : KILN_FOREVER);
        explore_require(!locked, "a task runs with the scheduler locked");
        is_due = false;
    }
    return 0;
}

KILN_TASK_DEFINE(waiter, wait, NULL, 6, 512);

static int hold(void *arg)
{
    (void)arg;
    for (int i = 0; i < 2; i++) {
        (void)kiln_sched_lock();
        locked = true;
        explore_require(kiln_sem_take(&never, 1) == KILN_ELOCKED,
                        "a wait with the scheduler locked");
        locked = false;
        (void)kiln_sched_unlock();
        explore_require(!is_due, "a task that is due does not run");
        explore_require(!killed, "a killed task runs on");
    }
    return 0;
}

KILN_TASK_DEFINE(holder, hold, NULL, 3, 512);

static void on_give(void)
{
    is_due = kiln_sem_give(&sem) == KILN_OK && locked;
}

static void on_kill(void)
{
    killed = kiln_task_kill(&holder, 1) == KILN_OK && kiln_task_self() == &holder;
}

int main(void)
{
    explore_line(0, on_give, 2);
    explore_line(1, on_kill, 1);
    explore_server(&waiter);
    return kiln_start();
}
