/* Reset and watchdog: causes, the note that outlives a reset, feeds, last words. */
#include "unit.h"

static const char *cause_now(void)
{
    return kiln_reset_cause_name(kiln_reset_cause());
}

static void causes_have_names(void **state)
{
    (void)state;
    assert_string_equal(kiln_reset_cause_name(KILN_RESET_POWER_ON), "power-on");
    assert_string_equal(kiln_reset_cause_name(KILN_RESET_SOFTWARE), "software");
    assert_string_equal(kiln_reset_cause_name(KILN_RESET_WATCHDOG), "watchdog");
    assert_string_equal(kiln_reset_cause_name(KILN_RESET_PANIC), "panic");
    assert_string_equal(kiln_reset_cause_name((enum kiln_reset_cause)99), "?");
}

/* The fake's restart comes back here: the variables of this run stay, the note's too. */
static void a_run_knows_one_cause(void **state)
{
    (void)state;
    assert_string_equal(cause_now(), "power-on");
    FAKE_CATCH(kiln_reboot());
    assert_int_equal(fake.reboots, 1);
    assert_string_equal(cause_now(), "power-on");
}

static void reboots_from_an_interrupt(void **state)
{
    (void)state;
    FAKE_CATCH(fake_interrupt(kiln_reboot));
    assert_int_equal(fake.reboots, 1);
}

static void feeds_the_boards_own(void **state)
{
    (void)state;
    assert_int_equal(kiln_watchdog_start_hardware(0), KILN_EINVAL);
    assert_int_equal(kiln_watchdog_start_hardware(KILN_FOREVER), KILN_EINVAL);
    kiln_watchdog_feed();
    assert_int_equal(fake.watchdog_feeds, 0);
    assert_int_equal(kiln_watchdog_start_hardware(KILN_CFG_TICK_HZ + 1), KILN_OK);
    assert_in_range(fake.watchdog_ms, 1001, 1000 + 1000 / KILN_CFG_TICK_HZ + 1); /* rounded up */
    kiln_watchdog_feed();
    assert_int_equal(fake.watchdog_feeds, 1);
}

static void a_panic_names_the_task(void **state)
{
    (void)state;
    FAKE_CATCH(kiln_panic("x", NULL, NULL));
    assert_non_null(strstr(fake.text, "kiln: panic: x, in task "));
    assert_int_equal(fake.reboots, KILN_CFG_PANIC_REBOOT);
}

#if KILN_CFG_TIMER

static void rejects_bad_timeouts(void **state)
{
    (void)state;
    assert_int_equal(kiln_watchdog_stop(), KILN_ESTATE);
    assert_int_equal(kiln_watchdog_start(0), KILN_EINVAL);
    assert_int_equal(kiln_watchdog_start(KILN_FOREVER), KILN_EINVAL);
    assert_int_equal(kiln_watchdog_stop(), KILN_ESTATE);
}

static void bites_at_the_tick_that_it_was_told(void **state)
{
    (void)state;
    assert_int_equal(kiln_watchdog_start(10), KILN_OK);
    for (int i = 0; i < 9; i++) {
        fake_tick(1);
    }
    FAKE_CATCH(fake_tick(1));
    assert_int_equal(fake.reboots, KILN_CFG_WATCHDOG_REBOOT);
    assert_non_null(strstr(fake.text, "kiln: watchdog: not fed in time, in task "));
    assert_non_null(strstr(fake.text, " (interrupted)\n"));
}

/* Each feed counts from its own tick, whenever the timer expires. */
static void a_feed_counts_from_its_tick(void **state)
{
    (void)state;
    assert_int_equal(kiln_watchdog_start(10), KILN_OK);
    for (int feeds = 0; feeds < 20; feeds++) {
        fake_tick(7);
        kiln_watchdog_feed();
    }
    fake_tick(9);
    FAKE_CATCH(fake_tick(1));
    assert_int_equal(fake.reboots, KILN_CFG_WATCHDOG_REBOOT);
}

static void a_new_timeout_holds_from_now_on(void **state)
{
    (void)state;
    assert_int_equal(kiln_watchdog_start(10), KILN_OK);
    fake_tick(9);
    assert_int_equal(kiln_watchdog_start(100), KILN_OK);
    fake_tick(99);
    assert_int_equal(kiln_watchdog_start(2), KILN_OK);
    fake_tick(1);
    FAKE_CATCH(fake_tick(1));
    assert_int_equal(fake.reboots, KILN_CFG_WATCHDOG_REBOOT);
}

static void one_that_is_stopped_does_not_bite(void **state)
{
    (void)state;
    assert_int_equal(kiln_watchdog_start(10), KILN_OK);
    fake_tick(9);
    assert_int_equal(kiln_watchdog_stop(), KILN_OK);
    assert_int_equal(kiln_watchdog_stop(), KILN_ESTATE);
    fake_tick(1000);
    assert_int_equal(fake.reboots, 0);
}

/* An interrupt that is more urgent than the tick, in the gap before the timer's callback looks. */
static void stop_in_the_gap(void)
{
    static bool done;
    if (!done && fake.in_isr) {
        done = true;
        (void)kiln_watchdog_stop();
    }
}

static void a_stop_between_expiry_and_look_counts(void **state)
{
    (void)state;
    assert_int_equal(kiln_watchdog_start(10), KILN_OK);
    fake_tick(9);
    fake.gap = stop_in_the_gap;
    fake_tick(1);
    fake.gap = NULL;
    fake_tick(1000);
    assert_int_equal(fake.reboots, 0);
}

/* The watchdog outlives the kernel that the next test starts. */
static int teardown(void **state)
{
    (void)kiln_watchdog_stop();
    return unit_teardown(state);
}

#define WATCHDOG_TEST(test) cmocka_unit_test_setup_teardown(test, unit_setup, teardown)
#endif

int main(void)
{
    const struct CMUnitTest reset_tests[] = {
        cmocka_unit_test_setup_teardown(causes_have_names, unit_setup, unit_teardown),
        cmocka_unit_test_setup_teardown(a_run_knows_one_cause, unit_setup, unit_teardown),
        cmocka_unit_test_setup_teardown(reboots_from_an_interrupt, unit_setup, unit_teardown),
        cmocka_unit_test_setup_teardown(feeds_the_boards_own, unit_setup, unit_teardown),
        cmocka_unit_test_setup_teardown(a_panic_names_the_task, unit_setup, unit_teardown),
#if KILN_CFG_TIMER
        WATCHDOG_TEST(rejects_bad_timeouts),
        WATCHDOG_TEST(bites_at_the_tick_that_it_was_told),
        WATCHDOG_TEST(a_feed_counts_from_its_tick),
        WATCHDOG_TEST(a_new_timeout_holds_from_now_on),
        WATCHDOG_TEST(one_that_is_stopped_does_not_bite),
        WATCHDOG_TEST(a_stop_between_expiry_and_look_counts),
#endif
    };
    return cmocka_run_group_tests(reset_tests, NULL, NULL);
}
