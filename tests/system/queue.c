/* Message queues: order, blocking both ways, hand-over. */
#include "harness.h"

#include <string.h>

#if KILN_CFG_QUEUE

#define GROUP "queue"

static struct kiln_queue queue;
static uint32_t buffer[4];

static void make(size_t capacity)
{
    test_queue(&queue, buffer, sizeof(uint32_t), capacity);
}

static void send(uint32_t item)
{
    CHECK_OK(kiln_queue_send(&queue, &item, KILN_NO_WAIT));
}

static void send_front(uint32_t item)
{
    CHECK_OK(kiln_queue_send_front(&queue, &item, KILN_NO_WAIT));
}

static uint32_t receive(void)
{
    uint32_t item = 0xDEADU;
    CHECK_OK(kiln_queue_receive(&queue, &item, KILN_NO_WAIT));
    return item;
}

static int receive_and_mark(void *arg)
{
    uint32_t item = 0;
    CHECK_OK(kiln_queue_receive(&queue, &item, KILN_FOREVER));
    test_mark((char)ARG_INT(arg));
    test_mark((char)item);
    return 0;
}

static int send_and_mark(void *arg)
{
    uint32_t item = (uint32_t)ARG_INT(arg);
    CHECK_OK(kiln_queue_send(&queue, &item, KILN_FOREVER));
    test_mark((char)ARG_INT(arg));
    return 0;
}

static int send_front_and_mark(void *arg)
{
    uint32_t item = (uint32_t)ARG_INT(arg);
    CHECK_OK(kiln_queue_send_front(&queue, &item, KILN_FOREVER));
    test_mark((char)ARG_INT(arg));
    return 0;
}

CASE(keeps_order_around_its_ring)
{
    make(3);
    uint32_t in = 0, out = 0;
    for (int round = 0; round < 10; round++) {
        send(in++);
        send(in++);
        CHECK_EQ(receive(), out++);
        send(in++);
        CHECK_EQ(kiln_queue_count(&queue), 2);
        CHECK_EQ(kiln_queue_space(&queue), 1);
        CHECK_EQ(receive(), out++);
        CHECK_EQ(receive(), out++);
    }
}

CASE(front_comes_before_back)
{
    make(4);
    send(1);
    send_front(2);
    send(3);
    send_front(4);
    CHECK_EQ(receive(), 4);
    CHECK_EQ(receive(), 2);
    CHECK_EQ(receive(), 1);
    CHECK_EQ(receive(), 3);
}

CASE(peek_leaves_the_item)
{
    uint32_t item = 9;
    make(2);
    CHECK_EQ(kiln_queue_peek(&queue, &item), KILN_EAGAIN);
    CHECK_EQ(item, 9);
    send(5);
    send(6);
    CHECK_OK(kiln_queue_peek(&queue, &item));
    CHECK_EQ(item, 5);
    CHECK_EQ(kiln_queue_count(&queue), 2);
    CHECK_EQ(receive(), 5);
    CHECK_EQ(receive(), 6);
}

CASE(full_and_empty_refuse_at_once)
{
    uint32_t item = 7;
    make(1);
    CHECK_EQ(kiln_queue_receive(&queue, &item, KILN_NO_WAIT), KILN_EAGAIN);
    CHECK_EQ(item, 7);
    send(1);
    CHECK_EQ(kiln_queue_send(&queue, &item, KILN_NO_WAIT), KILN_EAGAIN);
    CHECK_EQ(kiln_queue_send_front(&queue, &item, KILN_NO_WAIT), KILN_EAGAIN);
    CHECK_EQ(receive(), 1);
}

CASE(rejects_bad_arguments)
{
    CHECK_EQ(kiln_queue_init(NULL, buffer, 4, 1), KILN_EINVAL);
    CHECK_EQ(kiln_queue_init(&queue, NULL, 4, 1), KILN_EINVAL);
    CHECK_EQ(kiln_queue_init(&queue, buffer, 0, 1), KILN_EINVAL);
    CHECK_EQ(kiln_queue_init(&queue, buffer, KILN_CFG_QUEUE_ITEM_MAX + 1, 1), KILN_EINVAL);
    CHECK_EQ(kiln_queue_init(&queue, buffer, 4, 0), KILN_EINVAL);
    CHECK_EQ(kiln_queue_init(&queue, buffer, 4, 65536), KILN_EINVAL);
}

