/* Streams: every documented result, a random run against a plain array, bytes that go straight to
 * and from waiting tasks, drivers, and everything that can end a wait, in every order. */
#include "unit.h"

#if KILN_CFG_STREAM

#define CHUNK KILN_STREAM_CHUNK

static struct kiln_stream stream;
static uint8_t buffer[256];
static uint8_t text[512], got[512];
KILN_PIPE_DEFINE(defined, 4);

/* ---- A device that takes so many bytes and no more ------------------------------------------- */

static struct {
    uint8_t taken[512];
    size_t count, room, asked_max;
    unsigned refused, rooms;
} device;

static size_t device_write(struct kiln_stream *of, const uint8_t *bytes, size_t size)
{
    size_t count = size < device.room ? size : device.room;
    assert_ptr_equal(of->device, &device);
    memcpy(device.taken + device.count, bytes, count);
    device.count += count;
    device.room -= count;
    device.asked_max = size > device.asked_max ? size : device.asked_max;
    device.refused += count == 0;
    return count;
}

static void device_room(struct kiln_stream *of)
{
    (void)of;
    device.rooms++;
}

static const struct kiln_stream_driver driver = {.write = device_write, .room = device_room};

static int setup(void **state)
{
    (void)unit_setup(state);
    memset(&stream, 0, sizeof(stream));
    memset(&device, 0, sizeof(device));
    memset(got, 0xEE, sizeof(got));
    for (size_t n = 0; n < sizeof(text); n++) {
        text[n] = (uint8_t)(n * 7 + 1);
    }
    return 0;
}

static void make_pipe(size_t size)
{
    assert_int_equal(kiln_stream_init(&stream, buffer, size, NULL, NULL), KILN_OK);
}

static void make_device(size_t size, size_t room)
{
    assert_int_equal(kiln_stream_init(&stream, buffer, size, &driver, &device), KILN_OK);
    device.room = room;
}

/* ---- Results --------------------------------------------------------------------------------- */

static void init_rejects_bad_arguments(void **state)
{
    (void)state;
    assert_int_equal(kiln_stream_init(NULL, buffer, 4, NULL, NULL), KILN_EINVAL);
    assert_int_equal(kiln_stream_init(&stream, NULL, 4, NULL, NULL), KILN_EINVAL);
    assert_int_equal(kiln_stream_init(&stream, buffer, 0, NULL, NULL), KILN_EINVAL);
    assert_int_equal(kiln_stream_init(&stream, buffer, 65536, NULL, NULL), KILN_EINVAL);
    assert_int_equal(kiln_stream_init(&stream, buffer, 65535, NULL, NULL), KILN_OK);
    assert_int_equal(kiln_stream_count(&stream), 0);
}

#if KILN_CFG_CHECKS
static void bad_objects_panic(void **state)
{
    (void)state;
    assert_panics("not an initialised object", (void)kiln_stream_read(&stream, got, 1, 0));
    assert_panics("not an initialised object", (void)kiln_stream_write(&stream, text, 1, 0));
    assert_panics("not an initialised object", (void)kiln_stream_received(&stream, text, 1));
    assert_panics("not an initialised object", kiln_stream_lost(&stream, 1));
    assert_panics("not an initialised object", kiln_stream_ready(&stream));
    assert_panics("not an initialised object", kiln_stream_close(&stream));
    assert_panics("not an initialised object", (void)kiln_stream_reopen(&stream));
    assert_panics("not an initialised object", (void)kiln_stream_count(&stream));
    assert_panics("not an initialised object", (void)kiln_stream_destroy(&stream));
    assert_panics("initialised twice", (void)kiln_stream_init(&defined, buffer, 4, NULL, NULL));
    assert_panics("null bytes", (void)kiln_stream_read(&defined, NULL, 1, 0));
    assert_panics("null bytes", (void)kiln_stream_write(&defined, NULL, 1, 0));
}

static void destroyed_is_gone(void **state)
{
    (void)state;
    make_pipe(4);
    assert_int_equal(kiln_stream_destroy(&stream), KILN_OK);
    assert_panics("not an initialised object", (void)kiln_stream_count(&stream));
    make_pipe(4);
}
#endif

