/* Software timers. */
#include "harness.h"

#define GROUP "timer"

static struct kiln_timer timer, other;
static kiln_ticks_t began;
static kiln_ticks_t fired_at[8];
static unsigned fired;

static void note_time(struct kiln_timer *which)
{
    CHECK(kiln_in_isr());
    CHECK_SAME(which, &timer);
    if (fired < 8) {
        fired_at[fired] = kiln_ticks() - began;
    }
    fired++;
}

static void begin(kiln_timer_fn callback)
{
    fired = 0;
    test_timer(&timer, callback);
    test_align();
    began = kiln_ticks();
}

CASE_IF(one_shot_fires_once_on_time, TEST_EXACT)
{
    begin(note_time);
    CHECK(!kiln_timer_active(&timer));
    CHECK_OK(kiln_timer_start(&timer, 5, 0));
    CHECK(kiln_timer_active(&timer));
    CHECK_EQ(kiln_timer_remaining(&timer), 5);
    CHECK_OK(kiln_task_sleep(3));
    CHECK_EQ(kiln_timer_remaining(&timer), 2);
    test_sleep(20);
    CHECK_EQ(fired, 1);
    CHECK_EQ(fired_at[0], 5);
    CHECK(!kiln_timer_active(&timer));
    CHECK_EQ(kiln_timer_remaining(&timer), 0);
}

CASE_IF(periodic_does_not_drift, TEST_EXACT)
{
    begin(note_time);
    CHECK_OK(kiln_timer_start(&timer, 2, 3));
    CHECK_OK(kiln_task_sleep(18));
    CHECK_OK(kiln_timer_stop(&timer));
    CHECK_EQ(fired, 6);
    for (unsigned i = 0; i < 6; i++) {
        CHECK_EQ(fired_at[i], 2 + 3 * i);
    }
    test_sleep(5);
    CHECK_EQ(fired, 6);
}

CASE_IF(restart_begins_anew, TEST_EXACT)
{
    begin(note_time);
    CHECK_OK(kiln_timer_start(&timer, 4, 4));
    CHECK_OK(kiln_task_sleep(3));
    CHECK_OK(kiln_timer_start(&timer, 4, 0)); /* at 7 instead, and once */
    test_sleep(20);
    CHECK_EQ(fired, 1);
    CHECK_EQ(fired_at[0], 7);
}

CASE(stop_prevents_it)
{
    begin(note_time);
    CHECK_EQ(kiln_timer_stop(&timer), KILN_ESTATE);
    CHECK_OK(kiln_timer_start(&timer, KILN_MS(10000), 0));
    CHECK_EQ(kiln_timer_destroy(&timer), KILN_ESTATE);
    CHECK_OK(kiln_timer_stop(&timer));
    CHECK(!kiln_timer_active(&timer));
    CHECK_EQ(kiln_timer_stop(&timer), KILN_ESTATE);
    CHECK_EQ(fired, 0);
}

CASE(rejects_bad_arguments)
{
    begin(note_time);
    CHECK_EQ(kiln_timer_init(NULL, note_time), KILN_EINVAL);
    CHECK_EQ(kiln_timer_init(&other, NULL), KILN_EINVAL);
    CHECK_EQ(kiln_timer_start(&timer, 0, 5), KILN_EINVAL);
    CHECK_EQ(kiln_timer_start(&timer, KILN_FOREVER, 0), KILN_EINVAL);
    CHECK_EQ(kiln_timer_start(&timer, 1, KILN_FOREVER), KILN_EINVAL);
    CHECK(!kiln_timer_active(&timer));
}

static void mark_static(struct kiln_timer *which)
{
    (void)which;
    test_mark('s');
}

KILN_TIMER_DEFINE(static_timer, mark_static);

CASE(defined_statically_is_ready_for_use)
{
    CHECK(!kiln_timer_active(&static_timer));
    CHECK_OK(kiln_timer_start(&static_timer, 1, 0));
    CHECK_OK(kiln_task_sleep(3));
    CHECK_LOG("s");
}

/* ---- Many
 * ----------------------------------------------------------------------------------------- */

#define MANY 12

static struct kiln_timer many[MANY];

static void mark_index(struct kiln_timer *which)
{
    test_mark((char)('a' + (which - many)));
}

static void start_many(kiln_ticks_t (*delay)(unsigned i))
{
    for (unsigned i = 0; i < MANY; i++) {
        CHECK_OK(kiln_timer_init(&many[i], mark_index));
    }
    test_align();
    for (unsigned i = 0; i < MANY; i++) {
        unsigned shuffled = i * 5 % MANY;
        CHECK_OK(kiln_timer_start(&many[shuffled], delay(shuffled), 0));
    }
}

static void end_many(void)
{
    for (unsigned i = 0; i < MANY; i++) {
        CHECK_OK(kiln_timer_destroy(&many[i]));
    }
}

static kiln_ticks_t all_at_three(unsigned i)
{
    (void)i;
    return 3;
}

CASE_IF(equal_deadlines_fire_in_order_of_their_starts, TEST_EXACT)
{
    start_many(all_at_three);
    CHECK_OK(kiln_task_sleep(5));
    CHECK_LOG("afkdibglejch");
    end_many();
}

static kiln_ticks_t one_after_the_other(unsigned i)
{
    return 20 - i;
}

