/* Interrupt sweep: queues and pools. */
#include <string.h>

#include "sweep.h"

/* ---- Queues ---------------------------------------------------------------------------------- */

struct item {
    uint32_t a, b;
};

KILN_QUEUE_DEFINE(queue, sizeof(struct item), 2);
KILN_QUEUE_DEFINE(bytes, 7, 2);
static const struct item first = {1, 2}, second = {3, 4}, third = {5, 6};
static struct item got;
static int result;

static void check_item(const struct item *item, const struct item *expected)
{
    CHECK(item->a == expected->a && item->b == expected->b);
}

static void receive(void)
{
    CHECK_OK(kiln_queue_receive(&queue, &got, KILN_FOREVER));
}

static void send_third(void)
{
    CHECK_OK(kiln_queue_send(&queue, &third, KILN_FOREVER));
}

static void send_third_to_front(void)
{
    CHECK_OK(kiln_queue_send_front(&queue, &third, KILN_FOREVER));
}

static void fill(void)
{
    CHECK_OK(kiln_queue_send(&queue, &first, KILN_NO_WAIT));
    CHECK_OK(kiln_queue_send(&queue, &second, KILN_NO_WAIT));
}

static void expect(const struct item *expected)
{
    struct item item;
    CHECK_OK(kiln_queue_receive(&queue, &item, KILN_NO_WAIT));
    check_item(&item, expected);
}

SCENARIO(queue_init_destroy)
{
    struct kiln_queue own;
    struct item buffer[2];
    own.tag = NULL;
    sweep_open();
    CHECK_OK(kiln_queue_init(&own, buffer, sizeof(buffer[0]), 2));
    CHECK_OK(kiln_queue_destroy(&own));
    CHECK_EQ(kiln_queue_init(&own, buffer, 0, 2), KILN_EINVAL);
    sweep_close();
}

SCENARIO(queue_send_receive)
{
    struct item item, peeked = {0, 0};
    sweep_open();
    CHECK_OK(kiln_queue_send(&queue, &first, KILN_FOREVER));
    CHECK_OK(kiln_queue_peek(&queue, &peeked));
    CHECK_EQ(kiln_queue_count(&queue) + kiln_queue_space(&queue), 2);
    CHECK_OK(kiln_queue_receive(&queue, &item, KILN_FOREVER));
    sweep_close();
    check_item(&peeked, &first);
    check_item(&item, &first);
}

SCENARIO(queue_send_front)
{
    sweep_open();
    CHECK_OK(kiln_queue_send(&queue, &first, KILN_FOREVER));
    CHECK_OK(kiln_queue_send_front(&queue, &second, KILN_FOREVER));
    sweep_close();
    expect(&second);
    expect(&first);
}

SCENARIO(queue_bytes)
{
    char in[7] = "abcdef", out[7] = "";
    sweep_open();
    CHECK_OK(kiln_queue_send(&bytes, in, KILN_FOREVER));
    CHECK_OK(kiln_queue_send_front(&bytes, in, KILN_FOREVER));
    CHECK_OK(kiln_queue_receive(&bytes, out, KILN_FOREVER));
    CHECK_OK(kiln_queue_receive(&bytes, out, KILN_FOREVER));
    sweep_close();
    CHECK_EQ(memcmp(in, out, sizeof(in)), 0);
}

SCENARIO(queue_refuses)
{
    struct item item;
    fill();
    sweep_open();
    CHECK_EQ(kiln_queue_send(&queue, &third, KILN_NO_WAIT), KILN_EAGAIN);
    CHECK_EQ(kiln_queue_send_front(&queue, &third, KILN_NO_WAIT), KILN_EAGAIN);
    expect(&first);
    expect(&second);
    CHECK_EQ(kiln_queue_receive(&queue, &item, KILN_NO_WAIT), KILN_EAGAIN);
    CHECK_EQ(kiln_queue_peek(&queue, &item), KILN_EAGAIN);
    sweep_close();
}

SCENARIO(queue_send_wakes_higher)
{
    helper_start(&high, receive);
    sweep_open();
    CHECK_EQ(kiln_queue_destroy(&queue), KILN_ESTATE);
    CHECK_OK(kiln_queue_send(&queue, &first, KILN_FOREVER));
    CHECK(helper_is_done(&high));
    sweep_close();
    helper_wait(&high);
    check_item(&got, &first);
}

