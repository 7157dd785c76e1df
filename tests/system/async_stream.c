/* Coroutines at streams, alone and together with tasks. */
#include "async_cases.h"

#include <string.h>

#if ASYNC_CASES && KILN_CFG_STREAM

#define GROUP "async"

static struct kiln_stream pipe;
static uint8_t buffer[8];

static struct frame {
    struct kiln_async async;
    struct kiln_stream_transfer transfer;
    uint8_t bytes[40];
    uint8_t next;
    size_t size, done;
    kiln_ticks_t ticks;
    int result;
} frames[2];

static struct kiln_async *start(unsigned n, kiln_async_fn body, size_t size, kiln_ticks_t ticks)
{
    memset(&frames[n].transfer, 0, sizeof(frames[n].transfer));
    frames[n].size = size;
    frames[n].ticks = ticks;
    CHECK_OK(kiln_async_start(&frames[n].async, &async_executor, body, "stream"));
    return &frames[n].async;
}

static void make_pipe(size_t size)
{
    CHECK_OK(kiln_stream_init(&pipe, buffer, size, NULL, NULL));
}

static void mark_all(const uint8_t *bytes, size_t count)
{
    for (size_t n = 0; n < count; n++) {
        test_mark((char)bytes[n]);
    }
}

static enum kiln_async_step reads(struct kiln_async *async)
{
    struct frame *self = KILN_ASYNC_FRAME(async, struct frame, async);
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async, kiln_await_stream_read(async, &pipe, &self->transfer, self->bytes, self->size,
                                             self->ticks));
    self->result = kiln_await_result(async);
    KILN_ASYNC_CLEANUP(async);
    mark_all(self->bytes, self->transfer.done);
    test_mark('.');
    KILN_ASYNC_END(async);
}

static enum kiln_async_step writes(struct kiln_async *async)
{
    struct frame *self = KILN_ASYNC_FRAME(async, struct frame, async);
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async, kiln_await_stream_write(async, &pipe, &self->transfer, "abcdef", self->size,
                                              self->ticks));
    self->result = kiln_await_result(async);
    KILN_ASYNC_CLEANUP(async);
    test_mark((char)('0' + self->transfer.done));
    KILN_ASYNC_END(async);
}

static void receive_abc(void)
{
    CHECK_EQ(kiln_stream_received(&pipe, "abc", 3), 3);
}

static void cancel(void)
{
    CHECK_OK(kiln_async_cancel(&frames[0].async));
}

static void close(void)
{
    kiln_stream_close(&pipe);
}

CASE(an_interrupt_hands_bytes_to_a_coroutine)
{
    make_pipe(8);
    (void)start(0, reads, 2, KILN_FOREVER);
    test_irq_after(2, receive_abc);
    async_run();
    CHECK_LOG("ab.");
    CHECK_OK(frames[0].result);
    (void)start(0, reads, 9, KILN_FOREVER);
    async_run();
    CHECK_LOG("c.");
    (void)start(0, reads, 9, KILN_NO_WAIT);
    async_run();
    CHECK_EQ(frames[0].result, KILN_EAGAIN);
    CHECK_LOG(".");
    CHECK_OK(kiln_stream_destroy(&pipe));
}

/* A task that is as urgent, and came later, gets what the coroutine leaves. */
static int read_as_task(void *arg)
{
    uint8_t bytes[8];
    (void)arg;
    mark_all(bytes, (size_t)kiln_stream_read(&pipe, bytes, sizeof(bytes), KILN_FOREVER));
    test_mark('t');
    return 0;
}

CASE(coroutines_and_tasks_stand_in_one_queue_of_a_stream)
{
    make_pipe(8);
    (void)start(0, reads, 2, KILN_FOREVER);
    (void)test_task(async_run_task, NULL, TEST_PRIO + 1);
    (void)test_task(read_as_task, NULL, TEST_PRIO + 1);
    CHECK_EQ(kiln_stream_destroy(&pipe), KILN_ESTATE);
    test_irq_trigger(receive_abc);
    test_join_all();
    CHECK_LOG("ab.ct");
    CHECK_OK(kiln_stream_destroy(&pipe));
}

