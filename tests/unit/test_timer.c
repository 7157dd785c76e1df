/* Software timers: every documented result, periods without drift, calls from the callback. */
#include "unit.h"

#if KILN_CFG_TIMER

static struct kiln_timer timer;
static unsigned calls;
static kiln_ticks_t called_at[8];
static void (*in_callback)(struct kiln_timer *);

static void on_expiry(struct kiln_timer *expired)
{
    assert_ptr_equal(expired, &timer);
    assert_true(kiln_in_isr());
    assert_int_equal(fake.depth, 0); /* a callback may take its time: it runs unmasked */
    assert_true(calls < COUNT_OF(called_at));
    called_at[calls++] = kiln_ticks();
    if (in_callback != NULL) {
        in_callback(expired);
    }
}

KILN_TIMER_DEFINE(defined, on_expiry);

static int setup(void **state)
{
    (void)unit_setup(state);
    memset(&timer, 0, sizeof(timer));
    calls = 0;
    in_callback = NULL;
    kernel.now = 0;
    (void)kiln_timer_init(&timer, on_expiry);
    return 0;
}

static void rejects_bad_arguments(void **state)
{
    (void)state;
    static struct kiln_timer other;
    assert_int_equal(kiln_timer_init(NULL, on_expiry), KILN_EINVAL);
    assert_int_equal(kiln_timer_init(&other, NULL), KILN_EINVAL);
    assert_int_equal(kiln_timer_start(&timer, 0, 5), KILN_EINVAL);
    assert_int_equal(kiln_timer_start(&timer, KILN_FOREVER, 0), KILN_EINVAL);
    assert_int_equal(kiln_timer_start(&timer, 1, KILN_FOREVER), KILN_EINVAL);
    assert_false(kiln_timer_active(&timer));
    assert_int_equal(kiln_timer_stop(&timer), KILN_ESTATE);
    assert_false(kiln_timer_active(&defined));
}

#if KILN_CFG_CHECKS
static void bad_objects_panic(void **state)
{
    (void)state;
    static struct kiln_timer none;
    assert_panics("not an initialised object", (void)kiln_timer_start(&none, 1, 0));
    assert_panics("not an initialised object", (void)kiln_timer_stop(&none));
    assert_panics("not an initialised object", (void)kiln_timer_active(&none));
    assert_panics("not an initialised object", (void)kiln_timer_remaining(&none));
    assert_panics("not an initialised object", (void)kiln_timer_destroy(&none));
    assert_panics("initialised twice", (void)kiln_timer_init(&timer, on_expiry));
}
#endif

static void destroy_wants_it_stopped(void **state)
{
    (void)state;
    (void)kiln_timer_start(&timer, 5, 0);
    assert_int_equal(kiln_timer_destroy(&timer), KILN_ESTATE);
    (void)kiln_timer_stop(&timer);
    assert_int_equal(kiln_timer_destroy(&timer), KILN_OK);
    assert_int_equal(kiln_timer_init(&timer, on_expiry), KILN_OK);
}

static void one_shot_is_called_once(void **state)
{
    (void)state;
    assert_int_equal(kiln_timer_start(&timer, 3, 0), KILN_OK);
    assert_true(kiln_timer_active(&timer));
    assert_int_equal(kiln_timer_remaining(&timer), 3);
    fake_tick(2);
    assert_int_equal(kiln_timer_remaining(&timer), 1);
    assert_int_equal(calls, 0);
    fake_tick(1);
    assert_int_equal(calls, 1);
    assert_int_equal(called_at[0], 3);
    assert_false(kiln_timer_active(&timer));
    assert_int_equal(kiln_timer_remaining(&timer), 0);
    fake_tick(100);
    assert_int_equal(calls, 1);
}

static void periods_do_not_drift(void **state)
{
    (void)state;
    (void)kiln_timer_start(&timer, 2, 5);
    fake_tick(1);
    fake_tick(16); /* late by much: every call still happens at its own tick */
    assert_int_equal(calls, 4);
    for (unsigned n = 0; n < calls; n++) {
        assert_int_equal(called_at[n], 2 + 5 * n);
    }
    assert_int_equal(kiln_timer_stop(&timer), KILN_OK);
    fake_tick(50);
    assert_int_equal(calls, 4);
}

static void restart_starts_afresh(void **state)
{
    (void)state;
    (void)kiln_timer_start(&timer, 5, 5);
    fake_tick(4);
    (void)kiln_timer_start(&timer, 5, 0);
    fake_tick(4);
    assert_int_equal(calls, 0);
    fake_tick(1);
    assert_int_equal(called_at[0], 9);
    fake_tick(20);
    assert_int_equal(calls, 1);
}

static void stop_it(struct kiln_timer *expired)
{
    assert_int_equal(kiln_timer_stop(expired), KILN_OK);
}

static void restart_it(struct kiln_timer *expired)
{
    assert_int_equal(kiln_timer_start(expired, 7, 0), KILN_OK);
}

static void callback_may_stop_and_restart(void **state)
{
    (void)state;
    in_callback = stop_it;
    (void)kiln_timer_start(&timer, 1, 1);
    fake_tick(5);
    assert_int_equal(calls, 1);
    in_callback = restart_it;
    (void)kiln_timer_start(&timer, 1, 3);
    fake_tick(14);
    assert_int_equal(calls, 3);
    assert_int_equal(called_at[1], 6);
    assert_int_equal(called_at[2], 13);
}

#if KILN_CFG_SEM
static struct kiln_sem sem;

static void give(struct kiln_timer *expired)
{
    (void)expired;
    (void)kiln_sem_give(&sem);
}

static void callback_may_wake_a_task(void **state)
{
    (void)state;
    NEED_PRIORITIES(4);
    memset(&sem, 0, sizeof(sem));
    (void)kiln_sem_init(&sem, 0, 1);
    in_callback = give;
    (void)kiln_timer_start(&timer, 2, 0);
    struct kiln_task *waiter = create(0, 3);
    assert_int_equal(play_sem_take(&sem, KILN_FOREVER), BLOCKED);
    fake_tick(2);
    assert_running(waiter);
    assert_int_equal(play_return(waiter), KILN_OK);
}
#endif

static void longest_delay_fits(void **state)
{
    (void)state;
    assert_int_equal(kiln_timer_start(&timer, KILN_FOREVER - 1, 0), KILN_OK);
    assert_int_equal(kiln_timer_remaining(&timer), KILN_FOREVER - 1);
    fake_tick(KILN_FOREVER - 2);
    assert_int_equal(calls, 0);
    fake_tick(1);
    assert_int_equal(calls, 1);
}

#define SETUP setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(rejects_bad_arguments),
#if KILN_CFG_CHECKS
        TEST(bad_objects_panic),
#endif
        TEST(destroy_wants_it_stopped),
        TEST(one_shot_is_called_once),
        TEST(periods_do_not_drift),
        TEST(restart_starts_afresh),
        TEST(callback_may_stop_and_restart),
#if KILN_CFG_SEM
        TEST(callback_may_wake_a_task),
#endif
        TEST(longest_delay_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
NO_TESTS("timers")
#endif
