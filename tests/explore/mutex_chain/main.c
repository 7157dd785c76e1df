/* A chain of owners: high waits for mid, which waits for low. High gives up after a while, or an
 * interrupt raises mid, and each priority must be right at every moment: the kernel's check says
 * so. Another mutex is unlocked out of order. */
#include "explore.h"
#include "kiln/kiln.h"

KILN_MUTEX_DEFINE(first, KILN_MUTEX_PLAIN);
KILN_MUTEX_DEFINE(second, KILN_MUTEX_PLAIN);
KILN_MUTEX_DEFINE(third, KILN_MUTEX_PLAIN);
static unsigned inside;

static int run_low(void *arg);
static int run_mid(void *arg);
static int run_high(void *arg);

KILN_TASK_DEFINE(low, run_low, NULL, 2, 512);
KILN_TASK_DEFINE(mid, run_mid, NULL, 4, 512);
KILN_TASK_DEFINE(high, run_high, NULL, 6, 512);

static void enter(struct kiln_mutex *mutex)
{
    explore_require(kiln_mutex_lock(mutex, KILN_FOREVER) == KILN_OK, "a lock failed");
    explore_require(kiln_mutex_owner(mutex) == kiln_task_self(), "another owns the mutex");
}

static int run_low(void *arg)
{
    (void)arg;
    enter(&first);
    enter(&third);
    explore_require(inside++ == 0, "two tasks are inside");
    (void)kiln_task_sleep(2);
    inside--;
    (void)kiln_mutex_unlock(&first);
    (void)kiln_task_sleep(1);
    (void)kiln_mutex_unlock(&third);
    explore_require(kiln_task_priority(&low) == 2, "low keeps a priority that it inherited");
    return 0;
}

static int run_mid(void *arg)
{
    (void)arg;
    (void)kiln_task_sleep(1);
    enter(&second);
    enter(&first);
    explore_require(inside++ == 0, "two tasks are inside");
    (void)kiln_task_sleep(1);
    inside--;
    (void)kiln_mutex_unlock(&second);
    (void)kiln_mutex_unlock(&first);
    return 0;
}

static int run_high(void *arg)
{
    (void)arg;
    (void)kiln_task_sleep(1);
    for (int i = 0; i < 2; i++) {
        if (kiln_mutex_lock(&second, 1) == KILN_OK) {
            (void)kiln_mutex_unlock(&second);
        }
        if (kiln_mutex_lock(&third, 1) == KILN_OK) {
            (void)kiln_mutex_unlock(&third);
        }
    }
    return 0;
}

static void raise_mid(void)
{
    (void)kiln_task_set_priority(&mid, 5);
}

int main(void)
{
    explore_line(0, raise_mid, 1);
    return kiln_start();
}
