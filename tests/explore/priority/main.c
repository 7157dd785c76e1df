/* Priorities of running, ready and waiting tasks change, by a task and by an interrupt. Waiters get
 * their turn by what they have then. */
#include "explore.h"
#include "kiln/kiln.h"

KILN_SEM_DEFINE(sem, 0, 4);
static unsigned order;

static int wait(void *arg)
{
    explore_require(kiln_sem_take(&sem, 10) == KILN_OK, "a unit was lost");
    order = order * 10 + (unsigned)(uintptr_t)arg;
    return 0;
}

KILN_TASK_DEFINE(waiter_1, wait, (void *)1, 4, 512);
KILN_TASK_DEFINE(waiter_2, wait, (void *)2, 5, 512);

static void raise_first(void)
{
    (void)kiln_task_set_priority(&waiter_1, 6);
}

static int give(void *arg)
{
    (void)arg;
    (void)kiln_task_set_priority(kiln_task_self(), 2);
    unsigned key = kiln_irq_lock();
    bool raised = kiln_task_priority(&waiter_1) == 6;
    (void)kiln_sem_give(&sem);
    (void)kiln_sem_give(&sem);
    kiln_irq_unlock(key);
    bool in_order = order == 12 ? kiln_task_priority(&waiter_1) == 6 : order == 21 && !raised;
    explore_require(in_order, "the less urgent waiter came first");
    return 0;
}

KILN_TASK_DEFINE(giver, give, NULL, 7, 512);

int main(void)
{
    explore_line(0, raise_first, 1);
    return kiln_start();
}
