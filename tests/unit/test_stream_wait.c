/* Streams: bytes that go straight to and from waiting tasks, and everything that can end a wait, in
 * every order. */
#include "unit.h"

#if KILN_CFG_STREAM

#include "stream.h"

/* ---- Waiting --------------------------------------------------------------------------------- */

static void bytes_go_straight_to_the_reader(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    make_pipe(4);
    (void)create(0, 3);
    assert_int_equal(play_read(&stream, got, 10, KILN_FOREVER), BLOCKED);
    assert_int_equal(kiln_stream_destroy(&stream), KILN_ESTATE);
    assert_int_equal(kiln_stream_reopen(&stream), KILN_ESTATE);
    assert_int_equal(in_interrupt(receive_in_isr), 3);
    assert_int_equal(kiln_stream_count(&stream), 0);
    assert_running(&tasks[0]);
    assert_int_equal(play_return(&tasks[0]), 3);
    assert_memory_equal(got, text, 3);
    assert_int_equal(got[3], 0xEE);
}

/* The rest of what comes in goes to the next reader, and then into the buffer. */
static void readers_are_served_in_order(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    make_pipe(16);
    (void)create(0, 3);
    assert_int_equal(play_read(&stream, got, 2, KILN_FOREVER), BLOCKED);
    (void)create(1, 5);
    assert_int_equal(play_read(&stream, got + 10, 3, 9), BLOCKED);
    (void)create(2, 3);
    assert_int_equal(play_read(&stream, got + 20, 4, KILN_FOREVER), BLOCKED);
    kiln_sched_lock();
    assert_int_equal(kiln_stream_write(&stream, text, 14, 0), 14);
    assert_int_equal(kiln_stream_count(&stream), 5);
    (void)kiln_sched_unlock();
    assert_int_equal(play_return(&tasks[1]), 3);
    assert_memory_equal(got + 10, text, 3);
    assert_int_equal(play_suspend(&tasks[1]), BLOCKED);
    assert_int_equal(play_return(&tasks[0]), 2);
    assert_memory_equal(got, text + 3, 2);
    assert_int_equal(play_suspend(&tasks[0]), BLOCKED);
    assert_int_equal(play_return(&tasks[2]), 4);
    assert_memory_equal(got + 20, text + 5, 4);
}

/* A writer waits until all of its bytes have been taken, and keeps the pipe full meanwhile. */
static void a_waiting_writer_keeps_the_pipe_full(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    make_pipe(8);
    (void)create(0, 3);
    assert_int_equal(play_write(&stream, text, 100, KILN_FOREVER), BLOCKED);
    assert_int_equal(kiln_stream_count(&stream), 8);
    assert_int_equal(kiln_stream_read(&stream, got, 5, 0), 5);
    assert_int_equal(kiln_stream_count(&stream), 8);
    assert_int_equal(kiln_stream_read(&stream, got + 5, 86, 0), 86);
    assert_int_equal(kiln_stream_count(&stream), 8);
    assert_running(&kernel.idle);
    (void)create(1, 3);
    assert_int_equal(play_write(&stream, text + 100, 4, KILN_FOREVER), BLOCKED);
    assert_int_equal(kiln_stream_read(&stream, got + 91, 1, 0), 1);
    assert_int_equal(play_return(&tasks[0]), 100);
    assert_int_equal(play_suspend(&tasks[0]), BLOCKED);
    kiln_sched_lock(); /* the reader is to go on */
    assert_int_equal(kiln_stream_read(&stream, got + 92, 12, 0), 12);
    (void)kiln_sched_unlock();
    assert_int_equal(play_return(&tasks[1]), 4);
    assert_memory_equal(got, text, 104);
}

static void timeouts_tell_what_was_done(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    make_pipe(4);
    (void)create(0, 3);
    assert_int_equal(play_read(&stream, got, 1, 2), BLOCKED);
    fake_tick(2);
    assert_int_equal(play_return(&tasks[0]), KILN_ETIMEOUT);
    assert_int_equal(play_write(&stream, text, 6, 2), BLOCKED);
    fake_tick(1);
    assert_int_equal(kiln_stream_read(&stream, got, 1, 0), 1);
    fake_tick(1);
    assert_int_equal(play_return(&tasks[0]), 5);
    assert_int_equal(play_write(&stream, text, 6, 2), BLOCKED);
    fake_tick(2);
    assert_int_equal(play_return(&tasks[0]), KILN_ETIMEOUT);
    assert_int_equal(kiln_stream_read(&stream, got + 1, 9, 0), 4);
    assert_memory_equal(got, text, 5);
    assert_int_equal(kiln_stream_destroy(&stream), KILN_OK);
}

static void a_device_calls_when_it_is_ready(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    make_device(4, 10);
    (void)create(0, 3);
    assert_int_equal(play_write(&stream, text, 90, KILN_FOREVER), BLOCKED);
    assert_int_equal(device.count, 10);
    (void)create(1, 3);
    device.room = 5; /* but those who wait go first */
    assert_int_equal(play_write(&stream, text + 90, 3, KILN_FOREVER), BLOCKED);
    assert_int_equal(kiln_stream_write(&stream, text, 1, 0), KILN_EAGAIN);
    assert_int_equal(in_interrupt(ready_in_isr), 0);
    assert_int_equal(device.count, 15);
    assert_running(&kernel.idle);
    device.room = 76;
    assert_int_equal(in_interrupt(ready_in_isr), 0);
    assert_int_equal(device.count, 91);
    assert_int_equal(play_return(&tasks[0]), 90);
    assert_int_equal(play_suspend(&tasks[0]), BLOCKED);
    device.room = 9;
    assert_int_equal(in_interrupt(ready_in_isr), 0);
    assert_int_equal(play_return(&tasks[1]), 3);
    assert_memory_equal(device.taken, text, 93);
}

