/* The timeout queue against a plain array: random starts, cancels and expiries, across the wrap of
 * the tick count and of the arrival numbers; order among equals; and the length of its paths. */
#include "unit.h"

#include <stdlib.h>

#include "core/timeout.h"

#if KILN_CFG_TIMER

#define NODES 3000U

static struct kiln_timer timers[NODES];

/* The reference: what is pending, with its arrival number. */
static struct {
    bool pending;
    uint64_t deadline;
    unsigned arrival;
} expected[NODES];

static unsigned arrivals, fired, last_arrival;
static uint64_t last_deadline;
static bool cancel_in_callback;

/* Each expiry must be the earliest that is pending, and the first to arrive among equals. */
static void on_expiry(struct kiln_timer *timer)
{
    unsigned n = (unsigned)(timer - timers);
    assert_true(expected[n].pending);
    assert_true(kernel.now == expected[n].deadline);
    if (expected[n].deadline == last_deadline) {
        assert_true(expected[n].arrival > last_arrival);
    }
    last_deadline = expected[n].deadline;
    last_arrival = expected[n].arrival;
    expected[n].pending = false;
    fired++;
    if (cancel_in_callback && random_below(4) == 0) {
        unsigned victim = random_below(NODES);
        assert_int_equal(kiln_timer_stop(&timers[victim]),
                         expected[victim].pending ? KILN_OK : KILN_ESTATE);
        expected[victim].pending = false;
    }
}

static int setup(void **state)
{
    (void)unit_setup(state);
    memset(timers, 0, sizeof(timers));
    memset(expected, 0, sizeof(expected));
    arrivals = fired = last_arrival = 0;
    last_deadline = 0;
    cancel_in_callback = false;
    for (unsigned n = 0; n < NODES; n++) {
        (void)kiln_timer_init(&timers[n], on_expiry);
    }
    unit_check_always(false); /* it looks at all of them: now and then is enough */
    return 0;
}

static void start(unsigned n, kiln_ticks_t ticks)
{
    assert_int_equal(kiln_timer_start(&timers[n], ticks, 0), KILN_OK);
    expected[n].pending = true;
    expected[n].deadline = kernel.now + ticks;
    expected[n].arrival = ++arrivals;
}

static void stop(unsigned n)
{
    assert_int_equal(kiln_timer_stop(&timers[n]), expected[n].pending ? KILN_OK : KILN_ESTATE);
    expected[n].pending = false;
}

/* Nothing that was due is still pending; the next one is what the queue says. */
static void compare(void)
{
    uint64_t next = UINT64_MAX;
    for (unsigned n = 0; n < NODES; n++) {
        if (expected[n].pending) {
            assert_true(expected[n].deadline > kernel.now);
            next = expected[n].deadline < next ? expected[n].deadline : next;
        }
        assert_int_equal(kiln_timer_active(&timers[n]), expected[n].pending);
    }
    kiln_ticks_t left = k_timeout_next_locked();
    assert_true(next == UINT64_MAX ? left == KILN_FOREVER : left == next - kernel.now);
}

static void random_steps(unsigned steps, kiln_ticks_t span)
{
    for (unsigned step = 0; step < steps; step++) {
        uint32_t dice = random_below(100);
        if (dice < 70) {
            start(random_below(NODES), 1 + random_below(span));
        } else if (dice < 90) {
            stop(random_below(NODES));
        } else {
            fake_tick(1 + random_below(span / 50 + 1));
        }
        if (step % 500 == 0) {
            compare();
            check();
        }
    }
    compare();
    check();
}

static void random_use_matches_the_reference(void **state)
{
    (void)state;
    random_start();
    random_steps(20000, 5000);
    assert_true(fired > 1000);
}

static void crowded_deadlines_keep_their_order(void **state)
{
    (void)state;
    random_start();
    random_steps(20000, 20);
    assert_true(fired > 3000);
}

static void callbacks_may_cancel_others(void **state)
{
    (void)state;
    random_start();
    cancel_in_callback = true;
    random_steps(20000, 200);
    assert_true(fired > 1000);
}

static void ticks_wrap(void **state)
{
    (void)state;
    random_start();
    kernel.now = UINT64_C(0x1FFFFFFFF) - 4000;
    random_steps(20000, 5000);
    assert_true(kernel.now > UINT64_C(0x200000000));
}

static void arrival_numbers_wrap(void **state)
{
    (void)state;
    random_start();
    kernel.timeout_order = UINT32_MAX - 1 - 2 * 5000;
    random_steps(20000, 20);
    assert_true(kernel.timeout_order < UINT32_MAX / 2);
}

static void longest_delay_ends_last(void **state)
{
    (void)state;
    start(0, KILN_FOREVER - 1);
    start(1, 1);
    fake_tick(KILN_FOREVER - 2);
    assert_int_equal(fired, 1);
    assert_true(kiln_timer_active(&timers[0]));
    fake_tick(1);
    assert_int_equal(fired, 2);
    compare();
}

static void equal_deadlines_end_in_turn(void **state)
{
    (void)state;
    for (unsigned n = 0; n < NODES; n++) {
        start((n * 7) % NODES, 10); /* neither in the order of addresses */
    }
    fake_tick(10);
    assert_int_equal(fired, NODES);
}

