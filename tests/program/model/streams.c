/* The model: streams. Bytes move in steps, each of which is a masked section and ends at most one
 * wait; what a call moved so far is in its `left`, `done` and `told`. */
#include <string.h>

#include "state.h"

static struct model_stream *stream_of(const struct model_call *call)
{
    return &model.streams[call->op.which % PROGRAM_STREAMS];
}

static unsigned index_of(const struct model_call *call)
{
    return call->op.which % PROGRAM_STREAMS;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* ---- Bytes --------------------------------------------------------------------------------- */

static void begin_transfer(struct model_call *call)
{
    call->left = op_size(&call->op);
    call->done = 0;
    call->told = 0;
}

static void one_done(struct model_call *call, uint8_t byte)
{
    call->left--;
    call->done++;
    call->told = program_told_bytes(call->told, byte);
}

static uint8_t next_written(struct model_call *call)
{
    uint8_t byte = op_written(&call->op, call->done);
    one_done(call, 0);
    return byte;
}

static void put(struct model_stream *stream, struct model_call *writer, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        stream->bytes[stream->count++] = next_written(writer);
    }
}

static void get(struct model_stream *stream, struct model_call *reader, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        one_done(reader, stream->bytes[i]);
    }
    stream->count -= count;
    memmove(stream->bytes, stream->bytes + count, stream->count);
}

static void tell(struct model_stream *stream, bool who_is_told)
{
    stream->told = (uint8_t)(stream->told + who_is_told);
}

void end_transfer(struct model_call *call, int result)
{
    bool read = call->op.call == CALL_STREAM_READ, awaited = call->who >= PROGRAM_ASYNC;
    bool moved = result == KILN_OK || (!read && call->done > 0);
    call->outcome.result = awaited || !moved ? result : (int)call->done;
    call->outcome.value = call->told;
}

/* ---- Steps: each returns how many bytes it moved ----------------------------------------------
 */

static unsigned step_in(struct model_call *call, enum kiln_trace_event event)
{
    struct model_stream *stream = stream_of(call);
    unsigned waiter = first_waiter(KILN_WAIT_STREAM_READ, index_of(call));
    struct model_call *reader = waiter == NOBODY ? NULL : &model.calls[waiter];
    unsigned room = reader != NULL ? reader->left : stream->size - stream->count;
    unsigned count = least(least(call->left, room), KILN_STREAM_CHUNK);
    expect(event, index_of(call), count);
    if (count > 0 && reader != NULL) {
        for (unsigned i = 0; i < count; i++) {
            one_done(reader, next_written(call));
        }
        wake(waiter, KILN_OK);
    } else if (count > 0) {
        put(stream, call, count);
        tell(stream, stream->has_listener);
    }
    return count;
}

/* The driver takes some of what `writer` writes. */
static unsigned drive(struct model_call *writer)
{
    struct model_stream *stream = stream_of(writer);
    unsigned count = program_device_takes(stream->asked++, least(writer->left, KILN_STREAM_CHUNK));
    expect(KILN_TRACE_STREAM_WRITE, index_of(writer), count);
    for (unsigned i = 0; i < count; i++) {
        (void)next_written(writer);
    }
    return count;
}

static unsigned step_write(struct model_call *call)
{
    if (first_waiter(KILN_WAIT_STREAM_WRITE, index_of(call)) != NOBODY) {
        return 0;
    }
    return stream_of(call)->is_device ? drive(call) : step_in(call, KILN_TRACE_STREAM_WRITE);
}

static unsigned step_read(struct model_call *call)
{
    struct model_stream *stream = stream_of(call);
    unsigned waiter =
        stream->is_device ? NOBODY : first_waiter(KILN_WAIT_STREAM_WRITE, index_of(call));
    struct model_call *writer = waiter == NOBODY ? NULL : &model.calls[waiter];
    unsigned count = least(least(call->left, stream->count), KILN_STREAM_CHUNK);
    count = writer != NULL ? least(count, writer->left) : count;
    expect(KILN_TRACE_STREAM_READ, index_of(call), count);
    if (count == 0) {
        return 0;
    }
    get(stream, call, count);
    tell(stream, stream->tells_room);
    if (writer == NULL) {
        tell(stream, stream->has_listener);
        return count;
    }
    put(stream, writer, count);
    if (writer->left == 0) {
        wake(waiter, KILN_OK);
    }
    return count;
}

/* ---- Reading and writing ----------------------------------------------------------------------
 */

/* Nothing moves any more. False when the call is over. */
static bool wait_for_more(struct model_call *call)
{
    bool read = call->op.call == CALL_STREAM_READ;
    if (read && (call->done > 0 || stream_of(call)->is_closed)) {
        end_transfer(call, KILN_OK);
        return false;
    }
    if (await_is_cancelled(call)) {
        return true;
    }
    wait_for(call, read ? KILN_WAIT_STREAM_READ : KILN_WAIT_STREAM_WRITE, index_of(call),
             op_timeout(&call->op));
    if (call->phase == WAITING) {
        return true;
    }
    end_transfer(call, call->outcome.result);
    return false;
}

