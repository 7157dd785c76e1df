/* Mutexes: every documented result, and what is inherited by whom in every case that changes it. */
#include "unit.h"

#if KILN_CFG_MUTEX

static struct kiln_mutex a, b, c;
KILN_MUTEX_DEFINE(defined, KILN_MUTEX_PLAIN);

static int setup(void **state)
{
    (void)unit_setup(state);
    memset(&a, 0, sizeof(a));
    memset(&b, 0, sizeof(b));
    memset(&c, 0, sizeof(c));
    memset(&defined.waiters, 0, sizeof(defined.waiters));
    defined.owner = NULL;
    (void)kiln_mutex_init(&a, KILN_MUTEX_PLAIN);
    (void)kiln_mutex_init(&b, KILN_MUTEX_PLAIN);
    return 0;
}

static void init_rejects_bad_arguments(void **state)
{
    (void)state;
    assert_int_equal(kiln_mutex_init(NULL, KILN_MUTEX_PLAIN), KILN_EINVAL);
    assert_int_equal(kiln_mutex_init(&c, 2), KILN_EINVAL);
    assert_int_equal(kiln_mutex_init(&c, ~0U), KILN_EINVAL);
    assert_int_equal(kiln_mutex_init(&c, KILN_MUTEX_RECURSIVE),
                     KILN_CFG_MUTEX_RECURSIVE ? KILN_OK : KILN_EINVAL);
}

#if KILN_CFG_CHECKS
static void bad_objects_panic(void **state)
{
    (void)state;
    assert_panics("not an initialised object", (void)kiln_mutex_lock(&c, 0));
    assert_panics("not an initialised object", (void)kiln_mutex_unlock(&c));
    assert_panics("not an initialised object", (void)kiln_mutex_owner(&c));
    assert_panics("not an initialised object", (void)kiln_mutex_destroy(&c));
    assert_panics("initialised twice", (void)kiln_mutex_init(&a, KILN_MUTEX_PLAIN));
}

static int lock_in_isr(void)
{
    return kiln_mutex_lock(&a, KILN_NO_WAIT);
}

static int unlock_in_isr(void)
{
    return kiln_mutex_unlock(&a);
}

static void interrupts_own_nothing(void **state)
{
    (void)state;
    assert_int_equal(in_interrupt(lock_in_isr), KILN_EISR);
    assert_int_equal(kiln_mutex_lock(&a, KILN_NO_WAIT), KILN_OK);
    assert_int_equal(in_interrupt(unlock_in_isr), KILN_EISR);
    assert_int_equal(in_interrupt(lock_in_isr), KILN_EISR);
}
#endif

#if KILN_CFG_CHECKS
static void there_is_no_owner_before_the_start(void **state)
{
    (void)state;
    assert_int_equal(kiln_mutex_lock(&defined, KILN_NO_WAIT), KILN_ESTATE);
    assert_null(kiln_mutex_owner(&defined));
}
#endif

static void locks_and_unlocks(void **state)
{
    (void)state;
    assert_null(kiln_mutex_owner(&defined));
    assert_int_equal(kiln_mutex_lock(&defined, KILN_FOREVER), KILN_OK);
    assert_ptr_equal(kiln_mutex_owner(&defined), kiln_task_self());
    assert_int_equal(kiln_mutex_lock(&defined, KILN_FOREVER), KILN_EDEADLK);
    assert_int_equal(kiln_mutex_lock(&defined, KILN_NO_WAIT), KILN_EDEADLK);
    assert_int_equal(kiln_mutex_unlock(&defined), KILN_OK);
    assert_int_equal(kiln_mutex_unlock(&defined), KILN_EPERM);
}

static void destroy_wants_it_free(void **state)
{
    (void)state;
    (void)kiln_mutex_lock(&a, 0);
    assert_int_equal(kiln_mutex_destroy(&a), KILN_ESTATE);
    (void)kiln_mutex_unlock(&a);
    assert_int_equal(kiln_mutex_destroy(&a), KILN_OK);
    assert_int_equal(kiln_mutex_init(&a, KILN_MUTEX_PLAIN), KILN_OK);
}

