/* Coroutines: many flows of control on the stack of one task.
 *
 * A coroutine is a function that can return in the middle and go on from there. It has no stack:
 * what it remembers across an await lies in a structure of the caller's, its frame, with its
 * struct kiln_async inside. An executor runs coroutines one after the other in an ordinary task,
 * each up to its next await, and blocks in the kernel while none can go on.
 *
 *     struct echo {
 *         struct kiln_async async;
 *         char key;
 *     };
 *
 *     static enum kiln_async_step echo(struct kiln_async *async)
 *     {
 *         struct echo *self = KILN_ASYNC_FRAME(async, struct echo, async);
 *         KILN_ASYNC_BEGIN(async);
 *         for (;;) {
 *             KILN_AWAIT(async, kiln_await_receive(async, &keys, &self->key, KILN_MS(5000)));
 *             if (kiln_await_result(async) == KILN_ETIMEOUT) {
 *                 KILN_ASYNC_RETURN(async, 1);
 *             }
 *             kiln_printf("%c", self->key);
 *         }
 *         KILN_ASYNC_CLEANUP(async);
 *         kiln_printf("bye\n");
 *         KILN_ASYNC_END(async);
 *     }
 *
 *     KILN_EXECUTOR_DEFINE(executor);
 *     static struct echo one;
 *     ... kiln_async_start(&one.async, &executor, echo, "echo");
 *     ... kiln_executor_run(&executor);
 *
 * A local variable does not survive an await, and an await cannot stand inside a switch statement
 * of the body's own (the first time that it would go on panics, with KILN_CFG_CHECKS).
 *
 * Coroutines of one executor never run at the same time, nor does one preempt another: what only
 * they use needs no lock. A call that blocks blocks all of them.
 */
#ifndef KILN_ASYNC_H
#define KILN_ASYNC_H

#include "kiln/task.h"

