/* Cases without a race, whose order comes from an object: see clean.c. */
#include "cases.h"

/* ---- Semaphores ------------------------------------------------------------------------------ */

static int touch_and_give(void *arg)
{
    (void)arg;
    nap(3);
    touch();
    check(kiln_sem_give(&sem) == KILN_OK);
    return 0;
}

static int take_and_touch(void *arg)
{
    (void)arg;
    check(kiln_sem_take(&sem, 500) == KILN_OK);
    touch();
    return 0;
}

static int nap_take_and_touch(void *arg)
{
    nap(10);
    return take_and_touch(arg);
}

CLEAN(semaphore_waited_for)
{
    spawn("left", touch_and_give, 2);
    spawn("right", take_and_touch, 2);
}

CLEAN(semaphore_given_before)
{
    spawn("left", touch_and_give, 2);
    spawn("right", nap_take_and_touch, 2);
}

/* ---- Queues ---------------------------------------------------------------------------------- */

KILN_QUEUE_DEFINE(pointers, sizeof(int *), 2);

static int send_pointers(void *arg)
{
    (void)arg;
    static int values[20];
    for (int i = 0; i < 20; i++) {
        int *pointer = &values[i];
        values[i] = i;
        if (i % 3 == 0) {
            check(kiln_queue_send_front(&pointers, &pointer, KILN_FOREVER) == KILN_OK);
        } else {
            check(kiln_queue_send(&pointers, &pointer, KILN_FOREVER) == KILN_OK);
        }
        nap((unsigned)i / 7); /* the receiver is slower at first, and then faster */
    }
    return 0;
}

static int receive_pointers(void *arg)
{
    (void)arg;
    for (int i = 0; i < 20; i++) {
        int *pointer;
        if (i % 4 == 0 && kiln_queue_peek(&pointers, &pointer) == KILN_OK) {
            *pointer += 1000;
        }
        check(kiln_queue_receive(&pointers, &pointer, KILN_FOREVER) == KILN_OK);
        *pointer += 1;
        nap(1);
    }
    return 0;
}

CLEAN(pointers_through_a_queue)
{
    spawn("left", send_pointers, 2);
    spawn("right", receive_pointers, 2);
}

CLEAN(pointers_through_a_queue_to_who_waits)
{
    spawn("left", send_pointers, 2);
    spawn("right", receive_pointers, 3);
}

KILN_QUEUE_DEFINE(tokens, 1, 1);

/* A queue of one place, full, is a lock. */
static int touch_with_token(void *arg)
{
    char token = 't';
    (void)arg;
    for (int i = 0; i < 5; i++) {
        check(kiln_queue_send(&tokens, &token, KILN_FOREVER) == KILN_OK);
        touch();
        nap(2);
        touch();
        check(kiln_queue_receive(&tokens, &token, KILN_NO_WAIT) == KILN_OK);
        nap(1);
    }
    return 0;
}

CLEAN(place_in_a_queue)
{
    spawn("left", touch_with_token, 2);
    spawn("right", touch_with_token, 3);
}

/* ---- Streams ------------------------------------------------------------------------------- */

KILN_PIPE_DEFINE(pipe, 3);

/* Larger than the pipe, so that some bytes are taken from the writer's memory while it waits. */
static int touch_and_write(void *arg)
{
    static const char text[5] = "abcd";
    (void)arg;
    for (int i = 0; i < 5; i++) {
        touch();
        check(kiln_stream_write(&pipe, text, sizeof(text), KILN_FOREVER) == sizeof(text));
        nap(2);
    }
    kiln_stream_close(&pipe);
    return 0;
}

/* What the writer touched before the last bytes is the reader's with these. */
static int read_and_touch(void *arg)
{
    char bytes[5];
    int count = 0;
    (void)arg;
    for (int got = 1; got > 0;) {
        got = kiln_stream_read(&pipe, bytes, sizeof(bytes) - (size_t)(count % 5), KILN_FOREVER);
        count += got;
        if (count == 25 && got > 0) {
            touch();
        }
    }
    check(count == 25);
    return 0;
}

CLEAN(bytes_through_a_pipe)
{
    spawn("left", touch_and_write, 2);
    spawn("right", read_and_touch, 1);
}

CLEAN(bytes_through_a_pipe_to_who_waits)
{
    check(kiln_stream_reopen(&pipe) == KILN_OK);
    spawn("left", touch_and_write, 2);
    spawn("right", read_and_touch, 3);
}

static int receive_and_close(void *arg)
{
    (void)arg;
    touch();
    (void)kiln_stream_received(&pipe, "xyz", 3);
    kiln_stream_close(&pipe);
    return 0;
}

static int wait_for_end_and_touch(void *arg)
{
    char bytes[4];
    (void)arg;
    nap(3);
    while (kiln_stream_read(&pipe, bytes, sizeof(bytes), KILN_FOREVER) > 0) {
    }
    touch();
    return 0;
}

CLEAN(end_of_a_pipe)
{
    check(kiln_stream_reopen(&pipe) == KILN_OK);
    spawn("left", receive_and_close, 2);
    spawn("right", wait_for_end_and_touch, 2);
}

/* ---- Flags ----------------------------------------------------------------------------------- */

static int touch_and_set(void *arg)
{
    (void)arg;
    nap(3);
    touch();
    check(kiln_flags_set(&flags, 6) == KILN_OK);
    return 0;
}

static int wait_and_touch(void *arg)
{
    (void)arg;
    check(kiln_flags_wait(&flags, 6, KILN_FLAGS_ALL, NULL, KILN_FOREVER) == KILN_OK);
    touch();
    return 0;
}

static int nap_wait_and_touch(void *arg)
{
    nap(10);
    return wait_and_touch(arg);
}

static int poll_and_touch(void *arg)
{
    (void)arg;
    while ((kiln_flags_get(&flags) & 2) == 0) {
    }
    touch();
    return 0;
}

CLEAN(flags_waited_for)
{
    spawn("left", touch_and_set, 2);
    spawn("right", wait_and_touch, 2);
}

CLEAN(flags_set_before)
{
    spawn("left", touch_and_set, 2);
    spawn("right", nap_wait_and_touch, 2);
}

CLEAN(flags_polled)
{
    spawn("left", touch_and_set, 3);
    spawn("right", poll_and_touch, 2);
}

/* ---- Pools ----------------------------------------------------------------------------------- */

KILN_POOL_DEFINE(one_block, 2 * sizeof(int), 1);

static int use_blocks(void *arg)
{
    (void)arg;
    for (int i = 0; i < 10; i++) {
        void *block;
        check(kiln_pool_alloc(&one_block, &block, KILN_FOREVER) == KILN_OK);
        ((int *)block)[0] = i;
        ((int *)block)[1] = i;
        nap((unsigned)i % 3);
        check(((int *)block)[0] == i);
        check(kiln_pool_free(&one_block, block) == KILN_OK);
        nap((unsigned)i % 2);
    }
    return 0;
}

CLEAN(block_of_a_pool)
{
    spawn("left", use_blocks, 2);
    spawn("right", use_blocks, 3);
}