static void any_order_of_unlocks_works(void **state)
{
    (void)state;
    (void)kiln_mutex_init(&c, KILN_MUTEX_PLAIN);
    struct kiln_mutex *all[] = {&a, &b, &c};
    for (unsigned first = 0; first < 3; first++) {
        for (unsigned n = 0; n < 3; n++) {
            assert_int_equal(kiln_mutex_lock(all[n], 0), KILN_OK);
        }
        for (unsigned n = 0; n < 3; n++) {
            assert_int_equal(kiln_mutex_unlock(all[(first + 2 * n) % 3]), KILN_OK);
        }
        assert_null(kernel.current->held);
    }
}

#if KILN_CFG_MUTEX_RECURSIVE
static void recursive_counts(void **state)
{
    (void)state;
    (void)kiln_mutex_init(&c, KILN_MUTEX_RECURSIVE);
    assert_int_equal(kiln_mutex_lock(&c, 0), KILN_OK);
    for (unsigned n = 0; n < KILN_MUTEX_DEPTH_MAX; n++) {
        if (kiln_mutex_lock(&c, KILN_FOREVER) != KILN_OK) {
            fail_msg("lock %u failed", n);
        }
    }
    assert_int_equal(kiln_mutex_lock(&c, 0), KILN_EOVERFLOW);
    for (unsigned n = 0; n < KILN_MUTEX_DEPTH_MAX; n++) {
        (void)kiln_mutex_unlock(&c);
    }
    assert_ptr_equal(kiln_mutex_owner(&c), kiln_task_self());
    assert_int_equal(kiln_mutex_unlock(&c), KILN_OK);
    assert_null(kiln_mutex_owner(&c));
    assert_int_equal(kiln_mutex_unlock(&c), KILN_EPERM);
}

static void new_owner_starts_at_depth_one(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    (void)kiln_mutex_init(&c, KILN_MUTEX_RECURSIVE);
    struct kiln_task *low = create(0, 1);
    (void)kiln_mutex_lock(&c, 0);
    (void)kiln_mutex_lock(&c, 0);
    struct kiln_task *high = create(1, 5);
    assert_int_equal(play_mutex_lock(&c, KILN_FOREVER), BLOCKED);
    assert_running(low);
    assert_int_equal(kiln_task_kill(high, 0), KILN_OK);
    struct kiln_task *other = create(2, 6);
    assert_int_equal(play_mutex_lock(&c, KILN_FOREVER), BLOCKED);
    assert_int_equal(play_exit(0), BLOCKED); /* low ends holding it twice */
    assert_running(other);
    assert_int_equal(play_return(other), KILN_OK);
    assert_int_equal(kiln_mutex_unlock(&c), KILN_OK);
    assert_null(kiln_mutex_owner(&c));
}
#endif

static void cannot_wait_with_the_scheduler_locked(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    (void)kiln_mutex_lock(&a, 0);
    (void)create(0, 5);
    kiln_sched_lock();
    assert_int_equal(kiln_mutex_lock(&a, 10), KILN_ELOCKED);
    assert_int_equal(kiln_mutex_lock(&a, KILN_NO_WAIT), KILN_EAGAIN);
    assert_int_equal(kiln_task_priority(&kernel.idle), 0);
    assert_int_equal(kiln_mutex_unlock(&a), KILN_EPERM);
    (void)kiln_sched_unlock();
    assert_int_equal(kiln_mutex_lock(&a, KILN_NO_WAIT), KILN_EAGAIN);
}

