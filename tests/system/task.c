/* Tasks: life and death, exit codes, kill in every state, join, priorities, information. */
#include "harness.h"

#include <string.h>

#define GROUP "task"

static int return_arg(void *arg)
{
    return ARG_INT(arg);
}

#if KILN_CFG_JOIN
static int exit_with_arg(void *arg)
{
    kiln_task_exit(ARG_INT(arg));
}
#endif

static int mark_arg(void *arg)
{
    test_mark((char)ARG_INT(arg));
    return 0;
}

static int sleep_long(void *arg)
{
    (void)arg;
    CHECK_OK(kiln_task_sleep(KILN_MS(20000)));
    test_mark('!'); /* those who kill it do not let it get here */
    return 0;
}

/* ---- Creation ------------------------------------------------------------------------------ */

CASE(new_task_does_not_run_before_it_is_started)
{
    struct kiln_task *task = test_new_task(mark_arg, ARG('a'), TEST_PRIO + 1);
    CHECK_EQ(test_state(task), KILN_TASK_NEW);
    CHECK_OK(kiln_task_sleep(2));
    CHECK_LOG("");
    CHECK_OK(kiln_task_start(task));
    CHECK_LOG("a");
    CHECK_EQ(test_state(task), KILN_TASK_TERMINATED);
    CHECK_EQ(kiln_task_start(task), KILN_ESTATE);
}

KILN_STACK_DEFINE(spare_stack, 512);
static struct kiln_task spare;

static struct kiln_task_def spare_def(void)
{
    return (struct kiln_task_def){.entry = return_arg,
                                  .stack = spare_stack,
                                  .stack_bytes = sizeof(spare_stack),
                                  .name = "spare",
                                  .priority = TEST_PRIO};
}

CASE(init_rejects_each_bad_argument)
{
    struct kiln_task_def good = spare_def(), bad = good;
    CHECK_EQ(kiln_task_init(NULL, &good), KILN_EINVAL);
    CHECK_EQ(kiln_task_init(&spare, NULL), KILN_EINVAL);
    bad.entry = NULL;
    CHECK_EQ(kiln_task_create(&spare, &bad), KILN_EINVAL);
    bad = good;
    bad.stack = NULL;
    CHECK_EQ(kiln_task_create(&spare, &bad), KILN_EINVAL);
    bad = good;
    bad.stack = (uint8_t *)spare_stack + 4;
    CHECK_EQ(kiln_task_create(&spare, &bad), KILN_EINVAL);
    bad = good;
    bad.stack_bytes = PORT_STACK_MIN - 8;
    CHECK_EQ(kiln_task_create(&spare, &bad), KILN_EINVAL);
#if KILN_CFG_PRIORITIES <= 255
    bad = good;
    bad.priority = KILN_CFG_PRIORITIES;
    CHECK_EQ(kiln_task_create(&spare, &bad), KILN_EINVAL);
#endif
}

#if KILN_CFG_CHECKS
CASE(init_of_a_living_task_is_refused)
{
    struct kiln_task_def def = spare_def();
    struct kiln_task *task = test_task(sleep_long, NULL, TEST_PRIO + 1);
    CHECK_EQ(kiln_task_init(task, &def), KILN_ESTATE);
    CHECK_OK(kiln_task_kill(task, 0));
}
#endif

static void init_in_interrupt(void)
{
    struct kiln_task_def def = spare_def();
    CHECK_EQ(kiln_task_init(&spare, &def), KILN_EISR);
    test_mark('i');
}

CASE(init_in_an_interrupt_is_refused)
{
    test_irq_trigger(init_in_interrupt);
    CHECK_LOG("i");
}

static struct kiln_task *to_start;

static void start_in_interrupt(void)
{
    CHECK_OK(kiln_task_start(to_start));
    test_mark('i');
}

CASE(start_in_an_interrupt_runs_the_task_afterwards)
{
    to_start = test_new_task(mark_arg, ARG('a'), TEST_PRIO + 1);
    test_irq_trigger(start_in_interrupt);
    test_mark('c');
    CHECK_LOG("iac");
}