static void a_defined_pipe_works(void **state)
{
    (void)state;
    assert_int_equal(kiln_stream_read(&defined, got, 4, 0), KILN_EAGAIN);
    assert_int_equal(kiln_stream_write(&defined, text, 3, 0), 3);
    assert_int_equal(kiln_stream_write(&defined, text + 3, 3, 0), 1);
    assert_int_equal(kiln_stream_write(&defined, text + 4, 3, 0), KILN_EAGAIN);
    assert_int_equal(kiln_stream_write(&defined, text, 0, 0), 0);
    assert_int_equal(kiln_stream_read(&defined, got, 0, 0), 0);
    assert_int_equal(kiln_stream_count(&defined), 4);
    assert_int_equal(kiln_stream_read(&defined, got, 9, 0), 4);
    assert_memory_equal(got, text, 4);
#if KILN_CFG_NAMES
    assert_string_equal(defined.name, "defined");
#endif
}

static void a_closed_pipe_has_an_end(void **state)
{
    (void)state;
    make_pipe(4);
    assert_int_equal(kiln_stream_write(&stream, text, 3, 0), 3);
    kiln_stream_close(&stream);
    assert_int_equal(kiln_stream_write(&stream, text, 1, KILN_FOREVER), KILN_ESTATE);
    assert_int_equal(kiln_stream_received(&stream, text, 2), 0);
    assert_int_equal(stream.lost, 2);
    assert_int_equal(kiln_stream_read(&stream, got, 2, KILN_FOREVER), 2);
    assert_int_equal(kiln_stream_read(&stream, got, 2, KILN_FOREVER), 1);
    assert_int_equal(kiln_stream_read(&stream, got, 2, KILN_FOREVER), 0);
    assert_int_equal(kiln_stream_reopen(&stream), KILN_OK);
    assert_int_equal(kiln_stream_read(&stream, got, 2, 0), KILN_EAGAIN);
    assert_int_equal(kiln_stream_write(&stream, text, 4, 0), 4);
    assert_int_equal(kiln_stream_reopen(&stream), KILN_OK);
    assert_int_equal(kiln_stream_count(&stream), 0);
}

static void a_closed_device_is_written_to(void **state)
{
    (void)state;
    make_device(4, 9);
    kiln_stream_close(&stream);
    assert_int_equal(kiln_stream_read(&stream, got, 2, KILN_FOREVER), 0);
    assert_int_equal(kiln_stream_write(&stream, text, 9, KILN_FOREVER), 9);
}

static void a_device_takes_what_it_has_room_for(void **state)
{
    (void)state;
    make_device(8, 100);
    assert_int_equal(kiln_stream_write(&stream, text, 90, 0), 90);
    assert_int_equal(device.asked_max, CHUNK);
    assert_int_equal(kiln_stream_write(&stream, text + 90, 90, 0), 10);
    assert_int_equal(kiln_stream_write(&stream, text, 90, 0), KILN_EAGAIN);
    assert_memory_equal(device.taken, text, 100);
    assert_int_equal(kiln_stream_count(&stream), 0);
    kiln_stream_ready(&stream);
}

static void what_finds_no_room_is_counted(void **state)
{
    (void)state;
    make_device(5, 0);
    assert_int_equal(kiln_stream_received(&stream, text, 3), 3);
    assert_int_equal(kiln_stream_received(&stream, text + 3, 4), 2);
    assert_int_equal(kiln_stream_received(&stream, text, 7), 0);
    kiln_stream_lost(&stream, 1);
    assert_int_equal(stream.lost, 10);
    assert_int_equal(device.rooms, 0);
    assert_int_equal(kiln_stream_read(&stream, got, 9, 0), 5);
    assert_int_equal(device.rooms, 1);
    assert_memory_equal(got, text, 5);
}

/* Pieces of every size, through buffers smaller and larger than a step. */
static void random_use_keeps_order(void **state)
{
    (void)state;
    random_start();
    for (unsigned round = 0; round < 40; round++) {
        size_t size = 1 + random_below(CHUNK * 3);
        uint8_t written = 0, read = 0;
        memset(&stream, 0, sizeof(stream));
        make_pipe(size);
        for (unsigned step = 0; step < 500; step++) {
            uint8_t bytes[CHUNK * 4];
            size_t count = random_below(sizeof(bytes)), held = kiln_stream_count(&stream);
            if (random_below(2) == 0) {
                for (size_t n = 0; n < count; n++) {
                    bytes[n] = (uint8_t)(written + n);
                }
                size_t fits = count < size - held ? count : size - held;
                int expected = count != 0 && fits == 0 ? KILN_EAGAIN : (int)fits;
                assert_int_equal(kiln_stream_write(&stream, bytes, count, 0), expected);
                written = (uint8_t)(written + fits);
            } else {
                int result = kiln_stream_read(&stream, bytes, count, 0);
                size_t fits = count < held ? count : held;
                assert_int_equal(result, count != 0 && held == 0 ? KILN_EAGAIN : (int)fits);
                for (size_t n = 0; n < fits; n++) {
                    assert_int_equal(bytes[n], read++);
                }
            }
        }
    }
}

