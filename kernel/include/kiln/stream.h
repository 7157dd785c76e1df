/* Character devices: streams of bytes in and out. A UART, a terminal and a pipe are one each.
 *
 * A stream keeps what has come in a buffer, until somebody reads it. What is written goes to its
 * driver; a stream without a driver is a pipe, and keeps what is written for its own readers.
 */
#ifndef KILN_STREAM_H
#define KILN_STREAM_H

#include "kiln/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct kiln_async;
struct kiln_stream;

/* Bytes are copied with interrupts masked, so many at a time. */
#define KILN_STREAM_CHUNK 32U

/* So many bytes of one write are not split by a printed text: see kiln_stream_is_console(). */
#define KILN_STREAM_WHOLE 160U

/* Bytes that somebody reads or writes. */
struct kiln_stream_transfer {
    uint8_t *at;
    size_t left;
    size_t done;
};

struct kiln_stream_driver {
    /* Takes up to `size` bytes to be sent, and returns how many: 0 when there is no room now. Then
     * it calls kiln_stream_ready() when there is. Masked, any context; does not wait. */
    size_t (*write)(struct kiln_stream *stream, const uint8_t *bytes, size_t size);
    /* Bytes were read: there is room for more. NULL: the device cannot hold its bytes back anyway.
     * Masked, any context. */
    void (*room)(struct kiln_stream *stream);
};

struct kiln_stream {
    struct kiln_waitq readers;               /* empty whenever there are bytes */
    struct kiln_waitq writers;               /* empty whenever there is room */
    const struct kiln_stream_driver *driver; /* NULL: a pipe */
    void *device;                            /* the driver's */
    uint8_t *buffer;                         /* the caller's */
    uint16_t size;
    uint16_t read; /* index of the oldest byte */
    uint16_t count;
    bool is_closed;
    bool is_console; /* see kiln_stream_is_console() */
    bool is_held;    /* somebody prints: the driver is not asked */
    uint32_t lost;   /* bytes that came and found no room */
    /* For one who is no task: bytes have come, or there is room, or the stream was closed. Masked,
     * any context; must not call the kernel but to wake somebody. NULL: nobody is told. */
    void (*changed)(struct kiln_stream *stream);
    void *listener; /* whoever sets `changed` has this for itself */
    KILN_OBJECT_FIELDS
};