CASE(storage_of_a_terminated_task_can_be_reused_at_once)
{
    struct kiln_task_def def = spare_def();
    for (int i = 0; i < 100; i++) {
        def.priority = TEST_PRIO + 1;
        def.arg = ARG(i);
        CHECK_OK(kiln_task_create(&spare, &def));
#if KILN_CFG_JOIN
        int code = -1;
        CHECK_OK(kiln_task_join(&spare, &code, KILN_NO_WAIT));
        CHECK_EQ(code, i);
#else
        CHECK_EQ(test_state(&spare), KILN_TASK_TERMINATED);
#endif
    }
}

/* ---- Exit and join ------------------------------------------------------------------------- */

#if KILN_CFG_JOIN
CASE(join_gets_the_code_of_return_exit_and_kill)
{
    struct kiln_task *returns = test_task(return_arg, ARG(-7), TEST_PRIO + 1);
    struct kiln_task *exits = test_task(exit_with_arg, ARG(42), TEST_PRIO - 1);
    struct kiln_task *killed = test_task(sleep_long, NULL, TEST_PRIO + 1);
    int code = 0;
    CHECK_OK(kiln_task_join(returns, &code, KILN_FOREVER));
    CHECK_EQ(code, -7);
    CHECK_OK(kiln_task_join(exits, &code, KILN_FOREVER));
    CHECK_EQ(code, 42);
    CHECK_OK(kiln_task_kill(killed, 99));
    CHECK_OK(kiln_task_join(killed, &code, KILN_FOREVER));
    CHECK_EQ(code, 99);
    CHECK_OK(kiln_task_join(killed, NULL, KILN_NO_WAIT)); /* as often as one likes */
}

CASE(join_can_time_out_and_succeed_later)
{
    struct kiln_task *task = test_task(sleep_long, NULL, TEST_PRIO + 1);
    int code = 5;
    CHECK_EQ(kiln_task_join(task, &code, KILN_NO_WAIT), KILN_EAGAIN);
    CHECK_EQ(kiln_task_join(task, &code, 3), KILN_ETIMEOUT);
    CHECK_EQ(code, 5);
    CHECK_OK(kiln_task_kill(task, 6));
    CHECK_OK(kiln_task_join(task, &code, 3));
    CHECK_EQ(code, 6);
}

CASE(join_of_itself_is_a_deadlock)
{
    CHECK_EQ(kiln_task_join(kiln_task_self(), NULL, KILN_FOREVER), KILN_EDEADLK);
}

static struct kiln_task *joined;

static int join_and_mark(void *arg)
{
    int code = 0;
    CHECK_OK(kiln_task_join(joined, &code, KILN_FOREVER));
    CHECK_EQ(code, 31);
    test_mark((char)ARG_INT(arg));
    return 0;
}

CASE(all_joiners_wake_in_order_of_priority)
{
    joined = test_task(sleep_long, NULL, TEST_PRIO + 6);
    (void)test_task(join_and_mark, ARG('a'), TEST_PRIO + 2);
    (void)test_task(join_and_mark, ARG('b'), TEST_PRIO + 4);
    (void)test_task(join_and_mark, ARG('c'), TEST_PRIO + 2);
    (void)test_task(join_and_mark, ARG('d'), TEST_PRIO + 1);
    (void)test_task(join_and_mark, ARG('e'), TEST_PRIO + 4);
    CHECK_WAITS(kiln_task_self(), KILN_WAIT_NONE);
    CHECK_OK(kiln_task_kill(joined, 31));
    CHECK_LOG("beacd");
}

CASE(killed_joiner_does_not_hinder_the_others)
{
    joined = test_task(sleep_long, NULL, TEST_PRIO + 6);
    struct kiln_task *victim = test_task(join_and_mark, ARG('a'), TEST_PRIO + 3);
    (void)test_task(join_and_mark, ARG('b'), TEST_PRIO + 2);
    CHECK_WAITS(victim, KILN_WAIT_JOIN);
    CHECK_OK(kiln_task_kill(victim, 0));
    CHECK_OK(kiln_task_kill(joined, 31));
    CHECK_LOG("b");
}

