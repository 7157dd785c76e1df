/* The one blocking primitive: tasks waiting for an event, with a timeout.
 *
 * Everything that makes a task wait, wakes it, times it out or takes it away goes through
 * here. All four come to the same thing - the task leaves its queue and its timeout is
 * cancelled, in one masked section - so whichever comes first wins, and the others find
 * nothing left to do: `waitq` is NULL from then on.
 *
 *   wake against timeout   the wake cancels the timeout in the section that takes the task out
 *                          of the queue; the tick takes the timeout and the task out in one
 *                          section too. There is no moment when one has happened by half.
 *   wake against kill      as above: the killer finds the task either waiting or ready.
 *   interrupt against      the caller looks at the object and queues up in one masked section,
 *   going to sleep         so an interrupt that gives either comes before the look or finds the
 *                          task in the queue.
 */
#ifndef WAITQ_H
#define WAITQ_H

#include "kernel.h"

/* Blocks the running task in `queue` until it is woken or timeout_ticks have passed; ends the
 * masked section that the caller opened with `key`. `kind` is for diagnosis. Returns what the waker
 * passed, KILN_ETIMEOUT, or at once KILN_EAGAIN (no wait wanted), KILN_EISR or KILN_ELOCKED (cannot
 * block). */
int k_block(struct kiln_waitq *queue, kiln_ticks_t timeout_ticks, unsigned key,
            enum kiln_wait kind);

/* The same for a timeout that is not KILN_FOREVER. */
int k_block_timed(struct kiln_waitq *queue, kiln_ticks_t timeout_ticks, unsigned key,
                  enum kiln_wait kind);

/* The same in a queue of the task's own: only the timeout ends it. Always inline: a frame less on
 * the stack of whoever sleeps. */
static inline __attribute__((always_inline)) int k_sleep(kiln_ticks_t timeout_ticks, unsigned key)
{
    struct kiln_task *task = kernel.current;
    if (k_can_block(key)) {
        task->wait.alone.first = NULL;
    }
    return k_block_timed(&task->wait.alone, timeout_ticks, key, KILN_WAIT_SLEEP);
}

/* Ends the wait of a task in `queue` with `result`, and the masked section that `key` opened;
 * switches to it if it is more urgent. Returns KILN_OK. */
int k_wake_and_release(struct kiln_waitq *queue, unsigned key, struct kiln_task *task, int result);

/* Ends the wait of `task` with `result`. The caller reschedules. */
void k_wake_locked(struct kiln_task *task, int result);

/* Takes a waiting task out of its queue and cancels its timeout, without making it ready. */
void k_unwait_locked(struct kiln_task *task);

/* The order of the queue: most urgent first, first come first served among equals. The
 * priority of a task in a queue must not change. */
void k_waitq_insert_locked(struct kiln_waitq *queue, struct kiln_task *task);
void k_waitq_remove_locked(struct kiln_waitq *queue, struct kiln_task *task);

/* Sets, for a wait that is about to begin, flags and what the object needs to complete it.
 * Does nothing when the caller cannot block. */
K_INLINE void k_prepare_to_block(uint8_t flags, void *arg, kiln_ticks_t timeout_ticks, unsigned key)
{
    if (timeout_ticks != KILN_NO_WAIT && k_can_block(key)) {
        kernel.current->flags |= flags;
        kernel.current->wait.arg = arg;
    }
}

#endif
