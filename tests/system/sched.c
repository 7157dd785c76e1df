/* The scheduler: order, preemption, time slices, locks, and time itself. */
#include "harness.h"

#define GROUP "sched"

CASE(runs_by_priority_then_first_come)
{
    static const unsigned char less[] = {3, 1, 2, 1, 3, 2};
    for (int i = 0; i < 6; i++) {
        (void)test_task(test_mark_arg, ARG('a' + i), TEST_PRIO - less[i]);
    }
    test_join_all();
    CHECK_LOG("bdcfae");
}

static int stop_spinning; /* atomic */
static uint32_t spins;    /* atomic */

static int spin(void *arg)
{
    while (!__atomic_load_n(&stop_spinning, __ATOMIC_RELAXED)) {
        __atomic_store_n(&spins, spins + 1, __ATOMIC_RELAXED);
    }
    test_mark((char)ARG_INT(arg));
    return 0;
}

CASE(sleeper_preempts_a_busy_loop)
{
    stop_spinning = 0;
    spins = 0;
    (void)test_task(spin, ARG('s'), TEST_PRIO - 1);
    for (int i = 0; i < 5; i++) {
        uint32_t before = __atomic_load_n(&spins, __ATOMIC_RELAXED);
        CHECK_OK(kiln_task_sleep(2));
        CHECK(__atomic_load_n(&spins, __ATOMIC_RELAXED) != before);
    }
    __atomic_store_n(&stop_spinning, 1, __ATOMIC_RELAXED);
    CHECK_LOG("");
    test_join_all();
    CHECK_LOG("s");
}

/* Every preempted task goes on before those that came after it, of the same priority. */
static int wait_for_mark(void *arg)
{
    test_mark((char)ARG_INT(arg));
    test_spin(6);
    test_mark((char)ARG_INT(arg));
    return 0;
}

CASE(preempted_task_keeps_its_turn)
{
    (void)test_task(wait_for_mark, ARG('a'), TEST_PRIO - 1);
    (void)test_task(wait_for_mark, ARG('b'), TEST_PRIO - 1);
    CHECK_OK(kiln_task_sleep(2)); /* preempts a, twice */
    CHECK_OK(kiln_task_sleep(2));
    test_join_all();
    CHECK_LOG("aabb");
}

/* ---- Time slices --------------------------------------------------------------------------- */

#if KILN_CFG_SLICE
static volatile uint32_t turns_end;

/* Marks its letter whenever it finds that another task ran in between. */
static volatile int ran_last;

static int take_turns(void *arg)
{
    for (bool more = true; more;) {
        unsigned key = kiln_irq_lock(); /* a tick between the look and the mark would mislead */
        more = (int32_t)(kiln_ticks() - turns_end) < 0;
        if (more && ran_last != ARG_INT(arg)) {
            ran_last = ARG_INT(arg);
            test_mark((char)ARG_INT(arg));
        }
        kiln_irq_unlock(key);
    }
    return 0;
}

static struct kiln_task *sliced(char letter, kiln_ticks_t slice)
{
    return test_sliced_task(take_turns, ARG(letter), TEST_PRIO - 1, slice);
}

CASE_IF(slices_take_turns_of_their_lengths, TEST_EXACT)
{
    ran_last = 0;
    test_align();
    turns_end = kiln_ticks() + 18;
    (void)sliced('a', 2);
    (void)sliced('b', 3);
    (void)sliced('c', 1);
    CHECK_OK(kiln_task_sleep(20));
    test_join_all();
    CHECK_LOG("abcabcabc"); /* 2 + 3 + 1 ticks a round; all end in the third */
}

#if KILN_CFG_SEM
static struct kiln_sem gate;
static struct kiln_task *late;

static int wait_at_the_gate(void *arg)
{
    CHECK_OK(kiln_sem_take(&gate, KILN_FOREVER));
    test_mark((char)ARG_INT(arg));
    return 0;
}

/* Gets behind another task of its new priority without losing the processor. */
static int use_up_a_slice_in_second_place(void *arg)
{
    CHECK_OK(kiln_sched_lock());
    CHECK_OK(kiln_sem_give(&gate));
    CHECK_OK(kiln_task_set_priority(kiln_task_self(), TEST_PRIO - 1));
    CHECK_OK(kiln_task_start(late));
    test_spin(3);
    CHECK_OK(kiln_sched_unlock());
    test_mark((char)ARG_INT(arg));
    return 0;
}

CASE(slice_that_ends_under_a_lock_takes_no_turn_of_another)
{
    test_sem(&gate, 0, 1);
    (void)test_task(wait_at_the_gate, ARG('a'), TEST_PRIO - 1);
    CHECK_OK(kiln_task_sleep(1));
    struct kiln_task *task = test_new_task(use_up_a_slice_in_second_place, ARG('r'), TEST_PRIO - 2);
    CHECK_OK(kiln_task_set_slice(task, 1));
    late = test_new_task(test_mark_arg, ARG('b'), TEST_PRIO - 1);
    CHECK_OK(kiln_task_start(task));
    test_join_all();
    CHECK_LOG("abr");
}
#endif