static void join_in_interrupt(void)
{
    CHECK_EQ(kiln_task_join(joined, NULL, KILN_FOREVER), KILN_EISR);
    CHECK_EQ(kiln_task_join(joined, NULL, KILN_NO_WAIT), KILN_EAGAIN);
    CHECK_OK(kiln_task_kill(joined, 3));
    int code = 0;
    CHECK_OK(kiln_task_join(joined, &code, KILN_FOREVER)); /* does not block any more */
    CHECK_EQ(code, 3);
    test_mark('i');
}

CASE(join_that_would_block_is_refused_where_it_cannot)
{
    joined = test_task(sleep_long, NULL, TEST_PRIO + 1);
    kiln_sched_lock();
    CHECK_EQ(kiln_task_join(joined, NULL, KILN_FOREVER), KILN_ELOCKED);
    CHECK_OK(kiln_sched_unlock());
    test_irq_trigger(join_in_interrupt);
    CHECK_LOG("i");
}
#endif

/* ---- Kill ---------------------------------------------------------------------------------- */

CASE(kill_of_a_new_task)
{
    struct kiln_task *task = test_new_task(mark_arg, ARG('!'), TEST_PRIO + 1);
    CHECK_OK(kiln_task_kill(task, 1));
    CHECK_EQ(test_state(task), KILN_TASK_TERMINATED);
    CHECK_EQ(kiln_task_start(task), KILN_ESTATE);
    CHECK_EQ(kiln_task_kill(task, 1), KILN_ESTATE);
}

CASE(kill_of_a_ready_task)
{
    struct kiln_task *first = test_task(mark_arg, ARG('a'), TEST_PRIO);
    struct kiln_task *second = test_task(mark_arg, ARG('b'), TEST_PRIO);
    (void)test_task(mark_arg, ARG('c'), TEST_PRIO);
    CHECK_EQ(test_state(second), KILN_TASK_READY);
    CHECK_OK(kiln_task_kill(second, 1));
    CHECK_OK(kiln_task_kill(first, 1));
    test_join_all();
    CHECK_LOG("c");
}

CASE(kill_of_a_sleeping_task)
{
    struct kiln_task *task = test_task(sleep_long, NULL, TEST_PRIO + 1);
    CHECK_EQ(test_state(task), KILN_TASK_BLOCKED);
    CHECK_WAITS(task, KILN_WAIT_SLEEP);
    CHECK_OK(kiln_task_kill(task, 1));
    CHECK_EQ(test_state(task), KILN_TASK_TERMINATED);
}

CASE(kill_of_a_suspended_task)
{
    struct kiln_task *ready = test_task(mark_arg, ARG('!'), TEST_PRIO - 1);
    struct kiln_task *asleep = test_task(sleep_long, NULL, TEST_PRIO + 1);
    CHECK_OK(kiln_task_suspend(ready));
    CHECK_OK(kiln_task_suspend(asleep));
    CHECK_OK(kiln_task_kill(ready, 1));
    CHECK_OK(kiln_task_kill(asleep, 1));
    CHECK_EQ(kiln_task_resume(ready), KILN_ESTATE);
    CHECK_EQ(kiln_task_suspend(asleep), KILN_ESTATE);
}

static int kill_itself(void *arg)
{
    (void)arg;
    test_mark('k');
    (void)kiln_task_kill(kiln_task_self(), 17);
    test_mark('!');
    return 0;
}

CASE(kill_of_itself_is_an_exit)
{
    struct kiln_task *task = test_task(kill_itself, NULL, TEST_PRIO + 1);
    CHECK_EQ(test_state(task), KILN_TASK_TERMINATED);
    CHECK_LOG("k");
}

static void kill_interrupted(void)
{
    CHECK_OK(kiln_task_kill(kiln_task_self(), 4));
    test_mark('i');
}

static int be_killed_by_interrupt(void *arg)
{
    (void)arg;
    test_mark('a');
    test_irq_trigger(kill_interrupted);
    test_mark('!');
    return 0;
}

