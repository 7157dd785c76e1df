/* Interrupt sweep: other handlers interrupted by the probe, which is more urgent; and timers, whose
 * callbacks run in the tick's. */
#include "sweep.h"

KILN_SEM_DEFINE(given, 0, 4);

static void take_given(void)
{
    CHECK_OK(kiln_sem_take(&given, KILN_FOREVER));
}

static void take_given_in_a_tick(void)
{
    CHECK_EQ(kiln_sem_take(&given, 1), KILN_ETIMEOUT);
}

static void take_given_in_two_ticks(void)
{
    CHECK_EQ(kiln_sem_take(&given, 2), KILN_ETIMEOUT);
}

static void give_given(void)
{
    CHECK_OK(kiln_sem_give(&given));
}

/* ---- A device's interrupt -------------------------------------------------------------------- */

SCENARIO(isr_gives_without_waiter)
{
    sweep_open();
    device_interrupt(give_given);
    sweep_close();
    CHECK_OK(kiln_sem_take(&given, KILN_NO_WAIT));
}

/* PendSV: the way into the switch and back. */
SCENARIO(isr_wakes_higher)
{
    helper_start(&high, take_given);
    sweep_open();
    device_interrupt(give_given);
    CHECK_EQ(kiln_sem_count(&given), 0);
    CHECK(helper_is_done(&high));
    sweep_close();
    helper_wait(&high);
}

static void wake_in_vain(void)
{
    give_given();
    CHECK_OK(kiln_task_suspend(helper_task(&high)));
}

/* A switch is asked for, and then there is nothing to switch to. */
SCENARIO(isr_wakes_in_vain)
{
    helper_start(&high, take_given);
    sweep_open();
    device_interrupt(wake_in_vain);
    CHECK(!helper_is_done(&high));
    CHECK_OK(kiln_task_resume(helper_task(&high)));
    CHECK(helper_is_done(&high));
    sweep_close();
    helper_wait(&high);
}

static int return_7(void *arg)
{
    (void)arg;
    return 7;
}

static void start_victim(void)
{
    CHECK_OK(kiln_task_start(&victim));
}

SCENARIO(isr_starts_task)
{
    int code = -1;
    victim_init(return_7, HIGH_PRIO);
    sweep_open();
    device_interrupt(start_victim);
    CHECK_OK(kiln_task_join(&victim, &code, KILN_NO_WAIT));
    sweep_close();
    CHECK_EQ(code, 7);
}

SCENARIO_PAIRS(isr_wakes_higher_twice)
{
    helper_start(&high, take_given);
    sweep_open();
    device_interrupt(give_given);
    CHECK_EQ(kiln_sem_count(&given), 0);
    CHECK(helper_is_done(&high));
    sweep_close();
    helper_wait(&high);
}

SCENARIO(isr_wakes_lower)
{
    helper_start(&low, take_given);
    CHECK_OK(kiln_task_sleep(1));
    sweep_open();
    device_interrupt(give_given);
    helper_wait(&low);
    sweep_close();
}

static void take_twice(void)
{
    take_given();
    take_given();
}

/* One switch after the other is due while the first is under way. */
SCENARIO_ISR(isr_wakes_as_the_other_does, give_given)
{
    helper_start(&high, take_twice);
    sweep_open();
    device_interrupt(give_given);
    sweep_close();
    if (!sweep_interrupted()) {
        give_given();
    }
    helper_wait(&high);
    CHECK_EQ(kiln_sem_count(&given), 0);
}

KILN_MUTEX_DEFINE(mutex_of_tasks, KILN_MUTEX_PLAIN);

