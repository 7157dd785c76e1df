/* Coroutines: how they end, and their executor's task. */
#include "async_cases.h"

#if ASYNC_CASES

#define GROUP "async"

/* ---- Ends --------------------------------------------------------------------------------- */

static enum kiln_async_step returns_seven(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async, kiln_await_sleep(async, 2));
    KILN_ASYNC_RETURN(async, 7);
    KILN_ASYNC_CLEANUP(async);
    test_mark('x');
    KILN_AWAIT(async, kiln_await_sleep(async, 2)); /* allowed here */
    CHECK_OK(kiln_await_result(async));
    test_mark('X');
    KILN_ASYNC_END(async);
}

static enum kiln_async_step joins(struct kiln_async *async)
{
    SELF;
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async, kiln_await_async(async, async, NULL, KILN_FOREVER));
    CHECK_EQ(kiln_await_result(async), KILN_EDEADLK);
    CHECK_EQ(kiln_async_join(self->other, NULL, KILN_FOREVER), KILN_EDEADLK);
    KILN_AWAIT(async, kiln_await_async(async, self->other, &self->count, 1));
    CHECK_EQ(kiln_await_result(async), KILN_ETIMEOUT);
    KILN_AWAIT(async, kiln_await_async(async, self->other, &self->count, KILN_FOREVER));
    CHECK_OK(kiln_await_result(async));
    CHECK_EQ(self->count, 7);
    self->count = 0;
    KILN_AWAIT(async, kiln_await_async(async, self->other, &self->count, KILN_NO_WAIT));
    CHECK_OK(kiln_await_result(async)); /* it has ended already */
    CHECK_EQ(self->count, 7);
    test_mark(self->letter);
    KILN_ASYNC_END(async);
}

static int join_first(void *arg)
{
    int result = 0;
    (void)arg;
    CHECK_OK(kiln_async_join(&async_frames[0].async, &result, KILN_FOREVER));
    CHECK_EQ(result, 7);
    test_mark('T');
    return 0;
}

CASE(coroutines_and_tasks_join_a_coroutine)
{
    async_frames[1].other = async_start(0, returns_seven);
    (void)async_start(1, joins);
    struct kiln_task *task = test_task(join_first, NULL, TEST_PRIO + 1);
    CHECK_WAITS(task, KILN_WAIT_ASYNC);
    async_run();
    test_join_all();
    CHECK_LOG("xXTb");
}

static int sleep_and_return(void *arg)
{
    (void)kiln_task_sleep(2);
    return ARG_INT(arg);
}

static enum kiln_async_step joins_a_task(struct kiln_async *async)
{
    SELF;
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async, kiln_await_task(async, kiln_task_self(), NULL, KILN_FOREVER));
    CHECK_EQ(kiln_await_result(async), KILN_EDEADLK);
    KILN_AWAIT(async, kiln_await_task(async, self->task, &self->count, KILN_FOREVER));
    CHECK_OK(kiln_await_result(async));
    CHECK_EQ(self->count, 5);
    KILN_ASYNC_END(async);
}

CASE(a_coroutine_awaits_the_end_of_a_task)
{
    async_frames[0].task = test_task(sleep_and_return, ARG(5), TEST_PRIO + 1);
    (void)async_start(0, joins_a_task);
    async_run();
    test_join_all();
}

/* ---- Cancelling --------------------------------------------------------------------------- */

static enum kiln_async_step takes_and_cleans_up(struct kiln_async *async)
{
    SELF;
    KILN_ASYNC_BEGIN(async);
    for (;;) {
        KILN_AWAIT(async, kiln_await_sem(async, &async_sem, self->ticks));
        test_mark(self->letter);
    }
    KILN_ASYNC_CLEANUP(async);
    test_mark('x');
    CHECK_EQ(kiln_async_cancel(async), KILN_ESTATE);
    KILN_AWAIT(async, kiln_await_yield(async));
    test_mark('X');
    KILN_ASYNC_END(async);
}

