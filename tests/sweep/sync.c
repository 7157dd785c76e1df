/* Interrupt sweep: semaphores, mutexes, flags. */
#include "sweep.h"

/* ---- Semaphores ------------------------------------------------------------------------------ */

KILN_SEM_DEFINE(sem, 0, 2);
static int result;

static void take_sem(void)
{
    CHECK_OK(kiln_sem_take(&sem, KILN_FOREVER));
}

static void give_sem(void)
{
    CHECK_OK(kiln_sem_give(&sem));
}

static void take_sem_timed(void)
{
    result = kiln_sem_take(&sem, 1);
}

SCENARIO(sem_init_destroy)
{
    struct kiln_sem own;
    own.tag = NULL;
    sweep_open();
    CHECK_OK(kiln_sem_init(&own, 1, 2));
    CHECK_OK(kiln_sem_destroy(&own));
    CHECK_EQ(kiln_sem_init(NULL, 1, 2), KILN_EINVAL);
    sweep_close();
}

SCENARIO(sem_give_and_take)
{
    sweep_open();
    CHECK_OK(kiln_sem_give(&sem));
    CHECK_EQ(kiln_sem_count(&sem), 1);
    CHECK_OK(kiln_sem_take(&sem, KILN_FOREVER));
    sweep_close();
    CHECK_EQ(kiln_sem_count(&sem), 0);
}

SCENARIO(sem_refuses)
{
    give_sem();
    give_sem();
    sweep_open();
    CHECK_EQ(kiln_sem_give(&sem), KILN_EOVERFLOW);
    take_sem();
    take_sem();
    CHECK_EQ(kiln_sem_take(&sem, KILN_NO_WAIT), KILN_EAGAIN);
    sweep_close();
}

SCENARIO(sem_give_wakes_higher)
{
    helper_start(&high, take_sem);
    sweep_open();
    CHECK_OK(kiln_sem_give(&sem));
    CHECK_EQ(kiln_sem_count(&sem), 0);
    CHECK(helper_is_done(&high));
    sweep_close();
    helper_wait(&high);
}

SCENARIO(sem_give_wakes_lower)
{
    helper_start(&low, take_sem);
    CHECK_OK(kiln_task_sleep(1));
    sweep_open();
    CHECK_EQ(kiln_sem_destroy(&sem), KILN_ESTATE);
    CHECK_OK(kiln_sem_give(&sem));
    helper_wait(&low);
    sweep_close();
    CHECK_EQ(kiln_sem_count(&sem), 0);
}

SCENARIO(sem_take_blocks)
{
    helper_start(&low, give_sem);
    sweep_open();
    CHECK_OK(kiln_sem_take(&sem, KILN_FOREVER));
    helper_wait(&low);
    sweep_close();
    CHECK_EQ(kiln_sem_count(&sem), 0);
}

SCENARIO(sem_take_in_time)
{
    helper_start(&low, give_sem);
    sweep_open();
    CHECK_OK(kiln_sem_take(&sem, 5));
    sweep_close();
    helper_wait(&low);
}

SCENARIO(sem_take_times_out)
{
    helper_start(&low, tick_now);
    sweep_open();
    CHECK_EQ(kiln_sem_take(&sem, 1), KILN_ETIMEOUT);
    sweep_close();
    helper_wait(&low);
}

static void give_from_isr(void)
{
    CHECK_OK(kiln_sem_give(&sem));
}

/* The interrupt gives what the task waits for, before it waits, while it is about to, after. */
SCENARIO_WAITS(sem_isr_gives_to_waiter, give_from_isr, 400)
{
    sweep_open();
    CHECK_OK(kiln_sem_take(&sem, KILN_FOREVER));
    sweep_close();
    CHECK_EQ(kiln_sem_count(&sem), 0);
}

/* The unit comes, and so does the end of the wait: one of them wins, and nothing is lost. */
SCENARIO_ISR(sem_isr_gives_as_time_runs_out, give_from_isr)
{
    helper_start(&low, tick_now);
    sweep_open();
    take_sem_timed();
    sweep_close();
    helper_wait(&low);
    if (sweep_interrupted()) {
        CHECK(result == KILN_OK || result == KILN_ETIMEOUT);
        CHECK_EQ(kiln_sem_count(&sem), result == KILN_OK ? 0 : 1);
        CHECK_EQ(kiln_sem_take(&sem, KILN_NO_WAIT), result == KILN_OK ? KILN_EAGAIN : KILN_OK);
    } else {
        CHECK_EQ(result, KILN_ETIMEOUT);
    }
}

static int take_one(void *arg)
{
    (void)arg;
    return kiln_sem_take(&sem, KILN_FOREVER);
}