CASE(interrupt_kills_the_task_it_interrupted)
{
    struct kiln_task *task = test_task(be_killed_by_interrupt, NULL, TEST_PRIO + 1);
    CHECK_EQ(test_state(task), KILN_TASK_TERMINATED);
    CHECK_LOG("ai");
}

static int be_killed_while_locked(void *arg)
{
    (void)arg;
    kiln_sched_lock();
    kiln_sched_lock();
    test_irq_trigger(kill_interrupted);
    test_mark('a');
    CHECK_OK(kiln_sched_unlock());
    test_mark('b');
    (void)kiln_sched_unlock();
    test_mark('!');
    return 0;
}

CASE(kill_with_the_scheduler_locked_takes_effect_at_the_last_unlock)
{
    struct kiln_task *task = test_task(be_killed_while_locked, NULL, TEST_PRIO + 1);
    CHECK_LOG("iab");
    CHECK_EQ(test_state(task), KILN_TASK_TERMINATED);
}

static int exit_locked(void *arg)
{
    (void)arg;
    kiln_sched_lock();
    kiln_sched_lock();
    return 0;
}

CASE(exit_gives_the_scheduler_lock_back)
{
    (void)test_task(exit_locked, NULL, TEST_PRIO + 1);
    CHECK_EQ(kiln_sched_unlock(), KILN_ESTATE);
}

CASE(idle_task_is_immune)
{
#if KILN_CFG_TASK_LIST
    struct kiln_task *idle = kiln_task_next(NULL);
    CHECK_EQ(kiln_task_kill(idle, 0), KILN_EINVAL);
    CHECK_EQ(kiln_task_suspend(idle), KILN_EINVAL);
    CHECK_EQ(kiln_task_set_priority(idle, 3), KILN_EINVAL);
#endif
    CHECK_OK(kiln_task_sleep(2)); /* and does its work */
}

#if KILN_CFG_SEM && KILN_CFG_QUEUE && KILN_CFG_FLAGS && KILN_CFG_POOL && KILN_CFG_MUTEX && \
    KILN_CFG_JOIN && KILN_CFG_CHECKS && KILN_CFG_NAMES
/* One of each, all of them such that a task has to wait. */
static struct {
    struct kiln_sem sem;
    struct kiln_mutex mutex;
    struct kiln_queue empty, full;
    struct kiln_flags flags;
    struct kiln_pool pool;
    uint32_t empty_buffer[1], full_buffer[1];
    void *pool_buffer[1];
    void *block;
} all;

static void make_all(void)
{
    uint32_t item = 1;
    test_sem(&all.sem, 0, 1);
    test_mutex(&all.mutex, KILN_MUTEX_PLAIN);
    test_queue(&all.empty, all.empty_buffer, 4, 1);
    test_queue(&all.full, all.full_buffer, 4, 1);
    test_flags(&all.flags);
    test_pool(&all.pool, all.pool_buffer, sizeof(void *), 1);
    CHECK_OK(kiln_mutex_lock(&all.mutex, KILN_NO_WAIT));
    CHECK_OK(kiln_queue_send(&all.full, &item, KILN_NO_WAIT));
    CHECK_OK(kiln_pool_alloc(&all.pool, &all.block, KILN_NO_WAIT));
}

static void free_all(void)
{
    CHECK_OK(kiln_mutex_unlock(&all.mutex));
    CHECK_OK(kiln_pool_free(&all.pool, all.block));
}

/* Waits in the way `kind` says, as long as `ticks`. */
static int wait_for(int kind, kiln_ticks_t ticks)
{
    uint32_t item = 0;
    void *block;
    switch (kind) {
    case 0:
        return kiln_sem_take(&all.sem, ticks);
    case 1:
        return kiln_mutex_lock(&all.mutex, ticks);
    case 2:
        return kiln_queue_receive(&all.empty, &item, ticks);
    case 3:
        return kiln_queue_send(&all.full, &item, ticks);
    case 4:
        return kiln_queue_send_front(&all.full, &item, ticks);
    case 5:
        return kiln_flags_wait(&all.flags, 1, KILN_FLAGS_ANY, NULL, ticks);
    case 6:
        return kiln_pool_alloc(&all.pool, &block, ticks);
    default:
        return kiln_task_join(&spare, NULL, ticks);
    }
}
#define WAITS 8

