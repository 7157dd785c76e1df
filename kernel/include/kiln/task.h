/* Tasks: independent flows of control, each with a stack and a priority.
 *
 * A task's life: kiln_task_init() makes it new, kiln_task_start() makes it ready, the
 * scheduler makes it running; it is blocked while it waits, suspended while somebody holds
 * it back, and terminated once it returned from its entry function, called kiln_task_exit()
 * or was killed. A terminated task's storage can be reused, or initialised again.
 *
 * "Any context" below means: a task, an interrupt, or main() before kiln_start().
 */
#ifndef KILN_TASK_H
#define KILN_TASK_H

#include "kiln/types.h"
#include "port_types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define KILN_PRIORITY_MIN 0U
#define KILN_PRIORITY_MAX (KILN_CFG_PRIORITIES - 1U)

struct kiln_mutex;
struct kiln_executor;

/* A task's entry function; what it returns is the exit code. */
typedef int (*kiln_task_fn)(void *arg);

#if KILN_CFG_WAITQ_SKIP
#define KILN_PEER_FIELD \
    struct kiln_task *peer; /* in a wait queue: the other end of its priority's run */
#else
#define KILN_PEER_FIELD
#endif

/* What stands in a wait queue: a task, or a coroutine, which has these fields in common with one.
 * The four bytes come early because a Cortex-M0 reaches bytes up to offset 31 only. */
#define KILN_WAITER_FIELDS                                                                         \
    struct kiln_task *next, *prev; /* in the ready list of its priority, or in `waitq` */          \
    uint8_t prio;                  /* effective: the greater of base and inherited */              \
    uint8_t base_prio;             /* as set by its owner */                                       \
    uint8_t flags;                 /* enum k_task_flag in kernel/core/kernel.h */                  \
    uint8_t wait_kind;             /* enum kiln_wait of the last wait; with KILN_CFG_NAMES only */ \
    struct kiln_waitq *waitq;      /* the queue it waits in; NULL when it does not wait */         \
    union {                                                                                        \
        void *arg;               /* while waiting: what the object needs to complete the wait */   \
        struct kiln_waitq alone; /* while sleeping: the queue it waits in, all by itself */        \
        int result;              /* afterwards: how the wait ended, or the exit code */            \
    } wait;                                                                                        \
    struct kiln_timeout timeout;                                                                   \
    KILN_PEER_FIELD                                                                                \
    KILN_OBJECT_FIELDS

/* One task. The caller owns the storage, and keeps it until the task has terminated. */
struct kiln_task {
    struct port_ctx ctx; /* saved context; valid while the task does not run */
    KILN_WAITER_FIELDS
#if KILN_CFG_MUTEX
    struct kiln_mutex *held; /* mutexes it owns, latest first */
#endif
#if KILN_CFG_JOIN
    struct kiln_waitq joiners;
#endif
#if KILN_CFG_SLICE
    uint16_t slice_ticks; /* 0: runs until it blocks or is preempted */
    uint16_t slice_left;
#endif
#if KILN_CFG_STACK_CHECK
    uint8_t *stack;
    size_t stack_bytes;
#endif
#if KILN_CFG_TASK_LIST
    struct kiln_task *all_next, *all_prev; /* all tasks, in order of creation */
#endif
#if KILN_CFG_STATS
    uint64_t cpu_cycles;
    uint32_t switches;
#endif
#if KILN_CFG_ASYNC
    /* Executors it is in kiln_executor_run() of, the innermost first. Here, where the structure
     * would end with so many unused bytes on a 32-bit processor. */
    struct kiln_executor *runs;
#endif
};

/* What a task starts from. Copied where needed: it may be const, or on the caller's stack. */
struct kiln_task_def {
    struct kiln_task *task; /* used by static definitions only */
    kiln_task_fn entry;
    void *arg;
    void *stack; /* the caller's memory, aligned to 8; unused on a host, whose frames are larger */
    size_t stack_bytes;
    const char *name;
    uint16_t slice_ticks;
    uint8_t priority;
};

/* Defines a stack. The size is rounded up to a multiple of 8. Stacks lie next to each other, apart
 * from all else, so that one that overflows runs into a stack and not into an object. */
#define KILN_STACK_DEFINE(name, bytes) \
    static uint64_t name[((bytes) + 7U) / 8U] __attribute__((section(".bss.kiln_stacks")))

