/* Mutexes: ownership, priority inheritance through one, hand-over. */
#include "mutex_cases.h"

#if KILN_CFG_MUTEX && KILN_CFG_SEM

#define GROUP "mutex"

struct kiln_mutex m1, m2, m3;

void make_three(void)
{
    test_mutex(&m1, KILN_MUTEX_PLAIN);
    test_mutex(&m2, KILN_MUTEX_PLAIN);
    test_mutex(&m3, KILN_MUTEX_PLAIN);
}

int lock_and_mark(void *arg)
{
    lock(&m1);
    CHECK_SAME(kiln_mutex_owner(&m1), kiln_task_self());
    test_mark((char)ARG_INT(arg));
    unlock(&m1);
    return 0;
}

int lock_second(void *arg)
{
    lock(&m2);
    test_mark((char)ARG_INT(arg));
    unlock(&m2);
    return 0;
}

static int lock_for_two_ticks(void *arg)
{
    (void)arg;
    CHECK_EQ(kiln_mutex_lock(&m1, 2), KILN_ETIMEOUT);
    return 0;
}

/* ---- Ownership ----------------------------------------------------------------------------- */

static int try_foreign(void *arg)
{
    (void)arg;
    CHECK_EQ(kiln_mutex_unlock(&m1), KILN_EPERM);
    CHECK_EQ(kiln_mutex_lock(&m1, KILN_NO_WAIT), KILN_EAGAIN);
    test_mark('f');
    return 0;
}

CASE(belongs_to_who_locked_it)
{
    make_three();
    CHECK_SAME(kiln_mutex_owner(&m1), NULL);
    CHECK_EQ(kiln_mutex_unlock(&m1), KILN_EPERM);
    lock(&m1);
    CHECK_SAME(kiln_mutex_owner(&m1), kiln_task_self());
    CHECK_EQ(kiln_mutex_lock(&m1, KILN_FOREVER), KILN_EDEADLK);
    CHECK_EQ(kiln_mutex_lock(&m1, KILN_NO_WAIT), KILN_EDEADLK);
    (void)test_task(try_foreign, NULL, TEST_PRIO + 1);
    CHECK_LOG("f");
    CHECK_EQ(kiln_mutex_destroy(&m1), KILN_ESTATE);
    unlock(&m1);
    CHECK_SAME(kiln_mutex_owner(&m1), NULL);
    CHECK_EQ(kiln_mutex_init(NULL, 0), KILN_EINVAL);
}

#if KILN_CFG_MUTEX_RECURSIVE
CASE(recursive_needs_as_many_unlocks)
{
    test_mutex(&m1, KILN_MUTEX_RECURSIVE);
    for (int i = 0; i < 3; i++) {
        lock(&m1);
    }
    (void)test_task(lock_and_mark, ARG('a'), TEST_PRIO + 1);
    unlock(&m1);
    unlock(&m1);
    CHECK_LOG("");
    CHECK_EQ(prio(), TEST_PRIO + 1);
    unlock(&m1);
    CHECK_LOG("a");
    CHECK_EQ(kiln_mutex_unlock(&m1), KILN_EPERM);
}

CASE(recursive_has_a_limit)
{
    test_mutex(&m1, KILN_MUTEX_RECURSIVE);
    for (unsigned i = 0; i <= KILN_MUTEX_DEPTH_MAX; i++) {
        if (kiln_mutex_lock(&m1, KILN_NO_WAIT) != KILN_OK) {
            CHECK_EQ(i, KILN_MUTEX_DEPTH_MAX + 1U);
        }
    }
    CHECK_EQ(kiln_mutex_lock(&m1, KILN_NO_WAIT), KILN_EOVERFLOW);
    for (unsigned i = 0; i <= KILN_MUTEX_DEPTH_MAX; i++) {
        if (kiln_mutex_unlock(&m1) != KILN_OK) {
            CHECK_EQ(i, KILN_MUTEX_DEPTH_MAX + 1U);
        }
    }
    CHECK_SAME(kiln_mutex_owner(&m1), NULL);
}

