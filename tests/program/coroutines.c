/* Coroutines of random programs, their executor, and a waker: see program.h.
 *
 * A body takes records while it runs. What a task would wait for, it awaits; all else it calls in
 * the name of its task. */
#include "core/kernel.h"
#include "program.h"

#define LAST (PROGRAM_ASYNCS - 1U) /* has no cleanup section */

/* What a coroutine remembers across an await. */
static struct frame {
    struct program_op op;
    uint32_t item[3]; /* of a queue, aligned or not */
    struct kiln_flags_condition condition;
    struct kiln_stream_transfer transfer;
    uint32_t value; /* that the await tells besides its result */
    int code;
} frames[PROGRAM_ASYNCS];

static unsigned index_of(const struct kiln_async *async)
{
    return (unsigned)(async - program.asyncs);
}

static unsigned who_is(const struct kiln_async *async)
{
    return PROGRAM_ASYNC + index_of(async);
}

static struct frame *frame_of(const struct kiln_async *async)
{
    return &frames[index_of(async)];
}

bool program_is_await(uint8_t call)
{
    return call == CALL_SEM_TAKE || call == CALL_QUEUE_SEND || call == CALL_QUEUE_RECEIVE ||
           call == CALL_FLAGS_WAIT || call == CALL_TASK_JOIN || call == CALL_YIELD ||
           call == CALL_SLEEP || call == CALL_SLEEP_UNTIL || call == CALL_STREAM_READ ||
           call == CALL_STREAM_WRITE || call == CALL_ASYNC_JOIN || call == CALL_WAKER_WAIT ||
           call == CALL_WAKER_POLL;
}

/* ---- Awaits ------------------------------------------------------------------------------- */

static void note_begin(const struct kiln_async *async)
{
    struct frame *self = frame_of(async);
    self->value = 0;
    self->code = 0;
    self->transfer.done = 0;
    program_calls++;
    program_note_begin(who_is(async), &self->op);
}

static int await_queue(struct kiln_async *async, struct frame *self)
{
    const struct program_op *op = &self->op;
    struct kiln_queue *queue = &program.queues[op->which % PROGRAM_QUEUES];
    uint8_t *item = (uint8_t *)self->item + op_is_unaligned(op);
    if (op->call == CALL_QUEUE_RECEIVE) {
        return kiln_await_receive(async, queue, item, op_timeout(op));
    }
    program_fill_item(item, op->value);
    return kiln_await_send(async, queue, item, op_timeout(op));
}

static int await_flags(struct kiln_async *async, struct frame *self)
{
    const struct program_op *op = &self->op;
    self->condition.bits = op_bits(op);
    self->condition.options = op_options(op);
    return kiln_await_flags(async, &program.flags[op->which % PROGRAM_FLAGS], &self->condition,
                            op_timeout(op));
}

static int await_stream(struct kiln_async *async, struct frame *self)
{
    const struct program_op *op = &self->op;
    struct kiln_stream *stream = &program.streams[op->which % PROGRAM_STREAMS];
    uint8_t *bytes = program_bytes_of(who_is(async), op);
    return op->call == CALL_STREAM_READ
               ? kiln_await_stream_read(async, stream, &self->transfer, bytes, op_size(op),
                                        op_timeout(op))
               : kiln_await_stream_write(async, stream, &self->transfer, bytes, op_size(op),
                                         op_timeout(op));
}

static int await_until(struct kiln_async *async, struct frame *self)
{
    kiln_ticks_t *last = program_wake_ticks(who_is(async)), wake = program_start_ticks + *last;
    int result = kiln_await_sleep_until(async, op_has_no_place(&self->op) ? NULL : &wake,
                                        op_until_period(&self->op));
    *last = wake - program_start_ticks;
    self->value = *last;
    return result;
}

static int await_end(struct kiln_async *async, struct frame *self)
{
    const struct program_op *op = &self->op;
    int *code = op_wants_code(op) ? &self->code : NULL;
    return op->call == CALL_TASK_JOIN
               ? kiln_await_task(async, &program.tasks[op_task(op)], code, op_timeout(op))
               : kiln_await_async(async, &program.asyncs[op->which % PROGRAM_ASYNCS], code,
                                  op_timeout(op));
}

