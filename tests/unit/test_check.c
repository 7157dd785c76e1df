/* k_check() itself: it finds nothing in a busy kernel, and finds each way to damage one. Whoever
 * checks nothing passes every other test, so this is the test of the tests. */
#include "unit.h"
#include "core/timeout.h"

#if KILN_CFG_CHECKS && KILN_CFG_TASK_LIST && KILN_CFG_SEM && KILN_CFG_MUTEX && KILN_CFG_TIMER && \
    KILN_CFG_QUEUE && KILN_CFG_POOL && KILN_CFG_NAMES && KILN_CFG_PRIORITIES >= 8

static struct kiln_sem sem;
static struct kiln_mutex mutex, second;
static struct kiln_queue queue;
static struct kiln_pool pool;
static struct kiln_timer timers[8];
static uint32_t queue_buffer[1], item;
static void *pool_buffer[1], *block;

static void on_timer(struct kiln_timer *timer)
{
    (void)timer;
}

/* A kernel in which everything happens: 0 and 1 wait for a semaphore, 2 and 3 for a mutex that 4
 * holds, 5 sleeps, 6 receives, 7 waits for a block, 8 is suspended, 9 new, 10 and 11 ready. */
static int setup(void **state)
{
    (void)unit_setup(state);
    memset(&sem, 0, sizeof(sem));
    memset(&mutex, 0, sizeof(mutex));
    memset(&second, 0, sizeof(second));
    memset(&queue, 0, sizeof(queue));
    memset(&pool, 0, sizeof(pool));
    memset(timers, 0, sizeof(timers));
    (void)kiln_sem_init(&sem, 0, 1);
    (void)kiln_mutex_init(&mutex, 0);
    (void)kiln_mutex_init(&second, 0);
    (void)kiln_queue_init(&queue, queue_buffer, 4, 1);
    (void)kiln_pool_init(&pool, pool_buffer, sizeof(void *), 1);
    (void)kiln_pool_alloc(&pool, &block, 0);
    (void)create(4, 2);
    (void)kiln_mutex_lock(&mutex, 0);
    (void)kiln_mutex_lock(&second, 0);
    for (unsigned n = 0; n < 4; n++) {
        (void)create(n, 4 + n);
        assert_int_equal(n < 2 ? play_sem_take(&sem, 40) : play_mutex_lock(&mutex, KILN_FOREVER),
                         BLOCKED);
    }
    assert_int_equal(play_sleep(100), BLOCKED); /* 4, at priority 7 */
    (void)create(5, 3);
    assert_int_equal(play_sleep(100), BLOCKED);
    (void)create(6, 3);
    assert_int_equal(play_receive(&queue, &item, KILN_FOREVER), BLOCKED);
    (void)create(7, 3);
    assert_int_equal(play_alloc(&pool, &block, KILN_FOREVER), BLOCKED);
    (void)create(8, 3);
    assert_int_equal(play_suspend(&tasks[8]), BLOCKED);
    struct kiln_task_def def = def_of(9, 3);
    (void)kiln_task_init(&tasks[9], &def);
    (void)create(10, 0);
    (void)create(11, 0);
    for (unsigned n = 0; n < COUNT_OF(timers); n++) {
        (void)kiln_timer_init(&timers[n], on_timer);
        (void)kiln_timer_start(&timers[n], 10 * (n + 1), 0);
    }
    fake.check = NULL;
    return 0;
}

static bool holds(const char **what)
{
    unsigned key = port_irq_save();
    bool result = k_check(what);
    port_irq_restore(key);
    return result;
}

static void a_busy_kernel_is_sound(void **state)
{
    (void)state;
    const char *what = NULL;
    assert_true(holds(&what));
    assert_null(what);
    assert_true(holds(NULL));
}

static void ready_lists(void **state)
{
    (void)state;
    EXPECT_DAMAGE(kernel.ready_map, kernel.ready_map | port_prio_bit(5), "");
    EXPECT_DAMAGE(kernel.ready_map, 0, "");
    EXPECT_DAMAGE(tasks[10].next, &tasks[10], "links");
    EXPECT_DAMAGE(tasks[10].prev, &tasks[11], "links");
    EXPECT_DAMAGE(tasks[10].next, NULL, "links");
    EXPECT_DAMAGE(tasks[10].prio, 1, "another priority");
    EXPECT_DAMAGE(tasks[10].flags, K_TASK_SUSPENDED, "not ready");
    EXPECT_DAMAGE(kernel.ready[0].first, &tasks[10], "not the first");
    EXPECT_DAMAGE(kernel.current, &tasks[10], "not the first");
    EXPECT_DAMAGE(tasks[8].flags, 0, "in no ready list");
}