/* Items of every size, at odd addresses too, arrive whole and touch nothing else. */
CASE(copies_items_of_any_size)
{
    static uint8_t bytes[3 * 12];
    for (size_t size = 1; size <= 12; size++) {
        struct kiln_queue sized = {.count = 0};
        uint8_t in[14], out[14];
        memset(bytes, 0xEE, sizeof(bytes));
        CHECK_OK(kiln_queue_init(&sized, bytes, size, 2));
        for (uint8_t i = 0; i < 14; i++) {
            in[i] = (uint8_t)(i + size);
        }
        for (int i = 0; i < 5; i++) {
            memset(out, 0xCC, sizeof(out));
            CHECK_OK(kiln_queue_send(&sized, in + 1, KILN_NO_WAIT));
            CHECK_OK(kiln_queue_receive(&sized, out + 1, KILN_NO_WAIT));
            CHECK(memcmp(in + 1, out + 1, size) == 0);
            CHECK_EQ(out[0], 0xCC);
            CHECK_EQ(out[size + 1], 0xCC);
        }
        CHECK_EQ(bytes[2 * size], 0xEE);
        CHECK_OK(kiln_queue_destroy(&sized));
    }
}

KILN_QUEUE_DEFINE(static_queue, 6, 2);

CASE(defined_statically_is_ready_for_use)
{
    uint8_t in[6] = {1, 2, 3, 4, 5, 6}, out[6] = {0};
    CHECK_EQ(kiln_queue_space(&static_queue), 2);
    CHECK_OK(kiln_queue_send(&static_queue, in, KILN_NO_WAIT));
    CHECK_OK(kiln_queue_receive(&static_queue, out, KILN_NO_WAIT));
    CHECK(memcmp(in, out, 6) == 0);
}

/* ---- Waiting ------------------------------------------------------------------------------- */

CASE(receivers_get_items_in_order_of_priority_then_first_come)
{
    static const unsigned char plus[] = {2, 4, 1, 4, 2};
    make(4);
    for (int i = 0; i < 5; i++) {
        (void)test_task(receive_and_mark, ARG('a' + i), TEST_PRIO + plus[i]);
    }
    for (uint32_t i = 0; i < 5; i++) {
        send('1' + i);
    }
    CHECK_LOG("b1d2a3e4c5");
    CHECK_EQ(kiln_queue_count(&queue), 0);
}

CASE(senders_get_places_in_order_of_priority_then_first_come)
{
    static const unsigned char plus[] = {2, 4, 1, 4, 2};
    make(1);
    send('x');
    for (int i = 0; i < 5; i++) {
        (void)test_task(send_and_mark, ARG('a' + i), TEST_PRIO + plus[i]);
    }
    CHECK_EQ(receive(), 'x');
    CHECK_LOG("b");
    static const char order[] = "bdaec";
    for (int i = 0; i < 5; i++) {
        CHECK_EQ(receive(), order[i]);
    }
    CHECK_LOG("daec");
}

CASE(waiting_sender_to_the_front_gets_to_the_front)
{
    make(2);
    send('x');
    send('y');
    (void)test_task(send_front_and_mark, ARG('f'), TEST_PRIO + 1);
    (void)test_task(send_and_mark, ARG('b'), TEST_PRIO + 1);
    CHECK_EQ(receive(), 'x');
    CHECK_LOG("f");
    CHECK_EQ(receive(), 'f');
    CHECK_LOG("b");
    CHECK_EQ(receive(), 'y');
    CHECK_EQ(receive(), 'b');
}

CASE(item_of_a_woken_receiver_cannot_be_taken_away)
{
    make(2);
    (void)test_task(receive_and_mark, ARG('l'), TEST_PRIO - 1);
    CHECK_OK(kiln_task_sleep(2));
    send('1'); /* for the one that waits; we are more urgent, but it is not ours */
    uint32_t item;
    CHECK_EQ(kiln_queue_receive(&queue, &item, KILN_NO_WAIT), KILN_EAGAIN);
    test_join_all();
    CHECK_LOG("l1");
}

static int time_out_receiving(void *arg)
{
    uint32_t item = 77;
    (void)arg;
    CHECK_EQ(kiln_queue_receive(&queue, &item, 2), KILN_ETIMEOUT);
    CHECK_EQ(item, 77);
    return 0;
}

