/* Event flags: every documented result, waiters that see one value, and what comes in the gaps
 * of a set: interrupts that set, clear, time out and kill. */
#include "unit.h"

#if KILN_CFG_FLAGS

static struct kiln_flags flags;
KILN_FLAGS_DEFINE(defined);

static uint32_t seen[UNIT_TASKS];

static int setup(void **state)
{
    (void)unit_setup(state);
    memset(&flags, 0, sizeof(flags));
    memset(seen, 0, sizeof(seen));
    (void)kiln_flags_init(&flags);
    return 0;
}

static void wait_rejects_bad_arguments(void **state)
{
    (void)state;
    assert_int_equal(kiln_flags_init(NULL), KILN_EINVAL);
    assert_int_equal(kiln_flags_wait(&flags, 0, KILN_FLAGS_ANY, NULL, 0), KILN_EINVAL);
    assert_int_equal(kiln_flags_wait(&flags, 1, 4, NULL, 0), KILN_EINVAL);
    assert_int_equal(kiln_flags_wait(&flags, 1, ~0U, NULL, 0), KILN_EINVAL);
}

#if KILN_CFG_CHECKS
static void bad_objects_panic(void **state)
{
    (void)state;
    static struct kiln_flags none;
    assert_panics("not an initialised object", (void)kiln_flags_set(&none, 1));
    assert_panics("not an initialised object", (void)kiln_flags_clear(&none, 1));
    assert_panics("not an initialised object", (void)kiln_flags_get(&none));
    assert_panics("not an initialised object", (void)kiln_flags_destroy(&none));
    assert_panics("not an initialised object", (void)kiln_flags_wait(&none, 1, 0, NULL, 0));
    assert_panics("initialised twice", (void)kiln_flags_init(&flags));
    assert_int_equal(kiln_flags_destroy(&flags), KILN_OK);
    assert_int_equal(kiln_flags_init(&flags), KILN_OK);
}
#endif

static void sets_clears_and_looks(void **state)
{
    (void)state;
    uint32_t value = 99;
    assert_int_equal(kiln_flags_get(&defined), 0);
    assert_int_equal(kiln_flags_wait(&flags, 6, KILN_FLAGS_ANY, &value, KILN_NO_WAIT), KILN_EAGAIN);
    assert_int_equal(value, 99);
    assert_int_equal(kiln_flags_set(&flags, 0x80000005), KILN_OK);
    assert_int_equal(kiln_flags_get(&flags), 0x80000005);
    assert_int_equal(kiln_flags_wait(&flags, 6, KILN_FLAGS_ANY, &value, KILN_NO_WAIT), KILN_OK);
    assert_int_equal(value, 0x80000005);
    assert_int_equal(kiln_flags_wait(&flags, 6, KILN_FLAGS_ALL, &value, KILN_NO_WAIT), KILN_EAGAIN);
    assert_int_equal(kiln_flags_clear(&flags, 1), KILN_OK);
    assert_int_equal(kiln_flags_get(&flags), 0x80000004);
}

/* What is cleared is what was waited for, though one bit was enough. */
static void clears_on_success(void **state)
{
    (void)state;
    uint32_t value = 0;
    (void)kiln_flags_set(&flags, 0x0D);
    assert_int_equal(
        kiln_flags_wait(&flags, 0x06, KILN_FLAGS_ALL | KILN_FLAGS_CLEAR, &value, KILN_NO_WAIT),
        KILN_EAGAIN);
    assert_int_equal(kiln_flags_get(&flags), 0x0D);
    assert_int_equal(kiln_flags_wait(&flags, 0x06, KILN_FLAGS_CLEAR, &value, KILN_NO_WAIT),
                     KILN_OK);
    assert_int_equal(value, 0x0D);
    assert_int_equal(kiln_flags_get(&flags), 0x09);
}

static int wait_in_isr(void)
{
    return kiln_flags_wait(&flags, 1, 0, NULL, 5);
}

static void cannot_block_where_nobody_can(void **state)
{
    (void)state;
    assert_int_equal(in_interrupt(wait_in_isr), KILN_EISR);
    kiln_sched_lock();
    assert_int_equal(kiln_flags_wait(&flags, 1, 0, NULL, 5), KILN_ELOCKED);
    (void)kiln_sched_unlock();
    (void)kiln_flags_set(&flags, 1);
    assert_int_equal(in_interrupt(wait_in_isr), KILN_OK);
}

