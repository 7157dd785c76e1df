/* Tasks that are killed: in every state, by themselves, by an interrupt. */
#include "harness.h"

#define GROUP "task"

CASE(kill_of_a_new_task)
{
    struct kiln_task *task = test_new_task(test_mark_arg, ARG('!'), TEST_PRIO + 1);
    CHECK_OK(kiln_task_kill(task, 1));
    CHECK_EQ(test_state(task), KILN_TASK_TERMINATED);
    CHECK_EQ(kiln_task_start(task), KILN_ESTATE);
    CHECK_EQ(kiln_task_kill(task, 1), KILN_ESTATE);
}

CASE(kill_of_a_ready_task)
{
    struct kiln_task *first = test_task(test_mark_arg, ARG('a'), TEST_PRIO);
    struct kiln_task *second = test_task(test_mark_arg, ARG('b'), TEST_PRIO);
    (void)test_task(test_mark_arg, ARG('c'), TEST_PRIO);
    CHECK_EQ(test_state(second), KILN_TASK_READY);
    CHECK_OK(kiln_task_kill(second, 1));
    CHECK_OK(kiln_task_kill(first, 1));
    test_join_all();
    CHECK_LOG("c");
}

CASE(kill_of_a_sleeping_task)
{
    struct kiln_task *task = test_task(test_sleep_long, NULL, TEST_PRIO + 1);
    CHECK_EQ(test_state(task), KILN_TASK_BLOCKED);
    CHECK_WAITS(task, KILN_WAIT_SLEEP);
    CHECK_OK(kiln_task_kill(task, 1));
    CHECK_EQ(test_state(task), KILN_TASK_TERMINATED);
}

CASE(kill_of_a_suspended_task)
{
    struct kiln_task *ready = test_task(test_mark_arg, ARG('!'), TEST_PRIO - 1);
    struct kiln_task *asleep = test_task(test_sleep_long, NULL, TEST_PRIO + 1);
    CHECK_OK(kiln_task_suspend(ready));
    CHECK_OK(kiln_task_suspend(asleep));
    CHECK_OK(kiln_task_kill(ready, 1));
    CHECK_OK(kiln_task_kill(asleep, 1));
    CHECK_EQ(kiln_task_resume(ready), KILN_ESTATE);
    CHECK_EQ(kiln_task_suspend(asleep), KILN_ESTATE);
}

static int kill_itself(void *arg)
{
    (void)arg;
    test_mark('k');
    (void)kiln_task_kill(kiln_task_self(), 17);
    test_mark('!');
    return 0;
}

CASE(kill_of_itself_is_an_exit)
{
    struct kiln_task *task = test_task(kill_itself, NULL, TEST_PRIO + 1);
    CHECK_EQ(test_state(task), KILN_TASK_TERMINATED);
    CHECK_LOG("k");
}

static void kill_interrupted(void)
{
    CHECK_OK(kiln_task_kill(kiln_task_self(), 4));
    test_mark('i');
}

static int be_killed_by_interrupt(void *arg)
{
    (void)arg;
    test_mark('a');
    test_irq_trigger(kill_interrupted);
    test_mark('!');
    return 0;
}

CASE(interrupt_kills_the_task_it_interrupted)
{
    struct kiln_task *task = test_task(be_killed_by_interrupt, NULL, TEST_PRIO + 1);
    CHECK_EQ(test_state(task), KILN_TASK_TERMINATED);
    CHECK_LOG("ai");
}

static int be_killed_while_locked(void *arg)
{
    (void)arg;
    kiln_sched_lock();
    kiln_sched_lock();
    test_irq_trigger(kill_interrupted);
    test_mark('a');
    CHECK_OK(kiln_sched_unlock());
    test_mark('b');
    (void)kiln_sched_unlock();
    test_mark('!');
    return 0;
}

CASE(kill_with_the_scheduler_locked_takes_effect_at_the_last_unlock)
{
    struct kiln_task *task = test_task(be_killed_while_locked, NULL, TEST_PRIO + 1);
    CHECK_LOG("iab");
    CHECK_EQ(test_state(task), KILN_TASK_TERMINATED);
}

static int exit_locked(void *arg)
{
    (void)arg;
    kiln_sched_lock();
    kiln_sched_lock();
    return 0;
}

CASE(exit_gives_the_scheduler_lock_back)
{
    (void)test_task(exit_locked, NULL, TEST_PRIO + 1);
    CHECK_EQ(kiln_sched_unlock(), KILN_ESTATE);
}

CASE(idle_task_is_immune)
{
#if KILN_CFG_TASK_LIST
    struct kiln_task *idle = kiln_task_next(NULL);
    CHECK_EQ(kiln_task_kill(idle, 0), KILN_EINVAL);
    CHECK_EQ(kiln_task_suspend(idle), KILN_EINVAL);
    CHECK_EQ(kiln_task_set_priority(idle, 3), KILN_EINVAL);
#endif
    CHECK_OK(kiln_task_sleep(2)); /* and does its work */
}