CASE_IF(different_deadlines_fire_in_their_order, TEST_EXACT)
{
    start_many(one_after_the_other);
    CHECK_OK(kiln_task_sleep(25));
    CHECK_LOG("lkjihgfedcba");
    end_many();
}

CASE_IF(stopping_some_leaves_the_others_in_order, TEST_EXACT)
{
    start_many(all_at_three);
    CHECK_OK(kiln_timer_stop(&many[0]));
    CHECK_OK(kiln_timer_stop(&many[8]));
    CHECK_OK(kiln_timer_stop(&many[7]));
    CHECK_OK(kiln_timer_start(&many[8], 3, 0)); /* to the end */
    CHECK_OK(kiln_task_sleep(5));
    CHECK_LOG("fkdbglejci");
    end_many();
}

/* ---- From the callback
 * ------------------------------------------------------------------------------ */

static void stop_at_third(struct kiln_timer *which)
{
    note_time(which);
    CHECK(kiln_timer_active(which)); /* periodic: pending again */
    if (fired == 3) {
        CHECK_OK(kiln_timer_stop(which));
    }
}

CASE_IF(periodic_stops_itself, TEST_EXACT)
{
    begin(stop_at_third);
    CHECK_OK(kiln_timer_start(&timer, 2, 2));
    test_sleep(20);
    CHECK_EQ(fired, 3);
    CHECK_EQ(fired_at[2], 6);
}

static void restart_longer(struct kiln_timer *which)
{
    note_time(which);
    CHECK(!kiln_timer_active(which)); /* one-shot */
    if (fired < 4) {
        CHECK_OK(kiln_timer_start(which, fired + 1, 0));
    }
}

CASE_IF(one_shot_restarts_itself, TEST_EXACT)
{
    begin(restart_longer);
    CHECK_OK(kiln_timer_start(&timer, 1, 0));
    test_sleep(20);
    CHECK_EQ(fired, 4);
    CHECK_EQ(fired_at[3], 10); /* 1 + 2 + 3 + 4 */
}

static void destroy_itself(struct kiln_timer *which)
{
    test_mark('d');
    CHECK_OK(kiln_timer_destroy(which));
}

CASE(one_shot_destroys_itself)
{
    CHECK_OK(kiln_timer_init(&other, destroy_itself));
    CHECK_OK(kiln_timer_start(&other, 1, 0));
    CHECK_OK(kiln_task_sleep(3));
    CHECK_LOG("d");
    test_timer(&other, destroy_itself); /* its storage is free for use */
}

static void stop_the_other(struct kiln_timer *which)
{
    (void)which;
    test_mark('1');
    CHECK_OK(kiln_timer_stop(&other));
}

static void mark_other(struct kiln_timer *which)
{
    (void)which;
    test_mark('2');
}

CASE_IF(stops_another_that_is_due_at_the_same_tick, TEST_EXACT)
{
    begin(stop_the_other);
    test_timer(&other, mark_other);
    CHECK_OK(kiln_timer_start(&timer, 3, 0));
    CHECK_OK(kiln_timer_start(&other, 3, 0));
    CHECK_OK(kiln_task_sleep(6));
    CHECK_LOG("1");
}

static void start_the_other(struct kiln_timer *which)
{
    (void)which;
    test_mark('1');
    CHECK_OK(kiln_timer_start(&other, 1, 0));
}

CASE_IF(starts_another_for_the_next_tick, TEST_EXACT)
{
    begin(start_the_other);
    test_timer(&other, mark_other);
    CHECK_OK(kiln_timer_start(&timer, 3, 0));
    CHECK_OK(kiln_task_sleep(3));
    CHECK_LOG("1");
    CHECK_OK(kiln_task_sleep(1));
    CHECK_LOG("2");
}

static void cannot_block(struct kiln_timer *which)
{
    (void)which;
    CHECK_EQ(kiln_task_sleep(1), KILN_EISR);
    CHECK_EQ(kiln_task_yield(), KILN_EISR);
    CHECK_EQ(kiln_sched_unlock(), KILN_EISR);
    test_mark('t');
}

CASE(callback_is_an_interrupt)
{
    begin(cannot_block);
    CHECK_OK(kiln_timer_start(&timer, 1, 0));
    CHECK_OK(kiln_task_sleep(3));
    CHECK_LOG("t");
}

static void start_from_interrupt(void)
{
    CHECK_OK(kiln_timer_start(&timer, 2, 0));
    CHECK_OK(kiln_timer_stop(&timer));
    CHECK_OK(kiln_timer_start(&timer, 3, 0));
}

CASE_IF(can_be_started_and_stopped_by_an_interrupt, TEST_EXACT)
{
    begin(note_time);
    test_irq_trigger(start_from_interrupt);
    test_sleep(6);
    CHECK_EQ(fired, 1);
    CHECK_EQ(fired_at[0], 3);
}

CASE_IF(longest_delays_do_not_upset_short_ones, TEST_EXACT)
{
    begin(note_time);
    test_timer(&other, mark_other);
    CHECK_OK(kiln_timer_start(&other, KILN_FOREVER - 1, 0));
    CHECK_OK(kiln_timer_start(&timer, 3, 0));
    CHECK_EQ(kiln_timer_remaining(&other), KILN_FOREVER - 1);
    test_sleep(5);
    CHECK_EQ(fired, 1);
    CHECK_EQ(kiln_timer_remaining(&other), KILN_FOREVER - 6);
    CHECK_OK(kiln_timer_stop(&other));
}