static int lock_deep_and_die(void *arg)
{
    (void)arg;
    lock(&m1);
    lock(&m1);
    return 0;
}

CASE(recursive_of_a_dead_owner_starts_afresh)
{
    test_mutex(&m1, KILN_MUTEX_RECURSIVE);
    (void)test_task(lock_deep_and_die, NULL, TEST_PRIO + 1);
    lock(&m1);
    unlock(&m1);
    CHECK_SAME(kiln_mutex_owner(&m1), NULL);
}
#endif

CASE(passes_in_order_of_priority_then_first_come)
{
    static const unsigned char plus[] = {2, 4, 1, 4, 2, 3, 1};
    make_three();
    lock(&m1);
    kiln_sched_lock(); /* or our inherited priority would keep the later ones from waiting */
    for (int i = 0; i < 7; i++) {
        (void)test_task(lock_and_mark, ARG('a' + i), TEST_PRIO + plus[i]);
    }
    CHECK_OK(kiln_sched_unlock());
    CHECK_OK(kiln_task_sleep(2)); /* now they all wait, in order of their priorities */
    unlock(&m1);
    test_join_all();
    CHECK_LOG("bdfaecg");
}

#if KILN_CFG_CHECKS
static void use_in_interrupt(void)
{
    CHECK_EQ(kiln_mutex_lock(&m1, KILN_NO_WAIT), KILN_EISR);
    CHECK_EQ(kiln_mutex_unlock(&m1), KILN_EISR);
    test_mark('i');
}

CASE(is_of_no_use_to_interrupts)
{
    make_three();
    test_irq_trigger(use_in_interrupt);
    lock(&m1);
    test_irq_trigger(use_in_interrupt);
    unlock(&m1);
    CHECK_LOG("ii");
}
#endif

CASE(lock_with_the_scheduler_locked_refuses_to_block)
{
    make_three();
    kiln_sched_lock();
    lock(&m1); /* free */
    unlock(&m1);
    CHECK_OK(kiln_sched_unlock());
}

/* ---- Inheritance: one mutex ---------------------------------------------------------------- */

CASE(owner_inherits_from_its_waiter_until_it_unlocks)
{
    struct kiln_task_info info;
    make_three();
    lock(&m1);
    (void)test_task(lock_and_mark, ARG('a'), TEST_PRIO + 3);
    CHECK_OK(kiln_task_get_info(kiln_task_self(), &info));
    CHECK_EQ(info.priority, TEST_PRIO + 3);
    CHECK_EQ(info.base_priority, TEST_PRIO);
    unlock(&m1);
    CHECK_LOG("a");
    CHECK_EQ(prio(), TEST_PRIO);
}

static int spin_a_while(void *arg)
{
    test_mark((char)ARG_INT(arg));
    test_spin(5);
    return 0;
}

static int own_and_work(void *arg)
{
    (void)arg;
    lock(&m1);
    test_spin(4);
    test_mark('o');
    unlock(&m1);
    test_mark('x');
    return 0;
}

CASE(inversion_is_bounded)
{
    make_three();
    (void)test_task(own_and_work, NULL, TEST_PRIO - 3);
    CHECK_OK(kiln_task_sleep(2)); /* it owns the mutex now, and works */
    (void)test_task(spin_a_while, ARG('m'), TEST_PRIO - 2);
    (void)test_task(lock_and_mark, ARG('h'), TEST_PRIO - 1);
    test_join_all();
    CHECK_LOG("ohmx"); /* what is in between runs after both */
}

