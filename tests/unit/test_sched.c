/* The scheduler: order of priorities for any number of them, yield, slices, locks, idle, start. */
#include "unit.h"

/* Two tasks that kiln_start() is to create; no other test program has any. */
static int entry(void *arg)
{
    (void)arg;
    return 0;
}

KILN_TASK_DEFINE(first_defined, entry, &tasks[0], 0, 256);
KILN_TASK_DEFINE(second_defined, entry, &tasks[1], KILN_CFG_PRIORITIES - 1, 1000);

/* A kernel without those two. */
static int setup(void **state)
{
    (void)unit_setup_unstarted(state);
    memset(&first_defined, 0, sizeof(first_defined));
    memset(&second_defined, 0, sizeof(second_defined));
    (void)kiln_start();
    (void)kiln_task_kill(&first_defined, 0);
    (void)(kernel.current == &second_defined ? play_exit(0) : kiln_task_kill(&second_defined, 0));
    return 0;
}

static int setup_unstarted(void **state)
{
    memset(&first_defined, 0, sizeof(first_defined));
    memset(&second_defined, 0, sizeof(second_defined));
    return unit_setup_unstarted(state);
}

static void start_creates_the_defined_tasks(void **state)
{
    (void)state;
    fake.stop_code = 17;
    assert_int_equal(kiln_start(), 17);
    assert_int_equal(fake.starts, 1);
    assert_ptr_equal(first_defined.ctx.entry, entry);
    assert_ptr_equal(first_defined.ctx.arg, &tasks[0]);
    assert_int_equal(first_defined.ctx.stack_bytes, 256);
    assert_int_equal(second_defined.ctx.stack_bytes, 1000);
    assert_int_equal(kiln_task_priority(&second_defined), KILN_PRIORITY_MAX);
    if (KILN_CFG_PRIORITIES > 1) {
        assert_running(&second_defined);
    }
}

static void nothing_runs_before_the_start(void **state)
{
    (void)state;
    (void)create(0, KILN_PRIORITY_MAX);
    assert_int_equal(fake.switches, 0);
    assert_int_equal(kiln_task_sleep(1), KILN_ELOCKED);
    assert_int_equal(kiln_task_yield(), KILN_ELOCKED);
    (void)kiln_start();
    assert_int_equal(fake.switches, 0);
    if (KILN_CFG_PRIORITIES > 1) {
        assert_running(&tasks[0]);
    }
}

static void stop_carries_its_code(void **state)
{
    (void)state;
    FAKE_CATCH(kiln_stop(23));
    assert_true(fake.stopped);
    assert_int_equal(fake.stop_code, 23);
}

static void return_from_an_entry_ends_the_task(void **state)
{
    (void)state;
    struct kiln_task *self = create(0, 0);
    assert_int_equal(play_yield(), BLOCKED);
    assert_running(self);
    assert_int_equal(play_exit(3), BLOCKED);
    assert_running(&kernel.idle);
#if KILN_CFG_JOIN
    int code = 0;
    assert_int_equal(kiln_task_join(self, &code, 0), KILN_OK);
    assert_int_equal(code, 3);
#endif
}

/* Tasks of random priorities become ready in a random order: the most urgent runs, and among
 * equals the one that was ready first. */
static void the_most_urgent_runs(void **state)
{
    random_start();
    for (int round = 0; round < 50; round++) {
        (void)setup(state);
        unsigned best = 0;
        kiln_sched_lock();
        for (unsigned n = 0; n < UNIT_TASKS; n++) {
            unsigned prio = random_below(KILN_CFG_PRIORITIES);
            (void)create(n, prio);
            best = prio > tasks[best].prio ? n : best;
        }
        assert_running(&kernel.idle);
        if (tasks[best].prio > 0) {
            assert_int_equal(kiln_sched_unlock(), KILN_OK);
            assert_running(&tasks[best]);
        } else {
            (void)kiln_sched_unlock();
            assert_running(&kernel.idle);
        }
    }
}

/* All tasks end one after the other, in the order of their priorities. */
static void all_priorities_have_their_turn(void **state)
{
    (void)state;
    random_start();
    kiln_sched_lock();
    for (unsigned n = 0; n < UNIT_TASKS; n++) {
        (void)create(n, random_below(KILN_CFG_PRIORITIES));
    }
    (void)play_sched_unlock();
    unsigned last = KILN_CFG_PRIORITIES, ended = 0;
    while (kiln_task_self() != &kernel.idle) {
        assert_true(kiln_task_self()->prio <= last);
        last = kiln_task_self()->prio;
        assert_int_equal(play_exit(0), BLOCKED);
        ended++;
    }
    for (unsigned n = 0; n < UNIT_TASKS; n++) {
        ended += (tasks[n].flags & K_TASK_TERMINATED) == 0 && tasks[n].prio == 0;
    }
    assert_int_equal(ended, UNIT_TASKS);
}

