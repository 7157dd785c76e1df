/* The kernel's state, and the few inline functions that everything else is made of.
 *
 * Locking: all of it is protected by masking interrupts. A function whose name ends in
 * _locked must be called masked. The running task stays in the ready list of its priority;
 * outside masked sections, with the scheduler unlocked, it is the first of the most urgent
 * list.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include "kiln/sched.h"
#include "kiln/task.h"
#include "kiln/trace.h"
#include "port.h"
#include "port_arch.h"

/* Where size counts more than speed (-Os), what is part of each caller otherwise is one function:
 * K_SHARED, in core/shared.c, for what several files do; K_ONE_COPY for one file. And the rare part
 * of a call (K_SLOW) need not be a function of its own, out of the way of the plain case. */
#if defined(__OPTIMIZE_SIZE__)
#define K_FOR_SPEED 0
#define K_INLINE    static inline
#define K_ONE_COPY  static K_NOINLINE
#define K_SHARED
#define K_SLOW
#else
#define K_FOR_SPEED 1
#define K_INLINE    static inline __attribute__((always_inline))
#define K_ONE_COPY  K_INLINE
#define K_SHARED    K_INLINE
#define K_SLOW      K_NOINLINE
#endif
#define K_NOINLINE __attribute__((noinline))
/* The compiler shall not relate this variable to others. */
#define K_OPAQUE(variable)    __asm__("" : "+r"(variable))
#define K_LIKELY(condition)   __builtin_expect((condition) != 0, 1)
#define K_UNLIKELY(condition) __builtin_expect((condition) != 0, 0)

/* The structure that a field is part of. */
#define K_CONTAINER_OF(pointer, type, field) \
    ((type *)(void *)((uint8_t *)(pointer)-offsetof(type, field)))

#define K_MAP_WORDS ((KILN_CFG_PRIORITIES + 31) / 32)

/* struct kiln_task.flags. A task with none of them that does not wait is ready. */
enum k_task_flag {
    K_TASK_TIMED = 1,      /* its timeout is pending */
    K_TASK_SUSPENDED = 2,  /* not in a ready list even when it could be */
    K_TASK_NEW = 4,        /* not started yet */
    K_TASK_TERMINATED = 8, /* for good */
    K_TASK_KILL = 16,      /* terminates when it unlocks the scheduler */
    K_TASK_ON_MUTEX = 32,  /* the queue it waits in is a mutex's: the owner inherits from it */
    K_TASK_TO_FRONT = 64,  /* it waits to send to the front of a queue */
    K_TASK_IDLE = 128,     /* the idle task: always ready */
};
/* kernel.locked before kiln_start(): a lock that nobody can undo. */
#define K_LOCKED_BEFORE_START UINT32_C(0x80000000)

#define K_TASK_NOT_READY  (K_TASK_SUSPENDED | K_TASK_NEW | K_TASK_TERMINATED)
#define K_TASK_WAIT_FLAGS (K_TASK_TIMED | K_TASK_ON_MUTEX | K_TASK_TO_FRONT)

struct kernel {
    struct kiln_waitq ready[KILN_CFG_PRIORITIES]; /* first, where an index reaches it cheapest */
    struct kiln_task *current; /* the running task; after kernel_init(), the idle task */
    uint32_t locked;           /* nested kiln_sched_lock(), or K_LOCKED_BEFORE_START and them */
    uint32_t ready_map;        /* priorities with ready tasks; above 32, words of ready_maps */
#if K_MAP_WORDS > 1
    uint32_t ready_maps[K_MAP_WORDS];
#endif
    struct kiln_timeout *timeouts; /* root of the timeout queue: the earliest */
    uint32_t timeout_order;        /* arrival number of the last one */
    uint64_t now;                  /* ticks */
    struct kiln_task idle;
#if KILN_CFG_TASK_LIST
    struct kiln_task *all_last; /* the idle task is the first */
#endif
#if KILN_CFG_TRACE
    struct kiln_ring *ring; /* where kernel events go; NULL: nowhere */
#endif
    const struct k_console *console; /* NULL until somebody prints: see io/print.c */
#if KILN_CFG_STATS
    uint64_t switched_at; /* port_cycles() when the running task was switched to */
#endif
};

