/* Coroutines and their executors, as an app uses them. */
#include "harness.h"

#if KILN_CFG_ASYNC && KILN_CFG_SEM && KILN_CFG_QUEUE && KILN_CFG_FLAGS

#define GROUP "async"

KILN_EXECUTOR_DEFINE(executor);
static struct kiln_sem sem;
static struct kiln_queue queue;
static struct kiln_flags flags;
static struct kiln_waker waker;

/* A frame that will do for every coroutine here. */
static struct frame {
    struct kiln_async async;
    char letter;
    int count;
    int result;
    uint32_t item;
    kiln_ticks_t ticks, started;
    struct kiln_flags_condition condition;
    struct kiln_async *other;
    struct kiln_task *task;
} frames[4];

#define SELF struct frame *self = KILN_ASYNC_FRAME(async, struct frame, async)

static struct kiln_async *start(unsigned n, kiln_async_fn body)
{
    frames[n].letter = (char)('a' + n);
    CHECK_OK(kiln_async_start(&frames[n].async, &executor, body, "coroutine"));
    return &frames[n].async;
}

static void run(void)
{
    CHECK_OK(kiln_executor_run(&executor));
}

static int run_executor(void *arg)
{
    (void)arg;
    run();
    return 0;
}

static void give(void)
{
    CHECK_OK(kiln_sem_give(&sem));
}

/* ---- Turns -------------------------------------------------------------------------------- */

static enum kiln_async_step yields(struct kiln_async *async)
{
    SELF;
    KILN_ASYNC_BEGIN(async);
    for (self->count = 0; self->count < 3; self->count++) {
        test_mark(self->letter);
        KILN_AWAIT(async, kiln_await_yield(async));
    }
    KILN_ASYNC_END(async);
}

CASE(coroutines_take_turns_until_all_have_ended)
{
    for (unsigned n = 0; n < 3; n++) {
        (void)start(n, yields);
    }
    run();
    CHECK_LOG("abcabcabc");
    run(); /* nothing to do */
    CHECK(!kiln_async_is_alive(&frames[0].async));
}

static enum kiln_async_step starts_another(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    (void)start(1, yields);
    KILN_AWAIT(async, kiln_await_async(async, &frames[1].async, NULL, KILN_FOREVER));
    CHECK_OK(kiln_await_result(async));
    test_mark('!');
    KILN_ASYNC_END(async);
}

CASE(a_coroutine_starts_another_and_awaits_it)
{
    (void)start(0, starts_another);
    run();
    CHECK_LOG("bbb!");
}

CASE(storage_is_reused_after_the_end)
{
    for (int round = 0; round < 3; round++) {
        (void)start(0, yields);
        CHECK_EQ(kiln_async_start(&frames[0].async, &executor, yields, NULL),
                 KILN_CFG_CHECKS ? KILN_ESTATE : KILN_OK);
        run();
    }
    CHECK_LOG("aaaaaaaaa");
}

/* ---- Semaphores --------------------------------------------------------------------------- */

static enum kiln_async_step takes(struct kiln_async *async)
{
    SELF;
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async, kiln_await_sem(async, &sem, self->ticks));
    self->result = kiln_await_result(async);
    test_mark(self->letter);
    KILN_ASYNC_END(async);
}

static void start_taker(unsigned n, kiln_ticks_t ticks)
{
    frames[n].ticks = ticks;
    frames[n].result = 99;
    (void)start(n, takes);
}

CASE(takes_a_semaphore_at_once_or_when_an_interrupt_gives_it)
{
    test_sem(&sem, 1, 9);
    start_taker(0, KILN_FOREVER);
    start_taker(1, KILN_FOREVER);
    start_taker(2, KILN_NO_WAIT);
    test_irq_after(3, give);
    run();
    CHECK_LOG("acb");
    CHECK_OK(frames[0].result);
    CHECK_OK(frames[1].result);
    CHECK_EQ(frames[2].result, KILN_EAGAIN);
}

CASE_IF(a_timeout_ends_an_await_after_exactly_its_ticks, TEST_EXACT)
{
    test_sem(&sem, 0, 1);
    for (kiln_ticks_t ticks = 1; ticks <= 5; ticks++) {
        test_align();
        kiln_ticks_t began = kiln_ticks();
        start_taker(0, ticks + 3);
        start_taker(1, ticks);
        run();
        CHECK_EQ(kiln_ticks() - began, ticks + 3);
        CHECK_EQ(frames[0].result, KILN_ETIMEOUT);
        CHECK_EQ(frames[1].result, KILN_ETIMEOUT);
        CHECK_LOG("ba");
    }
    CHECK_OK(kiln_sem_give(&sem)); /* nobody is left in the queue */
    CHECK_EQ(kiln_sem_count(&sem), 1);
}

