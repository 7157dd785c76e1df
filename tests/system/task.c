/* Tasks: creation, end and join, priorities, yield. */
#include "harness.h"

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

/* ---- Creation ------------------------------------------------------------------------------ */

CASE(new_task_does_not_run_before_it_is_started)
{
    struct kiln_task *task = test_new_task(test_mark_arg, ARG('a'), TEST_PRIO + 1);
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
    struct kiln_task *task = test_task(test_sleep_long, NULL, TEST_PRIO + 1);
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
    to_start = test_new_task(test_mark_arg, ARG('a'), TEST_PRIO + 1);
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
    struct kiln_task *killed = test_task(test_sleep_long, NULL, TEST_PRIO + 1);
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
    struct kiln_task *task = test_task(test_sleep_long, NULL, TEST_PRIO + 1);
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
    joined = test_task(test_sleep_long, NULL, TEST_PRIO + 6);
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
    joined = test_task(test_sleep_long, NULL, TEST_PRIO + 6);
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
    joined = test_task(test_sleep_long, NULL, TEST_PRIO + 1);
    kiln_sched_lock();
    CHECK_EQ(kiln_task_join(joined, NULL, KILN_FOREVER), KILN_ELOCKED);
    CHECK_OK(kiln_sched_unlock());
    test_irq_trigger(join_in_interrupt);
    CHECK_LOG("i");
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
        tasks[i] = test_task(test_mark_arg, ARG('a' + i), TEST_PRIO - 2);
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
    (void)test_task(test_mark_arg, ARG('0'), KILN_PRIORITY_MIN);
    (void)test_task(test_mark_arg, ARG('M'), KILN_PRIORITY_MAX);
    (void)test_task(test_mark_arg, ARG('1'), KILN_PRIORITY_MIN + 1);
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
    (void)test_task(test_mark_arg, ARG('l'), TEST_PRIO - 1); /* no equal */
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
