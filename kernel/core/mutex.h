/* What core needs of mutexes: nothing, when they are compiled out. */
#ifndef K_MUTEX_H
#define K_MUTEX_H

#include "kernel.h"

#if KILN_CFG_MUTEX
#include "kiln/mutex.h"

/* A waiter left a mutex's queue without getting it, or its priority changed: works out
 * afresh what the owner inherits. */
void k_mutex_waiter_left_locked(struct kiln_waitq *queue);

/* Works out a task's effective priority afresh, and that of the owner it waits for, and so on
 * along the chain as long as something changes. */
void k_mutex_update_prio_locked(struct kiln_task *task);

/* Passes on every mutex that a terminated task holds, each in a masked section of its own.
 * Called and returns masked, with the scheduler locked. */
unsigned k_mutex_release_all(struct kiln_task *task, unsigned key);

#else

K_INLINE void k_mutex_waiter_left_locked(struct kiln_waitq *queue)
{
    (void)queue;
}

K_INLINE void k_mutex_update_prio_locked(struct kiln_task *task)
{
    k_task_set_prio_locked(task, task->base_prio);
}

K_INLINE unsigned k_mutex_release_all(struct kiln_task *task, unsigned key)
{
    (void)task;
    return key;
}

#endif
#endif
