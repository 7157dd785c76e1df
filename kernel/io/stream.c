/* Character devices and pipes: see kiln/stream.h.
 *
 * Readers wait only while the buffer is empty, so what comes in finds a reader, which gets it
 * straight into its memory, or room, or is lost or has to wait. Writers at a pipe wait only while
 * it is full, and what a reader takes is replaced at once from the memory of the first of them.
 * Writers at a device wait until its driver says that it has room again.
 *
 * All of that goes in steps of KILN_STREAM_CHUNK bytes at most, each a masked section of its own
 * that ends at most one wait; between two steps the above holds.
 *
 * The races:
 *   wake against timeout,   as everywhere (core/waitq.h): the first takes the task out of its
 *   kill or suspension      queue. What had been moved by then stays moved: the waiting task's
 *                           transfer says how much, and it is read when the wait is over.
 *                           A killed writer's bytes that were not moved are gone with its stack,
 *                           and nobody has their address: only the queue led there.
 *   the device is ready     the driver is asked and the writer queues up in one masked section. So
 *   against going to sleep  the interrupt comes before the question, and the driver takes some; or
 *                           it finds the writer in the queue.
 *   close against all       it is closed in a masked section; whoever looks later does not wait.
 *                           Those who waited are woken one by one, with the scheduler locked: no
 *                           task sees the stream closed with others still at it.
 */
#include "kiln/config.h"

#if KILN_CFG_STREAM

#include <string.h>

#include "core/waitq.h"
#include "io/stream.h"

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

int kiln_stream_init(struct kiln_stream *stream, void *buffer, size_t size,
                     const struct kiln_stream_driver *driver, void *device)
{
    if (stream == NULL || buffer == NULL || size == 0 || size > UINT16_MAX) {
        return KILN_EINVAL;
    }
    K_CHECK_NEW(stream, KILN_TYPE_STREAM);
    *stream = (struct kiln_stream){
        .driver = driver, .device = device, .buffer = (uint8_t *)buffer, .size = (uint16_t)size};
    kiln_set_name(stream, "?");
    K_SET_TAG(stream, KILN_TYPE_STREAM);
    return KILN_OK;
}

static bool is_in_use(const struct kiln_stream *stream)
{
    return stream->readers.first != NULL || stream->writers.first != NULL;
}

int kiln_stream_destroy(struct kiln_stream *stream)
{
    K_CHECK_OBJECT(stream, KILN_TYPE_STREAM);
    unsigned key = port_irq_save();
    bool in_use = is_in_use(stream);
    if (!in_use) {
        K_CLEAR_TAG(stream);
    }
    port_irq_restore(key);
    return in_use ? KILN_ESTATE : KILN_OK;
}

/* ---- The buffer ---------------------------------------------------------------------------- */

static void put_locked(struct kiln_stream *stream, const uint8_t *bytes, size_t count)
{
    size_t at = (size_t)stream->read + stream->count;
    at -= at >= stream->size ? stream->size : 0;
    size_t to_end = smaller(count, stream->size - at);
    memcpy(stream->buffer + at, bytes, to_end);
    memcpy(stream->buffer, bytes + to_end, count - to_end);
    stream->count = (uint16_t)(stream->count + count);
}

static void take_locked(struct kiln_stream *stream, uint8_t *bytes, size_t count)
{
    size_t to_end = smaller(count, (size_t)stream->size - stream->read);
    memcpy(bytes, stream->buffer + stream->read, to_end);
    memcpy(bytes + to_end, stream->buffer, count - to_end);
    size_t read = stream->read + count;
    stream->read = (uint16_t)(read - (read >= stream->size ? stream->size : 0));
    stream->count = (uint16_t)(stream->count - count);
}

/* Who is no task, and is told of changes. */
static void tell_listener_locked(struct kiln_stream *stream)
{
    if (stream->changed != NULL) {
        stream->changed(stream); /* calls: stream_changed */
    }
}

/* That it may bring more. */
static void tell_driver_locked(struct kiln_stream *stream)
{
    if (stream->driver != NULL && stream->driver->room != NULL) {
        stream->driver->room(stream); /* calls: room, room_at_row */
    }
}

/* ---- One step: each ends the masked section of `key` when it moved something --------------- */

static void step_to_reader(struct kiln_stream *stream, struct kiln_task *reader, const void *bytes,
                           size_t count, unsigned key)
{
    struct kiln_stream_transfer *transfer = k_stream_transfer_of(reader);
    memcpy(transfer->at, bytes, count);
    k_stream_advance(transfer, count);
    (void)k_wake_and_release(&stream->readers, reader, key);
}

/* Brings bytes in, which `event` says: to the first reader that waits, else into the buffer.
 * Returns how many; 0: there is no room, and the section goes on. */
