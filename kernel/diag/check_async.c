/* The invariants of coroutines and executors: part of k_check(). */
#include "check.h"

#if KILN_CFG_CHECKS && KILN_CFG_TASK_LIST && KILN_CFG_ASYNC

#include "check_parts.h"

/* A task and the executors that it runs know each other, to the last. */
static bool is_run_by(const struct kiln_executor *executor, const struct kiln_task *runner)
{
    const struct kiln_executor *run = runner->runs;
    while (run != NULL && run != executor && run->runner == runner) {
        run = run->outer;
    }
    return run == executor;
}

/* An executor's ready coroutines wait for nothing; its task waits only while there are none. */
static verdict check_executor(const struct kiln_executor *executor)
{
    const struct kiln_task *first = executor->ready.first, *waiter = first;
    REQUIRE(executor->tag == (const char *)executor + KILN_TYPE_EXECUTOR,
            "what runs coroutines is no live executor");
    REQUIRE(executor->alive != 0 || first == NULL, "an executor's count of coroutines is wrong");
    REQUIRE(executor->idle.first == NULL || first == NULL,
            "an executor waits while a coroutine is ready");
    REQUIRE(executor->runner == NULL || is_run_by(executor, executor->runner),
            "an executor has a task that does not run it");
    while (waiter != NULL) {
        REQUIRE(is_coroutine(waiter) && is_linked(waiter), "an executor's ready list is broken");
        REQUIRE(waiter->waitq == NULL, "a coroutine is ready and waits");
        REQUIRE(k_async_of(waiter)->executor == executor, "a coroutine is with another executor");
        waiter = waiter->next == first ? NULL : waiter->next;
    }
    return NULL;
}

verdict k_check_coroutine(const struct kiln_task *waiter)
{
    REQUIRE(k_async_of(waiter)->executor != NULL, "a coroutine has no executor");
    return check_executor(k_async_of(waiter)->executor);
}

verdict k_check_idle_executor(const struct kiln_waitq *queue)
{
    const struct kiln_executor *executor = K_CONTAINER_OF(queue, const struct kiln_executor, idle);
    REQUIRE(executor->alive != 0, "an executor waits and has no coroutine");
    REQUIRE(executor->running == NULL, "an executor waits in the middle of a coroutine");
    return check_executor(executor);
}

verdict k_check_async_join(const struct kiln_waitq *queue)
{
    REQUIRE(is_coroutine(k_waiter_of(K_CONTAINER_OF(queue, const struct kiln_async, joiners))),
            "a task waits for the end of what is no coroutine");
    return NULL;
}

verdict k_check_waker(const struct kiln_waitq *queue)
{
    const struct kiln_waker *waker = K_CONTAINER_OF(queue, const struct kiln_waker, waiters);
    REQUIRE(waker->tag == (const char *)waker + KILN_TYPE_WAKER,
            "a coroutine waits for no live waker");
    REQUIRE(!waker->woken, "a coroutine waits for a waker that was woken");
    return NULL;
}

#endif