/* tasks[n] of priority `prio` waits. */
static void waiter(unsigned n, unsigned prio, uint32_t bits, unsigned options, kiln_ticks_t ticks)
{
    (void)create(n, prio);
    assert_running(&tasks[n]);
    assert_int_equal(play_flags_wait(&flags, bits, options, &seen[n], ticks), BLOCKED);
}

/* tasks[n] runs, its wait ends like this, and it sleeps. */
static void ends(unsigned n, int result, uint32_t value)
{
    assert_running(&tasks[n]);
    assert_int_equal(play_return(&tasks[n]), result);
    assert_int_equal(seen[n], value);
    assert_int_equal(play_sleep(1000), BLOCKED);
}

static void all_waiters_see_the_same_value(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    waiter(0, 3, 0x1, KILN_FLAGS_CLEAR, KILN_FOREVER);
    waiter(1, 5, 0x3, KILN_FLAGS_ALL | KILN_FLAGS_CLEAR, KILN_FOREVER);
    waiter(2, 4, 0x4, KILN_FLAGS_ANY, KILN_FOREVER);
    waiter(3, 4, 0x2, KILN_FLAGS_ANY, KILN_FOREVER);
    assert_int_equal(kiln_flags_destroy(&flags), KILN_ESTATE);
    assert_int_equal(play_flags_set(&flags, 0x3), BLOCKED);
    ends(1, KILN_OK, 0x3);
    ends(3, KILN_OK, 0x3);
    ends(0, KILN_OK, 0x3);
    assert_int_equal(play_return(&kernel.idle), KILN_OK);
    assert_int_equal(kiln_flags_get(&flags), 0);
    assert_int_equal(play_flags_set(&flags, 0x4), BLOCKED);
    ends(2, KILN_OK, 0x4);
    assert_int_equal(kiln_flags_get(&flags), 0x4);
}

static void those_who_wait_on_keep_their_order(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    waiter(0, 3, 0x1, 0, KILN_FOREVER);
    waiter(1, 3, 0x1, 0, KILN_FOREVER);
    waiter(2, 5, 0x1, 0, KILN_FOREVER);
    for (int i = 0; i < 5; i++) { /* each moves all of them to the other queue */
        assert_int_equal(kiln_flags_set(&flags, 0x10), KILN_OK);
    }
    assert_int_equal(play_flags_set(&flags, 0x1), BLOCKED);
    ends(2, KILN_OK, 0x11);
    ends(0, KILN_OK, 0x11);
    ends(1, KILN_OK, 0x11);
}

static void timeout_leaves_the_value_alone(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    seen[0] = 99;
    waiter(0, 3, 0x1, KILN_FLAGS_CLEAR, 4);
    (void)kiln_flags_set(&flags, 2);
    fake_tick(4);
    ends(0, KILN_ETIMEOUT, 99);
    assert_int_equal(kiln_flags_get(&flags), 2);
    assert_int_equal(kiln_flags_destroy(&flags), KILN_OK);
}

/* ---- In the gaps of a set ------------------------------------------------------------------ */

static unsigned gap_wanted, gaps_seen;
static void (*gap_action)(void);

static void on_gap(void)
{
    if (flags.setting && gaps_seen++ == gap_wanted) {
        fake_interrupt(gap_action);
    }
}

/* A set with three waiters, and an interrupt in its n-th gap; returns false when there is no
 * n-th gap. */
static bool set_with_interrupt(unsigned n, uint32_t bits, void (*action)(void))
{
    gap_wanted = n;
    gaps_seen = 0;
    gap_action = action;
    fake.gap = on_gap;
    (void)play_flags_set(&flags, bits);
    fake.gap = NULL;
    return gaps_seen > n;
}

static void set_in_isr(void)
{
    assert_int_equal(kiln_flags_set(&flags, 0x2), KILN_OK);
    assert_true(kiln_flags_get(&flags) & 0x2);
}

