/* What is told of tasks: state, priority, processor time, stack, and the list of all. */
#include "harness.h"

#include <string.h>

#define GROUP "task"

CASE(info_shows_states_and_priorities)
{
    struct kiln_task_info info;
    struct kiln_task *task = test_new_task(test_sleep_long, NULL, TEST_PRIO + 3);
    CHECK_OK(kiln_task_get_info(kiln_task_self(), &info));
    CHECK_EQ(info.state, KILN_TASK_RUNNING);
    CHECK_EQ(info.priority, TEST_PRIO);
    CHECK_OK(kiln_task_get_info(task, &info));
    CHECK_EQ(info.state, KILN_TASK_NEW);
    CHECK_OK(kiln_task_start(task));
    CHECK_OK(kiln_task_get_info(task, &info));
    CHECK_EQ(info.state, KILN_TASK_BLOCKED);
    CHECK_WAITS(task, KILN_WAIT_SLEEP);
    CHECK_SAME(info.wait_object, NULL);
    CHECK_EQ(info.base_priority, TEST_PRIO + 3);
    CHECK_OK(kiln_task_suspend(task));
    CHECK_EQ(test_state(task), KILN_TASK_SUSPENDED);
    CHECK_OK(kiln_task_resume(task));
    CHECK_EQ(test_state(task), KILN_TASK_BLOCKED);
    CHECK_OK(kiln_task_kill(task, 0));
    CHECK_EQ(test_state(task), KILN_TASK_TERMINATED);
    CHECK_EQ(kiln_task_get_info(task, NULL), KILN_EINVAL);
#if KILN_CFG_NAMES
    CHECK(strcmp(info.name, "w0") == 0);
#endif
}

#if KILN_CFG_STATS
static int work(void *arg)
{
    (void)arg;
    test_spin(10);
    CHECK_OK(kiln_task_sleep(10));
    test_spin(10);
    return 0;
}

static struct kiln_task_info info_of(const struct kiln_task *task)
{
    struct kiln_task_info info;
    CHECK_OK(kiln_task_get_info(task, &info));
    return info;
}

CASE_IF(info_counts_cpu_time_and_switches, TEST_EXACT)
{
    struct kiln_task_info before = info_of(kiln_task_self());
    struct kiln_task *task = test_new_task(work, NULL, TEST_PRIO + 1);
    test_align();
    CHECK_OK(kiln_task_start(task));
    CHECK_OK(kiln_task_sleep(25)); /* asleep while it works again */
    struct kiln_task_info worker = info_of(task), after = info_of(kiln_task_self());
    CHECK_WITHIN(worker.cpu_us, 19U * 1000000U / KILN_CFG_TICK_HZ,
                 21U * 1000000U / KILN_CFG_TICK_HZ);
    CHECK_EQ(worker.switches, 2);
    CHECK_WITHIN(after.switches - before.switches, 3, 3);
    CHECK_WITHIN(after.cpu_us - before.cpu_us, 0, 1000000U / KILN_CFG_TICK_HZ);
}
#endif

#if KILN_CFG_STACK_CHECK && !defined(__SANITIZE_ADDRESS__) /* which keeps arrays elsewhere */
/* More than the first frame takes on a host. */
#define DEEP_BYTES (sizeof(void *) == 8 ? 2000U : 200U)

static int use_stack(void *arg)
{
    volatile uint8_t space[DEEP_BYTES];
    for (size_t i = 0; i < sizeof(space); i++) {
        space[i] = (uint8_t)i;
    }
    CHECK_OK(kiln_task_sleep(1)); /* a host looks at switches */
    return space[10] + ARG_INT(arg);
}

CASE(info_measures_the_stack)
{
    struct kiln_task_info info;
    struct kiln_task *shallow = test_task(test_sleep_long, NULL, TEST_PRIO + 1);
    struct kiln_task *deep = test_task(use_stack, NULL, TEST_PRIO + 1);
    CHECK_OK(kiln_task_get_info(shallow, &info));
    size_t used = info.stack_used_max_bytes;
    CHECK(used > 0);
    CHECK(info.stack_bytes >= PORT_STACK_MIN);
    CHECK_OK(kiln_task_sleep(3));
    CHECK_OK(kiln_task_get_info(deep, &info));
    CHECK(info.stack_used_max_bytes >= DEEP_BYTES);
    CHECK(info.stack_used_max_bytes > used);
    CHECK_OK(kiln_task_kill(shallow, 0));
}
#endif

#if KILN_CFG_TASK_LIST
CASE(iteration_finds_all_living_tasks_in_order_of_creation)
{
    struct kiln_task *a = test_new_task(test_mark_arg, NULL, TEST_PRIO);
    struct kiln_task *b = test_task(test_sleep_long, NULL, TEST_PRIO + 1);
    struct kiln_task *c = test_task(test_sleep_long, NULL, TEST_PRIO + 2);
    struct kiln_task *task = kiln_task_next(NULL); /* idle */
    CHECK_SAME(task = kiln_task_next(task), kiln_task_self());
    CHECK_SAME(task = kiln_task_next(task), a);
    CHECK_SAME(task = kiln_task_next(task), b);
    CHECK_SAME(task = kiln_task_next(task), c);
    CHECK_SAME(kiln_task_next(task), NULL);
    CHECK_OK(kiln_task_kill(b, 0));
    CHECK_SAME(kiln_task_next(a), c);
    CHECK_OK(kiln_task_kill(c, 0));
    CHECK_SAME(kiln_task_next(a), NULL);
    CHECK_OK(kiln_task_kill(a, 0));
    CHECK_SAME(kiln_task_next(kiln_task_self()), NULL);
}
#endif
