/* What the case files of coroutines share. */
#ifndef ASYNC_CASES_H
#define ASYNC_CASES_H

#include "harness.h"

#define ASYNC_CASES (KILN_CFG_ASYNC && KILN_CFG_SEM && KILN_CFG_QUEUE && KILN_CFG_FLAGS)

#if ASYNC_CASES
/* A frame that will do for every coroutine here. */
struct async_frame {
    struct kiln_async async;
    char letter;
    int count;
    int result;
    uint32_t item;
    kiln_ticks_t ticks, started;
    struct kiln_flags_condition condition;
    struct kiln_async *other;
    struct kiln_task *task;
};
extern struct async_frame async_frames[4];
extern struct kiln_executor async_executor;
extern struct kiln_sem async_sem;

#define SELF struct async_frame *self = KILN_ASYNC_FRAME(async, struct async_frame, async)

/* Starts async_frames[n], whose letter is the n-th, in the executor. */
struct kiln_async *async_start(unsigned n, kiln_async_fn body);

/* The same with a body that takes the semaphore in so many ticks, keeps the result in its frame and
 * marks its letter. */
void async_start_taker(unsigned n, kiln_ticks_t ticks);

/* Runs the executor until all have ended: in the caller, or as a task's entry. */
void async_run(void);
int async_run_task(void *arg);

void async_give(void);
#endif

#endif