static size_t step_in(struct kiln_stream *stream, enum kiln_trace_event event, const uint8_t *bytes,
                      size_t size, unsigned key)
{
    struct kiln_task *reader = stream->readers.first;
    size_t room =
        reader != NULL ? k_stream_transfer_of(reader)->left : (size_t)stream->size - stream->count;
    size_t count = smaller(smaller(size, room), KILN_STREAM_CHUNK);
    (void)event; /* nobody asks without KILN_CFG_TRACE */
    kiln_trace_hook(event, stream, count);
    if (count == 0) {
        return 0;
    }
    if (reader != NULL) {
        step_to_reader(stream, reader, bytes, count, key);
        return count;
    }
    put_locked(stream, bytes, count);
    tell_listener_locked(stream);
    port_irq_restore(key);
    return count;
}

/* Hands bytes to the driver. Returns true when it took as many as it was asked to. */
static bool drive_locked(struct kiln_stream *stream, struct kiln_stream_transfer *transfer)
{
    size_t most =
        smaller(transfer->left, stream->is_console ? KILN_STREAM_WHOLE : KILN_STREAM_CHUNK);
    size_t count = 0;
    if (!stream->is_held) {
        /* calls: board_console_write, write_at_row */
        count = stream->driver->write(stream, transfer->at, most);
    }
    kiln_trace_hook(KILN_TRACE_STREAM_WRITE, stream, count);
    k_stream_advance(transfer, count);
    return count == most;
}

/* The same for one who writes. True ends the section; false: there is no room for the rest. What is
 * half out on the console waits in the section that sent the first half, so that whoever prints
 * finds it in the queue. */
static bool step_out(struct kiln_stream *stream, struct kiln_stream_transfer *transfer,
                     unsigned key)
{
    size_t done = transfer->done;
    bool went_on = drive_locked(stream, transfer);
    if (!stream->is_console) {
        went_on = transfer->done != done;
    }
    if (went_on) {
        port_irq_restore(key);
    }
    return went_on;
}

/* `count` bytes of the first waiting writer follow those that left a full pipe. */
static void refill(struct kiln_stream *stream, struct kiln_task *writer, size_t count, unsigned key)
{
    struct kiln_stream_transfer *transfer = k_stream_transfer_of(writer);
    put_locked(stream, transfer->at, count);
    k_stream_advance(transfer, count);
    if (transfer->left == 0) {
        (void)k_wake_and_release(&stream->writers, writer, key);
    } else {
        port_irq_restore(key);
    }
}

/* Takes bytes out of the buffer. Returns how many; 0: there are none, and the section goes on. */
static size_t step_read(struct kiln_stream *stream, uint8_t *bytes, size_t size, unsigned key)
{
    struct kiln_task *writer = stream->driver == NULL ? stream->writers.first : NULL;
    size_t count = smaller(smaller(size, stream->count), KILN_STREAM_CHUNK);
    count = writer != NULL ? smaller(count, k_stream_transfer_of(writer)->left) : count;
    kiln_trace_hook(KILN_TRACE_STREAM_READ, stream, count);
    if (count == 0) {
        return 0;
    }
    take_locked(stream, bytes, count);
    tell_driver_locked(stream);
    if (writer != NULL) {
        refill(stream, writer, count, key);
        return count;
    }
    tell_listener_locked(stream);
    port_irq_restore(key);
    return count;
}

/* ---- Read ---------------------------------------------------------------------------------- */

int k_stream_read_now(struct kiln_stream *stream, struct kiln_stream_transfer *transfer,
                      unsigned *key)
{
    while (transfer->left != 0) {
        *key = port_irq_save();
        size_t count = step_read(stream, transfer->at, transfer->left, *key);
        if (count == 0) {
            if (transfer->done == 0 && !stream->is_closed) {
                return KILN_EAGAIN;
            }
            port_irq_restore(*key);
            break;
        }
        k_stream_advance(transfer, count);
    }
    return KILN_OK;
}

int kiln_stream_read(struct kiln_stream *stream, void *bytes, size_t size,
                     kiln_ticks_t timeout_ticks)
{
    K_CHECK_OBJECT(stream, KILN_TYPE_STREAM);
    K_ASSERT(bytes != NULL || size == 0, "null bytes", stream);
    struct kiln_stream_transfer transfer = k_stream_transfer(bytes, size);
    unsigned key;
    int result = k_stream_read_now(stream, &transfer, &key);
    if (result == KILN_EAGAIN) {
        result =
            k_block_with(&transfer, &stream->readers, timeout_ticks, key, KILN_WAIT_STREAM_READ);
    }
    return result != KILN_OK ? result : (int)transfer.done; /* 0: closed meanwhile */
}

/* ---- Write --------------------------------------------------------------------------------- */

/* True when it moved something, and ended the section. Whoever waits already goes first. */
static bool step_write(struct kiln_stream *stream, struct kiln_stream_transfer *transfer,
                       unsigned key)
{
    if (stream->writers.first != NULL) {
        return false;
    }
    if (stream->driver != NULL) {
        return step_out(stream, transfer, key);
    }
    size_t count = step_in(stream, KILN_TRACE_STREAM_WRITE, transfer->at, transfer->left, key);
    k_stream_advance(transfer, count);
    return count != 0;
}

