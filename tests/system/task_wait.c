/* Every way to wait: killed in it, timed out, refused where a task cannot block, told of. */
#include "harness.h"

#if KILN_CFG_SEM && KILN_CFG_QUEUE && KILN_CFG_FLAGS && KILN_CFG_POOL && KILN_CFG_MUTEX && \
    KILN_CFG_JOIN && KILN_CFG_CHECKS && KILN_CFG_NAMES

#define GROUP "task"

KILN_STACK_DEFINE(sleeper_stack, 512);
static struct kiln_task sleeper; /* to be joined; the cases need all of the harness's tasks */

static void create_sleeper(void)
{
    struct kiln_task_def def = {.entry = test_sleep_long,
                                .stack = sleeper_stack,
                                .stack_bytes = sizeof(sleeper_stack),
                                .name = "sleeper",
                                .priority = TEST_PRIO + 1};
    CHECK_OK(kiln_task_create(&sleeper, &def));
}

/* One of each, all of them such that a task has to wait. */
static struct {
    struct kiln_sem sem;
    struct kiln_mutex mutex;
    struct kiln_queue empty, full;
    struct kiln_flags flags;
    struct kiln_pool pool;
    uint32_t empty_buffer[1], full_buffer[1];
    void *pool_buffer[1];
    void *block;
} all;

static void make_all(void)
{
    uint32_t item = 1;
    test_sem(&all.sem, 0, 1);
    test_mutex(&all.mutex, KILN_MUTEX_PLAIN);
    test_queue(&all.empty, all.empty_buffer, 4, 1);
    test_queue(&all.full, all.full_buffer, 4, 1);
    test_flags(&all.flags);
    test_pool(&all.pool, all.pool_buffer, sizeof(void *), 1);
    CHECK_OK(kiln_mutex_lock(&all.mutex, KILN_NO_WAIT));
    CHECK_OK(kiln_queue_send(&all.full, &item, KILN_NO_WAIT));
    CHECK_OK(kiln_pool_alloc(&all.pool, &all.block, KILN_NO_WAIT));
}

static void free_all(void)
{
    CHECK_OK(kiln_mutex_unlock(&all.mutex));
    CHECK_OK(kiln_pool_free(&all.pool, all.block));
}

/* Waits in the way `kind` says, as long as `ticks`. */
static int wait_for(int kind, kiln_ticks_t ticks)
{
    uint32_t item = 0;
    void *block;
    switch (kind) {
    case 0:
        return kiln_sem_take(&all.sem, ticks);
    case 1:
        return kiln_mutex_lock(&all.mutex, ticks);
    case 2:
        return kiln_queue_receive(&all.empty, &item, ticks);
    case 3:
        return kiln_queue_send(&all.full, &item, ticks);
    case 4:
        return kiln_queue_send_front(&all.full, &item, ticks);
    case 5:
        return kiln_flags_wait(&all.flags, 1, KILN_FLAGS_ANY, NULL, ticks);
    case 6:
        return kiln_pool_alloc(&all.pool, &block, ticks);
    default:
        return kiln_task_join(&sleeper, NULL, ticks);
    }
}
#define WAITS 8

static int wait_forever(void *arg)
{
    (void)wait_for(ARG_INT(arg), KILN_FOREVER);
    test_mark('!');
    return 0;
}

static int wait_with_timeout(void *arg)
{
    (void)wait_for(ARG_INT(arg), KILN_MS(20000));
    test_mark('!');
    return 0;
}

/* All wait at the same time; every one is killed; the objects are as before. */
static void kill_waiters(kiln_task_fn entry)
{
    struct kiln_task *tasks[WAITS];
    make_all();
    create_sleeper();
    for (int i = 0; i < WAITS; i++) {
        tasks[i] = test_task(entry, ARG(i), TEST_PRIO + 1U + (unsigned)i); /* the mutex raises us */
        CHECK_EQ(test_state(tasks[i]), KILN_TASK_BLOCKED);
    }
    for (int i = 0; i < WAITS; i++) {
        CHECK_OK(kiln_task_kill(tasks[i], i));
        CHECK_EQ(test_state(tasks[i]), KILN_TASK_TERMINATED);
    }
    CHECK_OK(kiln_task_kill(&sleeper, 0));
    CHECK_EQ(kiln_sem_count(&all.sem), 0);
    CHECK_EQ(kiln_queue_count(&all.empty), 0);
    CHECK_EQ(kiln_queue_count(&all.full), 1);
    CHECK_EQ(kiln_task_priority(kiln_task_self()), TEST_PRIO);
    free_all();
}

