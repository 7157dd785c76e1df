/* What core needs of coroutines: nothing, when they are compiled out.
 *
 * A coroutine waits in wait queues by itself, without a task: it has a task's fields for waiting
 * (KILN_WAITER_FIELDS), so that wait queues, timeouts and the objects' own code take it for one,
 * and struct kiln_task * is what they call it. It is marked as a task that is new, which never
 * waits otherwise, and so is not made ready when its wait ends. That case is rare and there
 * already, for suspended tasks: here it learns to tell the executor. All that ends the wait of a
 * task costs what it did.
 */
#ifndef K_ASYNC_H
#define K_ASYNC_H

#include "kernel.h"

#if KILN_CFG_ASYNC
#include "kiln/async.h"

/* From the waiter to the coroutine and back: the same place, but for what a task has in front. */
#define K_WAITER_OFFSET offsetof(struct kiln_task, next)

K_INLINE struct kiln_async *k_async_of(const struct kiln_task *waiter)
{
    uintptr_t address = (uintptr_t)waiter + K_WAITER_OFFSET;
    return (struct kiln_async *)address;
}

K_INLINE struct kiln_task *k_waiter_of(const struct kiln_async *async)
{
    uintptr_t address = (uintptr_t)async - K_WAITER_OFFSET;
    K_OPAQUE(address); /* or the compiler sees that most of a task is missing */
    return (struct kiln_task *)address;
}

/* True for a coroutine among those that wait. */
K_INLINE bool k_is_async(const struct kiln_task *waiter)
{
    return (waiter->flags & K_TASK_NEW) != 0;
}

/* The wait of one that is not ready thereby has ended. By a pointer: a program without executors
 * has no need of their code. */
K_INLINE void k_waiter_woken_locked(struct kiln_task *waiter)
{
    if (k_is_async(waiter)) {
        struct kiln_async *async = k_async_of(waiter);
        async->executor->woken_locked(async); /* calls: k_executor_woken_locked */
    }
}

/* A task has ended: it runs no executor any more. Any other task may run them from now on, also one
 * that is made in the same storage, so that whoever looks at an executor never has to look at a
 * task that may be gone. One by one as the mutexes, because an app decides how many there are:
 * interrupts that come in between find each either run, so that it cannot be destroyed, or out of
 * the list. Called and returns masked, with the scheduler locked. */
K_INLINE unsigned k_executors_let_go(struct kiln_task *task, unsigned key)
{
    struct kiln_executor *executor;
    while ((executor = task->runs) != NULL) {
        task->runs = executor->outer;
        executor->runner = NULL;
        if (task->runs != NULL) {
            port_irq_restore(key);
            key = port_irq_save();
        }
    }
    return key;
}

#else

K_INLINE bool k_is_async(const struct kiln_task *waiter)
{
    (void)waiter;
    return false;
}

K_INLINE void k_waiter_woken_locked(struct kiln_task *waiter)
{
    (void)waiter;
}

K_INLINE unsigned k_executors_let_go(struct kiln_task *task, unsigned key)
{
    (void)task;
    return key;
}

#endif
#endif
