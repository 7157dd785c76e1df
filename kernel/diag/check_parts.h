/* What the files of the kernel's check share. */
#ifndef K_CHECK_PARTS_H
#define K_CHECK_PARTS_H

#include "core/async.h"

#define REQUIRE(condition, sentence) \
    do {                             \
        if (!(condition)) {          \
            return sentence;         \
        }                            \
    } while (0)

/* Every check returns NULL, or what it found wrong. */
typedef const char *verdict;

K_INLINE bool is_task(const struct kiln_task *task)
{
    return task != NULL && task->tag == (const char *)task + KILN_TYPE_TASK;
}

#if KILN_CFG_ASYNC
/* A coroutine has its tag where a task has it. */
K_INLINE bool is_coroutine(const struct kiln_task *waiter)
{
    return waiter != NULL && waiter->tag == (const char *)k_async_of(waiter) + KILN_TYPE_ASYNC &&
           k_is_async(waiter);
}
#else
K_INLINE bool is_coroutine(const struct kiln_task *waiter)
{
    (void)waiter;
    return false;
}
#endif

K_INLINE bool is_waiter(const struct kiln_task *waiter)
{
    return is_task(waiter) || is_coroutine(waiter);
}

K_INLINE bool is_linked(const struct kiln_task *waiter)
{
    return is_waiter(waiter->next) && is_waiter(waiter->prev) && waiter->next->prev == waiter &&
           waiter->prev->next == waiter;
}

/* What a task inherits from the mutexes that it holds; what it waits for (check_objects.c). */
verdict k_check_priority(const struct kiln_task *task);
verdict k_check_object_of(const struct kiln_task *task);

/* A coroutine that waits. And the queues of an executor's task, of those who wait for the end of a
 * coroutine, and of a waker. */
#if KILN_CFG_ASYNC
verdict k_check_coroutine(const struct kiln_task *waiter);
verdict k_check_idle_executor(const struct kiln_waitq *queue);
verdict k_check_async_join(const struct kiln_waitq *queue);
verdict k_check_waker(const struct kiln_waitq *queue);
#else
#define k_check_coroutine(waiter)    NULL
#define k_check_idle_executor(queue) "a task runs coroutines, and there are none"
#define k_check_async_join(queue)    "a task waits for a coroutine, and there are none"
#define k_check_waker(queue)         "a task waits for a waker, and there are none"
#endif

#endif