/* Wherever the second set comes, everybody is woken; the task that waits for both bits, too. */
static void a_set_in_each_gap_is_not_lost(void **state)
{
    NEED_PRIORITIES(8);
    unsigned n = 0;
    for (bool more = true; more; n++) {
        (void)setup(state);
        waiter(0, 3, 0x2, 0, KILN_FOREVER);
        waiter(1, 5, 0x1, 0, KILN_FOREVER);
        waiter(2, 4, 0x3, KILN_FLAGS_ALL, KILN_FOREVER);
        more = set_with_interrupt(n, 0x1, set_in_isr);
        if (more) {
            assert_running(&tasks[1]);
            assert_int_equal(play_return(&tasks[1]), KILN_OK);
            assert_true(seen[1] == 0x1 || seen[1] == 0x3);
            (void)play_sleep(1000);
            ends(2, KILN_OK, 0x3);
            ends(0, KILN_OK, 0x3);
            assert_int_equal(kiln_flags_get(&flags), 0x3);
        }
    }
    assert_true(n > 3); /* there were three gaps at least */
}

static void destroy_in_isr(void)
{
    assert_int_equal(kiln_flags_destroy(&flags), KILN_ESTATE);
}

/* After the last waiter both queues are empty, and the set still has work to do. */
static void a_set_under_way_cannot_be_destroyed(void **state)
{
    NEED_PRIORITIES(8);
    for (unsigned n = 0; n < 3; n++) {
        (void)setup(state);
        waiter(0, 3, 0x1, 0, KILN_FOREVER);
        waiter(1, 5, 0x1, 0, KILN_FOREVER);
        assert_int_equal(set_with_interrupt(n, 0x1, destroy_in_isr), n < 2);
    }
}

static void set_and_wait_in_isr(void)
{
    uint32_t value = 0;
    assert_int_equal(kiln_flags_set(&flags, 0x8), KILN_OK);
    assert_int_equal(kiln_flags_wait(&flags, 0x8, KILN_FLAGS_CLEAR, &value, KILN_NO_WAIT), KILN_OK);
    assert_true(value & 0x8);
    assert_int_equal(kiln_flags_wait(&flags, 0x8, 0, NULL, KILN_NO_WAIT), KILN_EAGAIN);
}

/* What an interrupt sets in a gap it can see, and consume. */
static void an_interrupt_sees_what_it_set_in_a_gap(void **state)
{
    NEED_PRIORITIES(8);
    (void)setup(state);
    waiter(0, 3, 0x1, 0, KILN_FOREVER);
    waiter(1, 5, 0x2, 0, KILN_FOREVER);
    assert_true(set_with_interrupt(0, 0x1, set_and_wait_in_isr));
    assert_int_equal(kiln_flags_get(&flags), 0x1);
}

static void clear_in_isr(void)
{
    assert_int_equal(kiln_flags_set(&flags, 0x2), KILN_OK);
    assert_int_equal(kiln_flags_clear(&flags, 0x2), KILN_OK);
}

static void a_bit_set_and_cleared_in_a_gap_is_gone(void **state)
{
    NEED_PRIORITIES(8);
    for (unsigned n = 0; n < 3; n++) {
        (void)setup(state);
        waiter(0, 3, 0x2, 0, KILN_FOREVER);
        waiter(1, 4, 0x2, 0, KILN_FOREVER);
        waiter(2, 5, 0x1, 0, KILN_FOREVER);
        assert_true(set_with_interrupt(n, 0x1, clear_in_isr));
        ends(2, KILN_OK, 0x1);
        assert_running(&kernel.idle);
        assert_int_equal(play_return(&kernel.idle), KILN_OK);
        assert_int_equal(kiln_flags_get(&flags), 0x1);
    }
}

static void one_tick(void)
{
    kernel_tick(1);
}

/* The timeout ends a wait that the set has not looked at yet, or has, or has ended. */
static void a_timeout_in_each_gap_ends_one_wait(void **state)
{
    NEED_PRIORITIES(8);
    for (unsigned n = 0; n < 3; n++) {
        (void)setup(state);
        waiter(0, 5, 0x1, 0, 1);
        waiter(1, 4, 0x2, 0, 1);
        waiter(2, 3, 0x1, 0, 1);
        assert_true(set_with_interrupt(n, 0x1, one_tick));
        ends(0, KILN_OK, 0x1);
        ends(1, KILN_ETIMEOUT, 0);
        ends(2, n < 2 ? KILN_ETIMEOUT : KILN_OK, n < 2 ? 0 : 0x1);
    }
}

