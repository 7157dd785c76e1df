// Every public header and every definition macro, as a C++ program uses them. Tasks are in the
// order of their definitions: make lint looks into the object.
#include "kiln/kiln.h"

static int entry(void *argument)
{
    return argument == nullptr ? 0 : 1;
}

static void callback(struct kiln_timer *timer)
{
    (void)kiln_timer_stop(timer);
}

KILN_TASK_DEFINE(a_task, entry, nullptr, 1, 1024);
KILN_TASK_DEFINE(b_task, entry, nullptr, 1, 1024);
KILN_TASK_DEFINE(c_task, entry, nullptr, 1, 1024);
KILN_SEM_DEFINE(a_sem, 0, 1);
KILN_MUTEX_DEFINE(a_mutex, KILN_MUTEX_RECURSIVE);
KILN_QUEUE_DEFINE(a_queue, 4, 8);
KILN_FLAGS_DEFINE(some_flags);
KILN_POOL_DEFINE(a_pool, 16, 4);
KILN_TIMER_DEFINE(a_timer, callback);
KILN_EXECUTOR_DEFINE(an_executor);
KILN_WAKER_DEFINE(a_waker);

struct frame {
    struct kiln_async async;
    int item;
};

static enum kiln_async_step body(struct kiln_async *async)
{
    struct frame *self = KILN_ASYNC_FRAME(async, struct frame, async);
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async, kiln_await_receive(async, &a_queue, &self->item, KILN_FOREVER));
    KILN_AWAIT_POLL(async, &a_waker, KILN_OK, KILN_NO_WAIT);
    KILN_ASYNC_RETURN(async, self->item);
    KILN_ASYNC_CLEANUP(async);
    KILN_ASYNC_END(async);
}

static struct frame a_frame;

int main()
{
    (void)kiln_sem_give(&a_sem);
    (void)kiln_async_start(&a_frame.async, &an_executor, body, "body");
    return kiln_start();
}