static char got_bytes[7];

static void receive_bytes(void)
{
    CHECK_OK(kiln_queue_receive(&bytes, got_bytes, KILN_FOREVER));
}

SCENARIO(queue_bytes_wake_higher)
{
    helper_start(&high, receive_bytes);
    sweep_open();
    CHECK_OK(kiln_queue_send(&bytes, "abcdef", KILN_FOREVER));
    CHECK(helper_is_done(&high));
    sweep_close();
    helper_wait(&high);
    CHECK_EQ(memcmp(got_bytes, "abcdef", sizeof(got_bytes)), 0);
}

SCENARIO(queue_receive_blocks)
{
    struct item item;
    helper_start(&low, send_third);
    sweep_open();
    CHECK_OK(kiln_queue_receive(&queue, &item, KILN_FOREVER));
    sweep_close();
    helper_wait(&low);
    check_item(&item, &third);
}

SCENARIO(queue_receive_refills)
{
    struct item item;
    fill();
    helper_start(&high, send_third);
    sweep_open();
    CHECK_OK(kiln_queue_receive(&queue, &item, KILN_FOREVER));
    CHECK(helper_is_done(&high));
    sweep_close();
    helper_wait(&high);
    check_item(&item, &first);
    expect(&second);
    expect(&third);
}

SCENARIO(queue_receive_refills_front)
{
    struct item item;
    fill();
    helper_start(&high, send_third_to_front);
    sweep_open();
    CHECK_OK(kiln_queue_receive(&queue, &item, KILN_FOREVER));
    CHECK(helper_is_done(&high));
    sweep_close();
    helper_wait(&high);
    check_item(&item, &first);
    expect(&third);
    expect(&second);
}

SCENARIO(queue_send_blocks)
{
    fill();
    helper_start(&low, receive);
    sweep_open();
    CHECK_OK(kiln_queue_send(&queue, &third, KILN_FOREVER));
    sweep_close();
    helper_wait(&low);
    check_item(&got, &first);
    expect(&second);
    expect(&third);
}

SCENARIO(queue_send_front_blocks)
{
    fill();
    helper_start(&low, receive);
    sweep_open();
    CHECK_OK(kiln_queue_send_front(&queue, &third, KILN_FOREVER));
    sweep_close();
    helper_wait(&low);
    check_item(&got, &first);
    expect(&third);
    expect(&second);
}

SCENARIO(queue_send_front_wakes_higher)
{
    helper_start(&high, receive);
    sweep_open();
    CHECK_OK(kiln_queue_send_front(&queue, &first, KILN_FOREVER));
    CHECK(helper_is_done(&high));
    sweep_close();
    helper_wait(&high);
    check_item(&got, &first);
}

SCENARIO(queue_send_times_out)
{
    fill();
    helper_start(&low, tick_now);
    sweep_open();
    CHECK_EQ(kiln_queue_send(&queue, &third, 1), KILN_ETIMEOUT);
    sweep_close();
    helper_wait(&low);
    expect(&first);
    expect(&second);
}

static void send_from_isr(void)
{
    result = kiln_queue_send(&queue, &third, KILN_NO_WAIT);
}

SCENARIO_WAITS(queue_isr_sends_to_receiver, send_from_isr, 400)
{
    struct item item;
    sweep_open();
    CHECK_OK(kiln_queue_receive(&queue, &item, KILN_FOREVER));
    sweep_close();
    CHECK_OK(result);
    check_item(&item, &third);
}

/* The interrupt sends while a task sends and receives: every item once, or refused. */
SCENARIO_ISR(queue_isr_sends_among_tasks, send_from_isr)
{
    struct item item;
    unsigned sum = 0;
    result = KILN_EAGAIN;
    sweep_open();
    CHECK_OK(kiln_queue_send(&queue, &first, KILN_FOREVER));
    CHECK_OK(kiln_queue_receive(&queue, &item, KILN_FOREVER));
    sum = item.a;
    sweep_close();
    while (kiln_queue_receive(&queue, &item, KILN_NO_WAIT) == KILN_OK) {
        sum += item.a;
    }
    CHECK_EQ(sum, first.a + (result == KILN_OK ? third.a : 0));
    CHECK_EQ(result, sweep_interrupted() ? KILN_OK : KILN_EAGAIN);
}

/* ---- Pools ----------------------------------------------------------------------------------- */

