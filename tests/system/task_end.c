/* Tasks that end, or are ended, while they hold the scheduler or interrupts locked. */
#include "harness.h"

#define GROUP "task"

#if KILN_CFG_JOIN
static int return_with_interrupts_locked(void *arg)
{
    (void)kiln_irq_lock();
    return ARG_INT(arg);
}

static int exit_with_interrupts_locked(void *arg)
{
    (void)kiln_irq_lock();
    kiln_task_exit(ARG_INT(arg));
}

static int kill_itself_with_interrupts_locked(void *arg)
{
    (void)kiln_irq_lock();
    (void)kiln_task_kill(kiln_task_self(), ARG_INT(arg));
    test_mark('!');
    return 0;
}

CASE(interrupt_locks_end_with_the_task)
{
    static const kiln_task_fn ends[] = {return_with_interrupts_locked, exit_with_interrupts_locked,
                                        kill_itself_with_interrupts_locked};
    for (int i = 0; i < 3; i++) {
        int code = 0;
        struct kiln_task *task = test_task(ends[i], ARG(7 + i), TEST_PRIO + 1);
        CHECK_OK(kiln_task_join(task, &code, KILN_MS(100)));
        CHECK_EQ(code, 7 + i);
    }
    CHECK_LOG("");
    CHECK_OK(kiln_task_sleep(1)); /* ticks still come */
}

static struct kiln_task *victim;

static void kill_victim(void)
{
    CHECK_OK(kiln_task_kill(victim, 9));
}

/* Killed while it had the scheduler locked, and interrupts locked when it unlocks that. */
static int unlock_with_interrupts_locked(void *arg)
{
    (void)arg;
    CHECK_OK(kiln_sched_lock());
    test_irq_trigger(kill_victim);
    test_mark('a');
    (void)kiln_irq_lock();
    (void)kiln_sched_unlock();
    test_mark('!');
    return 0;
}

CASE(kill_that_waited_for_a_lock_ends_the_task_at_once)
{
    int code = 0;
    victim = test_new_task(unlock_with_interrupts_locked, NULL, TEST_PRIO + 1);
    CHECK_OK(kiln_task_start(victim));
    CHECK_OK(kiln_task_join(victim, &code, KILN_MS(100)));
    CHECK_EQ(code, 9);
    CHECK_LOG("a");
}

static int join_result;

static void join_victim(void)
{
    join_result = kiln_task_join(victim, NULL, KILN_NO_WAIT);
}

CASE(interrupt_that_joins_the_interrupted_task_does_not_join_itself)
{
    victim = kiln_task_self();
    test_irq_trigger(join_victim);
    CHECK_EQ(join_result, KILN_EAGAIN);
}
#endif