CASE(a_coroutine_waits_for_room)
{
    uint8_t bytes[8];
    make_pipe(2);
    (void)start(0, writes, 5, KILN_FOREVER);
    (void)test_task(async_run_task, NULL, TEST_PRIO + 1);
    for (unsigned n = 0; n < 5; n++) {
        CHECK_LOG("");
        CHECK_EQ(kiln_stream_read(&pipe, bytes, 1, KILN_NO_WAIT), 1);
        CHECK_EQ(bytes[0], 'a' + n);
        if (n >= 2) {
            CHECK_LOG(n == 2 ? "5" : "");
        }
    }
    test_join_all();
    CHECK_OK(frames[0].result);
    CHECK_OK(kiln_stream_destroy(&pipe));
}

CASE(a_cancel_says_how_much_was_written)
{
    make_pipe(4);
    (void)start(0, writes, 6, KILN_FOREVER);
    test_irq_after(2, cancel);
    async_run();
    CHECK_LOG("4");
    CHECK_OK(kiln_stream_destroy(&pipe));
}

CASE(the_end_of_a_stream_wakes_coroutines)
{
    make_pipe(4);
    (void)start(0, reads, 6, KILN_FOREVER);
    test_irq_after(2, close);
    async_run();
    CHECK_LOG(".");
    CHECK_OK(frames[0].result);
    CHECK_OK(kiln_stream_reopen(&pipe));
    (void)start(0, writes, 6, KILN_FOREVER);
    test_irq_after(2, close);
    async_run();
    CHECK_LOG("4");
    CHECK_EQ(frames[0].result, KILN_ESTATE);
    CHECK_OK(kiln_stream_destroy(&pipe));
}

CASE_IF(an_await_at_a_stream_times_out_to_the_tick, TEST_EXACT)
{
    make_pipe(2);
    test_align();
    kiln_ticks_t began = kiln_ticks();
    (void)start(0, reads, 1, 3);
    async_run();
    CHECK_LOG(".");
    CHECK_EQ(kiln_ticks() - began, 3);
    (void)start(0, writes, 5, 4);
    async_run();
    CHECK_LOG("2");
    CHECK_EQ(frames[0].result, KILN_ETIMEOUT);
    CHECK_EQ(kiln_ticks() - began, 7);
    CHECK_OK(kiln_stream_destroy(&pipe));
}

/* ---- Much ------------------------------------------------------------------------------------ */

#define MUCH 2000U

static enum kiln_async_step writes_much(struct kiln_async *async)
{
    struct frame *self = KILN_ASYNC_FRAME(async, struct frame, async);
    KILN_ASYNC_BEGIN(async);
    for (self->next = 0, self->done = 0; self->done < MUCH; self->done += self->transfer.done) {
        self->size = self->size % sizeof(self->bytes) + 1;
        for (size_t n = 0; n < self->size; n++) {
            self->bytes[n] = self->next++;
        }
        KILN_AWAIT(async, kiln_await_stream_write(async, &pipe, &self->transfer, self->bytes,
                                                  self->size, KILN_FOREVER));
        CHECK_EQ(self->transfer.done, self->size);
    }
    kiln_stream_close(&pipe);
    KILN_ASYNC_END(async);
}

/* Marks each byte that is not the one that ought to come. */
static enum kiln_async_step reads_much(struct kiln_async *async)
{
    struct frame *self = KILN_ASYNC_FRAME(async, struct frame, async);
    KILN_ASYNC_BEGIN(async);
    for (self->next = 0, self->done = 0, self->transfer.done = 1; self->transfer.done != 0;
         self->done += self->transfer.done) {
        self->size = self->size % 37 + 1;
        KILN_AWAIT(async, kiln_await_stream_read(async, &pipe, &self->transfer, self->bytes,
                                                 self->size, KILN_FOREVER));
        for (size_t n = 0; n < self->transfer.done; n++) {
            if (self->bytes[n] != self->next++) {
                test_mark('x');
            }
        }
    }
    KILN_ASYNC_END(async);
}

CASE(much_goes_from_coroutine_to_coroutine)
{
    make_pipe(7);
    (void)start(0, reads_much, 0, KILN_FOREVER);
    (void)start(1, writes_much, 0, KILN_FOREVER);
    async_run();
    CHECK_LOG("");
    CHECK(frames[0].done >= MUCH);
    CHECK_EQ(frames[0].done, frames[1].done);
    CHECK_OK(kiln_stream_destroy(&pipe));
}

#endif
