/* Coroutines: how they end, bad use, and that the invariants' check sees them. Their races are in
 * test_async_race.c. */
#include "unit.h"

#if KILN_CFG_ASYNC && KILN_CFG_SEM && KILN_CFG_STREAM && KILN_CFG_PRIORITIES >= 8

KILN_EXECUTOR_DEFINE(executor);
static struct kiln_sem sem;
static struct kiln_waker waker;
static struct kiln_stream pipe;
static uint8_t pipe_buffer[2];

/* What happened to the coroutine. */
static struct {
    struct kiln_async async;
    struct kiln_stream_transfer transfer;
    uint8_t bytes[3];
    unsigned cleaned;
} self;

static int setup(void **state)
{
    (void)unit_setup(state);
    memset(&self, 0, sizeof(self));
    memset(&sem, 0, sizeof(sem));
    memset(&waker, 0, sizeof(waker));
    memset(&pipe, 0, sizeof(pipe));
    memset(&executor, 0, sizeof(executor));
    assert_int_equal(kiln_executor_init(&executor), KILN_OK);
    assert_int_equal(kiln_waker_init(&waker), KILN_OK);
    assert_int_equal(kiln_sem_init(&sem, 0, 9), KILN_OK);
    assert_int_equal(kiln_stream_init(&pipe, pipe_buffer, 2, NULL, NULL), KILN_OK);
    return 0;
}

/* Its cleanup section is where a cancel begins to come too late. */
static enum kiln_async_step wait_body(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async, kiln_await_sem(async, &sem, 3));
    KILN_ASYNC_CLEANUP(async);
    KILN_ASYNC_END(async);
}

/* ---- Ends of streams ------------------------------------------------------------------------ */

static void close_pipe(void)
{
    kiln_stream_close(&pipe);
}

static enum kiln_async_step closed_body(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async,
               kiln_await_stream_read(async, &pipe, &self.transfer, self.bytes, 3, KILN_FOREVER));
    assert_int_equal(kiln_await_result(async), KILN_OK);
    assert_int_equal(self.transfer.done, 0);
    KILN_AWAIT(async, kiln_await_stream_write(async, &pipe, &self.transfer, "abc", 3, 1));
    assert_int_equal(kiln_await_result(async), KILN_ESTATE);
    assert_int_equal(self.transfer.done, 0);
    self.cleaned++;
    KILN_ASYNC_END(async);
}

static enum kiln_async_step closed_writer_body(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async,
               kiln_await_stream_write(async, &pipe, &self.transfer, "abc", 3, KILN_NO_WAIT));
    assert_int_equal(kiln_await_result(async), KILN_EAGAIN);
    assert_int_equal(self.transfer.done, 2);
    KILN_AWAIT(async, kiln_await_stream_write(async, &pipe, &self.transfer, "c", 1, KILN_FOREVER));
    assert_int_equal(kiln_await_result(async), KILN_ESTATE);
    assert_int_equal(self.transfer.done, 0);
    self.cleaned++;
    KILN_ASYNC_END(async);
}

static void play_until_closed(kiln_async_fn body)
{
    struct kiln_task *task = create(0, 3);
    assert_int_equal(kiln_async_start(&self.async, &executor, body, "async"), KILN_OK);
    assert_int_equal(play_executor(&executor), BLOCKED);
    close_pipe();
    assert_int_equal(play_return(task), KILN_OK);
    assert_int_equal(self.cleaned, 1);
}

static void the_end_of_a_stream_ends_the_wait(void **state)
{
    (void)state;
    play_until_closed(closed_body);
}

static void the_end_of_a_pipe_refuses_the_rest(void **state)
{
    (void)state;
    play_until_closed(closed_writer_body);
}

/* ---- Ends --------------------------------------------------------------------------------- */

static unsigned joiners_woken(void)
{
    unsigned count = 0;
    for (unsigned n = 1; n <= 3; n++) {
        count += tasks[n].waitq == NULL;
    }
    return count;
}

static void time_out(void)
{
    fake_tick(3);
    assert_int_equal(play_return(&tasks[0]), BLOCKED); /* joiners are more urgent */
}

static void each_joiner_wakes_in_a_masked_section_of_its_own(void **state)
{
    (void)state;
    static int results[4];
    assert_int_equal(kiln_async_start(&self.async, &executor, wait_body, "async"), KILN_OK);
    (void)create(0, 3);
    assert_int_equal(play_executor(&executor), BLOCKED);
    for (unsigned n = 1; n <= 3; n++) {
        results[n] = 77;
        (void)create(n, 3 + n);
        assert_int_equal(play_async_join(&self.async, &results[n], KILN_FOREVER), BLOCKED);
    }
    fake.gap = NULL;
    assert_int_equal(longest_masked_step(joiners_woken, time_out), 1);
    for (unsigned n = 3; n >= 1; n--) {
        assert_int_equal(play_return(&tasks[n]), KILN_OK);
        assert_int_equal(results[n], 0);
        assert_int_equal(play_exit(0), BLOCKED);
    }
}

static unsigned gaps_of_the_end;