/* Three wait, of two priorities: the queue has runs, and one of those who wait changes its place.
 */
SCENARIO(sem_queue_of_three)
{
    helper_start(&high, take_sem);
    victim_init(take_one, HIGH_PRIO);
    CHECK_OK(kiln_task_start(&victim));
    helper_start(&low, take_sem);
    CHECK_OK(kiln_task_sleep(1));
    sweep_open();
    CHECK_OK(kiln_task_set_priority(helper_task(&low), HIGH_PRIO));
    CHECK_OK(kiln_task_set_priority(&victim, LOW_PRIO + 1));
    CHECK_OK(kiln_task_set_priority(helper_task(&low), LOW_PRIO));
    CHECK_OK(kiln_task_set_priority(&victim, LOW_PRIO - 1));
    CHECK_OK(kiln_task_set_priority(&victim, LOW_PRIO + 2));
    CHECK_OK(kiln_sem_give(&sem));
    CHECK_OK(kiln_sem_give(&sem));
    helper_wait(&high);
    CHECK_EQ(kiln_task_join(&victim, NULL, KILN_FOREVER), KILN_OK);
    sweep_close();
    CHECK_OK(kiln_sem_give(&sem));
    helper_wait(&low);
}

/* ---- Mutexes --------------------------------------------------------------------------------- */

KILN_MUTEX_DEFINE(mutex, KILN_MUTEX_PLAIN);
KILN_MUTEX_DEFINE(other_mutex, KILN_MUTEX_PLAIN);
KILN_MUTEX_DEFINE(recursive, KILN_MUTEX_RECURSIVE);

static void lock_and_unlock(void)
{
    CHECK_OK(kiln_mutex_lock(&mutex, KILN_FOREVER));
    CHECK_EQ(kiln_mutex_owner(&mutex) == kiln_task_self(), 1);
    CHECK_OK(kiln_mutex_unlock(&mutex));
}

static void lock_other(void)
{
    CHECK_OK(kiln_mutex_lock(&other_mutex, KILN_FOREVER));
    CHECK_OK(kiln_mutex_unlock(&other_mutex));
}

static int lock_and_end(void *arg)
{
    (void)arg;
    lock_and_unlock();
    return 0;
}

KILN_SEM_DEFINE(is_locked, 0, 1);

/* Lets the controller go on while it holds the mutex. */
static void hold_mutex(void)
{
    CHECK_OK(kiln_mutex_lock(&mutex, KILN_FOREVER));
    CHECK_OK(kiln_sem_give(&is_locked));
    CHECK_OK(kiln_mutex_unlock(&mutex));
    CHECK_EQ(kiln_task_priority(kiln_task_self()), LOW_PRIO);
}

static void hold_mutex_for_a_tick(void)
{
    CHECK_OK(kiln_mutex_lock(&mutex, KILN_FOREVER));
    CHECK_OK(kiln_sem_give(&is_locked));
    tick_now();
    CHECK_EQ(kiln_task_priority(kiln_task_self()), LOW_PRIO);
    CHECK_OK(kiln_mutex_unlock(&mutex));
}

SCENARIO(mutex_lock_free)
{
    sweep_open();
    CHECK_OK(kiln_mutex_lock(&mutex, KILN_FOREVER));
    CHECK_OK(kiln_mutex_unlock(&mutex));
    sweep_close();
    CHECK(kiln_mutex_owner(&mutex) == NULL);
}

SCENARIO(mutex_init_destroy)
{
    struct kiln_mutex own;
    own.tag = NULL;
    sweep_open();
    CHECK_OK(kiln_mutex_init(&own, KILN_MUTEX_PLAIN));
    CHECK_OK(kiln_mutex_destroy(&own));
    CHECK_EQ(kiln_mutex_init(&own, 99), KILN_EINVAL);
    sweep_close();
}

SCENARIO(mutex_recursive)
{
    sweep_open();
    CHECK_OK(kiln_mutex_lock(&recursive, KILN_FOREVER));
    CHECK_OK(kiln_mutex_lock(&recursive, KILN_FOREVER));
    CHECK_OK(kiln_mutex_unlock(&recursive));
    CHECK_OK(kiln_mutex_unlock(&recursive));
    CHECK_EQ(kiln_mutex_unlock(&recursive), KILN_EPERM);
    sweep_close();
}

SCENARIO(mutex_out_of_order)
{
    sweep_open();
    CHECK_OK(kiln_mutex_lock(&mutex, KILN_FOREVER));
    CHECK_OK(kiln_mutex_lock(&other_mutex, KILN_FOREVER));
    CHECK_EQ(kiln_mutex_lock(&mutex, KILN_FOREVER), KILN_EDEADLK);
    CHECK_EQ(kiln_mutex_destroy(&mutex), KILN_ESTATE);
    CHECK_OK(kiln_mutex_unlock(&mutex));
    CHECK_OK(kiln_mutex_unlock(&other_mutex));
    sweep_close();
}

