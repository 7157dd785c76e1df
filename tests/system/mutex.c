/* Mutexes: ownership, hand-over, and priority inheritance in all its turns. */
#include "harness.h"

#if KILN_CFG_MUTEX && KILN_CFG_SEM

#define GROUP "mutex"

static struct kiln_mutex m1, m2, m3;

static unsigned prio(void)
{
    return kiln_task_priority(kiln_task_self());
}

static void lock(struct kiln_mutex *mutex)
{
    CHECK_OK(kiln_mutex_lock(mutex, KILN_FOREVER));
}

static void unlock(struct kiln_mutex *mutex)
{
    CHECK_OK(kiln_mutex_unlock(mutex));
}

static void make_three(void)
{
    test_mutex(&m1, KILN_MUTEX_PLAIN);
    test_mutex(&m2, KILN_MUTEX_PLAIN);
    test_mutex(&m3, KILN_MUTEX_PLAIN);
}

static int lock_and_mark(void *arg)
{
    lock(&m1);
    CHECK_SAME(kiln_mutex_owner(&m1), kiln_task_self());
    test_mark((char)ARG_INT(arg));
    unlock(&m1);
    return 0;
}

static int lock_second(void *arg)
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

/* ---- Several mutexes ----------------------------------------------------------------------- */

CASE(nested_owner_keeps_what_the_other_mutex_gives)
{
    make_three();
    lock(&m1);
    lock(&m2);
    (void)test_task(lock_and_mark, ARG('a'), TEST_PRIO + 2);
    (void)test_task(lock_second, ARG('b'), TEST_PRIO + 4);
    CHECK_EQ(prio(), TEST_PRIO + 4);
    unlock(&m2);
    CHECK_LOG("b");
    CHECK_EQ(prio(), TEST_PRIO + 2);
    unlock(&m1);
    CHECK_LOG("a");
    CHECK_EQ(prio(), TEST_PRIO);
}

CASE(unlocked_out_of_order_loses_the_right_priority)
{
    make_three();
    lock(&m1);
    lock(&m2);
    lock(&m3);
    (void)test_task(lock_and_mark, ARG('a'), TEST_PRIO + 2);
    (void)test_task(lock_second, ARG('b'), TEST_PRIO + 4);
    unlock(&m1);
    CHECK_LOG(""); /* a has it, but is less urgent than we are through b */
    CHECK_EQ(prio(), TEST_PRIO + 4);
    unlock(&m3);
    CHECK_EQ(prio(), TEST_PRIO + 4);
    unlock(&m2);
    CHECK_EQ(prio(), TEST_PRIO);
    CHECK_LOG("ba");
}

/* Owns `own`, if any, and waits for `want`. */
static int chain(struct kiln_mutex *own, struct kiln_mutex *want, char letter)
{
    lock(own);
    lock(want);
    test_mark(letter);
    unlock(want);
    unlock(own);
    return 0;
}

static int chain_second(void *arg)
{
    (void)arg;
    return chain(&m2, &m1, 'b');
}

static int chain_third(void *arg)
{
    (void)arg;
    return chain(&m3, &m2, 'c');
}

static int want_third(void *arg)
{
    CHECK_EQ(kiln_mutex_lock(&m3, (kiln_ticks_t)ARG_INT(arg)),
             ARG_INT(arg) == -1 ? KILN_OK : KILN_ETIMEOUT);
    test_mark('d');
    if (kiln_mutex_owner(&m3) == kiln_task_self()) {
        unlock(&m3);
    }
    return 0;
}

/* d waits for m3 of c, who waits for m2 of b, who waits for m1 of the controller. */
struct chain_tasks {
    struct kiln_task *b, *c, *d;
};

static struct chain_tasks make_chain(int timeout)
{
    struct chain_tasks tasks;
    make_three();
    lock(&m1);
    tasks.b = test_task(chain_second, NULL, TEST_PRIO + 1);
    tasks.c = test_task(chain_third, NULL, TEST_PRIO + 2);
    CHECK_EQ(prio(), TEST_PRIO + 2);
    tasks.d = test_task(want_third, ARG(timeout), TEST_PRIO + 5);
    CHECK_EQ(kiln_task_priority(tasks.c), TEST_PRIO + 5);
    CHECK_EQ(kiln_task_priority(tasks.b), TEST_PRIO + 5);
    CHECK_EQ(prio(), TEST_PRIO + 5);
    return tasks;
}