CASE(a_more_urgent_executor_runs_at_once)
{
    test_sem(&sem, 0, 1);
    start_taker(0, KILN_FOREVER);
    (void)test_task(run_executor, NULL, TEST_PRIO + 1);
    give();
    test_mark('c');
    test_join_all();
    CHECK_LOG("ac");
}

static int take_and_mark(void *arg)
{
    CHECK_OK(kiln_sem_take(&sem, KILN_FOREVER));
    test_mark((char)ARG_INT(arg));
    return 0;
}

CASE(coroutines_wait_with_tasks_in_order_of_priority)
{
    test_sem(&sem, 0, 9);
    (void)test_task(take_and_mark, ARG('L'), TEST_PRIO + 1);
    start_taker(0, KILN_FOREVER);
    start_taker(1, KILN_FOREVER);
    (void)test_task(run_executor, NULL, TEST_PRIO + 2);
    (void)test_task(take_and_mark, ARG('E'), TEST_PRIO + 2);
    (void)test_task(take_and_mark, ARG('H'), TEST_PRIO + 3);
    for (int i = 0; i < 5; i++) {
        give();
    }
    test_join_all();
    CHECK_LOG("HabEL");
}

/* The wait began at another priority than the executor's task has when it ends. */
CASE_IF(a_timeout_switches_to_an_executor_that_became_more_urgent, TEST_EXACT)
{
    test_sem(&sem, 0, 1);
    start_taker(0, 3);
    struct kiln_task *task = test_task(run_executor, NULL, TEST_PRIO - 1);
    test_sleep(1);
    CHECK_OK(kiln_task_set_priority(task, TEST_PRIO + 1));
    test_spin(4);
    test_mark('c');
    test_join_all();
    CHECK_LOG("ac");
}

/* ---- Queues ------------------------------------------------------------------------------- */

static enum kiln_async_step receives(struct kiln_async *async)
{
    SELF;
    KILN_ASYNC_BEGIN(async);
    while (self->count > 0) {
        KILN_AWAIT(async, kiln_await_receive(async, &queue, &self->item, KILN_FOREVER));
        CHECK_OK(kiln_await_result(async));
        test_mark((char)self->item);
        self->count--;
    }
    KILN_ASYNC_END(async);
}

static enum kiln_async_step sends(struct kiln_async *async)
{
    SELF;
    KILN_ASYNC_BEGIN(async);
    for (self->item = 'p'; self->item < 'u'; self->item++) {
        KILN_AWAIT(async, kiln_await_send(async, &queue, &self->item, KILN_FOREVER));
        CHECK_OK(kiln_await_result(async));
    }
    KILN_ASYNC_END(async);
}

static uint32_t items[2];

CASE(items_go_from_coroutine_to_coroutine)
{
    test_queue(&queue, items, sizeof(items[0]), 2);
    frames[1].count = 5;
    (void)start(0, sends);
    (void)start(1, receives);
    run();
    CHECK_LOG("pqrst");
}

static int send_three(void *arg)
{
    (void)arg;
    for (uint32_t item = 'x'; item <= 'z'; item++) {
        CHECK_OK(kiln_queue_send(&queue, &item, KILN_FOREVER));
    }
    return 0;
}

CASE(items_go_from_a_task_to_a_coroutine)
{
    test_queue(&queue, items, sizeof(items[0]), 1);
    frames[0].count = 3;
    (void)start(0, receives);
    (void)test_task(send_three, NULL, TEST_PRIO - 1);
    run();
    CHECK_LOG("xyz");
    test_join_all();
}

CASE(items_go_from_a_coroutine_to_a_task)
{
    uint32_t item;
    test_queue(&queue, items, sizeof(items[0]), 1);
    (void)start(0, sends);
    (void)test_task(run_executor, NULL, TEST_PRIO + 1);
    for (int i = 0; i < 5; i++) {
        CHECK_OK(kiln_queue_receive(&queue, &item, KILN_FOREVER));
        test_mark((char)item);
    }
    test_join_all();
    CHECK_LOG("pqrst");
}

/* ---- Flags -------------------------------------------------------------------------------- */

