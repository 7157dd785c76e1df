/* Counting semaphores: every documented result, order of waiters, timeouts, and the interrupt. */
#include "unit.h"

#if KILN_CFG_SEM

static struct kiln_sem sem;
KILN_SEM_DEFINE(defined, 2, 5);

static int setup(void **state)
{
    memset(&sem, 0, sizeof(sem));
    return unit_setup(state);
}

static void init_rejects_bad_arguments(void **state)
{
    (void)state;
    assert_int_equal(kiln_sem_init(NULL, 0, 1), KILN_EINVAL);
    assert_int_equal(kiln_sem_init(&sem, 0, 0), KILN_EINVAL);
    assert_int_equal(kiln_sem_init(&sem, 2, 1), KILN_EINVAL);
    assert_int_equal(kiln_sem_init(&sem, 1, 1), KILN_OK);
    assert_int_equal(kiln_sem_count(&sem), 1);
}

static void definition_equals_init(void **state)
{
    (void)state;
    assert_int_equal(kiln_sem_count(&defined), 2);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(kiln_sem_give(&defined), KILN_OK);
    }
    assert_int_equal(kiln_sem_give(&defined), KILN_EOVERFLOW);
#if KILN_CFG_NAMES
    assert_string_equal(defined.name, "defined");
#endif
}

#if KILN_CFG_CHECKS
static void bad_objects_panic(void **state)
{
    (void)state;
    assert_panics("not an initialised object", (void)kiln_sem_take(&sem, 0));
    assert_panics("not an initialised object", (void)kiln_sem_give(&sem));
    assert_panics("not an initialised object", (void)kiln_sem_count(&sem));
    assert_panics("not an initialised object", (void)kiln_sem_destroy(&sem));
    assert_panics("initialised twice", (void)kiln_sem_init(&defined, 0, 1));
    assert_non_null(strstr(fake.text, "in task"));
}

static void destroyed_is_gone(void **state)
{
    (void)state;
    (void)kiln_sem_init(&sem, 0, 1);
    assert_int_equal(kiln_sem_destroy(&sem), KILN_OK);
    assert_panics("not an initialised object", (void)kiln_sem_give(&sem));
    assert_int_equal(kiln_sem_init(&sem, 0, 1), KILN_OK);
}
#endif

static void counts_up_to_its_limit(void **state)
{
    (void)state;
    (void)kiln_sem_init(&sem, 0, 2);
    assert_int_equal(kiln_sem_take(&sem, KILN_NO_WAIT), KILN_EAGAIN);
    assert_int_equal(kiln_sem_give(&sem), KILN_OK);
    assert_int_equal(kiln_sem_give(&sem), KILN_OK);
    assert_int_equal(kiln_sem_give(&sem), KILN_EOVERFLOW);
    assert_int_equal(kiln_sem_count(&sem), 2);
    assert_int_equal(kiln_sem_take(&sem, KILN_FOREVER), KILN_OK);
    assert_int_equal(kiln_sem_take(&sem, 1), KILN_OK);
    assert_int_equal(kiln_sem_count(&sem), 0);
}

static void largest_limit_works(void **state)
{
    (void)state;
    (void)kiln_sem_init(&sem, KILN_SEM_LIMIT_MAX - 1, KILN_SEM_LIMIT_MAX);
    assert_int_equal(kiln_sem_give(&sem), KILN_OK);
    assert_int_equal(kiln_sem_give(&sem), KILN_EOVERFLOW);
    assert_int_equal(kiln_sem_count(&sem), KILN_SEM_LIMIT_MAX);
}

static int take_in_isr(void)
{
    return kiln_sem_take(&sem, 5);
}

static int take_now_in_isr(void)
{
    return kiln_sem_take(&sem, KILN_NO_WAIT);
}

static void cannot_block_where_nobody_can(void **state)
{
    (void)state;
    (void)kiln_sem_init(&sem, 0, 1);
    assert_int_equal(in_interrupt(take_in_isr), KILN_EISR);
    assert_int_equal(in_interrupt(take_now_in_isr), KILN_EAGAIN);
    kiln_sched_lock();
    assert_int_equal(kiln_sem_take(&sem, 5), KILN_ELOCKED);
    assert_int_equal(kiln_sem_take(&sem, KILN_FOREVER), KILN_ELOCKED);
    assert_int_equal(kiln_sem_take(&sem, KILN_NO_WAIT), KILN_EAGAIN);
    assert_int_equal(kiln_sched_unlock(), KILN_OK);
    unsigned key = kiln_irq_lock();
    assert_int_equal(kiln_sem_take(&sem, 5), KILN_ELOCKED);
    kiln_irq_unlock(key);
    (void)kiln_sem_give(&sem);
    assert_int_equal(in_interrupt(take_in_isr), KILN_OK); /* it need not block */
}

