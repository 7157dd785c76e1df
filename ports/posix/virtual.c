/* Linux port: time out of the program's own progress.
 *
 * A tick is so many instrumented blocks; when all tasks are idle, time jumps to the next deadline.
 * Nothing outside the process has a say in it, but Ctrl-C and other threads' interrupts.
 *
 * An empty endless loop has no block that the compiler would instrument, so a slow signal looks
 * for it; as such a loop changes nothing, time can jump there just as well.
 */
#include "kiln/types.h"
#include "posix.h"

/* The signal that looks for empty endless loops. */
#define SPIN_CHECK_NS UINT64_C(2000000)

/* Ticks that pass in an empty endless loop each time the signal finds one. */
#define SPIN_TICKS 20

static void set_next_block(void)
{
    posix_set_next_block(posix_tick_block() + POSIX_BLOCKS_PER_TICK);
}

static void start(void)
{
    set_next_block();
    posix_real_arm_check(SPIN_CHECK_NS);
}

/* What is scheduled for a tick is posted with it, as a log does: a recorded run is no other. */
static void post_ticks(uint32_t ticks)
{
    posix_post_ticks(ticks);
    posix_post_outside();
}

static void block_due(void)
{
    if (posix_port.blocks - posix_tick_block() >= POSIX_BLOCKS_PER_TICK) {
        post_ticks(1);
    }
    set_next_block();
}

/* Each of the ticks may end the loop's turn: then the rest of them are another task's. */
static void pass_time_spinning(void)
{
    for (int i = 0; i < SPIN_TICKS; i++) {
        posix_port.blocks = posix_tick_block() + POSIX_BLOCKS_PER_TICK;
        block_due();
        posix_drain();
    }
}

static bool signalled(enum posix_place place)
{
    bool outside = posix_is_asked_for();
    if (place == POSIX_SPINNING && !outside) {
        pass_time_spinning();
    }
    return outside;
}

void posix_virtual_wait_outside(void)
{
    if (posix_connected_lines() == 0) {
        posix_report_deadlock();
    }
    while (!posix_is_asked_for()) {
        uint32_t seen = posix_irq_requests();
        if (!posix_is_asked_for()) {
            posix_irq_wait(seen);
        }
    }
}

/* Moves time on to the next deadline at once. */
static void idle(uint32_t ticks)
{
    if (ticks == KILN_FOREVER) {
        posix_virtual_wait_outside();
        posix_post_outside();
    } else {
        post_ticks(ticks);
    }
    set_next_block();
}

static void collect(void)
{
    posix_post_outside();
}

static void handled(void)
{
}

const struct posix_source posix_virtual = {
    .start = start,
    .stop = posix_real_stop,
    .block_due = block_due,
    .signalled = signalled,
    .idle = idle,
    .collect = collect,
    .handled = handled,
    .now_ns = posix_block_time_ns,
};
