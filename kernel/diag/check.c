/* The invariants of the kernel, put as a check: see check.h.
 *
 * Nothing here trusts what it looks at further than that a pointer it follows leads to memory:
 * a list is followed only while each link back agrees with the link forward, and such a walk
 * cannot get caught in a cycle that misses its start; the timeout tree is followed by the bits
 * of its nodes' arrival numbers. So a damaged kernel makes the check fail, not hang.
 *
 * That no task is in two lists follows from counting: a task has one pair of links, and as many
 * tasks are found in lists as ought to be in one.
 */
#include "check.h"

#if KILN_CFG_CHECKS && KILN_CFG_TASK_LIST

#include "core/timeout.h"
#include "core/waitq.h"
#include "kiln/kiln.h"
#include "check_parts.h"
#include "sync/flags.h"

/* What was counted on the way, to be compared in the end. */
struct census {
    unsigned ready, waiting, timed;
    unsigned in_ready_lists, in_wait_queues, task_timeouts; /* tasks, not coroutines */
};

/* ---- Lists ------------------------------------------------------------------------------- */

static verdict check_ready_list(unsigned prio, struct census *census)
{
    const struct kiln_task *first = kernel.ready[prio].first, *task = first;
    REQUIRE(is_task(first), "a marked ready list starts with no task");
    do {
        REQUIRE(is_linked(task), "a ready list's links are broken");
        REQUIRE(is_task(task) && k_is_ready(task), "a task in a ready list is not ready");
        REQUIRE(task->prio == prio, "a ready task is in the list of another priority");
        census->in_ready_lists++;
        task = task->next;
    } while (task != first);
    return NULL;
}

#if K_MAP_WORDS > 1
static verdict check_map_groups(void)
{
    for (unsigned word = 0; word < K_MAP_WORDS; word++) {
        bool marked = (kernel.ready_map & port_prio_bit(word)) != 0;
        REQUIRE(marked == (kernel.ready_maps[word] != 0), "the ready map's summary is wrong");
    }
    return NULL;
}
#else
static verdict check_map_groups(void)
{
    return NULL;
}
#endif

static verdict check_ready_lists(struct census *census)
{
    for (unsigned prio = 0; prio < KILN_CFG_PRIORITIES; prio++) {
        verdict wrong = k_ready_is_marked(prio) ? check_ready_list(prio, census) : NULL;
        if (wrong != NULL) {
            return wrong;
        }
    }
    return check_map_groups();
}

#if KILN_CFG_WAITQ_SKIP
/* `task` and its successor: a run of equal priority ends, and starts, with tasks that know
 * each other. */
static verdict check_run(const struct kiln_task *head, const struct kiln_task *task,
                         const struct kiln_task *first)
{
    bool is_tail = task->next == first || task->next->prio != task->prio;
    REQUIRE(!is_tail || (head->peer == task && task->peer == head),
            "the ends of a wait queue's run do not know each other");
    return NULL;
}
#else
static verdict check_run(const struct kiln_task *head, const struct kiln_task *task,
                         const struct kiln_task *first)
{
    (void)head;
    (void)task;
    (void)first;
    return NULL;
}
#endif

/* The first task among those that wait in a queue; coroutines may stand before it. */
static const struct kiln_task *first_task_of(const struct kiln_waitq *queue)
{
    const struct kiln_task *waiter = queue->first;
    while (is_coroutine(waiter) && is_linked(waiter) && waiter->next != queue->first) {
        waiter = waiter->next;
    }
    return waiter;
}

/* Follows a queue from its first waiter on. */
static verdict check_wait_queue(const struct kiln_task *first, struct census *census)
{
    const struct kiln_task *task = first, *head = first;
    do {
        REQUIRE(is_linked(task), "a wait queue's links are broken");
        REQUIRE(task->waitq == first->waitq, "a task is in another wait queue than it waits in");
        REQUIRE(task == first || task->prio <= task->prev->prio, "a wait queue is not sorted");
        head = task == first || task->prio != task->prev->prio ? task : head;
        verdict wrong = check_run(head, task, first);
        if (wrong != NULL) {
            return wrong;
        }
        wrong = is_coroutine(task) ? k_check_coroutine(task) : NULL;
        if (wrong != NULL) {
            return wrong;
        }
        census->in_wait_queues += is_task(task);
        task = task->next;
    } while (task != first);
    return NULL;
}