static void kill_in_isr(void)
{
    (void)kiln_task_kill(&tasks[0], 0);
    (void)kiln_task_kill(&tasks[2], 0);
}

static void a_kill_in_each_gap_takes_the_waiter_away(void **state)
{
    NEED_PRIORITIES(8);
    for (unsigned n = 0; n < 3; n++) {
        (void)setup(state);
        waiter(0, 5, 0x2, 0, KILN_FOREVER);
        waiter(1, 4, 0x1, 0, KILN_FOREVER);
        waiter(2, 3, 0x1, 0, KILN_FOREVER);
        assert_true(set_with_interrupt(n, 0x1, kill_in_isr));
        ends(1, KILN_OK, 0x1);
        assert_running(&kernel.idle);
        assert_int_equal(play_return(&kernel.idle), KILN_OK);
        assert_int_equal(kiln_flags_destroy(&flags), KILN_OK);
    }
}

static void kill_setter_in_isr(void)
{
    assert_int_equal(kiln_task_kill(&tasks[3], 0), KILN_OK);
}

/* The set goes on to its end, and the task that called it does not get further. */
static void a_kill_of_the_setter_in_each_gap_ends_it_after_the_set(void **state)
{
    NEED_PRIORITIES(8);
    for (unsigned n = 0; n < 3; n++) {
        (void)setup(state);
        waiter(0, 5, 0x2, 0, KILN_FOREVER);
        waiter(1, 4, 0x1, 0, KILN_FOREVER);
        waiter(2, 2, 0x1, 0, KILN_FOREVER);
        (void)create(3, 6);
        assert_true(set_with_interrupt(n, 0x1, kill_setter_in_isr));
        assert_true(tasks[3].flags & K_TASK_TERMINATED);
        ends(1, KILN_OK, 0x1);
        ends(2, KILN_OK, 0x1);
        assert_running(&kernel.idle);
        assert_int_equal(kernel.locked, 0);
    }
}

static void raise_in_isr(void)
{
    (void)kiln_task_set_priority(&tasks[1], 7);
}

static void a_changed_priority_in_each_gap_keeps_the_queues_sorted(void **state)
{
    NEED_PRIORITIES(8);
    for (unsigned n = 0; n < 3; n++) {
        (void)setup(state);
        waiter(0, 5, 0x2, 0, KILN_FOREVER);
        waiter(1, 4, 0x2, 0, KILN_FOREVER);
        waiter(2, 3, 0x2, 0, KILN_FOREVER);
        assert_true(set_with_interrupt(n, 0x1, raise_in_isr));
        assert_int_equal(play_flags_set(&flags, 0x2), BLOCKED);
        ends(1, KILN_OK, 0x3);
        ends(0, KILN_OK, 0x3);
        ends(2, KILN_OK, 0x3);
    }
}

#define SETUP setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(wait_rejects_bad_arguments),
#if KILN_CFG_CHECKS
        TEST(bad_objects_panic),
#endif
        TEST(sets_clears_and_looks),
        TEST(clears_on_success),
        TEST(cannot_block_where_nobody_can),
        TEST(all_waiters_see_the_same_value),
        TEST(those_who_wait_on_keep_their_order),
        TEST(timeout_leaves_the_value_alone),
        TEST(a_set_in_each_gap_is_not_lost),
        TEST(a_set_under_way_cannot_be_destroyed),
        TEST(an_interrupt_sees_what_it_set_in_a_gap),
        TEST(a_bit_set_and_cleared_in_a_gap_is_gone),
        TEST(a_timeout_in_each_gap_ends_one_wait),
        TEST(a_kill_in_each_gap_takes_the_waiter_away),
        TEST(a_kill_of_the_setter_in_each_gap_ends_it_after_the_set),
        TEST(a_changed_priority_in_each_gap_keeps_the_queues_sorted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
NO_TESTS("event flags")
#endif
