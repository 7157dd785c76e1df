/* Mutexes: inheritance through several at once, in chains and in cycles. */
#include "mutex_cases.h"

#if KILN_CFG_MUTEX && KILN_CFG_SEM

#define GROUP "mutex"

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

#endif
