/* Coroutines: an interrupt, or two, in every gap of an await, a wake-up and an end. */
#include "unit.h"

#if KILN_CFG_ASYNC && KILN_CFG_SEM && KILN_CFG_QUEUE && KILN_CFG_STREAM && KILN_CFG_PRIORITIES >= 8

#include "kiln/keyboard.h"

KILN_EXECUTOR_DEFINE(executor);
static struct kiln_sem sem;
static struct kiln_queue queue;
static struct kiln_waker waker;
static struct kiln_stream pipe;
static struct kiln_keyboard keyboard;
static struct kiln_key keys[1];
static uint32_t buffer[1];
static uint8_t pipe_buffer[2];

/* What happened to the coroutine. */
static struct {
    struct kiln_async async;
    uint32_t item;
    struct kiln_stream_transfer transfer;
    uint8_t bytes[3];
    struct kiln_key key;
    unsigned taken, cleaned;
} self;

/* What interrupts did. */
static unsigned given, cancelled, device;

static int setup(void **state)
{
    (void)unit_setup(state);
    memset(&self, 0, sizeof(self));
    memset(&sem, 0, sizeof(sem));
    memset(&queue, 0, sizeof(queue));
    memset(&waker, 0, sizeof(waker));
    memset(&pipe, 0, sizeof(pipe));
    memset(&keyboard, 0, sizeof(keyboard));
    memset(&executor, 0, sizeof(executor));
    assert_int_equal(kiln_executor_init(&executor), KILN_OK);
    assert_int_equal(kiln_waker_init(&waker), KILN_OK);
    assert_int_equal(kiln_sem_init(&sem, 0, 9), KILN_OK);
    assert_int_equal(kiln_queue_init(&queue, buffer, 4, 1), KILN_OK);
    assert_int_equal(kiln_stream_init(&pipe, pipe_buffer, 2, NULL, NULL), KILN_OK);
    assert_int_equal(kiln_keyboard_init(&keyboard, keys, 1), KILN_OK);
    given = cancelled = device = 0;
    return 0;
}

/* ---- Bodies ------------------------------------------------------------------------------- */

static enum kiln_async_step take_body(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async, kiln_await_sem(async, &sem, 3));
    self.taken += kiln_await_result(async) == KILN_OK;
    KILN_ASYNC_CLEANUP(async);
    self.cleaned++;
    KILN_ASYNC_END(async);
}

static enum kiln_async_step receive_body(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async, kiln_await_receive(async, &queue, &self.item, 3));
    self.taken += kiln_await_result(async) == KILN_OK;
    KILN_ASYNC_CLEANUP(async);
    self.cleaned++;
    KILN_ASYNC_END(async);
}

/* With a gap behind it. */
static int take_from_device(void)
{
    unsigned key = kiln_irq_lock();
    int result = device == 0 ? KILN_EAGAIN : KILN_OK;
    device -= device != 0;
    kiln_irq_unlock(key);
    return result;
}

static enum kiln_async_step poll_body(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT_POLL(async, &waker, take_from_device(), 3);
    self.taken += kiln_await_result(async) == KILN_OK;
    KILN_ASYNC_CLEANUP(async);
    self.cleaned++;
    KILN_ASYNC_END(async);
}

static enum kiln_async_step read_body(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async, kiln_await_stream_read(async, &pipe, &self.transfer, self.bytes, 2, 3));
    assert_int_equal(kiln_await_result(async) == KILN_OK, self.transfer.done != 0);
    KILN_ASYNC_CLEANUP(async);
    self.taken += (unsigned)self.transfer.done;
    self.cleaned++;
    KILN_ASYNC_END(async);
}

/* More than there is room for: some go at once, and then it waits. What it writes is given, and
 * interrupts take it. */
