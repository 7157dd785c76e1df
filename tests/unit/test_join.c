/* Joining a task: every documented result, and what comes in the gaps of a task's end. */
#include "unit.h"

#if KILN_CFG_JOIN

static int join_other_in_isr(void)
{
    return kiln_task_join(&tasks[1], NULL, 5);
}

static void join_rejects_what_it_must(void **state)
{
    (void)state;
    int code = 77;
    struct kiln_task *task = create(1, 0);
    assert_int_equal(kiln_task_join(task, &code, KILN_NO_WAIT), KILN_EAGAIN);
    assert_int_equal(kiln_task_join(kiln_task_self(), &code, KILN_NO_WAIT), KILN_EDEADLK);
    assert_int_equal(in_interrupt(join_other_in_isr), KILN_EISR);
    kiln_sched_lock();
    assert_int_equal(kiln_task_join(task, &code, KILN_FOREVER), KILN_ELOCKED);
    (void)kiln_sched_unlock();
    assert_int_equal(code, 77);
    assert_int_equal(kiln_task_kill(task, -4), KILN_OK);
    assert_int_equal(kiln_task_join(task, &code, KILN_FOREVER), KILN_OK);
    assert_int_equal(code, -4);
    assert_int_equal(kiln_task_join(task, NULL, KILN_NO_WAIT), KILN_OK);
    assert_int_equal(in_interrupt(join_other_in_isr), KILN_OK);
}

static void all_joiners_get_the_code(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    static int codes[3];
    struct kiln_task *task = create(0, 1);
    for (unsigned n = 1; n <= 3; n++) {
        codes[n - 1] = 0;
        (void)create(n, n + 1);
        assert_int_equal(play_join(task, n == 2 ? NULL : &codes[n - 1], 100), BLOCKED);
    }
    assert_running(task);
    assert_int_equal(play_exit(42), BLOCKED);
    for (unsigned n = 3; n >= 1; n--) {
        assert_running(&tasks[n]);
        assert_int_equal(play_return(&tasks[n]), KILN_OK);
        assert_int_equal(codes[n - 1], n == 2 ? 0 : 42);
        assert_int_equal(play_exit(0), BLOCKED);
    }
}

static void join_times_out(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    static int code = 77;
    struct kiln_task *task = create(0, 1);
    struct kiln_task *joiner = create(1, 3);
    assert_int_equal(play_join(task, &code, 3), BLOCKED);
    fake_tick(3);
    assert_int_equal(play_return(joiner), KILN_ETIMEOUT);
    assert_int_equal(code, 77);
}

static unsigned joiners_woken(void)
{
    unsigned count = 0;
    for (unsigned n = 1; n <= 3; n++) {
        count += tasks[n].waitq == NULL;
    }
    return count;
}

static void exit_joined(void)
{
    assert_int_equal(play_exit(0), BLOCKED);
}

/* An interrupt waits for one of them at most, however many there are. */
static void each_joiner_wakes_in_a_masked_section_of_its_own(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    struct kiln_task *task = create(0, 1);
    for (unsigned n = 1; n <= 3; n++) {
        (void)create(n, 1 + n);
        assert_int_equal(play_join(task, NULL, KILN_FOREVER), BLOCKED);
    }
    assert_int_equal(longest_masked_step(joiners_woken, exit_joined), 1);
    assert_int_equal(joiners_woken(), 3);
}

static unsigned kills_in_gap;

static void kill_killer_in_isr(void)
{
    assert_int_equal(kiln_task_kill(&tasks[2], 8), KILN_OK);
}

static void kill_the_killer(void)
{
    if ((tasks[0].flags & K_TASK_TERMINATED) && kernel.locked != 0 && kills_in_gap == 0) {
        kills_in_gap++;
        fake_interrupt(kill_killer_in_isr);
    }
}

/* While a task ends another one an interrupt ends it: it does not get further than that. */
static void a_kill_in_the_gaps_of_a_kill(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    static int code;
    struct kiln_task *victim = create(0, 1), *joiner = create(1, 3);
    assert_int_equal(play_join(victim, &code, KILN_FOREVER), BLOCKED);
    struct kiln_task *killer = create(2, 5);
    kills_in_gap = 0;
    fake.gap = kill_the_killer;
    assert_int_equal(play_kill(victim, 7), BLOCKED);
    fake.gap = NULL;
    assert_int_equal(kills_in_gap, 1);
    assert_int_equal(state_of(victim), KILN_TASK_TERMINATED);
    assert_int_equal(state_of(killer), KILN_TASK_TERMINATED);
    assert_int_equal(kernel.locked, 0);
    assert_running(joiner);
    assert_int_equal(play_return(joiner), KILN_OK);
    assert_int_equal(code, 7);
}

static int create_in_gap_result;

static int init_first_in_isr(void)
{
    struct kiln_task_def def = def_of(0, 0);
    return kiln_task_init(&tasks[0], &def);
}

static void reuse_storage(void)
{
    if (tasks[0].flags & K_TASK_TERMINATED) {
        create_in_gap_result = in_interrupt(init_first_in_isr);
    }
}

/* While a task ends, joiner by joiner, nobody gets at its storage. */
static void storage_is_kept_until_the_end(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    struct kiln_task *task = create(0, 1);
    (void)create(1, 3);
    assert_int_equal(play_join(task, NULL, KILN_FOREVER), BLOCKED);
    create_in_gap_result = 1;
    fake.gap = reuse_storage;
    assert_int_equal(kiln_task_self() == task ? play_exit(1) : 1, BLOCKED);
    fake.gap = NULL;
    assert_int_equal(create_in_gap_result, KILN_EISR);
    assert_int_equal(play_return(&tasks[1]), KILN_OK);
}

#define SETUP unit_setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(join_rejects_what_it_must),
        TEST(all_joiners_get_the_code),
        TEST(join_times_out),
        TEST(each_joiner_wakes_in_a_masked_section_of_its_own),
        TEST(a_kill_in_the_gaps_of_a_kill),
        TEST(storage_is_kept_until_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
NO_TESTS("joins")
#endif