static void owner_inherits_and_gives_back(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    struct kiln_task *low = create(0, 1);
    (void)kiln_mutex_lock(&a, 0);
    struct kiln_task *high = create(1, 6);
    assert_int_equal(play_mutex_lock(&a, KILN_FOREVER), BLOCKED);
    assert_running(low);
    assert_int_equal(kiln_task_priority(low), 6);
    struct kiln_task *middle = create(2, 4);
    assert_running(low); /* the point of it all: 4 does not delay 6 */
    assert_int_equal(kiln_mutex_unlock(&a), KILN_OK);
    assert_running(high);
    assert_int_equal(kiln_task_priority(low), 1);
    assert_int_equal(play_return(high), KILN_OK);
    assert_ptr_equal(kiln_mutex_owner(&a), high);
    assert_int_equal(play_sleep(100), BLOCKED);
    assert_running(middle);
}

static void waiters_get_it_by_priority(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    (void)create(0, 1);
    (void)kiln_mutex_lock(&a, 0);
    struct kiln_task *first = create(1, 3);
    assert_int_equal(play_mutex_lock(&a, KILN_FOREVER), BLOCKED);
    struct kiln_task *second = create(2, 5);
    assert_int_equal(play_mutex_lock(&a, KILN_FOREVER), BLOCKED);
    (void)kiln_mutex_unlock(&a);
    assert_running(second);
    assert_int_equal(play_return(second), KILN_OK);
    (void)kiln_mutex_unlock(&a);
    assert_ptr_equal(kiln_mutex_owner(&a), first);
    assert_int_equal(kiln_mutex_unlock(&a), KILN_EPERM);
}

/* tasks[0] holds a; tasks[1] holds b and waits for a; tasks[2] waits for b. */
static void make_chain(void)
{
    (void)create(0, 1);
    (void)kiln_mutex_lock(&a, 0);
    (void)create(1, 2);
    (void)kiln_mutex_lock(&b, 0);
    assert_int_equal(play_mutex_lock(&a, 50), BLOCKED);
    (void)create(2, 6);
    assert_int_equal(play_mutex_lock(&b, 90), BLOCKED);
    assert_running(&tasks[0]);
    assert_int_equal(kiln_task_priority(&tasks[0]), 6);
    assert_int_equal(kiln_task_priority(&tasks[1]), 6);
}

static void inheritance_follows_the_chain(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    make_chain();
    assert_int_equal(kiln_mutex_unlock(&a), KILN_OK);
    assert_running(&tasks[1]);
    assert_int_equal(kiln_task_priority(&tasks[0]), 1);
    assert_int_equal(play_return(&tasks[1]), KILN_OK);
    assert_int_equal(kiln_mutex_unlock(&b), KILN_OK);
    assert_running(&tasks[2]);
    assert_int_equal(kiln_task_priority(&tasks[1]), 2);
    assert_int_equal(play_return(&tasks[2]), KILN_OK);
}

static void timeout_of_the_last_waiter_undoes_the_chain(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    make_chain();
    fake_tick(49);
    fake_tick(1); /* tasks[1] gives up a, at priority 6 */
    assert_running(&tasks[1]);
    assert_int_equal(kiln_task_priority(&tasks[0]), 1);
    assert_int_equal(kiln_task_priority(&tasks[1]), 6);
    assert_int_equal(play_return(&tasks[1]), KILN_ETIMEOUT);
    fake_tick(40); /* tasks[2] gives up b */
    assert_int_equal(kiln_task_priority(&tasks[1]), 2);
    assert_running(&tasks[2]);
    assert_int_equal(play_return(&tasks[2]), KILN_ETIMEOUT);
}

static void kill_of_the_last_waiter_undoes_the_chain(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    make_chain();
    assert_int_equal(kiln_task_kill(&tasks[2], 0), KILN_OK);
    assert_int_equal(kiln_task_priority(&tasks[0]), 2);
    assert_int_equal(kiln_task_priority(&tasks[1]), 2);
}

static void kill_in_the_middle_passes_on(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    make_chain();
    assert_int_equal(kiln_task_kill(&tasks[1], 0), KILN_OK);
    assert_running(&tasks[2]); /* it got b */
    assert_int_equal(play_return(&tasks[2]), KILN_OK);
    assert_ptr_equal(kiln_mutex_owner(&b), &tasks[2]);
    assert_int_equal(kiln_task_priority(&tasks[0]), 1);
}

