/* Where a debugger without this program's debug information finds things: see docs/debugging.md.
 *
 * With KILN_CFG_DEBUG_SYMBOLS an image has the constant kiln_debug_symbols: numbers, each with its
 * fixed place in a table. A new one goes to the end; what a place means changes only together with
 * KILN_DEBUG_VERSION. */
#ifndef K_SYMBOLS_H
#define K_SYMBOLS_H

#include "core/kernel.h"

#define KILN_DEBUG_VERSION 1
/* The number of a field that this configuration does not have. */
#define KILN_DEBUG_ABSENT 0xFFFF

enum kiln_debug_symbol {
    /* Offsets in the variable `kernel`. */
    KILN_DEBUG_KERNEL_CURRENT, /* the running task */
    KILN_DEBUG_KERNEL_LOCKED,  /* 32 bits; bit 31: kiln_start() has not been called */
    KILN_DEBUG_KERNEL_NOW,     /* 64 bits: ticks */
    KILN_DEBUG_KERNEL_IDLE,    /* the idle task itself, the first of all */
    KILN_DEBUG_KERNEL_READY,   /* a pointer to the first ready task for each priority */
    KILN_DEBUG_PRIORITIES,     /* how many: a number, no offset */
    /* Offsets in struct kiln_task. */
    KILN_DEBUG_TASK_SP,         /* while it does not run */
    KILN_DEBUG_TASK_NEXT,       /* in the circular list of its ready list or wait queue */
    KILN_DEBUG_TASK_PRIO,       /* 8 bits: effective */
    KILN_DEBUG_TASK_BASE_PRIO,  /* 8 bits */
    KILN_DEBUG_TASK_FLAGS,      /* 8 bits: see below */
    KILN_DEBUG_TASK_WAIT_KIND,  /* 8 bits: enum kiln_wait; valid while it waits */
    KILN_DEBUG_TASK_WAITQ,      /* NULL when it does not wait; else where in the object it does */
    KILN_DEBUG_TASK_DEADLINE,   /* 32 bits: ticks; valid with KILN_DEBUG_FLAG_TIMED */
    KILN_DEBUG_TASK_ALL_NEXT,   /* the next of all tasks; NULL: the last */
    KILN_DEBUG_TASK_STACK,      /* its low end */
    KILN_DEBUG_TASK_STACK_SIZE, /* in bytes; as wide as a pointer */
    KILN_DEBUG_TASK_CPU_CYCLES, /* 64 bits, up to its last switch */
    KILN_DEBUG_TASK_SWITCHES,   /* 32 bits */
    KILN_DEBUG_TASK_HELD,       /* the mutex it locked last */
    KILN_DEBUG_TASK_JOINERS,    /* wait queue */
    KILN_DEBUG_TASK_NAME,       /* pointer to text */
    KILN_DEBUG_TASK_SIZE,       /* of the structure */
    /* Bits of a task's flags. */
    KILN_DEBUG_FLAG_TIMED,
    KILN_DEBUG_FLAG_SUSPENDED,
    KILN_DEBUG_FLAG_NEW,
    KILN_DEBUG_FLAG_TERMINATED,
    /* Offsets in struct kiln_mutex. */
    KILN_DEBUG_MUTEX_WAITERS,   /* wait queue: what a waiting task's WAITQ points at */
    KILN_DEBUG_MUTEX_OWNER,     /* the task, or NULL */
    KILN_DEBUG_MUTEX_NEXT_HELD, /* the next one that its owner holds */
    KILN_DEBUG_MUTEX_NAME,      /* pointer to text */
    /* Values of enum kiln_wait. */
    KILN_DEBUG_WAIT_SLEEP,
    KILN_DEBUG_WAIT_SEM,
    KILN_DEBUG_WAIT_MUTEX,
    KILN_DEBUG_WAIT_QUEUE_SEND,
    KILN_DEBUG_WAIT_QUEUE_RECEIVE,
    KILN_DEBUG_WAIT_FLAGS,
    KILN_DEBUG_WAIT_POOL,
    KILN_DEBUG_WAIT_JOIN,
    KILN_DEBUG_WAIT_STREAM_READ,
    KILN_DEBUG_WAIT_STREAM_WRITE,
    KILN_DEBUG_WAIT_EXECUTOR,
    KILN_DEBUG_WAIT_ASYNC,
    KILN_DEBUG_WAIT_WAKER,
    KILN_DEBUG_COUNT,
};

struct kiln_debug_symbols {
    char magic[4]; /* "KILN" */
    uint16_t version;
    uint16_t count; /* numbers that follow */
    uint16_t value[KILN_DEBUG_COUNT];
};

#endif
