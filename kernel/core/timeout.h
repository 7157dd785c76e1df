/* The timeout queue: what is to happen at a later tick, a task's timeout or a timer.
 *
 * A priority search tree after E. M. McCreight ("Priority search trees", SIAM Journal on
 * Computing 14(2), 1985), in its radix form: the tree is a heap on the deadline - the root is
 * the earliest - and at depth d a node goes left or right by bit d of its arrival number. The
 * numbers of those pending differ, so a path is never longer than a number has bits, whatever the
 * deadlines and however many: inserting and removing are bounded by 31 steps, and take about
 * log2(n) of them, because consecutive numbers spread evenly. Equal deadlines end in the order of
 * their arrival. Nothing depends on addresses: the same program takes the same steps everywhere.
 *
 * Deadlines wrap with the tick count. Those in the queue lie in [now, now + 2^32 - 1), so
 * that `deadline - now` compares them rightly across the wrap. Arrival numbers wrap as well: two
 * equal deadlines could change places if 2^30 other timeouts started in between, and after 2^31
 * one could get the number of a pending one, which makes a path one step longer, no more.
 */
#ifndef TIMEOUT_H
#define TIMEOUT_H

#include "kernel.h"

/* What a timeout belongs to, in bit 0 of its arrival number. The number of a pending
 * timer is never 0, which stands for a stopped one. */
enum k_timeout_owner { K_TIMEOUT_TASK = 0, K_TIMEOUT_TIMER = 1 };
#define K_TIMEOUT_ORDER_STEP 2U

/* Which way a node goes at a depth of its path. */
K_INLINE unsigned k_timeout_way(const struct kiln_timeout *node, unsigned depth)
{
    return (node->order & K_TIMEOUT_ORDER_STEP << depth) != 0;
}

/* True when `a` ends before `b`. */
K_INLINE bool k_timeout_is_before(const struct kiln_timeout *a, const struct kiln_timeout *b)
{
    kiln_ticks_t now = (kiln_ticks_t)kernel.now;
    if (a->deadline == b->deadline) {
        return (int32_t)(a->order - b->order) < 0;
    }
    return a->deadline - now < b->deadline - now;
}

/* Starts a timeout that is not pending, to end `ticks` from now (1 or more). */
void k_timeout_start_locked(struct kiln_timeout *timeout, enum k_timeout_owner owner,
                            kiln_ticks_t ticks);

/* Takes a pending timeout out of the queue. */
void k_timeout_cancel_locked(struct kiln_timeout *timeout);

/* Ticks until the next timeout ends; KILN_FOREVER when none is pending. */
kiln_ticks_t k_timeout_next_locked(void);

#endif