static void end_chain(const struct chain_tasks *tasks)
{
    unlock(&m1);
    CHECK_EQ(prio(), TEST_PRIO);
    CHECK_EQ(test_state(tasks->b), KILN_TASK_TERMINATED);
    CHECK_EQ(test_state(tasks->c), KILN_TASK_TERMINATED);
}

CASE(chain_of_three_inherits_to_its_end)
{
    struct chain_tasks tasks = make_chain(-1);
    end_chain(&tasks);
    CHECK_LOG("bcd");
}

CASE(chain_loses_what_times_out_at_its_far_end)
{
    struct chain_tasks tasks = make_chain(3);
    CHECK_OK(kiln_task_sleep(6));
    CHECK_LOG("d");
    CHECK_EQ(kiln_task_priority(tasks.c), TEST_PRIO + 2);
    CHECK_EQ(kiln_task_priority(tasks.b), TEST_PRIO + 2);
    CHECK_EQ(prio(), TEST_PRIO + 2);
    end_chain(&tasks);
    CHECK_LOG("bc");
}

CASE(chain_follows_a_change_at_its_far_end)
{
    struct chain_tasks tasks = make_chain(-1);
    CHECK_OK(kiln_task_set_priority(tasks.d, TEST_PRIO + 7));
    CHECK_EQ(prio(), TEST_PRIO + 7);
    CHECK_OK(kiln_task_set_priority(tasks.c, TEST_PRIO + 9));
    CHECK_EQ(prio(), TEST_PRIO + 9);
    CHECK_OK(kiln_task_set_priority(tasks.c, TEST_PRIO));
    CHECK_EQ(prio(), TEST_PRIO + 7);
    CHECK_OK(kiln_task_set_priority(tasks.d, TEST_PRIO));
    CHECK_EQ(prio(), TEST_PRIO + 1); /* what b has of its own */
    CHECK_OK(kiln_task_set_priority(tasks.d, TEST_PRIO + 5));
    CHECK_EQ(prio(), TEST_PRIO + 5);
    end_chain(&tasks);
    CHECK_LOG("bcd");
}

CASE(chain_is_cut_by_a_kill_in_its_middle)
{
    struct chain_tasks tasks = make_chain(-1);
    CHECK_OK(kiln_task_kill(tasks.c, 0)); /* d gets m3; b has nobody waiting any more */
    CHECK_LOG("d");
    CHECK_EQ(kiln_task_priority(tasks.b), TEST_PRIO + 1);
    CHECK_EQ(prio(), TEST_PRIO + 1);
    end_chain(&tasks);
    CHECK_LOG("b");
}

static int lock_two_ways(void *arg)
{
    struct kiln_mutex *first = ARG_INT(arg) == 'a' ? &m1 : &m2;
    struct kiln_mutex *second = ARG_INT(arg) == 'a' ? &m2 : &m1;
    lock(first);
    CHECK_OK(kiln_task_sleep(2));
    int result = kiln_mutex_lock(second, 5);
    test_mark(result == KILN_OK ? 'y' : 'n');
    if (result == KILN_OK) {
        unlock(second);
    }
    unlock(first);
    return 0;
}

/* Each is in the other's way until both give up, at the same tick. */
CASE_IF(cycle_of_owners_hangs_nobody_but_themselves, TEST_EXACT)
{
    make_three();
    test_align();
    struct kiln_task *a = test_task(lock_two_ways, ARG('a'), TEST_PRIO + 2);
    struct kiln_task *b = test_task(lock_two_ways, ARG('b'), TEST_PRIO + 4);
    CHECK_OK(kiln_task_sleep(4));
    CHECK_WAITS(a, KILN_WAIT_MUTEX);
    CHECK_WAITS(b, KILN_WAIT_MUTEX);
    CHECK_OK(kiln_task_set_priority(a, TEST_PRIO + 6)); /* walks around the cycle, and ends */
    CHECK_EQ(kiln_task_priority(b), TEST_PRIO + 6);
    CHECK_OK(kiln_task_set_priority(a, TEST_PRIO + 1));
    test_join_all();
    CHECK_EQ(kiln_task_priority(a), TEST_PRIO + 1);
    CHECK_EQ(kiln_task_priority(b), TEST_PRIO + 4);
    CHECK_LOG("nn");
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