#ifdef __cplusplus
extern "C" {
#endif

struct kiln_async;
struct kiln_executor;
struct kiln_queue;
struct kiln_sem;
struct kiln_flags;
struct kiln_flags_condition;

/* What a body says when it returns. The macros below return it. */
enum kiln_async_step {
    KILN_ASYNC_WAITS,   /* an await is under way */
    KILN_ASYNC_GOES_ON, /* call it again at once */
    KILN_ASYNC_ENDS,
};

/* A coroutine's body: called again and again, by the task that runs the executor. */
typedef enum kiln_async_step (*kiln_async_fn)(struct kiln_async *async);

/* One coroutine. The caller owns the storage, and keeps it until the coroutine has ended. */
struct kiln_async {
    KILN_WAITER_FIELDS /* it waits in wait queues as a task does */
        struct kiln_executor *executor;
    kiln_async_fn body;
    struct kiln_waitq joiners;
    int result;    /* how it ended; for those who join it */
    uint16_t line; /* where the body goes on. Only the executor's task touches it */
    uint8_t state; /* enum k_async_state in kernel/async/executor.c */
};

KILN_STATIC_ASSERT(sizeof(void *) != 4 || sizeof(struct kiln_async) <= 68,
                   "a coroutine takes at most 68 bytes");

/* ---- Executors --------------------------------------------------------------------------- */

struct kiln_executor {
    void (*woken_locked)(struct kiln_async *async); /* see kernel/core/async.h */
    struct kiln_waitq idle;                         /* the task, while no coroutine is ready */
    struct kiln_waitq ready;                        /* coroutines that can go on, in turn */
    struct kiln_task *runner;                       /* the task in kiln_executor_run(), or NULL */
    struct kiln_executor *outer;                    /* `runner` called that in a body of this one */
    struct kiln_async *running;                     /* the coroutine whose body is being called */
    uint32_t alive;                                 /* coroutines that have not ended */
    KILN_OBJECT_FIELDS
};

/* Defines an executor. */
#define KILN_EXECUTOR_DEFINE(executor)                             \
    struct kiln_executor executor KILN_SECTION(kiln_executors) = { \
        .woken_locked = k_executor_woken_locked,                   \
        .idle = {NULL},                                            \
        .ready = {NULL},                                           \
        .runner = NULL,                                            \
        .outer = NULL,                                             \
        .running = NULL,                                           \
        .alive = 0,                                                \
        KILN_OBJECT_INIT(executor, KILN_TYPE_EXECUTOR)}

/* For KILN_EXECUTOR_DEFINE only. */
void k_executor_woken_locked(struct kiln_async *async);

/* Initialises an executor on storage that the caller owns. Any context. Never blocks.
 * KILN_EINVAL: no executor.
 * An executor that is alive already panics (with KILN_CFG_CHECKS); see kiln_executor_destroy(). */
int kiln_executor_init(struct kiln_executor *executor);

/* Ends an executor's life, so that its storage can be reused. Any context. Never blocks.
 * KILN_ESTATE: it has coroutines that have not ended, or a task runs it. */
int kiln_executor_destroy(struct kiln_executor *executor);

/* Runs the executor's coroutines in the calling task until all have ended; first come first
 * served. Blocks while none can go on. Where coroutines wait together with tasks they have the
 * priority that the calling task has when they begin to wait.
 * When the task is killed, nobody runs the executor from then on: any task can, also one in the
 * same storage; the coroutine that the old one was in the middle of ends then with KILN_ECANCELED,
 * without its cleanup section.
 * Returns KILN_OK when there is no coroutine left.
 * KILN_EISR, KILN_ELOCKED: the caller cannot block, or a coroutine returned with the scheduler or
 *   interrupts locked.
 * KILN_ESTATE: a task runs it, another one or, in a coroutine of this executor, the caller. */
int kiln_executor_run(struct kiln_executor *executor);

/* ---- Coroutines -------------------------------------------------------------------------- */

/* Starts a coroutine on storage that the caller owns: its body will be called from its beginning.
 * `name` is for diagnosis and may be NULL. Any context. May switch to the executor's task.
 * KILN_EINVAL: no coroutine or body.
 * KILN_ESTATE: the coroutine has not ended (with KILN_CFG_CHECKS). */
int kiln_async_start(struct kiln_async *async, struct kiln_executor *executor, kiln_async_fn body,
                     const char *name);

/* Cancels a coroutine: its await ends, and its cleanup section comes next, if it has one; then it
 * ends with KILN_ECANCELED as its result. If it is not waiting, or what it waits for has come, that
 * happens at the next await it reaches instead, so that nothing it got is lost. The cleanup section
 * itself cannot be cancelled, and may await. Any context. May switch to the executor's task.
 * KILN_ESTATE: it has ended, is in its cleanup section, or is being cancelled. */
int kiln_async_cancel(struct kiln_async *async);

/* Waits, in a task, until a coroutine has ended, and stores its result unless `result` is NULL. A
 * coroutine uses kiln_await_async(). At any time until its storage is reused. Any context with
 * KILN_NO_WAIT, else a task. Blocks.
 * KILN_EAGAIN, KILN_ETIMEOUT: it has not ended (in time).
 * KILN_EDEADLK: the calling task runs the coroutine.
 * KILN_EISR, KILN_ELOCKED: it has not ended, and the caller cannot block. */
int kiln_async_join(struct kiln_async *async, int *result, kiln_ticks_t timeout_ticks);

/* True from its start until a coroutine has ended. Any context. */
bool kiln_async_is_alive(const struct kiln_async *async);

/* ---- Wakers: how a device driver says "try again" ----------------------------------------- */

/* One place where coroutines wait for a device, or for anything else that has no wait queue of the
 * kernel's. The driver owns it and has two parts: an interrupt that makes something available and
 * then calls kiln_waker_wake(); and a function that takes it or returns KILN_EAGAIN. The coroutine
 * awaits with KILN_AWAIT_POLL(). A wake-up when nobody waits is remembered, so that one which
 * comes between a poll that failed and the wait is not lost. */
struct kiln_waker {
    struct kiln_waitq waiters; /* empty whenever `woken` */
    bool woken;
    KILN_OBJECT_FIELDS
};

#define KILN_WAKER_DEFINE(waker)                          \
    struct kiln_waker waker KILN_SECTION(kiln_wakers) = { \
        .waiters = {NULL}, .woken = false, KILN_OBJECT_INIT(waker, KILN_TYPE_WAKER)}

/* Initialises a waker on storage that the caller owns. Any context. Never blocks.
 * KILN_EINVAL: no waker.
 * A waker that is alive already panics (with KILN_CFG_CHECKS); see kiln_waker_destroy(). */
int kiln_waker_init(struct kiln_waker *waker);

/* Ends a waker's life, so that its storage can be reused. Any context. Never blocks.
 * KILN_ESTATE: coroutines wait for it. */
int kiln_waker_destroy(struct kiln_waker *waker);

/* Has the first waiting coroutine try again, or the next one that is about to wait. Any context. In
 * a constant time. May switch to the executor's task. Returns KILN_OK. */
int kiln_waker_wake(struct kiln_waker *waker);

/* ---- Awaits ------------------------------------------------------------------------------
 *
 * Only as the second argument of KILN_AWAIT(), in the body of `async`. Each begins to wait and
 * returns KILN_PENDING; or it has its result at once and returns that. Afterwards
 * kiln_await_result() says how the wait ended: what the blocking call of a task would return,
 * KILN_EAGAIN and KILN_ETIMEOUT for the timeout included. Memory that is passed has to live in the
 * frame, not on the stack. */

/* Not an error. */
#define KILN_PENDING 1

/* How the last await ended. In the body of `async`. */
int kiln_await_result(const struct kiln_async *async);

/* Lets the other coroutines that are ready go first. */
int kiln_await_yield(struct kiln_async *async);

/* Waits for a number of ticks. KILN_EINVAL: KILN_FOREVER. */
int kiln_await_sleep(struct kiln_async *async, kiln_ticks_t ticks);

/* As kiln_task_sleep_until(), but *wake_ticks is advanced when the wait begins. */
int kiln_await_sleep_until(struct kiln_async *async, kiln_ticks_t *wake_ticks,
                           kiln_ticks_t period_ticks);

#if KILN_CFG_SEM
/* Takes one; see kiln_sem_take(). */
int kiln_await_sem(struct kiln_async *async, struct kiln_sem *sem, kiln_ticks_t timeout_ticks);
#endif

#if KILN_CFG_QUEUE
/* Sends and receives an item in the caller's frame; see kiln_queue_send(). */
int kiln_await_send(struct kiln_async *async, struct kiln_queue *queue, const void *item,
                    kiln_ticks_t timeout_ticks);
int kiln_await_receive(struct kiln_async *async, struct kiln_queue *queue, void *item,
                       kiln_ticks_t timeout_ticks);
#endif

#if KILN_CFG_FLAGS
/* Waits until the flags are as `condition` says, which is part of the frame: the caller fills in
 * its `bits` and `options`, and finds the flags in `value` when the wait has succeeded. See
 * kiln_flags_wait(). */
int kiln_await_flags(struct kiln_async *async, struct kiln_flags *flags,
                     struct kiln_flags_condition *condition, kiln_ticks_t timeout_ticks);
#endif

/* Waits until another coroutine, of any executor, has ended; stores its result unless `result` is
 * NULL. KILN_EDEADLK: it is `async` itself. */
int kiln_await_async(struct kiln_async *async, struct kiln_async *other, int *result,
                     kiln_ticks_t timeout_ticks);

#if KILN_CFG_JOIN
/* Waits until a task has terminated; see kiln_task_join(). KILN_EDEADLK: it is the task that runs
 * `async`. */
int kiln_await_task(struct kiln_async *async, struct kiln_task *task, int *code,
                    kiln_ticks_t timeout_ticks);
#endif

/* Waits until the waker is woken, or has been since somebody last waited. */
int kiln_await_waker(struct kiln_async *async, struct kiln_waker *waker,
                     kiln_ticks_t timeout_ticks);

/* For KILN_AWAIT_POLL() only. */
void k_poll_begin(struct kiln_async *async, kiln_ticks_t timeout_ticks);
bool k_poll_goes_on(struct kiln_async *async, struct kiln_waker *waker, int polled);
int k_await_poll(struct kiln_async *async, struct kiln_waker *waker, kiln_ticks_t timeout_ticks);

/* ---- What a body is made of ---------------------------------------------------------------
 *
 * The body is one switch statement over the line where it goes on: plain C, two bytes a
 * coroutine, and a debugger shows the line. */

/* The frame that a coroutine is the field `member` of. */
#define KILN_ASYNC_FRAME(async, type, member) \
    ((type *)(void *)((char *)(async)-offsetof(type, member)))

/* Not the number of any line. */
#define KILN_ASYNC_CLEANUP_LINE 0xFFFFU

/* The first statement of a body; in front of it stands what is to be done each time. */
#define KILN_ASYNC_BEGIN(async) \
    switch ((async)->line) {    \
    case 0:

/* Awaits: `await` is a call of kiln_await_...(). Returns from the body, if it has to wait, and goes
 * on here. */
#define KILN_AWAIT(async, await)                \
    do {                                        \
        if ((await) == KILN_PENDING) {          \
            (async)->line = (uint16_t)__LINE__; \
            return KILN_ASYNC_WAITS;            \
        case __LINE__:;                         \
        }                                       \
    } while (0)

/* Awaits a device: evaluates `poll` until that is something else than KILN_EAGAIN, each time that
 * the waker is woken. Then kiln_await_result() is what it was; KILN_EAGAIN or KILN_ETIMEOUT when
 * there was nothing (in time). timeout_ticks is at most 0x7FFFFFFF, or KILN_FOREVER. */
#define KILN_AWAIT_POLL(async, waker, poll, timeout_ticks)                        \
    do {                                                                          \
        k_poll_begin((async), (timeout_ticks));                                   \
        while (k_poll_goes_on((async), (waker), (poll))) {                        \
            KILN_AWAIT((async), k_await_poll((async), (waker), (timeout_ticks))); \
        }                                                                         \
    } while (0)

/* Ends the coroutine with a result, by way of its cleanup section if it has one. */
#define KILN_ASYNC_RETURN(async, value)          \
    do {                                         \
        (async)->result = (value);               \
        (async)->line = KILN_ASYNC_CLEANUP_LINE; \
        return KILN_ASYNC_GOES_ON;               \
    } while (0)

/* Begins the cleanup section, which comes last before KILN_ASYNC_END(): where the coroutine goes
 * when it is cancelled, when it returns, and when it simply gets there. */
#define KILN_ASYNC_CLEANUP(async) \
    __attribute__((fallthrough)); \
    case KILN_ASYNC_CLEANUP_LINE: \
        k_async_begin_cleanup(async)

/* The last statement of a body. The result is 0 unless KILN_ASYNC_RETURN() said otherwise. */
#define KILN_ASYNC_END(async)      \
    break;                         \
    default:                       \
        k_async_check_line(async); \
        }                          \
        return KILN_ASYNC_ENDS

/* For the macros above only. */
void k_async_begin_cleanup(struct kiln_async *async);
void k_async_check_line(const struct kiln_async *async);

#ifdef __cplusplus
}
#endif

#endif