static enum kiln_async_step waits_for_flags(struct kiln_async *async)
{
    SELF;
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async, kiln_await_flags(async, &flags, &self->condition, self->ticks));
    self->result = kiln_await_result(async);
    test_mark(self->letter);
    KILN_ASYNC_END(async);
}

static void start_flags(unsigned n, uint32_t bits, unsigned options)
{
    frames[n].condition = (struct kiln_flags_condition){.bits = bits, .options = options};
    frames[n].ticks = KILN_FOREVER;
    (void)start(n, waits_for_flags);
}

CASE(flags_wake_those_whose_condition_holds)
{
    test_flags(&flags);
    start_flags(0, 3, KILN_FLAGS_ALL | KILN_FLAGS_CLEAR);
    start_flags(1, 6, KILN_FLAGS_ANY);
    start_flags(2, 0, KILN_FLAGS_ANY);
    (void)test_task(run_executor, NULL, TEST_PRIO + 1);
    CHECK_LOG("c");
    CHECK_EQ(frames[2].result, KILN_EINVAL);
    CHECK_OK(kiln_flags_set(&flags, 1));
    CHECK_LOG("");
    CHECK_OK(kiln_flags_set(&flags, 2));
    CHECK_LOG("ab");
    CHECK_EQ(frames[0].condition.value, 3);
    CHECK_EQ(frames[1].condition.value, 3);
    CHECK_EQ(kiln_flags_get(&flags), 0);
    test_join_all();
}

/* ---- Time --------------------------------------------------------------------------------- */

static enum kiln_async_step sleeps(struct kiln_async *async)
{
    SELF;
    KILN_ASYNC_BEGIN(async);
    for (self->count = 0; self->count < 3; self->count++) {
        KILN_AWAIT(async, kiln_await_sleep(async, self->ticks));
        CHECK_OK(kiln_await_result(async));
        test_mark(self->letter);
    }
    KILN_AWAIT(async, kiln_await_sleep(async, KILN_FOREVER));
    CHECK_EQ(kiln_await_result(async), KILN_EINVAL);
    KILN_AWAIT(async, kiln_await_sleep(async, 0));
    CHECK_OK(kiln_await_result(async));
    KILN_ASYNC_END(async);
}

CASE_IF(coroutines_sleep_each_its_own_time, TEST_EXACT)
{
    static const kiln_ticks_t ticks[] = {5, 2, 3};
    test_align();
    kiln_ticks_t began = kiln_ticks();
    for (unsigned n = 0; n < 3; n++) {
        frames[n].ticks = ticks[n];
        (void)start(n, sleeps);
    }
    run();
    CHECK_EQ(kiln_ticks() - began, 15);
    CHECK_LOG("bcbacbcaa"); /* at 2 3 4 5 6 6 9 10 15 */
}

static enum kiln_async_step sleeps_until(struct kiln_async *async)
{
    SELF;
    KILN_ASYNC_BEGIN(async);
    self->ticks = self->started = kiln_ticks();
    for (self->count = 0; self->count < 4; self->count++) {
        KILN_AWAIT(async, kiln_await_sleep_until(async, &self->ticks, 3));
        CHECK_OK(kiln_await_result(async));
        test_spin(1);
    }
    CHECK_EQ(self->ticks - self->started, 12);
    CHECK_EQ(kiln_ticks() - self->started, 13);
    test_spin(3);
    KILN_AWAIT(async, kiln_await_sleep_until(async, &self->ticks, 3));
    CHECK_EQ(kiln_await_result(async), KILN_ETIMEOUT); /* it was over before */
    KILN_ASYNC_END(async);
}

CASE_IF(sleep_until_has_no_drift, TEST_EXACT)
{
    test_align();
    (void)start(0, sleeps_until);
    run();
}

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
    CHECK_OK(kiln_async_join(&frames[0].async, &result, KILN_FOREVER));
    CHECK_EQ(result, 7);
    test_mark('T');
    return 0;
}

CASE(coroutines_and_tasks_join_a_coroutine)
{
    frames[1].other = start(0, returns_seven);
    (void)start(1, joins);
    struct kiln_task *task = test_task(join_first, NULL, TEST_PRIO + 1);
    CHECK_WAITS(task, KILN_WAIT_ASYNC);
    run();
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
    frames[0].task = test_task(sleep_and_return, ARG(5), TEST_PRIO + 1);
    (void)start(0, joins_a_task);
    run();
    test_join_all();
}

/* ---- Cancelling --------------------------------------------------------------------------- */

