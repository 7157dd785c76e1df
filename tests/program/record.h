/* What a record of a random program is, and what its bytes mean: for whoever makes the call and for
 * the model. See program.h. */
#ifndef RECORD_H
#define RECORD_H

#include "kiln/kiln.h"

/* ---- Sizes -------------------------------------------------------------------------------- */

#define PROGRAM_TASKS   5U
#define PROGRAM_SEMS    2U
#define PROGRAM_MUTEXES 3U
#define PROGRAM_QUEUES  2U
#define PROGRAM_FLAGS   2U
#define PROGRAM_POOLS   2U
#define PROGRAM_TIMERS  3U
#define PROGRAM_STREAMS 2U
#define PROGRAM_ASYNCS  3U  /* of one executor; the last has no cleanup section */
#define PROGRAM_ROOM    3U  /* most items of a queue, most blocks of a pool */
#define PROGRAM_BYTES   40U /* most that one call reads or writes: more than go in one section */

/* Who makes a call: a task's number, or one of these. */
#define PROGRAM_DRIVER   PROGRAM_TASKS        /* the task that runs when all others wait */
#define PROGRAM_IRQ      (PROGRAM_TASKS + 1U) /* the handler of an interrupt */
#define PROGRAM_CALLBACK (PROGRAM_TASKS + 2U) /* of a timer, within that */
#define PROGRAM_ASYNC    (PROGRAM_TASKS + 3U) /* the first coroutine */
#define PROGRAM_CALLERS  (PROGRAM_ASYNC + PROGRAM_ASYNCS)

/* The idle task: where a call or an event names a task. */
#define PROGRAM_IDLE (PROGRAM_TASKS + 1U)

/* Priorities of the tasks are 1 to this; the driver has 0. */
#define PROGRAM_PRIORITY_MAX 4U

/* ---- Calls -------------------------------------------------------------------------------- */

/* "Renew" destroys an object and initialises it again, with interrupts masked. */
enum program_call {
    CALL_SEM_TAKE,
    CALL_SEM_GIVE,
    CALL_SEM_COUNT,
    CALL_SEM_RENEW,
    CALL_MUTEX_LOCK,
    CALL_MUTEX_UNLOCK,
    CALL_MUTEX_OWNER,
    CALL_MUTEX_RENEW,
    CALL_QUEUE_SEND,
    CALL_QUEUE_SEND_FRONT,
    CALL_QUEUE_RECEIVE,
    CALL_QUEUE_PEEK,
    CALL_QUEUE_COUNT,
    CALL_QUEUE_RENEW,
    CALL_FLAGS_SET,
    CALL_FLAGS_CLEAR,
    CALL_FLAGS_WAIT,
    CALL_FLAGS_GET,
    CALL_FLAGS_RENEW,
    CALL_POOL_ALLOC,
    CALL_POOL_FREE,
    CALL_POOL_FREE_TWICE, /* allocates a block and frees it twice, masked */
    CALL_POOL_FREE_WRONG, /* what is no block */
    CALL_POOL_COUNT,
    CALL_POOL_RENEW,
    CALL_TIMER_START,
    CALL_TIMER_STOP,
    CALL_TIMER_REMAINING,
    CALL_TIMER_RENEW,
    CALL_TASK_INIT,
    CALL_TASK_START,
    CALL_TASK_CREATE,
    CALL_TASK_KILL,
    CALL_TASK_EXIT,
    CALL_TASK_JOIN,
    CALL_TASK_SUSPEND,
    CALL_TASK_RESUME,
    CALL_TASK_SET_PRIORITY,
    CALL_TASK_SET_SLICE,
    CALL_TASK_INFO,
    CALL_YIELD,
    CALL_SLEEP,
    CALL_SLEEP_UNTIL,
    CALL_SCHED_LOCK,
    CALL_SCHED_UNLOCK,
    CALL_IRQ_LOCK,
    CALL_IRQ_UNLOCK,
    CALL_TICKS,  /* kiln_ticks() */
    CALL_WRONG,  /* an argument that every call of its kind refuses */
    CALL_TICK,   /* time moves on: out of an interrupt that a task raises */
    CALL_IRQ,    /* an interrupt now, which makes the next record's call */
    CALL_PLACE,  /* an interrupt after so many blocks of the kernel; now where none are counted */
    CALL_MISUSE, /* what only a bug does, and must end in a panic */
    CALL_MUTEX_FILL, /* locks a mutex as often as that can be, and unlocks it as often, masked */
    CALL_PRINT,      /* kiln_printf() of nothing: what it does to the scheduler */
    CALL_STREAM_READ,
    CALL_STREAM_WRITE,
    CALL_STREAM_CLOSE,
    CALL_STREAM_REOPEN,
    CALL_STREAM_COUNT,
    CALL_STREAM_RECEIVED,
    CALL_STREAM_LOST,
    CALL_STREAM_READY,
    CALL_STREAM_RENEW,
    CALL_ASYNC_START,
    CALL_ASYNC_CANCEL,
    CALL_ASYNC_JOIN,
    CALL_ASYNC_INFO,
    CALL_ASYNC_END, /* coroutines only: goes to the cleanup section */
    CALL_EXECUTOR_RUN,
    CALL_EXECUTOR_RENEW,
    CALL_WAKER_WAKE,
    CALL_WAKER_WAIT, /* coroutines only */
    CALL_WAKER_POLL, /* coroutines only: for the first semaphore, as if that were a device */
    CALL_WAKER_RENEW,
    CALL_ASYNC_LEAVE, /* the body returns for good; no record makes it */
    CALL_COUNT_OF,
};

