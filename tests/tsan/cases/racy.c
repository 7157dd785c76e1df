/* Cases with a race, which must be reported with both names. What makes them races is missing
 * order, not bad luck: "left" and "right" never meet in the middle of anything. */
#include "cases.h"
#include "posix.h"

static int touch_late(void *arg)
{
    (void)arg;
    nap(5);
    touch();
    return 0;
}

static int touch_early(void *arg)
{
    (void)arg;
    touch();
    return 0;
}

/* ---- Nothing at all -------------------------------------------------------------------------- */

RACE(counter, "left,right")
{
    spawn("left", touch_early, 2);
    spawn("right", touch_late, 2);
}

static int touch_and_print(void *arg)
{
    (void)arg;
    touch();
    kiln_printf("printing locks the scheduler, but not for the app\n");
    return 0;
}

static int print_and_touch(void *arg)
{
    (void)arg;
    nap(5);
    kiln_printf("so what came before is not ordered\n");
    touch();
    return 0;
}

RACE(printing_orders_nothing, "left,right")
{
    spawn("left", touch_and_print, 2);
    spawn("right", print_and_touch, 2);
}

static int touch_and_sleep(void *arg)
{
    (void)arg;
    nap(5);
    touch();
    nap(10);
    return 0;
}

RACE(the_end_of_a_task_orders_nothing_without_a_join, "left,right")
{
    spawn("left", touch_early, 3);
    spawn("right", touch_and_sleep, 2);
}

/* The next task on the same stack is another one. */
static int start_another(void *arg)
{
    (void)arg;
    nap(5);
    spawn("another", touch_early, 3);
    return 0;
}

RACE(a_reused_stack_is_another_task, "left,another")
{
    spawn("left", touch_early, 4);
    spawn("starter", start_another, 2);
}

/* ---- The wrong lock, or only one side -------------------------------------------------------- */

KILN_MUTEX_DEFINE(other_mutex, KILN_MUTEX_PLAIN);

static void touch_with(struct kiln_mutex *with)
{
    check(kiln_mutex_lock(with, KILN_FOREVER) == KILN_OK);
    touch();
    check(kiln_mutex_unlock(with) == KILN_OK);
}

static int touch_locked(void *arg)
{
    (void)arg;
    touch_with(&mutex);
    return 0;
}

static int touch_locked_by_the_other(void *arg)
{
    (void)arg;
    touch_with(&other_mutex);
    return 0;
}

RACE(two_mutexes, "left,right")
{
    spawn("left", touch_locked, 2);
    spawn("right", touch_locked_by_the_other, 2);
}

RACE(mutex_on_one_side, "left,right")
{
    spawn("left", touch_locked, 2);
    spawn("right", touch_late, 2);
}

static int unlock_what_is_not_locked(void *arg)
{
    (void)arg;
    touch();
    check(kiln_mutex_unlock(&mutex) == KILN_EPERM);
    return 0;
}

static int sleep_then_touch_locked(void *arg)
{
    nap(5);
    return touch_locked(arg);
}

RACE(unlock_that_fails_orders_nothing, "left,right")
{
    spawn("left", unlock_what_is_not_locked, 2);
    spawn("right", sleep_then_touch_locked, 2);
}

static int touch_sched_locked(void *arg)
{
    (void)arg;
    nap(5);
    check(kiln_sched_lock() == KILN_OK);
    touch();
    check(kiln_sched_unlock() == KILN_OK);
    return 0;
}

RACE(scheduler_lock_on_one_side, "left,right")
{
    spawn("left", touch_early, 2);
    spawn("right", touch_sched_locked, 2);
}

/* ---- Interrupts ------------------------------------------------------------------------------ */

static int start_timer_and_touch(void *arg)
{
    (void)arg;
    check(kiln_timer_start(&ticker, 3, 0) == KILN_OK);
    touch();
    nap(10);
    return 0;
}

RACE(task_against_the_tick, "left,isr tick")
{
    spawn("left", start_timer_and_touch, 2);
}

