/* Mutexes with priority inheritance.
 *
 * The owner runs at the priority of the most urgent task that waits for any mutex it holds,
 * directly or through owners that wait in turn (L. Sha, R. Rajkumar, J. P. Lehoczky,
 * "Priority Inheritance Protocols", IEEE Transactions on Computers 39(9), 1990). What it
 * inherits is worked out afresh whenever a waiter comes, leaves, times out, is killed or
 * changes its priority.
 */
#ifndef KILN_MUTEX_H
#define KILN_MUTEX_H

#include "kiln/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct kiln_mutex {
    struct kiln_waitq waiters;    /* empty whenever owner == NULL */
    struct kiln_task *owner;      /* NULL: free */
    struct kiln_mutex *next_held; /* in the owner's list of held mutexes */
#if KILN_CFG_MUTEX_RECURSIVE
    uint16_t depth;   /* locks beyond the first */
    uint16_t options; /* enum kiln_mutex_option */
#endif
    KILN_OBJECT_FIELDS
};

enum kiln_mutex_option {
    KILN_MUTEX_PLAIN = 0,
    KILN_MUTEX_RECURSIVE = 1, /* the owner may lock again; it unlocks as many times */
};

/* Most locks beyond the first of a recursive mutex. */
#define KILN_MUTEX_DEPTH_MAX 0xFFFFU

#if KILN_CFG_MUTEX_RECURSIVE
#define KILN_MUTEX_OPTIONS_INIT(options_) .depth = 0, .options = (options_),
#else
#define KILN_MUTEX_OPTIONS_INIT(options_)
#endif

/* Defines a mutex; `options_` is an enum kiln_mutex_option. */
#define KILN_MUTEX_DEFINE(mutex, options_)                                                \
    KILN_STATIC_ASSERT((options_) == 0 || ((options_) == 1 && KILN_CFG_MUTEX_RECURSIVE),  \
                       "mutex " #mutex " has an unknown option, or is recursive without " \
                       "KILN_CFG_MUTEX_RECURSIVE");                                       \
    struct kiln_mutex mutex KILN_SECTION(kiln_mutexes) = {                                \
        .waiters = {NULL},                                                                \
        .owner = NULL,                                                                    \
        .next_held = NULL,                                                                \
        KILN_MUTEX_OPTIONS_INIT(options_) KILN_OBJECT_INIT(mutex, KILN_TYPE_MUTEX)}

/* Initialises a mutex on storage that the caller owns. Any context. Never blocks.
 * KILN_EINVAL: no mutex, or an unknown option.
 * A mutex that is alive already panics (with KILN_CFG_CHECKS); see kiln_mutex_destroy(). */
int kiln_mutex_init(struct kiln_mutex *mutex, unsigned options);

/* Ends a mutex's life, so that its storage can be reused. Any context. Never blocks.
 * KILN_ESTATE: it is locked. */
int kiln_mutex_destroy(struct kiln_mutex *mutex);

/* Locks a mutex; waits while another task owns it. Task context. Blocks.
 * KILN_EDEADLK: the caller owns it already, and it is not recursive.
 * KILN_EOVERFLOW: a recursive mutex locked KILN_MUTEX_DEPTH_MAX + 1 times.
 * KILN_EAGAIN, KILN_ETIMEOUT: another task owns it (in time).
 * KILN_EISR: called from an interrupt, which cannot own a mutex (with KILN_CFG_CHECKS).
 * KILN_ESTATE: called before kiln_start() (with KILN_CFG_CHECKS).
 * KILN_ELOCKED: another task owns it, and the caller cannot block. */
int kiln_mutex_lock(struct kiln_mutex *mutex, kiln_ticks_t timeout_ticks);

/* Unlocks a mutex; the first waiting task owns it at once. Mutexes may be unlocked in any
 * order. Task context. May switch.
 * KILN_EPERM: the caller does not own it.
 * KILN_EISR: called from an interrupt (with KILN_CFG_CHECKS). */
int kiln_mutex_unlock(struct kiln_mutex *mutex);

/* Returns the owner, or NULL. Any context; only the owner can rely on the answer. */
struct kiln_task *kiln_mutex_owner(const struct kiln_mutex *mutex);

#ifdef __cplusplus
}
#endif

#endif