static int wait_forever(void *arg)
{
    (void)wait_for(ARG_INT(arg), KILN_FOREVER);
    test_mark('!');
    return 0;
}

static int wait_with_timeout(void *arg)
{
    (void)wait_for(ARG_INT(arg), KILN_MS(20000));
    test_mark('!');
    return 0;
}

static void create_spare_sleeper(void)
{
    struct kiln_task_def def = spare_def();
    def.entry = sleep_long;
    def.priority = TEST_PRIO + 1;
    CHECK_OK(kiln_task_create(&spare, &def));
}

/* All wait at the same time; every one is killed; the objects are as before. */
static void kill_waiters(kiln_task_fn entry)
{
    struct kiln_task *tasks[WAITS];
    make_all();
    create_spare_sleeper();
    for (int i = 0; i < WAITS; i++) {
        tasks[i] = test_task(entry, ARG(i), TEST_PRIO + 1U + (unsigned)i); /* the mutex raises us */
        CHECK_EQ(test_state(tasks[i]), KILN_TASK_BLOCKED);
    }
    for (int i = 0; i < WAITS; i++) {
        CHECK_OK(kiln_task_kill(tasks[i], i));
        CHECK_EQ(test_state(tasks[i]), KILN_TASK_TERMINATED);
    }
    CHECK_OK(kiln_task_kill(&spare, 0));
    CHECK_EQ(kiln_sem_count(&all.sem), 0);
    CHECK_EQ(kiln_queue_count(&all.empty), 0);
    CHECK_EQ(kiln_queue_count(&all.full), 1);
    CHECK_EQ(kiln_task_priority(kiln_task_self()), TEST_PRIO);
    free_all();
}

CASE(kill_of_a_task_in_each_wait)
{
    kill_waiters(wait_forever);
}

CASE(kill_of_a_task_in_each_wait_with_a_timeout)
{
    kill_waiters(wait_with_timeout);
}

CASE(info_says_what_each_task_waits_for)
{
    static const enum kiln_wait kinds[WAITS] = {
        KILN_WAIT_SEM,        KILN_WAIT_MUTEX, KILN_WAIT_QUEUE_RECEIVE, KILN_WAIT_QUEUE_SEND,
        KILN_WAIT_QUEUE_SEND, KILN_WAIT_FLAGS, KILN_WAIT_POOL,          KILN_WAIT_JOIN};
    const void *objects[WAITS] = {&all.sem,  &all.mutex, &all.empty, &all.full,
                                  &all.full, &all.flags, &all.pool,  &spare};
    make_all();
    create_spare_sleeper();
    for (int i = 0; i < WAITS; i++) {
        struct kiln_task_info info;
        struct kiln_task *task = test_task(wait_forever, ARG(i), TEST_PRIO + 1);
        CHECK_OK(kiln_task_get_info(task, &info));
        CHECK_EQ(info.state, KILN_TASK_BLOCKED);
        CHECK_WAITS(task, kinds[i]);
        CHECK_SAME(info.wait_object, objects[i]);
        CHECK_OK(kiln_task_kill(task, 0));
    }
    CHECK_OK(kiln_task_kill(&spare, 0));
    free_all();
}

static int check_timeouts(void *arg)
{
    (void)arg;
    for (int i = 0; i < WAITS; i++) {
        CHECK_EQ(wait_for(i, KILN_NO_WAIT), KILN_EAGAIN);
        test_align();
        kiln_ticks_t start = kiln_ticks();
        CHECK_EQ(wait_for(i, 3), KILN_ETIMEOUT);
        CHECK_EQ(kiln_ticks() - start, 3);
    }
    return 0;
}

