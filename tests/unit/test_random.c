/* The whole kernel under random calls from tasks and interrupts, with every invariant checked each
 * time it unmasks, and interrupts in the gaps of its longer operations.
 *
 * Every task that has its turn goes on with the call it was in, or makes a new one. What a call
 * returns is checked against what it may return; k_check() does the rest.
 */
#include "unit.h"

#if KILN_CFG_SEM && KILN_CFG_MUTEX && KILN_CFG_QUEUE && KILN_CFG_FLAGS && KILN_CFG_POOL && \
    KILN_CFG_TIMER && KILN_CFG_JOIN && KILN_CFG_CHECKS && KILN_CFG_TASK_LIST

#define TASKS 10U

static struct kiln_sem sem;
static struct kiln_mutex mutexes[4];
static struct kiln_queue queue;
static struct kiln_flags flags;
static struct kiln_pool pool;
static struct kiln_timer timers[3];
static uint32_t queue_buffer[2];
static void *pool_buffer[2];
static uint32_t items[UNIT_TASKS];
static void *blocks[UNIT_TASKS];

static kiln_ticks_t random_timeout(void)
{
    return random_below(10) == 0 ? KILN_FOREVER : random_below(12);
}

static void on_timer(struct kiln_timer *timer)
{
    (void)timer;
    (void)kiln_sem_give(&sem);
}

static int setup(void **state)
{
    (void)unit_setup(state);
    memset(&sem, 0, sizeof(sem));
    memset(mutexes, 0, sizeof(mutexes));
    memset(&queue, 0, sizeof(queue));
    memset(&flags, 0, sizeof(flags));
    memset(&pool, 0, sizeof(pool));
    memset(timers, 0, sizeof(timers));
    memset(blocks, 0, sizeof(blocks));
    (void)kiln_sem_init(&sem, 1, 3);
    for (unsigned n = 0; n < COUNT_OF(mutexes); n++) {
        (void)kiln_mutex_init(&mutexes[n], n == 0 ? (unsigned)KILN_CFG_MUTEX_RECURSIVE : 0);
    }
    (void)kiln_queue_init(&queue, queue_buffer, sizeof(uint32_t), 2);
    (void)kiln_flags_init(&flags);
    (void)kiln_pool_init(&pool, pool_buffer, sizeof(void *), 2);
    for (unsigned n = 0; n < COUNT_OF(timers); n++) {
        (void)kiln_timer_init(&timers[n], on_timer);
    }
    for (unsigned n = 0; n < TASKS; n++) {
        (void)create(n, 0);
    }
    return 0;
}

static unsigned random_priority(void)
{
    return random_below(KILN_CFG_PRIORITIES < 6 ? KILN_CFG_PRIORITIES : 6);
}

/* What an interrupt may do: anything that does not block. */
static void random_interrupt(void)
{
    uint32_t item = random_bits();
    struct kiln_task *task = &tasks[random_below(TASKS)];
    switch (random_below(12)) {
    case 0:
        (void)kiln_sem_give(&sem);
        break;
    case 1:
        (void)kiln_sem_take(&sem, KILN_NO_WAIT);
        break;
    case 2:
        (void)kiln_queue_send(&queue, &item, KILN_NO_WAIT);
        break;
    case 3:
        (void)kiln_queue_receive(&queue, &item, KILN_NO_WAIT);
        break;
    case 4:
        (void)kiln_flags_set(&flags, 1U << random_below(4));
        break;
    case 5:
        (void)kiln_flags_clear(&flags, 1U << random_below(4));
        break;
    case 6:
        (void)kiln_task_suspend(task);
        break;
    case 7:
        (void)kiln_task_resume(task);
        break;
    case 8:
        (void)kiln_task_set_priority(task, random_priority());
        break;
    case 9:
        if (random_below(8) == 0) {
            (void)kiln_task_kill(task, 1);
        }
        break;
    case 10:
        (void)kiln_timer_start(&timers[random_below(COUNT_OF(timers))], 1 + random_below(9),
                               random_below(5));
        break;
    default:
        kernel_tick(1 + random_below(3));
        break;
    }
}

/* In one gap of some twenty comes an interrupt. */
static void random_gap(void)
{
    if (!fake.in_isr && random_below(20) == 0) {
        fake_interrupt(random_interrupt);
    }
}

