/* Semaphores, as tasks and interrupts see them. */
#include "harness.h"

#if KILN_CFG_SEM

#define GROUP "sem"

static struct kiln_sem sem;

static int take_and_mark(void *arg)
{
    CHECK_OK(kiln_sem_take(&sem, KILN_FOREVER));
    test_mark((char)ARG_INT(arg));
    return 0;
}

static void give(void)
{
    CHECK_OK(kiln_sem_give(&sem));
}

CASE(counts_up_to_its_limit)
{
    test_sem(&sem, 1, 2);
    CHECK_EQ(kiln_sem_count(&sem), 1);
    CHECK_OK(kiln_sem_give(&sem));
    CHECK_EQ(kiln_sem_give(&sem), KILN_EOVERFLOW);
    CHECK_OK(kiln_sem_take(&sem, KILN_FOREVER));
    CHECK_OK(kiln_sem_take(&sem, KILN_NO_WAIT));
    CHECK_EQ(kiln_sem_take(&sem, KILN_NO_WAIT), KILN_EAGAIN);
    CHECK_EQ(kiln_sem_count(&sem), 0);
}

CASE(rejects_bad_arguments)
{
    CHECK_EQ(kiln_sem_init(NULL, 0, 1), KILN_EINVAL);
    CHECK_EQ(kiln_sem_init(&sem, 0, 0), KILN_EINVAL);
    CHECK_EQ(kiln_sem_init(&sem, 3, 2), KILN_EINVAL);
    test_sem(&sem, KILN_SEM_LIMIT_MAX, KILN_SEM_LIMIT_MAX);
    CHECK_EQ(kiln_sem_give(&sem), KILN_EOVERFLOW);
}

KILN_SEM_DEFINE(static_sem, 2, 3);

CASE(defined_statically_is_ready_for_use)
{
    CHECK_EQ(kiln_sem_count(&static_sem), 2);
    CHECK_OK(kiln_sem_take(&static_sem, KILN_NO_WAIT));
    CHECK_OK(kiln_sem_give(&static_sem));
    CHECK_OK(kiln_sem_give(&static_sem));
    CHECK_EQ(kiln_sem_give(&static_sem), KILN_EOVERFLOW);
    CHECK_OK(kiln_sem_take(&static_sem, KILN_NO_WAIT));
}

CASE(wakes_in_order_of_priority_then_first_come)
{
    static const unsigned char plus[] = {2, 4, 1, 4, 2, 3, 1};
    test_sem(&sem, 0, 9);
    for (int i = 0; i < 7; i++) {
        (void)test_task(take_and_mark, ARG('a' + i), TEST_PRIO + plus[i]);
    }
    for (int i = 0; i < 7; i++) {
        give();
    }
    CHECK_LOG("bdfaecg");
}

CASE(reprioritised_waiter_moves_to_its_new_place)
{
    struct kiln_task *tasks[5];
    test_sem(&sem, 0, 9);
    for (int i = 0; i < 5; i++) {
        tasks[i] = test_task(take_and_mark, ARG('a' + i), TEST_PRIO + 3);
    }
    CHECK_OK(kiln_task_set_priority(tasks[3], TEST_PRIO + 5)); /* to the front */
    CHECK_OK(kiln_task_set_priority(tasks[0], TEST_PRIO + 1)); /* to the end */
    CHECK_OK(kiln_task_set_priority(tasks[4], TEST_PRIO + 1));
    CHECK_OK(kiln_task_set_priority(tasks[4], TEST_PRIO + 3)); /* away and back: same place */
    CHECK_OK(kiln_task_set_priority(tasks[1], TEST_PRIO + 4));
    CHECK_OK(kiln_task_set_priority(tasks[1], TEST_PRIO + 3)); /* behind e now */
    for (int i = 0; i < 5; i++) {
        give();
    }
    CHECK_LOG("dceba");
}

CASE(give_switches_at_once_to_a_more_urgent_waiter)
{
    test_sem(&sem, 0, 1);
    (void)test_task(take_and_mark, ARG('h'), TEST_PRIO + 1);
    give();
    test_mark('c');
    CHECK_LOG("hc");
}

CASE(give_lets_the_giver_go_on_when_the_waiter_is_no_more_urgent)
{
    test_sem(&sem, 0, 2);
    (void)test_task(take_and_mark, ARG('s'), TEST_PRIO);
    (void)test_task(take_and_mark, ARG('l'), TEST_PRIO - 1);
    CHECK_OK(kiln_task_sleep(2)); /* both wait now */
    give();
    give();
    test_mark('c');
    test_join_all();
    CHECK_LOG("csl");
}

CASE_IF(take_times_out_after_exactly_its_ticks, TEST_EXACT)
{
    test_sem(&sem, 0, 1);
    for (kiln_ticks_t ticks = 1; ticks <= 10; ticks++) {
        test_align();
        kiln_ticks_t start = kiln_ticks();
        CHECK_EQ(kiln_sem_take(&sem, ticks), KILN_ETIMEOUT);
        CHECK_EQ(kiln_ticks() - start, ticks);
    }
    CHECK_EQ(kiln_sem_count(&sem), 0);
}