CASE(owner_loses_what_a_waiter_gives_up)
{
    make_three();
    lock(&m1);
    (void)test_task(lock_for_two_ticks, NULL, TEST_PRIO + 3);
    (void)test_task(lock_for_two_ticks, NULL, TEST_PRIO + 5);
    CHECK_EQ(prio(), TEST_PRIO + 5);
    CHECK_OK(kiln_task_sleep(5));
    CHECK_EQ(prio(), TEST_PRIO);
    unlock(&m1);
}

CASE(owner_loses_what_a_killed_waiter_gave)
{
    make_three();
    lock(&m1);
    struct kiln_task *lower = test_task(lock_and_mark, ARG('!'), TEST_PRIO + 3);
    struct kiln_task *upper = test_task(lock_and_mark, ARG('!'), TEST_PRIO + 5);
    CHECK_EQ(prio(), TEST_PRIO + 5);
    CHECK_OK(kiln_task_kill(upper, 0));
    CHECK_EQ(prio(), TEST_PRIO + 3);
    CHECK_OK(kiln_task_kill(lower, 0));
    CHECK_EQ(prio(), TEST_PRIO);
    unlock(&m1);
}

CASE(owner_follows_its_waiters_priority)
{
    make_three();
    lock(&m1);
    struct kiln_task *waiter = test_task(lock_and_mark, ARG('a'), TEST_PRIO + 1);
    CHECK_OK(kiln_task_set_priority(waiter, TEST_PRIO + 6));
    CHECK_EQ(prio(), TEST_PRIO + 6);
    CHECK_OK(kiln_task_set_priority(waiter, TEST_PRIO + 2));
    CHECK_EQ(prio(), TEST_PRIO + 2);
    CHECK_OK(kiln_task_set_priority(waiter, TEST_PRIO - 2));
    CHECK_EQ(prio(), TEST_PRIO);
    unlock(&m1);
    test_join_all();
    CHECK_LOG("a");
}

CASE(owner_keeps_the_greater_of_base_and_inherited)
{
    make_three();
    lock(&m1);
    (void)test_task(lock_and_mark, ARG('a'), TEST_PRIO + 3);
    CHECK_OK(kiln_task_set_priority(kiln_task_self(), TEST_PRIO + 5));
    CHECK_EQ(prio(), TEST_PRIO + 5);
    CHECK_OK(kiln_task_set_priority(kiln_task_self(), TEST_PRIO - 5));
    CHECK_EQ(prio(), TEST_PRIO + 3);
    CHECK_OK(kiln_task_set_priority(kiln_task_self(), TEST_PRIO));
    CHECK_EQ(prio(), TEST_PRIO + 3);
    unlock(&m1);
    CHECK_EQ(prio(), TEST_PRIO);
    CHECK_LOG("a");
}

CASE(waiter_with_no_time_gives_nothing)
{
    make_three();
    lock(&m1);
    (void)test_task(try_foreign, NULL, TEST_PRIO + 4);
    CHECK_EQ(prio(), TEST_PRIO);
    unlock(&m1);
    CHECK_LOG("f");
}

CASE(suspended_owner_inherits_too)
{
    make_three();
    struct kiln_task *owner = test_task(own_and_work, NULL, TEST_PRIO - 3);
    CHECK_OK(kiln_task_sleep(2));
    CHECK_OK(kiln_task_suspend(owner));
    (void)test_task(lock_and_mark, ARG('h'), TEST_PRIO + 2);
    CHECK_EQ(kiln_task_priority(owner), TEST_PRIO + 2);
    CHECK_OK(kiln_task_resume(owner)); /* runs before us now */
    CHECK_EQ(kiln_task_priority(owner), TEST_PRIO - 3);
    CHECK_LOG("oh");
    test_join_all();
    CHECK_LOG("x");
}

/* ---- Hand-over ----------------------------------------------------------------------------- */

static struct kiln_sem proceed;

static int own_until_told(void *arg)
{
    lock(&m1);
    test_mark((char)ARG_INT(arg));
    CHECK_OK(kiln_sem_take(&proceed, KILN_FOREVER));
    unlock(&m1);
    return 0;
}