static int touch_until_interrupted(void *arg)
{
    kiln_ticks_t start = kiln_ticks();
    (void)arg;
    touch();
    while (kiln_ticks() == start) {
    }
    return 0;
}

RACE(task_against_the_first_tick_of_all, "left,isr tick")
{
    check(kiln_timer_start(&ticker, 1, 0) == KILN_OK);
    spawn("left", touch_until_interrupted, 2);
}

static int touch_while_the_tick_ticks(void *arg)
{
    (void)arg;
    nap(10);
    touch();
    return 0;
}

RACE(task_after_the_tick, "isr tick,right")
{
    check(kiln_timer_start(&ticker, 3, 0) == KILN_OK);
    spawn("right", touch_while_the_tick_ticks, 2);
}

RACE(scheduler_lock_against_an_interrupt, "isr tick,right")
{
    check(kiln_timer_start(&ticker, 3, 0) == KILN_OK);
    spawn("right", touch_sched_locked, 2);
}

static int raise_line(void *arg)
{
    (void)arg;
    nap(5);
    posix_irq_raise(LINE);
    return 0;
}

RACE(task_against_a_line, "left,isr line 3")
{
    posix_irq_connect(LINE, touch);
    spawn("left", touch_early, 2);
    spawn("raiser", raise_line, 2);
}

/* ---- Semaphores ------------------------------------------------------------------------------ */

static int touch_and_give(void *arg)
{
    (void)arg;
    nap(2);
    touch();
    (void)kiln_sem_give(&sem);
    return 0;
}

static int fail_to_take_and_touch(void *arg)
{
    (void)arg;
    nap(5);
    check(kiln_sem_take(&sem, KILN_NO_WAIT) == KILN_EAGAIN);
    touch();
    return 0;
}

RACE(take_that_fails_orders_nothing, "left,right")
{
    spawn("left", touch_late, 2);
    spawn("right", fail_to_take_and_touch, 2);
}

static int time_out_and_touch(void *arg)
{
    (void)arg;
    check(kiln_sem_take(&sem, 5) == KILN_ETIMEOUT);
    touch();
    return 0;
}

RACE(timeout_orders_nothing, "left,right")
{
    spawn("left", touch_early, 2);
    spawn("right", time_out_and_touch, 2);
}

/* The second give finds the semaphore at its limit. */
static int give(void *arg)
{
    (void)arg;
    check(kiln_sem_give(&sem) == KILN_OK);
    return 0;
}

static int touch_and_fail_to_give(void *arg)
{
    (void)arg;
    nap(2);
    touch();
    check(kiln_sem_give(&sem) == KILN_EOVERFLOW);
    return 0;
}

static int take_and_touch(void *arg)
{
    (void)arg;
    nap(5);
    check(kiln_sem_take(&sem, KILN_FOREVER) == KILN_OK);
    touch();
    return 0;
}

RACE(give_that_fails_orders_nothing, "left,right")
{
    spawn("giver", give, 3);
    spawn("left", touch_and_fail_to_give, 2);
    spawn("right", take_and_touch, 2);
}

/* The unit goes to the waiter; the next one is another's. */
static int take(void *arg)
{
    (void)arg;
    check(kiln_sem_take(&sem, KILN_FOREVER) == KILN_OK);
    return 0;
}

static int sleep_and_give(void *arg)
{
    nap(4);
    return give(arg);
}

RACE(unit_for_a_waiter_orders_nobody_else, "left,right")
{
    spawn("waiter", take, 3);
    spawn("left", touch_and_give, 2);
    spawn("giver", sleep_and_give, 2);
    spawn("right", take_and_touch, 2);
}

/* ---- Queues ---------------------------------------------------------------------------------- */

KILN_QUEUE_DEFINE(queue, sizeof(int), 4);

static int send_one(void *arg)
{
    (void)arg;
    int item = 1;
    check(kiln_queue_send(&queue, &item, KILN_NO_WAIT) == KILN_OK);
    return 0;
}