CASE_IF(every_wait_times_out_on_time, TEST_EXACT)
{
    make_all();
    create_spare_sleeper();
    (void)test_task(check_timeouts, NULL, TEST_PRIO + 1);
    test_join_all();
    CHECK_OK(kiln_task_kill(&spare, 0));
    free_all();
}

static int check_refusals(void *arg)
{
    (void)arg;
    kiln_sched_lock();
    for (int i = 0; i < WAITS; i++) {
        CHECK_EQ(wait_for(i, 5), KILN_ELOCKED);
        CHECK_EQ(wait_for(i, KILN_FOREVER), KILN_ELOCKED);
        CHECK_EQ(wait_for(i, KILN_NO_WAIT), KILN_EAGAIN);
    }
    CHECK_OK(kiln_sched_unlock());
    return 0;
}

static void check_refusals_in_interrupt(void)
{
    for (int i = 0; i < WAITS; i++) {
        CHECK_EQ(wait_for(i, 5), KILN_EISR);
        CHECK_EQ(wait_for(i, KILN_FOREVER), KILN_EISR);
        if (i != 1) { /* a mutex is of no use to an interrupt, however long it would wait */
            CHECK_EQ(wait_for(i, KILN_NO_WAIT), KILN_EAGAIN);
        }
    }
    test_mark('i');
}

CASE(every_wait_is_refused_where_it_cannot_block)
{
    make_all();
    create_spare_sleeper();
    (void)test_task(check_refusals, NULL, TEST_PRIO + 1);
    test_irq_trigger(check_refusals_in_interrupt);
    CHECK_LOG("i");
    CHECK_OK(kiln_task_kill(&spare, 0));
    free_all();
}
#endif

/* ---- Priority ------------------------------------------------------------------------------ */

static int mark_twice(void *arg)
{
    test_mark((char)ARG_INT(arg));
    test_mark((char)ARG_INT(arg));
    return 0;
}

CASE(raised_above_the_running_task_runs_at_once)
{
    struct kiln_task *task = test_task(mark_twice, ARG('a'), TEST_PRIO - 1);
    test_mark('c');
    CHECK_OK(kiln_task_set_priority(task, TEST_PRIO + 1));
    CHECK_EQ(kiln_task_priority(task), TEST_PRIO + 1);
    test_mark('c');
    CHECK_LOG("caac");
}

static int lower_itself(void *arg)
{
    (void)arg;
    test_mark('a');
    CHECK_OK(kiln_task_set_priority(kiln_task_self(), TEST_PRIO - 1));
    test_mark('a');
    return 0;
}

CASE(lowered_below_another_gives_way_at_once)
{
    (void)test_task(lower_itself, NULL, TEST_PRIO + 1);
    test_mark('c');
    test_join_all();
    CHECK_LOG("aca");
}

CASE(set_priority_goes_behind_its_equals)
{
    struct kiln_task *tasks[3];
    for (int i = 0; i < 3; i++) {
        tasks[i] = test_task(mark_arg, ARG('a' + i), TEST_PRIO - 2);
    }
    CHECK_OK(kiln_task_set_priority(tasks[1], TEST_PRIO - 1));
    CHECK_OK(kiln_task_set_priority(tasks[0], TEST_PRIO - 3));
    CHECK_OK(kiln_task_set_priority(tasks[0], TEST_PRIO - 1));
    test_join_all();
    CHECK_LOG("bac");
}

CASE(set_priority_rejects_what_is_out_of_range)
{
    struct kiln_task *task = test_task(return_arg, NULL, TEST_PRIO + 1);
    CHECK_EQ(kiln_task_set_priority(kiln_task_self(), KILN_CFG_PRIORITIES), KILN_EINVAL);
    CHECK_EQ(kiln_task_set_priority(kiln_task_self(), UINT32_MAX), KILN_EINVAL);
    CHECK_EQ(kiln_task_set_priority(task, TEST_PRIO), KILN_ESTATE);
}

