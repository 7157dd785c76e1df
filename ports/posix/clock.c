/* Linux port: ticks, wherever they come from.
 *
 * A source (posix.h) posts ticks; here they are counted and given to the kernel, as an interrupt.
 */
#include <signal.h>
#include <stdlib.h>

#include "kiln/sched.h"
#include "kiln/trace.h"
#include "posix.h"

static struct {
    bool running;
    bool resetting;      /* the app starts over: kernel time has not begun */
    uint64_t boot_ns;    /* the source's time when kernel time began */
    uint64_t stopped_ns; /* the source's time when it stopped; 0 before */
    uint64_t counted;    /* ticks that the kernel knows of; written in interrupts */
    uint64_t posted;     /* ticks that have passed */
    uint64_t tick_block; /* the block count when the last of those was posted */
} time_base;

const struct posix_source *posix_source;

void posix_post_ticks(uint64_t ticks)
{
    if (ticks != 0) {
        time_base.posted += ticks;
        time_base.tick_block = posix_port.blocks;
    }
    __atomic_fetch_or(&posix_port.pending, POSIX_PENDING_IRQ, __ATOMIC_SEQ_CST);
}

void posix_set_next_block(uint64_t block)
{
    posix_port.next_block = block < posix_options.until_block ? block : posix_options.until_block;
}

uint64_t posix_posted_ticks(void)
{
    return time_base.posted;
}

uint64_t posix_tick_block(void)
{
    return time_base.tick_block;
}

uint64_t posix_block_time_ns(void)
{
    uint64_t ns = (posix_own_blocks() - time_base.tick_block) * POSIX_NS_PER_BLOCK;
    return time_base.posted * POSIX_NS_PER_TICK +
           (ns < POSIX_NS_PER_TICK ? ns : POSIX_NS_PER_TICK - 1);
}

/* What the source has posted while the app started over is not the new kernel's time. An interrupt
 * may have been cut short before the source was told that it was handled: one more now. */
static void start_again(void)
{
    time_base.counted = time_base.posted;
    time_base.boot_ns = posix_source->now_ns();
    time_base.resetting = false;
    posix_post_ticks(0);
}

void posix_clock_start(void)
{
    if (time_base.running) {
        start_again();
        return;
    }
    time_base.counted = 0;
    time_base.posted = 0;
    time_base.tick_block = posix_port.blocks;
    time_base.running = true; /* the first signal may come before start() returns */
    posix_source->start();
}

void posix_clock_stop(void)
{
    if (time_base.running) {
        time_base.stopped_ns = posix_source->now_ns();
        posix_source->stop();
        if (posix_faults != NULL) {
            posix_faults->report();
        }
        (void)posix_pause_blocks(); /* for good: what runs now is the end, not the run */
    }
    time_base.running = false;
}

void posix_clock_reset(void)
{
    time_base.resetting = true;
}

bool posix_clock_is_running(void)
{
    return time_base.running;
}

void posix_report_deadlock(void)
{
    (void)fflush(stdout);
    (void)fprintf(stderr, "kiln: every task is blocked for ever and no timeout is pending\n");
    posix_clock_stop();
    posix_print_summary();
    port_stop(1);
}

static void end_run(int code)
{
    (void)fflush(stdout);
    posix_clock_stop();
    posix_print_summary();
    port_stop(code);
}

/* Counts the ticks that have passed, up to `until`. */
static void count_ticks(uint64_t until)
{
    uint64_t posted =
        posix_faults != NULL ? posix_faults->ticks(time_base.counted) : time_base.posted;
    uint64_t due = posted < until ? posted : until;
    while (time_base.counted < due) {
        uint64_t step = due - time_base.counted;
        step = step < KILN_FOREVER ? step : KILN_FOREVER - 1;
        time_base.counted += step;
        kiln_trace_isr_enter(POSIX_TICK_NUMBER);
        kernel_tick((uint32_t)step);
        kiln_trace_isr_exit(POSIX_TICK_NUMBER);
    }
}

/* A debugger stops at --until, and may go on. */
static void stop_debugger(void)
{
    if (posix_options.until_ticks < posix_options.until_end_ticks && posix_is_debugged()) {
        (void)raise(SIGTRAP);
        posix_options.until_ticks = posix_options.until_end_ticks;
        count_ticks(posix_options.until_ticks);
    }
}

/* Ticks that have passed, and not those that the kernel knows of: it may hear of none. */
static bool is_over(void)
{
    return time_base.posted >= posix_options.until_ticks;
}

void posix_clock_interrupt(void)
{
    if (!time_base.running) {
        return;
    }
    count_ticks(posix_options.until_ticks);
    if (is_over()) {
        stop_debugger();
    }
    if (posix_stop_requested || is_over()) {
        end_run(0);
    }
}

/* Ticks until the process has something to do, whatever the tasks wait for. */
static uint64_t longest_idle(void)
{
    uint64_t next = posix_schedule != NULL ? posix_schedule->next_tick() : UINT64_MAX;
    next = next < posix_options.until_ticks ? next : posix_options.until_ticks;
    return next > time_base.posted ? next - time_base.posted : 0;
}

void port_idle(uint32_t ticks)
{
    if (posix_look != NULL) {
        posix_look(ticks);
    }
    if (posix_port.pending == 0) {
        uint64_t left = longest_idle();
        left = posix_faults != NULL ? posix_faults->idle(left) : left;
        posix_source->idle(left < ticks ? (uint32_t)left : ticks);
    }
    port_irq_restore(0);
    (void)port_irq_save();
}

uint64_t posix_source_ns(void)
{
    return time_base.running ? posix_source->now_ns() : time_base.stopped_ns;
}

uint64_t port_cycles(void)
{
    return time_base.resetting ? 0 : posix_source_ns() - time_base.boot_ns;
}