/* Nobody can start the coroutine again while its joiners are being woken. */
static void start_again(void)
{
    if (kernel.locked != 0) {
        gaps_of_the_end++;
        assert_true(kiln_async_is_alive(&self.async));
        assert_int_equal(kiln_async_cancel(&self.async), KILN_ESTATE);
    }
}

static void storage_is_kept_until_the_end(void **state)
{
    (void)state;
    assert_int_equal(kiln_async_start(&self.async, &executor, wait_body, "async"), KILN_OK);
    (void)create(0, 3);
    assert_int_equal(play_executor(&executor), BLOCKED);
    (void)create(1, 4);
    assert_int_equal(play_async_join(&self.async, NULL, KILN_FOREVER), BLOCKED);
    fake_tick(3);
    gaps_of_the_end = 0;
    fake.gap = start_again;
    assert_int_equal(play_return(&tasks[0]), BLOCKED);
    fake.gap = NULL;
    assert_true(gaps_of_the_end > 0);
    assert_int_equal(play_return(&tasks[1]), KILN_OK);
    assert_false(kiln_async_is_alive(&self.async));
}

/* ---- Bad use ------------------------------------------------------------------------------ */

#if KILN_CFG_CHECKS
static enum kiln_async_step await_in_a_switch(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    switch (self.cleaned) {
    case 0:
        KILN_AWAIT(async, kiln_await_yield(async));
        break;
    default:
        break;
    }
    KILN_ASYNC_END(async);
}

static enum kiln_async_step await_for_another(struct kiln_async *async)
{
    static struct kiln_async other;
    KILN_ASYNC_BEGIN(async);
    assert_int_equal(kiln_async_start(&other, &executor, wait_body, NULL), KILN_OK);
    KILN_AWAIT(async, kiln_await_yield(&other));
    KILN_ASYNC_END(async);
}

static void run_bad_body(kiln_async_fn body, const char *words)
{
    (void)create(0, 3);
    assert_int_equal(kiln_async_start(&self.async, &executor, body, "bad"), KILN_OK);
    assert_panics(words, (void)kiln_executor_run(&executor));
}

static void an_await_in_a_switch_panics(void **state)
{
    (void)state;
    run_bad_body(await_in_a_switch, "an await inside a switch statement");
}

static void an_await_for_another_coroutine_panics(void **state)
{
    (void)state;
    run_bad_body(await_for_another, "an await outside the coroutine's body");
}

static void bad_objects_panic(void **state)
{
    (void)state;
    assert_panics("not an initialised object", (void)kiln_async_cancel(&self.async));
    assert_panics("not an initialised object", (void)kiln_async_join(&self.async, NULL, 0));
    assert_panics("null object", (void)kiln_waker_wake(NULL));
    assert_panics("null object", (void)kiln_executor_run(NULL));
    assert_panics("initialised twice", (void)kiln_executor_init(&executor));
    assert_panics("initialised twice", (void)kiln_waker_init(&waker));
}
#endif

/* ---- The invariants' check ----------------------------------------------------------------- */

#if KILN_CFG_CHECKS && KILN_CFG_TASK_LIST && KILN_CFG_NAMES
/* A coroutine waits before a task, whose executor waits as well. */
static void the_check_finds_damage(void **state)
{
    (void)state;
    assert_int_equal(kiln_async_start(&self.async, &executor, wait_body, "async"), KILN_OK);
    (void)create(0, 3);
    assert_int_equal(play_executor(&executor), BLOCKED);
    (void)create(1, 3);
    assert_int_equal(play_sem_take(&sem, KILN_FOREVER), BLOCKED);
    fake.check = NULL;
    assert_string_equal(found(), "nothing");
    EXPECT_DAMAGE(self.async.next, self.async.prev->prev, "");
    EXPECT_DAMAGE(self.async.tag, NULL, "a timeout is pending");
    EXPECT_DAMAGE(self.async.waitq, &waker.waiters, "another wait queue");
    EXPECT_DAMAGE(self.async.waitq, NULL, "another wait queue");
    EXPECT_DAMAGE(self.async.executor, NULL, "no executor");
    EXPECT_DAMAGE(sem.count, 1, "not 0");
    EXPECT_DAMAGE(executor.alive, 0, "has no coroutine");
    EXPECT_DAMAGE(executor.running, &self.async, "in the middle");
    EXPECT_DAMAGE(executor.ready.first, executor.idle.first, "while a coroutine is ready");
    EXPECT_DAMAGE(executor.runner->runs, NULL, "does not run it");
    EXPECT_DAMAGE(executor.tag, NULL, "no live executor");
}
#endif

#define SETUP setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(the_end_of_a_stream_ends_the_wait),
        TEST(the_end_of_a_pipe_refuses_the_rest),
        TEST(each_joiner_wakes_in_a_masked_section_of_its_own),
        TEST(storage_is_kept_until_the_end),
#if KILN_CFG_CHECKS
        TEST(an_await_in_a_switch_panics),
        TEST(an_await_for_another_coroutine_panics),
        TEST(bad_objects_panic),
#endif
#if KILN_CFG_CHECKS && KILN_CFG_TASK_LIST && KILN_CFG_NAMES
        TEST(the_check_finds_damage),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
NO_TESTS("coroutines, or what they are tried on,")
#endif