/* Defines a task that kiln_start() starts; `name` is its struct kiln_task.
 * Tasks of one priority start in the order of their definitions. */
#define KILN_TASK_DEFINE(name, entry_fn, argument, prio, bytes)                                \
    KILN_STATIC_ASSERT((prio) >= 0 && (prio) < KILN_CFG_PRIORITIES,                            \
                       "the priority of task " #name " must be 0 to KILN_CFG_PRIORITIES - 1"); \
    KILN_STATIC_ASSERT((bytes) >= PORT_STACK_MIN,                                              \
                       "the stack of task " #name " is smaller than PORT_STACK_MIN bytes");    \
    KILN_STACK_DEFINE(name##_stack, bytes);                                                    \
    struct kiln_task name;                                                                     \
    static const struct kiln_task_def name##_def KILN_SECTION(kiln_task_defs) = {              \
        &(name), (entry_fn), (argument), name##_stack, sizeof(name##_stack), #name, 0, (prio)}

/* Prepares a task; it does not run before kiln_task_start().
 * Task context, or main() before kiln_start(). Never blocks or switches.
 * KILN_EINVAL: no task, definition or entry, a priority outside KILN_PRIORITY_MIN to
 *   KILN_PRIORITY_MAX, a stack that is missing, misaligned or below PORT_STACK_MIN bytes.
 * KILN_ESTATE: the task exists already and has not terminated (with KILN_CFG_CHECKS).
 * KILN_EISR: called from an interrupt. */
int kiln_task_init(struct kiln_task *task, const struct kiln_task_def *def);

/* Makes a new task ready. Any context. May switch to it.
 * KILN_ESTATE: the task is not new. */
int kiln_task_start(struct kiln_task *task);

/* kiln_task_init() and kiln_task_start() in one, with their errors. */
int kiln_task_create(struct kiln_task *task, const struct kiln_task_def *def);

/* Ends the calling task with an exit code. Mutexes it holds pass to their next waiters, and its
 * scheduler and interrupt locks end. Task context; panics elsewhere (with KILN_CFG_CHECKS). Does
 * not return. */
void kiln_task_exit(int code) __attribute__((noreturn));

/* Ends another task, or the caller, whatever it does: it leaves the queue it waits in, the
 * mutexes it holds pass to their next waiters, those who join it get `code`. What it has
 * taken from semaphores, pools or queues stays taken.
 * Any context. May switch to a task that this made ready. When an interrupt kills the task
 * that it interrupted while that task has the scheduler locked, the task ends when it
 * unlocks the scheduler. Killing oneself ends the scheduler and interrupt locks one
 * holds.
 * KILN_ESTATE: the task has terminated already, or is about to.
 * KILN_EINVAL: the idle task. */
int kiln_task_kill(struct kiln_task *task, int code);

#if KILN_CFG_JOIN
/* Waits until a task has terminated, and stores its exit code unless `code` is NULL. Any
 * number of tasks may join one task, at any time until its storage is reused. Any context with
 * KILN_NO_WAIT, else a task. Blocks.
 * KILN_EAGAIN, KILN_ETIMEOUT: it has not terminated (in time).
 * KILN_EDEADLK: a task joins itself.
 * KILN_EISR, KILN_ELOCKED: it has not terminated, and the caller cannot block. */
int kiln_task_join(struct kiln_task *task, int *code, kiln_ticks_t timeout_ticks);
#endif

/* Keeps a task from running until kiln_task_resume(). A wait that it is in goes on, and may
 * end meanwhile. Suspending twice is the same as once. A task may suspend itself.
 * Any context. May switch, when a task suspends itself; it runs on as long as it has the scheduler
 * or interrupts locked.
 * KILN_ESTATE: the task is new or has terminated.
 * KILN_EINVAL: the idle task. */
int kiln_task_suspend(struct kiln_task *task);

/* Lets a suspended task go on. Any context. May switch to it.
 * KILN_ESTATE: the task is not suspended. */
int kiln_task_resume(struct kiln_task *task);

/* Sets a task's base priority; it runs at the greater of this and what it inherits through
 * mutexes. When that changes, the task goes behind the others of its new priority; but the running
 * task keeps its turn when it is lowered. Any context. May switch.
 * KILN_EINVAL: outside KILN_PRIORITY_MIN to KILN_PRIORITY_MAX, or the idle task.
 * KILN_ESTATE: the task has terminated. */
int kiln_task_set_priority(struct kiln_task *task, unsigned priority);

/* Returns a task's effective priority. Any context. */
unsigned kiln_task_priority(const struct kiln_task *task);

#if KILN_CFG_SLICE
/* Sets how many ticks a task runs before it goes behind the others of its priority; 0 is no
 * limit. Any context. A slice goes on after a preemption; yielding starts a new one.
 * KILN_EINVAL: more than 65535. */
int kiln_task_set_slice(struct kiln_task *task, kiln_ticks_t ticks);
#endif

/* Lets the other ready tasks of the caller's priority run first. Task context. Switches if there
 * are any.
 * KILN_EISR, KILN_ELOCKED: the caller cannot switch. */
int kiln_task_yield(void);

/* Waits for a number of ticks; 0 returns at once. Task context. Blocks.
 * KILN_EISR, KILN_ELOCKED: the caller cannot block.
 * KILN_EINVAL: KILN_FOREVER; suspend the task instead. */
int kiln_task_sleep(kiln_ticks_t ticks);

/* Waits until *wake_ticks + period_ticks and stores that time in *wake_ticks: a loop around
 * this call has no drift. Start with *wake_ticks = kiln_ticks(). If that time has passed
 * already, returns at once with KILN_ETIMEOUT and *wake_ticks advanced all the same, so that
 * the loop catches up. Task context. Blocks. period_ticks is at most 0x7FFFFFFF.
 * KILN_EINVAL: no wake_ticks, or a longer period.
 * KILN_EISR, KILN_ELOCKED: the caller cannot block; *wake_ticks is unchanged. */
int kiln_task_sleep_until(kiln_ticks_t *wake_ticks, kiln_ticks_t period_ticks);

/* Returns the running task; from an interrupt, the interrupted one. Any context. */
struct kiln_task *kiln_task_self(void);

enum kiln_task_state {
    KILN_TASK_NEW,
    KILN_TASK_READY,
    KILN_TASK_RUNNING,
    KILN_TASK_BLOCKED,
    KILN_TASK_SUSPENDED,
    KILN_TASK_TERMINATED,
};

/* What a blocked task waits for. */
enum kiln_wait {
    KILN_WAIT_NONE,
    KILN_WAIT_SLEEP,
    KILN_WAIT_SEM,
    KILN_WAIT_MUTEX,
    KILN_WAIT_QUEUE_SEND,
    KILN_WAIT_QUEUE_RECEIVE,
    KILN_WAIT_FLAGS,
    KILN_WAIT_POOL,
    KILN_WAIT_JOIN,
    KILN_WAIT_EXECUTOR, /* an executor's task, for a coroutine that can go on */
    KILN_WAIT_ASYNC,    /* the end of a coroutine */
    KILN_WAIT_WAKER,    /* coroutines only */
    KILN_WAIT_STREAM_READ,
    KILN_WAIT_STREAM_WRITE,
};

struct kiln_task_info {
    const char *name;
    enum kiln_task_state state;
    unsigned priority;
    unsigned base_priority;
    enum kiln_wait wait_kind;    /* KILN_WAIT_NONE unless it waits; needs KILN_CFG_NAMES */
    const void *wait_object;     /* the semaphore, ... , task or coroutine; NULL when it sleeps */
    uint64_t cpu_us;             /* 0 without KILN_CFG_STATS */
    uint32_t switches;           /* times it was switched to; 0 without KILN_CFG_STATS */
    size_t stack_bytes;          /* 0 without KILN_CFG_STACK_CHECK */
    size_t stack_used_max_bytes; /* high-water mark; on a host: of the host's frames */
};

/* Fills in `info`. Any context. Measuring the stack takes time in proportion to its unused
 * part, with interrupts enabled.
 * KILN_EINVAL: no info. */
int kiln_task_get_info(const struct kiln_task *task, struct kiln_task_info *info);

/* Returns a state's name in lower case, "blocked". Any context. */
const char *kiln_task_state_name(enum kiln_task_state state);

#if KILN_CFG_TASK_LIST
/* Returns the task created after `task`, or the first one for NULL; NULL after the last.
 * Terminated tasks are not listed; the idle task is the first. Any context; hold
 * kiln_sched_lock() over the whole iteration so that no task ends in between: with
 * KILN_CFG_CHECKS it panics on one that has. */
struct kiln_task *kiln_task_next(const struct kiln_task *task);
#endif

#ifdef __cplusplus
}
#endif

#endif
