/* A coroutine's wait for a semaphore, against an interrupt that gives, one that cancels, a task
 * that gives, and its timeout. A unit is taken once, and none is lost; the cleanup section runs
 * once. */
#include "explore.h"
#include "kiln/kiln.h"

KILN_SEM_DEFINE(sem, 0, 8);
KILN_EXECUTOR_DEFINE(executor);
static struct kiln_async first, second;
static unsigned given, taken, cleaned, rounds;

static void on_line(void)
{
    given += kiln_sem_give(&sem) == KILN_OK;
}

static void on_cancel(void)
{
    (void)kiln_async_cancel(&first);
}

static enum kiln_async_step take_twice(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    for (rounds = 0; rounds < 2; rounds++) {
        KILN_AWAIT(async, kiln_await_sem(async, &sem, 2));
        taken += kiln_await_result(async) == KILN_OK;
    }
    KILN_ASYNC_CLEANUP(async);
    cleaned++;
    KILN_AWAIT(async, kiln_await_sleep(async, 1)); /* a cancel comes too late now */
    KILN_ASYNC_END(async);
}

static enum kiln_async_step take_once(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async, kiln_await_sem(async, &sem, 3));
    taken += kiln_await_result(async) == KILN_OK;
    KILN_ASYNC_END(async);
}

static int run(void *arg)
{
    (void)arg;
    explore_require(kiln_executor_run(&executor) == KILN_OK, "the executor stopped");
    explore_require(cleaned == 1, "the cleanup section did not run once");
    return 0;
}

static int give(void *arg)
{
    (void)arg;
    given += kiln_sem_give(&sem) == KILN_OK;
    (void)kiln_task_sleep(6);
    explore_require(given == taken + kiln_sem_count(&sem), "units were lost or made");
    return 0;
}

KILN_TASK_DEFINE(runner, run, NULL, 5, 512);
KILN_TASK_DEFINE(giver, give, NULL, 3, 512);

int main(void)
{
    explore_line(0, on_line, 2);
    explore_line(1, on_cancel, 1);
    (void)kiln_async_start(&first, &executor, take_twice, "first");
    (void)kiln_async_start(&second, &executor, take_once, "second");
    return kiln_start();
}
