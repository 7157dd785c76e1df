/* The invariants of objects that tasks wait for or hold: see check.h. */
#include "check.h"

#if KILN_CFG_CHECKS && KILN_CFG_TASK_LIST

#include "core/waitq.h"
#include "kiln/kiln.h"
#include "check_parts.h"
#include "sync/flags.h"

/* ---- Mutexes ------------------------------------------------------------------------------ */

#if KILN_CFG_MUTEX
/* The mutexes that a task holds; a cycle ends the count where two paces meet. */
static verdict check_held(const struct kiln_task *task, unsigned *inherited)
{
    const struct kiln_mutex *slow = task->held;
    bool odd = false;
    for (const struct kiln_mutex *mutex = task->held; mutex != NULL; mutex = mutex->next_held) {
        const struct kiln_task *first = mutex->waiters.first;
        REQUIRE(mutex->tag == (const char *)mutex + KILN_TYPE_MUTEX, "a held mutex is not alive");
        REQUIRE(mutex->owner == task, "a held mutex has another owner");
        REQUIRE(first == NULL || (first->flags & K_TASK_ON_MUTEX),
                "the waiter of a mutex is not marked as such");
        *inherited = first != NULL && first->prio > *inherited ? first->prio : *inherited;
        slow = odd ? slow->next_held : slow;
        odd = !odd;
        REQUIRE(slow != mutex->next_held || slow == NULL, "a list of held mutexes is circular");
    }
    return NULL;
}

static bool holds(const struct kiln_task *task, const struct kiln_mutex *mutex)
{
    const struct kiln_mutex *held = task->held;
    while (held != NULL && held != mutex) {
        held = held->next_held;
    }
    return held == mutex;
}

/* A terminated task keeps the priority with which it ended. */
verdict k_check_priority(const struct kiln_task *task)
{
    unsigned inherited = 0;
    verdict wrong = check_held(task, &inherited);
    if (wrong != NULL) {
        return wrong;
    }
    REQUIRE((task->flags & K_TASK_TERMINATED) ||
                task->prio == (inherited > task->base_prio ? inherited : task->base_prio),
            "a task does not run at the greater of its base and inherited priority");
    return NULL;
}

static verdict check_mutex_of(const struct kiln_task *task)
{
    const struct kiln_mutex *mutex = K_CONTAINER_OF(task->waitq, const struct kiln_mutex, waiters);
    REQUIRE(mutex->tag == (const char *)mutex + KILN_TYPE_MUTEX, "a task waits for no live mutex");
    REQUIRE(is_task(mutex->owner), "a task waits for a mutex that is free");
    REQUIRE(mutex->owner != task, "a task waits for a mutex of its own");
    REQUIRE(holds(mutex->owner, mutex), "a mutex is not in its owner's list");
    return NULL;
}
#else
verdict k_check_priority(const struct kiln_task *task)
{
    REQUIRE(task->prio == task->base_prio, "a task does not run at its base priority");
    return NULL;
}

static verdict check_mutex_of(const struct kiln_task *task)
{
    (void)task;
    return "a task waits for a mutex, and there are none";
}
#endif

/* ---- Other objects ------------------------------------------------------------------------ */

#if KILN_CFG_NAMES
#if KILN_CFG_SEM
static verdict check_sem(const struct kiln_waitq *queue)
{
    const struct kiln_sem *sem = K_CONTAINER_OF(queue, const struct kiln_sem, waiters);
    REQUIRE(sem->tag == (const char *)sem + KILN_TYPE_SEM, "a task waits for no live semaphore");
    REQUIRE(sem->count == 0, "a task waits for a semaphore that is not 0");
    return NULL;
}
#else
#define check_sem(queue) NULL
#endif

#if KILN_CFG_QUEUE
static verdict check_receivers(const struct kiln_waitq *waiters)
{
    const struct kiln_queue *queue = K_CONTAINER_OF(waiters, const struct kiln_queue, receivers);
    REQUIRE(queue->tag == (const char *)queue + KILN_TYPE_QUEUE, "a task waits at no live queue");
    REQUIRE(queue->count == 0, "a task waits to receive from a queue that has items");
    return NULL;
}

static verdict check_senders(const struct kiln_waitq *waiters)
{
    const struct kiln_queue *queue = K_CONTAINER_OF(waiters, const struct kiln_queue, senders);
    REQUIRE(queue->tag == (const char *)queue + KILN_TYPE_QUEUE, "a task waits at no live queue");
    REQUIRE(queue->count == queue->capacity, "a task waits to send to a queue that has room");
    return NULL;
}
#else
#define check_receivers(waiters) NULL
#define check_senders(waiters)   NULL
#endif

