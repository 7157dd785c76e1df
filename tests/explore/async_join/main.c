/* A coroutine ends by itself or by a cancel, while a task and a coroutine join it, one not for
 * long; meanwhile an interrupt kills the task that runs it, and another takes over, while the first
 * one does something else. */
#include "explore.h"
#include "kiln/kiln.h"

KILN_EXECUTOR_DEFINE(executor);
static struct kiln_async target, joiner;
static int seen;
static volatile bool taken_over;

static void require_result(int result, int code)
{
    explore_require(result == KILN_OK || result == KILN_ETIMEOUT, "a strange result of a join");
    explore_require(result != KILN_OK || code == 7 || code == KILN_ECANCELED, "the wrong code");
}

static enum kiln_async_step sleep(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async, kiln_await_sleep(async, 2));
    KILN_ASYNC_RETURN(async, 7);
    KILN_ASYNC_END(async);
}

static enum kiln_async_step join(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async, kiln_await_async(async, &target, &seen, 2));
    require_result(kiln_await_result(async), seen);
    KILN_ASYNC_END(async);
}

static int run(void *arg)
{
    (void)arg;
    explore_require(kiln_executor_run(&executor) == KILN_OK, "the executor stopped");
    return 0;
}

KILN_TASK_DEFINE(runner, run, NULL, 5, 512);

static int do_something_else(void *arg)
{
    (void)arg;
    explore_require(kiln_task_sleep(3) == KILN_OK, "a sleep went wrong");
    return 0;
}

static const struct kiln_task_def again = {.entry = do_something_else,
                                           .stack = runner_stack,
                                           .stack_bytes = sizeof(runner_stack),
                                           .name = "runner again",
                                           .priority = 5};

static int take_over(void *arg)
{
    int code = 0, result = kiln_async_join(&target, &code, 8);
    (void)arg;
    require_result(result, code);
    (void)kiln_task_join(&runner, NULL, KILN_FOREVER);
    taken_over = true; /* nobody kills what is no task for a while */
    explore_require(kiln_task_create(&runner, &again) == KILN_OK, "it does not start again");
    return run(NULL);
}

KILN_TASK_DEFINE(other, take_over, NULL, 6, 512);

static void on_cancel(void)
{
    (void)kiln_async_cancel(&target);
}

static void on_kill(void)
{
    if (!taken_over) {
        (void)kiln_task_kill(&runner, 1);
    }
}

int main(void)
{
    explore_line(0, on_cancel, 1);
    explore_line(1, on_kill, 1);
    (void)kiln_async_start(&target, &executor, sleep, "target");
    (void)kiln_async_start(&joiner, &executor, join, "joiner");
    return kiln_start();
}
