/* A device that is polled again when its interrupt calls the waker: no interrupt is lost between a
 * poll that failed and the wait, or the two readers would wait for ever. */
#include "explore.h"
#include "kiln/kiln.h"

KILN_WAKER_DEFINE(waker);
KILN_EXECUTOR_DEFINE(executor);
static struct reader {
    struct kiln_async async;
    unsigned wanted, got;
} readers[2] = {{.wanted = 2}, {.wanted = 1}};
static unsigned available, lines;

/* The last has two things at once. */
static void on_line(void)
{
    available += lines++ == 0 ? 1 : 2;
    (void)kiln_waker_wake(&waker);
}

static int take(void)
{
    unsigned key = kiln_irq_lock();
    int result = available == 0 ? KILN_EAGAIN : KILN_OK;
    available -= available != 0;
    kiln_irq_unlock(key);
    return result;
}

static enum kiln_async_step read(struct kiln_async *async)
{
    struct reader *self = KILN_ASYNC_FRAME(async, struct reader, async);
    KILN_ASYNC_BEGIN(async);
    for (; self->got < self->wanted; self->got++) {
        KILN_AWAIT_POLL(async, &waker, take(), KILN_FOREVER);
        explore_require(kiln_await_result(async) == KILN_OK, "a strange result");
    }
    KILN_ASYNC_END(async);
}

static int run(void *arg)
{
    (void)arg;
    (void)kiln_async_start(&readers[0].async, &executor, read, "first");
    (void)kiln_async_start(&readers[1].async, &executor, read, "second");
    explore_require(kiln_executor_run(&executor) == KILN_OK, "the executor stopped");
    return 0;
}

KILN_TASK_DEFINE(runner, run, NULL, 5, 512);

int main(void)
{
    explore_line(0, on_line, 2);
    return kiln_start();
}
