/* --replay FILE: a source that repeats a recorded run.
 *
 * Each record of the log names the point at which it is due; at that point the program must have
 * done just what it had done in the recorded run, or the replay has diverged: it says where and
 * how, and ends with status 3. Nothing from outside gets in, but Ctrl-C.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "faults.h"
#include "kiln/kiln.h"
#include "log.h"
#include "posix.h"
#include "tape.h"

#define STATUS_DIVERGED 3

/* The signal that looks for empty endless loops. */
#define SPIN_CHECK_NS UINT64_C(2000000)

static const char *path;
static FILE *file;
static unsigned line; /* of the log, of the record in `next` */
static bool other_build;
static bool ends_early; /* the user asked for it, by --until */

/* The log has no end: its writer died. As each record was written before the run went on, what is
 * left is a stretch without interrupts, up to where the run died or beyond. */
static bool over;
static uint64_t over_block;
#define OVER_BLOCKS UINT64_C(10000000)
static struct log_header header;
static struct log_record next;

/* ---- Trouble ------------------------------------------------------------------------------ */

static void reject(const char *why)
{
    (void)fprintf(stderr, "kiln: --replay: '%s', line %u: %s\n", path, line, why);
    exit(2);
}

/* A debugger gets to see the place. */
static void end_diverged(void)
{
    (void)fprintf(stderr, "kiln: %s\n",
                  other_build ? "the log is of another build of this program"
                              : "the log is of this build: something from outside got in past it");
    (void)fflush(NULL);
    if (posix_is_debugged()) {
        (void)raise(SIGTRAP);
    }
    (void)posix_trace_close();
    _exit(STATUS_DIVERGED);
}

static void diverge(const char *now)
{
    static const char *const points[LOG_KINDS] = {"an interrupt", "all tasks waiting",
                                                  "an interrupt in an empty endless loop",
                                                  "a read from a device", "the end"};
    (void)fflush(stdout);
    (void)fprintf(stderr,
                  "kiln: the replay diverged before line %u of '%s'\n"
                  "kiln: the recorded run had %s at block %" PRIu64
                  "; this one, %s at block %" PRIu64 ", in task %s\n",
                  line, path, points[next.kind], next.block, now, posix_port.blocks,
                  posix_running_name());
    end_diverged();
}

static void check_witness(void)
{
    struct log_witness seen;
    const struct log_witness *then = &next.witness;
    log_bear_witness(&seen);
    if (then->events == UINT64_MAX || (seen.events == then->events && seen.hash == then->hash &&
                                       strcmp(seen.task, then->task) == 0)) {
        return;
    }
    (void)fflush(stdout);
    (void)fprintf(stderr,
                  "kiln: the replay diverged before line %u of '%s', block %" PRIu64 "\n"
                  "kiln: the recorded run was in task %s after %" PRIu64
                  " kernel events; this one is in "
                  "task %s after %" PRIu64 "%s\n",
                  line, path, next.block, then->task, then->events, seen.task, seen.events,
                  seen.events == then->events ? " others" : "");
    end_diverged();
}

/* ---- The next record ---------------------------------------------------------------------- */

static void stop_run(void)
{
    posix_stop_requested = 1;
    posix_post_ticks(0);
}

static void read_next(void)
{
    const char *wrong = log_read(file, &line, &next);
    if (wrong == LOG_OVER) {
        over = true;
        over_block = posix_port.blocks + OVER_BLOCKS;
        (void)fprintf(
            stderr, "kiln: '%s' was cut off after line %u; the replay goes on without interrupts\n",
            path, line);
    } else if (wrong != NULL) {
        reject(wrong);
    }
}

/* One block past any other point than a block's entry, it can be seen that it was missed. */
static void arm(void)
{
    posix_set_next_block(over ? over_block : next.block + (next.kind != LOG_BLOCK));
}

