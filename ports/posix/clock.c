/* Linux port: where ticks come from.
 *
 * Real: a timer raises SIGALRM on the kernel thread; each time, the ticks that are due by
 * CLOCK_MONOTONIC are counted, so none is lost to a late signal, and the timer is set to the next
 * tick. It does not repeat by itself: where a tick is shorter than the host takes to deliver a
 * signal, handlers would pile up on the stack. While all tasks are idle the timer is set to the
 * next deadline, and the process sleeps until then.
 *
 * Virtual: time is a function of the instrumented blocks executed, NS_PER_BLOCK each; when all
 * tasks are idle it jumps to the next deadline. Nothing outside the process has a say in it.
 * An empty endless loop has no block that the compiler would instrument, so a slow signal
 * looks for it; as such a loop changes nothing, time can jump there just as well.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "kiln/sched.h"
#include "kiln/trace.h"
#include "posix.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

#define NS_PER_SECOND UINT64_C(1000000000)
#define NS_PER_TICK   (NS_PER_SECOND / KILN_CFG_TICK_HZ)

/* A made-up processor that executes a hundred million basic blocks a second. */
#define NS_PER_BLOCK 10U

static struct {
    bool running;
    uint64_t stopped_ns; /* kernel time when it stopped; 0 before */
    uint64_t ticks;      /* counted so far; written in interrupts and, masked, by the idle task */
    /* real */
    timer_t timer;
    uint64_t start_ns; /* CLOCK_MONOTONIC at tick 0 */
    double period_ns;  /* of a tick, in real time */
    /* virtual */
    uint64_t tick_block; /* value of the block count at the last tick */
} time_base;

static bool is_virtual(void)
{
    return posix_options.clock == POSIX_CLOCK_VIRTUAL;
}

/* ---- Real clock --------------------------------------------------------------------------- */

static uint64_t monotonic_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

/* When a tick is due. */
static uint64_t tick_ns(uint64_t tick)
{
    return time_base.start_ns + (uint64_t)((double)tick * time_base.period_ns);
}

static uint64_t ticks_due_real(void)
{
    return (uint64_t)((double)(monotonic_ns() - time_base.start_ns) / time_base.period_ns);
}

static void set_timer(uint64_t first_ns, uint64_t interval_ns)
{
    struct itimerspec spec = {
        .it_value = {(time_t)(first_ns / NS_PER_SECOND), (long)(first_ns % NS_PER_SECOND)},
        .it_interval = {(time_t)(interval_ns / NS_PER_SECOND),
                        (long)(interval_ns % NS_PER_SECOND)}};
    (void)timer_settime(time_base.timer, TIMER_ABSTIME, &spec, NULL);
}

static void create_timer(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM};
    event.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
    if (timer_create(CLOCK_MONOTONIC, &event, &time_base.timer) != 0) {
        perror("kiln: timer_create");
        exit(1);
    }
}

/* The least time between two signals, so that the program gets on in between. */
#define SIGNAL_PAUSE_NS 20000U

static void arm_timer(void)
{
    uint64_t due = tick_ns(time_base.ticks + 1), soonest = monotonic_ns() + SIGNAL_PAUSE_NS;
    set_timer(due > soonest ? due : soonest, 0);
}

void posix_clock_retry(void)
{
    if (time_base.running && !is_virtual()) {
        set_timer(monotonic_ns() + SIGNAL_PAUSE_NS + (uint64_t)time_base.period_ns, 0);
    }
}

static void start_real(void)
{
    create_timer();
    time_base.period_ns = (double)NS_PER_TICK / posix_options.speed;
    time_base.start_ns = monotonic_ns();
    arm_timer();
}

/* Sleeps until the timer's signal, which comes at the tick that is wanted, or until a line is
 * raised before that. */
static void idle_real(uint32_t ticks)
{
    if (ticks == KILN_FOREVER) {
        set_timer(0, 0);
    } else if (ticks > 1) {
        set_timer(tick_ns(time_base.ticks + ticks), 0);
    }
    posix_irq_wait();
    __atomic_fetch_or(&posix_port.pending, POSIX_PENDING_IRQ, __ATOMIC_SEQ_CST);
}

