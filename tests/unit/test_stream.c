/* Streams: every documented result, a random run against a plain array, drivers, steps. */
#include "unit.h"

#if KILN_CFG_STREAM

#include "stream.h"

KILN_PIPE_DEFINE(defined, 4);

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
        TEST(masked_steps_are_short),
        TEST(an_interrupt_closes_in_the_middle_of_a_write),
        TEST(the_listener_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
NO_TESTS("streams")
#endif
