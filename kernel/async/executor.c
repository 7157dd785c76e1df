/* Executors, and the life of a coroutine: see kiln/async.h.
 *
 * A coroutine that has not ended is in one of three places: in its executor's list of ready ones,
 * in the wait queue of what it waits for, or in neither because its body is being called. It
 * changes place in masked sections only:
 *
 *   body to wait queue     in the await, in the section that found nothing to take; so a giver
 *                          comes before that look, or finds the coroutine in the queue.
 *   wait queue to ready    by whoever ends the wait: a giver, the tick, a cancel. All go through
 *                          waitq.c, where the first one takes the coroutine out of the queue and
 *                          ends its timeout, and the others find it waiting no more.
 *   ready to body          in the executor's task. There is only one, so the body of a coroutine
 *                          that was woken while it was still on its way out of the await is
 *                          called again after it has returned, not before.
 *
 * The executor's task looks at the list and blocks in one masked section, and whoever puts a
 * coroutine into the list wakes the task in the section that does so: no wake-up is lost.
 *
 * A task and the executors that it runs know each other (`runs`, `outer` and `runner`), from the
 * masked section in which kiln_executor_run() finds the executor free to the one in which it
 * returns. A kill, by whomever, comes before that, and then the run never began; or after it, and
 * then it is none of the executor's business; or in between, and then the task's end dissolves the
 * bond (k_executors_let_go()) before another task can run or the storage be used again. So an
 * executor has a runner exactly while a task is in that call, and no task has to be recognised. Of
 * what the runner was doing two things are left: it is in `idle` no more, as the kill ended its
 * wait, so wake-ups meanwhile only add to the list, which the next runner looks at first; and
 * `running`, when it was in a body, is what the next runner finishes.
 */
#include "kiln/config.h"

#if KILN_CFG_ASYNC

#include <string.h>

#include "async.h"
#include "core/waitq.h"