static void make_calls_that_block(void)
{
    CHECK_EQ(kiln_mutex_lock(&mutex_of_tasks, KILN_FOREVER), KILN_EISR);
    CHECK_EQ(kiln_mutex_unlock(&mutex_of_tasks), KILN_EISR);
    CHECK_EQ(kiln_uptime_us() != 0, 1);
    struct kiln_task_def def = {.entry = NULL};
    CHECK_EQ(kiln_sem_take(&given, KILN_FOREVER), KILN_EISR);
    CHECK_EQ(kiln_sem_take(&given, 1), KILN_EISR);
    CHECK_EQ(kiln_task_sleep(1), KILN_EISR);
    CHECK_EQ(kiln_task_yield(), KILN_EISR);
    CHECK_EQ(kiln_sched_lock(), KILN_EISR);
    CHECK_EQ(kiln_sched_unlock(), KILN_EISR);
    CHECK_EQ(kiln_task_init(&victim, &def), KILN_EINVAL);
}

SCENARIO(isr_must_not_block)
{
    sweep_open();
    device_interrupt(make_calls_that_block);
    sweep_close();
}

static void kill_victim(void)
{
    CHECK_OK(kiln_task_kill(&victim, 4));
}

static int be_killed(void *arg)
{
    (void)arg;
    device_interrupt(kill_victim);
    return 7;
}

SCENARIO(isr_kills_running)
{
    int code = -1;
    victim_init(be_killed, HIGH_PRIO);
    sweep_open();
    CHECK_OK(kiln_task_start(&victim));
    sweep_close();
    CHECK_OK(kiln_task_join(&victim, &code, KILN_NO_WAIT));
    CHECK_EQ(code, 4);
}

static int be_killed_locked(void *arg)
{
    (void)arg;
    CHECK_OK(kiln_sched_lock());
    device_interrupt(kill_victim);
    CHECK_OK(kiln_sched_unlock());
    return 7;
}

SCENARIO(isr_kills_running_with_a_lock)
{
    int code = -1;
    victim_init(be_killed_locked, HIGH_PRIO);
    sweep_open();
    CHECK_OK(kiln_task_start(&victim));
    sweep_close();
    CHECK_OK(kiln_task_join(&victim, &code, KILN_NO_WAIT));
    CHECK_EQ(code, 4);
}

static void suspend_running(void)
{
    CHECK_OK(kiln_task_suspend(kiln_task_self()));
}

static void resume_victim(void)
{
    CHECK_OK(kiln_task_resume(&victim));
}

static int be_suspended(void *arg)
{
    (void)arg;
    device_interrupt(suspend_running);
    return 7;
}

SCENARIO(isr_suspends_running)
{
    int code = -1;
    victim_init(be_suspended, HIGH_PRIO);
    sweep_open();
    CHECK_OK(kiln_task_start(&victim));
    device_interrupt(resume_victim);
    sweep_close();
    CHECK_OK(kiln_task_join(&victim, &code, KILN_NO_WAIT));
    CHECK_EQ(code, 7);
}

static void raise_low(void)
{
    CHECK_OK(kiln_task_set_priority(helper_task(&low), HIGH_PRIO));
}

SCENARIO(isr_sets_priority)
{
    helper_start(&low, take_given);
    CHECK_OK(kiln_sem_give(&given));
    sweep_open();
    device_interrupt(raise_low);
    sweep_close();
    helper_wait(&low);
    CHECK_OK(kiln_task_set_priority(helper_task(&low), LOW_PRIO));
}

/* ---- The tick's interrupt -------------------------------------------------------------------- */

SCENARIO(tick_quiet)
{
    kiln_ticks_t before = kiln_ticks();
    sweep_open();
    tick_now();
    sweep_close();
    CHECK_EQ(kiln_ticks() - before, 1);
}

SCENARIO(tick_ends_two_waits)
{
    helper_start(&low, take_given_in_two_ticks);
    CHECK_OK(kiln_task_sleep(1));
    helper_start(&high, take_given_in_a_tick);
    sweep_open();
    tick_now();
    helper_wait(&high);
    helper_wait(&low);
    sweep_close();
}

/* ---- Timers ---------------------------------------------------------------------------------- */

static unsigned calls;

static void give_and_count(struct kiln_timer *timer)
{
    (void)timer;
    calls++;
    CHECK(kiln_uptime_us() != 0); /* the tick under way is not counted yet */
    give_given();
}

