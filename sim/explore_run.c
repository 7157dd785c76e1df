/* The explorer: one run of the app.
 *
 * A run starts from the image's memory as it was before main(): data and bss are copied back, every
 * host stack is free again, the kernel is reset. Then main() is called. As nothing else differs
 * between two runs, the schedule alone decides what happens.
 *
 * Ticks come where the schedule has them, after as many blocks as in virtual time, and when all
 * tasks wait. A run that fails is left at once, from whatever context.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/kernel.h"
#include "explorer.h"
#include "kiln/kiln.h"
#include "tape.h"

int main(int argc, char **argv);

/* ---- The image's memory ------------------------------------------------------------------- */

static uint64_t image_blocks; /* executed when its copy was made */

void run_prepare(void)
{
    image_blocks = posix_port.blocks;
    posix_image_keep();
}

/* The variables of this file and `explorer` do not change once the copy is made. */
static void restore(void)
{
    posix_image_restore(POSIX_IMAGE_ALL);
    kernel_init();
    posix_port.blocks = image_blocks;
}

/* ---- The end ------------------------------------------------------------------------------ */

void run_end(enum run_end end)
{
    struct outcome *outcome = &explorer->outcome;
    outcome->end = end;
    outcome->last_block = posix_port.blocks;
    outcome->ticks = posix_posted_ticks();
    (void)snprintf(outcome->task, sizeof(outcome->task), "%s%s", posix_running_name(),
                   posix_port.in_isr ? ", interrupted" : "");
    if (end == RUN_FAILED && explorer->options.is_given && posix_is_debugged()) {
        (void)raise(SIGTRAP); /* the debugger sees the failure where it is */
    }
    siglongjmp(explorer->escape, 1);
}

void run_fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(explorer->outcome.text, OUTCOME_TEXT, format, arguments);
    va_end(arguments);
    run_end(RUN_FAILED);
}

/* The app is as long as it likes, or else it ought to have ended by now. */
static void end_at_bound(const char *bound)
{
    if (explorer->must_end) {
        run_fail("does not end: %s", bound);
    }
    run_end(RUN_BOUND);
}

static void note_word(char c)
{
    size_t length = strlen(explorer->words);
    if (length + 1 < sizeof(explorer->words) && c != '\n') {
        explorer->words[length] = c;
    }
}

/* May come out of a signal's handler, with signals blocked that the next run wants. */
static __attribute__((noreturn)) void died(const char *how)
{
    sigset_t all;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_UNBLOCK, &all, NULL);
    if (!explorer->running) {
        (void)fprintf(explorer->out, "explore: the explorer itself %s\n", how);
        _exit(2);
    }
    if (explorer->words[0] != '\0') {
        run_fail("%s", explorer->words);
    }
    run_fail("task %s %s", posix_running_name(), how);
}

const struct posix_guard explore_guard = {.panic_putc = note_word, .died = died};

static void returned(int status)
{
    struct outcome *outcome = &explorer->outcome;
    if (status != 0) {
        run_fail("the app ended with status %d", status);
    }
    if (outcome->first_block == 0) {
        run_fail("main() returned without kiln_start()");
    }
    run_end(RUN_ENDED);
}

/* ---- Inputs ------------------------------------------------------------------------------- */

/* Return addresses by the chain of frame pointers, from the hook's caller outwards. */
static void note_frames(uintptr_t *frames)
{
    const uintptr_t *frame = (const uintptr_t *)__builtin_frame_address(0);
    for (unsigned i = 0; i < INPUT_FRAMES - 1 && frame != NULL && frame[0] > (uintptr_t)frame &&
                         frame[0] - (uintptr_t)frame < 65536;
         i++) {
        frames[i] = frame[1];
        frame = (const uintptr_t *)frame[0];
    }
}

static void watch(enum log_kind kind, uint64_t ticks, uint32_t lines, bool scheduled)
{
    if (!explorer->watching || explorer->inputs_n == INPUTS_MAX) {
        return;
    }
    struct input *input = &explorer->inputs[explorer->inputs_n++];
    *input = (struct input){.record = {.kind = kind,
                                       .block = posix_port.blocks,
                                       .ticks = ticks,
                                       .lines = lines,
                                       .witness = {.events = UINT64_MAX}},
                            .scheduled = scheduled,
                            .deferred = (posix_port.masked | posix_port.in_isr) != 0};
    (void)snprintf(input->task, sizeof(input->task), "%s", posix_running_name());
    note_frames(input->frames);
}

static void post_ticks(enum log_kind kind, uint64_t ticks, bool scheduled)
{
    if (posix_posted_ticks() + ticks > explorer->options.ticks_max) {
        end_at_bound("too many ticks have passed");
    }
    watch(kind, ticks, 0, scheduled);
    posix_post_ticks(ticks);
}

/* One that is pending cannot be raised again: it would be lost. */
static void post_line(enum log_kind kind, unsigned line)
{
    bool pending = (posix_posted_lines() >> line & 1U) != 0;
    if (!pending && scenario_raise(line)) {
        watch(kind, 0, UINT32_C(1) << line, kind == LOG_BLOCK);
        posix_post_lines(UINT32_C(1) << line);
    }
}

