/* Lights, buttons, a gauge, block devices and the date, with drivers that note what they are asked.
 */
#include "unit.h"

/* ---- Lights and a gauge -------------------------------------------------------------------- */

static unsigned writes;
static uint32_t shown;

static void write_leds(struct kiln_leds *leds)
{
    assert_int_not_equal(fake.depth, 0); /* masked */
    writes++;
    shown = leds->lit;
}

static void lights_go_on_and_off(void **state)
{
    (void)state;
    struct kiln_leds leds = {.count = 3, .write = write_leds};
    writes = 0;
    kiln_led_set(&leds, 2, true);
    assert_int_equal(shown, 4);
    kiln_led_set(&leds, 2, true);
    kiln_led_toggle(&leds, 0);
    assert_int_equal(shown, 5);
    kiln_led_toggle(&leds, 2);
    assert_int_equal(shown, 1);
    kiln_led_set(&leds, 0, false);
    assert_int_equal(shown, 0);
    assert_int_equal(writes, 5);
}

static void lights_that_are_not_there_are_left_out(void **state)
{
    (void)state;
    struct kiln_leds leds = {.count = 3, .write = write_leds};
    writes = 0;
    kiln_led_set(&leds, 3, true);
    kiln_led_toggle(&leds, 40);
    kiln_led_set(NULL, 0, true);
    kiln_led_toggle(NULL, 0);
    kiln_gauge_set(NULL, 1);
    assert_int_equal(writes, 0);
}

static void write_gauge(struct kiln_gauge *gauge)
{
    assert_int_not_equal(fake.depth, 0);
    shown = gauge->value;
}

static void a_gauge_stops_at_its_end(void **state)
{
    (void)state;
    struct kiln_gauge gauge = {.max = 100, .write = write_gauge};
    kiln_gauge_set(&gauge, 42);
    assert_int_equal(shown, 42);
    kiln_gauge_set(&gauge, 0x10001);
    assert_int_equal(shown, 100);
}

/* ---- Buttons ------------------------------------------------------------------------------- */

#if KILN_CFG_FLAGS
static void presses_are_kept_until_they_are_taken(void **state)
{
    (void)state;
    struct kiln_flags pressed = {0};
    struct kiln_buttons buttons = {.count = 3, .pressed = &pressed};
    uint32_t which = 0;
    (void)kiln_flags_init(&pressed);
    assert_int_equal(kiln_buttons_wait(&buttons, 7, &which, KILN_NO_WAIT), KILN_EAGAIN);
    kiln_buttons_changed(&buttons, 5);
    kiln_buttons_changed(&buttons, 5); /* held */
    kiln_buttons_changed(&buttons, 1);
    assert_int_equal(kiln_buttons_down(&buttons), 1);
    assert_int_equal(kiln_buttons_wait(&buttons, 3, &which, KILN_NO_WAIT), KILN_OK);
    assert_int_equal(which, 1);
    assert_int_equal(kiln_buttons_wait(&buttons, 3, NULL, KILN_NO_WAIT), KILN_EAGAIN);
    assert_int_equal(kiln_buttons_wait(&buttons, 6, &which, KILN_NO_WAIT), KILN_OK);
    assert_int_equal(which, 4);
    kiln_buttons_changed(&buttons, 1); /* held since it was taken */
    assert_int_equal(kiln_buttons_wait(&buttons, 7, NULL, KILN_NO_WAIT), KILN_EAGAIN);
    kiln_buttons_changed(&buttons, 0);
    kiln_buttons_changed(&buttons, 1); /* again */
    assert_int_equal(kiln_buttons_wait(&buttons, 7, NULL, KILN_NO_WAIT), KILN_OK);
}
#endif

/* ---- Block devices ------------------------------------------------------------------------- */

static unsigned calls;

static int fail_read(struct kiln_block *block, uint32_t offset, void *bytes, uint32_t size)
{
    (void)block, (void)offset, (void)bytes, (void)size;
    calls++;
    return KILN_EIO;
}

static int do_program(struct kiln_block *block, uint32_t offset, const void *bytes, uint32_t size)
{
    (void)block, (void)offset, (void)bytes, (void)size;
    calls++;
    return KILN_OK;
}