extern struct kernel kernel;

/* ---- Checks ---------------------------------------------------------------------------- */

/* With KILN_CFG_CHECKS, panics unless `object` is a live object of the given type. */
#if KILN_CFG_CHECKS
#define K_CHECK_OBJECT(object, type) k_check_tag(object, offsetof(__typeof__(*(object)), tag), type)
#define K_SET_TAG(object, type)      ((void)((object)->tag = (const char *)(object) + (type)))
#define K_CLEAR_TAG(object)          ((void)((object)->tag = NULL))
#define K_CHECK_NEW(object, type)                                       \
    ((object)->tag == (const char *)(object) + (type)                   \
         ? kiln_panic("initialised twice", (object), kiln_name(object)) \
         : (void)0)
#define K_ASSERT(condition, what, object) \
    ((condition) ? (void)0 : kiln_panic(what, (object), kiln_name(object)))

K_SHARED void k_check_tag(const void *object, size_t tag_offset, int type);
#define K_CHECKS 1
#else
#define K_CHECK_OBJECT(object, type)      ((void)0)
#define K_SET_TAG(object, type)           ((void)0)
#define K_CLEAR_TAG(object)               ((void)0)
#define K_CHECK_NEW(object, type)         ((void)0)
#define K_ASSERT(condition, what, object) ((void)0)
#define K_CHECKS                          0
#endif

/* ---- Ready lists: one circular list a priority, and a map of those that are not empty ---
 *
 * The map alone says whether a list is empty; `first` of an empty one is stale. A task in no
 * list is linked to itself, so that putting it into an empty list changes no link. */

#if K_MAP_WORDS == 1
K_INLINE bool k_ready_is_marked(unsigned prio)
{
    return (kernel.ready_map & port_prio_bit(prio)) != 0;
}

K_INLINE void k_ready_mark(unsigned prio)
{
    kernel.ready_map |= port_prio_bit(prio);
}

K_INLINE void k_ready_unmark(unsigned prio)
{
    kernel.ready_map &= ~port_prio_bit(prio);
}

K_INLINE unsigned k_ready_top(void)
{
    return port_prio_top(kernel.ready_map);
}
#else
K_INLINE bool k_ready_is_marked(unsigned prio)
{
    return (kernel.ready_maps[prio / 32] & port_prio_bit(prio % 32)) != 0;
}

K_INLINE void k_ready_mark(unsigned prio)
{
    kernel.ready_maps[prio / 32] |= port_prio_bit(prio % 32);
    kernel.ready_map |= port_prio_bit(prio / 32);
}

K_INLINE void k_ready_unmark(unsigned prio)
{
    kernel.ready_maps[prio / 32] &= ~port_prio_bit(prio % 32);
    if (kernel.ready_maps[prio / 32] == 0) {
        kernel.ready_map &= ~port_prio_bit(prio / 32);
    }
}

K_INLINE unsigned k_ready_top(void)
{
    unsigned group = port_prio_top(kernel.ready_map);
    return group * 32 + port_prio_top(kernel.ready_maps[group]);
}
#endif

/* The most urgent ready task. There is always one: the idle task. */
K_INLINE struct kiln_task *k_ready_first_locked(void)
{
    return kernel.ready[k_ready_top()].first;
}

/* Links a task that is in no list into a circular one, before `position`. */
K_INLINE void k_list_insert_before(struct kiln_task *position, struct kiln_task *task)
{
    struct kiln_task *before = position->prev;
    task->next = position;
    task->prev = before;
    before->next = task;
    position->prev = task;
}

/* Takes a task out of a circular list. One that was alone in it stays its first. */
K_SHARED void k_list_leave(struct kiln_waitq *list, struct kiln_task *task);

/* Appends a task to the ready list of its priority. */
K_SHARED void k_ready_append_locked(struct kiln_task *task);

/* Takes a task out of the ready list of its priority. */
K_SHARED void k_ready_remove_locked(struct kiln_task *task);

K_INLINE bool k_is_ready(const struct kiln_task *task)
{
    return task->waitq == NULL && (task->flags & K_TASK_NOT_READY) == 0;
}

/* ---- The switch ------------------------------------------------------------------------- */