/* Defines a stream with a buffer of `bytes` bytes. */
#define KILN_STREAM_DEFINE(stream, bytes, driver_, device_)                          \
    KILN_STATIC_ASSERT((bytes) >= 1 && (bytes) <= 0xFFFF,                            \
                       "the buffer of stream " #stream " must be 1 to 65535 bytes"); \
    static uint8_t stream##_buffer[bytes];                                           \
    struct kiln_stream stream KILN_SECTION(kiln_streams) = {                         \
        .readers = {NULL},                                                           \
        .writers = {NULL},                                                           \
        .driver = (driver_),                                                         \
        .device = (device_),                                                         \
        .buffer = stream##_buffer,                                                   \
        .size = (bytes),                                                             \
        KILN_OBJECT_INIT(stream, KILN_TYPE_STREAM)}

/* Defines a pipe. */
#define KILN_PIPE_DEFINE(pipe, bytes) KILN_STREAM_DEFINE(pipe, bytes, NULL, NULL)

/* Initialises a stream on storage that the caller owns, over a buffer that the caller owns too and
 * keeps as long as the stream. Any context. Never blocks.
 * KILN_EINVAL: no stream or buffer, a size outside 1 to 65535.
 * A stream that is alive already panics (with KILN_CFG_CHECKS); see kiln_stream_destroy(). */
int kiln_stream_init(struct kiln_stream *stream, void *buffer, size_t size,
                     const struct kiln_stream_driver *driver, void *device);

/* Ends a stream's life, so that its storage can be reused. Any context. Never blocks.
 * KILN_ESTATE: tasks wait at it. */
int kiln_stream_destroy(struct kiln_stream *stream);

/* Moves up to `size` bytes, at least one, to the caller's memory; waits while there is none.
 * Returns how many; 0 when there is none and the stream is closed, or when size is 0. Any context
 * with KILN_NO_WAIT, else a task. Blocks. May switch to a task that waits to write.
 * KILN_EAGAIN, KILN_ETIMEOUT: there was none (in time).
 * KILN_EISR, KILN_ELOCKED: there is none, and the caller cannot block. */
int kiln_stream_read(struct kiln_stream *stream, void *bytes, size_t size,
                     kiln_ticks_t timeout_ticks);

/* Writes `size` bytes; waits while there is no room, for timeout_ticks altogether. Returns how many
 * were written: `size`, or fewer when the time was over or the stream was closed meanwhile. Bytes
 * of two writers can mix when they wait; a mutex is the callers' affair. Any context with
 * KILN_NO_WAIT, else a task. Blocks. May switch to a task that waits to read.
 * When none was written and size is not 0:
 * KILN_EAGAIN, KILN_ETIMEOUT: there was no room (in time).
 * KILN_EISR, KILN_ELOCKED: there is no room, and the caller cannot block.
 * KILN_ESTATE: it is a pipe, and closed. */
int kiln_stream_write(struct kiln_stream *stream, const void *bytes, size_t size,
                      kiln_ticks_t timeout_ticks);

#if KILN_CFG_ASYNC
/* The same for a coroutine, as other awaits: see kiln/async.h. `transfer` and the bytes are part of
 * the frame, and the stream's while the coroutine waits. transfer->done says how many bytes were
 * moved, however the wait ended: also in the cleanup section, when it was cancelled.
 *
 * Reading: KILN_OK with done 0 is the end of a closed stream, or of a size of 0. */
int kiln_await_stream_read(struct kiln_async *async, struct kiln_stream *stream,
                           struct kiln_stream_transfer *transfer, void *bytes, size_t size,
                           kiln_ticks_t timeout_ticks);

/* Writing: KILN_OK when all were written; KILN_EAGAIN, KILN_ETIMEOUT or KILN_ESTATE, when there was
 * no room (in time), or the pipe is closed, for the rest of them. */
int kiln_await_stream_write(struct kiln_async *async, struct kiln_stream *stream,
                            struct kiln_stream_transfer *transfer, const void *bytes, size_t size,
                            kiln_ticks_t timeout_ticks);
#endif

/* Nothing more comes in: readers get what is left and then 0. At a pipe, writers get an error; what
 * those who wait have not written yet is not going to be read. At a device, writing goes on. Any
 * context. Never blocks. May switch. */
void kiln_stream_close(struct kiln_stream *stream);

/* Opens a closed stream again, empty. Any context.
 * KILN_ESTATE: tasks wait at it. */
int kiln_stream_reopen(struct kiln_stream *stream);

/* Bytes that can be read now. Any context. */
size_t kiln_stream_count(const struct kiln_stream *stream);

/* For a driver: `size` bytes have come in. Returns how many found room; the others are lost, and
 * counted. Any context, usually the device's interrupt. May switch. */
size_t kiln_stream_received(struct kiln_stream *stream, const void *bytes, size_t size);

/* For a driver: so many bytes came in that it could not keep itself, as when a UART overruns. They
 * are counted. Any context. */
void kiln_stream_lost(struct kiln_stream *stream, size_t size);

/* For the driver of the device on which kiln_printf() prints: neither a printed text nor a write of
 * up to KILN_STREAM_WHOLE bytes shall split the other one. So the driver is asked to take as much
 * at once, and is not asked while somebody prints; whoever prints writes the rest of a write first
 * that is half out. When the driver takes fewer than it is asked to, there is no room, and it calls
 * kiln_stream_ready() when there is. There is one such stream. Task context or main(). */
#if KILN_CFG_PRINT
void kiln_stream_is_console(struct kiln_stream *stream);
#else
static inline void kiln_stream_is_console(struct kiln_stream *stream)
{
    (void)stream;
}
#endif

/* For a driver: there is room again. Any context, usually the device's interrupt. May switch. */
void kiln_stream_ready(struct kiln_stream *stream);

#ifdef __cplusplus
}
#endif

#endif