static int do_erase(struct kiln_block *block, uint32_t offset, uint32_t size)
{
    (void)block, (void)offset, (void)size;
    calls++;
    return KILN_OK;
}

static int do_sync(struct kiln_block *block)
{
    (void)block;
    calls++;
    return KILN_OK;
}

static const struct kiln_block_driver driver = {fail_read, do_program, do_erase, do_sync};
static struct kiln_block block = {.driver = &driver,
                                  .size_bytes = 0xFFFFF000U,
                                  .read_bytes = 1,
                                  .program_bytes = 16,
                                  .erase_bytes = 4096};
static uint8_t bytes[16];

static void block_ranges_are_checked(void **state)
{
    (void)state;
    calls = 0;
    assert_int_equal(kiln_block_read(NULL, 0, bytes, 1), KILN_EINVAL);
    assert_int_equal(kiln_block_read(&block, 0, NULL, 1), KILN_EINVAL);
    assert_int_equal(kiln_block_program(NULL, 0, bytes, 16), KILN_EINVAL);
    assert_int_equal(kiln_block_program(&block, 0, NULL, 16), KILN_EINVAL);
    assert_int_equal(kiln_block_erase(NULL, 0, 4096), KILN_EINVAL);
    assert_int_equal(kiln_block_sync(NULL), KILN_EINVAL);
    assert_int_equal(kiln_block_program(&block, 8, bytes, 16), KILN_EINVAL);
    assert_int_equal(kiln_block_program(&block, 0, bytes, 8), KILN_EINVAL);
    assert_int_equal(kiln_block_erase(&block, 4096, 16), KILN_EINVAL);
    assert_int_equal(kiln_block_erase(&block, 0xFFFFF000U, 4096), KILN_EINVAL);
    assert_int_equal(kiln_block_read(&block, 0xFFFFFFFFU, bytes, 2), KILN_EINVAL);
    assert_int_equal(kiln_block_read(&block, 2, bytes, 0xFFFFFFFFU), KILN_EINVAL);
    assert_int_equal(calls, 0);
    assert_int_equal(kiln_block_read(&block, 0, bytes, 1), KILN_EIO);
    assert_int_equal(kiln_block_program(&block, 0xFFFFEFF0U, bytes, 16), KILN_OK);
    assert_int_equal(kiln_block_erase(&block, 0, 0xFFFFF000U), KILN_OK);
    assert_int_equal(kiln_block_sync(&block), KILN_OK);
    assert_int_equal(calls, 4);
}

static int erase_in_isr(void)
{
    return kiln_block_erase(&block, 0, 4096);
}

static int sync_in_isr(void)
{
    return kiln_block_sync(&block);
}

static void interrupts_wait_for_no_device(void **state)
{
    (void)state;
    calls = 0;
    assert_int_equal(in_interrupt(erase_in_isr), KILN_EISR);
    assert_int_equal(in_interrupt(sync_in_isr), KILN_EISR);
    assert_int_equal(calls, 0);
}

/* ---- The date ------------------------------------------------------------------------------ */

static void the_date_goes_on_from_where_it_was_set(void **state)
{
    (void)state;
    struct kiln_clock clock = {0};
    uint64_t start = kiln_clock_read(&clock);
    fake_tick(3 * KILN_CFG_TICK_HZ);
    fake.cycles += UINT64_C(3000000) * PORT_CYCLES_PER_US;
    assert_in_range(kiln_clock_read(&clock) - start, 3, 6);
    kiln_clock_set(&clock, UINT64_C(5000000000));
    assert_int_equal(kiln_clock_read(&clock), UINT64_C(5000000000));
    kiln_clock_set(&clock, 0); /* before the start */
    assert_int_equal(kiln_clock_read(&clock), 0);
}

#define SETUP unit_setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(lights_go_on_and_off),
        TEST(lights_that_are_not_there_are_left_out),
        TEST(a_gauge_stops_at_its_end),
#if KILN_CFG_FLAGS
        TEST(presses_are_kept_until_they_are_taken),
#endif
        TEST(block_ranges_are_checked),
        TEST(interrupts_wait_for_no_device),
        TEST(the_date_goes_on_from_where_it_was_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
