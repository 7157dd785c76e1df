/* Tasks: every documented result, states, join, kill, suspension, sleep, info, the list. */
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

static enum kiln_task_state state_of(const struct kiln_task *task)
{
    struct kiln_task_info info;
    assert_int_equal(kiln_task_get_info(task, &info), KILN_OK);
    return info.state;
}

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
    assert_string_equal(kiln_error_name(KILN_EDEADLK - 1), "KILN_E?");
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

/* ---- Join --------------------------------------------------------------------------------- */

#if KILN_CFG_JOIN
static int join_other_in_isr(void)
{
    return kiln_task_join(&tasks[1], NULL, 5);
}

static void join_rejects_what_it_must(void **state)
{
    (void)state;
    int code = 77;
    struct kiln_task *task = create(1, 0);
    assert_int_equal(kiln_task_join(task, &code, KILN_NO_WAIT), KILN_EAGAIN);
    assert_int_equal(kiln_task_join(kiln_task_self(), &code, KILN_NO_WAIT), KILN_EDEADLK);
    assert_int_equal(in_interrupt(join_other_in_isr), KILN_EISR);
    kiln_sched_lock();
    assert_int_equal(kiln_task_join(task, &code, KILN_FOREVER), KILN_ELOCKED);
    (void)kiln_sched_unlock();
    assert_int_equal(code, 77);
    assert_int_equal(kiln_task_kill(task, -4), KILN_OK);
    assert_int_equal(kiln_task_join(task, &code, KILN_FOREVER), KILN_OK);
    assert_int_equal(code, -4);
    assert_int_equal(kiln_task_join(task, NULL, KILN_NO_WAIT), KILN_OK);
    assert_int_equal(in_interrupt(join_other_in_isr), KILN_OK);
}

static void all_joiners_get_the_code(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    static int codes[3];
    struct kiln_task *task = create(0, 1);
    for (unsigned n = 1; n <= 3; n++) {
        codes[n - 1] = 0;
        (void)create(n, n + 1);
        assert_int_equal(play_join(task, n == 2 ? NULL : &codes[n - 1], 100), BLOCKED);
    }
    assert_running(task);
    assert_int_equal(play_exit(42), BLOCKED);
    for (unsigned n = 3; n >= 1; n--) {
        assert_running(&tasks[n]);
        assert_int_equal(play_return(&tasks[n]), KILN_OK);
        assert_int_equal(codes[n - 1], n == 2 ? 0 : 42);
        assert_int_equal(play_exit(0), BLOCKED);
    }
}

static void join_times_out(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    static int code = 77;
    struct kiln_task *task = create(0, 1);
    struct kiln_task *joiner = create(1, 3);
    assert_int_equal(play_join(task, &code, 3), BLOCKED);
    fake_tick(3);
    assert_int_equal(play_return(joiner), KILN_ETIMEOUT);
    assert_int_equal(code, 77);
}

static unsigned kills_in_gap;

static void kill_killer_in_isr(void)
{
    assert_int_equal(kiln_task_kill(&tasks[2], 8), KILN_OK);
}

static void kill_the_killer(void)
{
    if ((tasks[0].flags & K_TASK_TERMINATED) && kernel.locked != 0 && kills_in_gap == 0) {
        kills_in_gap++;
        fake_interrupt(kill_killer_in_isr);
    }
}

/* While a task ends another one an interrupt ends it: it does not get further than that. */
static void a_kill_in_the_gaps_of_a_kill(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    static int code;
    struct kiln_task *victim = create(0, 1), *joiner = create(1, 3);
    assert_int_equal(play_join(victim, &code, KILN_FOREVER), BLOCKED);
    struct kiln_task *killer = create(2, 5);
    kills_in_gap = 0;
    fake.gap = kill_the_killer;
    assert_int_equal(play_kill(victim, 7), BLOCKED);
    fake.gap = NULL;
    assert_int_equal(kills_in_gap, 1);
    assert_int_equal(state_of(victim), KILN_TASK_TERMINATED);
    assert_int_equal(state_of(killer), KILN_TASK_TERMINATED);
    assert_int_equal(kernel.locked, 0);
    assert_running(joiner);
    assert_int_equal(play_return(joiner), KILN_OK);
    assert_int_equal(code, 7);
}

static int create_in_gap_result;

static void reuse_storage(void)
{
    if (tasks[0].flags & K_TASK_TERMINATED) {
        create_in_gap_result = in_interrupt(init_in_isr);
    }
}

/* While a task ends, joiner by joiner, nobody gets at its storage. */
static void storage_is_kept_until_the_end(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    struct kiln_task *task = create(0, 1);
    (void)create(1, 3);
    assert_int_equal(play_join(task, NULL, KILN_FOREVER), BLOCKED);
    create_in_gap_result = 1;
    fake.gap = reuse_storage;
    assert_int_equal(kiln_task_self() == task ? play_exit(1) : 1, BLOCKED);
    fake.gap = NULL;
    assert_int_equal(create_in_gap_result, KILN_EISR);
    assert_int_equal(play_return(&tasks[1]), KILN_OK);
}
#endif

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

/* ---- Looking ------------------------------------------------------------------------------ */

static void info_tells_everything(void **state)
{
    (void)state;
    struct kiln_task_info info;
    struct kiln_task *task = create(0, 0);
    assert_int_equal(kiln_task_get_info(task, NULL), KILN_EINVAL);
    fake.stack_used = 123;
    assert_int_equal(kiln_task_get_info(task, &info), KILN_OK);
    assert_int_equal(info.wait_kind, KILN_WAIT_NONE);
    assert_null(info.wait_object);
#if KILN_CFG_NAMES
    assert_string_equal(info.name, "task0");
#endif
    assert_int_equal(info.stack_bytes, KILN_CFG_STACK_CHECK ? STACK_SIZE : 0);
    assert_int_equal(info.stack_used_max_bytes, KILN_CFG_STACK_CHECK ? 123 : 0);
}

