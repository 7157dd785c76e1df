/* A program for check.py: what a block device promises, and the date. It counts its starts in the
 * first unit of the flash. */
#include <string.h>

#include "kiln/kiln.h"

#define UNIT 16U

static unsigned failures;

static void expect(const char *what, bool holds)
{
    if (!holds) {
        failures++;
        kiln_printf("FAILED: %s\n", what);
    }
}

static bool all_are(const uint8_t *bytes, uint8_t value, unsigned count)
{
    for (unsigned n = 0; n < count; n++) {
        if (bytes[n] != value) {
            return false;
        }
    }
    return true;
}

static void check_limits(struct kiln_block *flash)
{
    uint8_t unit[UNIT];
    uint32_t end = flash->size_bytes;
    expect("no device", kiln_block_read(NULL, 0, unit, 1) == KILN_EINVAL);
    expect("no bytes", kiln_block_program(flash, 0, NULL, UNIT) == KILN_EINVAL);
    expect("beyond", kiln_block_read(flash, end, unit, 1) == KILN_EINVAL);
    expect("across", kiln_block_read(flash, end - 1, unit, 2) == KILN_EINVAL);
    expect("wraps", kiln_block_read(flash, UNIT, unit, UINT32_MAX) == KILN_EINVAL);
    expect("half a unit", kiln_block_program(flash, 0, unit, UNIT / 2) == KILN_EINVAL);
    expect("beside a unit", kiln_block_program(flash, 1, unit, UNIT) == KILN_EINVAL);
    expect("half a block", kiln_block_erase(flash, 0, flash->erase_bytes / 2) == KILN_EINVAL);
    expect("nothing", kiln_block_erase(flash, end, 0) == KILN_OK);
}

/* In the second block. */
static void check_bits(struct kiln_block *flash)
{
    uint32_t at = flash->erase_bytes;
    uint8_t unit[UNIT], got[2 * UNIT];
    expect("erase", kiln_block_erase(flash, at, flash->erase_bytes) == KILN_OK);
    expect("read", kiln_block_read(flash, at, got, sizeof(got)) == KILN_OK);
    expect("erased", all_are(got, 0xFF, sizeof(got)));
    memset(unit, 0x5A, sizeof(unit));
    expect("program", kiln_block_program(flash, at + UNIT, unit, UNIT) == KILN_OK);
    memset(unit, 0x33, sizeof(unit));
    expect("again", kiln_block_program(flash, at + UNIT, unit, UNIT) == KILN_OK);
    expect("read back", kiln_block_read(flash, at, got, sizeof(got)) == KILN_OK);
    expect("bits are only cleared", all_are(got + UNIT, 0x5A & 0x33, UNIT));
    expect("others stay", all_are(got, 0xFF, UNIT));
    expect("sync", kiln_block_sync(flash) == KILN_OK);
}

static unsigned count_start(struct kiln_block *flash)
{
    uint8_t unit[UNIT];
    expect("count", kiln_block_read(flash, 0, unit, UNIT) == KILN_OK);
    unsigned starts = unit[0] == 0xFF ? 1 : unit[0] + 1U;
    unit[0] = (uint8_t)starts;
    expect("make room", kiln_block_erase(flash, 0, flash->erase_bytes) == KILN_OK);
    expect("keep", kiln_block_program(flash, 0, unit, UNIT) == KILN_OK);
    return starts;
}

static int run(void *arg)
{
    struct kiln_block *flash = kiln_board_storage();
    struct kiln_clock *clock = kiln_board_clock();
    uint64_t now = kiln_clock_read(clock);
    (void)arg;
    check_limits(flash);
    check_bits(flash);
    kiln_printf("start %u, %u bytes, at %lu\n", count_start(flash), (unsigned)flash->size_bytes,
                (unsigned long)now);
    (void)kiln_task_sleep(KILN_MS(2500));
    expect("time passes", kiln_clock_read(clock) - now >= 2);
    kiln_clock_set(clock, 4102444800U); /* 2100 */
    (void)kiln_task_sleep(KILN_MS(1100));
    expect("set", kiln_clock_read(clock) == 4102444801U);
    kiln_stop(failures != 0);
    return 0;
}

KILN_TASK_DEFINE(keeper, run, NULL, 3, 1024);

int main(void)
{
    return kiln_start();
}
