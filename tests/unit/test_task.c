/* Tasks: every documented result, states, suspension, kill, priority, sleep. */
#include "unit.h"

static void init_rejects_bad_arguments(void **state)
{
    (void)state;
    struct kiln_task_def good = def_of(0, 0), def = good;
    assert_int_equal(kiln_task_init(NULL, &good), KILN_EINVAL);
    assert_int_equal(kiln_task_init(&tasks[0], NULL), KILN_EINVAL);
    def.entry = NULL;
    assert_int_equal(kiln_task_init(&tasks[0], &def), KILN_EINVAL);
    def = good;
    def.stack = NULL;
    assert_int_equal(kiln_task_init(&tasks[0], &def), KILN_EINVAL);
    def = good;
    def.stack = (uint8_t *)good.stack + 4;
    assert_int_equal(kiln_task_init(&tasks[0], &def), KILN_EINVAL);
    def = good;
    def.stack_bytes = PORT_STACK_MIN - 1;
    assert_int_equal(kiln_task_create(&tasks[0], &def), KILN_EINVAL);
    def = good;
    if (KILN_CFG_PRIORITIES < 256) {
        def.priority = (uint8_t)KILN_CFG_PRIORITIES;
        assert_int_equal(kiln_task_init(&tasks[0], &def), KILN_EINVAL);
    }
    assert_int_equal(kiln_task_init(&tasks[0], &good), KILN_OK);
}

static int init_in_isr(void)
{
    struct kiln_task_def def = def_of(0, 0);
    return kiln_task_init(&tasks[0], &def);
}

static void interrupts_make_no_tasks(void **state)
{
    (void)state;
    assert_int_equal(in_interrupt(init_in_isr), KILN_EISR);
}

static void definition_is_copied(void **state)
{
    (void)state;
    struct kiln_task_def def = def_of(3, 0);
    assert_int_equal(kiln_task_init(&tasks[3], &def), KILN_OK);
    assert_ptr_equal(tasks[3].ctx.entry, def.entry);
    assert_ptr_equal(tasks[3].ctx.stack, def.stack);
    assert_int_equal(tasks[3].ctx.stack_bytes, def.stack_bytes);
    def.name = NULL;
    assert_int_equal(kiln_task_init(&tasks[4], &def), KILN_OK);
#if KILN_CFG_NAMES
    assert_string_equal(tasks[4].name, "?");
#endif
}

#if KILN_CFG_CHECKS
static void bad_tasks_panic(void **state)
{
    (void)state;
    struct kiln_task_info info;
    struct kiln_task *none = &tasks[0];
    assert_panics("not an initialised object", (void)kiln_task_start(none));
    assert_panics("not an initialised object", (void)kiln_task_kill(none, 0));
    assert_panics("not an initialised object", (void)kiln_task_suspend(none));
    assert_panics("not an initialised object", (void)kiln_task_resume(none));
    assert_panics("not an initialised object", (void)kiln_task_set_priority(none, 0));
    assert_panics("not an initialised object", (void)kiln_task_priority(none));
    assert_panics("not an initialised object", (void)kiln_task_get_info(none, &info));
#if KILN_CFG_JOIN
    assert_panics("not an initialised object", (void)kiln_task_join(none, NULL, 0));
#endif
#if KILN_CFG_SLICE
    assert_panics("not an initialised object", (void)kiln_task_set_slice(none, 0));
#endif
#if KILN_CFG_TASK_LIST
    assert_panics("not an initialised object", (void)kiln_task_next(none));
#endif
#if KILN_CFG_NAMES
    assert_non_null(strstr(fake.text, "in task idle"));
#endif
}

static void exit_in_isr(void)
{
    kiln_task_exit(0);
}

static void exit_from_an_interrupt_panics(void **state)
{
    (void)state;
    assert_panics("kiln_task_exit() outside a task", fake_interrupt(exit_in_isr));
    assert_non_null(strstr(fake.text, "(interrupted)"));
}

static void a_living_task_is_not_initialised_again(void **state)
{
    (void)state;
    struct kiln_task_def def = def_of(0, 0);
    assert_int_equal(kiln_task_init(&tasks[0], &def), KILN_OK);
    assert_int_equal(kiln_task_init(&tasks[0], &def), KILN_ESTATE);
    assert_int_equal(kiln_task_start(&tasks[0]), KILN_OK);
    assert_int_equal(kiln_task_create(&tasks[0], &def), KILN_ESTATE);
    assert_int_equal(kiln_task_kill(&tasks[0], 0), KILN_OK);
    assert_int_equal(kiln_task_create(&tasks[0], &def), KILN_OK);
}
#endif