static void cancel_first(void)
{
    CHECK_OK(kiln_async_cancel(&async_frames[0].async));
    CHECK_EQ(kiln_async_cancel(&async_frames[0].async), KILN_ESTATE);
}

CASE(a_cancel_ends_the_wait_and_cleans_up)
{
    int result = 0;
    static const kiln_ticks_t ticks[] = {KILN_FOREVER, 1000};
    test_sem(&async_sem, 1, 9);
    for (unsigned n = 0; n < 2; n++) {
        async_frames[0].ticks = ticks[n];
        (void)async_start(0, takes_and_cleans_up);
        test_irq_after(2, cancel_first);
        async_run();
        CHECK_LOG("axX");
        CHECK_OK(kiln_async_join(&async_frames[0].async, &result, KILN_NO_WAIT));
        CHECK_EQ(result, KILN_ECANCELED);
        CHECK_EQ(kiln_async_cancel(&async_frames[0].async), KILN_ESTATE);
        CHECK_OK(kiln_sem_give(&async_sem)); /* nobody is left in the queue */
        CHECK_EQ(kiln_sem_count(&async_sem), 1);
    }
}

CASE(a_cancel_loses_nothing_that_was_given_before)
{
    test_sem(&async_sem, 0, 9);
    async_frames[0].ticks = KILN_FOREVER;
    (void)async_start(0, takes_and_cleans_up);
    (void)test_task(async_run_task, NULL, TEST_PRIO - 1);
    test_sleep(2); /* it waits now */
    async_give();
    cancel_first();
    test_join_all();
    CHECK_LOG("axX"); /* first what it got */
}

CASE(a_cancel_before_the_first_step_comes_at_the_first_await)
{
    test_sem(&async_sem, 9, 9);
    async_frames[0].ticks = KILN_FOREVER;
    (void)async_start(0, takes_and_cleans_up);
    cancel_first();
    async_run();
    CHECK_LOG("xX");
    CHECK_EQ(kiln_sem_count(&async_sem), 9);
}

CASE(a_coroutine_without_cleanup_is_cancelled_too)
{
    int result = 0;
    test_sem(&async_sem, 0, 1);
    async_start_taker(0, KILN_FOREVER);
    test_irq_after(2, cancel_first);
    async_run();
    CHECK_LOG("");
    CHECK_OK(kiln_async_join(&async_frames[0].async, &result, KILN_NO_WAIT));
    CHECK_EQ(result, KILN_ECANCELED);
}

/* ---- The executor's task ------------------------------------------------------------------ */

static struct kiln_executor other_executor;

static enum kiln_async_step gets_stuck(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    (void)kiln_task_sleep(1000);
    test_mark('!');
    KILN_ASYNC_CLEANUP(async);
    test_mark('!');
    KILN_ASYNC_END(async);
}

static void run_in_interrupt(void)
{
    CHECK_EQ(kiln_executor_run(&async_executor), KILN_EISR);
}

CASE(executors_refuse_what_cannot_work)
{
    CHECK_EQ(kiln_executor_init(NULL), KILN_EINVAL);
    CHECK_EQ(kiln_waker_init(NULL), KILN_EINVAL);
    CHECK_EQ(kiln_async_start(NULL, &async_executor, gets_stuck, NULL), KILN_EINVAL);
    CHECK_EQ(kiln_async_start(&async_frames[3].async, &async_executor, NULL, NULL), KILN_EINVAL);
    test_irq_trigger(run_in_interrupt);
    CHECK_OK(kiln_sched_lock());
    CHECK_EQ(kiln_executor_run(&async_executor), KILN_ELOCKED);
    CHECK_OK(kiln_sched_unlock());
    test_sem(&async_sem, 0, 1);
    async_start_taker(0, KILN_FOREVER);
    struct kiln_task *task = test_task(async_run_task, NULL, TEST_PRIO + 1);
    CHECK_WAITS(task, KILN_WAIT_EXECUTOR);
    CHECK_EQ(kiln_executor_run(&async_executor), KILN_ESTATE);
    CHECK_EQ(kiln_executor_destroy(&async_executor), KILN_ESTATE);
    CHECK_EQ(kiln_sem_destroy(&async_sem), KILN_ESTATE);
    async_give();
    test_join_all();
    CHECK_LOG("a");
    CHECK_OK(kiln_executor_init(&other_executor));
    CHECK_OK(kiln_executor_destroy(&other_executor));
}