static int begin_await(struct kiln_async *async)
{
    struct frame *self = frame_of(async);
    const struct program_op *op = &self->op;
    switch (op->call) {
    case CALL_SEM_TAKE:
        return kiln_await_sem(async, &program.sems[op->which % PROGRAM_SEMS], op_timeout(op));
    case CALL_QUEUE_SEND:
    case CALL_QUEUE_RECEIVE:
        return await_queue(async, self);
    case CALL_FLAGS_WAIT:
        return await_flags(async, self);
    case CALL_TASK_JOIN:
    case CALL_ASYNC_JOIN:
        return await_end(async, self);
    case CALL_SLEEP:
        return kiln_await_sleep(async, op_sleep_ticks(op));
    case CALL_SLEEP_UNTIL:
        return await_until(async, self);
    case CALL_STREAM_READ:
    case CALL_STREAM_WRITE:
        return await_stream(async, self);
    case CALL_WAKER_WAIT:
        return kiln_await_waker(async, &program.waker, op_timeout(op));
    default:
        return kiln_await_yield(async);
    }
}

static int poll_device(void)
{
    return kiln_sem_take(&program.sems[0], KILN_NO_WAIT);
}

/* What the await tells besides its result. */
static uint32_t value_of(const struct kiln_async *async, int result)
{
    const struct frame *self = frame_of(async);
    const struct program_op *op = &self->op;
    switch (op->call) {
    case CALL_QUEUE_RECEIVE:
        return result == KILN_OK
                   ? program_read_item(op->which % PROGRAM_QUEUES,
                                       (const uint8_t *)self->item + op_is_unaligned(op))
                   : 0;
    case CALL_FLAGS_WAIT:
        return result == KILN_OK && op_wants_value(op) ? self->condition.value : 0;
    case CALL_STREAM_READ:
    case CALL_STREAM_WRITE:
        return program_tell_bytes(who_is(async), op, self->transfer.done);
    case CALL_SLEEP_UNTIL:
        return self->value;
    default:
        return (uint32_t)self->code;
    }
}

static void note_end(const struct kiln_async *async, int result)
{
    struct program_outcome outcome = {result, value_of(async, result)};
    program_note_return(who_is(async), &outcome);
    program_check(who_is(async));
}

static void end_await(const struct kiln_async *async)
{
    note_end(async, kiln_await_result(async));
}

/* ---- Bodies ------------------------------------------------------------------------------- */

/* Takes the next record, and begins what is not just a call. */
static bool take_record(const struct kiln_async *async)
{
    struct frame *self = frame_of(async);
    bool more = program_next(&self->op), has_cleanup = index_of(async) != LAST;
    if (!more) {
        self->op = (struct program_op){.call = CALL_ASYNC_END};
    }
    if (program_is_await(self->op.call) || (self->op.call == CALL_ASYNC_END && has_cleanup)) {
        note_begin(async);
    }
    return more;
}

/* A cleanup section awaits once. It cannot be cancelled, so that it must not wait for ever. */
static bool take_last_record(const struct kiln_async *async)
{
    struct program_op *op = &frame_of(async)->op;
    if (!program_next(op)) {
        return false;
    }
    if (!program_is_await(op->call) || op->call == CALL_WAKER_POLL) {
        op->call = CALL_YIELD;
    }
    op->time = (uint8_t)(72U + op->time % 128U);
    note_begin(async);
    return true;
}

static void leave(const struct kiln_async *async)
{
    frame_of(async)->op.call = CALL_ASYNC_LEAVE;
    note_begin(async);
}