#if KILN_CFG_STATS
static void cpu_time_goes_to_who_ran(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    struct kiln_task_info info;
    struct kiln_task *task = create(0, 3);
    (void)kiln_task_get_info(task, &info);
    assert_int_equal(info.switches, 1);
    fake.cycles += 100 * PORT_CYCLES_PER_US;
    (void)kiln_task_get_info(task, &info);
    assert_int_equal(info.cpu_us, 100);
    assert_int_equal(play_sleep(5), BLOCKED);
    fake.cycles += 50 * PORT_CYCLES_PER_US;
    fake_tick(5);
    assert_int_equal(play_return(task), KILN_OK);
    (void)kiln_task_get_info(task, &info);
    assert_int_equal(info.cpu_us, 100);
    assert_int_equal(info.switches, 2);
    (void)kiln_task_get_info(&kernel.idle, &info);
    assert_int_equal(info.cpu_us, 50);
    assert_int_equal(kiln_uptime_us(), 150);
}
#endif

#if KILN_CFG_NAMES && KILN_CFG_SEM && KILN_CFG_QUEUE && KILN_CFG_JOIN && KILN_CFG_FLAGS
static void expect_wait(const struct kiln_task *task, enum kiln_wait kind, const void *object)
{
    struct kiln_task_info info;
    assert_int_equal(kiln_task_get_info(task, &info), KILN_OK);
    assert_int_equal(info.state, KILN_TASK_BLOCKED);
    assert_int_equal(info.wait_kind, kind);
    assert_ptr_equal(info.wait_object, object);
}

static void info_names_what_a_task_waits_for(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    static struct kiln_sem sem;
    static struct kiln_queue queue;
    static struct kiln_flags flags;
    static uint32_t item, buffer[1];
    memset(&sem, 0, sizeof(sem));
    memset(&queue, 0, sizeof(queue));
    memset(&flags, 0, sizeof(flags));
    (void)kiln_sem_init(&sem, 0, 1);
    (void)kiln_queue_init(&queue, buffer, 4, 1);
    (void)kiln_flags_init(&flags);
    (void)create(0, 3);
    assert_int_equal(play_sem_take(&sem, 9), BLOCKED);
    expect_wait(&tasks[0], KILN_WAIT_SEM, &sem);
    (void)create(1, 3);
    assert_int_equal(play_receive(&queue, &item, 9), BLOCKED);
    expect_wait(&tasks[1], KILN_WAIT_QUEUE_RECEIVE, &queue);
    (void)kiln_task_kill(&tasks[1], 0);
    (void)kiln_queue_send(&queue, &item, 0);
    (void)create(2, 3);
    assert_int_equal(play_send(&queue, &item, 9), BLOCKED);
    expect_wait(&tasks[2], KILN_WAIT_QUEUE_SEND, &queue);
    (void)create(3, 3);
    assert_int_equal(play_flags_wait(&flags, 1, 0, NULL, 9), BLOCKED);
    expect_wait(&tasks[3], KILN_WAIT_FLAGS, &flags);
    (void)create(4, 3);
    assert_int_equal(play_join(&tasks[0], NULL, 9), BLOCKED);
    expect_wait(&tasks[4], KILN_WAIT_JOIN, &tasks[0]);
    (void)create(5, 3);
    assert_int_equal(play_sleep(9), BLOCKED);
    expect_wait(&tasks[5], KILN_WAIT_SLEEP, NULL);
}
#endif

#if KILN_CFG_TASK_LIST
static void the_list_has_the_living_in_order(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 4; n++) {
        (void)create(n, 0);
    }
    assert_int_equal(kiln_task_kill(&tasks[1], 0), KILN_OK);
    assert_ptr_equal(kiln_task_next(NULL), &kernel.idle);
    assert_ptr_equal(kiln_task_next(&kernel.idle), &tasks[0]);
    assert_ptr_equal(kiln_task_next(&tasks[0]), &tasks[2]);
    assert_int_equal(kiln_task_kill(&tasks[3], 0), KILN_OK);
    assert_null(kiln_task_next(&tasks[2]));
    (void)create(1, 0);
    assert_ptr_equal(kiln_task_next(&tasks[2]), &tasks[1]);
}
#endif

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
#if KILN_CFG_JOIN
        TEST(join_rejects_what_it_must),
        TEST(all_joiners_get_the_code),
        TEST(join_times_out),
        TEST(a_kill_in_the_gaps_of_a_kill),
        TEST(storage_is_kept_until_the_end),
#endif
        TEST(set_priority_checks_and_switches),
        TEST(a_new_tasks_priority_can_be_set),
#if KILN_CFG_SEM
        TEST(a_waiters_priority_moves_it_in_its_queue),
#endif
        TEST(sleep_rejects_what_it_must),
        TEST(sleep_until_has_no_drift),
        TEST(info_tells_everything),
#if KILN_CFG_STATS
        TEST(cpu_time_goes_to_who_ran),
#endif
#if KILN_CFG_NAMES && KILN_CFG_SEM && KILN_CFG_QUEUE && KILN_CFG_JOIN && KILN_CFG_FLAGS
        TEST(info_names_what_a_task_waits_for),
#endif
#if KILN_CFG_TASK_LIST
        TEST(the_list_has_the_living_in_order),
#endif
#if KILN_CFG_STACK_CHECK
        TEST(an_overflowed_stack_panics_at_the_switch),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