SCENARIO(mutex_lock_inherits)
{
    helper_start(&low, hold_mutex);
    CHECK_OK(kiln_sem_take(&is_locked, KILN_FOREVER));
    sweep_open();
    CHECK_EQ(kiln_mutex_lock(&mutex, KILN_NO_WAIT), KILN_EAGAIN);
    CHECK_OK(kiln_mutex_lock(&mutex, KILN_FOREVER));
    CHECK_OK(kiln_mutex_unlock(&mutex));
    helper_wait(&low);
    sweep_close();
}

SCENARIO(mutex_lock_times_out)
{
    helper_start(&low, hold_mutex_for_a_tick);
    CHECK_OK(kiln_sem_take(&is_locked, KILN_FOREVER));
    sweep_open();
    CHECK_EQ(kiln_mutex_lock(&mutex, 1), KILN_ETIMEOUT);
    helper_wait(&low);
    sweep_close();
}

SCENARIO(mutex_unlock_wakes_higher)
{
    CHECK_OK(kiln_mutex_lock(&mutex, KILN_FOREVER));
    helper_start(&high, lock_and_unlock);
    CHECK_EQ(kiln_task_priority(kiln_task_self()), HIGH_PRIO);
    sweep_open();
    CHECK_OK(kiln_mutex_unlock(&mutex));
    CHECK_EQ(kiln_task_priority(kiln_task_self()), SWEEP_PRIO);
    CHECK(helper_is_done(&high));
    sweep_close();
    helper_wait(&high);
}

/* Two wait for two that we hold: we inherit from one when the other has got what it wants. */
SCENARIO(mutex_two_waiters)
{
    CHECK_OK(kiln_mutex_lock(&mutex, KILN_FOREVER));
    CHECK_OK(kiln_mutex_lock(&other_mutex, KILN_FOREVER));
    victim_init(lock_and_end, SWEEP_PRIO + 1);
    CHECK_OK(kiln_task_start(&victim));
    sweep_open();
    helper_start(&high, lock_other);
    CHECK_EQ(kiln_task_priority(kiln_task_self()), HIGH_PRIO);
    CHECK_OK(kiln_mutex_unlock(&other_mutex));
    CHECK_EQ(kiln_task_priority(kiln_task_self()), SWEEP_PRIO + 1);
    CHECK_OK(kiln_mutex_unlock(&mutex));
    sweep_close();
    helper_wait(&high);
    CHECK_OK(kiln_task_join(&victim, NULL, KILN_NO_WAIT));
}

/* high waits for us, we wait for low: both are raised, and fall back in turn. */
SCENARIO(mutex_chain)
{
    helper_start(&low, hold_mutex);
    CHECK_OK(kiln_sem_take(&is_locked, KILN_FOREVER));
    sweep_open();
    CHECK_OK(kiln_mutex_lock(&other_mutex, KILN_FOREVER));
    helper_start(&high, lock_other);
    CHECK_OK(kiln_mutex_lock(&mutex, KILN_FOREVER));
    CHECK_OK(kiln_mutex_unlock(&mutex));
    CHECK_EQ(kiln_task_priority(kiln_task_self()), HIGH_PRIO);
    CHECK_OK(kiln_mutex_unlock(&other_mutex));
    helper_wait(&high);
    helper_wait(&low);
    sweep_close();
}

static int die_with_mutex(void *arg)
{
    (void)arg;
    CHECK_OK(kiln_mutex_lock(&mutex, KILN_FOREVER));
    CHECK_OK(kiln_mutex_lock(&other_mutex, KILN_FOREVER));
    CHECK_OK(kiln_task_sleep(1000));
    return 0;
}

SCENARIO(mutex_owner_is_killed)
{
    victim_init(die_with_mutex, HIGH_PRIO - 1);
    CHECK_OK(kiln_task_start(&victim));
    helper_start(&high, lock_and_unlock);
    sweep_open();
    CHECK_OK(kiln_task_kill(&victim, 1));
    sweep_close();
    helper_wait(&high);
    CHECK(kiln_mutex_owner(&mutex) == NULL && kiln_mutex_owner(&other_mutex) == NULL);
}

static int wait_for_mutex(void *arg)
{
    (void)arg;
    return kiln_mutex_lock(&mutex, KILN_FOREVER);
}

static void kill_from_isr(void)
{
    (void)kiln_task_kill(&victim, 9);
}