CASE(priorities_from_the_least_to_the_most_urgent)
{
    (void)test_task(mark_arg, ARG('0'), KILN_PRIORITY_MIN);
    (void)test_task(mark_arg, ARG('M'), KILN_PRIORITY_MAX);
    (void)test_task(mark_arg, ARG('1'), KILN_PRIORITY_MIN + 1);
    CHECK_LOG("M");
    test_join_all();
    CHECK_LOG("10");
}

/* ---- Yield --------------------------------------------------------------------------------- */

static int mark_and_yield(void *arg)
{
    for (int i = 0; i < 3; i++) {
        test_mark((char)ARG_INT(arg));
        CHECK_OK(kiln_task_yield());
    }
    return 0;
}

CASE(yield_lets_each_equal_run_in_turn)
{
    (void)test_task(mark_and_yield, ARG('a'), TEST_PRIO);
    (void)test_task(mark_and_yield, ARG('b'), TEST_PRIO);
    (void)test_task(mark_and_yield, ARG('c'), TEST_PRIO);
    (void)test_task(mark_arg, ARG('l'), TEST_PRIO - 1); /* no equal */
    for (int i = 0; i < 4; i++) {
        test_mark('-');
        CHECK_OK(kiln_task_yield());
    }
    CHECK_LOG("-abc-abc-abc-");
    test_join_all();
    CHECK_LOG("l");
}

static void yield_in_interrupt(void)
{
    CHECK_EQ(kiln_task_yield(), KILN_EISR);
    test_mark('i');
}

CASE(yield_where_it_cannot_switch_is_refused)
{
    kiln_sched_lock();
    CHECK_EQ(kiln_task_yield(), KILN_ELOCKED);
    CHECK_OK(kiln_sched_unlock());
    test_irq_trigger(yield_in_interrupt);
    CHECK_LOG("i");
}

/* ---- Information --------------------------------------------------------------------------- */

CASE(info_shows_states_and_priorities)
{
    struct kiln_task_info info;
    struct kiln_task *task = test_new_task(sleep_long, NULL, TEST_PRIO + 3);
    CHECK_OK(kiln_task_get_info(kiln_task_self(), &info));
    CHECK_EQ(info.state, KILN_TASK_RUNNING);
    CHECK_EQ(info.priority, TEST_PRIO);
    CHECK_OK(kiln_task_get_info(task, &info));
    CHECK_EQ(info.state, KILN_TASK_NEW);
    CHECK_OK(kiln_task_start(task));
    CHECK_OK(kiln_task_get_info(task, &info));
    CHECK_EQ(info.state, KILN_TASK_BLOCKED);
    CHECK_WAITS(task, KILN_WAIT_SLEEP);
    CHECK_SAME(info.wait_object, NULL);
    CHECK_EQ(info.base_priority, TEST_PRIO + 3);
    CHECK_OK(kiln_task_suspend(task));
    CHECK_EQ(test_state(task), KILN_TASK_SUSPENDED);
    CHECK_OK(kiln_task_resume(task));
    CHECK_EQ(test_state(task), KILN_TASK_BLOCKED);
    CHECK_OK(kiln_task_kill(task, 0));
    CHECK_EQ(test_state(task), KILN_TASK_TERMINATED);
    CHECK_EQ(kiln_task_get_info(task, NULL), KILN_EINVAL);
#if KILN_CFG_NAMES
    CHECK(strcmp(info.name, "w0") == 0);
#endif
}

#if KILN_CFG_STATS
static int work(void *arg)
{
    (void)arg;
    test_spin(10);
    CHECK_OK(kiln_task_sleep(10));
    test_spin(10);
    return 0;
}

static struct kiln_task_info info_of(const struct kiln_task *task)
{
    struct kiln_task_info info;
    CHECK_OK(kiln_task_get_info(task, &info));
    return info;
}