static enum kiln_async_step takes_and_cleans_up(struct kiln_async *async)
{
    SELF;
    KILN_ASYNC_BEGIN(async);
    for (;;) {
        KILN_AWAIT(async, kiln_await_sem(async, &sem, self->ticks));
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
    CHECK_OK(kiln_async_cancel(&frames[0].async));
    CHECK_EQ(kiln_async_cancel(&frames[0].async), KILN_ESTATE);
}

CASE(a_cancel_ends_the_wait_and_cleans_up)
{
    int result = 0;
    static const kiln_ticks_t ticks[] = {KILN_FOREVER, 1000};
    test_sem(&sem, 1, 9);
    for (unsigned n = 0; n < 2; n++) {
        frames[0].ticks = ticks[n];
        (void)start(0, takes_and_cleans_up);
        test_irq_after(2, cancel_first);
        run();
        CHECK_LOG("axX");
        CHECK_OK(kiln_async_join(&frames[0].async, &result, KILN_NO_WAIT));
        CHECK_EQ(result, KILN_ECANCELED);
        CHECK_EQ(kiln_async_cancel(&frames[0].async), KILN_ESTATE);
        CHECK_OK(kiln_sem_give(&sem)); /* nobody is left in the queue */
        CHECK_EQ(kiln_sem_count(&sem), 1);
    }
}

CASE(a_cancel_loses_nothing_that_was_given_before)
{
    test_sem(&sem, 0, 9);
    frames[0].ticks = KILN_FOREVER;
    (void)start(0, takes_and_cleans_up);
    (void)test_task(run_executor, NULL, TEST_PRIO - 1);
    test_sleep(2); /* it waits now */
    give();
    cancel_first();
    test_join_all();
    CHECK_LOG("axX"); /* first what it got */
}

CASE(a_cancel_before_the_first_step_comes_at_the_first_await)
{
    test_sem(&sem, 9, 9);
    frames[0].ticks = KILN_FOREVER;
    (void)start(0, takes_and_cleans_up);
    cancel_first();
    run();
    CHECK_LOG("xX");
    CHECK_EQ(kiln_sem_count(&sem), 9);
}

CASE(a_coroutine_without_cleanup_is_cancelled_too)
{
    int result = 0;
    test_sem(&sem, 0, 1);
    start_taker(0, KILN_FOREVER);
    test_irq_after(2, cancel_first);
    run();
    CHECK_LOG("");
    CHECK_OK(kiln_async_join(&frames[0].async, &result, KILN_NO_WAIT));
    CHECK_EQ(result, KILN_ECANCELED);
}

/* ---- Wakers ------------------------------------------------------------------------------- */

static uint32_t device; /* what it has; written with interrupts locked */

static int take_from_device(uint32_t *got)
{
    unsigned key = kiln_irq_lock();
    int result = device == 0 ? KILN_EAGAIN : KILN_OK;
    if (device != 0) {
        *got += 1;
        device--;
    }
    kiln_irq_unlock(key);
    return result;
}

static void device_interrupt(void)
{
    device++;
    CHECK_OK(kiln_waker_wake(&waker));
}

static enum kiln_async_step reads(struct kiln_async *async)
{
    SELF;
    KILN_ASYNC_BEGIN(async);
    while (self->count > 0) {
        KILN_AWAIT_POLL(async, &waker, take_from_device(&self->item), self->ticks);
        self->result = kiln_await_result(async);
        test_mark(self->result == KILN_OK ? self->letter : '-');
        self->count--;
    }
    KILN_ASYNC_END(async);
}

static void start_reader(unsigned n, int count, kiln_ticks_t ticks)
{
    frames[n].count = count;
    frames[n].item = 0;
    frames[n].ticks = ticks;
    (void)start(n, reads);
}

CASE(a_device_wakes_who_polls_it)
{
    CHECK_OK(kiln_waker_init(&waker));
    start_reader(0, 2, KILN_FOREVER);
    test_irq_after(2, device_interrupt);
    test_irq_after(4, device_interrupt);
    run();
    CHECK_LOG("aa");
    CHECK_OK(kiln_waker_wake(&waker)); /* remembered; there is nothing all the same */
    start_reader(0, 1, 3);
    start_reader(1, 1, KILN_NO_WAIT);
    run();
    CHECK_LOG("--");
    CHECK_EQ(frames[0].result, KILN_ETIMEOUT);
    CHECK_EQ(frames[1].result, KILN_EAGAIN);
    CHECK_OK(kiln_waker_destroy(&waker));
}

CASE_IF(the_time_of_a_poll_is_that_of_all_its_rounds, TEST_EXACT)
{
    CHECK_OK(kiln_waker_init(&waker));
    test_align();
    kiln_ticks_t began = kiln_ticks();
    for (kiln_ticks_t after = 1; after <= 4; after++) {
        test_irq_after(after, device_interrupt);
    }
    start_reader(0, 5, 4);
    run();
    CHECK_LOG("aaaa-");
    CHECK_EQ(kiln_ticks() - began, 8);
    CHECK_OK(kiln_waker_destroy(&waker));
}

static void wake_without_anything(void)
{
    CHECK_OK(kiln_waker_wake(&waker));
}

CASE_IF(wake_ups_for_nothing_do_not_prolong_a_poll, TEST_EXACT)
{
    CHECK_OK(kiln_waker_init(&waker));
    test_align();
    kiln_ticks_t began = kiln_ticks();
    for (kiln_ticks_t after = 1; after <= 4; after++) {
        test_irq_after(after, wake_without_anything);
    }
    start_reader(0, 1, 5);
    run();
    CHECK_LOG("-");
    CHECK_EQ(kiln_ticks() - began, 5);
    CHECK_OK(kiln_waker_destroy(&waker));
}

static void two_at_once(void)
{
    device += 2;
    CHECK_OK(kiln_waker_wake(&waker));
}

CASE(one_wake_up_for_two_things_reaches_two_readers)
{
    CHECK_OK(kiln_waker_init(&waker));
    start_reader(0, 1, KILN_FOREVER);
    start_reader(1, 1, KILN_FOREVER);
    test_irq_after(2, two_at_once);
    run();
    CHECK_LOG("ab");
    CHECK_OK(kiln_waker_destroy(&waker));
}

/* ---- The executor's task ------------------------------------------------------------------ */

static struct kiln_executor other_executor;

static void run_in_interrupt(void)
{
    CHECK_EQ(kiln_executor_run(&executor), KILN_EISR);
}

CASE(executors_refuse_what_cannot_work)
{
    CHECK_EQ(kiln_executor_init(NULL), KILN_EINVAL);
    CHECK_EQ(kiln_waker_init(NULL), KILN_EINVAL);
    CHECK_EQ(kiln_async_start(NULL, &executor, takes, NULL), KILN_EINVAL);
    CHECK_EQ(kiln_async_start(&frames[3].async, &executor, NULL, NULL), KILN_EINVAL);
    test_irq_trigger(run_in_interrupt);
    CHECK_OK(kiln_sched_lock());
    CHECK_EQ(kiln_executor_run(&executor), KILN_ELOCKED);
    CHECK_OK(kiln_sched_unlock());
    test_sem(&sem, 0, 1);
    start_taker(0, KILN_FOREVER);
    struct kiln_task *task = test_task(run_executor, NULL, TEST_PRIO + 1);
    CHECK_WAITS(task, KILN_WAIT_EXECUTOR);
    CHECK_EQ(kiln_executor_run(&executor), KILN_ESTATE);
    CHECK_EQ(kiln_executor_destroy(&executor), KILN_ESTATE);
    CHECK_EQ(kiln_sem_destroy(&sem), KILN_ESTATE);
    give();
    test_join_all();
    CHECK_LOG("a");
    CHECK_OK(kiln_executor_init(&other_executor));
    CHECK_OK(kiln_executor_destroy(&other_executor));
}

static enum kiln_async_step gets_stuck(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    (void)kiln_task_sleep(1000);
    test_mark('!');
    KILN_ASYNC_CLEANUP(async);
    test_mark('!');
    KILN_ASYNC_END(async);
}

CASE(another_task_goes_on_after_a_kill)
{
    int result = 0;
    test_sem(&sem, 0, 1);
    start_taker(0, KILN_FOREVER);
    CHECK_OK(kiln_task_kill(test_task(run_executor, NULL, TEST_PRIO + 1), 0)); /* while it waits */
    (void)start(1, gets_stuck);
    CHECK_OK(kiln_task_kill(test_task(run_executor, NULL, TEST_PRIO + 1), 0)); /* in a body */
    (void)test_task(run_executor, NULL, TEST_PRIO + 1);
    CHECK_OK(kiln_async_join(&frames[1].async, &result, KILN_NO_WAIT));
    CHECK_EQ(result, KILN_ECANCELED);
    give();
    test_join_all();
    CHECK_LOG("a");
}

#endif
