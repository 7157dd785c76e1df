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

/* A call is about to wait in the masked section that `key` opened. Returns KILN_OK; or ends the
 * section and returns why the caller cannot: KILN_EAGAIN (no wait wanted), KILN_EISR or
 * KILN_ELOCKED. */
int k_check_wait(kiln_ticks_t timeout_ticks, unsigned key);

/* Blocks the running task in `queue` until it is woken or timeout_ticks have passed; ends the
 * masked section. To be called when k_check_wait() returned KILN_OK, with what the object needs to
 * complete the wait in wait.arg and the flags. `kind` is for diagnosis. Returns what the waker
 * passed, or KILN_ETIMEOUT. */
int k_wait(struct kiln_waitq *queue, kiln_ticks_t timeout_ticks, enum kiln_wait kind);

/* Both, for an object that needs nothing. */
#if K_FOR_SPEED
int k_block(struct kiln_waitq *queue, kiln_ticks_t timeout_ticks, unsigned key,
            enum kiln_wait kind);
#else
K_INLINE int k_block(struct kiln_waitq *queue, kiln_ticks_t timeout_ticks, unsigned key,
                     enum kiln_wait kind)
{
    int error = k_check_wait(timeout_ticks, key);
    return error != KILN_OK ? error : k_wait(queue, timeout_ticks, kind);
}
#endif

/* The same for one that needs `arg`. */
K_INLINE int k_block_with(void *arg, struct kiln_waitq *queue, kiln_ticks_t timeout_ticks,
                          unsigned key, enum kiln_wait kind)
{
    int error = k_check_wait(timeout_ticks, key);
    if (error != KILN_OK) {
        return error;
    }
    kernel.current->wait.arg = arg;
    return k_wait(queue, timeout_ticks, kind);
}

/* Ends the wait of a task in `queue` with KILN_OK, and the masked section that `key` opened;
 * switches to it if it is more urgent. Returns KILN_OK. */
int k_wake_and_release(struct kiln_waitq *queue, struct kiln_task *task, unsigned key);

/* Ends the wait of `task` with `result`. The caller reschedules. */
void k_wake_locked(struct kiln_task *task, int result);

/* Ends the wait of `task`, if it waits, but does not make it ready. Sets wait.result in any case.
 */
void k_unwait_locked(struct kiln_task *task, int result);

/* Wakes those who wait for an end, and have somewhere to store how it came in wait.arg, each in a
 * masked section of its own. Called and returns masked. */
K_INLINE unsigned k_wake_joiners(struct kiln_waitq *joiners, int code, unsigned key)
{
    struct kiln_task *joiner;
    while ((joiner = joiners->first) != NULL) {
        int *code_out = (int *)joiner->wait.arg;
        if (code_out != NULL) {
            *code_out = code;
        }
        k_wake_locked(joiner, KILN_OK);
        port_irq_restore(key);
        key = port_irq_save();
    }
    return key;
}

/* The order of the queue: most urgent first, first come first served among equals. The
 * priority of a task in a queue must not change. */
void k_waitq_insert_locked(struct kiln_waitq *queue, struct kiln_task *task);
void k_waitq_remove_locked(struct kiln_waitq *queue, struct kiln_task *task);

#endif
