/* Two things at once: a wake-up, a timeout, a kill, an interrupt, at the same tick.
 *
 * Whichever comes first wins, and the other finds nothing left to do. Timeouts of one tick end
 * in the order in which they began, so that each race can be run both ways.
 */
#include "harness.h"

#if KILN_CFG_SEM && KILN_CFG_MUTEX && KILN_CFG_QUEUE && KILN_CFG_FLAGS && KILN_CFG_POOL

#define GROUP "race"

static struct kiln_sem sem;
static struct kiln_mutex mutex;
static struct kiln_task *target;
static int result;

static void give(void)
{
    CHECK_OK(kiln_sem_give(&sem));
}

static int take_three_ticks(void *arg)
{
    result = kiln_sem_take(&sem, 3);
    test_mark((char)ARG_INT(arg));
    return 0;
}

static int take_forever(void *arg)
{
    CHECK_OK(kiln_sem_take(&sem, KILN_FOREVER));
    test_mark((char)ARG_INT(arg));
    return 0;
}

CASE_IF(wake_then_timeout_at_the_same_tick_is_a_wake, TEST_EXACT)
{
    test_sem(&sem, 0, 9);
    test_align();
    test_irq_after(3, give); /* before the wait's own timeout */
    (void)test_task(take_three_ticks, ARG('a'), TEST_PRIO + 1);
    CHECK_OK(kiln_task_sleep(5));
    CHECK_LOG("a");
    CHECK_EQ(result, KILN_OK);
    CHECK_EQ(kiln_sem_count(&sem), 0);
}

CASE_IF(timeout_then_wake_at_the_same_tick_is_a_timeout, TEST_EXACT)
{
    test_sem(&sem, 0, 9);
    test_align();
    (void)test_task(take_three_ticks, ARG('a'), TEST_PRIO + 1);
    test_irq_after(3, give);
    CHECK_OK(kiln_task_sleep(5));
    CHECK_LOG("a");
    CHECK_EQ(result, KILN_ETIMEOUT);
    CHECK_EQ(kiln_sem_count(&sem), 1); /* and what was given is not lost */
}

static void raise_give(void)
{
    test_irq_trigger(give);
}

/* A waiter times out in the tick's interrupt; before it has run, a more urgent interrupt gives.
 * It must not be woken a second time (RT-Thread #11622): the next one gets it. */
CASE_IF(interrupt_gives_to_the_next_when_the_first_has_timed_out, TEST_EXACT)
{
    test_sem(&sem, 0, 9);
    test_align();
    (void)test_task(take_three_ticks, ARG('a'), TEST_PRIO + 2);
    test_irq_after(3, raise_give);
    (void)test_task(take_forever, ARG('b'), TEST_PRIO + 1);
    CHECK_OK(kiln_task_sleep(5));
    CHECK_LOG("ab");
    CHECK_EQ(result, KILN_ETIMEOUT);
    CHECK_EQ(kiln_sem_count(&sem), 0);
}

static int take_in_a_loop(void *arg)
{
    for (int i = 0; i < 30; i++) {
        int outcome = kiln_sem_take(&sem, 1);
        *(int *)arg += outcome == KILN_OK;
        if (outcome != KILN_OK) {
            CHECK_EQ(outcome, KILN_ETIMEOUT);
        }
    }
    return 0;
}

static int given;

static void give_and_count(struct kiln_timer *timer)
{
    (void)timer;
    CHECK_OK(kiln_sem_give(&sem));
    given++;
}

CASE(nothing_given_at_the_tick_of_a_timeout_is_lost_or_doubled)
{
    static struct kiln_timer giver;
    int taken[2] = {0, 0};
    given = 0;
    test_sem(&sem, 0, 1000);
    test_timer(&giver, give_and_count);
    CHECK_OK(kiln_timer_start(&giver, 1, 1));
    (void)test_task(take_in_a_loop, &taken[0], TEST_PRIO + 1);
    (void)test_task(take_in_a_loop, &taken[1], TEST_PRIO + 2);
    test_join_all();
    CHECK_OK(kiln_timer_stop(&giver));
    CHECK_EQ((uint32_t)(taken[0] + taken[1]) + kiln_sem_count(&sem), given);
}

