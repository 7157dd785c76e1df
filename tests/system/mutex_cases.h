/* What the mutex cases share: three mutexes, and tasks that lock them. */
#ifndef MUTEX_CASES_H
#define MUTEX_CASES_H

#include "harness.h"

extern struct kiln_mutex m1, m2, m3;

/* Initialises all three. */
void make_three(void);

/* Entries: lock m1 or m2, mark their argument, unlock. */
int lock_and_mark(void *arg);
int lock_second(void *arg);

static inline unsigned prio(void)
{
    return kiln_task_priority(kiln_task_self());
}

static inline void lock(struct kiln_mutex *mutex)
{
    CHECK_OK(kiln_mutex_lock(mutex, KILN_FOREVER));
}

static inline void unlock(struct kiln_mutex *mutex)
{
    CHECK_OK(kiln_mutex_unlock(mutex));
}

#endif
