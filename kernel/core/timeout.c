/* The timeout queue: see timeout.h for the structure and its bounds. */
#include "timeout.h"
#include "mutex.h"
#include "timer.h"
#include "waitq.h"

/* The link that a node on its way down goes by, at the depth that a bit of its arrival number is
 * for. */
K_INLINE struct kiln_timeout **link_down(struct kiln_timeout *here, const struct kiln_timeout *node,
                                         uint32_t bit)
{
    return (node->order & bit) != 0 ? &here->child[1] : &here->child[0];
}

void k_timeout_start_locked(struct kiln_timeout *timeout, enum k_timeout_owner owner,
                            kiln_ticks_t ticks)
{
    struct kiln_timeout **link = &kernel.timeouts, *node = timeout, *here;
    kernel.timeout_order += K_TIMEOUT_ORDER_STEP;
    node->order = kernel.timeout_order | owner;
    node->deadline = (kiln_ticks_t)kernel.now + ticks;
    for (uint32_t bit = K_TIMEOUT_ORDER_STEP; (here = *link) != NULL; bit <<= 1) {
        if (k_timeout_is_before(node, here)) { /* takes its place, and sends it on down */
            struct kiln_timeout *later = here;
            node->child[0] = later->child[0];
            node->child[1] = later->child[1];
            *link = node;
            here = node;
            node = later;
        }
        link = link_down(here, node, bit);
    }
    node->child[0] = NULL;
    node->child[1] = NULL;
    *link = node;
}

/* Fills the hole at *link, which has these two subtrees below it, with the earlier of their
 * roots, the hole that leaves with the earlier one below that, and so on. */
K_INLINE void fill_hole(struct kiln_timeout **link, struct kiln_timeout *left,
                        struct kiln_timeout *right)
{
    for (;;) {
        unsigned side = left == NULL || (right != NULL && k_timeout_is_before(right, left));
        struct kiln_timeout *up = side ? right : left;
        *link = up;
        if (up == NULL) {
            return;
        }
        struct kiln_timeout *up_left = up->child[0], *up_right = up->child[1];
        up->child[0] = left;
        up->child[1] = right;
        link = &up->child[side];
        left = up_left;
        right = up_right;
    }
}

void k_timeout_cancel_locked(struct kiln_timeout *timeout)
{
    struct kiln_timeout **link = &kernel.timeouts;
    for (uint32_t bit = K_TIMEOUT_ORDER_STEP; *link != timeout; bit <<= 1) {
        link = link_down(*link, timeout, bit);
    }
    fill_hole(link, timeout->child[0], timeout->child[1]);
}

kiln_ticks_t k_timeout_next_locked(void)
{
    struct kiln_timeout *first = kernel.timeouts;
    return first == NULL ? KILN_FOREVER : first->deadline - (kiln_ticks_t)kernel.now;
}

/* A task's wait is over without success. Its timeout has left the queue. Ends the masked section
 * that `key` opened. */
K_INLINE void task_timed_out(struct kiln_task *task, unsigned key)
{
    struct kiln_waitq *queue = task->waitq;
    unsigned flags = task->flags;
    task->flags = (uint8_t)(flags & ~(unsigned)K_TASK_TIMED);
    k_wake_locked(task, KILN_ETIMEOUT);
    if (K_UNLIKELY(flags & K_TASK_ON_MUTEX)) {
        k_mutex_waiter_left_locked(queue);
    }
    if (!K_FOR_SPEED) {
        k_release_and_reschedule(key);
        return;
    }
    if (task->prio > kernel.current->prio) {
        port_switch_pend(); /* in vain if the task is suspended */
    }
    port_irq_restore(key);
}

/* Ends the first timeout, after the ticks that are left of it. Ends the masked section that `key`
 * opened, and returns in another, so that an interrupt waits for one timeout at most, however many
 * end together. */
static K_NOINLINE unsigned expire_first(struct kiln_timeout *first, kiln_ticks_t left, unsigned key)
{
    kernel.now += left;
    fill_hole(&kernel.timeouts, first->child[0], first->child[1]);
    if (K_LIKELY((first->order & 1U) == K_TIMEOUT_TASK)) {
        task_timed_out(K_CONTAINER_OF(first, struct kiln_task, timeout), key);
    } else {
        k_timer_expired(first, key);
    }
    return port_irq_save();
}

#if KILN_CFG_SLICE
/* The running task goes behind the others of its priority when its slice is used up. */
K_INLINE void slice_tick(uint32_t ticks)
{
    struct kiln_task *task = kernel.current;
    if (task->slice_left == 0) {
        return;
    }
    if (task->slice_left > ticks) {
        task->slice_left = (uint16_t)(task->slice_left - ticks);
        return;
    }
    task->slice_left = task->slice_ticks;
    if (k_is_ready(task) && task->next != task) {
        k_ready_remove_locked(task); /* it need not be the first: the scheduler may be locked */
        k_ready_append_locked(task);
        port_switch_pend();
    }
}
#else
K_INLINE void slice_tick(uint32_t ticks)
{
    (void)ticks;
}
#endif

/* Moves time on from deadline to deadline, for as long as they lie within these ticks. */
void kernel_tick(uint32_t ticks)
{
    unsigned key = port_irq_save();
    struct kiln_timeout *first;
    slice_tick(ticks);
    while (K_UNLIKELY((first = kernel.timeouts) != NULL)) {
        kiln_ticks_t left = first->deadline - (kiln_ticks_t)kernel.now;
        if (K_LIKELY(left > ticks)) {
            break;
        }
        ticks -= left;
        key = expire_first(first, left, key);
    }
    kernel.now += ticks;
    port_irq_restore(key);
}