/* ---- Kill ---------------------------------------------------------------------------------- */

/* The interrupt may come any time. */
static void aim_at(struct kiln_task *task)
{
    unsigned key = kiln_irq_lock();
    target = task;
    kiln_irq_unlock(key);
}

static void kill_target(void)
{
    CHECK_OK(kiln_task_kill(target, 5));
}

static void fail_to_kill_target(void)
{
    CHECK_EQ(kiln_task_kill(target, 5), KILN_OK);
}

CASE_IF(kill_then_timeout_at_the_same_tick, TEST_EXACT)
{
    test_sem(&sem, 0, 9);
    test_align();
    test_irq_after(3, kill_target);
    aim_at(test_task(take_three_ticks, ARG('!'), TEST_PRIO + 1));
    CHECK_OK(kiln_task_sleep(5));
    CHECK_EQ(test_state(target), KILN_TASK_TERMINATED);
}

CASE_IF(timeout_then_kill_at_the_same_tick, TEST_EXACT)
{
    test_sem(&sem, 0, 9);
    test_align();
    aim_at(test_task(take_three_ticks, ARG('!'), TEST_PRIO + 1));
    test_irq_after(3, fail_to_kill_target); /* it is ready, but has not run */
    CHECK_OK(kiln_task_sleep(5));
    CHECK_EQ(test_state(target), KILN_TASK_TERMINATED);
}

static void give_then_kill(void)
{
    CHECK_OK(kiln_sem_give(&sem)); /* the target's */
    CHECK_OK(kiln_task_kill(target, 5));
}

CASE(kill_of_a_woken_task_that_has_not_run_keeps_what_it_got)
{
    test_sem(&sem, 0, 9);
    aim_at(test_task(take_forever, ARG('!'), TEST_PRIO + 1));
    test_irq_trigger(give_then_kill);
    CHECK_EQ(test_state(target), KILN_TASK_TERMINATED);
    CHECK_EQ(kiln_sem_count(&sem), 0); /* as documented: what was taken stays taken */
}

static void kill_then_give(void)
{
    CHECK_OK(kiln_task_kill(target, 5));
    CHECK_OK(kiln_sem_give(&sem));
}

CASE(give_after_the_kill_is_for_the_next)
{
    test_sem(&sem, 0, 9);
    aim_at(test_task(take_forever, ARG('!'), TEST_PRIO + 2));
    (void)test_task(take_forever, ARG('b'), TEST_PRIO + 1);
    test_irq_trigger(kill_then_give);
    CHECK_LOG("b");
}

static int lock_three_ticks(void *arg)
{
    (void)arg;
    result = kiln_mutex_lock(&mutex, 3);
    if (result == KILN_OK) {
        CHECK_OK(kiln_mutex_unlock(&mutex));
    }
    return 0;
}

static int own_until_killed(void *arg)
{
    (void)arg;
    CHECK_OK(kiln_mutex_lock(&mutex, KILN_FOREVER));
    CHECK_OK(kiln_task_sleep(KILN_MS(20000)));
    test_mark('!');
    return 0;
}

CASE_IF(owner_is_killed_at_the_tick_at_which_its_waiter_gives_up, TEST_EXACT)
{
    static const int expected[] = {KILN_OK, KILN_ETIMEOUT};
    test_mutex(&mutex, KILN_MUTEX_PLAIN);
    for (int round = 0; round < 2; round++) {
        aim_at(test_task(own_until_killed, NULL, TEST_PRIO + 1));
        test_align();
        if (round == 0) {
            test_irq_after(3, kill_target);
        }
        (void)test_task(lock_three_ticks, NULL, TEST_PRIO + 3);
        if (round == 1) {
            test_irq_after(3, kill_target);
        }
        CHECK_OK(kiln_task_sleep(5));
        test_join_all();
        CHECK_EQ(result, expected[round]);
        CHECK_SAME(kiln_mutex_owner(&mutex), NULL);
    }
}

