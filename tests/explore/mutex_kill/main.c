/* An interrupt kills the owner of a mutex, another one a waiter. The mutex passes on, what was
 * inherited goes, and it ends free. */
#include "explore.h"
#include "kiln/kiln.h"

KILN_MUTEX_DEFINE(mutex, KILN_MUTEX_PLAIN);
KILN_SEM_DEFINE(news, 0, 8);

static int use(void *arg)
{
    (void)kiln_task_sleep((kiln_ticks_t)(uintptr_t)arg);
    if (kiln_mutex_lock(&mutex, 4) == KILN_OK) {
        explore_require(kiln_mutex_owner(&mutex) == kiln_task_self(), "another owns the mutex");
        (void)kiln_task_sleep(2);
        explore_require(kiln_mutex_unlock(&mutex) == KILN_OK, "the mutex was lost");
    }
    return 0;
}

KILN_TASK_DEFINE(low, use, (void *)0, 2, 512);
KILN_TASK_DEFINE(mid, use, (void *)0, 4, 512);
KILN_TASK_DEFINE(high, use, (void *)1, 6, 512);

static void kill_mid(void)
{
    (void)kiln_task_kill(&mid, 1);
}

static void kill_high(void)
{
    (void)kiln_task_kill(&high, 2);
    (void)kiln_sem_give(&news);
}

/* Killed or not, all of them end. */
static int watch(void *arg)
{
    (void)arg;
    (void)kiln_sem_take(&news, KILN_FOREVER);
    explore_require(kiln_task_join(&high, NULL, 0) == KILN_OK, "a killed task is not terminated");
    (void)kiln_task_join(&mid, NULL, KILN_FOREVER);
    (void)kiln_task_join(&low, NULL, KILN_FOREVER);
    return 0;
}

KILN_TASK_DEFINE(watcher, watch, NULL, 8, 512);

int main(void)
{
    explore_line(0, kill_mid, 1);
    explore_line(1, kill_high, 1);
    return kiln_start();
}