KILN_POOL_DEFINE(pool, 12, 2);
static void *held;

static void free_held(void)
{
    CHECK_OK(kiln_pool_free(&pool, held));
}

static void alloc_and_free(void)
{
    void *block = NULL;
    CHECK_OK(kiln_pool_alloc(&pool, &block, KILN_FOREVER));
    CHECK(block != NULL);
    CHECK_OK(kiln_pool_free(&pool, block));
}

SCENARIO(pool_init_destroy)
{
    struct kiln_pool own;
    void *buffer[4];
    own.tag = NULL;
    sweep_open();
    CHECK_OK(kiln_pool_init(&own, buffer, 8, 2));
    CHECK_OK(kiln_pool_destroy(&own));
    CHECK_EQ(kiln_pool_init(&own, buffer, 0, 2), KILN_EINVAL);
    sweep_close();
}

SCENARIO(pool_alloc_free)
{
    void *a = NULL, *b = NULL, *c = NULL;
    sweep_open();
    CHECK_OK(kiln_pool_alloc(&pool, &a, KILN_FOREVER));
    CHECK_OK(kiln_pool_alloc(&pool, &b, KILN_FOREVER));
    CHECK_EQ(kiln_pool_alloc(&pool, &c, KILN_NO_WAIT), KILN_EAGAIN);
    CHECK_EQ(kiln_pool_destroy(&pool), KILN_ESTATE);
    CHECK_OK(kiln_pool_free(&pool, a));
    CHECK_EQ(kiln_pool_free(&pool, a), KILN_ESTATE);
    CHECK_EQ(kiln_pool_free(&pool, &pool), KILN_EINVAL);
    CHECK_OK(kiln_pool_free(&pool, b));
    CHECK_EQ(kiln_pool_free_count(&pool), 2);
    sweep_close();
    CHECK(a != b);
}

SCENARIO(pool_alloc_fresh)
{
    struct kiln_pool own;
    void *buffer[4], *block = NULL;
    own.tag = NULL;
    CHECK_OK(kiln_pool_init(&own, buffer, 8, 2));
    sweep_open();
    CHECK_OK(kiln_pool_alloc(&own, &block, KILN_FOREVER));
    CHECK_OK(kiln_pool_free(&own, block));
    sweep_close();
    CHECK_OK(kiln_pool_destroy(&own));
}

SCENARIO(pool_alloc_blocks)
{
    void *other, *block = NULL;
    CHECK_OK(kiln_pool_alloc(&pool, &held, KILN_NO_WAIT));
    CHECK_OK(kiln_pool_alloc(&pool, &other, KILN_NO_WAIT));
    helper_start(&low, free_held);
    sweep_open();
    CHECK_OK(kiln_pool_alloc(&pool, &block, KILN_FOREVER));
    sweep_close();
    helper_wait(&low);
    CHECK(block == held);
    CHECK_OK(kiln_pool_free(&pool, block));
    CHECK_OK(kiln_pool_free(&pool, other));
}

SCENARIO(pool_free_wakes_higher)
{
    void *other;
    CHECK_OK(kiln_pool_alloc(&pool, &held, KILN_NO_WAIT));
    CHECK_OK(kiln_pool_alloc(&pool, &other, KILN_NO_WAIT));
    helper_start(&high, alloc_and_free);
    sweep_open();
    CHECK_OK(kiln_pool_free(&pool, held));
    CHECK(helper_is_done(&high));
    sweep_close();
    helper_wait(&high);
    CHECK_OK(kiln_pool_free(&pool, other));
    CHECK_EQ(kiln_pool_free_count(&pool), 2);
}

/* The interrupt allocates and frees while a task does: the free list stays whole. */
static void alloc_and_free_from_isr(void)
{
    void *block = NULL;
    CHECK_OK(kiln_pool_alloc(&pool, &block, KILN_NO_WAIT));
    CHECK_OK(kiln_pool_free(&pool, block));
}

SCENARIO_ISR(pool_isr_allocates_too, alloc_and_free_from_isr)
{
    void *block = NULL;
    sweep_open();
    CHECK_OK(kiln_pool_alloc(&pool, &block, KILN_NO_WAIT));
    CHECK_OK(kiln_pool_free(&pool, block));
    sweep_close();
    CHECK_EQ(kiln_pool_free_count(&pool), 2);
}