CASE(give_before_the_timeout_wins)
{
    test_sem(&sem, 0, 1);
    test_irq_after(3, give);
    CHECK_OK(kiln_sem_take(&sem, KILN_MS(5000)));
    CHECK_EQ(kiln_sem_count(&sem), 0);
}

static int try_to_take(void *arg)
{
    CHECK_EQ(kiln_sem_take(&sem, 2), KILN_ETIMEOUT);
    test_mark((char)ARG_INT(arg));
    return 0;
}

CASE(waiter_that_timed_out_is_not_counted)
{
    test_sem(&sem, 0, 5);
    (void)test_task(try_to_take, ARG('a'), TEST_PRIO + 2);
    (void)test_task(take_and_mark, ARG('b'), TEST_PRIO + 1);
    CHECK_OK(kiln_task_sleep(5));
    CHECK_LOG("a");
    give();
    CHECK_LOG("b");
    give();
    CHECK_EQ(kiln_sem_count(&sem), 1);
}

CASE(killed_waiter_leaves_no_trace)
{
    test_sem(&sem, 0, 5);
    struct kiln_task *first = test_task(take_and_mark, ARG('a'), TEST_PRIO + 2);
    (void)test_task(take_and_mark, ARG('b'), TEST_PRIO + 1);
    CHECK_OK(kiln_task_kill(first, 0));
    give();
    CHECK_LOG("b");
    CHECK_EQ(kiln_sem_count(&sem), 0);
}

CASE(destroy_refuses_while_tasks_wait)
{
    test_sem(&sem, 0, 1);
    (void)test_task(take_and_mark, ARG('a'), TEST_PRIO + 1);
    CHECK_EQ(kiln_sem_destroy(&sem), KILN_ESTATE);
    give();
    CHECK_LOG("a");
}

/* ---- Interrupts ---------------------------------------------------------------------------- */

static void use_in_interrupt(void)
{
    CHECK(kiln_in_isr());
    CHECK_EQ(kiln_sem_take(&sem, 1), KILN_EISR);
    CHECK_EQ(kiln_sem_take(&sem, KILN_FOREVER), KILN_EISR);
    CHECK_EQ(kiln_sem_take(&sem, KILN_NO_WAIT), KILN_EAGAIN);
    CHECK_OK(kiln_sem_give(&sem));
    CHECK_OK(kiln_sem_take(&sem, KILN_FOREVER)); /* does not block, so it is allowed */
    CHECK_OK(kiln_sem_give(&sem));
    CHECK_OK(kiln_sem_take(&sem, KILN_NO_WAIT));
    test_mark('i');
}

CASE(interrupt_may_use_it_but_not_block)
{
    test_sem(&sem, 0, 1);
    test_irq_trigger(use_in_interrupt);
    CHECK_LOG("i");
}

static void give_twice(void)
{
    give();
    give();
    test_mark('i');
}

CASE(interrupt_finishes_before_those_it_woke_run)
{
    test_sem(&sem, 0, 9);
    (void)test_task(take_and_mark, ARG('a'), TEST_PRIO + 1);
    (void)test_task(take_and_mark, ARG('b'), TEST_PRIO + 2);
    test_irq_trigger(give_twice);
    test_mark('c');
    CHECK_LOG("ibac");
}

CASE(interrupt_from_a_masked_section_comes_at_its_end)
{
    test_sem(&sem, 0, 9);
    (void)test_task(take_and_mark, ARG('a'), TEST_PRIO + 1);
    unsigned key = kiln_irq_lock();
    test_irq_trigger(give);
    test_mark('m');
    kiln_irq_unlock(key);
    test_mark('c');
    CHECK_LOG("mac");
}

/* ---- Locks --------------------------------------------------------------------------------- */

CASE(take_with_the_scheduler_locked_refuses_to_block)
{
    test_sem(&sem, 1, 1);
    kiln_sched_lock();
    CHECK_OK(kiln_sem_take(&sem, KILN_FOREVER));
    CHECK_EQ(kiln_sem_take(&sem, KILN_NO_WAIT), KILN_EAGAIN);
    CHECK_EQ(kiln_sem_take(&sem, 5), KILN_ELOCKED);
    CHECK_EQ(kiln_sem_take(&sem, KILN_FOREVER), KILN_ELOCKED);
    CHECK_OK(kiln_sched_unlock());
    unsigned key = kiln_irq_lock();
    CHECK_EQ(kiln_sem_take(&sem, 5), KILN_ELOCKED);
    kiln_irq_unlock(key);
}

CASE(give_with_the_scheduler_locked_switches_at_the_unlock)
{
    test_sem(&sem, 0, 1);
    (void)test_task(take_and_mark, ARG('a'), TEST_PRIO + 1);
    kiln_sched_lock();
    give();
    test_mark('l');
    CHECK_OK(kiln_sched_unlock());
    CHECK_LOG("la");
}

#endif