CASE(without_a_slice_the_first_runs_to_its_end)
{
    ran_last = 0;
    turns_end = kiln_ticks() + 10;
    (void)sliced('a', 0);
    (void)sliced('b', 1);
    CHECK_OK(kiln_task_sleep(2));
    CHECK_LOG("a");
    test_join_all();
    CHECK_LOG("");
}

CASE_IF(slice_goes_on_after_a_preemption, TEST_EXACT)
{
    ran_last = 0;
    test_align();
    turns_end = kiln_ticks() + 13;
    (void)sliced('a', 4);
    (void)sliced('b', 4);
    for (int i = 0; i < 12; i++) {
        CHECK_OK(kiln_task_sleep(1)); /* preempts whoever runs, at every tick */
    }
    CHECK_LOG("aba");
    test_join_all();
    CHECK_LOG("b");
}

CASE(set_slice_rejects_what_does_not_fit)
{
    CHECK_EQ(kiln_task_set_slice(kiln_task_self(), 65536), KILN_EINVAL);
    CHECK_OK(kiln_task_set_slice(kiln_task_self(), 65535));
    CHECK_OK(kiln_task_set_slice(kiln_task_self(), 0));
}
#endif

/* ---- Scheduler lock ------------------------------------------------------------------------ */

CASE(lock_holds_off_more_urgent_tasks_until_the_last_unlock)
{
    kiln_sched_lock();
    kiln_sched_lock();
    (void)test_task(test_mark_arg, ARG('a'), TEST_PRIO + 1);
    test_mark('1');
    CHECK_OK(kiln_sched_unlock());
    test_mark('2');
    CHECK_OK(kiln_sched_unlock());
    test_mark('3');
    CHECK_LOG("12a3");
    CHECK_EQ(kiln_sched_unlock(), KILN_ESTATE);
}

CASE(lock_does_not_hold_off_ticks)
{
    struct kiln_task *task = test_task(spin, ARG('!'), TEST_PRIO - 1);
    kiln_sched_lock();
    kiln_ticks_t start = kiln_ticks();
    test_spin(5);
    CHECK(kiln_ticks() - start >= 5);
    CHECK_EQ(kiln_task_sleep(1), KILN_ELOCKED);
    CHECK_OK(kiln_sched_unlock());
    CHECK_OK(kiln_task_kill(task, 0));
}

static int sleep_two(void *arg)
{
    CHECK_OK(kiln_task_sleep(2));
    test_mark((char)ARG_INT(arg));
    return 0;
}

CASE(those_woken_under_the_lock_run_in_order_afterwards)
{
    (void)test_task(sleep_two, ARG('a'), TEST_PRIO + 1);
    (void)test_task(sleep_two, ARG('b'), TEST_PRIO + 3);
    (void)test_task(sleep_two, ARG('c'), TEST_PRIO + 2);
    kiln_sched_lock();
    test_spin(5);
    test_mark('l');
    CHECK_OK(kiln_sched_unlock());
    CHECK_LOG("lbca");
}

static void unlock_in_interrupt(void)
{
    CHECK_EQ(kiln_sched_unlock(), KILN_EISR);
    test_mark('i');
}

CASE(unlock_in_an_interrupt_is_refused)
{
    kiln_sched_lock();
    test_irq_trigger(unlock_in_interrupt);
    CHECK_OK(kiln_sched_unlock());
    CHECK_LOG("i");
}

/* ---- Interrupt lock ------------------------------------------------------------------------ */

static void mark_interrupt(void)
{
    test_mark('i');
}

CASE(interrupt_lock_nests_by_value)
{
    unsigned outer = kiln_irq_lock();
    unsigned inner = kiln_irq_lock();
    test_irq_trigger(mark_interrupt);
    test_mark('1');
    kiln_irq_unlock(inner);
    test_mark('2');
    kiln_irq_unlock(outer);
    test_mark('3');
    CHECK_LOG("12i3");
}

CASE(start_of_a_task_under_the_interrupt_lock_switches_at_the_unlock)
{
    struct kiln_task *task = test_new_task(test_mark_arg, ARG('a'), TEST_PRIO + 1);
    unsigned key = kiln_irq_lock();
    CHECK_OK(kiln_task_start(task));
    test_mark('m');
    CHECK_EQ(kiln_task_sleep(1), KILN_ELOCKED);
    CHECK_EQ(kiln_task_yield(), KILN_ELOCKED);
    kiln_irq_unlock(key);
    test_mark('c');
    CHECK_LOG("mac");
}

CASE(interrupt_knows_that_it_is_one)
{
    CHECK(!kiln_in_isr());
    unsigned key = kiln_irq_lock();
    CHECK(!kiln_in_isr());
    kiln_irq_unlock(key);
}

/* ---- Time ---------------------------------------------------------------------------------- */