/* ---- What a queue's object looks like while somebody waits -------------------------------- */

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
static verdict check_priority(const struct kiln_task *task)
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
static verdict check_priority(const struct kiln_task *task)
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
static verdict check_object_of(const struct kiln_task *task)
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
static verdict check_object_of(const struct kiln_task *task)
{
    return (task->flags & K_TASK_ON_MUTEX) ? check_mutex_of(task) : NULL;
}
#endif

/* ---- Tasks ------------------------------------------------------------------------------- */

static verdict check_flags_of(const struct kiln_task *task)
{
    unsigned flags = task->flags;
    bool waits = task->waitq != NULL;
    REQUIRE(!(flags & (K_TASK_NEW | K_TASK_TERMINATED)) || !waits,
            "a task that is new or has terminated waits");
    REQUIRE(!(flags & K_TASK_WAIT_FLAGS) || waits,
            "a task does not wait and is marked as if it did");
    REQUIRE(!(flags & K_TASK_IDLE) || task == &kernel.idle,
            "a task takes itself for the idle task");
    REQUIRE(!(flags & K_TASK_KILL) || (task == kernel.current && kernel.locked != 0),
            "a task is to end later and does not have the scheduler locked");
    return NULL;
}

static verdict check_task(const struct kiln_task *task, struct census *census)
{
    REQUIRE(task->prio < KILN_CFG_PRIORITIES && task->base_prio < KILN_CFG_PRIORITIES,
            "a task's priority is out of range");
    verdict wrong = check_flags_of(task);
    wrong = wrong != NULL ? wrong : check_priority(task);
    if (wrong == NULL && task->waitq != NULL) {
        wrong = check_object_of(task);
        census->waiting++;
        if (wrong == NULL && first_task_of(task->waitq) == task) {
            wrong = check_wait_queue(task->waitq->first, census);
        }
    }
    census->ready += k_is_ready(task);
    census->timed += (task->flags & K_TASK_TIMED) != 0;
    return wrong;
}

static verdict check_idle(void)
{
    const struct kiln_task *idle = &kernel.idle;
    REQUIRE(is_task(idle) && idle->all_prev == NULL, "the idle task is not the first of all");
    REQUIRE(idle->flags == K_TASK_IDLE && idle->waitq == NULL, "the idle task is not ready");
    REQUIRE(idle->prio == 0 && idle->base_prio == 0, "the idle task's priority is not 0");
    return NULL;
}

static verdict check_all_tasks(struct census *census)
{
    const struct kiln_task *task = &kernel.idle, *last = NULL;
    verdict wrong = check_idle();
    bool current_found = false;
    for (; wrong == NULL && task != NULL; task = task->all_next) {
        REQUIRE(is_task(task), "what is no task is among all tasks");
        REQUIRE(task->all_prev == last, "the list of all tasks is broken");
        current_found |= task == kernel.current;
        wrong = check_task(task, census);
        last = task;
    }
    REQUIRE(wrong == NULL, wrong);
    REQUIRE(last == kernel.all_last, "the list of all tasks ends elsewhere than it says");
    REQUIRE(current_found || kernel.locked != 0 || port_in_isr(),
            "the running task is not among all tasks");
    return NULL;
}

/* With a switch possible at any time, the running task is the one that ought to run. In an
 * interrupt the switch may still be due. */
static verdict check_running(void)
{
    REQUIRE(is_task(kernel.current), "no task runs");
    REQUIRE(port_in_isr() || kernel.locked != 0 || kernel.current == k_ready_first_locked(),
            "the running task is not the first of the most urgent");
    return NULL;
}

/* ---- Timeouts ---------------------------------------------------------------------------- */

#define DEPTH_MAX 31U

/* The next node in preorder: down; or else down the other side of the deepest node above that
 * has one not yet visited. The way to a node is spelled by its own number, so there is nothing
 * to remember. */
