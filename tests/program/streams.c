/* Makes the calls of streams: see program.h. */
#include "program.h"

static uint8_t buffers[PROGRAM_STREAMS][32];
static uint8_t bytes_of[PROGRAM_CALLERS][PROGRAM_BYTES];

/* How often a stream's driver was asked to take bytes; and how often somebody was told of it. */
static struct {
    uint8_t asked, told;
} sides[PROGRAM_STREAMS];

/* ---- The other side: a driver, a listener ---------------------------------------------------- */

static size_t write(struct kiln_stream *stream, const uint8_t *bytes, size_t size)
{
    (void)bytes;
    return program_device_takes(sides[stream - program.streams].asked++, size);
}

static void told(struct kiln_stream *stream)
{
    sides[stream - program.streams].told++;
}

static const struct kiln_stream_driver deaf = {.write = write};
static const struct kiln_stream_driver waiting = {.write = write, .room = told};

static int renew(unsigned index, uint8_t value)
{
    static const char *const names[PROGRAM_STREAMS] = {"d0", "d1"};
    struct kiln_stream *stream = &program.streams[index];
    int result = stream->tag == NULL ? KILN_OK : kiln_stream_destroy(stream);
    if (result == KILN_OK) {
        const struct kiln_stream_driver *driver = new_stream_tells_room(value) ? &waiting : &deaf;
        (void)kiln_stream_init(stream, buffers[index], new_stream_size(value),
                               new_stream_is_device(value) ? driver : NULL, NULL);
        stream->changed = new_stream_has_listener(value) ? told : NULL;
        kiln_set_name(stream, names[index]);
        sides[index].asked = sides[index].told = 0;
    }
    return result;
}

/* ---- Bytes --------------------------------------------------------------------------------- */

uint8_t *program_bytes_of(unsigned who, const struct program_op *op)
{
    uint8_t *bytes = bytes_of[who];
    for (unsigned i = 0; op->call != CALL_STREAM_READ && i < op_size(op); i++) {
        bytes[i] = op_written(op, i);
    }
    return op_size(op) == 0 ? NULL : bytes;
}

uint32_t program_tell_bytes(unsigned who, const struct program_op *op, size_t count)
{
    uint32_t value = 0;
    for (size_t i = 0; i < count && i < PROGRAM_BYTES; i++) {
        value = program_told_bytes(value, op->call == CALL_STREAM_READ ? bytes_of[who][i] : 0);
    }
    return value;
}

/* ---- Calls --------------------------------------------------------------------------------- */

static void move(unsigned who, const struct program_op *op, struct program_outcome *outcome)
{
    struct kiln_stream *stream = &program.streams[op->which % PROGRAM_STREAMS];
    uint8_t *bytes = program_bytes_of(who, op);
    switch (op->call) {
    case CALL_STREAM_READ:
        outcome->result = kiln_stream_read(stream, bytes, op_size(op), op_timeout(op));
        break;
    case CALL_STREAM_WRITE:
        outcome->result = kiln_stream_write(stream, bytes, op_size(op), op_timeout(op));
        break;
    default:
        outcome->result = (int32_t)kiln_stream_received(stream, bytes, op_size(op));
        break;
    }
    if (outcome->result > 0) {
        outcome->value = program_tell_bytes(who, op, (size_t)outcome->result);
    }
}

static void execute_masked(const struct program_op *op, struct program_outcome *outcome)
{
    unsigned index = op->which % PROGRAM_STREAMS, key = kiln_irq_lock();
    const struct kiln_stream *stream = &program.streams[index];
    if (op->call == CALL_STREAM_RENEW) {
        outcome->result = renew(index, op->value);
    }
    outcome->value = (uint32_t)kiln_stream_count(stream) | (stream->lost & 0xFFU) << 8 |
                     (uint32_t)sides[index].told << 16;
    kiln_irq_unlock(key);
}

void program_execute_stream(unsigned who, const struct program_op *op,
                            struct program_outcome *outcome)
{
    struct kiln_stream *stream = &program.streams[op->which % PROGRAM_STREAMS];
    switch (op->call) {
    case CALL_STREAM_CLOSE:
        kiln_stream_close(stream);
        break;
    case CALL_STREAM_REOPEN:
        outcome->result = kiln_stream_reopen(stream);
        break;
    case CALL_STREAM_LOST:
        kiln_stream_lost(stream, op_size(op));
        break;
    case CALL_STREAM_READY:
        kiln_stream_ready(stream);
        break;
    case CALL_STREAM_COUNT:
    case CALL_STREAM_RENEW:
        execute_masked(op, outcome);
        break;
    default:
        move(who, op, outcome);
        break;
    }
}