/* A running task starts a call. BLOCKED, or what it returned. */
static int random_call(unsigned n)
{
    struct kiln_task *other = &tasks[random_below(TASKS)];
    struct kiln_mutex *mutex = &mutexes[random_below(COUNT_OF(mutexes))];
    uint32_t bits = 1 + random_below(15);
    switch (random_below(16)) {
    case 0:
        return play_sem_take(&sem, random_timeout());
    case 1:
        return play_sem_give(&sem);
    case 2:
    case 3:
        return play_mutex_lock(mutex, random_timeout());
    case 4:
    case 5:
        return kernel.current->held == NULL ? kiln_mutex_unlock(mutex)
                                            : kiln_mutex_unlock(kernel.current->held);
    case 6:
        return play_send(&queue, &items[n], random_timeout());
    case 7:
        return play_send_front(&queue, &items[n], random_timeout());
    case 8:
        return play_receive(&queue, &items[n], random_timeout());
    case 9:
        return play_flags_wait(&flags, bits, random_below(4), NULL, random_timeout());
    case 10:
        return play_flags_set(&flags, bits);
    case 11:
        if (blocks[n] != NULL) {
            void *block = blocks[n];
            blocks[n] = NULL;
            return kiln_pool_free(&pool, block);
        }
        return play_alloc(&pool, &blocks[n], random_timeout());
    case 12:
        return play_sleep(random_below(9));
    case 13:
        return random_below(4) == 0 ? play_join(other, NULL, random_timeout()) : play_yield();
    case 14:
        return random_below(6) == 0 ? play_kill(other, 2) : play_suspend(other);
    default:
        return kiln_task_resume(other);
    }
}

/* All wait or are suspended: a task that ended starts anew, one is let go on, and now and then
 * one is killed, for they do get into deadlocks. */
static void revive(void)
{
    unsigned n = random_below(TASKS);
    if (tasks[n].flags & K_TASK_TERMINATED) {
        struct kiln_task_def def = def_of(n, random_priority());
        def.slice_ticks = (uint16_t)random_below(4);
        if (blocks[n] != NULL && random_below(2) == 0) {
            (void)kiln_pool_free(&pool, blocks[n]);
        }
        blocks[n] = NULL;
        (void)kiln_task_create(&tasks[n], &def);
    } else if (random_below(8) == 0) {
        (void)kiln_task_kill(&tasks[n], 3);
    } else {
        (void)kiln_task_resume(&tasks[n]);
    }
}

static unsigned blocked, returned;

static void step(void)
{
    struct kiln_task *task = kernel.current;
    int result;
    if (task == &kernel.idle) {
        revive();
        fake_tick(1 + random_below(3));
        (void)kiln_task_yield();
        return;
    }
    if (fake_in_call(task)) {
        result = play_return(task);
    } else {
        result = random_call((unsigned)(task - tasks));
    }
    assert_true(result == BLOCKED || (result <= KILN_OK && result >= KILN_EDEADLK));
    assert_int_not_equal(result, KILN_EISR);
    assert_int_not_equal(result, KILN_ELOCKED);
    blocked += result == BLOCKED;
    returned += result != BLOCKED;
    if (random_below(3) == 0) {
        fake_interrupt(random_interrupt);
    }
}

static void random_life(void **state)
{
    (void)state;
    random_start();
    blocked = returned = 0;
    fake.gap = random_gap;
    for (unsigned n = 0; n < 40000; n++) {
        step();
    }
    fake.gap = NULL;
    print_message("%u calls returned, %u times a task was left waiting or gave way\n", returned,
                  blocked);
    assert_true(returned > 1000 && (blocked > 1000 || KILN_CFG_PRIORITIES < 2));
}

/* The same with the tick count and the arrival numbers about to wrap. */
static void random_life_across_the_wraps(void **state)
{
    kernel.now = UINT32_MAX - 500;
    kernel.timeout_order = UINT32_MAX - 1 - 2 * 500;
    random_life(state);
    assert_true(kernel.now > UINT32_MAX);
}

#define SETUP setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(random_life),
        TEST(random_life_across_the_wraps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
NO_TESTS("parts of what random calls need")
#endif