CASE(another_task_goes_on_after_a_kill)
{
    int result = 0;
    test_sem(&async_sem, 0, 1);
    async_start_taker(0, KILN_FOREVER);
    CHECK_OK(
        kiln_task_kill(test_task(async_run_task, NULL, TEST_PRIO + 1), 0)); /* while it waits */
    (void)async_start(1, gets_stuck);
    CHECK_OK(kiln_task_kill(test_task(async_run_task, NULL, TEST_PRIO + 1), 0)); /* in a body */
    (void)test_task(async_run_task, NULL, TEST_PRIO + 1);
    CHECK_OK(kiln_async_join(&async_frames[1].async, &result, KILN_NO_WAIT));
    CHECK_EQ(result, KILN_ECANCELED);
    async_give();
    test_join_all();
    CHECK_LOG("a");
}

static int join_a_sleeper(void *arg)
{
    int result = 0;
    (void)arg;
    CHECK_OK(kiln_async_join(&async_frames[0].async, &result, KILN_FOREVER));
    test_mark('j');
    return 0;
}

/* In the same storage: what it did before does not count. */
CASE(a_task_that_starts_again_after_a_kill_runs_no_executor)
{
    test_sem(&async_sem, 0, 1);
    async_start_taker(0, KILN_FOREVER);
    struct kiln_task *task = test_task(async_run_task, NULL, TEST_PRIO + 1);
    CHECK_WAITS(task, KILN_WAIT_EXECUTOR);
    CHECK_OK(kiln_task_kill(task, 0));
    test_task_again(task, join_a_sleeper, NULL, TEST_PRIO + 1);
    CHECK_WAITS(task, KILN_WAIT_ASYNC);
    test_irq_after(2, async_give);
    async_run();
    test_join_all();
    CHECK_LOG("aj");
}

static enum kiln_async_step takes_once(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async, kiln_await_sem(async, &async_sem, KILN_FOREVER));
    test_mark('b');
    KILN_ASYNC_END(async);
}

static enum kiln_async_step runs_the_other(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    CHECK_EQ(kiln_executor_run(&async_executor), KILN_ESTATE); /* which it is part of */
    CHECK_OK(kiln_executor_run(&other_executor));
    test_mark('!');
    KILN_ASYNC_END(async);
}

CASE(a_kill_ends_every_run_of_an_executor_that_a_task_is_in)
{
    int result = 0;
    test_sem(&async_sem, 0, 1);
    CHECK_OK(kiln_executor_init(&other_executor));
    CHECK_OK(kiln_async_start(&async_frames[1].async, &other_executor, takes_once, NULL));
    (void)async_start(0, runs_the_other);
    struct kiln_task *task = test_task(async_run_task, NULL, TEST_PRIO + 1);
    CHECK_WAITS(task, KILN_WAIT_EXECUTOR);
    CHECK_EQ(kiln_executor_run(&async_executor), KILN_ESTATE);
    CHECK_EQ(kiln_executor_run(&other_executor), KILN_ESTATE);
    CHECK_OK(kiln_task_kill(task, 0));
    test_task_again(task, test_sleep_long, NULL, TEST_PRIO + 1);
    async_run(); /* ends the one whose body was cut off */
    CHECK_OK(kiln_async_join(&async_frames[0].async, &result, KILN_NO_WAIT));
    CHECK_EQ(result, KILN_ECANCELED);
    test_irq_after(2, async_give);
    CHECK_OK(kiln_executor_run(&other_executor));
    CHECK_OK(kiln_executor_destroy(&other_executor));
    CHECK_OK(kiln_task_kill(task, 0));
    CHECK_LOG("b");
}

#endif