int k_stream_write_now(struct kiln_stream *stream, struct kiln_stream_transfer *transfer,
                       unsigned *key)
{
    while (transfer->left != 0) {
        *key = port_irq_save();
        if (stream->is_closed && stream->driver == NULL) {
            port_irq_restore(*key);
            return KILN_ESTATE;
        }
        if (!step_write(stream, transfer, *key)) {
            return KILN_EAGAIN;
        }
    }
    return KILN_OK;
}

int kiln_stream_write(struct kiln_stream *stream, const void *bytes, size_t size,
                      kiln_ticks_t timeout_ticks)
{
    K_CHECK_OBJECT(stream, KILN_TYPE_STREAM);
    K_ASSERT(bytes != NULL || size == 0, "null bytes", stream);
    struct kiln_stream_transfer transfer = k_stream_transfer(bytes, size);
    unsigned key;
    int result = k_stream_write_now(stream, &transfer, &key);
    if (result == KILN_EAGAIN) {
        result =
            k_block_with(&transfer, &stream->writers, timeout_ticks, key, KILN_WAIT_STREAM_WRITE);
    }
    return result != KILN_OK && transfer.done == 0 ? result : (int)transfer.done;
}

/* ---- Open and closed ------------------------------------------------------------------------- */

/* Each wake is a masked section of its own. Called and returns masked, with the scheduler locked.
 */
static unsigned wake_all(const struct kiln_waitq *queue, int result, unsigned key)
{
    while (queue->first != NULL) {
        k_wake_locked(queue->first, result);
        port_irq_restore(key);
        key = port_irq_save();
    }
    return key;
}

void kiln_stream_close(struct kiln_stream *stream)
{
    K_CHECK_OBJECT(stream, KILN_TYPE_STREAM);
    unsigned key = port_irq_save();
    kiln_trace_hook(KILN_TRACE_STREAM_CLOSE, stream, 0);
    stream->is_closed = true;
    tell_listener_locked(stream);
    if (!is_in_use(stream)) {
        port_irq_restore(key);
        return;
    }
    kernel.locked++;
    key = wake_all(&stream->readers, KILN_OK, key);
    key = stream->driver == NULL ? wake_all(&stream->writers, KILN_ESTATE, key) : key;
    k_unlock_and_reschedule(key);
}

int kiln_stream_reopen(struct kiln_stream *stream)
{
    K_CHECK_OBJECT(stream, KILN_TYPE_STREAM);
    unsigned key = port_irq_save();
    bool in_use = is_in_use(stream);
    if (!in_use) {
        stream->is_closed = false;
        stream->read = 0;
        stream->count = 0;
    }
    port_irq_restore(key);
    return in_use ? KILN_ESTATE : KILN_OK;
}

size_t kiln_stream_count(const struct kiln_stream *stream)
{
    K_CHECK_OBJECT(stream, KILN_TYPE_STREAM);
    return stream->count;
}

/* ---- For drivers --------------------------------------------------------------------------- */

size_t kiln_stream_received(struct kiln_stream *stream, const void *bytes, size_t size)
{
    K_CHECK_OBJECT(stream, KILN_TYPE_STREAM);
    const uint8_t *at = (const uint8_t *)bytes;
    size_t done = 0;
    while (done < size) {
        unsigned key = port_irq_save();
        size_t count = stream->is_closed ? 0
                                         : step_in(stream, KILN_TRACE_STREAM_RECEIVE, at + done,
                                                   size - done, key);
        if (count == 0) {
            stream->lost += (uint32_t)(size - done);
            port_irq_restore(key);
            break;
        }
        done += count;
    }
    return done;
}

void kiln_stream_lost(struct kiln_stream *stream, size_t size)
{
    K_CHECK_OBJECT(stream, KILN_TYPE_STREAM);
    unsigned key = port_irq_save();
    stream->lost += (uint32_t)size;
    port_irq_restore(key);
}

/* The driver takes some of the first writer's bytes; ends the section. Returns false when it took
 * none: it is going to call again. */
static bool step_ready(struct kiln_stream *stream, struct kiln_task *writer, unsigned key)
{
    struct kiln_stream_transfer *transfer = k_stream_transfer_of(writer);
    size_t done = transfer->done;
    (void)drive_locked(stream, transfer);
    bool went_on = transfer->done != done;
    if (transfer->left == 0) {
        (void)k_wake_and_release(&stream->writers, writer, key);
    } else {
        port_irq_restore(key);
    }
    return went_on;
}

void kiln_stream_ready(struct kiln_stream *stream)
{
    K_CHECK_OBJECT(stream, KILN_TYPE_STREAM);
    for (;;) {
        unsigned key = port_irq_save();
        struct kiln_task *writer = stream->driver != NULL ? stream->writers.first : NULL;
        if (writer == NULL) {
            tell_listener_locked(stream);
            port_irq_restore(key);
            return;
        }
        if (!step_ready(stream, writer, key)) {
            return;
        }
    }
}

#endif