static void wait_queues(void **state)
{
    (void)state;
    EXPECT_DAMAGE(sem.waiters.first, NULL, "in no wait queue");
    EXPECT_DAMAGE(sem.waiters.first, &tasks[0], "not sorted");
    EXPECT_DAMAGE(tasks[0].waitq, &mutex.waiters, "");
    EXPECT_DAMAGE(tasks[0].waitq, NULL, "");
    EXPECT_DAMAGE(tasks[1].next, &tasks[2], "links");
    EXPECT_DAMAGE(tasks[1].prev, &tasks[1], "links");
    EXPECT_DAMAGE(sem.count, 1, "not 0");
    EXPECT_DAMAGE(sem.tag, NULL, "no live semaphore");
    EXPECT_DAMAGE(queue.count, 1, "has items");
    EXPECT_DAMAGE(pool.fresh, pool.start, "free blocks");
    EXPECT_DAMAGE(tasks[0].wait_kind, KILN_WAIT_NONE, "waits for nothing");
#if KILN_CFG_WAITQ_SKIP
    EXPECT_DAMAGE(tasks[0].peer, &tasks[1], "do not know each other");
#endif
}

static void mutexes(void **state)
{
    (void)state;
    EXPECT_DAMAGE(mutex.owner, NULL, "");
    EXPECT_DAMAGE(mutex.owner, &tasks[5], "");
    EXPECT_DAMAGE(tasks[4].held, NULL, "");
    EXPECT_DAMAGE(tasks[4].prio, 3, "base and inherited");
    EXPECT_DAMAGE(tasks[4].base_prio, KILN_CFG_PRIORITIES - 1,
                  KILN_CFG_PRIORITIES > 8 ? "base" : "");
    EXPECT_DAMAGE(mutex.next_held, &second, "circular");
    EXPECT_DAMAGE(mutex.tag, NULL, "not alive");
    EXPECT_DAMAGE(tasks[2].flags, 0, "for a mutex");
}

/* The link by which the tree holds a timeout. */
static struct kiln_timeout **link_to(const struct kiln_timeout *timeout)
{
    struct kiln_timeout **link = &kernel.timeouts;
    for (unsigned depth = 0; *link != timeout; depth++) {
        assert_non_null(*link);
        link = &(*link)->child[k_timeout_way(timeout, depth)];
    }
    return link;
}

static void timeouts(void **state)
{
    (void)state;
    struct kiln_timeout **link = link_to(&tasks[5].timeout);
    const struct kiln_timeout *root = kernel.timeouts;
    unsigned side = root->child[0] != NULL ? 0 : 1;
    EXPECT_DAMAGE(kernel.timeouts, NULL, "not pending");
    EXPECT_DAMAGE(kernel.timeouts->deadline, (kiln_ticks_t)kernel.now + 99999, "above it");
    EXPECT_DAMAGE(*link, NULL, "not pending");
    EXPECT_DAMAGE(kernel.timeouts->child[side], kernel.timeouts, "above it");
    EXPECT_DAMAGE(kernel.timeouts->child[1 - side], kernel.timeouts->child[side], "");
    EXPECT_DAMAGE(tasks[5].flags, 0, "");
    EXPECT_DAMAGE(tasks[8].flags, K_TASK_SUSPENDED | K_TASK_TIMED, "marked as if it did");
    EXPECT_DAMAGE(timers[3].tag, NULL, "not alive");
    EXPECT_DAMAGE(timers[3].timeout.order, timers[3].timeout.order & ~1U, "");
}

static void all_tasks(void **state)
{
    (void)state;
    EXPECT_DAMAGE(tasks[5].all_next, NULL, "");
    EXPECT_DAMAGE(tasks[5].all_prev, NULL, "broken");
    EXPECT_DAMAGE(tasks[5].all_next, &tasks[5], "broken");
    EXPECT_DAMAGE(kernel.all_last, &tasks[5], "ends elsewhere");
    EXPECT_DAMAGE(tasks[5].tag, NULL, "");
    EXPECT_DAMAGE(tasks[5].prio, 255, "");
    EXPECT_DAMAGE(tasks[9].flags, K_TASK_NEW | K_TASK_KILL, "to end later");
    EXPECT_DAMAGE(tasks[9].waitq, &sem.waiters, "");
    EXPECT_DAMAGE(kernel.idle.flags, 0, "");
    EXPECT_DAMAGE(kernel.idle.base_prio, 1, "");
}

#define SETUP setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_busy_kernel_is_sound),
        TEST(ready_lists),
        TEST(wait_queues),
        TEST(mutexes),
        TEST(timeouts),
        TEST(all_tasks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
NO_TESTS("parts of what the check is tried on")
#endif