struct program_op {
    uint8_t call; /* enum program_call */
    uint8_t which, time, value;
};

/* What a call came to: its result and what else it told. */
struct program_outcome {
    int32_t result;
    uint32_t value;
};

/* ---- What a record's bytes mean ----------------------------------------------------------------
 */

static inline kiln_ticks_t op_timeout(const struct program_op *op)
{
    return op->time < 72 ? KILN_NO_WAIT : op->time < 200 ? 1U + op->time % 7U : KILN_FOREVER;
}

static inline kiln_ticks_t op_sleep_ticks(const struct program_op *op)
{
    return op->time == 255 ? KILN_FOREVER : op->time % 6U;
}

static inline kiln_ticks_t op_period(const struct program_op *op)
{
    return op->value == 255 ? KILN_FOREVER : op->value % 5U;
}

static inline kiln_ticks_t op_delay(const struct program_op *op)
{
    return op->time == 255 ? KILN_FOREVER : op->time % 8U;
}

/* Blocks of the kernel until a placed interrupt: a call or two; and how many more follow it. */
static inline unsigned op_blocks(const struct program_op *op)
{
    return op->time % 48U;
}

static inline unsigned op_more(const struct program_op *op)
{
    return op->value % 8U;
}

static inline uint32_t op_bits(const struct program_op *op)
{
    return op->value & 15U;
}

static inline unsigned op_options(const struct program_op *op)
{
    return (op->which >> 1 & 3U) | (op->value >= 0xF8 ? 4U : 0U);
}

static inline unsigned op_priority(const struct program_op *op)
{
    return op->value == 255 ? KILN_CFG_PRIORITIES : 1U + op->value % PROGRAM_PRIORITY_MAX;
}

static inline kiln_ticks_t op_slice(const struct program_op *op)
{
    return op->time == 255 ? 65536U : op->time % 6U;
}

/* How far a tick moves time on: mostly by one. */
static inline uint32_t op_ticks(const struct program_op *op)
{
    return op->time < 160 ? 1U : op->time % 5U;
}

static inline unsigned op_task(const struct program_op *op)
{
    return op->which % PROGRAM_TASKS;
}

/* Who joins a task may want its exit code. */
static inline bool op_wants_code(const struct program_op *op)
{
    return op->value % 4U != 0;
}

/* One of the mutexes: mostly the first, so that it is nested and contended. */
static inline unsigned op_mutex(const struct program_op *op)
{
    return op->which % 2U == 0 ? 0 : op->which / 2U % PROGRAM_MUTEXES;
}

/* A task, or the idle one. */
static inline unsigned op_any_task(const struct program_op *op)
{
    unsigned index = op->which % (PROGRAM_TASKS + 1U);
    return index == PROGRAM_TASKS ? PROGRAM_IDLE : index;
}

/* Who waits for flags may want their value. */
static inline bool op_wants_value(const struct program_op *op)
{
    return op->which < 128;
}

/* An item where it cannot be copied by words. */
static inline bool op_is_unaligned(const struct program_op *op)
{
    return op->which >= 192;
}