CASE_IF(info_counts_cpu_time_and_switches, TEST_EXACT)
{
    struct kiln_task_info before = info_of(kiln_task_self());
    struct kiln_task *task = test_new_task(work, NULL, TEST_PRIO + 1);
    test_align();
    CHECK_OK(kiln_task_start(task));
    CHECK_OK(kiln_task_sleep(25)); /* asleep while it works again */
    struct kiln_task_info worker = info_of(task), after = info_of(kiln_task_self());
    CHECK_WITHIN(worker.cpu_us, 19U * 1000000U / KILN_CFG_TICK_HZ,
                 21U * 1000000U / KILN_CFG_TICK_HZ);
    CHECK_EQ(worker.switches, 2);
    CHECK_WITHIN(after.switches - before.switches, 3, 3);
    CHECK_WITHIN(after.cpu_us - before.cpu_us, 0, 1000000U / KILN_CFG_TICK_HZ);
}
#endif

#if KILN_CFG_STACK_CHECK && !defined(__SANITIZE_ADDRESS__) /* which keeps arrays elsewhere */
/* More than the first frame takes on a host. */
#define DEEP_BYTES (sizeof(void *) == 8 ? 2000U : 200U)

static int use_stack(void *arg)
{
    volatile uint8_t space[DEEP_BYTES];
    for (size_t i = 0; i < sizeof(space); i++) {
        space[i] = (uint8_t)i;
    }
    CHECK_OK(kiln_task_sleep(1)); /* a host looks at switches */
    return space[10] + ARG_INT(arg);
}

CASE(info_measures_the_stack)
{
    struct kiln_task_info info;
    struct kiln_task *shallow = test_task(sleep_long, NULL, TEST_PRIO + 1);
    struct kiln_task *deep = test_task(use_stack, NULL, TEST_PRIO + 1);
    CHECK_OK(kiln_task_get_info(shallow, &info));
    size_t used = info.stack_used_max_bytes;
    CHECK(used > 0);
    CHECK(info.stack_bytes >= PORT_STACK_MIN);
    CHECK_OK(kiln_task_sleep(3));
    CHECK_OK(kiln_task_get_info(deep, &info));
    CHECK(info.stack_used_max_bytes >= DEEP_BYTES);
    CHECK(info.stack_used_max_bytes > used);
    CHECK_OK(kiln_task_kill(shallow, 0));
}
#endif

#if KILN_CFG_TASK_LIST
CASE(iteration_finds_all_living_tasks_in_order_of_creation)
{
    struct kiln_task *a = test_new_task(mark_arg, NULL, TEST_PRIO);
    struct kiln_task *b = test_task(sleep_long, NULL, TEST_PRIO + 1);
    struct kiln_task *c = test_task(sleep_long, NULL, TEST_PRIO + 2);
    struct kiln_task *task = kiln_task_next(NULL); /* idle */
    CHECK_SAME(task = kiln_task_next(task), kiln_task_self());
    CHECK_SAME(task = kiln_task_next(task), a);
    CHECK_SAME(task = kiln_task_next(task), b);
    CHECK_SAME(task = kiln_task_next(task), c);
    CHECK_SAME(kiln_task_next(task), NULL);
    CHECK_OK(kiln_task_kill(b, 0));
    CHECK_SAME(kiln_task_next(a), c);
    CHECK_OK(kiln_task_kill(c, 0));
    CHECK_SAME(kiln_task_next(a), NULL);
    CHECK_OK(kiln_task_kill(a, 0));
    CHECK_SAME(kiln_task_next(kiln_task_self()), NULL);
}
#endif

/* ---- The idle task's priority -------------------------------------------------------------- */

static int take_turns(void *arg)
{
    for (int i = 0; i < 3; i++) {
        test_mark((char)ARG_INT(arg));
        CHECK_OK(kiln_task_yield());
    }
    return 0;
}

/* They are not in each other's way, nor in the idle task's; and it does not sleep meanwhile. */
CASE_IF(tasks_of_the_least_priority_take_turns_within_a_tick, TEST_EXACT)
{
    test_align();
    kiln_ticks_t start = kiln_ticks();
    (void)test_task(take_turns, ARG('a'), KILN_PRIORITY_MIN);
    (void)test_task(take_turns, ARG('b'), KILN_PRIORITY_MIN);
    test_join_all();
    CHECK_LOG("ababab");
    CHECK_WITHIN(kiln_ticks() - start, 0, 1);
}