/* A coroutine is a waiter because its fields are where a task has them. */
#define SAME_PLACE(field)                                                      \
    KILN_STATIC_ASSERT(offsetof(struct kiln_async, field) + K_WAITER_OFFSET == \
                           offsetof(struct kiln_task, field),                  \
                       "struct kiln_async and struct kiln_task differ in " #field)
SAME_PLACE(next);
SAME_PLACE(prev);
SAME_PLACE(prio);
SAME_PLACE(flags);
SAME_PLACE(wait_kind);
SAME_PLACE(waitq);
SAME_PLACE(wait);
SAME_PLACE(timeout);
#if KILN_CFG_WAITQ_SKIP
SAME_PLACE(peer);
#endif
#if KILN_CFG_CHECKS
SAME_PLACE(tag);
#endif
#if KILN_CFG_NAMES
SAME_PLACE(name);
#endif

/* ---- Ready coroutines --------------------------------------------------------------------- */

static void append_locked(struct kiln_executor *executor, struct kiln_task *waiter)
{
    if (executor->ready.first == NULL) {
        executor->ready.first = waiter; /* linked to itself already */
    } else {
        k_list_insert_before(executor->ready.first, waiter);
    }
}

static void remove_locked(struct kiln_executor *executor, struct kiln_task *waiter)
{
    k_list_leave(&executor->ready, waiter);
    if (executor->ready.first == waiter) { /* it was alone */
        executor->ready.first = NULL;
    }
}

/* The tick looks at the priority of what it has woken, to know whether to switch: so that has to be
 * what the executor's task has now, not what it had when the wait began. */
void k_async_ready_locked(struct kiln_async *async)
{
    struct kiln_executor *executor = async->executor;
    struct kiln_task *waiter = k_waiter_of(async), *task = executor->idle.first;
    append_locked(executor, waiter);
    if (task != NULL) {
        kiln_trace_hook(KILN_TRACE_WAKE, task, (uintptr_t)KILN_OK);
        waiter->prio = task->prio;
        k_unwait_locked(task, KILN_OK);
        if (k_is_ready(task)) {
            k_ready_append_locked(task);
        }
    }
}

void k_executor_woken_locked(struct kiln_async *async)
{
    k_async_ready_locked(async);
}

/* ---- Executors ---------------------------------------------------------------------------- */

int kiln_executor_init(struct kiln_executor *executor)
{
    if (executor == NULL) {
        return KILN_EINVAL;
    }
    K_CHECK_NEW(executor, KILN_TYPE_EXECUTOR);
    *executor = (struct kiln_executor){.woken_locked = k_executor_woken_locked};
    kiln_set_name(executor, "?");
    K_SET_TAG(executor, KILN_TYPE_EXECUTOR);
    return KILN_OK;
}

int kiln_executor_destroy(struct kiln_executor *executor)
{
    K_CHECK_OBJECT(executor, KILN_TYPE_EXECUTOR);
    unsigned key = port_irq_save();
    bool in_use = executor->alive != 0 || executor->runner != NULL;
    if (!in_use) {
        K_CLEAR_TAG(executor);
    }
    port_irq_restore(key);
    return in_use ? KILN_ESTATE : KILN_OK;
}

/* The coroutine has ended. Its storage is the caller's again once nobody waits for its end any
 * more: until then the scheduler is locked, and only then is it marked. Called and returns
 * masked. */
static unsigned finish(struct kiln_async *async, unsigned key)
{
    kernel.locked++;
    key = k_wake_joiners(&async->joiners, async->result, key);
    async->executor->alive--;
    async->state = K_ASYNC_ENDED;
    k_unlock_and_reschedule(key);
    return port_irq_save();
}

/* What comes next for a coroutine that was ready. Masked. */
static void prepare_locked(struct kiln_async *async)
{
    unsigned state = async->state;
    if (state & K_ASYNC_CANCEL_NOW) {
        async->line = KILN_ASYNC_CLEANUP_LINE;
        async->result = KILN_ECANCELED;
    } else if (state & K_ASYNC_SLEEPS) { /* its timeout has ended the wait: what else? */
        k_waiter_of(async)->wait.result = KILN_OK;
    }
    async->state = (uint8_t)(state & ~(unsigned)(K_ASYNC_CANCEL_NOW | K_ASYNC_SLEEPS));
}

/* Calls a body up to its next await, unmasked. Called and returns masked. */
static unsigned step(struct kiln_executor *executor, unsigned key)
{
    struct kiln_async *async = k_async_of(executor->ready.first);
    enum kiln_async_step next;
    remove_locked(executor, executor->ready.first);
    prepare_locked(async);
    executor->running = async;
    port_irq_restore(key);
    do {
        next = async->body(async); /* calls: coroutines */
    } while (next == KILN_ASYNC_GOES_ON);
    key = port_irq_save();
    executor->running = NULL;
    return next == KILN_ASYNC_ENDS ? finish(async, key) : key;
}

/* The last task was killed in the middle of a body, which nobody can go on with. Where the kill
 * came after the await, the coroutine waits, or is ready. Called and returns masked. */
static unsigned finish_abandoned(struct kiln_executor *executor, unsigned key)
{
    struct kiln_async *async = executor->running;
    struct kiln_task *waiter = k_waiter_of(async);
    if (waiter->waitq != NULL) {
        k_unwait_locked(waiter, KILN_ECANCELED);
    } else if (executor->ready.first == waiter || waiter->next != waiter) {
        remove_locked(executor, waiter);
    }
    executor->running = NULL;
    async->result = KILN_ECANCELED;
    return finish(async, key);
}

/* Runs what is ready, and waits for more. Called and returns masked. */
static int run(struct kiln_executor *executor, unsigned *key)
{
    int result = KILN_OK;
    while (result == KILN_OK && executor->alive != 0) {
        if (executor->ready.first != NULL) {
            *key = step(executor, *key);
        } else {
            result = k_block(&executor->idle, KILN_FOREVER, *key, KILN_WAIT_EXECUTOR);
            *key = port_irq_save();
        }
    }
    return result;
}

/* Runs end in the reverse order of their beginnings: each is a call in a body of the one before. */
static void begin_run_locked(struct kiln_executor *executor)
{
    executor->runner = kernel.current;
    executor->outer = kernel.current->runs;
    kernel.current->runs = executor;
}

static void end_run_locked(struct kiln_executor *executor)
{
    kernel.current->runs = executor->outer;
    executor->runner = NULL;
}

int kiln_executor_run(struct kiln_executor *executor)
{
    K_CHECK_OBJECT(executor, KILN_TYPE_EXECUTOR);
    unsigned key = port_irq_save();
    int result = k_check_wait(KILN_FOREVER, key);
    if (result != KILN_OK) {
        return result;
    }
    if (executor->runner != NULL) {
        port_irq_restore(key);
        return KILN_ESTATE;
    }
    begin_run_locked(executor);
    if (executor->running != NULL) {
        key = finish_abandoned(executor, key);
    }
    result = run(executor, &key);
    end_run_locked(executor);
    port_irq_restore(key);
    return result;
}

/* ---- Coroutines --------------------------------------------------------------------------- */

#if KILN_CFG_CHECKS
bool kiln_async_is_alive(const struct kiln_async *async)
{
    return async->tag == (const char *)async + KILN_TYPE_ASYNC &&
           (async->state & K_ASYNC_ENDED) == 0;
}

K_INLINE bool may_start(const struct kiln_async *async)
{
    return !kiln_async_is_alive(async);
}
#else
bool kiln_async_is_alive(const struct kiln_async *async)
{
    return (async->state & K_ASYNC_ENDED) == 0;
}

K_INLINE bool may_start(const struct kiln_async *async)
{
    (void)async;
    return true;
}
#endif

#if KILN_CFG_WAITQ_SKIP
K_INLINE void set_peer(struct kiln_task *waiter)
{
    waiter->peer = waiter;
}
#else
K_INLINE void set_peer(struct kiln_task *waiter)
{
    (void)waiter;
}
#endif

/* Through the waiter: its fields are never written by any other name. */
static void setup(struct kiln_async *async, const char *name)
{
    struct kiln_task *waiter = k_waiter_of(async);
    (void)name;
    waiter->next = waiter;
    waiter->prev = waiter;
    waiter->flags = K_TASK_NEW;
    waiter->waitq = NULL;
    set_peer(waiter);
    kiln_set_name(async, name != NULL ? name : "?");
    K_SET_TAG(async, KILN_TYPE_ASYNC);
}

int kiln_async_start(struct kiln_async *async, struct kiln_executor *executor, kiln_async_fn body,
                     const char *name)
{
    K_CHECK_OBJECT(executor, KILN_TYPE_EXECUTOR);
    if (async == NULL || body == NULL) {
        return KILN_EINVAL;
    }
    if (!may_start(async)) {
        return KILN_ESTATE;
    }
    memset(async, 0, sizeof(*async));
    async->executor = executor;
    async->body = body;
    setup(async, name);
    unsigned key = port_irq_save();
    executor->alive++;
    k_async_ready_locked(async);
    k_release_and_reschedule(key);
    return KILN_OK;
}

int kiln_async_cancel(struct kiln_async *async)
{
    K_CHECK_OBJECT(async, KILN_TYPE_ASYNC);
    struct kiln_task *waiter = k_waiter_of(async);
    unsigned key = port_irq_save();
    if (async->state & (K_ASYNC_ENDED | K_ASYNC_CLOSED | K_ASYNC_CANCEL)) {
        port_irq_restore(key);
        return KILN_ESTATE;
    }
    async->state |= K_ASYNC_CANCEL;
    if (waiter->waitq != NULL) {
        async->state |= K_ASYNC_CANCEL_NOW;
        k_wake_locked(waiter, KILN_ECANCELED);
    }
    k_release_and_reschedule(key);
    return KILN_OK;
}

int kiln_async_join(struct kiln_async *async, int *result, kiln_ticks_t timeout_ticks)
{
    K_CHECK_OBJECT(async, KILN_TYPE_ASYNC);
    unsigned key = port_irq_save();
    bool has_ended = (async->state & K_ASYNC_ENDED) != 0;
    if (!has_ended && (port_in_isr() || async->executor->runner != kernel.current)) {
        return k_block_with(result, &async->joiners, timeout_ticks, key, KILN_WAIT_ASYNC);
    }
    if (has_ended && result != NULL) {
        *result = async->result;
    }
    port_irq_restore(key);
    return has_ended ? KILN_OK : KILN_EDEADLK;
}

/* A cancel that has not come yet comes too late. */
void k_async_begin_cleanup(struct kiln_async *async)
{
    unsigned key = port_irq_save();
    async->state = K_ASYNC_CLOSED;
    port_irq_restore(key);
}

/* The body's switch has no case for its line: there is no cleanup section, or the case went to a
 * switch statement further in. */
void k_async_check_line(const struct kiln_async *async)
{
    (void)async;
    K_ASSERT(async->line == KILN_ASYNC_CLEANUP_LINE, "an await inside a switch statement", async);
}

#endif
