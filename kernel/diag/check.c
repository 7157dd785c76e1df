/* The invariants of the kernel, put as a check: see check.h.
 *
 * Nothing here trusts what it looks at further than that a pointer it follows leads to memory:
 * a list is followed only while each link back agrees with the link forward, and such a walk
 * cannot get caught in a cycle that misses its start; the timeout tree is followed by the bits
 * of its nodes' arrival numbers. So a damaged kernel makes the check fail, not hang.
 *
 * That no task is in two lists follows from counting: a task has one pair of links, and as many
 * tasks are found in lists as ought to be in one. What is waited for is in check_objects.c.
 */
#include "check.h"

#if KILN_CFG_CHECKS && KILN_CFG_TASK_LIST

#include "core/timeout.h"
#include "core/waitq.h"
#include "kiln/kiln.h"
#include "check_parts.h"

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
    wrong = wrong != NULL ? wrong : k_check_priority(task);
    if (wrong == NULL && task->waitq != NULL) {
        wrong = k_check_object_of(task);
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
    verdict wrong = k_check_object_of(waiter);
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
