/* Random programs of kernel calls: what one is made of.
 *
 * A program is a stream of records of four bytes, from a buffer or from a generator that a seed
 * starts. Whoever has the turn - a task, the driver when all tasks wait, an interrupt - takes the
 * next record and makes the call that it stands for. So a program needs no memory, and what
 * happens depends on its bytes alone.
 *
 * Time does, too: the kernel's tick is cut off (the linker wraps kernel_tick), and moves on
 * where a record says so, in the handler of an interrupt that a task or the driver raises.
 *
 * The same sources run on the host and on boards. On the host a model (model/model.h) runs along
 * and knows every result and every event before the kernel tells.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include "kiln/kiln.h"

/* ---- Sizes -------------------------------------------------------------------------------- */

#define PROGRAM_TASKS   5U
#define PROGRAM_SEMS    2U
#define PROGRAM_MUTEXES 3U
#define PROGRAM_QUEUES  2U
#define PROGRAM_FLAGS   2U
#define PROGRAM_POOLS   2U
#define PROGRAM_TIMERS  3U
#define PROGRAM_ROOM    3U /* most items of a queue, most blocks of a pool */

/* Who makes a call: a task's number, or one of these. */
#define PROGRAM_DRIVER   PROGRAM_TASKS        /* the task that runs when all others wait */
#define PROGRAM_IRQ      (PROGRAM_TASKS + 1U) /* the handler of an interrupt */
#define PROGRAM_CALLBACK (PROGRAM_TASKS + 2U) /* of a timer, within that */
#define PROGRAM_CALLERS  (PROGRAM_TASKS + 3U)

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

/* ---- What a record's bytes mean: for whoever makes the call and for the model ---------------- */

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

/* ---- The stream of records (source.c) -------------------------------------------------------- */

/* Starts a stream out of a buffer, which the caller keeps. */
void program_source_bytes(const uint8_t *bytes, size_t size);

/* Starts the stream that a seed stands for, of so many records. */
void program_source_seed(uint32_t seed, unsigned records);

/* Takes the next byte; 0 when there is none. Records left or not: program_source_ended(). */
uint8_t program_byte(void);

/* Takes the next record; false when there is none. */
bool program_next(struct program_op *op);

/* ---- The calls (execute.c) ------------------------------------------------------------------- */

/* Makes a call in the name of `who`, and notes what came of it. */
void program_execute(unsigned who, const struct program_op *op, struct program_outcome *outcome);

/* The calls of semaphores, mutexes, queues, flags and pools (objects.c). */
void program_execute_object(const struct program_op *op, struct program_outcome *outcome);

/* A task's number; 99 for NULL. */
unsigned program_number_of(const struct kiln_task *task);

/* Makes one of many calls with an argument that is out of range: KILN_EINVAL (wrong.c). */
int program_call_wrong(uint8_t value);

/* Makes a call that only a bug makes (misuse.c): KILN_OK when it panicked, and a number that the
 * panic's text went into. */
void program_misuse(const struct program_op *op, struct program_outcome *outcome);

/* Makes one call, with an outcome as above; what it does before it panics is nothing. */
void program_panic(void (*call)(void *object), void *object, struct program_outcome *outcome);

/* The number of a panic's text, which has no addresses. */
uint32_t program_hash_text(const char *at);

/* Forgets what was known of a caller that begins anew. */
void program_forget_caller(unsigned who);

/* True while `who` has interrupts locked: a switch may be due then. */
bool program_is_masked(unsigned who);

/* True when a block is allocated and nobody is about to free it; the caller is, from here on. */
bool program_claim_block(unsigned pool, unsigned number);

/* True once a program: what fills a mutex is long. */
bool program_claim_fill(void);

/* True when `who`, a task, could wait for ever for a mutex: for an owner who waits for it. Notes
 * that it is about to wait otherwise. */
bool program_would_deadlock(unsigned who, unsigned mutex);

/* ---- One program (program.c) ----------------------------------------------------------------- */

struct program_world {
    struct kiln_task tasks[PROGRAM_TASKS];
    struct kiln_task driver;
    struct kiln_sem sems[PROGRAM_SEMS];
    struct kiln_mutex mutexes[PROGRAM_MUTEXES];
    struct kiln_queue queues[PROGRAM_QUEUES];
    struct kiln_flags flags[PROGRAM_FLAGS];
    struct kiln_pool pools[PROGRAM_POOLS];
    struct kiln_timer timers[PROGRAM_TIMERS];
    bool has_filled; /* a mutex */
};
extern struct program_world program;

/* Takes the turn of `who` with one record: adapts it to what `who` may do, and makes the call. */
void program_turn(unsigned who, const struct program_op *op);

/* Initialises task `index` as the record says. */
int program_init_task(unsigned index, const struct program_op *op, bool start);

/* A timer's callback. */
void program_timer_expired(struct kiln_timer *timer);

/* The record whose call a timer's callback makes. */
void program_set_timer_op(unsigned timer, const struct program_op *op);

/* An interrupt, now or when unmasked, that makes the record's call. */
void program_interrupt(const struct program_op *op);

/* What the handler of an interrupt does. */
void program_take_interrupt(const struct program_op *op);

/* Runs the whole program out of the stream that was started, from the driver; returns when all its
 * tasks have ended and its objects are gone. */
void program_run(void);

/* When the program began. What it sees of time counts from here: not on programs before. */
extern kiln_ticks_t program_start_ticks;

/* A program is being run. */
extern bool program_running;

/* Calls made since the start of the image. */
extern uint32_t program_calls;

/* Look at the whole kernel after each call of a task, not only when a program has ended. */
extern bool program_check_always;

/* Starts the driver as the kernel's first task; it calls `entry`. */
int program_start_driver(kiln_task_fn entry);

/* ---- What is seen (trace.c) ------------------------------------------------------------------ */

void program_note_begin(unsigned who, const struct program_op *op);
void program_note_panic(const char *text);
void program_note_return(unsigned who, const struct program_outcome *outcome);

/* A number that every call, result and event went into since it was reset. */
extern uint32_t program_hash;
void program_reset_hash(void);

/* Print every call, result and event. */
extern bool program_verbose;

/* ---- Homes ----------------------------------------------------------------------------------- */

/* An interrupt, at once unless masked, whose handler calls `fn`: tests/system's. */
void test_irq_trigger(void (*fn)(void));

/* The kernel's own, behind the linker's wrapping. */
void __real_kernel_tick(uint32_t ticks);

/* An interrupt after so many blocks that the kernel executes, and so many more after that, each of
 * which takes a record of its own; false where blocks are not counted. */
bool program_place(unsigned blocks, const struct program_op *op, unsigned more);

/* Forgets a placed interrupt that has not come. */
void program_unplace(void);

/* Numbers that the caller passed, by position; `otherwise` where there is none. */
uint32_t program_argument(unsigned position, uint32_t otherwise);

#endif