static int touch_and_send_one(void *arg)
{
    nap(2);
    touch();
    return send_one(arg);
}

static int receive_and_touch(void *arg)
{
    int item;
    (void)arg;
    nap(5);
    check(kiln_queue_receive(&queue, &item, KILN_NO_WAIT) == KILN_OK);
    touch();
    return 0;
}

/* The item that is received is the first sender's, not that of the task that touched. */
RACE(item_orders_its_own_sender_only, "left,right")
{
    spawn("first", send_one, 2);
    spawn("left", touch_and_send_one, 2);
    spawn("right", receive_and_touch, 2);
}

static int send_and_touch(void *arg)
{
    (void)send_one(arg);
    touch();
    return 0;
}

RACE(touch_after_sending, "left,right")
{
    spawn("left", send_and_touch, 2);
    spawn("right", receive_and_touch, 2);
}

static int send_shared(void *arg)
{
    (void)arg;
    nap(5);
    check(kiln_queue_send(&queue, &shared, KILN_NO_WAIT) == KILN_OK);
    return 0;
}

RACE(item_is_written_while_it_is_sent, "left,right")
{
    spawn("left", touch_early, 2);
    spawn("right", send_shared, 2);
}

static int receive_into_shared(void *arg)
{
    (void)arg;
    check(kiln_queue_receive(&queue, &shared, KILN_FOREVER) == KILN_OK);
    return 0;
}

static int sleep_and_send(void *arg)
{
    nap(2);
    return send_one(arg);
}

RACE(item_arrives_where_another_touches, "left,right")
{
    spawn("left", receive_into_shared, 2);
    spawn("sender", sleep_and_send, 2);
    spawn("right", touch_late, 2);
}

/* ---- Pools ----------------------------------------------------------------------------------- */

KILN_POOL_DEFINE(two_blocks, 16, 2);

static int touch_and_free(void *arg)
{
    void *block;
    (void)arg;
    check(kiln_pool_alloc(&two_blocks, &block, KILN_NO_WAIT) == KILN_OK);
    touch();
    check(kiln_pool_free(&two_blocks, block) == KILN_OK);
    return 0;
}

static int alloc_and_touch(void *arg)
{
    void *block;
    (void)arg;
    nap(3);
    check(kiln_pool_alloc(&two_blocks, &block, KILN_NO_WAIT) == KILN_OK);
    touch();
    nap(3);
    check(kiln_pool_free(&two_blocks, block) == KILN_OK);
    return 0;
}

static int free_then_touch(void *arg)
{
    (void)touch_and_free(arg);
    touch();
    return 0;
}

RACE(touch_after_freeing, "left,right")
{
    spawn("left", free_then_touch, 2);
    spawn("right", alloc_and_touch, 2);
}

/* The block that "right" gets was never "left"'s. */
static int alloc_touch_keep(void *arg)
{
    void *block;
    (void)arg;
    check(kiln_pool_alloc(&two_blocks, &block, KILN_NO_WAIT) == KILN_OK);
    touch();
    nap(10);
    check(kiln_pool_free(&two_blocks, block) == KILN_OK);
    return 0;
}

RACE(block_orders_its_own_user_only, "left,right")
{
    spawn("left", alloc_touch_keep, 2);
    spawn("right", alloc_and_touch, 2);
}

/* ---- Flags ----------------------------------------------------------------------------------- */

static int set_and_touch(void *arg)
{
    (void)arg;
    check(kiln_flags_set(&flags, 1) == KILN_OK);
    touch();
    return 0;
}

static int wait_and_touch(void *arg)
{
    (void)arg;
    nap(5);
    check(kiln_flags_wait(&flags, 1, KILN_FLAGS_ALL, NULL, KILN_NO_WAIT) == KILN_OK);
    touch();
    return 0;
}

RACE(touch_after_setting, "left,right")
{
    spawn("left", set_and_touch, 2);
    spawn("right", wait_and_touch, 2);
}