static bool go_on_moving(struct model_call *call)
{
    const struct model_stream *stream = stream_of(call);
    bool read = call->op.call == CALL_STREAM_READ;
    if (call->left == 0) {
        end_transfer(call, KILN_OK);
        return false;
    }
    if (!read && stream->is_closed && !stream->is_device) {
        end_transfer(call, KILN_ESTATE);
        return false;
    }
    if ((read ? step_read(call) : step_write(call)) == 0) {
        return wait_for_more(call);
    }
    if (call->left == 0) {
        end_transfer(call, KILN_OK);
        return false;
    }
    return true;
}

static bool go_on_receiving(struct model_call *call)
{
    struct model_stream *stream = stream_of(call);
    bool more = call->left > 0 && !stream->is_closed &&
                step_in(call, KILN_TRACE_STREAM_RECEIVE) > 0 && call->left > 0;
    call->outcome = (struct program_outcome){(int)call->done, call->told};
    if (!more) {
        stream->lost = (uint8_t)(stream->lost + call->left);
    }
    return more;
}

/* ---- Driver, end ------------------------------------------------------------------------------
 */

static bool go_on_being_ready(struct model_call *call)
{
    struct model_stream *stream = stream_of(call);
    unsigned writer =
        stream->is_device ? first_waiter(KILN_WAIT_STREAM_WRITE, index_of(call)) : NOBODY;
    if (writer == NOBODY) {
        tell(stream, stream->has_listener);
        return false;
    }
    unsigned count = drive(&model.calls[writer]);
    if (model.calls[writer].left == 0) {
        wake(writer, KILN_OK);
    }
    return count > 0;
}

static bool is_in_use(unsigned index)
{
    return first_waiter(KILN_WAIT_STREAM_READ, index) != NOBODY ||
           first_waiter(KILN_WAIT_STREAM_WRITE, index) != NOBODY;
}

/* One wake-up a step. */
static bool go_on_closing(struct model_call *call)
{
    unsigned reader = first_waiter(KILN_WAIT_STREAM_READ, index_of(call));
    unsigned writer = first_waiter(KILN_WAIT_STREAM_WRITE, index_of(call));
    if (reader != NOBODY) {
        wake(reader, KILN_OK);
        return true;
    }
    if (writer != NOBODY && !stream_of(call)->is_device) {
        wake(writer, KILN_ESTATE);
        return true;
    }
    return unlock_scheduler(call);
}

static void close(struct model_call *call)
{
    struct model_stream *stream = stream_of(call);
    expect(KILN_TRACE_STREAM_CLOSE, index_of(call), 0);
    stream->is_closed = true;
    tell(stream, stream->has_listener);
    if (is_in_use(index_of(call))) {
        model.locked++;
        more_steps(call, go_on_closing);
    }
}

static void reopen(struct model_call *call)
{
    struct model_stream *stream = stream_of(call);
    if (is_in_use(index_of(call))) {
        call->outcome.result = KILN_ESTATE;
    } else {
        stream->is_closed = false;
        stream->count = 0;
    }
}

static void renew(struct model_call *call)
{
    uint8_t value = call->op.value;
    if (is_in_use(index_of(call))) {
        call->outcome.result = KILN_ESTATE;
    } else {
        *stream_of(call) = (struct model_stream){.size = new_stream_size(value),
                                                 .is_device = new_stream_is_device(value),
                                                 .tells_room = new_stream_tells_room(value),
                                                 .has_listener = new_stream_has_listener(value)};
    }
}

/* ---- All ------------------------------------------------------------------------------------- */

static void call_other(struct model_call *call)
{
    const struct model_stream *stream = stream_of(call);
    switch (call->op.call) {
    case CALL_STREAM_REOPEN:
        reopen(call);
        break;
    case CALL_STREAM_LOST:
        stream_of(call)->lost = (uint8_t)(stream->lost + op_size(&call->op));
        break;
    case CALL_STREAM_RENEW:
        renew(call);
        break;
    default:
        break;
    }
    if (call->op.call == CALL_STREAM_RENEW || call->op.call == CALL_STREAM_COUNT) {
        call->outcome.value =
            stream->count | (uint32_t)stream->lost << 8 | (uint32_t)stream->told << 16;
    }
}

void call_stream(struct model_call *call)
{
    switch (call->op.call) {
    case CALL_STREAM_READ:
    case CALL_STREAM_WRITE:
        begin_transfer(call);
        if (call->who >= PROGRAM_ASYNC) { /* so far it has only seen that it is not cancelled */
            call->more = go_on_moving;
            call->phase = STEPPED;
        } else {
            more_steps(call, go_on_moving);
        }
        break;
    case CALL_STREAM_RECEIVED:
        begin_transfer(call);
        more_steps(call, go_on_receiving);
        break;
    case CALL_STREAM_READY:
        more_steps(call, go_on_being_ready);
        break;
    case CALL_STREAM_CLOSE:
        close(call);
        break;
    default:
        call_other(call);
        break;
    }
}
