/* Suspend and resume, in every state. */
#include "harness.h"

#define GROUP "suspend"

CASE(of_a_ready_task_keeps_it_from_running)
{
    struct kiln_task *task = test_task(test_mark_arg, ARG('a'), TEST_PRIO - 1);
    CHECK_OK(kiln_task_suspend(task));
    CHECK_EQ(test_state(task), KILN_TASK_SUSPENDED);
    CHECK_OK(kiln_task_sleep(3));
    CHECK_LOG("");
    CHECK_OK(kiln_task_resume(task));
    test_join_all();
    CHECK_LOG("a");
}

CASE(twice_is_the_same_as_once)
{
    struct kiln_task *task = test_task(test_mark_arg, ARG('a'), TEST_PRIO - 1);
    CHECK_OK(kiln_task_suspend(task));
    CHECK_OK(kiln_task_suspend(task));
    CHECK_OK(kiln_task_resume(task));
    CHECK_EQ(kiln_task_resume(task), KILN_ESTATE);
    test_join_all();
    CHECK_LOG("a");
}

CASE(of_a_new_or_a_terminated_task_is_refused)
{
    struct kiln_task *task = test_new_task(test_mark_arg, ARG('a'), TEST_PRIO + 1);
    CHECK_EQ(kiln_task_suspend(task), KILN_ESTATE);
    CHECK_EQ(kiln_task_resume(task), KILN_ESTATE);
    CHECK_OK(kiln_task_start(task));
    CHECK_EQ(kiln_task_suspend(task), KILN_ESTATE);
    CHECK_EQ(kiln_task_resume(task), KILN_ESTATE);
    CHECK_LOG("a");
}

CASE(resume_of_a_more_urgent_task_switches_at_once)
{
    struct kiln_task *task = test_task(test_mark_arg, ARG('a'), TEST_PRIO - 1);
    CHECK_OK(kiln_task_suspend(task));
    CHECK_OK(kiln_task_set_priority(task, TEST_PRIO + 1));
    test_mark('c');
    CHECK_OK(kiln_task_resume(task));
    test_mark('c');
    CHECK_LOG("cac");
}

static int suspend_itself(void *arg)
{
    test_mark('a');
    CHECK_OK(kiln_task_suspend(kiln_task_self()));
    test_mark((char)ARG_INT(arg));
    return 0;
}

CASE(of_itself_stops_at_once)
{
    struct kiln_task *task = test_task(suspend_itself, ARG('b'), TEST_PRIO + 1);
    CHECK_LOG("a");
    CHECK_EQ(test_state(task), KILN_TASK_SUSPENDED);
    CHECK_OK(kiln_task_resume(task));
    CHECK_LOG("b");
}

static int suspend_itself_locked(void *arg)
{
    (void)arg;
    kiln_sched_lock();
    CHECK_OK(kiln_task_suspend(kiln_task_self()));
    test_mark('a');
    CHECK_OK(kiln_sched_unlock());
    test_mark('b');
    return 0;
}

CASE(of_itself_with_the_scheduler_locked_stops_at_the_unlock)
{
    struct kiln_task *task = test_task(suspend_itself_locked, NULL, TEST_PRIO + 1);
    CHECK_LOG("a");
    CHECK_EQ(test_state(task), KILN_TASK_SUSPENDED);
    CHECK_OK(kiln_task_resume(task));
    CHECK_LOG("b");
}

static int suspend_and_resume_itself_locked(void *arg)
{
    (void)arg;
    kiln_sched_lock();
    CHECK_OK(kiln_task_suspend(kiln_task_self()));
    CHECK_OK(kiln_task_resume(kiln_task_self()));
    CHECK_OK(kiln_sched_unlock());
    test_mark('a');
    return 0;
}

CASE(and_resume_of_itself_with_the_scheduler_locked_is_nothing)
{
    (void)test_task(suspend_and_resume_itself_locked, NULL, TEST_PRIO + 1);
    CHECK_LOG("a");
}

static int suspend_itself_and_try_to_block(void *arg)
{
    (void)arg;
    kiln_sched_lock();
    CHECK_OK(kiln_task_suspend(kiln_task_self()));
    CHECK_EQ(kiln_task_sleep(5), KILN_ELOCKED);
    CHECK_EQ(kiln_task_yield(), KILN_ELOCKED);
    CHECK_OK(kiln_task_set_priority(kiln_task_self(), TEST_PRIO + 2));
    test_mark('a');
    CHECK_OK(kiln_sched_unlock());
    test_mark('b');
    return 0;
}

CASE(while_locked_leaves_the_caller_fit_for_other_calls)
{
    struct kiln_task *task = test_task(suspend_itself_and_try_to_block, NULL, TEST_PRIO + 1);
    CHECK_LOG("a");
    CHECK_EQ(kiln_task_priority(task), TEST_PRIO + 2);
    CHECK_OK(kiln_task_resume(task));
    CHECK_LOG("b");
}

