/* Counting semaphores. */
#ifndef KILN_SEM_H
#define KILN_SEM_H

#include "kiln/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct kiln_sem {
    struct kiln_waitq waiters; /* empty whenever count > 0 */
    uint32_t count;
    uint32_t limit;
    KILN_OBJECT_FIELDS
};

#define KILN_SEM_LIMIT_MAX 0xFFFFFFFFU

/* Defines a semaphore with an initial count and a limit. */
#define KILN_SEM_DEFINE(sem, initial, limit_)                                                \
    KILN_STATIC_ASSERT((limit_) >= 1 && (initial) <= (limit_),                               \
                       "the initial count of semaphore " #sem " must not exceed its limit"); \
    struct kiln_sem sem KILN_SECTION(kiln_sems) = {.waiters = {NULL},                        \
                                                   .count = (initial),                       \
                                                   .limit = (limit_),                        \
                                                   KILN_OBJECT_INIT(sem, KILN_TYPE_SEM)}

/* Initialises a semaphore on storage that the caller owns. Any context. Never blocks.
 * KILN_EINVAL: no semaphore, a limit of 0, or an initial count above the limit.
 * A semaphore that is alive already panics (with KILN_CFG_CHECKS); see kiln_sem_destroy(). */
int kiln_sem_init(struct kiln_sem *sem, uint32_t initial, uint32_t limit);

/* Ends a semaphore's life, so that its storage can be reused. Any context. Never blocks.
 * KILN_ESTATE: tasks wait for it. */
int kiln_sem_destroy(struct kiln_sem *sem);

/* Takes one; waits while there is none. Tasks get it in order of priority, first come first
 * served among equals. Any context with KILN_NO_WAIT, else a task. Blocks.
 * KILN_EAGAIN, KILN_ETIMEOUT: there was none (in time).
 * KILN_EISR, KILN_ELOCKED: there is none, and the caller cannot block. */
int kiln_sem_take(struct kiln_sem *sem, kiln_ticks_t timeout_ticks);

/* Gives one: to the first waiting task, else to the count. Any context. May switch.
 * KILN_EOVERFLOW: the count is at its limit. */
int kiln_sem_give(struct kiln_sem *sem);

/* Returns the count. Any context. */
uint32_t kiln_sem_count(const struct kiln_sem *sem);

#ifdef __cplusplus
}
#endif

#endif