static enum kiln_async_step write_body(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async, kiln_await_stream_write(async, &pipe, &self.transfer, "abc", 3, 3));
    assert_int_equal(kiln_await_result(async) == KILN_OK, self.transfer.done == 3);
    KILN_ASYNC_CLEANUP(async);
    given += (unsigned)self.transfer.done;
    self.cleaned++;
    KILN_ASYNC_END(async);
}

static enum kiln_async_step key_body(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async, kiln_await_key(async, &keyboard, &self.key, 3));
    self.taken += kiln_await_result(async) == KILN_OK;
    assert_int_equal(self.key.character, self.taken == 0 ? 0 : '1');
    KILN_ASYNC_CLEANUP(async);
    self.cleaned++;
    KILN_ASYNC_END(async);
}

/* ---- Interrupts --------------------------------------------------------------------------- */

static void give(void)
{
    assert_int_equal(kiln_sem_give(&sem), KILN_OK);
    given++;
}

static void send(void)
{
    uint32_t item = 77;
    given += kiln_queue_send(&queue, &item, KILN_NO_WAIT) == KILN_OK;
}

static void device_interrupt(void)
{
    device++;
    given++;
    assert_int_equal(kiln_waker_wake(&waker), KILN_OK);
}

static void write_byte(void)
{
    given += kiln_stream_write(&pipe, "x", 1, KILN_NO_WAIT) == 1;
}

static void read_byte(void)
{
    char byte;
    self.taken += kiln_stream_read(&pipe, &byte, 1, KILN_NO_WAIT) == 1;
}

static void press(void)
{
    kiln_keyboard_scanned(&keyboard, 2);
    given += keyboard.lost == 0;
}

static void cancel(void)
{
    cancelled += kiln_async_cancel(&self.async) == KILN_OK;
}

static void three_ticks(void)
{
    kernel_tick(3);
}

static void nothing(void)
{
}

/* ---- Two interrupts, each in any gap ------------------------------------------------------- */

static struct {
    unsigned now, first_at, second_at;
    void (*first)(void), (*second)(void);
} gaps;

static void in_gap(void)
{
    gaps.now++;
    if (gaps.now == gaps.first_at) {
        fake_interrupt(gaps.first);
    }
    if (gaps.now == gaps.second_at) {
        fake_interrupt(gaps.second);
    }
}

static unsigned left_over(kiln_async_fn body)
{
    if (body == poll_body) {
        return device;
    }
    if (body == read_body || body == write_body) {
        return (unsigned)kiln_stream_count(&pipe);
    }
    if (body == key_body) {
        return (unsigned)kiln_queue_count(&keyboard.keys);
    }
    return body == take_body ? kiln_sem_count(&sem) : (unsigned)kiln_queue_count(&queue);
}

/* Whatever came when: the coroutine ends, cleans up once, and what was given is either what it
 * took or still there. */
static void check_outcome(kiln_async_fn body)
{
    int result = 77;
    assert_int_equal(kiln_async_join(&self.async, &result, KILN_NO_WAIT), KILN_OK);
    assert_int_equal(self.cleaned, 1);
    assert_int_equal(self.taken + left_over(body), given);
    assert_true(result == KILN_OK || (result == KILN_ECANCELED && cancelled == 1));
    assert_true(result == KILN_OK || self.taken == 0 || body == write_body);
    assert_true(body != receive_body || self.taken == 0 || self.item == 77);
    assert_null(sem.waiters.first);
    assert_null(queue.receivers.first);
    assert_null(waker.waiters.first);
    assert_int_equal(kiln_stream_destroy(&pipe), KILN_OK);
    assert_null(kernel.timeouts);
    assert_int_equal(kiln_executor_destroy(&executor), KILN_OK);
}