/* Steps on the way to a node: what starting and cancelling it are made of. */
static unsigned depth_of(const struct kiln_timeout *node)
{
    const struct kiln_timeout *at = kernel.timeouts;
    unsigned depth = 0;
    while (at != node) {
        assert_non_null(at);
        at = at->child[k_timeout_way(node, depth)];
        depth++;
    }
    return depth;
}

/* The longest path with n sleepers, whose deadlines grow, shrink, or are all over the place. */
static unsigned longest_path(struct kiln_timeout *nodes, unsigned count, int order)
{
    unsigned longest = 0;
    for (unsigned n = 0; n < count; n++) {
        kiln_ticks_t ticks = order > 0   ? 1 + n
                             : order < 0 ? 1 + count - n
                                         : 1 + random_below(1000000);
        unsigned key = port_irq_save();
        k_timeout_start_locked(&nodes[n], K_TIMEOUT_TIMER, ticks);
        port_irq_restore(key);
    }
    for (unsigned n = 0; n < count; n++) {
        unsigned depth = depth_of(&nodes[n]);
        longest = depth > longest ? depth : longest;
    }
    kernel.timeouts = NULL;
    return longest;
}

static void ten_thousand_sleepers_cost_a_few_steps_more(void **state)
{
    (void)state;
    random_start();
    struct kiln_timeout *nodes = (struct kiln_timeout *)calloc(10000, sizeof(*nodes));
    assert_non_null(nodes);
    for (int order = -1; order <= 1; order++) {
        unsigned small = longest_path(nodes, 100, order);
        unsigned large = longest_path(nodes, 10000, order);
        print_message("longest path, %s deadlines: %u steps for 100, %u for 10000\n",
                      order < 0   ? "falling"
                      : order > 0 ? "growing"
                                  : "random",
                      small, large);
        assert_true(large <= small + 16); /* 100 times as many: 7 levels in a full tree */
        assert_true(large <= 40);
    }
    free(nodes);
}

/* Thousands of sleepers as tasks see them: wake-ups in order, with the tick count about to wrap. */
static void sleeping_tasks_wake_in_order(void **state)
{
    (void)state;
    NEED_PRIORITIES(4);
    kernel.now = UINT32_MAX - 3;
    unit_check_always(true);
    static const kiln_ticks_t delays[] = {5, 3, 5, 9, 1, 3, 7};
    static const unsigned order[] = {4, 1, 5, 0, 2, 6, 3};
    for (unsigned n = 0; n < COUNT_OF(delays); n++) {
        (void)create(n, 3);
        assert_int_equal(play_sleep(delays[n]), BLOCKED);
    }
    for (unsigned n = 0; n < COUNT_OF(order); n++) {
        while (kiln_task_self() == &kernel.idle) {
            fake_tick(1);
        }
        assert_running(&tasks[order[n]]);
        assert_int_equal(kiln_ticks(), (kiln_ticks_t)(UINT32_MAX - 3 + delays[order[n]]));
        assert_int_equal(play_return(&tasks[order[n]]), KILN_OK);
        assert_int_equal(play_suspend(&tasks[order[n]]), BLOCKED);
    }
}

static unsigned timeouts_ended(void)
{
    unsigned count = 0;
    for (unsigned n = 0; n < 3; n++) {
        count += !(tasks[n].flags & K_TASK_TIMED);
        count += !kiln_timer_active(&timers[n]);
    }
    return count;
}

static void tick_five(void)
{
    fake_tick(5);
}

/* An interrupt waits for one of them at most, however many end at one tick. */
static void each_timeout_ends_in_a_masked_section_of_its_own(void **state)
{
    (void)state;
    NEED_PRIORITIES(4);
    for (unsigned n = 0; n < 3; n++) {
        (void)create(n, 3);
        assert_int_equal(play_sleep(5), BLOCKED);
    }
    for (unsigned n = 0; n < 3; n++) {
        start(n, 5);
    }
    assert_int_equal(longest_masked_step(timeouts_ended, tick_five), 1);
    assert_int_equal(timeouts_ended(), 6);
}

/* One call for many ticks does what as many calls would: every deadline on the way at its time. */
static void many_ticks_at_once_miss_nothing(void **state)
{
    (void)state;
    start(0, 10);
    start(1, 20);
    start(2, 30);
    fake_tick(25);
    assert_int_equal(fired, 2);
    assert_int_equal(kiln_timer_remaining(&timers[2]), 5);
}

#define SETUP setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(random_use_matches_the_reference),
        TEST(crowded_deadlines_keep_their_order),
        TEST(callbacks_may_cancel_others),
        TEST(ticks_wrap),
        TEST(arrival_numbers_wrap),
        TEST(longest_delay_ends_last),
        TEST(equal_deadlines_end_in_turn),
        TEST(ten_thousand_sleepers_cost_a_few_steps_more),
        TEST(sleeping_tasks_wake_in_order),
        TEST(each_timeout_ends_in_a_masked_section_of_its_own),
        TEST(many_ticks_at_once_miss_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
NO_TESTS("timers, by which the timeout queue is tested,")
#endif
