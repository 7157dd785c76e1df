/* The stream of records: see program.h. */
#include "program.h"

static struct {
    const uint8_t *bytes; /* NULL: out of the generator */
    size_t left;
    uint32_t state;
} source;

void program_source_bytes(const uint8_t *bytes, size_t size)
{
    source.bytes = bytes;
    source.left = size;
}

/* Neighbouring seeds must not give similar streams, and a state of 0 none at all. */
void program_source_seed(uint32_t seed, unsigned records)
{
    uint32_t state = seed * UINT32_C(2654435761) + UINT32_C(0x9E3779B9);
    state = (state ^ state >> 16) * UINT32_C(0x85EBCA6B);
    source.bytes = NULL;
    source.left = (size_t)records * sizeof(struct program_op);
    source.state = state != 0 ? state : 1;
}

/* Xorshift: G. Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8(14), 2003. */
static uint8_t random_byte(void)
{
    uint32_t x = source.state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    source.state = x;
    return (uint8_t)(x >> 11);
}

uint8_t program_byte(void)
{
    if (source.left == 0) {
        return 0;
    }
    source.left--;
    return source.bytes != NULL ? *source.bytes++ : random_byte();
}

/* How often a call comes up among 192: rare are those that end things, or only tell. The third that
 * comes last is of streams and coroutines; bytes beyond it begin again in front.
 * tests/fuzz/seeds.py reads this table. */
static const uint8_t weights[CALL_COUNT_OF] = {
    [CALL_SEM_TAKE] = 6,
    [CALL_SEM_GIVE] = 6,
    [CALL_SEM_COUNT] = 1,
    [CALL_SEM_RENEW] = 1,
    [CALL_MUTEX_LOCK] = 8,
    [CALL_MUTEX_UNLOCK] = 6,
    [CALL_MUTEX_OWNER] = 1,
    [CALL_MUTEX_RENEW] = 1,
    [CALL_QUEUE_SEND] = 5,
    [CALL_QUEUE_SEND_FRONT] = 2,
    [CALL_QUEUE_RECEIVE] = 5,
    [CALL_QUEUE_PEEK] = 1,
    [CALL_QUEUE_COUNT] = 1,
    [CALL_QUEUE_RENEW] = 1,
    [CALL_FLAGS_SET] = 5,
    [CALL_FLAGS_CLEAR] = 1,
    [CALL_FLAGS_WAIT] = 6,
    [CALL_FLAGS_GET] = 1,
    [CALL_FLAGS_RENEW] = 1,
    [CALL_POOL_ALLOC] = 4,
    [CALL_POOL_FREE] = 3,
    [CALL_POOL_FREE_TWICE] = 1,
    [CALL_POOL_FREE_WRONG] = 1,
    [CALL_POOL_COUNT] = 1,
    [CALL_POOL_RENEW] = 1,
    [CALL_TIMER_START] = 4,
    [CALL_TIMER_STOP] = 1,
    [CALL_TIMER_REMAINING] = 1,
    [CALL_TIMER_RENEW] = 1,
    [CALL_TASK_INIT] = 1,
    [CALL_TASK_START] = 1,
    [CALL_TASK_CREATE] = 4,
    [CALL_TASK_KILL] = 1,
    [CALL_TASK_EXIT] = 1,
    [CALL_TASK_JOIN] = 2,
    [CALL_TASK_SUSPEND] = 2,
    [CALL_TASK_RESUME] = 3,
    [CALL_TASK_SET_PRIORITY] = 3,
    [CALL_TASK_SET_SLICE] = 1,
    [CALL_TASK_INFO] = 1,
    [CALL_YIELD] = 3,
    [CALL_SLEEP] = 3,
    [CALL_SLEEP_UNTIL] = 2,
    [CALL_SCHED_LOCK] = 1,
    [CALL_SCHED_UNLOCK] = 3,
    [CALL_IRQ_LOCK] = 1,
    [CALL_IRQ_UNLOCK] = 3,
    [CALL_TICKS] = 1,
    [CALL_WRONG] = 1,
    [CALL_TICK] = 4,
    [CALL_IRQ] = 3,
    [CALL_PLACE] = 5,
    [CALL_MISUSE] = 1,
    [CALL_STREAM_READ] = 8,
    [CALL_STREAM_WRITE] = 8,
    [CALL_STREAM_CLOSE] = 1,
    [CALL_STREAM_REOPEN] = 2,
    [CALL_STREAM_COUNT] = 1,
    [CALL_STREAM_RECEIVED] = 3,
    [CALL_STREAM_LOST] = 1,
    [CALL_STREAM_READY] = 4,
    [CALL_STREAM_RENEW] = 1,
    [CALL_ASYNC_START] = 5,
    [CALL_ASYNC_CANCEL] = 4,
    [CALL_ASYNC_JOIN] = 3,
    [CALL_ASYNC_INFO] = 1,
    [CALL_ASYNC_END] = 2,
    [CALL_EXECUTOR_RUN] = 8,
    [CALL_EXECUTOR_RENEW] = 1,
    [CALL_WAKER_WAKE] = 4,
    [CALL_WAKER_WAIT] = 3,
    [CALL_WAKER_POLL] = 3,
    [CALL_WAKER_RENEW] = 1,
};

static uint8_t pick_call(uint8_t byte)
{
    unsigned sum = byte % 192U;
    for (uint8_t call = 0; call < CALL_COUNT_OF; call++) {
        if (sum < weights[call]) {
            return call;
        }
        sum -= weights[call];
    }
    return CALL_TICK;
}

bool program_next(struct program_op *op)
{
    if (source.left < sizeof(*op)) {
        source.left = 0;
        return false;
    }
    op->call = pick_call(program_byte());
    op->which = program_byte();
    op->time = program_byte();
    op->value = program_byte();
    if (op->call == CALL_MUTEX_OWNER && op->value >= 252) {
        op->call = CALL_MUTEX_FILL; /* rare: it is long */
    }
    if (op->call == CALL_TICKS && op->value >= 224) {
        op->call = CALL_PRINT;
    }
    return true;
}
