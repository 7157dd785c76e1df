/* Message queues: every documented result, a random run against a plain ring, waiting senders and
 * receivers in order. */
#include "unit.h"

#if KILN_CFG_QUEUE

static struct kiln_queue queue;
static uint8_t buffer[64 * 8];
KILN_QUEUE_DEFINE(defined, sizeof(uint32_t), 3);

static int setup(void **state)
{
    (void)unit_setup(state);
    memset(&queue, 0, sizeof(queue));
    return 0;
}

static void init_rejects_bad_arguments(void **state)
{
    (void)state;
    assert_int_equal(kiln_queue_init(NULL, buffer, 4, 1), KILN_EINVAL);
    assert_int_equal(kiln_queue_init(&queue, NULL, 4, 1), KILN_EINVAL);
    assert_int_equal(kiln_queue_init(&queue, buffer, 0, 1), KILN_EINVAL);
    assert_int_equal(kiln_queue_init(&queue, buffer, KILN_CFG_QUEUE_ITEM_MAX + 1, 1), KILN_EINVAL);
    assert_int_equal(kiln_queue_init(&queue, buffer, 4, 0), KILN_EINVAL);
    assert_int_equal(kiln_queue_init(&queue, buffer, 1, 65536), KILN_EINVAL);
    assert_int_equal(kiln_queue_init(&queue, buffer, KILN_CFG_QUEUE_ITEM_MAX, 8), KILN_OK);
    assert_int_equal(kiln_queue_space(&queue), 8);
}

#if KILN_CFG_CHECKS
static void bad_objects_panic(void **state)
{
    (void)state;
    uint32_t item = 0;
    assert_panics("not an initialised object", (void)kiln_queue_send(&queue, &item, 0));
    assert_panics("not an initialised object", (void)kiln_queue_send_front(&queue, &item, 0));
    assert_panics("not an initialised object", (void)kiln_queue_receive(&queue, &item, 0));
    assert_panics("not an initialised object", (void)kiln_queue_peek(&queue, &item));
    assert_panics("not an initialised object", (void)kiln_queue_count(&queue));
    assert_panics("not an initialised object", (void)kiln_queue_space(&queue));
    assert_panics("not an initialised object", (void)kiln_queue_destroy(&queue));
    assert_panics("initialised twice", (void)kiln_queue_init(&defined, buffer, 4, 1));
    assert_panics("null item", (void)kiln_queue_send(&defined, NULL, 0));
    assert_panics("null item", (void)kiln_queue_send_front(&defined, NULL, 0));
    assert_panics("null item", (void)kiln_queue_receive(&defined, NULL, 0));
    assert_panics("null item", (void)kiln_queue_peek(&defined, NULL));
}
#endif

static void defined_queue_works(void **state)
{
    (void)state;
    uint32_t item = 7;
    assert_int_equal(kiln_queue_peek(&defined, &item), KILN_EAGAIN);
    assert_int_equal(kiln_queue_receive(&defined, &item, KILN_NO_WAIT), KILN_EAGAIN);
    for (uint32_t n = 1; n <= 3; n++) {
        assert_int_equal(kiln_queue_send(&defined, &n, KILN_NO_WAIT), KILN_OK);
    }
    assert_int_equal(kiln_queue_send(&defined, &item, KILN_NO_WAIT), KILN_EAGAIN);
    assert_int_equal(kiln_queue_send_front(&defined, &item, KILN_NO_WAIT), KILN_EAGAIN);
    assert_int_equal(kiln_queue_peek(&defined, &item), KILN_OK);
    assert_int_equal(item, 1);
    for (uint32_t n = 1; n <= 3; n++) {
        assert_int_equal(kiln_queue_receive(&defined, &item, KILN_NO_WAIT), KILN_OK);
        assert_int_equal(item, n);
    }
    assert_int_equal(kiln_queue_count(&defined), 0);
}

/* Sizes and places that are copied by words, and those that are not. */
static void every_item_size_copies_exactly(void **state)
{
    static uint8_t from[KILN_CFG_QUEUE_ITEM_MAX + 8], to[KILN_CFG_QUEUE_ITEM_MAX + 8];
    for (size_t size = 1; size <= KILN_CFG_QUEUE_ITEM_MAX; size++) {
        for (size_t offset = 0; offset < 4; offset++) {
            (void)setup(state);
            (void)kiln_queue_init(&queue, buffer + offset, size, 2);
            for (size_t n = 0; n < sizeof(from); n++) {
                from[n] = (uint8_t)(n * 7 + size);
                to[n] = 0xEE;
            }
            assert_int_equal(kiln_queue_send(&queue, from, 0), KILN_OK);
            assert_int_equal(kiln_queue_send_front(&queue, from + offset, 0), KILN_OK);
            assert_int_equal(kiln_queue_count(&queue), 2);
            assert_int_equal(kiln_queue_receive(&queue, to + 1, 0), KILN_OK);
            assert_int_equal(kiln_queue_count(&queue), 1);
            assert_memory_equal(to + 1, from + offset, size);
            assert_int_equal(to[0], 0xEE);
            assert_int_equal(to[size + 1], 0xEE);
        }
    }
}

