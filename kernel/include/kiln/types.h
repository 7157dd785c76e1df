/* Errors, time, and the small structures that every kernel object is made of.
 *
 * The structures are public so that the caller can allocate them; their fields belong to
 * the kernel and are protected by masking interrupts unless a comment says otherwise.
 */
#ifndef KILN_TYPES_H
#define KILN_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kiln/config.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Every call that can fail returns one of these. */
enum kiln_error {
    KILN_OK = 0,
    KILN_EINVAL = -1,     /* an argument is out of range */
    KILN_EISR = -2,       /* the call blocks, or needs a calling task, and an interrupt made it */
    KILN_ELOCKED = -3,    /* the call would block while the scheduler or interrupts are locked, or
                             before kiln_start() */
    KILN_EAGAIN = -4,     /* not available now, and the timeout was KILN_NO_WAIT */
    KILN_ETIMEOUT = -5,   /* not available in time */
    KILN_EPERM = -6,      /* the caller does not own the object */
    KILN_ESTATE = -7,     /* the task or object is not in a state that allows the call */
    KILN_EOVERFLOW = -8,  /* a count would exceed its limit */
    KILN_EDEADLK = -9,    /* the caller would wait for itself */
    KILN_ECANCELED = -10, /* the coroutine was cancelled */
    KILN_EIO = -11,       /* a device failed */
};

/* Returns the name of an error, as "KILN_EINVAL"; "KILN_E?" for any other number. Any context. */
const char *kiln_error_name(int error);

/* Time in ticks, of KILN_CFG_TICK_HZ a second. It wraps; differences stay right. */
typedef uint32_t kiln_ticks_t;

/* Timeouts of every blocking call. A timeout of n ticks ends at the n-th tick from now, so
 * the wait lasts more than n - 1 and at most n tick periods. */
#define KILN_NO_WAIT ((kiln_ticks_t)0)
#define KILN_FOREVER ((kiln_ticks_t)0xFFFFFFFFU)

/* Milliseconds to ticks, rounded up, but never up to KILN_FOREVER. A constant expression for a
 * constant argument, which it evaluates twice. */
#define KILN_MS_TICKS(ms) (((uint64_t)(ms)*KILN_CFG_TICK_HZ + 999U) / 1000U)
#define KILN_MS(ms) \
    ((kiln_ticks_t)(KILN_MS_TICKS(ms) < KILN_FOREVER ? KILN_MS_TICKS(ms) : KILN_FOREVER - 1U))

struct kiln_task;

/* Tasks waiting for one event, most urgent first, first come first served among equals.
 * A circular doubly linked list; see kernel/core/waitq.h. */
struct kiln_waitq {
    struct kiln_task *first;
};

/* A pending timeout: a node of the kernel's timeout queue; see kernel/core/timeout.h. */
struct kiln_timeout {
    struct kiln_timeout *child[2];
    kiln_ticks_t deadline;
    uint32_t order; /* arrival number, so that equal deadlines end first come first served */
};

/* What every object starts with: a tag that tells a live object of the right type from any
 * other memory, and a name. */
#if KILN_CFG_CHECKS
#define KILN_TAG_FIELD              const void *tag;
#define KILN_TAG_INIT(object, type) .tag = (const char *)&(object) + (type),
#else
#define KILN_TAG_FIELD
#define KILN_TAG_INIT(object, type)
#endif
#if KILN_CFG_NAMES
#define KILN_NAME_FIELD               const char *name;
#define KILN_NAME_INIT(string)        .name = (string),
#define kiln_set_name(object, string) ((void)((object)->name = (string)))
#define kiln_name(object)             ((object)->name)
#else
#define KILN_NAME_FIELD
#define KILN_NAME_INIT(string)
#define kiln_set_name(object, string) ((void)(object))
#define kiln_name(object)             ((void)(object), "?")
#endif
#define KILN_OBJECT_FIELDS             KILN_TAG_FIELD KILN_NAME_FIELD
#define KILN_OBJECT_INIT(object, type) KILN_TAG_INIT(object, type) KILN_NAME_INIT(#object)

/* Tag values, one a type. */
enum kiln_type {
    KILN_TYPE_TASK = 1,
    KILN_TYPE_SEM,
    KILN_TYPE_MUTEX,
    KILN_TYPE_QUEUE,
    KILN_TYPE_FLAGS,
    KILN_TYPE_POOL,
    KILN_TYPE_TIMER,
    KILN_TYPE_ASYNC,
    KILN_TYPE_EXECUTOR,
    KILN_TYPE_WAKER,
    KILN_TYPE_STREAM,
};

/* Static objects of one type sit in one linker section, in the order of their definitions. */
#if defined(__GNUC__) && !defined(__clang__)
#define KILN_IN_ORDER no_reorder,
#else
#define KILN_IN_ORDER
#endif
#define KILN_SECTION(name) \
    __attribute__((KILN_IN_ORDER used, section(#name), aligned(sizeof(void *))))

#ifdef __cplusplus
}
#endif

#endif