/* Returns the number of gaps. */
static unsigned run_once(void **state, kiln_async_fn body)
{
    (void)setup(state);
    struct kiln_task *task = create(0, 3);
    gaps.now = 0;
    fake.gap = in_gap;
    assert_int_equal(kiln_async_start(&self.async, &executor, body, "async"), KILN_OK);
    int result = play_executor(&executor);
    if (result == BLOCKED) {
        assert_true(body != poll_body || device == 0 || k_is_ready(task)); /* none was lost */
        fake_tick(1);
    }
    while (kernel.current != task) {
        fake_tick(1);
    }
    result = result == BLOCKED ? play_return(task) : result;
    fake.gap = NULL;
    assert_int_equal(result, KILN_OK);
    check_outcome(body);
    return gaps.now;
}

/* Every pair of events in every pair of gaps, in order. */
static void run_pairs(void **state, kiln_async_fn body, void (*event)(void))
{
    void (*const events[])(void) = {event, cancel, three_ticks, nothing};
    unsigned runs = 0;
    for (unsigned n = 0; n < COUNT_OF(events) * COUNT_OF(events); n++) {
        gaps.first = events[n / COUNT_OF(events)];
        gaps.second = events[n % COUNT_OF(events)];
        unsigned last = 1;
        for (gaps.first_at = 1; gaps.first_at <= last; gaps.first_at++) {
            for (gaps.second_at = gaps.first_at; gaps.second_at <= last; gaps.second_at++) {
                unsigned count = run_once(state, body);
                runs++;
                last = count > last ? count : last;
            }
        }
    }
    assert_true(runs > 500);
}

static void take_against_give_cancel_and_timeout(void **state)
{
    gaps.first_at = gaps.second_at = 0;
    assert_true(run_once(state, take_body) > 3);
    run_pairs(state, take_body, give);
}

static void receive_against_send_cancel_and_timeout(void **state)
{
    run_pairs(state, receive_body, send);
}

static void poll_against_wake_cancel_and_timeout(void **state)
{
    run_pairs(state, poll_body, device_interrupt);
}

static void read_against_bytes_cancel_and_timeout(void **state)
{
    run_pairs(state, read_body, write_byte);
}

static void write_against_room_cancel_and_timeout(void **state)
{
    run_pairs(state, write_body, read_byte);
}

static void key_against_press_cancel_and_timeout(void **state)
{
    run_pairs(state, key_body, press);
}

static enum kiln_async_step write_forever_body(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async,
               kiln_await_stream_write(async, &pipe, &self.transfer, "abc", 3, KILN_FOREVER));
    KILN_ASYNC_END(async);
}

/* Returns false when there are not so many gaps. */
static bool cancel_in_gap(void **state, unsigned at)
{
    int result = 77;
    (void)setup(state);
    struct kiln_task *task = create(0, 3);
    gaps.first = cancel;
    gaps.first_at = at;
    gaps.second_at = gaps.now = 0;
    fake.gap = in_gap;
    assert_int_equal(kiln_async_start(&self.async, &executor, write_forever_body, NULL), KILN_OK);
    if (play_executor(&executor) == BLOCKED) {
        assert_true(cancelled == 0 || k_is_ready(task));
        return cancelled != 0;
    }
    assert_int_equal(kiln_async_join(&self.async, &result, KILN_NO_WAIT), KILN_OK);
    assert_int_equal(result, KILN_ECANCELED);
    assert_int_equal(self.transfer.done, kiln_stream_count(&pipe));
    return true;
}

static void a_cancel_in_any_gap_of_a_write_ends_it(void **state)
{
    unsigned at = 1;
    while (cancel_in_gap(state, at)) {
        at++;
    }
    assert_true(at > 4);
    fake.gap = NULL;
}

#define SETUP setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(take_against_give_cancel_and_timeout),   TEST(receive_against_send_cancel_and_timeout),
        TEST(poll_against_wake_cancel_and_timeout),   TEST(read_against_bytes_cancel_and_timeout),
        TEST(write_against_room_cancel_and_timeout),  TEST(key_against_press_cancel_and_timeout),
        TEST(a_cancel_in_any_gap_of_a_write_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
NO_TESTS("coroutines, or what they are tried on,")
#endif
