/* What the kernel tells of its tasks: kiln_task_get_info(), and the list of all. */
#include "unit.h"

static void info_tells_everything(void **state)
{
    (void)state;
    struct kiln_task_info info;
    struct kiln_task *task = create(0, 0);
    assert_int_equal(kiln_task_get_info(task, NULL), KILN_EINVAL);
    fake.stack_used = 123;
    assert_int_equal(kiln_task_get_info(task, &info), KILN_OK);
    assert_int_equal(info.wait_kind, KILN_WAIT_NONE);
    assert_null(info.wait_object);
#if KILN_CFG_NAMES
    assert_string_equal(info.name, "task0");
#endif
    assert_int_equal(info.stack_bytes, KILN_CFG_STACK_CHECK ? STACK_SIZE : 0);
    assert_int_equal(info.stack_used_max_bytes, KILN_CFG_STACK_CHECK ? 123 : 0);
}

#if KILN_CFG_STATS
static void cpu_time_goes_to_who_ran(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    struct kiln_task_info info;
    struct kiln_task *task = create(0, 3);
    (void)kiln_task_get_info(task, &info);
    assert_int_equal(info.switches, 1);
    fake.cycles += 100 * PORT_CYCLES_PER_US;
    (void)kiln_task_get_info(task, &info);
    assert_int_equal(info.cpu_us, 100);
    assert_int_equal(play_sleep(5), BLOCKED);
    fake.cycles += 50 * PORT_CYCLES_PER_US;
    fake_tick(5);
    assert_int_equal(play_return(task), KILN_OK);
    (void)kiln_task_get_info(task, &info);
    assert_int_equal(info.cpu_us, 100);
    assert_int_equal(info.switches, 2);
    (void)kiln_task_get_info(&kernel.idle, &info);
    assert_int_equal(info.cpu_us, 50);
    assert_int_equal(kiln_uptime_us(), 150);
}

static uint32_t switches_of(const struct kiln_task *task)
{
    struct kiln_task_info info;
    assert_int_equal(kiln_task_get_info(task, &info), KILN_OK);
    return info.switches;
}

static void switches_to_the_idle_task_are_counted(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    assert_int_equal(switches_of(&kernel.idle), 1); /* the start */
    struct kiln_task *task = create(0, 3);
    assert_int_equal(switches_of(&kernel.idle), 1);
    for (uint32_t n = 1; n <= 3; n++) {
        assert_int_equal(switches_of(task), n);
        assert_int_equal(play_sleep(1), BLOCKED);
        assert_int_equal(switches_of(&kernel.idle), 1 + n);
        fake_tick(1);
        assert_int_equal(play_return(task), KILN_OK);
    }
}
#endif

#if KILN_CFG_NAMES && KILN_CFG_SEM && KILN_CFG_QUEUE && KILN_CFG_JOIN && KILN_CFG_FLAGS
static void expect_wait(const struct kiln_task *task, enum kiln_wait kind, const void *object)
{
    struct kiln_task_info info;
    assert_int_equal(kiln_task_get_info(task, &info), KILN_OK);
    assert_int_equal(info.state, KILN_TASK_BLOCKED);
    assert_int_equal(info.wait_kind, kind);
    assert_ptr_equal(info.wait_object, object);
}

static void info_names_what_a_task_waits_for(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    static struct kiln_sem sem;
    static struct kiln_queue queue;
    static struct kiln_flags flags;
    static uint32_t item, buffer[1];
    memset(&sem, 0, sizeof(sem));
    memset(&queue, 0, sizeof(queue));
    memset(&flags, 0, sizeof(flags));
    (void)kiln_sem_init(&sem, 0, 1);
    (void)kiln_queue_init(&queue, buffer, 4, 1);
    (void)kiln_flags_init(&flags);
    (void)create(0, 3);
    assert_int_equal(play_sem_take(&sem, 9), BLOCKED);
    expect_wait(&tasks[0], KILN_WAIT_SEM, &sem);
    (void)create(1, 3);
    assert_int_equal(play_receive(&queue, &item, 9), BLOCKED);
    expect_wait(&tasks[1], KILN_WAIT_QUEUE_RECEIVE, &queue);
    (void)kiln_task_kill(&tasks[1], 0);
    (void)kiln_queue_send(&queue, &item, 0);
    (void)create(2, 3);
    assert_int_equal(play_send(&queue, &item, 9), BLOCKED);
    expect_wait(&tasks[2], KILN_WAIT_QUEUE_SEND, &queue);
    (void)create(3, 3);
    assert_int_equal(play_flags_wait(&flags, 1, 0, NULL, 9), BLOCKED);
    expect_wait(&tasks[3], KILN_WAIT_FLAGS, &flags);
    (void)create(4, 3);
    assert_int_equal(play_join(&tasks[0], NULL, 9), BLOCKED);
    expect_wait(&tasks[4], KILN_WAIT_JOIN, &tasks[0]);
    (void)create(5, 3);
    assert_int_equal(play_sleep(9), BLOCKED);
    expect_wait(&tasks[5], KILN_WAIT_SLEEP, NULL);
}
#endif

#if KILN_CFG_TASK_LIST
static void the_list_has_the_living_in_order(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 4; n++) {
        (void)create(n, 0);
    }
    assert_int_equal(kiln_task_kill(&tasks[1], 0), KILN_OK);
    assert_ptr_equal(kiln_task_next(NULL), &kernel.idle);
    assert_ptr_equal(kiln_task_next(&kernel.idle), &tasks[0]);
    assert_ptr_equal(kiln_task_next(&tasks[0]), &tasks[2]);
    assert_int_equal(kiln_task_kill(&tasks[3], 0), KILN_OK);
    assert_null(kiln_task_next(&tasks[2]));
#if KILN_CFG_CHECKS
    assert_panics("one that has terminated", (void)kiln_task_next(&tasks[3]));
#endif
    (void)create(1, 0);
    assert_ptr_equal(kiln_task_next(&tasks[2]), &tasks[1]);
}
#endif

#define SETUP unit_setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(info_tells_everything),
#if KILN_CFG_STATS
        TEST(cpu_time_goes_to_who_ran),
        TEST(switches_to_the_idle_task_are_counted),
#endif
#if KILN_CFG_NAMES && KILN_CFG_SEM && KILN_CFG_QUEUE && KILN_CFG_JOIN && KILN_CFG_FLAGS
        TEST(info_names_what_a_task_waits_for),
#endif
#if KILN_CFG_TASK_LIST
        TEST(the_list_has_the_living_in_order),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
