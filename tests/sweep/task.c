/* Interrupt sweep: tasks, from creation to end. */
#include "sweep.h"

KILN_SEM_DEFINE(gate, 0, 1);

static int return_7(void *arg)
{
    (void)arg;
    return 7;
}

static int exit_8(void *arg)
{
    (void)arg;
    kiln_task_exit(8);
    return 0;
}

static int kill_oneself(void *arg)
{
    (void)arg;
    return kiln_task_kill(&victim, 9);
}

static int wait_at_gate(void *arg)
{
    (void)arg;
    return kiln_sem_take(&gate, KILN_FOREVER);
}

static int wait_at_gate_timed(void *arg)
{
    (void)arg;
    return kiln_sem_take(&gate, 1000);
}

static int suspend_oneself(void *arg)
{
    (void)arg;
    CHECK_OK(kiln_task_suspend(&victim));
    return 7;
}

/* ---- Life and death -------------------------------------------------------------------------- */

static void start_and_join(int (*entry)(void *), unsigned priority, int code)
{
    int found = -1;
    sweep_open();
    victim_init(entry, priority);
    CHECK_OK(kiln_task_start(&victim));
    CHECK_OK(kiln_task_join(&victim, &found, KILN_FOREVER));
    sweep_close();
    CHECK_EQ(found, code);
}

SCENARIO(task_returns_higher)
{
    start_and_join(return_7, HIGH_PRIO, 7);
}

SCENARIO(task_returns_lower)
{
    start_and_join(return_7, LOW_PRIO, 7);
}

SCENARIO(task_create)
{
    static uint64_t stack[80];
    struct kiln_task_def def = {
        .entry = return_7, .stack = stack, .stack_bytes = sizeof(stack), .priority = HIGH_PRIO};
    sweep_open();
    CHECK_OK(kiln_task_create(&victim, &def));
    CHECK_EQ(kiln_task_create(&victim, NULL), KILN_EINVAL);
    sweep_close();
    victim_ended(7);
}

SCENARIO(task_exits_lower)
{
    start_and_join(exit_8, LOW_PRIO, 8);
}

SCENARIO(task_kills_itself)
{
    start_and_join(kill_oneself, LOW_PRIO, 9);
}

SCENARIO(task_refusals)
{
    struct kiln_task_def def = {.entry = NULL};
    static uint64_t stack[80];
    victim_init(return_7, LOW_PRIO);
    sweep_open();
    CHECK_EQ(kiln_task_init(&victim, &def), KILN_EINVAL);
    def.entry = return_7;
    def.stack = stack;
    def.stack_bytes = 8;
    CHECK_EQ(kiln_task_init(&victim, &def), KILN_EINVAL);
    def.stack_bytes = sizeof(stack);
    CHECK_EQ(kiln_task_init(&victim, &def), KILN_ESTATE);
    CHECK_EQ(kiln_task_start(kiln_task_self()), KILN_ESTATE);
    CHECK_EQ(kiln_task_suspend(&victim), KILN_ESTATE);
    CHECK_EQ(kiln_task_resume(&victim), KILN_ESTATE);
    CHECK_EQ(kiln_task_join(&victim, NULL, KILN_NO_WAIT), KILN_EAGAIN);
    CHECK_EQ(kiln_task_join(kiln_task_self(), NULL, KILN_FOREVER), KILN_EDEADLK);
    CHECK_EQ(kiln_task_set_priority(&victim, 99), KILN_EINVAL);
    CHECK_EQ(kiln_task_kill(kiln_task_next(NULL), 0), KILN_EINVAL);
    CHECK_EQ(kiln_task_suspend(kiln_task_next(NULL)), KILN_EINVAL);
    CHECK_OK(kiln_task_kill(&victim, 1));
    CHECK_EQ(kiln_task_kill(&victim, 1), KILN_ESTATE);
    CHECK_EQ(kiln_task_set_priority(&victim, 3), KILN_ESTATE);
    CHECK_EQ(kiln_task_sleep(KILN_FOREVER), KILN_EINVAL);
    CHECK_EQ(kiln_task_sleep_until(NULL, 1), KILN_EINVAL);
    CHECK_EQ(kiln_task_set_slice(kiln_task_self(), 70000), KILN_EINVAL);
    sweep_close();
}