/* Where a task that sleeps until some time passes a period that is too long, or a coroutine does,
 * or has no place for the time. */
static inline kiln_ticks_t op_until_period(const struct program_op *op)
{
    return op->time == 255 ? UINT32_C(0x80000000) : op_sleep_ticks(op);
}

static inline bool op_has_no_place(const struct program_op *op)
{
    return op->time == 254;
}

/* Bytes to read or write: mostly few. */
static inline unsigned op_size(const struct program_op *op)
{
    return op->which < 200 ? op->which / 2U % 8U : 33U + op->which % 7U;
}

/* Each byte that is written is one more than the one before. */
static inline uint8_t op_written(const struct program_op *op, unsigned index)
{
    return (uint8_t)(op->value + index);
}

/* Of what is freed twice: a block while all are free, rather than the one freed last. */
static inline bool op_frees_when_full(const struct program_op *op)
{
    return op->time >= 128;
}

/* What is passed in place of an object. */
enum program_wrong_object {
    WRONG_NULL,
    WRONG_BLANK, /* never initialised, or destroyed */
    WRONG_MOVED, /* a copy of one */
    WRONG_TYPE,
};

static inline enum program_wrong_object op_wrong_object(const struct program_op *op)
{
    return (enum program_wrong_object)(op->value % 4U);
}

/* The other bugs, each with the first object of its type. */
enum program_bug {
    BUG_INIT_SEM, /* which lives */
    BUG_INIT_MUTEX,
    BUG_INIT_QUEUE,
    BUG_INIT_FLAGS,
    BUG_INIT_POOL,
    BUG_INIT_TIMER,
    BUG_SEND_NULL,
    BUG_SEND_FRONT_NULL,
    BUG_RECEIVE_NULL,
    BUG_PEEK_NULL,
    BUG_ALLOC_NULL,
    BUG_START_AGAIN,
    BUG_EXIT_INTERRUPT, /* in a task: starts again */
    BUG_NEXT_OF_BLANK,  /* asks for the task after one that was never initialised */
    BUG_NEXT_OF_DEAD,   /* after the first, which may be alive: then it is no bug */
    BUG_INIT_EXECUTOR,
    BUG_INIT_WAKER,
    BUG_INIT_STREAM,
    BUG_READ_NULL,
    BUG_WRITE_NULL,
    BUG_AWAIT_READ_NULL,
    BUG_AWAIT_WRITE_NULL,
    BUG_AWAIT_NO_CONDITION,
    BUG_AWAIT_OUTSIDE, /* the body; in the body, and no interrupt: starts again */
    BUG_AWAIT_IN_SWITCH,
    PROGRAM_BUGS,
};

static inline bool op_is_other_bug(const struct program_op *op)
{
    return op->time >= 160;
}

static inline enum program_bug op_bug(const struct program_op *op)
{
    return (enum program_bug)(op->which % PROGRAM_BUGS);
}

/* Parameters of a new object, out of one byte. */
static inline uint32_t new_sem_limit(uint8_t value)
{
    return 1U + value % 3U;
}

static inline uint32_t new_sem_count(uint8_t value)
{
    return value / 4U % (new_sem_limit(value) + 1U);
}

static inline unsigned new_room(uint8_t value)
{
    return 1U + value % PROGRAM_ROOM;
}

static inline unsigned new_mutex_options(uint8_t value)
{
    return value & 1U;
}

/* A stream's buffer, and what it is: a pipe, or a device with one driver or another. */
static inline unsigned new_stream_size(uint8_t value)
{
    return 1U + value / 8U;
}

static inline bool new_stream_is_device(uint8_t value)
{
    return (value & 2U) != 0;
}

static inline bool new_stream_tells_room(uint8_t value)
{
    return (value & 3U) == 3U;
}

static inline bool new_stream_has_listener(uint8_t value)
{
    return (value & 4U) != 0;
}

/* Of so many bytes a device takes some, or none: by how often it has been asked. */
static inline unsigned program_device_takes(unsigned times_asked, size_t size)
{
    return size < times_asked % 4U ? (unsigned)size : times_asked % 4U;
}

/* What is told of bytes that were moved: how many, and a number that each went into. */
static inline uint32_t program_told_bytes(uint32_t value, uint8_t byte)
{
    return (value + 0x10000U) ^ (byte * 31U + value * 7U) % 0x10000U;
}

#endif