static void yield_goes_round(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 3; n++) {
        (void)create(n, 0);
    }
    for (unsigned n = 0; n < 8; n++) {
        assert_running(n % 4 == 0 ? &kernel.idle : &tasks[n % 4 - 1]);
        assert_int_equal(kiln_task_yield(), KILN_OK);
    }
}

static int yield_in_isr(void)
{
    return kiln_task_yield();
}

static void yield_rejects_what_it_must(void **state)
{
    (void)state;
    (void)create(0, 0);
    assert_int_equal(in_interrupt(yield_in_isr), KILN_EISR);
    kiln_sched_lock();
    assert_int_equal(kiln_task_yield(), KILN_ELOCKED);
    (void)kiln_sched_unlock();
    unsigned key = kiln_irq_lock();
    assert_int_equal(kiln_task_yield(), KILN_ELOCKED);
    kiln_irq_unlock(key);
    assert_running(&kernel.idle);
}

static void yield_alone_switches_nothing(void **state)
{
    (void)state;
    unsigned switches = fake.switches;
    assert_int_equal(kiln_task_yield(), KILN_OK);
    assert_int_equal(fake.switches, switches);
}

static int unlock_in_isr(void)
{
    return kiln_sched_unlock();
}

static void locks_nest(void **state)
{
    (void)state;
    NEED_PRIORITIES(2);
    assert_int_equal(kiln_sched_unlock(), KILN_ESTATE);
    kiln_sched_lock();
    kiln_sched_lock();
    assert_int_equal(in_interrupt(unlock_in_isr), KILN_EISR);
    struct kiln_task *task = create(0, 1);
    assert_int_equal(kiln_sched_unlock(), KILN_OK);
    assert_running(&kernel.idle);
    assert_int_equal(kiln_sched_unlock(), KILN_OK);
    assert_running(task);
    assert_int_equal(kiln_sched_unlock(), KILN_ESTATE);
}

static int lock_in_isr(void)
{
    return kiln_sched_lock();
}

/* Nobody could undo it: an unlock is not for interrupts either. */
#if KILN_CFG_CHECKS
static void a_second_start_panics(void **state)
{
    (void)state;
    assert_panics("kiln_start() again", (void)kiln_start());
}
#endif

/* Rounded up, and never so far that it would be for ever. */
static void milliseconds_become_ticks(void **state)
{
    (void)state;
    assert_int_equal(KILN_MS(0), 0);
    assert_int_equal(KILN_MS(1), (KILN_CFG_TICK_HZ + 999) / 1000);
    assert_int_equal(KILN_MS(UINT64_C(4294967297000)), KILN_FOREVER - 1);
}

static void an_interrupt_cannot_lock(void **state)
{
    (void)state;
    assert_int_equal(in_interrupt(lock_in_isr), KILN_EISR);
    assert_int_equal(kernel.locked, 0);
}

/* The lock that holds everything back before the start is not the app's to end. */
static void main_cannot_unlock_the_start(void **state)
{
    (void)state;
    NEED_PRIORITIES(2);
    (void)create(0, 1);
    assert_int_equal(kiln_sched_unlock(), KILN_ESTATE);
    assert_int_equal(kiln_sched_lock(), KILN_OK);
    assert_int_equal(kiln_sched_unlock(), KILN_OK);
    assert_int_equal(kiln_sched_unlock(), KILN_ESTATE);
    assert_running(&kernel.idle);
}

static void a_switch_waits_for_the_unmask(void **state)
{
    (void)state;
    NEED_PRIORITIES(2);
    unsigned outer = kiln_irq_lock();
    unsigned inner = kiln_irq_lock();
    struct kiln_task *task = create(0, 1);
    assert_running(&kernel.idle);
    kiln_irq_unlock(inner);
    assert_running(&kernel.idle);
    kiln_irq_unlock(outer);
    assert_running(task);
}

static int in_isr_itself(void)
{
    return kiln_in_isr();
}

static void knows_where_it_is(void **state)
{
    (void)state;
    assert_false(kiln_in_isr());
    assert_true(in_interrupt(in_isr_itself));
}

