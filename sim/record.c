/* --record FILE: a source that keeps a log of all that comes from outside.
 *
 * The clock is the wall's, or the program's own progress with --clock virtual, but interrupts are
 * never handled where a signal finds the program: the signal asks for the next instrumented block,
 * and there, while all tasks wait, or in an empty endless loop, what came by then is written down
 * and posted. Between two ticks kernel time follows the count of blocks, so that it can be
 * repeated.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "faults.h"
#include "kiln/kiln.h"
#include "log.h"
#include "posix.h"
#include "tape.h"

static const char *path;
static int file = -1;

static void fail(const char *why)
{
    (void)fflush(stdout);
    (void)fprintf(stderr, "kiln: --record: '%s' is incomplete: %s\n", path, why);
    exit(1);
}

static void write_record(struct log_record *record)
{
    record->block = posix_port.blocks;
    log_bear_witness(&record->witness);
    if (!log_write(file, record)) {
        fail(strerror(errno));
    }
}

/* ---- Inputs ------------------------------------------------------------------------------- */

static uint64_t ticks_due(enum log_kind point)
{
    if (!posix_options.virtual_time) {
        return posix_real_ticks_due() - posix_posted_ticks();
    }
    return point == LOG_SPIN ? 1 : (posix_port.blocks - posix_tick_block()) / POSIX_BLOCKS_PER_TICK;
}

static void post(enum log_kind point, uint64_t ticks)
{
    struct log_record record = {
        .kind = point, .ticks = ticks, .lines = posix_take_raised(posix_posted_ticks() + ticks)};
    record.stop = posix_stop_asked && !posix_stop_requested; /* a schedule may ask for it */
    if (record.ticks != 0 || record.lines != 0 || record.stop) {
        write_record(&record);
        tape_post(&record);
    }
}

/* What comes later asks for a block again. */
static void rearm(void)
{
    if (posix_options.virtual_time) {
        posix_set_next_block(posix_tick_block() + POSIX_BLOCKS_PER_TICK);
    } else {
        posix_real_arm();
    }
}

/* A signal in here asks for the next block, unless that is set after it: then it comes again. */
static void block_due(void)
{
    posix_set_next_block(UINT64_MAX);
    post(LOG_BLOCK, ticks_due(LOG_BLOCK));
    rearm();
}

static bool signalled(enum posix_place place)
{
    if (place == POSIX_SPINNING) {
        post(LOG_SPIN, ticks_due(LOG_SPIN));
        rearm();
        return true;
    }
    if (!posix_options.virtual_time || posix_is_asked_for()) {
        posix_port.next_block = 0;
    }
    return false;
}

static void idle_virtual(uint32_t ticks)
{
    if (ticks == KILN_FOREVER) {
        posix_virtual_wait_outside();
    }
    post(LOG_IDLE, posix_is_asked_for() ? 0 : ticks);
}

/* Does not return for nothing: the idle task would execute a block that the replay would not. A
 * signal before the count is read may have been for a tick that is due: so the timer is set after
 * it. */
static void idle_real(uint32_t ticks)
{
    while (posix_port.pending == 0) {
        uint32_t seen = posix_irq_requests();
        posix_real_arm();
        posix_real_wait(ticks, seen);
        post(LOG_IDLE, ticks_due(LOG_IDLE));
    }
}

static void idle(uint32_t ticks)
{
    if (posix_options.virtual_time) {
        idle_virtual(ticks);
    } else {
        idle_real(ticks);
    }
    rearm();
}

/* ---- Start and stop ----------------------------------------------------------------------- */

static void start(void)
{
    struct log_header header = {.build = log_build(),
                                .tick_hz = KILN_CFG_TICK_HZ,
                                .until_ticks = posix_options.until_ticks};
    (void)strcpy(header.faults, faults_text());
    tape_require_blocks("--record");
    (void)ftruncate(file, 0); /* not before all flags were right; a pipe has no length */
    if (!log_write_header(file, &header)) {
        fail(strerror(errno));
    }
    log_watch();
    if (posix_options.virtual_time) {
        posix_virtual.start();
    } else {
        posix_real_start();
    }
}

static void stop(void)
{
    struct log_record record = {.kind = LOG_END};
    write_record(&record);
    if (close(file) != 0) {
        fail(strerror(errno));
    }
    file = -1;
    posix_real_stop();
}

static const struct posix_source source = {
    .start = start,
    .stop = stop,
    .block_due = block_due,
    .signalled = signalled,
    .idle = idle,
    .collect = tape_nothing,
    .handled = tape_nothing,
    .now_ns = posix_block_time_ns,
};

/* ---- Data --------------------------------------------------------------------------------- */

static size_t keep(unsigned device, void *data, size_t size, size_t length)
{
    struct log_record record = {.kind = LOG_DATA, .device = device, .length = length};
    if (length > size || length > sizeof(record.data)) {
        fail("a device has read more than SIM_OUTSIDE_MAX bytes, or than its buffer holds");
    }
    memcpy(record.data, data, length);
    write_record(&record);
    return length;
}

static void set_record(const char *value)
{
    path = value;
    tape_use(&source, keep, true, value);
    file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0) {
        (void)fprintf(stderr, "kiln: --record: %s\n", strerror(errno));
        posix_reject_option("--record cannot write to", path);
    }
}
POSIX_FLAG(record, "FILE", "write all that comes from outside to FILE; see --replay", set_record);