static int time_out_sending(void *arg)
{
    uint32_t item = 88;
    (void)arg;
    CHECK_EQ(kiln_queue_send(&queue, &item, 2), KILN_ETIMEOUT);
    return 0;
}

CASE(those_that_timed_out_left_nothing_behind)
{
    make(1);
    (void)test_task(time_out_receiving, NULL, TEST_PRIO + 1);
    test_join_all();
    send(1);
    (void)test_task(time_out_sending, NULL, TEST_PRIO + 1);
    test_join_all();
    CHECK_EQ(receive(), 1);
    CHECK_EQ(kiln_queue_count(&queue), 0);
}

CASE(killed_sender_takes_its_item_with_it)
{
    make(1);
    send('x');
    struct kiln_task *first = test_task(send_and_mark, ARG('a'), TEST_PRIO + 2);
    (void)test_task(send_and_mark, ARG('b'), TEST_PRIO + 1);
    CHECK_OK(kiln_task_kill(first, 0));
    CHECK_EQ(receive(), 'x');
    CHECK_EQ(receive(), 'b');
    CHECK_LOG("b");
    CHECK_EQ(kiln_queue_count(&queue), 0);
}

CASE(destroy_refuses_while_tasks_wait)
{
    make(1);
    (void)test_task(receive_and_mark, ARG('r'), TEST_PRIO + 1);
    CHECK_EQ(kiln_queue_destroy(&queue), KILN_ESTATE);
    send('1');
    CHECK_LOG("r1");
}

static int produce(void *arg)
{
    for (int i = 0; i < 200; i++) {
        uint32_t item = (uint32_t)(ARG_INT(arg) << 16 | i);
        CHECK_OK(kiln_queue_send(&queue, &item, KILN_FOREVER));
    }
    return 0;
}

CASE(several_producers_lose_and_double_nothing)
{
    uint32_t next[3] = {0, 0, 0};
    make(4);
    for (int i = 0; i < 3; i++) {
        (void)test_task(produce, ARG(i), TEST_PRIO + (unsigned)i - 1);
    }
    for (int i = 0; i < 600; i++) {
        uint32_t item = 0;
        CHECK_OK(kiln_queue_receive(&queue, &item, KILN_MS(5000)));
        uint32_t who = item >> 16;
        CHECK(who < 3);
        CHECK_EQ(item & 0xFFFFU, next[who % 3]);
        next[who % 3]++;
    }
    test_join_all();
}

/* ---- Interrupts
 * ----------------------------------------------------------------------------------- */

static void use_in_interrupt(void)
{
    uint32_t item = 3;
    CHECK_EQ(kiln_queue_receive(&queue, &item, KILN_FOREVER), KILN_EISR);
    CHECK_EQ(kiln_queue_receive(&queue, &item, KILN_NO_WAIT), KILN_EAGAIN);
    send(1);
    CHECK_EQ(kiln_queue_send(&queue, &item, 1), KILN_EISR);
    CHECK_EQ(kiln_queue_send(&queue, &item, KILN_NO_WAIT), KILN_EAGAIN);
    CHECK_OK(kiln_queue_peek(&queue, &item));
    CHECK_EQ(item, 1);
    CHECK_EQ(receive(), 1);
    test_mark('i');
}

CASE(interrupt_may_use_it_but_not_block)
{
    make(1);
    test_irq_trigger(use_in_interrupt);
    CHECK_LOG("i");
}

static void send_from_interrupt(void)
{
    send('1');
    send('2');
    test_mark('i');
}

CASE(interrupt_feeds_a_waiting_task)
{
    make(2);
    (void)test_task(receive_and_mark, ARG('r'), TEST_PRIO + 1);
    test_irq_trigger(send_from_interrupt);
    CHECK_LOG("ir1");
    CHECK_EQ(receive(), '2');
}

static void receive_in_interrupt(void)
{
    test_mark((char)receive());
}

CASE(interrupt_makes_room_for_a_waiting_sender)
{
    make(1);
    send('x');
    (void)test_task(send_and_mark, ARG('s'), TEST_PRIO + 1);
    test_irq_trigger(receive_in_interrupt);
    CHECK_LOG("xs");
    CHECK_EQ(receive(), 's');
}

#endif
