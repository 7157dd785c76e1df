/* What the files of kernel/async share. */
#ifndef ASYNC_H
#define ASYNC_H

#include "core/async.h"

/* struct kiln_async.state */
enum k_async_state {
    K_ASYNC_CANCEL = 1,     /* it is to be cancelled: now, or at its next await */
    K_ASYNC_CANCEL_NOW = 2, /* when its body is called next */
    K_ASYNC_CLOSED = 4,     /* it is in its cleanup section, and cannot be cancelled any more */
    K_ASYNC_SLEEPS = 8,     /* its timeout is what it waits for */
    K_ASYNC_ENDED = 16,
};

/* Makes a coroutine ready that neither is nor waits. The caller reschedules. */
void k_async_ready_locked(struct kiln_async *async);

/* Opens the masked section of an await. False when the coroutine has been cancelled meanwhile: this
 * is where it notices, and it is ready now. */
bool k_await_begin(struct kiln_async *async, unsigned *key);

/* Queues up in the object's `queue`, where `arg` is what the object needs to complete the wait.
 * Returns KILN_PENDING; KILN_EAGAIN when there is no time to wait. */
int k_await_wait_locked(struct kiln_async *async, struct kiln_waitq *queue, void *arg,
                        kiln_ticks_t timeout_ticks, enum kiln_wait kind);

/* Ends the masked section with what the await returns. */
int k_await_end(struct kiln_async *async, int result, unsigned key);

#endif