static int sleep_and_mark(void *arg)
{
    CHECK_OK(kiln_task_sleep(ARG_INT(arg) == 's' ? 2 : KILN_MS(100)));
    test_mark((char)ARG_INT(arg));
    return 0;
}

CASE(of_a_sleeper_whose_sleep_ends_meanwhile)
{
    struct kiln_task *task = test_task(sleep_and_mark, ARG('s'), TEST_PRIO + 1);
    CHECK_OK(kiln_task_suspend(task));
    CHECK_OK(kiln_task_sleep(5));
    CHECK_LOG("");
    CHECK_EQ(test_state(task), KILN_TASK_SUSPENDED);
    CHECK_OK(kiln_task_resume(task));
    CHECK_LOG("s");
}

CASE(of_a_sleeper_resumed_before_its_sleep_ends)
{
    struct kiln_task *task = test_task(sleep_and_mark, ARG('l'), TEST_PRIO + 1);
    CHECK_OK(kiln_task_suspend(task));
    CHECK_OK(kiln_task_sleep(2));
    CHECK_OK(kiln_task_resume(task));
    CHECK_LOG("");
    CHECK_EQ(test_state(task), KILN_TASK_BLOCKED);
    test_join_all();
    CHECK_LOG("l");
}

#if KILN_CFG_SEM
static struct kiln_sem sem;

static int take_with_timeout(void *arg)
{
    test_mark(kiln_sem_take(&sem, 3) == KILN_OK ? 't' : 'e');
    (void)arg;
    return 0;
}

static int take_forever(void *arg)
{
    CHECK_OK(kiln_sem_take(&sem, KILN_FOREVER));
    test_mark((char)ARG_INT(arg));
    return 0;
}

CASE(of_a_waiter_does_not_lose_what_it_is_given)
{
    test_sem(&sem, 0, 5);
    struct kiln_task *task = test_task(take_forever, ARG('a'), TEST_PRIO + 1);
    CHECK_OK(kiln_task_suspend(task));
    CHECK_OK(kiln_sem_give(&sem));
    CHECK_EQ(kiln_sem_count(&sem), 0); /* it is the waiter's */
    CHECK_LOG("");
    CHECK_OK(kiln_task_resume(task));
    CHECK_LOG("a");
}

CASE(of_a_waiter_whose_wait_times_out_meanwhile)
{
    test_sem(&sem, 0, 5);
    struct kiln_task *task = test_task(take_with_timeout, NULL, TEST_PRIO + 1);
    CHECK_OK(kiln_task_suspend(task));
    CHECK_OK(kiln_task_sleep(6));
    CHECK_OK(kiln_sem_give(&sem)); /* too late for it */
    CHECK_EQ(kiln_sem_count(&sem), 1);
    CHECK_OK(kiln_task_resume(task));
    CHECK_LOG("e");
}

CASE(of_a_waiter_keeps_its_place_in_the_queue)
{
    test_sem(&sem, 0, 5);
    struct kiln_task *first = test_task(take_forever, ARG('a'), TEST_PRIO + 1);
    (void)test_task(take_forever, ARG('b'), TEST_PRIO + 1);
    CHECK_OK(kiln_task_suspend(first));
    CHECK_OK(kiln_sem_give(&sem));
    CHECK_OK(kiln_sem_give(&sem));
    CHECK_LOG("b");
    CHECK_OK(kiln_task_resume(first));
    CHECK_LOG("a");
}
#endif

/* ---- Interrupts ---------------------------------------------------------------------------- */

static struct kiln_task *victim;

static void suspend_interrupted(void)
{
    victim = kiln_task_self();
    CHECK_OK(kiln_task_suspend(victim));
}

static void resume_victim(void)
{
    CHECK_OK(kiln_task_resume(victim));
    test_mark('i');
}

static int be_suspended(void *arg)
{
    (void)arg;
    test_irq_trigger(suspend_interrupted);
    test_mark('a');
    return 0;
}

CASE(by_an_interrupt_of_the_task_it_interrupted)
{
    struct kiln_task *task = test_task(be_suspended, NULL, TEST_PRIO + 1);
    CHECK_LOG("");
    CHECK_SAME(victim, task);
    CHECK_EQ(test_state(task), KILN_TASK_SUSPENDED);
    test_irq_trigger(resume_victim);
    CHECK_LOG("ia");
}

CASE(of_the_controller_ended_by_the_tick)
{
    victim = kiln_task_self();
    test_irq_after(3, resume_victim);
    CHECK_OK(kiln_task_suspend(kiln_task_self()));
    CHECK_LOG("i");
}
