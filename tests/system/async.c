/* Coroutines and their executors, as an app uses them. */
#include "async_cases.h"

#if ASYNC_CASES

#define GROUP "async"

KILN_EXECUTOR_DEFINE(async_executor);
struct kiln_sem async_sem;
static struct kiln_queue queue;
static struct kiln_flags flags;

struct async_frame async_frames[4];

struct kiln_async *async_start(unsigned n, kiln_async_fn body)
{
    async_frames[n].letter = (char)('a' + n);
    CHECK_OK(kiln_async_start(&async_frames[n].async, &async_executor, body, "coroutine"));
    return &async_frames[n].async;
}

void async_run(void)
{
    CHECK_OK(kiln_executor_run(&async_executor));
}

int async_run_task(void *arg)
{
    (void)arg;
    async_run();
    return 0;
}

void async_give(void)
{
    CHECK_OK(kiln_sem_give(&async_sem));
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
        (void)async_start(n, yields);
    }
    async_run();
    CHECK_LOG("abcabcabc");
    async_run(); /* nothing to do */
    CHECK(!kiln_async_is_alive(&async_frames[0].async));
}

static enum kiln_async_step starts_another(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    (void)async_start(1, yields);
    KILN_AWAIT(async, kiln_await_async(async, &async_frames[1].async, NULL, KILN_FOREVER));
    CHECK_OK(kiln_await_result(async));
    test_mark('!');
    KILN_ASYNC_END(async);
}

CASE(a_coroutine_starts_another_and_awaits_it)
{
    (void)async_start(0, starts_another);
    async_run();
    CHECK_LOG("bbb!");
}

CASE(storage_is_reused_after_the_end)
{
    for (int round = 0; round < 3; round++) {
        (void)async_start(0, yields);
        CHECK_EQ(kiln_async_start(&async_frames[0].async, &async_executor, yields, NULL),
                 KILN_CFG_CHECKS ? KILN_ESTATE : KILN_OK);
        async_run();
    }
    CHECK_LOG("aaaaaaaaa");
}

/* ---- Semaphores --------------------------------------------------------------------------- */

static enum kiln_async_step takes(struct kiln_async *async)
{
    SELF;
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async, kiln_await_sem(async, &async_sem, self->ticks));
    self->result = kiln_await_result(async);
    test_mark(self->letter);
    KILN_ASYNC_END(async);
}

void async_start_taker(unsigned n, kiln_ticks_t ticks)
{
    async_frames[n].ticks = ticks;
    async_frames[n].result = 99;
    (void)async_start(n, takes);
}

CASE(takes_a_semaphore_at_once_or_when_an_interrupt_gives_it)
{
    test_sem(&async_sem, 1, 9);
    async_start_taker(0, KILN_FOREVER);
    async_start_taker(1, KILN_FOREVER);
    async_start_taker(2, KILN_NO_WAIT);
    test_irq_after(3, async_give);
    async_run();
    CHECK_LOG("acb");
    CHECK_OK(async_frames[0].result);
    CHECK_OK(async_frames[1].result);
    CHECK_EQ(async_frames[2].result, KILN_EAGAIN);
}

CASE_IF(a_timeout_ends_an_await_after_exactly_its_ticks, TEST_EXACT)
{
    test_sem(&async_sem, 0, 1);
    for (kiln_ticks_t ticks = 1; ticks <= 5; ticks++) {
        test_align();
        kiln_ticks_t began = kiln_ticks();
        async_start_taker(0, ticks + 3);
        async_start_taker(1, ticks);
        async_run();
        CHECK_EQ(kiln_ticks() - began, ticks + 3);
        CHECK_EQ(async_frames[0].result, KILN_ETIMEOUT);
        CHECK_EQ(async_frames[1].result, KILN_ETIMEOUT);
        CHECK_LOG("ba");
    }
    CHECK_OK(kiln_sem_give(&async_sem)); /* nobody is left in the queue */
    CHECK_EQ(kiln_sem_count(&async_sem), 1);
}

CASE(a_more_urgent_executor_runs_at_once)
{
    test_sem(&async_sem, 0, 1);
    async_start_taker(0, KILN_FOREVER);
    (void)test_task(async_run_task, NULL, TEST_PRIO + 1);
    async_give();
    test_mark('c');
    test_join_all();
    CHECK_LOG("ac");
}

static int take_and_mark(void *arg)
{
    CHECK_OK(kiln_sem_take(&async_sem, KILN_FOREVER));
    test_mark((char)ARG_INT(arg));
    return 0;
}

CASE(coroutines_wait_with_tasks_in_order_of_priority)
{
    test_sem(&async_sem, 0, 9);
    (void)test_task(take_and_mark, ARG('L'), TEST_PRIO + 1);
    async_start_taker(0, KILN_FOREVER);
    async_start_taker(1, KILN_FOREVER);
    (void)test_task(async_run_task, NULL, TEST_PRIO + 2);
    (void)test_task(take_and_mark, ARG('E'), TEST_PRIO + 2);
    (void)test_task(take_and_mark, ARG('H'), TEST_PRIO + 3);
    for (int i = 0; i < 5; i++) {
        async_give();
    }
    test_join_all();
    CHECK_LOG("HabEL");
}

/* The wait began at another priority than the executor's task has when it ends. */
CASE_IF(a_timeout_switches_to_an_executor_that_became_more_urgent, TEST_EXACT)
{
    test_sem(&async_sem, 0, 1);
    async_start_taker(0, 3);
    struct kiln_task *task = test_task(async_run_task, NULL, TEST_PRIO - 1);
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
    async_frames[1].count = 5;
    (void)async_start(0, sends);
    (void)async_start(1, receives);
    async_run();
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
    async_frames[0].count = 3;
    (void)async_start(0, receives);
    (void)test_task(send_three, NULL, TEST_PRIO - 1);
    async_run();
    CHECK_LOG("xyz");
    test_join_all();
}

CASE(items_go_from_a_coroutine_to_a_task)
{
    uint32_t item;
    test_queue(&queue, items, sizeof(items[0]), 1);
    (void)async_start(0, sends);
    (void)test_task(async_run_task, NULL, TEST_PRIO + 1);
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
    async_frames[n].condition = (struct kiln_flags_condition){.bits = bits, .options = options};
    async_frames[n].ticks = KILN_FOREVER;
    (void)async_start(n, waits_for_flags);
}

CASE(flags_wake_those_whose_condition_holds)
{
    test_flags(&flags);
    start_flags(0, 3, KILN_FLAGS_ALL | KILN_FLAGS_CLEAR);
    start_flags(1, 6, KILN_FLAGS_ANY);
    start_flags(2, 0, KILN_FLAGS_ANY);
    (void)test_task(async_run_task, NULL, TEST_PRIO + 1);
    CHECK_LOG("c");
    CHECK_EQ(async_frames[2].result, KILN_EINVAL);
    CHECK_OK(kiln_flags_set(&flags, 1));
    CHECK_LOG("");
    CHECK_OK(kiln_flags_set(&flags, 2));
    CHECK_LOG("ab");
    CHECK_EQ(async_frames[0].condition.value, 3);
    CHECK_EQ(async_frames[1].condition.value, 3);
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
        async_frames[n].ticks = ticks[n];
        (void)async_start(n, sleeps);
    }
    async_run();
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
    (void)async_start(0, sleeps_until);
    async_run();
}

#endif