CASE_IF(sleep_lasts_exactly_its_ticks, TEST_EXACT)
{
    for (kiln_ticks_t ticks = 1; ticks < 40; ticks += 3) {
        test_align();
        kiln_ticks_t start = kiln_ticks();
        CHECK_OK(kiln_task_sleep(ticks));
        CHECK_EQ(kiln_ticks() - start, ticks);
    }
}

CASE(sleep_lasts_no_less_than_its_ticks)
{
    for (kiln_ticks_t ticks = 1; ticks < 10; ticks++) {
        kiln_ticks_t start = kiln_ticks();
        CHECK_OK(kiln_task_sleep(ticks));
        CHECK(kiln_ticks() - start >= ticks);
    }
}

static void sleep_in_interrupt(void)
{
    kiln_ticks_t wake = kiln_ticks();
    CHECK_EQ(kiln_task_sleep(1), KILN_EISR);
    CHECK_EQ(kiln_task_sleep_until(&wake, 5), KILN_EISR);
    test_mark('i');
}

CASE(sleep_of_no_ticks_or_forever)
{
    kiln_ticks_t start = kiln_ticks();
    CHECK_OK(kiln_task_sleep(0));
    CHECK_WITHIN(kiln_ticks() - start, 0, KILN_MS(1000));
    CHECK_EQ(kiln_task_sleep(KILN_FOREVER), KILN_EINVAL);
    test_irq_trigger(sleep_in_interrupt);
    CHECK_LOG("i");
}

CASE_IF(sleep_until_does_not_drift, TEST_EXACT)
{
    test_align();
    kiln_ticks_t start = kiln_ticks(), wake = start;
    for (unsigned i = 1; i <= 20; i++) {
        test_spin(i % 3);
        CHECK_OK(kiln_task_sleep_until(&wake, 3));
        CHECK_EQ(kiln_ticks() - start, 3 * i);
        CHECK_EQ(wake - start, 3 * i);
    }
}

CASE_IF(sleep_until_says_when_it_is_late_and_catches_up, TEST_EXACT)
{
    test_align();
    kiln_ticks_t start = kiln_ticks(), wake = start;
    test_spin(8);
    CHECK_EQ(kiln_task_sleep_until(&wake, 3), KILN_ETIMEOUT); /* 3 */
    CHECK_EQ(kiln_task_sleep_until(&wake, 3), KILN_ETIMEOUT); /* 6 */
    CHECK_OK(kiln_task_sleep_until(&wake, 3));                /* 9 */
    CHECK_EQ(kiln_ticks() - start, 9);
    CHECK_EQ(wake - start, 9);
    CHECK_OK(kiln_task_sleep_until(&wake, 0)); /* now */
    CHECK_EQ(kiln_ticks() - start, 9);
}

CASE(sleep_until_rejects_bad_arguments)
{
    kiln_ticks_t wake = kiln_ticks();
    CHECK_EQ(kiln_task_sleep_until(NULL, 3), KILN_EINVAL);
    CHECK_EQ(kiln_task_sleep_until(&wake, 0x80000000U), KILN_EINVAL);
    kiln_ticks_t before = wake;
    kiln_sched_lock();
    CHECK_EQ(kiln_task_sleep_until(&wake, KILN_MS(1000)), KILN_ELOCKED);
    CHECK_OK(kiln_sched_unlock());
    CHECK_EQ(wake, before);
}

static int sleep_arg(void *arg)
{
    CHECK_OK(kiln_task_sleep((kiln_ticks_t)(ARG_INT(arg) - '0')));
    test_mark((char)ARG_INT(arg));
    return 0;
}

CASE_IF(sleepers_wake_in_order_of_their_deadlines, TEST_EXACT)
{
    static const char ticks[] = "5271463";
    test_align();
    for (int i = 0; i < 7; i++) {
        (void)test_task(sleep_arg, ARG(ticks[i]), TEST_PRIO + 1);
    }
    test_join_all();
    CHECK_LOG("1234567");
}

CASE(uptime_is_64_bits_wide_and_agrees_with_ticks)
{
    for (int i = 0; i < 10; i++) {
        unsigned key = kiln_irq_lock();
        uint64_t uptime = kiln_uptime_ticks();
        CHECK_EQ((uint32_t)uptime, kiln_ticks());
        kiln_irq_unlock(key);
        CHECK(uptime + 1 > (uint64_t)KILN_CFG_START_TICKS);
        CHECK_OK(kiln_task_sleep(1));
        CHECK(kiln_uptime_ticks() > uptime);
    }
}

CASE_IF(microseconds_agree_with_ticks, TEST_EXACT)
{
    test_align();
    uint64_t start_us = kiln_uptime_us(), before_us = start_us;
    kiln_ticks_t start = kiln_ticks();
    while (kiln_ticks() - start < 20) { /* never backwards, not even around the tick */
        uint64_t now_us = kiln_uptime_us();
        CHECK(now_us >= before_us);
        before_us = now_us;
    }
    CHECK_WITHIN(before_us - start_us, 19U * 1000000U / KILN_CFG_TICK_HZ,
                 21U * 1000000U / KILN_CFG_TICK_HZ);
}
