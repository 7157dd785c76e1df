/* Random programs of kernel calls: what one is made of.
 *
 * A program is a stream of records of four bytes, from a buffer or from a generator that a seed
 * starts. Whoever has the turn - a task, the driver when all tasks wait, an interrupt - takes the
 * next record and makes the call that it stands for. So a program needs no memory, and what
 * happens depends on its bytes alone. A coroutine, too, takes records while its body runs; where a
 * task would wait, it awaits.
 *
 * Time does, too: the kernel's tick is cut off (the linker wraps kernel_tick), and moves on
 * where a record says so, in the handler of an interrupt that a task or the driver raises.
 *
 * The same sources run on the host and on boards. On the host a model (model/model.h) runs along
 * and knows every result and every event before the kernel tells.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include "record.h"

/* ---- The stream of records (source.c) -------------------------------------------------------- */

/* Starts a stream out of a buffer, which the caller keeps. */
void program_source_bytes(const uint8_t *bytes, size_t size);

/* Starts the stream that a seed stands for, of so many records. */
void program_source_seed(uint32_t seed, unsigned records);

/* Takes the next byte; 0 when there is none. */
uint8_t program_byte(void);

/* Takes the next record; false when there is none. */
bool program_next(struct program_op *op);

/* ---- The calls (execute.c) ------------------------------------------------------------------- */

/* Makes a call in the name of `who`, and notes what came of it. */
void program_execute(unsigned who, const struct program_op *op, struct program_outcome *outcome);

/* The calls of semaphores, mutexes, queues, flags and pools (objects.c). */
void program_execute_object(const struct program_op *op, struct program_outcome *outcome);

/* Streams (streams.c); executors, coroutines, wakers (coroutines.c). */
void program_execute_stream(unsigned who, const struct program_op *op,
                            struct program_outcome *outcome);
void program_execute_async(const struct program_op *op, struct program_outcome *outcome);

/* Where the caller's bytes are, which is where a coroutine awaits them. */
uint8_t *program_bytes_of(unsigned who, const struct program_op *op);

/* What became of `count` bytes at a stream. */
uint32_t program_tell_bytes(unsigned who, const struct program_op *op, size_t count);

/* Items of queues, of which every byte follows from the first (objects.c). */
uint32_t program_read_item(unsigned queue, const uint8_t *item);
void program_fill_item(uint8_t *item, uint8_t value);

/* The time that kiln_task_sleep_until() and the like go on from, since the program began. */
kiln_ticks_t *program_wake_ticks(unsigned who);

/* A call that a coroutine awaits, rather than make it. */
bool program_is_await(uint8_t call);

/* A task's number, or a coroutine's; 99 for NULL. */
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
    struct kiln_stream streams[PROGRAM_STREAMS];
    struct kiln_async asyncs[PROGRAM_ASYNCS];
    struct kiln_executor executor;
    struct kiln_waker waker;
    bool has_filled; /* a mutex */
};
extern struct program_world program;

/* After a call of a task or a coroutine: looks at the whole kernel, where that is wanted. */
void program_check(unsigned who);

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