static void close_wakes_all_readers(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    make_pipe(4);
    (void)create(0, 3);
    assert_int_equal(play_read(&stream, got, 1, KILN_FOREVER), BLOCKED);
    (void)create(1, 5);
    assert_int_equal(play_read(&stream, got, 1, 7), BLOCKED);
    assert_int_equal(in_interrupt(close_in_isr), 0);
    assert_int_equal(play_return(&tasks[1]), 0);
    assert_int_equal(play_suspend(&tasks[1]), BLOCKED);
    assert_int_equal(play_return(&tasks[0]), 0);
    assert_int_equal(kiln_stream_destroy(&stream), KILN_OK);
}

static void close_cuts_writers_short(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    make_pipe(4);
    (void)create(0, 3);
    assert_int_equal(play_write(&stream, text, 6, KILN_FOREVER), BLOCKED);
    (void)create(1, 3);
    assert_int_equal(play_write(&stream, text, 6, KILN_FOREVER), BLOCKED);
    kiln_sched_lock(); /* or the first goes on before its turn to be played */
    kiln_stream_close(&stream);
    (void)kiln_sched_unlock();
    assert_int_equal(play_return(&tasks[0]), 4);
    assert_int_equal(play_suspend(&tasks[0]), BLOCKED);
    assert_int_equal(play_return(&tasks[1]), KILN_ESTATE);
    assert_int_equal(play_suspend(&tasks[1]), BLOCKED);
    assert_int_equal(kiln_stream_read(&stream, got, 9, KILN_FOREVER), 4);
    assert_int_equal(kiln_stream_read(&stream, got, 9, KILN_FOREVER), 0);
}

/* ---- What ends a wait, in every order -------------------------------------------------------- */

enum end { END_TIMEOUT, END_SERVED, END_CLOSED, END_KILLED, ENDS };

/* What the device or the other side does for whoever waits. */
static int (*serve)(void);

static void bring(enum end end)
{
    switch (end) {
    case END_TIMEOUT:
        fake_tick(3);
        break;
    case END_SERVED:
        (void)in_interrupt(serve);
        break;
    case END_CLOSED:
        (void)in_interrupt(close_in_isr);
        break;
    default:
        (void)kiln_task_kill(&tasks[0], 0);
        break;
    }
    check();
}

/* The order number `order` of all ends. The task is suspended, so that it sees none before the
 * last one, whichever that is. */
static void bring_all(unsigned order)
{
    bool done[ENDS] = {false};
    assert_int_equal(kiln_task_suspend(&tasks[0]), KILN_OK);
    for (unsigned left = ENDS; left != 0; left--) {
        unsigned skip = order % left, end = 0;
        order /= left;
        while (done[end] || skip-- != 0) {
            end++;
        }
        done[end] = true;
        bring((enum end)end);
    }
}

static enum end first_of(unsigned order)
{
    return (enum end)(order % ENDS);
}

#define ORDERS 24U

static void reader_ends_in_every_order(void **state)
{
    NEED_PRIORITIES(8);
    for (unsigned order = 0; order < ORDERS; order++) {
        (void)setup(state);
        make_pipe(8);
        serve = receive_in_isr;
        (void)create(0, 3);
        assert_int_equal(play_read(&stream, got, 3, 3), BLOCKED);
        bring_all(order);
        assert_int_equal(got[0] == text[0], first_of(order) == END_SERVED);
        assert_int_equal(kiln_stream_destroy(&stream), KILN_OK);
        (void)unit_teardown(state);
    }
}

static void pipe_writer_ends_in_every_order(void **state)
{
    NEED_PRIORITIES(8);
    for (unsigned order = 0; order < ORDERS; order++) {
        (void)setup(state);
        make_pipe(4);
        serve = read_in_isr;
        (void)create(0, 3);
        assert_int_equal(play_write(&stream, text, 7, 3), BLOCKED);
        bring_all(order);
        assert_int_equal(kiln_stream_count(&stream), first_of(order) == END_SERVED ? 4 : 1);
        assert_int_equal(kiln_stream_destroy(&stream), KILN_OK);
        (void)unit_teardown(state);
    }
}

static int let_device_go_on(void)
{
    device.room = 5;
    kiln_stream_ready(&stream);
    return 0;
}

/* Closing ends no write to a device. */
static void device_writer_ends_in_every_order(void **state)
{
    NEED_PRIORITIES(8);
    for (unsigned order = 0; order < ORDERS; order++) {
        (void)setup(state);
        make_device(4, 1);
        serve = let_device_go_on;
        (void)create(0, 3);
        assert_int_equal(play_write(&stream, text, 6, 3), BLOCKED);
        bring_all(order);
        assert_true(device.count == 1 || device.count == 6);
        assert_int_equal(kiln_stream_destroy(&stream), KILN_OK);
        (void)unit_teardown(state);
    }
}

#define SETUP setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(bytes_go_straight_to_the_reader),
        TEST(readers_are_served_in_order),
        TEST(a_waiting_writer_keeps_the_pipe_full),
        TEST(timeouts_tell_what_was_done),
        TEST(a_device_calls_when_it_is_ready),
        TEST(close_wakes_all_readers),
        TEST(close_cuts_writers_short),
        TEST(reader_ends_in_every_order),
        TEST(pipe_writer_ends_in_every_order),
        TEST(device_writer_ends_in_every_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
NO_TESTS("streams")
#endif
