/* Event flags: any, all, clear, broadcast. */
#include "harness.h"

#if KILN_CFG_FLAGS

#define GROUP "flags"

static struct kiln_flags flags;

static void set(uint32_t bits)
{
    CHECK_OK(kiln_flags_set(&flags, bits));
}

CASE(set_clear_get)
{
    test_flags(&flags);
    CHECK_EQ(kiln_flags_get(&flags), 0);
    set(0x80000005U);
    set(2);
    CHECK_EQ(kiln_flags_get(&flags), 0x80000007U);
    CHECK_OK(kiln_flags_clear(&flags, 5));
    CHECK_EQ(kiln_flags_get(&flags), 0x80000002U);
}

CASE(any_all_and_clear_without_waiting)
{
    uint32_t value = 99;
    test_flags(&flags);
    set(5);
    CHECK_EQ(kiln_flags_wait(&flags, 3, KILN_FLAGS_ALL, &value, KILN_NO_WAIT), KILN_EAGAIN);
    CHECK_EQ(value, 99);
    CHECK_OK(kiln_flags_wait(&flags, 3, KILN_FLAGS_ANY, &value, KILN_NO_WAIT));
    CHECK_EQ(value, 5);
    CHECK_OK(kiln_flags_wait(&flags, 3, KILN_FLAGS_ANY | KILN_FLAGS_CLEAR, NULL, KILN_NO_WAIT));
    CHECK_EQ(kiln_flags_get(&flags), 4);
    set(3);
    CHECK_OK(kiln_flags_wait(&flags, 7, KILN_FLAGS_ALL | KILN_FLAGS_CLEAR, &value, KILN_NO_WAIT));
    CHECK_EQ(value, 7);
    CHECK_EQ(kiln_flags_get(&flags), 0);
}

CASE(rejects_bad_arguments)
{
    test_flags(&flags);
    CHECK_EQ(kiln_flags_init(NULL), KILN_EINVAL);
    CHECK_EQ(kiln_flags_wait(&flags, 0, KILN_FLAGS_ANY, NULL, KILN_NO_WAIT), KILN_EINVAL);
    CHECK_EQ(kiln_flags_wait(&flags, 1, 4, NULL, KILN_NO_WAIT), KILN_EINVAL);
}

KILN_FLAGS_DEFINE(static_flags);

CASE(defined_statically_is_ready_for_use)
{
    CHECK_OK(kiln_flags_set(&static_flags, 1));
    CHECK_OK(kiln_flags_wait(&static_flags, 1, KILN_FLAGS_CLEAR, NULL, KILN_NO_WAIT));
    CHECK_EQ(kiln_flags_get(&static_flags), 0);
}

/* What a waiting task wants: a letter to mark, bits in hexadecimal, options. */
struct want {
    char letter;
    uint32_t bits;
    unsigned options;
    uint32_t seen;
};

static int wait_and_mark(void *arg)
{
    struct want *want = (struct want *)arg;
    CHECK_OK(kiln_flags_wait(&flags, want->bits, want->options, &want->seen, KILN_FOREVER));
    test_mark(want->letter);
    return 0;
}

CASE(set_wakes_each_whose_condition_holds)
{
    struct want wants[] = {{'a', 1, KILN_FLAGS_ANY, 0},
                           {'b', 3, KILN_FLAGS_ALL, 0},
                           {'c', 6, KILN_FLAGS_ANY, 0},
                           {'d', 8, KILN_FLAGS_ANY, 0}};
    test_flags(&flags);
    for (int i = 0; i < 4; i++) {
        (void)test_task(wait_and_mark, &wants[i], TEST_PRIO + 1);
    }
    set(1);
    CHECK_LOG("a");
    set(2);
    CHECK_LOG("bc");
    CHECK_EQ(wants[1].seen, 3);
    set(8);
    CHECK_LOG("d");
    CHECK_EQ(kiln_flags_get(&flags), 11);
}

CASE(broadcast_wakes_all_in_order_of_priority_then_first_come)
{
    static const unsigned char plus[] = {2, 4, 1, 4, 2, 3};
    struct want wants[6];
    test_flags(&flags);
    for (int i = 0; i < 6; i++) {
        wants[i] = (struct want){(char)('a' + i), 1, KILN_FLAGS_ANY, 0};
        (void)test_task(wait_and_mark, &wants[i], TEST_PRIO + plus[i]);
    }
    set(1);
    CHECK_LOG("bdfaec");
}

