/* Linux port: ticks out of the wall clock.
 *
 * A timer raises SIGALRM on the kernel thread; each time, the ticks that are due by CLOCK_MONOTONIC
 * are counted, so none is lost to a late signal, and the timer is set to the next tick. It does not
 * repeat by itself: where a tick is shorter than the host takes to deliver a signal, handlers would
 * pile up on the stack. While all tasks are idle the timer is set to the next deadline, and the
 * process sleeps until then.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "kiln/types.h"
#include "posix.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static struct {
    bool running;
    timer_t timer;
    uint64_t start_ns; /* CLOCK_MONOTONIC at tick 0 */
    double period_ns;  /* of a tick, in real time */
    uint64_t pause_ns; /* least time between two signals */
    bool setting;      /* set_timer() is under way */
} wall;

static uint64_t monotonic_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * POSIX_NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

/* When a tick is due. */
static uint64_t tick_ns(uint64_t tick)
{
    return wall.start_ns + (uint64_t)((double)tick * wall.period_ns);
}

uint64_t posix_real_ticks_due(void)
{
    return (uint64_t)((double)(monotonic_ns() - wall.start_ns) / wall.period_ns);
}

static struct timespec timespec_of(uint64_t ns)
{
    return (struct timespec){(time_t)(ns / POSIX_NS_PER_SECOND), (long)(ns % POSIX_NS_PER_SECOND)};
}

static void set_timer(uint64_t first_ns, uint64_t interval_ns)
{
    struct itimerspec spec = {.it_value = timespec_of(first_ns),
                              .it_interval = timespec_of(interval_ns)};
    bool outer = wall.setting;
    wall.setting = true;
    (void)timer_settime(wall.timer, TIMER_ABSTIME, &spec, NULL);
    wall.setting = outer;
}

/* The least time between two signals, so that the program gets on in between. On a host that is
 * held up itself, as a virtual machine is, setting the timer alone may take longer, and the signal
 * comes before the call returns: handlers, each of which sets the timer, would fill the stack. So
 * each one in a pile allows twice the time of the one below it, and the longest pause bounds the
 * pile. */
#define PAUSE_MIN_NS 20000U
#define PAUSE_MAX_NS 20000000U

static uint64_t soonest_ns(void)
{
    uint64_t pause = wall.setting ? wall.pause_ns * 2 : wall.pause_ns / 2;
    pause = pause < PAUSE_MAX_NS ? pause : PAUSE_MAX_NS;
    wall.pause_ns = pause > PAUSE_MIN_NS ? pause : PAUSE_MIN_NS;
    return monotonic_ns() + wall.pause_ns;
}

static void create_timer(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM};
    event.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
    if (timer_create(CLOCK_MONOTONIC, &event, &wall.timer) != 0) {
        perror("kiln: timer_create");
        exit(1);
    }
}

void posix_real_arm(void)
{
    uint64_t due = tick_ns(posix_posted_ticks() + 1), soonest = soonest_ns();
    set_timer(due > soonest ? due : soonest, 0);
}

void posix_real_arm_check(uint64_t ns)
{
    create_timer();
    set_timer(monotonic_ns() + ns, ns);
}

void posix_real_pace(uint64_t ticks)
{
    static uint64_t started_ns;
    if (started_ns == 0) {
        started_ns = monotonic_ns();
    }
    double ns = (double)(ticks * POSIX_NS_PER_TICK) / posix_options.speed;
    struct timespec due = timespec_of(started_ns + (uint64_t)ns);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR &&
           !posix_stop_asked) {
    }
}

void posix_real_start(void)
{
    posix_set_next_block(UINT64_MAX);
    create_timer();
    wall.period_ns = (double)POSIX_NS_PER_TICK / posix_options.speed;
    wall.start_ns = monotonic_ns();
    wall.running = true;
    posix_real_arm();
}

void posix_real_stop(void)
{
    wall.running = false;
    (void)timer_delete(wall.timer);
}

/* The timer's signal comes at the tick that is wanted, or a line is raised before that. */
void posix_real_wait(uint32_t ticks, uint32_t seen)
{
    if (ticks == KILN_FOREVER) {
        set_timer(0, 0);
    } else if (ticks > 1) {
        set_timer(tick_ns(posix_posted_ticks() + ticks), 0);
    }
    if (!posix_is_asked_for()) {
        posix_irq_wait(seen);
    }
}

/* ---- The source --------------------------------------------------------------------------- */

static void mark_pending(void)
{
    __atomic_fetch_or(&posix_port.pending, POSIX_PENDING_IRQ, __ATOMIC_SEQ_CST);
}

/* A signal came where it could not be handled, and left its mark. */
static void block_due(void)
{
    posix_set_next_block(UINT64_MAX);
    mark_pending();
}

/* Elsewhere, the signal is to come again in case nothing takes the interrupt by then. */
static bool signalled(enum posix_place place)
{
    if (place == POSIX_ELSEWHERE && wall.running) {
        set_timer(soonest_ns() + (uint64_t)wall.period_ns, 0);
    }
    return true;
}

/* A signal before the first line has left its mark, and one after it changes the count. */
static void idle(uint32_t ticks)
{
    uint32_t seen = posix_irq_requests();
    if (posix_port.pending == 0) {
        posix_real_wait(ticks, seen);
    }
    mark_pending();
}

static void collect(void)
{
    uint64_t due = posix_real_ticks_due();
    if (due > posix_posted_ticks()) {
        posix_post_ticks(due - posix_posted_ticks());
    }
    posix_post_outside();
}

static uint64_t now_ns(void)
{
    return (uint64_t)((double)(monotonic_ns() - wall.start_ns) * posix_options.speed);
}

const struct posix_source posix_real = {
    .start = posix_real_start,
    .stop = posix_real_stop,
    .block_due = block_due,
    .signalled = signalled,
    .idle = idle,
    .collect = collect,
    .handled = posix_real_arm,
    .now_ns = now_ns,
};
