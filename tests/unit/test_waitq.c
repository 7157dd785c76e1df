/* The order of wait queues against a plain sorted array: random arrivals, departures from anywhere
 * and changed priorities; and the steps of a search, bounded by priorities, not by waiters. */
#include "unit.h"

#include <stdlib.h>

#include "core/waitq.h"

#define WAITERS 300U

static struct kiln_waitq queue;
static struct kiln_task *waiters; /* bare: linked to themselves, with a priority, and no more */

/* The reference: those in the queue, in order. */
static struct kiln_task *expected[WAITERS];
static unsigned expected_count;

static int setup(void **state)
{
    (void)unit_setup(state);
    fake.check = NULL; /* these tasks are not the kernel's */
    queue.first = NULL;
    expected_count = 0;
    waiters = (struct kiln_task *)calloc(WAITERS, sizeof(*waiters));
    assert_non_null(waiters);
    for (unsigned n = 0; n < WAITERS; n++) {
        waiters[n].next = waiters[n].prev = &waiters[n];
#if KILN_CFG_WAITQ_SKIP
        waiters[n].peer = &waiters[n];
#endif
    }
    return 0;
}

static int teardown(void **state)
{
    free(waiters);
    return unit_teardown(state);
}

static void insert(struct kiln_task *task, unsigned prio)
{
    unsigned at = 0;
    unsigned key = port_irq_save();
    task->prio = (uint8_t)prio;
    k_waitq_insert_locked(&queue, task);
    port_irq_restore(key);
    while (at < expected_count && expected[at]->prio >= prio) {
        at++;
    }
    memmove(&expected[at + 1], &expected[at], (expected_count - at) * sizeof(expected[0]));
    expected[at] = task;
    expected_count++;
}

static void remove_at(unsigned at)
{
    struct kiln_task *task = expected[at];
    unsigned key = port_irq_save();
    k_waitq_remove_locked(&queue, task);
    port_irq_restore(key);
    task->waitq = NULL;
    expected_count--;
    memmove(&expected[at], &expected[at + 1], (expected_count - at) * sizeof(expected[0]));
}

#if KILN_CFG_WAITQ_SKIP
/* Both ends of each run of equal priority know each other. */
static void compare_runs(void)
{
    for (unsigned head = 0, tail; head < expected_count; head = tail + 1) {
        tail = head;
        while (tail + 1 < expected_count && expected[tail + 1]->prio == expected[head]->prio) {
            tail++;
        }
        assert_ptr_equal(expected[head]->peer, expected[tail]);
        assert_ptr_equal(expected[tail]->peer, expected[head]);
    }
}
#else
static void compare_runs(void)
{
}
#endif

static void compare(void)
{
    const struct kiln_task *task = queue.first;
    assert_true((task == NULL) == (expected_count == 0));
    for (unsigned n = 0; n < expected_count; n++) {
        assert_ptr_equal(task, expected[n]);
        assert_ptr_equal(task->waitq, &queue);
        assert_ptr_equal(task->next->prev, task);
        task = task->next;
    }
    assert_ptr_equal(task, queue.first);
    compare_runs();
}

static void random_steps(unsigned steps, unsigned prios, unsigned crowd)
{
    for (unsigned step = 0; step < steps; step++) {
        struct kiln_task *task = &waiters[random_below(crowd)];
        if (task->waitq == NULL) {
            insert(task, random_below(prios));
        } else {
            remove_at(random_below(expected_count));
        }
        compare();
    }
}

static void a_few_waiters_keep_order(void **state)
{
    (void)state;
    random_start();
    random_steps(20000, KILN_CFG_PRIORITIES < 3 ? KILN_CFG_PRIORITIES : 3, 6);
}

static void many_waiters_keep_order(void **state)
{
    (void)state;
    random_start();
    random_steps(5000, KILN_CFG_PRIORITIES, WAITERS);
}

static void equals_are_served_in_turn(void **state)
{
    (void)state;
    for (unsigned n = 0; n < WAITERS; n++) {
        insert(&waiters[(n * 7) % WAITERS], 0);
    }
    compare();
    for (unsigned n = 0; n < WAITERS; n++) {
        assert_ptr_equal(queue.first, &waiters[(n * 7) % WAITERS]);
        remove_at(0);
    }
    assert_null(queue.first);
}

#if KILN_CFG_WAITQ_SKIP
/* What a search for the end takes: it steps from run to run by way of the peers. */
static void a_search_is_bounded_by_the_priorities(void **state)
{
    (void)state;
    unsigned steps = 0;
    for (unsigned n = 0; n < WAITERS; n++) {
        insert(&waiters[n], n % KILN_CFG_PRIORITIES);
    }
    const struct kiln_task *head = queue.first;
    do {
        head = head->peer->next;
        steps++;
    } while (head != queue.first);
    assert_int_equal(steps, KILN_CFG_PRIORITIES < WAITERS ? KILN_CFG_PRIORITIES : WAITERS);
}
#endif

#undef TEST
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_few_waiters_keep_order),
        TEST(many_waiters_keep_order),
        TEST(equals_are_served_in_turn),
#if KILN_CFG_WAITQ_SKIP
        TEST(a_search_is_bounded_by_the_priorities),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