#if KILN_CFG_FLAGS
static verdict check_flags(const struct kiln_task *task)
{
    const struct kiln_flags *flags = (const struct kiln_flags *)k_flags_waited_for(task);
    REQUIRE(flags->tag == (const char *)flags + KILN_TYPE_FLAGS, "a task waits for no live flags");
    REQUIRE(task->waitq == &flags->waiters[0] || task->waitq == &flags->waiters[1],
            "a task waits for other flags than its queue's");
    REQUIRE(flags->setting || task->waitq == &flags->waiters[flags->active],
            "a task was left behind by a set of flags");
    REQUIRE(!flags->setting || kernel.locked != 0, "flags are being set with other tasks running");
    return NULL;
}
#else
#define check_flags(task) NULL
#endif

#if KILN_CFG_POOL
static verdict check_pool(const struct kiln_waitq *queue)
{
    const struct kiln_pool *pool = K_CONTAINER_OF(queue, const struct kiln_pool, waiters);
    REQUIRE(pool->tag == (const char *)pool + KILN_TYPE_POOL, "a task waits for no live pool");
    REQUIRE(pool->free == NULL && pool->fresh == pool->end,
            "a task waits for a pool that has free blocks");
    return NULL;
}
#else
#define check_pool(queue) NULL
#endif

#if KILN_CFG_STREAM
/* Whoever closes a stream wakes the tasks that wait, with the scheduler locked. */
static verdict check_readers(const struct kiln_waitq *waiters)
{
    const struct kiln_stream *stream = K_CONTAINER_OF(waiters, const struct kiln_stream, readers);
    REQUIRE(stream->tag == (const char *)stream + KILN_TYPE_STREAM, "a task reads no live stream");
    REQUIRE(stream->count == 0, "a task waits to read from a stream that has bytes");
    REQUIRE(!stream->is_closed || kernel.locked != 0, "a task waits to read what is closed");
    return NULL;
}

static verdict check_writers(const struct kiln_waitq *waiters)
{
    const struct kiln_stream *stream = K_CONTAINER_OF(waiters, const struct kiln_stream, writers);
    bool is_pipe = stream->driver == NULL, is_closed = stream->is_closed && kernel.locked == 0;
    REQUIRE(stream->tag == (const char *)stream + KILN_TYPE_STREAM, "a task writes no live stream");
    REQUIRE(!is_pipe || stream->count == stream->size, "a task waits to write where there is room");
    REQUIRE(!is_pipe || !is_closed, "a task waits to write to a pipe that is closed");
    return NULL;
}
#else
#define check_readers(waiters) NULL
#define check_writers(waiters) NULL
#endif

#if KILN_CFG_JOIN
static verdict check_join(const struct kiln_waitq *queue)
{
    REQUIRE(is_task(K_CONTAINER_OF(queue, const struct kiln_task, joiners)),
            "a task joins what is no task");
    return NULL;
}
#else
#define check_join(queue) NULL
#endif

/* The object that a waiting task waits for. */
verdict k_check_object_of(const struct kiln_task *task)
{
    bool on_mutex = (task->flags & K_TASK_ON_MUTEX) != 0;
    REQUIRE(on_mutex == (task->wait_kind == KILN_WAIT_MUTEX),
            "a task does not know whether it waits for a mutex");
    switch ((enum kiln_wait)task->wait_kind) {
    case KILN_WAIT_SLEEP:
        REQUIRE(task->flags & K_TASK_TIMED, "a task sleeps and nothing wakes it");
        return NULL;
    case KILN_WAIT_SEM:
        return check_sem(task->waitq);
    case KILN_WAIT_MUTEX:
        return check_mutex_of(task);
    case KILN_WAIT_QUEUE_SEND:
        return check_senders(task->waitq);
    case KILN_WAIT_QUEUE_RECEIVE:
        return check_receivers(task->waitq);
    case KILN_WAIT_FLAGS:
        return check_flags(task);
    case KILN_WAIT_POOL:
        return check_pool(task->waitq);
    case KILN_WAIT_JOIN:
        return check_join(task->waitq);
    case KILN_WAIT_EXECUTOR:
        return k_check_idle_executor(task->waitq);
    case KILN_WAIT_ASYNC:
        return k_check_async_join(task->waitq);
    case KILN_WAIT_WAKER:
        return k_check_waker(task->waitq);
    case KILN_WAIT_STREAM_READ:
        return check_readers(task->waitq);
    case KILN_WAIT_STREAM_WRITE:
        return check_writers(task->waitq);
    default:
        return "a waiting task waits for nothing";
    }
}
#else
/* Only mutexes are known by more than the name of the wait. */
verdict k_check_object_of(const struct kiln_task *task)
{
    return (task->flags & K_TASK_ON_MUTEX) ? check_mutex_of(task) : NULL;
}
#endif

#endif
