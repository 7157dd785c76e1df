/* What the tests of streams share: one stream, as a pipe or with a device behind it. */
#ifndef STREAM_H
#define STREAM_H

#include "unit.h"

#define CHUNK KILN_STREAM_CHUNK

static struct kiln_stream stream;
static uint8_t buffer[256];
static uint8_t text[512], got[512];

/* ---- A device that takes so many bytes and no more ------------------------------------------- */

static struct {
    uint8_t taken[512];
    size_t count, room, asked_max;
    unsigned refused, rooms;
} device;

static inline size_t device_write(struct kiln_stream *of, const uint8_t *bytes, size_t size)
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

static inline void device_room(struct kiln_stream *of)
{
    (void)of;
    device.rooms++;
}

static const struct kiln_stream_driver driver = {.write = device_write, .room = device_room};

static inline int setup(void **state)
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

static inline void make_pipe(size_t size)
{
    assert_int_equal(kiln_stream_init(&stream, buffer, size, NULL, NULL), KILN_OK);
}

static inline void make_device(size_t size, size_t room)
{
    assert_int_equal(kiln_stream_init(&stream, buffer, size, &driver, &device), KILN_OK);
    device.room = room;
}

/* ---- Calls for in_interrupt() -------------------------------------------------------------- */

static inline int write_in_isr(void)
{
    return kiln_stream_write(&stream, text, 3, 5);
}

static inline int read_in_isr(void)
{
    return kiln_stream_read(&stream, got, 3, 5);
}

static inline int receive_in_isr(void)
{
    return (int)kiln_stream_received(&stream, text, 3);
}

static inline int ready_in_isr(void)
{
    kiln_stream_ready(&stream);
    return 0;
}

static inline int close_in_isr(void)
{
    kiln_stream_close(&stream);
    return 0;
}

#endif