static void kill_of_the_owner_passes_on(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    make_chain();
    assert_int_equal(play_kill(&tasks[0], 0), BLOCKED);
    assert_running(&tasks[1]);
    assert_int_equal(play_return(&tasks[1]), KILN_OK);
    assert_ptr_equal(kiln_mutex_owner(&a), &tasks[1]);
    assert_int_equal(kiln_task_priority(&tasks[1]), 6);
}

static unsigned passed_on(void)
{
    const struct kiln_mutex *all[] = {&a, &b, &c};
    unsigned count = 0;
    for (unsigned n = 0; n < COUNT_OF(all); n++) {
        count += all[n]->owner != &tasks[0];
    }
    return count;
}

static void exit_owner(void)
{
    assert_int_equal(play_exit(0), BLOCKED);
}

/* An interrupt waits for one of them at most, however many a task held when it ended. */
static void each_mutex_passes_on_in_a_masked_section_of_its_own(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    struct kiln_mutex *all[] = {&a, &b, &c};
    (void)kiln_mutex_init(&c, KILN_MUTEX_PLAIN);
    (void)create(0, 1);
    for (unsigned n = 0; n < 3; n++) {
        assert_int_equal(kiln_mutex_lock(all[n], 0), KILN_OK);
    }
    for (unsigned n = 0; n < 3; n++) {
        (void)create(1 + n, 2 + n);
        assert_int_equal(play_mutex_lock(all[n], KILN_FOREVER), BLOCKED);
    }
    assert_int_equal(longest_masked_step(passed_on, exit_owner), 1);
    for (unsigned n = 0; n < 3; n++) {
        assert_ptr_equal(kiln_mutex_owner(all[n]), &tasks[1 + n]);
    }
}

static void changed_priority_of_a_waiter_reaches_the_owner(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    make_chain();
    assert_int_equal(kiln_task_set_priority(&tasks[2], 7), KILN_OK);
    assert_int_equal(kiln_task_priority(&tasks[0]), 7);
    assert_int_equal(kiln_task_priority(&tasks[1]), 7);
    assert_int_equal(kiln_task_set_priority(&tasks[2], 3), KILN_OK);
    assert_int_equal(kiln_task_priority(&tasks[0]), 3);
    assert_int_equal(kiln_task_priority(&tasks[1]), 3);
    assert_int_equal(kiln_task_set_priority(&tasks[2], 0), KILN_OK);
    assert_int_equal(kiln_task_priority(&tasks[0]), 2);
    assert_int_equal(kiln_task_priority(&tasks[1]), 2);
}

static void base_priority_counts_when_it_is_greater(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    make_chain();
    assert_int_equal(kiln_task_set_priority(&tasks[0], 3), KILN_OK);
    assert_int_equal(kiln_task_priority(&tasks[0]), 6);
    assert_int_equal(kiln_task_set_priority(&tasks[0], 7), KILN_OK);
    assert_int_equal(kiln_task_priority(&tasks[0]), 7);
    assert_int_equal(kiln_mutex_unlock(&a), KILN_OK);
    assert_int_equal(kiln_task_priority(&tasks[0]), 7);
    assert_running(&tasks[0]);
}

static void several_mutexes_give_the_greatest(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    struct kiln_task *owner = create(0, 1);
    (void)kiln_mutex_lock(&a, 0);
    (void)kiln_mutex_lock(&b, 0);
    (void)create(1, 4);
    assert_int_equal(play_mutex_lock(&a, KILN_FOREVER), BLOCKED);
    (void)create(2, 6);
    assert_int_equal(play_mutex_lock(&b, KILN_FOREVER), BLOCKED);
    assert_int_equal(kiln_task_priority(owner), 6);
    assert_int_equal(kiln_mutex_unlock(&b), KILN_OK);
    assert_int_equal(kiln_task_priority(owner), 4);
    assert_running(&tasks[2]);
}