#if KILN_CFG_STATS
K_INLINE void k_account_switch(struct kiln_task *from, struct kiln_task *to)
{
    uint64_t cycles = port_cycles();
    from->cpu_cycles += cycles - kernel.switched_at;
    kernel.switched_at = cycles;
    to->switches++;
}
#else
K_INLINE void k_account_switch(struct kiln_task *from, struct kiln_task *to)
{
    (void)from;
    (void)to;
}
#endif

#if KILN_CFG_STACK_CHECK
K_INLINE void k_check_stack(const struct kiln_task *task)
{
    if (__builtin_expect(!port_stack_ok(&task->ctx, task->stack), 0)) {
        kiln_panic("stack overflow", task, kiln_name(task));
    }
}
#else
K_INLINE void k_check_stack(const struct kiln_task *task)
{
    (void)task;
}
#endif

/* The one switch: from the running task. Returns when it is switched to again. */
K_INLINE void k_switch_locked(struct kiln_task *from, struct kiln_task *next)
{
    k_check_stack(from);
    k_account_switch(from, next);
    kiln_trace_hook(KILN_TRACE_SWITCH, next, 0);
    kernel.current = next;
    port_switch(&from->ctx, &next->ctx);
}

/* The same, to the most urgent ready task, which is another one. */
K_INLINE void k_switch_to_first_locked(struct kiln_task *from)
{
    if (K_FOR_SPEED) {
        k_switch_locked(from, k_ready_first_locked());
    } else {
        kernel_switch();
    }
}

/* True when the running task may block in the masked section that `key` opened. */
K_INLINE bool k_can_block(unsigned key)
{
    return port_can_switch(key) && kernel.locked == 0;
}

/* Makes a task ready that is not, and ends the masked section that `key` opened; switches to the
 * task if it is more urgent than the running one. */
K_SHARED void k_ready_and_release(struct kiln_task *task, unsigned key);

/* What a task is about to wait for, and the name of what the kernel itself defines; for diagnosis
 * only. */
#if KILN_CFG_NAMES
#define K_NAME(string) (string)

K_INLINE void k_set_wait_kind(struct kiln_task *task, enum kiln_wait kind)
{
    task->wait_kind = (uint8_t)kind;
}
#else
#define K_NAME(string) NULL

K_INLINE void k_set_wait_kind(struct kiln_task *task, enum kiln_wait kind)
{
    (void)task;
    (void)kind;
}
#endif

/* ---- The console --------------------------------------------------------------------------
 *
 * Reached through a pointer that the first printing sets, so that an image which never prints has
 * no part of it for the sake of its last words. Until then it is NULL, but while the trace ring
 * writes a line: its holder is the ring then (diag/ring.c). */
struct k_console {
    const struct k_console *self; /* tells a fault handler that the pointer is not a wild one */
    void (*give_up_locked)(bool is_fault);
    int (*print)(const char *format, ...) __attribute__((format(printf, 1, 2)));
    void (*take_over)(void); /* the ring's line is out: what waited for that comes now */
};

/* Whoever holds the console will not go on: writes what waits for it. Before the words of
 * kiln_panic() and of the ports' faults, after which all that is printed is written at once; and
 * before kiln_stop() ends the system. Masked, or in a fault. */
static inline __attribute__((always_inline)) void k_console_give_up_locked(bool is_fault)
{
    if (kernel.console != NULL) {
        kernel.console->give_up_locked(is_fault); /* calls: give_up_locked, give_up_ring_locked */
    }
}

/* ---- Elsewhere in core ------------------------------------------------------------------ */

/* Ends a masked section after any change to the ready lists. */
void k_release_and_reschedule(unsigned key);

/* Ends a scheduler lock and the masked section around that. The running task may have been killed
 * by an interrupt meanwhile, and ends then: in a task this does not return. */
void k_unlock_and_reschedule(unsigned key);

/* Sets a task's effective priority in whatever queue it is. It goes behind the others of its
 * new priority, but the running task keeps its turn when it is lowered. */
void k_task_set_prio_locked(struct kiln_task *task, uint8_t prio);

#if K_FOR_SPEED
#include "shared.h"
#endif

#endif