static void states_follow_a_life(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    struct kiln_task_def def = def_of(0, 3);
    struct kiln_task *task = &tasks[0];
    (void)kiln_task_init(task, &def);
    assert_int_equal(state_of(task), KILN_TASK_NEW);
    assert_int_equal(kiln_task_suspend(task), KILN_ESTATE);
    assert_int_equal(kiln_task_resume(task), KILN_ESTATE);
    assert_int_equal(kiln_task_start(task), KILN_OK);
    assert_running(task);
    assert_int_equal(kiln_task_start(task), KILN_ESTATE);
    assert_int_equal(state_of(task), KILN_TASK_RUNNING);
    assert_int_equal(state_of(&kernel.idle), KILN_TASK_READY);
    assert_int_equal(play_sleep(10), BLOCKED);
    assert_int_equal(state_of(task), KILN_TASK_BLOCKED);
    assert_int_equal(kiln_task_resume(task), KILN_ESTATE);
    assert_int_equal(kiln_task_suspend(task), KILN_OK);
    assert_int_equal(kiln_task_suspend(task), KILN_OK);
    assert_int_equal(state_of(task), KILN_TASK_SUSPENDED);
    fake_tick(10); /* the sleep ends, the suspension does not */
    assert_running(&kernel.idle);
    assert_int_equal(kiln_task_resume(task), KILN_OK);
    assert_running(task);
    assert_int_equal(play_return(task), KILN_OK);
    assert_int_equal(play_exit(5), BLOCKED);
    assert_int_equal(state_of(task), KILN_TASK_TERMINATED);
    assert_int_equal(kiln_task_suspend(task), KILN_ESTATE);
    assert_int_equal(kiln_task_resume(task), KILN_ESTATE);
    assert_int_equal(kiln_task_start(task), KILN_ESTATE);
    assert_int_equal(kiln_task_kill(task, 0), KILN_ESTATE);
    assert_int_equal(kiln_task_set_priority(task, 1), KILN_ESTATE);
    assert_true(task->ctx.freed);
}

static void state_names_are_known(void **state)
{
    (void)state;
    assert_string_equal(kiln_task_state_name(KILN_TASK_NEW), "new");
    assert_string_equal(kiln_task_state_name(KILN_TASK_BLOCKED), "blocked");
    assert_string_equal(kiln_task_state_name(KILN_TASK_TERMINATED), "terminated");
    assert_string_equal(kiln_task_state_name((enum kiln_task_state)6), "?");
    assert_string_equal(kiln_error_name(KILN_OK), "KILN_OK");
    assert_string_equal(kiln_error_name(KILN_EDEADLK), "KILN_EDEADLK");
    assert_string_equal(kiln_error_name(KILN_ECANCELED), "KILN_ECANCELED");
    assert_string_equal(kiln_error_name(KILN_EIO), "KILN_EIO");
    assert_string_equal(kiln_error_name(KILN_EIO - 1), "KILN_E?");
    assert_string_equal(kiln_error_name(1), "KILN_E?");
}

static void idle_task_is_left_alone(void **state)
{
    (void)state;
    assert_int_equal(kiln_task_kill(&kernel.idle, 0), KILN_EINVAL);
    assert_int_equal(kiln_task_suspend(&kernel.idle), KILN_EINVAL);
    assert_int_equal(kiln_task_set_priority(&kernel.idle, 0), KILN_EINVAL);
}

/* ---- Suspension ------------------------------------------------------------------------- */

static void a_task_suspends_itself(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    struct kiln_task *task = create(0, 3);
    assert_int_equal(play_suspend(task), BLOCKED);
    assert_running(&kernel.idle);
    assert_int_equal(kiln_task_resume(task), KILN_OK);
    assert_running(task);
    assert_int_equal(play_return(task), KILN_OK);
}

static void suspension_waits_for_the_scheduler_lock(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    struct kiln_task *task = create(0, 3);
    kiln_sched_lock();
    assert_int_equal(kiln_task_suspend(task), KILN_OK);
    assert_running(task);
    assert_int_equal(play_sched_unlock(), BLOCKED);
    assert_running(&kernel.idle);
    assert_int_equal(kiln_task_resume(task), KILN_OK);
    assert_int_equal(play_return(task), KILN_OK);
}

static int suspend_current(void)
{
    return kiln_task_suspend(kernel.current);
}

static int suspend_and_resume_current(void)
{
    struct kiln_task *task = kernel.current;
    assert_int_equal(kiln_task_suspend(task), KILN_OK);
    return kiln_task_resume(task);
}

static void an_interrupt_suspends_the_interrupted(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    struct kiln_task *task = create(0, 3);
    assert_int_equal(in_interrupt(suspend_and_resume_current), KILN_OK);
    assert_running(task);
    assert_int_equal(in_interrupt(suspend_current), KILN_OK);
    assert_running(&kernel.idle);
    assert_int_equal(kiln_task_resume(task), KILN_OK);
    assert_running(task);
}