/* All that the schedule has at one block comes at once. */
static void post_scheduled(void)
{
    const struct schedule *schedule = explorer->schedule;
    while (explorer->next < schedule->count &&
           schedule->at[explorer->next].block <= posix_port.blocks) {
        unsigned source = schedule->at[explorer->next++].source;
        if (source == EXPLORE_TICK) {
            post_ticks(LOG_BLOCK, 1, true);
        } else {
            post_line(LOG_BLOCK, source - 1);
        }
    }
}

static bool looks_at_each_block(void)
{
    return explorer->places != NULL || explorer->check_soon ||
           explorer->options.check == CHECK_AT_BLOCK;
}

static void arm(void)
{
    const struct schedule *schedule = explorer->schedule;
    uint64_t next = posix_tick_block() + POSIX_BLOCKS_PER_TICK;
    uint64_t last = explorer->outcome.first_block + explorer->options.blocks_max;
    if (explorer->next < schedule->count && schedule->at[explorer->next].block < next) {
        next = schedule->at[explorer->next].block;
    }
    next = last < next ? last : next;
    posix_set_next_block(looks_at_each_block() ? posix_port.blocks + 1 : next);
}

/* An interrupt in a masked section, or in another interrupt, is taken at its end, wherever in it it
 * came: one place stands for all. */
static void look_at_block(void)
{
    bool masked = (posix_port.masked | posix_port.in_isr) != 0;
    uint64_t offset = posix_port.blocks - explorer->outcome.first_block;
    if (explorer->places != NULL && offset < explorer->options.blocks_max) {
        explorer->places[offset] = masked;
    }
    if ((explorer->check_soon || explorer->options.check == CHECK_AT_BLOCK) && !masked &&
        posix_port.pending == 0) {
        explorer->check_soon = false;
        check_kernel();
    }
}

/* ---- The source --------------------------------------------------------------------------- */

static void start(void)
{
    explorer->outcome.first_block = posix_port.blocks;
    arm();
}

static void stop(void)
{
    explorer->outcome.lines = posix_connected_lines();
}

static void block_due(void)
{
    if (posix_port.blocks >= explorer->outcome.first_block + explorer->options.blocks_max) {
        end_at_bound("too many blocks were executed");
    }
    if (looks_at_each_block()) {
        look_at_block();
    }
    post_scheduled();
    if (posix_port.blocks - posix_tick_block() >= POSIX_BLOCKS_PER_TICK) {
        post_ticks(LOG_BLOCK, 1, false);
    }
    arm();
}

/* Time in an empty endless loop: no block is executed, so the next tick may as well come now. */
static bool signalled(enum posix_place place)
{
    if (place != POSIX_SPINNING || !explorer->running) {
        return false;
    }
    posix_port.blocks = posix_tick_block() + POSIX_BLOCKS_PER_TICK;
    post_ticks(LOG_SPIN, 1, false);
    arm();
    return true;
}

/* Nothing happens any more by itself: a line that is still to come does, or the run is over. */
static void idle_for_ever(void)
{
    uint32_t due = scenario_line_due();
    if (due != 0) {
        post_line(LOG_IDLE, (unsigned)__builtin_ctz(due));
        return;
    }
    explorer->outcome.lines = posix_connected_lines();
    check_deadlock();
    check_leaks();
    run_end(RUN_ENDED);
}

static void idle(uint32_t ticks)
{
    check_idle();
    if (ticks == KILN_FOREVER) {
        idle_for_ever();
    } else {
        post_ticks(LOG_IDLE, ticks, false);
    }
    arm();
}

static void handled(void)
{
    scenario_check_deadlines();
    if (explorer->options.check != CHECK_AT_END) {
        explorer->check_soon = true;
        arm();
    }
}

const struct posix_source explore_source = {
    .start = start,
    .stop = stop,
    .block_due = block_due,
    .signalled = signalled,
    .idle = idle,
    .collect = tape_nothing,
    .handled = handled,
    .now_ns = posix_block_time_ns,
};

/* ---- One run ------------------------------------------------------------------------------ */

void run_once(const struct schedule *schedule, struct outcome *outcome)
{
    explorer->schedule = schedule;
    explorer->next = 0;
    explorer->inputs_n = 0;
    explorer->check_soon = false;
    memset(explorer->words, 0, strlen(explorer->words));
    explorer->outcome.first_block = 0;
    explorer->outcome.text[0] = '\0';
    restore();
    explorer->running = true;
    if (sigsetjmp(explorer->escape, 0) == 0) {
        returned(main(explorer->argc, explorer->argv));
    }
    explorer->running = false;
    if (posix_stop_asked) {
        (void)fprintf(explorer->out, "explore: interrupted\n");
        (void)fflush(explorer->out);
        _exit(130);
    }
    *outcome = explorer->outcome;
}

void run_watched(const struct schedule *schedule, struct outcome *outcome)
{
    explorer->watching = true;
    run_once(schedule, outcome);
    explorer->watching = false;
}