/* A deque in the plainest form. */
static uint32_t model[16];
static unsigned model_count;

static void random_use_matches_the_model(void **state)
{
    (void)state;
    random_start();
    (void)kiln_queue_init(&queue, buffer, sizeof(uint32_t), 7);
    model_count = 0;
    for (uint32_t step = 0; step < 20000; step++) {
        uint32_t item = step;
        int expected = model_count == 7 ? KILN_EAGAIN : KILN_OK;
        switch (random_below(4)) {
        case 0:
            assert_int_equal(kiln_queue_send(&queue, &item, 0), expected);
            if (expected == KILN_OK) {
                model[model_count++] = item;
            }
            break;
        case 1:
            assert_int_equal(kiln_queue_send_front(&queue, &item, 0), expected);
            if (expected == KILN_OK) {
                memmove(model + 1, model, model_count++ * sizeof(model[0]));
                model[0] = item;
            }
            break;
        default:
            expected = model_count == 0 ? KILN_EAGAIN : KILN_OK;
            assert_int_equal(kiln_queue_receive(&queue, &item, 0), expected);
            if (expected == KILN_OK) {
                assert_int_equal(item, model[0]);
                memmove(model, model + 1, --model_count * sizeof(model[0]));
            }
            break;
        }
        assert_int_equal(kiln_queue_count(&queue), model_count);
        assert_int_equal(kiln_queue_space(&queue), 7 - model_count);
    }
}

static uint32_t isr_item;

static int send_in_isr(void)
{
    return kiln_queue_send(&queue, &isr_item, 5);
}

static int receive_in_isr(void)
{
    return kiln_queue_receive(&queue, &isr_item, 5);
}

static void cannot_block_where_nobody_can(void **state)
{
    (void)state;
    uint32_t item = 1;
    (void)kiln_queue_init(&queue, buffer, 4, 1);
    assert_int_equal(in_interrupt(receive_in_isr), KILN_EISR);
    kiln_sched_lock();
    assert_int_equal(kiln_queue_receive(&queue, &item, 5), KILN_ELOCKED);
    (void)kiln_sched_unlock();
    assert_int_equal(in_interrupt(send_in_isr), KILN_OK);
    assert_int_equal(in_interrupt(send_in_isr), KILN_EISR);
    kiln_sched_lock();
    assert_int_equal(kiln_queue_send(&queue, &item, KILN_FOREVER), KILN_ELOCKED);
    assert_int_equal(kiln_queue_send_front(&queue, &item, 1), KILN_ELOCKED);
    (void)kiln_sched_unlock();
    assert_int_equal(in_interrupt(receive_in_isr), KILN_OK);
}

static void item_goes_straight_to_the_receiver(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    static uint32_t got[3];
    (void)kiln_queue_init(&queue, buffer, 4, 2);
    (void)create(0, 3);
    assert_int_equal(play_receive(&queue, &got[0], KILN_FOREVER), BLOCKED);
    (void)create(1, 5);
    assert_int_equal(play_receive(&queue, &got[1], 10), BLOCKED);
    (void)create(2, 3);
    assert_int_equal(play_receive(&queue, &got[2], KILN_FOREVER), BLOCKED);
    assert_int_equal(kiln_queue_destroy(&queue), KILN_ESTATE);
    isr_item = 11;
    assert_int_equal(in_interrupt(send_in_isr), KILN_OK);
    assert_running(&tasks[1]);
    assert_int_equal(kiln_queue_count(&queue), 0);
    assert_int_equal(play_return(&tasks[1]), KILN_OK);
    assert_int_equal(got[1], 11);
    for (uint32_t n = 12; n <= 14; n++) { /* two wait, the third stays */
        assert_int_equal(kiln_queue_send_front(&queue, &n, 0), KILN_OK);
    }
    assert_int_equal(kiln_queue_count(&queue), 1);
    assert_int_equal(play_suspend(&tasks[1]), BLOCKED);
    assert_int_equal(play_return(&tasks[0]), KILN_OK);
    assert_int_equal(got[0], 12);
    assert_int_equal(play_suspend(&tasks[0]), BLOCKED);
    assert_int_equal(play_return(&tasks[2]), KILN_OK);
    assert_int_equal(got[2], 13);
}

