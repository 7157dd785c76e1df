/* Streams and pipes: order, waiting both ways, devices that are ready later, ends. */
#include "harness.h"

#include <string.h>

#if KILN_CFG_STREAM

#define GROUP "stream"

static struct kiln_stream stream;
static uint8_t buffer[16];

/* ---- A device that takes so much, and an interrupt that lets it go on ------------------------ */

static struct {
    char taken[32];
    size_t count, room;
} device;

/* It is called masked; the lock says so to ThreadSanitizer, which does not see the kernel's. */
static size_t device_write(struct kiln_stream *of, const uint8_t *bytes, size_t size)
{
    unsigned key = kiln_irq_lock();
    size_t count = size < device.room ? size : device.room;
    (void)of;
    memcpy(device.taken + device.count, bytes, count);
    device.count += count;
    device.room -= count;
    kiln_irq_unlock(key);
    return count;
}

static const struct kiln_stream_driver driver = {.write = device_write};

static size_t taken(void)
{
    unsigned key = kiln_irq_lock();
    size_t count = device.count;
    kiln_irq_unlock(key);
    return count;
}

static void device_goes_on(void)
{
    device.room = 2;
    kiln_stream_ready(&stream);
}

/* ---- What the cases share ------------------------------------------------------------------ */

static void make_pipe(size_t size)
{
    CHECK_OK(kiln_stream_init(&stream, buffer, size, NULL, NULL));
}

static void make_device(size_t room)
{
    memset(&device, 0, sizeof(device));
    device.room = room;
    CHECK_OK(kiln_stream_init(&stream, buffer, sizeof(buffer), &driver, NULL));
}

static void end(void)
{
    CHECK_OK(kiln_stream_destroy(&stream));
}

static void write(const char *text)
{
    CHECK_EQ(kiln_stream_write(&stream, text, strlen(text), KILN_NO_WAIT), strlen(text));
}

static void mark_all(const char *bytes, int count)
{
    for (int n = 0; n < count; n++) {
        test_mark(bytes[n]);
    }
}

static void read_and_mark(size_t size, kiln_ticks_t timeout_ticks)
{
    char bytes[sizeof(buffer)];
    int count = kiln_stream_read(&stream, bytes, size, timeout_ticks);
    mark_all(bytes, count);
    test_mark(count > 0 ? '.' : count == 0 ? '0' : '!');
}

/* Reads as many as its argument says. */
static int reader(void *arg)
{
    read_and_mark((size_t)ARG_INT(arg), KILN_FOREVER);
    return 0;
}

static int writer(void *arg)
{
    const char *text = (const char *)arg;
    int count = kiln_stream_write(&stream, text, strlen(text), KILN_FOREVER);
    test_mark(count < 0 ? '!' : (char)('0' + count));
    return 0;
}

static void receive_abc(void)
{
    (void)kiln_stream_received(&stream, "abc", 3);
}

static void close(void)
{
    kiln_stream_close(&stream);
}

/* ---- Cases --------------------------------------------------------------------------------- */

CASE(pipe_keeps_order_around_its_buffer)
{
    make_pipe(5);
    for (int round = 0; round < 7; round++) {
        write("abc");
        read_and_mark(2, KILN_NO_WAIT);
        write("de");
        read_and_mark(9, KILN_NO_WAIT);
        CHECK_LOG("ab.cde.");
    }
    read_and_mark(1, KILN_NO_WAIT);
    CHECK_LOG("!");
    end();
}

CASE(interrupt_hands_bytes_to_the_reader)
{
    make_pipe(8);
    struct kiln_task *task = test_task(reader, ARG(2), TEST_PRIO + 1);
    CHECK_WAITS(task, KILN_WAIT_STREAM_READ);
    CHECK_EQ(kiln_stream_destroy(&stream), KILN_ESTATE);
    test_irq_trigger(receive_abc);
    CHECK_LOG("ab.");
    CHECK_EQ(kiln_stream_count(&stream), 1);
    test_join_all();
    end();
}

CASE(readers_are_served_by_priority)
{
    make_pipe(8);
    (void)test_task(reader, ARG(1), TEST_PRIO + 1);
    (void)test_task(reader, ARG(2), TEST_PRIO + 2);
    (void)test_task(reader, ARG(3), TEST_PRIO + 1);
    write("abcdefg");
    test_join_all();
    CHECK_LOG("ab.c.def.");
    CHECK_EQ(kiln_stream_count(&stream), 1);
    end();
}

CASE(writers_wait_for_room_and_keep_the_pipe_full)
{
    make_pipe(2);
    (void)test_task(writer, ARG("abcde"), TEST_PRIO + 1);
    struct kiln_task *task = test_task(writer, ARG("fg"), TEST_PRIO + 1);
    CHECK_WAITS(task, KILN_WAIT_STREAM_WRITE);
    for (int round = 0; round < 7; round++) {
        read_and_mark(1, KILN_NO_WAIT);
        CHECK_EQ(kiln_stream_count(&stream), round < 5 ? 2 : 6 - round);
    }
    CHECK_LOG("a.b.5c.d.2e.f.g.");
    test_join_all();
    end();
}