static void time_is_counted(void **state)
{
    (void)state;
    uint64_t start = kiln_uptime_ticks();
    assert_true(start == KILN_CFG_START_TICKS);
    fake_tick(1);
    fake_tick(0xFFFFFFFE);
    fake_tick(1);
    assert_true(kiln_uptime_ticks() == start + UINT64_C(0x100000000));
    assert_int_equal(kiln_ticks(), (kiln_ticks_t)start);
    fake.cycles = 12345 * PORT_CYCLES_PER_US;
    assert_int_equal(kiln_uptime_us(), 12345);
}

#if KILN_CFG_SLICE
static void slices_end_and_go_on_after_preemption(void **state)
{
    (void)state;
    NEED_PRIORITIES(4);
    (void)create(0, 2);
    (void)create(1, 2);
    assert_int_equal(kiln_task_set_slice(&tasks[0], 65536), KILN_EINVAL);
    assert_int_equal(kiln_task_set_slice(&tasks[0], 3), KILN_OK);
    fake_tick(2);
    assert_running(&tasks[0]);
    (void)create(2, 3); /* preempts it, and runs for a while */
    fake_tick(5);
    assert_int_equal(play_exit(0), BLOCKED);
    assert_running(&tasks[0]);
    fake_tick(1);
    assert_running(&tasks[1]); /* which has no slice */
    fake_tick(100);
    assert_running(&tasks[1]);
    assert_int_equal(kiln_task_yield(), KILN_OK);
    assert_running(&tasks[0]);
    fake_tick(2);
    assert_int_equal(kiln_task_yield(), KILN_OK);
    assert_int_equal(kiln_task_yield(), KILN_OK);
    fake_tick(2); /* yielding started a new slice */
    assert_running(&tasks[0]);
    fake_tick(50); /* many ticks at once end one slice */
    assert_running(&tasks[1]);
}

static void a_slice_ends_when_the_scheduler_is_unlocked(void **state)
{
    (void)state;
    NEED_PRIORITIES(4);
    (void)create(0, 2);
    (void)create(1, 2);
    (void)kiln_task_set_slice(&tasks[0], 1);
    kiln_sched_lock();
    fake_tick(1);
    assert_running(&tasks[0]);
    (void)kiln_sched_unlock();
    assert_running(&tasks[1]);
}

static void a_slice_alone_goes_on(void **state)
{
    (void)state;
    NEED_PRIORITIES(4);
    (void)create(0, 2);
    (void)kiln_task_set_slice(&tasks[0], 1);
    fake_tick(3);
    assert_running(&tasks[0]);
}
#endif

/* The idle task's own loop, up to its first yield: it sleeps until the next timeout. */
static jmp_buf out_of_idle;

static void leave_idle(void)
{
    if (fake.idles > 0) {
        fake.gap = NULL;
        _longjmp(out_of_idle, 1);
    }
}

static void idle_sleeps_to_the_next_deadline(void **state)
{
    (void)state;
    NEED_PRIORITIES(4);
    (void)create(0, 3);
    assert_int_equal(play_sleep(77), BLOCKED);
    fake.gap = leave_idle;
    if (_setjmp(out_of_idle) == 0) {
        (void)kernel.idle.ctx.entry(kernel.idle.ctx.arg);
    }
    assert_int_equal(fake.idles, 1);
    assert_int_equal(fake.idle_ticks, 77);
}

#undef TEST
#define TEST(fn)           cmocka_unit_test_setup_teardown(fn, setup, unit_teardown)
#define TEST_UNSTARTED(fn) cmocka_unit_test_setup_teardown(fn, setup_unstarted, unit_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST_UNSTARTED(start_creates_the_defined_tasks),
        TEST(the_most_urgent_runs),
        TEST(an_interrupt_cannot_lock),
#if KILN_CFG_CHECKS
        TEST(a_second_start_panics),
#endif
        TEST(milliseconds_become_ticks),
        TEST_UNSTARTED(main_cannot_unlock_the_start),
        TEST(all_priorities_have_their_turn),
        TEST_UNSTARTED(nothing_runs_before_the_start),
        TEST(stop_carries_its_code),
        TEST(return_from_an_entry_ends_the_task),
        TEST(yield_goes_round),
        TEST(yield_rejects_what_it_must),
        TEST(yield_alone_switches_nothing),
        TEST(locks_nest),
        TEST(a_switch_waits_for_the_unmask),
        TEST(knows_where_it_is),
        TEST(time_is_counted),
#if KILN_CFG_SLICE
        TEST(slices_end_and_go_on_after_preemption),
        TEST(a_slice_ends_when_the_scheduler_is_unlocked),
        TEST(a_slice_alone_goes_on),
#endif
        TEST(idle_sleeps_to_the_next_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