/* ---- Where nobody can wait ------------------------------------------------------------------- */

static int write_in_isr(void)
{
    return kiln_stream_write(&stream, text, 3, 5);
}

static int read_in_isr(void)
{
    return kiln_stream_read(&stream, got, 3, 5);
}

static int receive_in_isr(void)
{
    return (int)kiln_stream_received(&stream, text, 3);
}

static int ready_in_isr(void)
{
    kiln_stream_ready(&stream);
    return 0;
}

static int close_in_isr(void)
{
    kiln_stream_close(&stream);
    return 0;
}

static void cannot_block_where_nobody_can(void **state)
{
    (void)state;
    make_pipe(4);
    assert_int_equal(in_interrupt(read_in_isr), KILN_EISR);
    kiln_sched_lock();
    assert_int_equal(kiln_stream_read(&stream, got, 1, 5), KILN_ELOCKED);
    (void)kiln_sched_unlock();
    assert_int_equal(in_interrupt(write_in_isr), 3);
    assert_int_equal(in_interrupt(write_in_isr), 1);
    assert_int_equal(in_interrupt(write_in_isr), KILN_EISR);
    kiln_sched_lock();
    assert_int_equal(kiln_stream_write(&stream, text, 1, KILN_FOREVER), KILN_ELOCKED);
    (void)kiln_sched_unlock();
    assert_int_equal(in_interrupt(read_in_isr), 3);
}

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

/* The first end that is not the kill, if it comes before that. */
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

/* ---- Steps ----------------------------------------------------------------------------------- */

static unsigned moved(void)
{
    return (unsigned)(kiln_stream_count(&stream) + device.count);
}

static void write_much(void)
{
    assert_int_equal(kiln_stream_write(&stream, text, 200, 0), 200);
}

static void masked_steps_are_short(void **state)
{
    (void)state;
    make_pipe(256);
    assert_int_equal(longest_masked_step(moved, write_much), CHUNK);
    memset(&stream, 0, sizeof(stream));
    make_device(8, 200);
    assert_int_equal(longest_masked_step(moved, write_much), CHUNK);
}

static void close_between_steps(void)
{
    if (kiln_stream_count(&stream) == 2 * CHUNK) {
        (void)in_interrupt(close_in_isr);
    }
}

static void an_interrupt_closes_in_the_middle_of_a_write(void **state)
{
    (void)state;
    make_pipe(256);
    fake.gap = close_between_steps;
    int result = kiln_stream_write(&stream, text, 200, KILN_FOREVER);
    fake.gap = NULL;
    assert_int_equal(result, 2 * CHUNK);
}

/* ---- The listener ---------------------------------------------------------------------------- */

static unsigned changes;

static void on_change(struct kiln_stream *of)
{
    assert_ptr_equal(of->listener, &changes);
    changes++;
}

static void the_listener_is_told(void **state)
{
    (void)state;
    make_device(4, 0);
    stream.changed = on_change;
    stream.listener = &changes;
    changes = 0;
    (void)kiln_stream_received(&stream, text, 2);
    assert_int_equal(changes, 1);
    (void)kiln_stream_read(&stream, got, 2, 0);
    assert_int_equal(changes, 2);
    kiln_stream_ready(&stream);
    assert_int_equal(changes, 3);
    kiln_stream_close(&stream);
    assert_int_equal(changes, 4);
}

#define SETUP setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(init_rejects_bad_arguments),
#if KILN_CFG_CHECKS
        TEST(bad_objects_panic),
        TEST(destroyed_is_gone),
#endif
        TEST(a_defined_pipe_works),
        TEST(a_closed_pipe_has_an_end),
        TEST(a_closed_device_is_written_to),
        TEST(a_device_takes_what_it_has_room_for),
        TEST(what_finds_no_room_is_counted),
        TEST(random_use_keeps_order),
        TEST(cannot_block_where_nobody_can),
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
        TEST(masked_steps_are_short),
        TEST(an_interrupt_closes_in_the_middle_of_a_write),
        TEST(the_listener_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
NO_TESTS("streams")
#endif