/* ---- Kill --------------------------------------------------------------------------------- */

static int kill_current(void)
{
    return kiln_task_kill(kernel.current, 9);
}

static void an_interrupt_kills_the_interrupted(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    struct kiln_task *task = create(0, 3);
    assert_int_equal(in_interrupt(kill_current), KILN_OK);
    assert_running(&kernel.idle);
    assert_int_equal(state_of(task), KILN_TASK_TERMINATED);
}

static void a_kill_waits_for_the_scheduler_lock(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    struct kiln_task *task = create(0, 3);
    kiln_sched_lock();
    assert_int_equal(in_interrupt(kill_current), KILN_OK);
    assert_int_equal(in_interrupt(kill_current), KILN_ESTATE);
    assert_running(task);
    kiln_sched_lock();
    assert_int_equal(kiln_sched_unlock(), KILN_OK);
    assert_running(task);
    assert_int_equal(play_sched_unlock(), BLOCKED); /* it never returns */
    assert_running(&kernel.idle);
    assert_int_equal(state_of(task), KILN_TASK_TERMINATED);
    assert_false(fake_in_call(task));
    assert_int_equal(kernel.locked, 0);
}

/* As above, and while the scheduler was locked a more urgent task became ready. */
static void a_late_kill_makes_way_at_once(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    struct kiln_task *task = create(0, 3);
    kiln_sched_lock();
    assert_int_equal(in_interrupt(kill_current), KILN_OK);
    struct kiln_task *other = create(1, 5);
    assert_running(task);
    assert_int_equal(play_sched_unlock(), BLOCKED);
    assert_running(other);
    assert_int_equal(state_of(task), KILN_TASK_TERMINATED);
}

static void killing_new_ready_and_suspended_tasks(void **state)
{
    (void)state;
    struct kiln_task_def def = def_of(0, 0);
    (void)kiln_task_init(&tasks[0], &def);
    assert_int_equal(kiln_task_kill(&tasks[0], 1), KILN_OK);
    (void)create(1, 0);
    assert_int_equal(kiln_task_kill(&tasks[1], 1), KILN_OK);
    (void)create(2, 0);
    (void)kiln_task_suspend(&tasks[2]);
    assert_int_equal(kiln_task_kill(&tasks[2], 1), KILN_OK);
    for (unsigned n = 0; n < 3; n++) {
        assert_int_equal(state_of(&tasks[n]), KILN_TASK_TERMINATED);
        assert_true(tasks[n].ctx.freed);
    }
}

/* ---- Priority ----------------------------------------------------------------------------- */

static void set_priority_checks_and_switches(void **state)
{
    (void)state;
    assert_int_equal(kiln_task_set_priority(create(5, 0), KILN_CFG_PRIORITIES), KILN_EINVAL);
    assert_int_equal(kiln_task_set_priority(&tasks[5], ~0U), KILN_EINVAL);
    NEED_PRIORITIES(8);
    struct kiln_task *task = create(0, 3), *other = create(1, 2);
    assert_running(task);
    assert_int_equal(kiln_task_set_priority(other, 4), KILN_OK);
    assert_running(other);
    assert_int_equal(kiln_task_set_priority(other, 3), KILN_OK);
    assert_running(other); /* it keeps its turn when it is lowered to its equals */
    assert_int_equal(kiln_task_set_priority(other, 2), KILN_OK);
    assert_running(task);
    assert_int_equal(kiln_task_priority(other), 2);
}

static void a_new_tasks_priority_can_be_set(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    struct kiln_task_def def = def_of(0, 1);
    (void)kiln_task_init(&tasks[0], &def);
    assert_int_equal(kiln_task_set_priority(&tasks[0], 6), KILN_OK);
    (void)create(1, 4);
    assert_int_equal(kiln_task_start(&tasks[0]), KILN_OK);
    assert_running(&tasks[0]);
}

#if KILN_CFG_SEM
static void a_waiters_priority_moves_it_in_its_queue(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    static struct kiln_sem sem;
    memset(&sem, 0, sizeof(sem));
    (void)kiln_sem_init(&sem, 0, 1);
    for (unsigned n = 0; n < 3; n++) {
        (void)create(n, 2 + n);
        assert_int_equal(play_sem_take(&sem, KILN_FOREVER), BLOCKED);
    }
    assert_int_equal(kiln_task_set_priority(&tasks[0], 7), KILN_OK);
    assert_ptr_equal(sem.waiters.first, &tasks[0]);
    assert_int_equal(kiln_task_set_priority(&tasks[0], 3), KILN_OK); /* behind its equal */
    assert_ptr_equal(sem.waiters.first, &tasks[2]);
    assert_ptr_equal(sem.waiters.first->next, &tasks[1]);
}
#endif

