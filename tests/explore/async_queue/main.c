/* Items from an interrupt and from a coroutine to a coroutine that is cancelled, and to a task that
 * takes what that leaves. Each arrives once. */
#include "explore.h"
#include "kiln/kiln.h"

KILN_QUEUE_DEFINE(queue, sizeof(uint32_t), 1);
KILN_EXECUTOR_DEFINE(executor);
static struct kiln_async receiver, sender;
static uint32_t item, own_item = 100, line_item, received, sent;

static void on_line(void)
{
    line_item++;
    sent += kiln_queue_send(&queue, &line_item, KILN_NO_WAIT) == KILN_OK ? line_item : 0;
}

static void on_cancel(void)
{
    (void)kiln_async_cancel(&receiver);
}

static enum kiln_async_step receive(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    for (;;) {
        KILN_AWAIT(async, kiln_await_receive(async, &queue, &item, 4));
        if (kiln_await_result(async) != KILN_OK) {
            KILN_ASYNC_RETURN(async, kiln_await_result(async));
        }
        received += item;
    }
    KILN_ASYNC_END(async);
}

static enum kiln_async_step send(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    for (; own_item <= 300; own_item += 100) {
        KILN_AWAIT(async, kiln_await_send(async, &queue, &own_item, 3));
        sent += kiln_await_result(async) == KILN_OK ? own_item : 0;
    }
    KILN_ASYNC_END(async);
}

static int run(void *arg)
{
    uint32_t rest;
    (void)arg;
    explore_require(kiln_executor_run(&executor) == KILN_OK, "the executor stopped");
    unsigned key = kiln_irq_lock();
    while (kiln_queue_receive(&queue, &rest, KILN_NO_WAIT) == KILN_OK) {
        received += rest;
    }
    bool all_are_there = received == sent;
    kiln_irq_unlock(key);
    explore_require(all_are_there, "items were lost or made");
    return 0;
}

KILN_TASK_DEFINE(runner, run, NULL, 5, 512);

int main(void)
{
    explore_line(0, on_line, 2);
    explore_line(1, on_cancel, 1);
    (void)kiln_async_start(&receiver, &executor, receive, "receiver");
    (void)kiln_async_start(&sender, &executor, send, "sender");
    return kiln_start();
}
