/* A pipe that a coroutine reads and another writes, both with timeouts, and an interrupt brings
 * bytes. What was written is read, in order, or is still there. And one at a pipe that nobody reads
 * is cancelled, between two of its pieces or while it waits. */
#include "explore.h"
#include "kiln/kiln.h"

#define PIECE (KILN_STREAM_CHUNK + 2U) /* more than goes in one masked section */

KILN_EXECUTOR_DEFINE(executor);
KILN_PIPE_DEFINE(pipe, KILN_STREAM_CHUNK);
KILN_PIPE_DEFINE(silent, KILN_STREAM_CHUNK);

static struct kiln_async reader, writer, talker;
static struct kiln_stream_transfer reading, writing, talking;
static kiln_ticks_t began, cancelled_at = KILN_FOREVER;
static uint8_t piece[PIECE], got[3], sent[2], received[2];

/* A byte names its side in bit 7, and has a number. */
static void on_line(void)
{
    uint8_t byte = (uint8_t)(0x80U | sent[1]);
    sent[1] = (uint8_t)(sent[1] + kiln_stream_received(&pipe, &byte, 1));
}

static void on_cancel(void)
{
    if (kiln_async_cancel(&talker) == KILN_OK) {
        cancelled_at = kiln_ticks();
    }
}

static void take(const uint8_t *bytes, size_t count)
{
    for (size_t n = 0; n < count; n++) {
        unsigned side = bytes[n] >> 7;
        explore_require((bytes[n] & 0x7F) == received[side], "a byte is lost, or out of order");
        received[side]++;
    }
}

static enum kiln_async_step read(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    do {
        KILN_AWAIT(async, kiln_await_stream_read(async, &pipe, &reading, got, sizeof(got), 4));
        take(got, reading.done);
    } while (kiln_await_result(async) == KILN_OK);
    explore_require(kiln_await_result(async) == KILN_ETIMEOUT, "the reader was given up");
    KILN_ASYNC_END(async);
}

static enum kiln_async_step write(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    for (size_t n = 0; n < PIECE; n++) {
        piece[n] = (uint8_t)n;
    }
    KILN_AWAIT(async, kiln_await_stream_write(async, &pipe, &writing, piece, PIECE, 20));
    explore_require(kiln_await_result(async) == KILN_OK, "there was no room for it");
    sent[0] = (uint8_t)writing.done;
    KILN_ASYNC_END(async);
}

/* A cancel with the end of the time may come too late. */
static enum kiln_async_step talk(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    began = kiln_ticks();
    KILN_AWAIT(async, kiln_await_stream_write(async, &silent, &talking, piece, PIECE, 5));
    explore_require(kiln_await_result(async) == KILN_ETIMEOUT, "somebody reads");
    explore_require(cancelled_at - began >= 4, "it waits on after its cancel");
    KILN_ASYNC_CLEANUP(async);
    explore_require(talking.done <= KILN_STREAM_CHUNK, "there was no room for that");
    KILN_ASYNC_END(async);
}

static int run(void *arg)
{
    int count;
    (void)arg;
    explore_require(kiln_executor_run(&executor) == KILN_OK, "the executor stopped");
    unsigned key = kiln_irq_lock();
    while ((count = kiln_stream_read(&pipe, got, sizeof(got), KILN_NO_WAIT)) > 0) {
        take(got, (size_t)count);
    }
    bool all_are_there = received[0] == sent[0] && received[1] == sent[1];
    kiln_irq_unlock(key);
    explore_require(all_are_there, "bytes were lost or made");
    return 0;
}

KILN_TASK_DEFINE(runner, run, NULL, 5, 512);

int main(void)
{
    explore_line(0, on_line, 2);
    explore_line(1, on_cancel, 1);
    (void)kiln_async_start(&talker, &executor, talk, "talker");
    (void)kiln_async_start(&writer, &executor, write, "writer");
    (void)kiln_async_start(&reader, &executor, read, "reader");
    return kiln_start();
}
