/* Coroutines that wait at streams: see kiln/stream.h.
 *
 * A coroutine stands in the queues of readers and writers as a task does, with its transfer in the
 * frame instead of on a stack. So bytes go straight to or from the frame, in the order in which
 * those who wait came, and what the stream promises to tasks holds for it: whoever moves bytes,
 * closes, or is the timeout, takes it out of the queue in one masked section. The other way, a
 * waker that the stream's `changed` calls, would have a coroutine try again and again while tasks
 * take what it was woken for; and a stream has only one listener.
 *
 * The races besides those of stream.c:
 *   cancel against moving     Many bytes move in many masked sections, so a cancel can come in
 *   bytes                     between. The await looks for it twice: before the first byte, or one
 *                             that never has to wait could not be cancelled; and in the section
 *                             that queues up, or a cancel that found the coroutine running would
 *                             not end that wait. What was moved stays moved, and `done` says so.
 *   bytes against queueing    The section in which the stream was found empty, or full, is the one
 *   up                        that queues up.
 */
#include "kiln/config.h"

#if KILN_CFG_ASYNC && KILN_CFG_STREAM

#include "async/async.h"
#include "io/stream.h"

/* False when the coroutine has been cancelled: it is ready again, and the await is over. */
static bool begin(struct kiln_async *async, const struct kiln_stream *stream,
                  struct kiln_stream_transfer *transfer, const void *bytes, size_t size)
{
    unsigned key;
    (void)stream; /* used by the checks only */
    K_CHECK_OBJECT(stream, KILN_TYPE_STREAM);
    K_ASSERT(bytes != NULL || size == 0, "null bytes", stream);
    *transfer = k_stream_transfer(bytes, size);
    bool may = k_await_begin(async, &key);
    port_irq_restore(key);
    return may;
}

/* Queues up, in the masked section of `key`, which it ends. */
static int wait_at(struct kiln_async *async, struct kiln_waitq *queue,
                   struct kiln_stream_transfer *transfer, kiln_ticks_t timeout_ticks,
                   enum kiln_wait kind, unsigned key)
{
    unsigned inner;
    int result = KILN_PENDING;
    if (k_await_begin(async, &inner)) {
        result = k_await_wait_locked(async, queue, transfer, timeout_ticks, kind);
    }
    port_irq_restore(inner);
    return k_await_end(async, result, key);
}

int kiln_await_stream_read(struct kiln_async *async, struct kiln_stream *stream,
                           struct kiln_stream_transfer *transfer, void *bytes, size_t size,
                           kiln_ticks_t timeout_ticks)
{
    unsigned key;
    if (!begin(async, stream, transfer, bytes, size)) {
        return KILN_PENDING;
    }
    int result = k_stream_read_now(stream, transfer, &key);
    return result == KILN_EAGAIN ? wait_at(async, &stream->readers, transfer, timeout_ticks,
                                           KILN_WAIT_STREAM_READ, key)
                                 : k_await_end(async, result, port_irq_save());
}

int kiln_await_stream_write(struct kiln_async *async, struct kiln_stream *stream,
                            struct kiln_stream_transfer *transfer, const void *bytes, size_t size,
                            kiln_ticks_t timeout_ticks)
{
    unsigned key;
    if (!begin(async, stream, transfer, bytes, size)) {
        return KILN_PENDING;
    }
    int result = k_stream_write_now(stream, transfer, &key);
    return result == KILN_EAGAIN ? wait_at(async, &stream->writers, transfer, timeout_ticks,
                                           KILN_WAIT_STREAM_WRITE, key)
                                 : k_await_end(async, result, port_irq_save());
}

#endif