static bool is_next(enum log_kind kind)
{
    return !over && next.kind == kind && next.block == posix_port.blocks;
}

static void play(void)
{
    check_witness();
    if (posix_options.speed_given) {
        posix_real_pace(posix_posted_ticks() + next.ticks);
    }
    tape_post(&next);
    read_next();
    arm();
}

/* ---- The source --------------------------------------------------------------------------- */

static void block_due(void)
{
    if (is_next(LOG_BLOCK)) {
        play();
    } else if (over && posix_port.blocks >= over_block) {
        over_block = UINT64_MAX;
        stop_run();
    } else if (!over && posix_port.blocks > next.block) {
        diverge("none of that");
    }
    arm();
}

static void idle(uint32_t ticks)
{
    (void)ticks;
    if (is_next(LOG_IDLE)) {
        play();
    } else if (over) {
        stop_run();
    } else {
        diverge("all tasks waiting");
    }
}

/* The running task may lose the processor in here, and go on after other records. */
static bool signalled(enum posix_place place)
{
    while (place == POSIX_SPINNING && is_next(LOG_SPIN)) {
        play();
        posix_drain();
    }
    posix_stop_requested |= place == POSIX_SPINNING && over;
    return posix_stop_asked || posix_stop_requested;
}

static void collect(void)
{
    posix_stop_requested |= posix_stop_asked;
}

static void open_log(void)
{
    file = fopen(path, "r");
    if (file == NULL) {
        (void)fprintf(stderr, "kiln: --replay: %s\n", strerror(errno));
        posix_reject_option("--replay cannot read", path);
    }
    const char *wrong = log_read_header(file, &line, &header);
    if (wrong != NULL) {
        reject(wrong);
    }
    if (header.tick_hz != KILN_CFG_TICK_HZ) {
        reject("the log is of a run with another KILN_CFG_TICK_HZ");
    }
    other_build = header.build != log_build();
    if (header.faults[0] != '\0') {
        faults_use(header.faults);
    }
}

/* The run ends where the recorded one did, unless the user wants to see less. */
static void set_end(void)
{
    ends_early = posix_options.until_ticks != UINT64_MAX || posix_options.until_block != UINT64_MAX;
    posix_options.until_end_ticks = header.until_ticks;
    if (header.until_ticks < posix_options.until_ticks) {
        posix_options.until_ticks = header.until_ticks;
    }
}

static void start(void)
{
    tape_require_blocks("--replay");
    if (strcmp(header.faults, faults_text()) != 0) {
        reject("--faults does not go with a log, which has its own or none");
    }
    set_end();
    log_watch();
    read_next();
    arm();
    posix_real_arm_check(SPIN_CHECK_NS);
}

/* A run that was told to stop ends where it likes. */
static void stop(void)
{
    posix_real_stop();
    if (over || posix_stop_asked || ends_early) {
        return;
    }
    if (!is_next(LOG_END)) {
        diverge("the end");
    }
    check_witness();
}

static const struct posix_source source = {
    .start = start,
    .stop = stop,
    .block_due = block_due,
    .signalled = signalled,
    .idle = idle,
    .collect = collect,
    .handled = tape_nothing,
    .now_ns = posix_block_time_ns,
};

/* ---- Data --------------------------------------------------------------------------------- */

static size_t replace(unsigned device, void *data, size_t size, size_t length)
{
    (void)length;
    if (over) {
        return 0;
    }
    if (!is_next(LOG_DATA) || next.device != device) {
        diverge("a read from another device");
    }
    if (next.length > size) {
        reject("the device's read has no room for so many bytes");
    }
    check_witness();
    size_t got = next.length;
    memcpy(data, next.data, got);
    read_next();
    arm();
    return got;
}

static void set_replay(const char *value)
{
    path = value;
    tape_use(&source, replace, false, value);
    open_log();
}
POSIX_FLAG(replay, "FILE", "repeat the run that --record FILE wrote down", set_replay);