/* The new owner inherits from those who still wait, when they grow more urgent. */
static void new_owner_inherits_from_the_rest(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    (void)create(0, 1);
    (void)kiln_mutex_lock(&a, 0);
    (void)create(1, 5);
    assert_int_equal(play_mutex_lock(&a, KILN_FOREVER), BLOCKED);
    (void)create(2, 4);
    assert_running(&tasks[0]); /* at 5 */
    assert_int_equal(kiln_task_suspend(&tasks[1]), KILN_OK);
    assert_int_equal(kiln_mutex_unlock(&a), KILN_OK); /* to the suspended task */
    assert_ptr_equal(kiln_mutex_owner(&a), &tasks[1]);
    assert_running(&tasks[2]);
    assert_int_equal(play_mutex_lock(&a, KILN_FOREVER), BLOCKED);
    assert_int_equal(kiln_task_set_priority(&tasks[2], 7), KILN_OK);
    assert_int_equal(kiln_task_priority(&tasks[1]), 7);
    assert_int_equal(kiln_task_resume(&tasks[1]), KILN_OK);
    assert_running(&tasks[1]);
    assert_int_equal(play_return(&tasks[1]), KILN_OK);
    assert_int_equal(kiln_mutex_unlock(&a), KILN_OK);
    assert_running(&tasks[2]);
    assert_int_equal(kiln_task_priority(&tasks[1]), 5);
}

static void a_cycle_of_owners_ends_with_a_timeout(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    (void)create(0, 1);
    (void)kiln_mutex_lock(&a, 0);
    (void)create(1, 2);
    (void)kiln_mutex_lock(&b, 0);
    assert_int_equal(play_mutex_lock(&a, KILN_FOREVER), BLOCKED);
    assert_running(&tasks[0]);
    assert_int_equal(play_mutex_lock(&b, 10), BLOCKED);
    assert_running(&kernel.idle);
    assert_int_equal(kiln_task_set_priority(&tasks[1], 5), KILN_OK);
    assert_int_equal(kiln_task_priority(&tasks[0]), 5);
    fake_tick(10);
    assert_running(&tasks[0]);
    assert_int_equal(play_return(&tasks[0]), KILN_ETIMEOUT);
    assert_int_equal(kiln_mutex_unlock(&a), KILN_OK);
    assert_running(&tasks[1]);
    assert_int_equal(play_return(&tasks[1]), KILN_OK);
}

#define SETUP setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(init_rejects_bad_arguments),
#if KILN_CFG_CHECKS
        TEST(bad_objects_panic),
        TEST(interrupts_own_nothing),
#endif
#if KILN_CFG_CHECKS
        cmocka_unit_test_setup_teardown(there_is_no_owner_before_the_start, unit_setup_unstarted,
                                        unit_teardown),
#endif
        TEST(locks_and_unlocks),
        TEST(destroy_wants_it_free),
        TEST(any_order_of_unlocks_works),
#if KILN_CFG_MUTEX_RECURSIVE
        TEST(recursive_counts),
        TEST(new_owner_starts_at_depth_one),
#endif
        TEST(cannot_wait_with_the_scheduler_locked),
        TEST(owner_inherits_and_gives_back),
        TEST(waiters_get_it_by_priority),
        TEST(inheritance_follows_the_chain),
        TEST(timeout_of_the_last_waiter_undoes_the_chain),
        TEST(kill_of_the_last_waiter_undoes_the_chain),
        TEST(kill_in_the_middle_passes_on),
        TEST(kill_of_the_owner_passes_on),
        TEST(each_mutex_passes_on_in_a_masked_section_of_its_own),
        TEST(changed_priority_of_a_waiter_reaches_the_owner),
        TEST(base_priority_counts_when_it_is_greater),
        TEST(several_mutexes_give_the_greatest),
        TEST(new_owner_inherits_from_the_rest),
        TEST(a_cycle_of_owners_ends_with_a_timeout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
NO_TESTS("mutexes")
#endif