static void stop_itself(struct kiln_timer *timer)
{
    calls++;
    CHECK_OK(kiln_timer_stop(timer));
}

KILN_TIMER_DEFINE(timer, give_and_count);
KILN_TIMER_DEFINE(other_timer, give_and_count);
KILN_TIMER_DEFINE(stopping_timer, stop_itself);

SCENARIO(timer_init_destroy)
{
    struct kiln_timer own;
    own.tag = NULL;
    sweep_open();
    CHECK_OK(kiln_timer_init(&own, give_and_count));
    CHECK_OK(kiln_timer_destroy(&own));
    CHECK_EQ(kiln_timer_init(&own, NULL), KILN_EINVAL);
    sweep_close();
}

SCENARIO(timer_start_stop)
{
    sweep_open();
    CHECK_OK(kiln_timer_start(&timer, 100, 0));
    CHECK_OK(kiln_timer_start(&other_timer, 50, 10));
    CHECK_OK(kiln_timer_start(&timer, 20, 0));
    CHECK(kiln_timer_active(&timer));
    CHECK_EQ(kiln_timer_remaining(&timer), 20);
    CHECK_EQ(kiln_timer_destroy(&timer), KILN_ESTATE);
    CHECK_OK(kiln_timer_stop(&other_timer));
    CHECK_OK(kiln_timer_stop(&timer));
    CHECK_EQ(kiln_timer_stop(&timer), KILN_ESTATE);
    CHECK_EQ(kiln_timer_start(&timer, 0, 0), KILN_EINVAL);
    sweep_close();
}

SCENARIO(timer_expires)
{
    calls = 0;
    helper_start(&high, take_given);
    CHECK_OK(kiln_timer_start(&timer, 1, 0));
    sweep_open();
    tick_now();
    CHECK(helper_is_done(&high));
    sweep_close();
    helper_wait(&high);
    CHECK_EQ(calls, 1);
    CHECK(!kiln_timer_active(&timer));
}

SCENARIO(timers_expire_together)
{
    calls = 0;
    CHECK_OK(kiln_timer_start(&timer, 1, 1));
    CHECK_OK(kiln_timer_start(&stopping_timer, 1, 1));
    CHECK_OK(kiln_timer_start(&other_timer, 2, 0));
    sweep_open();
    tick_now();
    tick_now();
    sweep_close();
    CHECK_EQ(calls, 4);
    CHECK_OK(kiln_timer_stop(&timer));
    for (unsigned i = 0; i < 3; i++) {
        take_given();
    }
}

static void stop_from_isr(void)
{
    (void)kiln_timer_stop(&timer);
}

/* The probe's interrupt is more urgent than the tick's, which has the timer expire. */
SCENARIO_ISR(timer_isr_stops_as_it_expires, stop_from_isr)
{
    calls = 0;
    CHECK_OK(kiln_timer_start(&timer, 1, 0));
    sweep_open();
    tick_now();
    sweep_close();
    CHECK(calls == 1 || (sweep_interrupted() && calls == 0));
    CHECK_EQ(kiln_sem_count(&given), calls);
    if (calls == 1) {
        take_given();
    }
}

/* A tree of them, that loses its root, a leaf, and what is between. */
SCENARIO(timers_in_a_tree)
{
    static const uint8_t delays[] = {50, 40, 60, 30, 70, 20, 80};
    static struct kiln_timer timers[sizeof(delays)];
    for (unsigned i = 0; i < sizeof(delays); i++) {
        CHECK_OK(kiln_timer_init(&timers[i], give_and_count));
    }
    sweep_open();
    for (unsigned i = 0; i < sizeof(delays); i++) {
        CHECK_OK(kiln_timer_start(&timers[i], delays[i], 0));
    }
    for (unsigned i = 0; i < sizeof(delays); i++) {
        CHECK_OK(kiln_timer_stop(&timers[(i * 3 + 5) % sizeof(delays)]));
    }
    sweep_close();
    for (unsigned i = 0; i < sizeof(delays); i++) {
        CHECK_OK(kiln_timer_destroy(&timers[i]));
    }
}
