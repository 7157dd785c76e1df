/* A waiting task is suspended and resumed by a task and by an interrupt, while its wait ends. It
 * runs only when it is neither waiting nor suspended. */
#include "explore.h"
#include "kiln/kiln.h"

KILN_SEM_DEFINE(sem, 0, 4);
static bool held_back;
static unsigned turns;

static int wait(void *arg)
{
    (void)arg;
    for (; turns < 3; turns++) {
        (void)kiln_sem_take(&sem, 2);
        explore_require(!held_back, "a suspended task runs");
    }
    return 0;
}

KILN_TASK_DEFINE(waiter, wait, NULL, 6, 512);

static int hold_back(void *arg)
{
    (void)arg;
    for (int i = 0; i < 2; i++) {
        unsigned key = kiln_irq_lock();
        held_back = kiln_task_suspend(&waiter) == KILN_OK;
        kiln_irq_unlock(key);
        (void)kiln_sem_give(&sem);
        (void)kiln_task_sleep(1);
        held_back = false;
        (void)kiln_task_resume(&waiter);
        (void)kiln_task_sleep(1);
    }
    return 0;
}

static void on_line(void)
{
    held_back = false;
    (void)kiln_task_resume(&waiter);
}

KILN_TASK_DEFINE(holder, hold_back, NULL, 4, 512);

int main(void)
{
    explore_line(0, on_line, 2);
    return kiln_start();
}