/* The new owner must inherit from those who still wait: RIOT #21268. */
CASE(new_owner_inherits_from_the_remaining_waiters)
{
    make_three();
    test_sem(&proceed, 0, 9);
    lock(&m1);
    struct kiln_task *low = test_task(own_until_told, ARG('a'), TEST_PRIO + 1);
    struct kiln_task *high = test_task(own_until_told, ARG('b'), TEST_PRIO + 4);
    struct kiln_task *more = test_task(own_until_told, ARG('c'), TEST_PRIO + 6);
    CHECK_OK(kiln_task_kill(more, 0));
    CHECK_OK(kiln_task_set_priority(low, TEST_PRIO + 5)); /* first in line now */
    unlock(&m1);
    CHECK_LOG("a");
    CHECK_SAME(kiln_mutex_owner(&m1), low);
    CHECK_OK(kiln_task_set_priority(low, TEST_PRIO + 1)); /* but high still waits for it */
    CHECK_EQ(kiln_task_priority(low), TEST_PRIO + 4);
    CHECK_OK(kiln_task_kill(high, 0));
    CHECK_EQ(kiln_task_priority(low), TEST_PRIO + 1);
    CHECK_OK(kiln_sem_give(&proceed));
    test_join_all();
}

CASE(killed_owner_passes_all_its_mutexes_on)
{
    make_three();
    test_sem(&proceed, 0, 9);
    struct kiln_task *owner = test_task(own_until_told, ARG('o'), TEST_PRIO - 1);
    CHECK_OK(kiln_task_sleep(2));
    CHECK_SAME(kiln_mutex_owner(&m1), owner);
    (void)test_task(lock_and_mark, ARG('a'), TEST_PRIO + 1);
    (void)test_task(lock_and_mark, ARG('b'), TEST_PRIO + 3);
    CHECK_EQ(kiln_task_priority(owner), TEST_PRIO + 3);
    CHECK_OK(kiln_task_kill(owner, 0));
    CHECK_LOG("oba");
    CHECK_SAME(kiln_mutex_owner(&m1), NULL);
}

static int lock_three_and_die(void *arg)
{
    (void)arg;
    lock(&m1);
    lock(&m2);
    lock(&m3);
    CHECK_OK(kiln_task_sleep(3));
    return 0;
}

CASE(task_that_returns_with_mutexes_passes_them_on)
{
    make_three();
    (void)test_task(lock_three_and_die, NULL, TEST_PRIO + 1);
    (void)test_task(lock_second, ARG('b'), TEST_PRIO + 2);
    (void)test_task(lock_and_mark, ARG('a'), TEST_PRIO + 3);
    test_join_all();
    CHECK_LOG("ab");
    lock(&m3);
    unlock(&m3);
}

CASE(new_owner_that_is_suspended_still_owns_it)
{
    make_three();
    lock(&m1);
    struct kiln_task *task = test_task(lock_and_mark, ARG('a'), TEST_PRIO + 2);
    CHECK_OK(kiln_task_suspend(task));
    unlock(&m1);
    CHECK_SAME(kiln_mutex_owner(&m1), task);
    CHECK_EQ(kiln_mutex_lock(&m1, 2), KILN_ETIMEOUT);
    CHECK_OK(kiln_task_resume(task));
    CHECK_LOG("a");
}

static struct kiln_task *to_kill;

static void kill_it(void)
{
    CHECK_OK(kiln_task_kill(to_kill, 0));
}

CASE(interrupt_kills_the_owner_and_the_waiter_goes_on)
{
    make_three();
    test_sem(&proceed, 0, 9);
    to_kill = test_task(own_until_told, ARG('o'), TEST_PRIO + 1);
    (void)test_task(lock_and_mark, ARG('a'), TEST_PRIO + 3);
    test_irq_trigger(kill_it);
    CHECK_LOG("oa");
}

#endif