/* ---- Sleep -------------------------------------------------------------------------------- */

static int sleep_in_isr(void)
{
    kiln_ticks_t wake = kiln_ticks();
    assert_int_equal(kiln_task_sleep_until(&wake, 5), KILN_EISR);
    assert_int_equal(wake, kiln_ticks());
    return kiln_task_sleep(5);
}

static void sleep_rejects_what_it_must(void **state)
{
    (void)state;
    kiln_ticks_t wake = kiln_ticks(), before = wake;
    assert_int_equal(kiln_task_sleep(KILN_FOREVER), KILN_EINVAL);
    assert_int_equal(kiln_task_sleep(0), KILN_OK);
    assert_int_equal(in_interrupt(sleep_in_isr), KILN_EISR);
    assert_int_equal(kiln_task_sleep_until(NULL, 1), KILN_EINVAL);
    assert_int_equal(kiln_task_sleep_until(&wake, 0x80000000U), KILN_EINVAL);
    kiln_sched_lock();
    assert_int_equal(kiln_task_sleep(5), KILN_ELOCKED);
    assert_int_equal(kiln_task_sleep_until(&wake, 5), KILN_ELOCKED);
    (void)kiln_sched_unlock();
    assert_int_equal(wake, before);
    assert_int_equal(kiln_task_sleep_until(&wake, 0), KILN_OK);
    fake_tick(1);
    assert_int_equal(kiln_task_sleep_until(&wake, 0), KILN_ETIMEOUT);
}

static void sleep_until_has_no_drift(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    static kiln_ticks_t wake;
    struct kiln_task *task = create(0, 3);
    kiln_ticks_t start = wake = kiln_ticks();
    for (unsigned n = 1; n <= 3; n++) {
        assert_int_equal(play_sleep_until(&wake, 10), BLOCKED);
        while (kiln_task_self() != task) {
            fake_tick(1);
        }
        assert_int_equal(play_return(task), KILN_OK);
        assert_int_equal(wake, start + 10 * n);
        assert_int_equal(kiln_ticks(), start + 10 * n);
        fake_tick(n); /* it works for a while */
    }
    fake_tick(20); /* and is late: it catches up without sleeping */
    assert_int_equal(play_sleep_until(&wake, 10), KILN_ETIMEOUT);
    assert_int_equal(wake, start + 40);
    assert_int_equal(play_sleep_until(&wake, 10), KILN_ETIMEOUT);
    assert_int_equal(play_sleep_until(&wake, 10), BLOCKED);
    fake_tick(7);
    assert_running(task);
    assert_int_equal(play_return(task), KILN_OK);
}

/* ---- Stack check -------------------------------------------------------------------------- */

#if KILN_CFG_STACK_CHECK
static void an_overflowed_stack_panics_at_the_switch(void **state)
{
    (void)state;
    (void)create(0, 0);
    assert_ptr_equal(kiln_task_self(), &kernel.idle);
    kernel.idle.ctx.overflowed = true;
    assert_panics("stack overflow", (void)kiln_task_yield());
#if KILN_CFG_NAMES
    assert_non_null(strstr(fake.text, "object idle"));
#endif
    fake.check = NULL;
}
#endif

#define SETUP unit_setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(init_rejects_bad_arguments),
        TEST(interrupts_make_no_tasks),
        TEST(definition_is_copied),
#if KILN_CFG_CHECKS
        TEST(bad_tasks_panic),
        TEST(exit_from_an_interrupt_panics),
        TEST(a_living_task_is_not_initialised_again),
#endif
        TEST(states_follow_a_life),
        TEST(state_names_are_known),
        TEST(idle_task_is_left_alone),
        TEST(a_task_suspends_itself),
        TEST(suspension_waits_for_the_scheduler_lock),
        TEST(an_interrupt_suspends_the_interrupted),
        TEST(an_interrupt_kills_the_interrupted),
        TEST(a_kill_waits_for_the_scheduler_lock),
        TEST(a_late_kill_makes_way_at_once),
        TEST(killing_new_ready_and_suspended_tasks),
        TEST(set_priority_checks_and_switches),
        TEST(a_new_tasks_priority_can_be_set),
#if KILN_CFG_SEM
        TEST(a_waiters_priority_moves_it_in_its_queue),
#endif
        TEST(sleep_rejects_what_it_must),
        TEST(sleep_until_has_no_drift),
#if KILN_CFG_STACK_CHECK
        TEST(an_overflowed_stack_panics_at_the_switch),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