/* ---- Virtual clock ------------------------------------------------------------------------ */

static uint64_t blocks_per_tick(void)
{
    return NS_PER_TICK / NS_PER_BLOCK;
}

static uint64_t ticks_due_virtual(void)
{
    uint64_t ticks = (posix_port.blocks - time_base.tick_block) / blocks_per_tick();
    time_base.tick_block += ticks * blocks_per_tick();
    posix_port.next_block = time_base.tick_block + blocks_per_tick();
    return time_base.ticks + ticks;
}

void posix_clock_skip_to_tick(void)
{
    if (is_virtual() && time_base.running) {
        posix_port.blocks = time_base.tick_block + blocks_per_tick();
    }
}

/* The signal that looks for empty endless loops. */
#define SPIN_CHECK_NS UINT64_C(2000000)

static void start_virtual(void)
{
    time_base.tick_block = posix_port.blocks;
    posix_port.next_block = time_base.tick_block + blocks_per_tick();
    create_timer();
    set_timer(monotonic_ns() + SPIN_CHECK_NS, SPIN_CHECK_NS);
}

/* Moves time on to the next deadline at once. */
static void idle_virtual(uint32_t ticks)
{
    if (ticks == KILN_FOREVER && posix_options.until_ticks == UINT64_MAX) {
        (void)fflush(stdout);
        (void)fprintf(stderr, "kiln: every task is blocked for ever and no timeout is pending\n");
        posix_print_summary();
        port_stop(1);
    }
    time_base.tick_block = posix_port.blocks - (uint64_t)ticks * blocks_per_tick();
    __atomic_fetch_or(&posix_port.pending, POSIX_PENDING_IRQ, __ATOMIC_SEQ_CST);
}

/* ---- Both --------------------------------------------------------------------------------- */

void posix_clock_start(void)
{
    time_base.ticks = 0;
    if (is_virtual()) {
        start_virtual();
    } else {
        start_real();
    }
    time_base.running = true;
}

void posix_clock_stop(void)
{
    if (time_base.running) {
        (void)timer_delete(time_base.timer);
        time_base.stopped_ns = port_cycles();
    }
    time_base.running = false;
}

static void end_run(int code)
{
    (void)fflush(stdout);
    posix_print_summary();
    port_stop(code);
}

void posix_clock_interrupt(void)
{
    if (!time_base.running) {
        return;
    }
    uint64_t due = is_virtual() ? ticks_due_virtual() : ticks_due_real();
    due = due < posix_options.until_ticks ? due : posix_options.until_ticks;
    while (time_base.ticks < due) {
        uint64_t step = due - time_base.ticks;
        step = step < KILN_FOREVER ? step : KILN_FOREVER - 1;
        time_base.ticks += step;
        kiln_trace_isr_enter(POSIX_TICK_NUMBER);
        kernel_tick((uint32_t)step);
        kiln_trace_isr_exit(POSIX_TICK_NUMBER);
    }
    if (posix_stop_requested || time_base.ticks >= posix_options.until_ticks) {
        end_run(0);
    }
    if (!is_virtual()) {
        arm_timer();
    }
}

void port_idle(uint32_t ticks)
{
    if (posix_port.pending == 0) {
        uint64_t left = posix_options.until_ticks - time_base.ticks;
        uint32_t until = left < ticks ? (uint32_t)left : ticks;
        if (is_virtual()) {
            idle_virtual(until);
        } else {
            idle_real(until);
        }
    }
    port_irq_restore(0);
    (void)port_irq_save();
}

uint64_t port_cycles(void)
{
    if (!time_base.running) {
        return time_base.stopped_ns;
    }
    if (is_virtual()) {
        return time_base.ticks * NS_PER_TICK +
               (posix_port.blocks - time_base.tick_block) * NS_PER_BLOCK;
    }
    return (uint64_t)((double)(monotonic_ns() - time_base.start_ns) * posix_options.speed);
}