SCENARIO(task_kill_waiting)
{
    victim_init(wait_at_gate_timed, HIGH_PRIO);
    CHECK_OK(kiln_task_start(&victim));
    sweep_open();
    CHECK_OK(kiln_task_kill(&victim, 5));
    sweep_close();
    victim_ended(5);
    CHECK_OK(kiln_sem_give(&gate));
    CHECK_OK(kiln_sem_take(&gate, KILN_NO_WAIT));
}

SCENARIO(task_kill_ready)
{
    victim_init(wait_at_gate, LOW_PRIO);
    CHECK_OK(kiln_task_start(&victim));
    sweep_open();
    CHECK_OK(kiln_task_kill(&victim, 5));
    sweep_close();
    victim_ended(5);
}

static int joined;

static void join_victim(void)
{
    CHECK_OK(kiln_task_join(&victim, &joined, KILN_FOREVER));
}

SCENARIO(task_kill_wakes_joiner)
{
    joined = 0;
    victim_init(wait_at_gate, LOW_PRIO);
    CHECK_OK(kiln_task_start(&victim));
    helper_start(&high, join_victim);
    sweep_open();
    CHECK_OK(kiln_task_kill(&victim, 6));
    CHECK_EQ(joined, 6);
    CHECK(helper_is_done(&high));
    sweep_close();
    helper_wait(&high);
}

SCENARIO(task_join_times_out)
{
    victim_init(wait_at_gate, LOW_PRIO);
    CHECK_OK(kiln_task_start(&victim));
    helper_start(&low, tick_now);
    sweep_open();
    CHECK_EQ(kiln_task_join(&victim, NULL, 1), KILN_ETIMEOUT);
    sweep_close();
    helper_wait(&low);
    CHECK_OK(kiln_task_kill(&victim, 0));
}

static void kill_from_isr(void)
{
    (void)kiln_task_kill(&victim, 9);
}

/* Whoever comes first, the gate's unit is neither lost nor given twice. */
SCENARIO_ISR(task_isr_kills_as_it_is_woken, kill_from_isr)
{
    victim_init(wait_at_gate_timed, HIGH_PRIO);
    CHECK_OK(kiln_task_start(&victim));
    sweep_open();
    CHECK_OK(kiln_sem_give(&gate));
    sweep_close();
    if (sweep_interrupted() && kiln_sem_count(&gate) == 1) {
        victim_ended(9);
        CHECK_OK(kiln_sem_take(&gate, KILN_NO_WAIT));
    } else {
        int code = -1;
        CHECK_OK(kiln_task_join(&victim, &code, KILN_NO_WAIT));
        CHECK(code == 9 || code == KILN_OK);
    }
}

static void lock_for_a_while(void)
{
    CHECK_OK(kiln_sched_lock());
    CHECK_OK(kiln_sem_give(&gate));
    CHECK_OK(kiln_sem_take(&gate, KILN_NO_WAIT));
    CHECK_OK(kiln_sched_unlock());
}

static int die_locked(void *arg)
{
    (void)arg;
    lock_for_a_while();
    return 7;
}

/* The interrupt kills the running task, which waits when that has the scheduler locked. */
SCENARIO_ISR(task_isr_kills_running, kill_from_isr)
{
    int code = -1;
    victim_init(die_locked, HIGH_PRIO);
    sweep_open();
    CHECK_OK(kiln_task_start(&victim) == KILN_OK || sweep_interrupted() ? KILN_OK : KILN_ESTATE);
    sweep_close();
    CHECK_OK(kiln_task_join(&victim, &code, KILN_NO_WAIT));
    CHECK(code == 7 || (sweep_interrupted() && code == 9));
    while (kiln_sem_take(&gate, KILN_NO_WAIT) == KILN_OK) {
    }
}

/* ---- Suspension and priority ----------------------------------------------------------------- */

SCENARIO(task_suspend_resume_other)
{
    victim_init(wait_at_gate, HIGH_PRIO);
    CHECK_OK(kiln_task_start(&victim));
    sweep_open();
    CHECK_OK(kiln_task_suspend(&victim));
    CHECK_OK(kiln_sem_give(&gate));
    CHECK_OK(kiln_task_resume(&victim));
    sweep_close();
    victim_ended(KILN_OK);
}