CASE(kill_of_a_task_in_each_wait)
{
    kill_waiters(wait_forever);
}

CASE(kill_of_a_task_in_each_wait_with_a_timeout)
{
    kill_waiters(wait_with_timeout);
}

CASE(info_says_what_each_task_waits_for)
{
    static const enum kiln_wait kinds[WAITS] = {
        KILN_WAIT_SEM,        KILN_WAIT_MUTEX, KILN_WAIT_QUEUE_RECEIVE, KILN_WAIT_QUEUE_SEND,
        KILN_WAIT_QUEUE_SEND, KILN_WAIT_FLAGS, KILN_WAIT_POOL,          KILN_WAIT_JOIN};
    const void *objects[WAITS] = {&all.sem,  &all.mutex, &all.empty, &all.full,
                                  &all.full, &all.flags, &all.pool,  &sleeper};
    make_all();
    create_sleeper();
    for (int i = 0; i < WAITS; i++) {
        struct kiln_task_info info;
        struct kiln_task *task = test_task(wait_forever, ARG(i), TEST_PRIO + 1);
        CHECK_OK(kiln_task_get_info(task, &info));
        CHECK_EQ(info.state, KILN_TASK_BLOCKED);
        CHECK_WAITS(task, kinds[i]);
        CHECK_SAME(info.wait_object, objects[i]);
        CHECK_OK(kiln_task_kill(task, 0));
    }
    CHECK_OK(kiln_task_kill(&sleeper, 0));
    free_all();
}

static int check_timeouts(void *arg)
{
    (void)arg;
    for (int i = 0; i < WAITS; i++) {
        CHECK_EQ(wait_for(i, KILN_NO_WAIT), KILN_EAGAIN);
        test_align();
        kiln_ticks_t start = kiln_ticks();
        CHECK_EQ(wait_for(i, 3), KILN_ETIMEOUT);
        CHECK_EQ(kiln_ticks() - start, 3);
    }
    return 0;
}

CASE_IF(every_wait_times_out_on_time, TEST_EXACT)
{
    make_all();
    create_sleeper();
    (void)test_task(check_timeouts, NULL, TEST_PRIO + 1);
    test_join_all();
    CHECK_OK(kiln_task_kill(&sleeper, 0));
    free_all();
}

static int check_refusals(void *arg)
{
    (void)arg;
    kiln_sched_lock();
    for (int i = 0; i < WAITS; i++) {
        CHECK_EQ(wait_for(i, 5), KILN_ELOCKED);
        CHECK_EQ(wait_for(i, KILN_FOREVER), KILN_ELOCKED);
        CHECK_EQ(wait_for(i, KILN_NO_WAIT), KILN_EAGAIN);
    }
    CHECK_OK(kiln_sched_unlock());
    return 0;
}

static void check_refusals_in_interrupt(void)
{
    for (int i = 0; i < WAITS; i++) {
        CHECK_EQ(wait_for(i, 5), KILN_EISR);
        CHECK_EQ(wait_for(i, KILN_FOREVER), KILN_EISR);
        if (i != 1) { /* a mutex is of no use to an interrupt, however long it would wait */
            CHECK_EQ(wait_for(i, KILN_NO_WAIT), KILN_EAGAIN);
        }
    }
    test_mark('i');
}

CASE(every_wait_is_refused_where_it_cannot_block)
{
    make_all();
    create_sleeper();
    (void)test_task(check_refusals, NULL, TEST_PRIO + 1);
    test_irq_trigger(check_refusals_in_interrupt);
    CHECK_LOG("i");
    CHECK_OK(kiln_task_kill(&sleeper, 0));
    free_all();
}
#endif