static void waiter_gets_it_from_the_giver(void **state)
{
    (void)state;
    NEED_PRIORITIES(4);
    (void)kiln_sem_init(&sem, 0, 1);
    struct kiln_task *waiter = create(0, 3);
    assert_int_equal(play_sem_take(&sem, KILN_FOREVER), BLOCKED);
    assert_running(&kernel.idle);
    assert_int_equal(kiln_sem_destroy(&sem), KILN_ESTATE);
    assert_int_equal(kiln_sem_give(&sem), KILN_OK);
    assert_running(waiter);
    assert_int_equal(kiln_sem_count(&sem), 0);
    assert_int_equal(play_return(waiter), KILN_OK);
}

static int give_in_isr(void)
{
    return kiln_sem_give(&sem);
}

static void interrupt_gives(void **state)
{
    (void)state;
    NEED_PRIORITIES(4);
    (void)kiln_sem_init(&sem, 0, 1);
    struct kiln_task *waiter = create(0, 3);
    assert_int_equal(play_sem_take(&sem, 10), BLOCKED);
    unsigned pends = fake.pends;
    assert_int_equal(in_interrupt(give_in_isr), KILN_OK);
    assert_int_equal(fake.pends, pends + 1);
    assert_running(waiter);
    assert_int_equal(play_return(waiter), KILN_OK);
    fake_tick(20); /* the timeout is gone */
    assert_running(waiter);
}

static void timeout_ends_the_wait_at_its_tick(void **state)
{
    (void)state;
    NEED_PRIORITIES(4);
    (void)kiln_sem_init(&sem, 0, 1);
    struct kiln_task *waiter = create(0, 3);
    assert_int_equal(play_sem_take(&sem, 3), BLOCKED);
    fake_tick(1);
    fake_tick(1);
    assert_running(&kernel.idle);
    fake_tick(1);
    assert_running(waiter);
    assert_int_equal(play_return(waiter), KILN_ETIMEOUT);
    assert_int_equal(kiln_sem_give(&sem), KILN_OK);
    assert_int_equal(kiln_sem_count(&sem), 1); /* nobody waits any more */
}

static void waiters_come_by_priority_then_in_turn(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    static const unsigned prios[] = {3, 5, 3, 7, 5};
    static const unsigned order[] = {3, 1, 4, 0, 2};
    (void)kiln_sem_init(&sem, 0, 1);
    for (unsigned n = 0; n < COUNT_OF(prios); n++) {
        (void)create(n, prios[n]);
        assert_int_equal(play_sem_take(&sem, KILN_FOREVER), BLOCKED);
    }
    for (unsigned n = 0; n < COUNT_OF(order); n++) {
        assert_running(&kernel.idle);
        assert_int_equal(kiln_sem_give(&sem), KILN_OK);
        assert_running(&tasks[order[n]]);
        assert_int_equal(play_return(&tasks[order[n]]), KILN_OK);
        assert_int_equal(play_sleep(1000), BLOCKED);
    }
}

static void suspended_waiter_still_gets_it(void **state)
{
    (void)state;
    NEED_PRIORITIES(4);
    (void)kiln_sem_init(&sem, 0, 1);
    struct kiln_task *waiter = create(0, 3);
    assert_int_equal(play_sem_take(&sem, 9), BLOCKED);
    assert_int_equal(kiln_task_suspend(waiter), KILN_OK);
    assert_int_equal(kiln_sem_give(&sem), KILN_OK);
    assert_running(&kernel.idle);
    assert_int_equal(kiln_sem_count(&sem), 0);
    assert_int_equal(kiln_task_resume(waiter), KILN_OK);
    assert_running(waiter);
    assert_int_equal(play_return(waiter), KILN_OK);
}

static void killed_waiter_leaves_the_queue(void **state)
{
    (void)state;
    NEED_PRIORITIES(4);
    (void)kiln_sem_init(&sem, 0, 1);
    struct kiln_task *waiter = create(0, 3);
    assert_int_equal(play_sem_take(&sem, 9), BLOCKED);
    assert_int_equal(kiln_task_kill(waiter, 0), KILN_OK);
    assert_int_equal(kiln_sem_give(&sem), KILN_OK);
    assert_int_equal(kiln_sem_count(&sem), 1);
    assert_int_equal(kiln_sem_destroy(&sem), KILN_OK);
}

#define SETUP setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(init_rejects_bad_arguments),
        TEST(definition_equals_init),
#if KILN_CFG_CHECKS
        TEST(bad_objects_panic),
        TEST(destroyed_is_gone),
#endif
        TEST(counts_up_to_its_limit),
        TEST(largest_limit_works),
        TEST(cannot_block_where_nobody_can),
        TEST(waiter_gets_it_from_the_giver),
        TEST(interrupt_gives),
        TEST(timeout_ends_the_wait_at_its_tick),
        TEST(waiters_come_by_priority_then_in_turn),
        TEST(suspended_waiter_still_gets_it),
        TEST(killed_waiter_leaves_the_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
NO_TESTS("semaphores")
#endif