SCENARIO(task_suspend_waits_on)
{
    victim_init(wait_at_gate, HIGH_PRIO);
    CHECK_OK(kiln_task_start(&victim));
    sweep_open();
    CHECK_OK(kiln_task_suspend(&victim));
    CHECK_OK(kiln_task_resume(&victim));
    CHECK_OK(kiln_sem_give(&gate));
    sweep_close();
    victim_ended(KILN_OK);
}

SCENARIO(task_suspends_itself)
{
    victim_init(suspend_oneself, HIGH_PRIO);
    sweep_open();
    CHECK_OK(kiln_task_start(&victim));
    CHECK_OK(kiln_task_resume(&victim));
    sweep_close();
    victim_ended(7);
}

static int suspend_oneself_locked(void *arg)
{
    (void)arg;
    CHECK_OK(kiln_sched_lock());
    CHECK_OK(kiln_task_suspend(&victim));
    CHECK_OK(kiln_sched_unlock());
    return 7;
}

SCENARIO(task_suspends_itself_locked)
{
    victim_init(suspend_oneself_locked, HIGH_PRIO);
    sweep_open();
    CHECK_OK(kiln_task_start(&victim));
    CHECK_OK(kiln_task_resume(&victim));
    sweep_close();
    victim_ended(7);
}

static void resume_from_isr(void)
{
    (void)kiln_task_resume(&victim);
}

SCENARIO_ISR(task_isr_resumes, resume_from_isr)
{
    victim_init(suspend_oneself, HIGH_PRIO);
    sweep_open();
    CHECK_OK(kiln_task_start(&victim));
    (void)kiln_task_resume(&victim);
    sweep_close();
    victim_ended(7);
}

static void suspend_from_isr(void)
{
    (void)kiln_task_suspend(helper_task(&low));
}

/* The interrupt suspends a task that comes, is, or has gone: it stops, and goes on when resumed. */
SCENARIO_ISR(task_isr_suspends, suspend_from_isr)
{
    helper_start(&low, lock_for_a_while);
    sweep_open();
    CHECK_OK(kiln_task_set_priority(helper_task(&low), SWEEP_PRIO + 1));
    CHECK_OK(kiln_task_set_priority(helper_task(&low), LOW_PRIO));
    sweep_close();
    (void)kiln_task_resume(helper_task(&low));
    helper_wait(&low);
}

SCENARIO(task_priority)
{
    victim_init(return_7, LOW_PRIO);
    CHECK_OK(kiln_task_start(&victim));
    sweep_open();
    CHECK_OK(kiln_task_set_priority(kiln_task_self(), SWEEP_PRIO + 1));
    CHECK_OK(kiln_task_set_priority(kiln_task_self(), LOW_PRIO - 1));
    CHECK_OK(kiln_task_set_priority(kiln_task_self(), SWEEP_PRIO));
    sweep_close();
    victim_ended(7);
}

/* Lists of more than one: the victim shares our priority. */
SCENARIO(task_of_equal_priority)
{
    victim_init(wait_at_gate, SWEEP_PRIO);
    sweep_open();
    CHECK_OK(kiln_task_start(&victim));
    CHECK_OK(kiln_task_suspend(&victim));
    CHECK_OK(kiln_task_resume(&victim));
    CHECK_OK(kiln_task_set_priority(&victim, SWEEP_PRIO - 1));
    CHECK_OK(kiln_task_set_priority(&victim, SWEEP_PRIO));
    CHECK_OK(kiln_task_yield());
    CHECK_OK(kiln_sem_give(&gate));
    CHECK_OK(kiln_task_suspend(&victim));
    CHECK_OK(kiln_task_resume(&victim));
    CHECK_OK(kiln_task_yield());
    sweep_close();
    victim_ended(KILN_OK);
}

SCENARIO(task_kill_of_equal_priority)
{
    victim_init(wait_at_gate_timed, SWEEP_PRIO);
    CHECK_OK(kiln_task_start(&victim));
    sweep_open();
    CHECK_OK(kiln_task_set_priority(kiln_task_self(), SWEEP_PRIO));
    CHECK_OK(kiln_task_kill(&victim, 1));
    CHECK_EQ(kiln_task_kill(&victim, 1), KILN_ESTATE);
    sweep_close();
}