static void items_of_any_size_go_straight_too(void **state)
{
    NEED_PRIORITIES(8);
    static uint8_t from[8] = {1, 2, 3, 4, 5, 6, 7, 8}, got[16];
    for (size_t size = 1; size <= 8; size++) {
        for (size_t offset = 0; offset < 4; offset++) {
            (void)setup(state);
            (void)kiln_queue_init(&queue, buffer, size, 2);
            memset(got, 0xEE, sizeof(got));
            (void)create(0, 3);
            assert_int_equal(play_receive(&queue, got + offset, KILN_FOREVER), BLOCKED);
            assert_int_equal(kiln_queue_send(&queue, from, 0), KILN_OK);
            assert_int_equal(play_return(&tasks[0]), KILN_OK);
            assert_memory_equal(got + offset, from, size);
            assert_int_equal(got[offset + size], 0xEE);
        }
    }
}

static void waiting_senders_fill_the_places(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    static uint32_t items[] = {100, 101, 102, 103, 104};
    uint32_t got = 0;
    (void)kiln_queue_init(&queue, buffer, 4, 2);
    (void)kiln_queue_send(&queue, &items[0], 0);
    (void)kiln_queue_send(&queue, &items[1], 0);
    (void)create(0, 3);
    assert_int_equal(play_send(&queue, &items[2], KILN_FOREVER), BLOCKED);
    (void)create(1, 5);
    assert_int_equal(play_send_front(&queue, &items[3], KILN_FOREVER), BLOCKED);
    (void)create(2, 5);
    assert_int_equal(play_send(&queue, &items[4], KILN_FOREVER), BLOCKED);
    assert_int_equal(kiln_queue_destroy(&queue), KILN_ESTATE);
    static const uint32_t order[] = {100, 103, 101, 104, 102};
    static const unsigned woken[] = {1, 2, 0};
    for (unsigned n = 0; n < COUNT_OF(order); n++) {
        assert_running(&kernel.idle);
        assert_int_equal(kiln_queue_receive(&queue, &got, 0), KILN_OK);
        assert_int_equal(got, order[n]);
        if (n < COUNT_OF(woken)) {
            assert_int_equal(kiln_queue_count(&queue), 2);
            assert_int_equal(play_return(&tasks[woken[n]]), KILN_OK);
            assert_int_equal(play_sleep(1000), BLOCKED);
        }
    }
    assert_int_equal(kiln_queue_count(&queue), 0);
}

static void timeouts_leave_nothing_behind(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    static uint32_t item = 5, got = 0;
    (void)kiln_queue_init(&queue, buffer, 4, 1);
    (void)create(0, 3);
    assert_int_equal(play_receive(&queue, &got, 2), BLOCKED);
    fake_tick(2);
    assert_int_equal(play_return(&tasks[0]), KILN_ETIMEOUT);
    assert_int_equal(kiln_queue_send(&queue, &item, 0), KILN_OK);
    assert_int_equal(play_send(&queue, &item, 2), BLOCKED);
    fake_tick(2);
    assert_int_equal(play_return(&tasks[0]), KILN_ETIMEOUT);
    assert_int_equal(kiln_queue_count(&queue), 1);
    assert_int_equal(kiln_queue_receive(&queue, &got, 0), KILN_OK);
    assert_int_equal(got, 5);
    assert_int_equal(kiln_queue_count(&queue), 0);
    assert_int_equal(kiln_queue_destroy(&queue), KILN_OK);
}

static void a_killed_sender_takes_its_item_along(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    static uint32_t item = 5;
    uint32_t got = 0;
    (void)kiln_queue_init(&queue, buffer, 4, 1);
    (void)create(0, 3);
    assert_int_equal(kiln_queue_send(&queue, &item, 0), KILN_OK);
    assert_int_equal(play_send(&queue, &item, KILN_FOREVER), BLOCKED);
    assert_int_equal(kiln_task_kill(&tasks[0], 0), KILN_OK);
    assert_int_equal(kiln_queue_receive(&queue, &got, 0), KILN_OK);
    assert_int_equal(kiln_queue_receive(&queue, &got, 0), KILN_EAGAIN);
}

#define SETUP setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(init_rejects_bad_arguments),
#if KILN_CFG_CHECKS
        TEST(bad_objects_panic),
#endif
        TEST(defined_queue_works),
        TEST(every_item_size_copies_exactly),
        TEST(random_use_matches_the_model),
        TEST(cannot_block_where_nobody_can),
        TEST(item_goes_straight_to_the_receiver),
        TEST(items_of_any_size_go_straight_too),
        TEST(waiting_senders_fill_the_places),
        TEST(timeouts_leave_nothing_behind),
        TEST(a_killed_sender_takes_its_item_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
NO_TESTS("message queues")
#endif