CASE_IF(times_out_to_the_tick, TEST_EXACT)
{
    char byte;
    make_pipe(2);
    test_align();
    kiln_ticks_t start = kiln_ticks();
    CHECK_EQ(kiln_stream_read(&stream, &byte, 1, 3), KILN_ETIMEOUT);
    CHECK_EQ(kiln_ticks() - start, 3);
    CHECK_EQ(kiln_stream_write(&stream, "abc", 3, 4), 2);
    CHECK_EQ(kiln_ticks() - start, 7);
    CHECK_EQ(kiln_stream_write(&stream, "abc", 3, 5), KILN_ETIMEOUT);
    CHECK_EQ(kiln_ticks() - start, 12);
    end();
}

CASE(close_ends_every_wait)
{
    make_pipe(2);
    (void)test_task(reader, ARG(1), TEST_PRIO + 1);
    (void)test_task(reader, ARG(1), TEST_PRIO + 2);
    test_irq_trigger(close);
    CHECK_LOG("00");
    test_join_all();
    CHECK_OK(kiln_stream_reopen(&stream));
    (void)test_task(writer, ARG("abc"), TEST_PRIO + 1);
    (void)test_task(writer, ARG("de"), TEST_PRIO + 1);
    kiln_stream_close(&stream);
    CHECK_LOG("2!");
    test_join_all();
    read_and_mark(9, KILN_FOREVER);
    read_and_mark(9, KILN_FOREVER);
    CHECK_LOG("ab.0");
    end();
}

CASE(killed_tasks_leave_nothing_behind)
{
    make_pipe(2);
    struct kiln_task *task = test_task(reader, ARG(1), TEST_PRIO + 1);
    CHECK_OK(kiln_task_kill(task, 0));
    write("ab");
    task = test_task(writer, ARG("cd"), TEST_PRIO + 1);
    CHECK_OK(kiln_task_kill(task, 0));
    read_and_mark(9, KILN_NO_WAIT);
    read_and_mark(9, KILN_NO_WAIT);
    CHECK_LOG("ab.!");
    end();
}

/* Whichever comes first in that tick: the bytes are read by the wait, or after it. */
CASE(bytes_that_come_with_the_timeout_are_not_lost)
{
    make_pipe(8);
    for (kiln_ticks_t later = 1; later <= 3; later++) {
        char bytes[8];
        test_irq_after(2, receive_abc);
        int count = kiln_stream_read(&stream, bytes, sizeof(bytes), later);
        CHECK(count == 3 || count == KILN_ETIMEOUT);
        if (count != 3) {
            count = kiln_stream_read(&stream, bytes, sizeof(bytes), KILN_FOREVER);
        }
        mark_all(bytes, count);
        CHECK_LOG("abc");
    }
    end();
}

CASE(device_takes_the_rest_when_it_is_ready)
{
    make_device(3);
    (void)test_task(writer, ARG("abcdef"), TEST_PRIO + 1);
    CHECK_EQ(taken(), 3);
    test_irq_trigger(device_goes_on);
    CHECK_EQ(taken(), 5);
    CHECK_LOG("");
    test_irq_trigger(device_goes_on);
    CHECK_LOG("6");
    test_join_all();
    CHECK(memcmp(device.taken, "abcdef", 6) == 0);
    end();
}

CASE(overrun_is_counted)
{
    make_pipe(4);
    test_irq_trigger(receive_abc);
    test_irq_trigger(receive_abc);
    CHECK_EQ(stream.lost, 2);
    read_and_mark(9, KILN_NO_WAIT);
    CHECK_LOG("abca.");
    end();
}

/* ---- Much ---------------------------------------------------------------------------------- */

#define MUCH 3000U

/* Pieces of 1 to 50 bytes, some larger than the buffer and than a step. */
static int write_much(void *arg)
{
    uint8_t piece[50], next = 0;
    (void)arg;
    for (size_t done = 0, size = 1; done < MUCH; done += size, size = size % 50 + 1) {
        size = size < MUCH - done ? size : MUCH - done;
        for (size_t n = 0; n < size; n++) {
            piece[n] = next++;
        }
        CHECK_EQ(kiln_stream_write(&stream, piece, size, KILN_FOREVER), size);
    }
    kiln_stream_close(&stream);
    return 0;
}

static void read_much(void)
{
    uint8_t piece[37], expected = 0;
    size_t size = 1, wrong = 0, total = 0;
    for (int count; (count = kiln_stream_read(&stream, piece, size, KILN_FOREVER)) > 0;) {
        for (int n = 0; n < count; n++) {
            wrong += piece[n] != expected++;
        }
        total += (size_t)count;
        size = size % sizeof(piece) + 1;
    }
    CHECK_EQ(wrong, 0);
    CHECK_EQ(total, MUCH);
}

CASE(much_goes_through_a_small_pipe)
{
    for (unsigned priority = TEST_PRIO - 1; priority <= TEST_PRIO + 1; priority++) {
        make_pipe(7);
        (void)test_task(write_much, NULL, priority);
        read_much();
        test_join_all();
        end();
    }
}

#endif