/* ---- Between a look and a wait
 * ------------------------------------------------------------------- */

/* An interrupt that is pending when a task decides to wait is taken as soon as it has. */
CASE(wake_between_look_and_wait_is_not_lost)
{
    test_sem(&sem, 0, 9);
    for (int i = 0; i < 20; i++) {
        test_irq_after(1, give);
        test_spin((unsigned)i % 2);
        CHECK_OK(kiln_sem_take(&sem, KILN_MS(5000)));
    }
    CHECK_EQ(kiln_sem_count(&sem), 0);
}

static void suspend_target(void)
{
    CHECK_OK(kiln_task_suspend(target));
}

CASE_IF(suspension_at_the_tick_of_the_timeout_both_ways, TEST_EXACT)
{
    test_sem(&sem, 0, 9);
    for (int round = 0; round < 2; round++) {
        test_align();
        if (round == 0) {
            test_irq_after(3, suspend_target);
        }
        aim_at(test_task(take_three_ticks, ARG('a'), TEST_PRIO + 1));
        if (round == 1) {
            test_irq_after(3, suspend_target);
        }
        CHECK_OK(kiln_task_sleep(5));
        CHECK_LOG("");
        CHECK_EQ(test_state(target), KILN_TASK_SUSPENDED);
        give(); /* too late: its wait is over, though it has not run */
        CHECK_EQ(kiln_sem_count(&sem), 1);
        CHECK_OK(kiln_task_resume(target));
        CHECK_LOG("a");
        CHECK_EQ(result, KILN_ETIMEOUT);
        CHECK_OK(kiln_sem_take(&sem, KILN_NO_WAIT));
    }
}

static void raise_priority(void)
{
    CHECK_OK(kiln_task_set_priority(target, TEST_PRIO + 4));
}

CASE(waiter_reprioritised_by_an_interrupt_is_first)
{
    test_sem(&sem, 0, 9);
    (void)test_task(take_forever, ARG('a'), TEST_PRIO + 2);
    aim_at(test_task(take_forever, ARG('b'), TEST_PRIO + 1));
    test_irq_trigger(raise_priority);
    give();
    CHECK_LOG("b");
    give();
    CHECK_LOG("a");
}

/* ---- An interrupt inside a broadcast
 * ---------------------------------------------------------------- */

static struct kiln_flags flags;

static int wait_bit(void *arg)
{
    CHECK_OK(kiln_flags_wait(&flags, (uint32_t)ARG_INT(arg), KILN_FLAGS_CLEAR, NULL, KILN_FOREVER));
    test_mark((char)('0' + ARG_INT(arg)));
    return 0;
}

static void set_two(void)
{
    CHECK_OK(kiln_flags_set(&flags, 2));
}

static void set_one_and_raise(void)
{
    test_irq_trigger(set_two); /* a board takes it at once, the host afterwards */
    CHECK_OK(kiln_flags_set(&flags, 1));
}

CASE(sets_from_nested_interrupts_all_arrive)
{
    test_flags(&flags);
    (void)test_task(wait_bit, ARG(1), TEST_PRIO + 1);
    (void)test_task(wait_bit, ARG(2), TEST_PRIO + 2);
    (void)test_task(wait_bit, ARG(3), TEST_PRIO + 3);
    test_irq_after(2, set_one_and_raise);
    CHECK_OK(kiln_task_sleep(4));
    CHECK_LOG("321");
    CHECK_EQ(kiln_flags_get(&flags), 0);
}

#endif