static enum kiln_async_step plain(struct kiln_async *async)
{
    struct frame *self = frame_of(async);
    if (async->line == KILN_ASYNC_CLEANUP_LINE) { /* cancelled, or returned */
        leave(async);
    }
    KILN_ASYNC_BEGIN(async);
    while (take_record(async)) {
        if (self->op.call == CALL_WAKER_POLL) {
            KILN_AWAIT_POLL(async, &program.waker, poll_device(), op_timeout(&self->op));
            end_await(async);
        } else if (program_is_await(self->op.call)) {
            KILN_AWAIT(async, begin_await(async));
            end_await(async);
        } else if (self->op.call == CALL_ASYNC_END) {
            KILN_ASYNC_RETURN(async, self->op.value % 8);
        } else {
            program_turn(who_is(async), &self->op);
        }
    }
    leave(async);
    KILN_ASYNC_END(async);
}

static enum kiln_async_step with_cleanup(struct kiln_async *async)
{
    struct frame *self = frame_of(async);
    KILN_ASYNC_BEGIN(async);
    while (take_record(async)) {
        if (self->op.call == CALL_WAKER_POLL) {
            KILN_AWAIT_POLL(async, &program.waker, poll_device(), op_timeout(&self->op));
            end_await(async);
        } else if (program_is_await(self->op.call)) {
            KILN_AWAIT(async, begin_await(async));
            end_await(async);
        } else if (self->op.call == CALL_ASYNC_END) {
            KILN_ASYNC_RETURN(async, self->op.value % 8);
        } else {
            program_turn(who_is(async), &self->op);
        }
    }
    KILN_ASYNC_CLEANUP(async);
    note_end(async, async->result == KILN_ECANCELED ? KILN_ECANCELED : KILN_OK);
    if (take_last_record(async)) {
        KILN_AWAIT(async, begin_await(async));
        end_await(async);
    }
    leave(async);
    KILN_ASYNC_END(async);
}

/* ---- Calls -------------------------------------------------------------------------------- */

static int start(unsigned index)
{
    static const char *const names[PROGRAM_ASYNCS] = {"a0", "a1", NULL};
    int result = kiln_async_start(&program.asyncs[index], &program.executor,
                                  index == LAST ? plain : with_cleanup, names[index]);
    if (result == KILN_OK) {
        program_forget_caller(PROGRAM_ASYNC + index);
    }
    return result;
}

static int renew_executor(void)
{
    struct kiln_executor *executor = &program.executor;
    int result = executor->tag == NULL ? KILN_OK : kiln_executor_destroy(executor);
    if (result == KILN_OK) {
        (void)kiln_executor_init(executor);
        kiln_set_name(executor, "e0");
    }
    return result;
}

static int renew_waker(void)
{
    struct kiln_waker *waker = &program.waker;
    int result = waker->tag == NULL ? KILN_OK : kiln_waker_destroy(waker);
    if (result == KILN_OK) {
        (void)kiln_waker_init(waker);
        kiln_set_name(waker, "w0");
    }
    return result;
}

static void execute_masked(const struct program_op *op, struct program_outcome *outcome)
{
    unsigned index = op->which % PROGRAM_ASYNCS, key = kiln_irq_lock();
    outcome->result = op->call == CALL_ASYNC_START      ? start(index)
                      : op->call == CALL_EXECUTOR_RENEW ? renew_executor()
                      : op->call == CALL_WAKER_RENEW    ? renew_waker()
                                                        : KILN_OK;
    outcome->value = kiln_async_is_alive(&program.asyncs[index]);
    kiln_irq_unlock(key);
}

void program_execute_async(const struct program_op *op, struct program_outcome *outcome)
{
    struct kiln_async *async = &program.asyncs[op->which % PROGRAM_ASYNCS];
    int code = 0;
    switch (op->call) {
    case CALL_ASYNC_CANCEL:
        outcome->result = kiln_async_cancel(async);
        break;
    case CALL_ASYNC_JOIN:
        outcome->result = kiln_async_join(async, op_wants_code(op) ? &code : NULL, op_timeout(op));
        outcome->value = (uint32_t)code;
        break;
    case CALL_EXECUTOR_RUN:
        outcome->result = kiln_executor_run(&program.executor);
        break;
    case CALL_WAKER_WAKE:
        outcome->result = kiln_waker_wake(&program.waker);
        break;
    default:
        execute_masked(op, outcome);
        break;
    }
}