static const struct kiln_timeout *next_node(const struct kiln_timeout *node, unsigned *depth)
{
    const struct kiln_timeout *next = node->child[0] != NULL ? node->child[0] : node->child[1];
    const struct kiln_timeout *above = kernel.timeouts;
    unsigned next_depth = *depth + 1;
    if (next == NULL) {
        for (unsigned d = 0; d < *depth; d++) {
            if (k_timeout_way(node, d) == 0 && above->child[1] != NULL) {
                next = above->child[1];
                next_depth = d + 1;
            }
            above = above->child[k_timeout_way(node, d)];
        }
    }
    *depth = next_depth;
    return next;
}

/* A child comes later than its parent, and shares the bits that led to it. */
static verdict check_child(const struct kiln_timeout *node, unsigned depth, unsigned side)
{
    const struct kiln_timeout *child = node->child[side];
    uint32_t path = (UINT32_C(1) << depth) - 1;
    if (child == NULL) {
        return NULL;
    }
    REQUIRE(depth + 1 < DEPTH_MAX, "the timeout tree is deeper than an arrival number is long");
    REQUIRE(k_timeout_is_before(node, child), "a timeout comes before the one above it");
    REQUIRE(((child->order ^ node->order) >> 1 & path) == 0 && k_timeout_way(child, depth) == side,
            "a timeout is where its number does not belong");
    return NULL;
}

/* Coroutines are in no list of all: those that have a timeout are found by it. */
static verdict check_timed_coroutine(const struct kiln_task *waiter)
{
    REQUIRE(waiter->waitq != NULL, "a timeout is pending for a coroutine that does not wait");
    REQUIRE(is_linked(waiter), "a wait queue's links are broken");
    verdict wrong = check_object_of(waiter);
    return wrong != NULL ? wrong : k_check_coroutine(waiter);
}

static verdict check_owner(const struct kiln_timeout *node, struct census *census)
{
    if ((node->order & 1U) == K_TIMEOUT_TASK) {
        const struct kiln_task *task = K_CONTAINER_OF(node, const struct kiln_task, timeout);
        REQUIRE(is_waiter(task) && (task->flags & K_TASK_TIMED),
                "a timeout is pending for a task that does not wait for it");
        census->task_timeouts += is_task(task);
        return is_task(task) ? NULL : check_timed_coroutine(task);
    }
#if KILN_CFG_TIMER
    const struct kiln_timer *timer = K_CONTAINER_OF(node, const struct kiln_timer, timeout);
    REQUIRE(timer->tag == (const char *)timer + KILN_TYPE_TIMER, "a pending timer is not alive");
    return NULL;
#else
    return "a timer is pending, and there are none";
#endif
}

static verdict check_timeouts(struct census *census)
{
    unsigned depth = 0;
    for (const struct kiln_timeout *node = kernel.timeouts; node != NULL;
         node = next_node(node, &depth)) {
        verdict wrong = check_owner(node, census);
        wrong = wrong != NULL ? wrong : check_child(node, depth, 0);
        wrong = wrong != NULL ? wrong : check_child(node, depth, 1);
        if (wrong != NULL) {
            return wrong;
        }
    }
    return NULL;
}

/* ---- All of it --------------------------------------------------------------------------- */

static verdict check_census(const struct census *census)
{
    REQUIRE(census->in_ready_lists == census->ready, "a ready task is in no ready list");
    REQUIRE(census->in_wait_queues == census->waiting, "a waiting task is in no wait queue");
    REQUIRE(census->task_timeouts == census->timed, "a task's timeout is not pending");
    return NULL;
}

bool k_check(const char **what)
{
    struct census census = {0};
    verdict wrong = check_ready_lists(&census);
    wrong = wrong != NULL ? wrong : check_all_tasks(&census);
    wrong = wrong != NULL ? wrong : check_timeouts(&census);
    wrong = wrong != NULL ? wrong : check_census(&census);
    wrong = wrong != NULL ? wrong : check_running(); /* last: it needs a ready task to be found */
    if (wrong != NULL && what != NULL) {
        *what = wrong;
    }
    return wrong == NULL;
}

#endif