/* A waiter is killed, by a call or by the interrupt: the owner inherits from it no longer. */
SCENARIO_ISR(mutex_waiter_is_killed, kill_from_isr)
{
    CHECK_OK(kiln_mutex_lock(&mutex, KILN_FOREVER));
    victim_init(wait_for_mutex, HIGH_PRIO);
    CHECK_OK(kiln_task_start(&victim));
    sweep_open();
    (void)kiln_task_kill(&victim, 9);
    CHECK_EQ(kiln_task_priority(kiln_task_self()), SWEEP_PRIO);
    sweep_close();
    CHECK_OK(kiln_mutex_unlock(&mutex));
}

/* ---- Flags ----------------------------------------------------------------------------------- */

KILN_FLAGS_DEFINE(flags);
static uint32_t seen_high, seen_low;

static void wait_any(void)
{
    CHECK_OK(
        kiln_flags_wait(&flags, 3, KILN_FLAGS_ANY | KILN_FLAGS_CLEAR, &seen_high, KILN_FOREVER));
}

static void wait_all(void)
{
    CHECK_OK(
        kiln_flags_wait(&flags, 12, KILN_FLAGS_ALL | KILN_FLAGS_CLEAR, &seen_low, KILN_FOREVER));
}

static void set_all(void)
{
    CHECK_OK(kiln_flags_set(&flags, 12));
}

SCENARIO(flags_without_waiters)
{
    uint32_t value = 0;
    sweep_open();
    CHECK_OK(kiln_flags_set(&flags, 5));
    CHECK_OK(kiln_flags_clear(&flags, 1));
    CHECK_EQ(kiln_flags_get(&flags), 4);
    CHECK_OK(kiln_flags_wait(&flags, 4, KILN_FLAGS_CLEAR, &value, KILN_FOREVER));
    CHECK_EQ(kiln_flags_wait(&flags, 4, KILN_FLAGS_ANY, &value, KILN_NO_WAIT), KILN_EAGAIN);
    CHECK_EQ(kiln_flags_wait(&flags, 0, KILN_FLAGS_ANY, &value, KILN_NO_WAIT), KILN_EINVAL);
    sweep_close();
    CHECK_EQ(value, 4);
    CHECK_EQ(kiln_flags_get(&flags), 0);
}

SCENARIO(flags_init_destroy)
{
    struct kiln_flags own;
    own.tag = NULL;
    sweep_open();
    CHECK_OK(kiln_flags_init(&own));
    CHECK_OK(kiln_flags_destroy(&own));
    CHECK_EQ(kiln_flags_init(NULL), KILN_EINVAL);
    sweep_close();
}

SCENARIO(flags_set_wakes_one_of_two)
{
    helper_start(&low, wait_all);
    CHECK_OK(kiln_task_sleep(1));
    helper_start(&high, wait_any);
    sweep_open();
    CHECK_OK(kiln_flags_set(&flags, 2 + 4));
    helper_wait(&high);
    CHECK_EQ(kiln_flags_destroy(&flags), KILN_ESTATE);
    CHECK_OK(kiln_flags_set(&flags, 8));
    helper_wait(&low);
    sweep_close();
    CHECK_EQ(seen_high, 6);
    CHECK_EQ(seen_low, 12);
    CHECK_EQ(kiln_flags_get(&flags), 0);
}

SCENARIO(flags_wait_blocks)
{
    uint32_t value = 0;
    helper_start(&low, set_all);
    sweep_open();
    CHECK_OK(kiln_flags_wait(&flags, 12, KILN_FLAGS_ALL | KILN_FLAGS_CLEAR, &value, 5));
    sweep_close();
    helper_wait(&low);
    CHECK_EQ(value, 12);
}

SCENARIO(flags_wait_times_out)
{
    helper_start(&low, tick_now);
    sweep_open();
    CHECK_EQ(kiln_flags_wait(&flags, 1, KILN_FLAGS_ANY, NULL, 1), KILN_ETIMEOUT);
    sweep_close();
    helper_wait(&low);
}

static void set_from_isr(void)
{
    CHECK_OK(kiln_flags_set(&flags, 8));
}

/* A set in the middle of a set: it leaves its bits, and the one under way starts over. */
SCENARIO_ISR(flags_isr_sets_during_set, set_from_isr)
{
    helper_start(&low, wait_all);
    CHECK_OK(kiln_task_sleep(1));
    helper_start(&high, wait_any);
    sweep_open();
    CHECK_OK(kiln_flags_set(&flags, 1 + 4));
    sweep_close();
    if (!sweep_interrupted()) {
        CHECK_OK(kiln_flags_set(&flags, 8));
    }
    helper_wait(&high);
    helper_wait(&low);
    CHECK_EQ(kiln_flags_get(&flags), 0);
}