CASE(all_woken_by_one_set_see_the_same_value)
{
    struct want wants[3];
    test_flags(&flags);
    for (int i = 0; i < 3; i++) {
        wants[i] = (struct want){(char)('a' + i), 1, KILN_FLAGS_CLEAR, 0};
        (void)test_task(wait_and_mark, &wants[i], TEST_PRIO + 1U + (unsigned)i);
    }
    set(0x11);
    CHECK_LOG("cba"); /* the first to clear does not take it from the others */
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(wants[i].seen, 0x11);
    }
    CHECK_EQ(kiln_flags_get(&flags), 0x10);
}

CASE(those_left_waiting_keep_their_order)
{
    struct want wants[5];
    test_flags(&flags);
    for (int i = 0; i < 5; i++) {
        wants[i] = (struct want){(char)('a' + i), i == 2 ? 1U : 3U, KILN_FLAGS_ALL, 0};
        (void)test_task(wait_and_mark, &wants[i], TEST_PRIO + 1);
    }
    set(1);
    CHECK_LOG("c");
    set(2);
    CHECK_LOG("abde");
}

CASE(reprioritised_waiter_wakes_in_its_new_place)
{
    struct want wants[5];
    struct kiln_task *tasks[5];
    test_flags(&flags);
    for (int i = 0; i < 5; i++) {
        wants[i] = (struct want){(char)('a' + i), 1, KILN_FLAGS_ANY, 0};
        tasks[i] = test_task(wait_and_mark, &wants[i], TEST_PRIO + 2);
    }
    CHECK_OK(kiln_task_set_priority(tasks[4], TEST_PRIO + 4));
    CHECK_OK(kiln_task_set_priority(tasks[0], TEST_PRIO + 1));
    set(1);
    CHECK_LOG("ebcda");
}

static int time_out(void *arg)
{
    uint32_t value = 55;
    (void)arg;
    CHECK_EQ(kiln_flags_wait(&flags, 2, KILN_FLAGS_CLEAR, &value, 2), KILN_ETIMEOUT);
    CHECK_EQ(value, 55);
    return 0;
}

CASE(waiter_that_timed_out_clears_nothing)
{
    test_flags(&flags);
    (void)test_task(time_out, NULL, TEST_PRIO + 1);
    test_join_all();
    set(2);
    CHECK_EQ(kiln_flags_get(&flags), 2);
}

CASE(destroy_refuses_while_tasks_wait)
{
    struct want want = {'a', 1, KILN_FLAGS_ANY, 0};
    test_flags(&flags);
    (void)test_task(wait_and_mark, &want, TEST_PRIO + 1);
    CHECK_EQ(kiln_flags_destroy(&flags), KILN_ESTATE);
    set(1);
    CHECK_LOG("a");
}

static void use_in_interrupt(void)
{
    uint32_t value;
    CHECK_EQ(kiln_flags_wait(&flags, 1, 0, &value, KILN_FOREVER), KILN_EISR);
    CHECK_EQ(kiln_flags_wait(&flags, 1, 0, &value, KILN_NO_WAIT), KILN_EAGAIN);
    set(6);
    CHECK_OK(kiln_flags_wait(&flags, 2, KILN_FLAGS_CLEAR, &value, KILN_FOREVER));
    CHECK_EQ(value, 6);
    CHECK_OK(kiln_flags_clear(&flags, 4));
    test_mark('i');
}

CASE(interrupt_may_use_them_but_not_block)
{
    test_flags(&flags);
    test_irq_trigger(use_in_interrupt);
    CHECK_LOG("i");
    CHECK_EQ(kiln_flags_get(&flags), 0);
}

static void set_from_interrupt(void)
{
    set(1);
    test_mark('i');
}

CASE(interrupt_wakes_several_at_once)
{
    struct want wants[] = {{'a', 1, KILN_FLAGS_CLEAR, 0}, {'b', 1, KILN_FLAGS_CLEAR, 0}};
    test_flags(&flags);
    (void)test_task(wait_and_mark, &wants[0], TEST_PRIO + 1);
    (void)test_task(wait_and_mark, &wants[1], TEST_PRIO + 2);
    test_irq_trigger(set_from_interrupt);
    CHECK_LOG("iba");
    CHECK_EQ(kiln_flags_get(&flags), 0);
}

#endif
