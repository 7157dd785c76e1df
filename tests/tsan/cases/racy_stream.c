/* Programs with races, at streams. */
#include "cases.h"

KILN_PIPE_DEFINE(racy_pipe, 8);

static int write_one(void *arg)
{
    (void)arg;
    check(kiln_stream_write(&racy_pipe, "x", 1, KILN_NO_WAIT) == 1);
    return 0;
}

static int write_and_touch(void *arg)
{
    (void)write_one(arg);
    touch();
    return 0;
}

static int read_one_and_touch(void *arg)
{
    char byte;
    (void)arg;
    nap(5);
    check(kiln_stream_read(&racy_pipe, &byte, 1, KILN_NO_WAIT) == 1);
    touch();
    return 0;
}

RACE(touch_after_writing, "left,right")
{
    spawn("left", write_and_touch, 2);
    spawn("right", read_one_and_touch, 2);
}

static int touch_and_write_one(void *arg)
{
    nap(2);
    touch();
    return write_one(arg);
}

/* The byte that is read is the first writer's. */
RACE(byte_orders_its_own_writer_only, "left,right")
{
    check(kiln_stream_reopen(&racy_pipe) == KILN_OK);
    spawn("first", write_one, 2);
    spawn("left", touch_and_write_one, 2);
    spawn("right", read_one_and_touch, 2);
}

static int touch_late(void *arg)
{
    (void)arg;
    nap(5);
    touch();
    return 0;
}

static int read_into_shared(void *arg)
{
    (void)arg;
    check(kiln_stream_read(&racy_pipe, &shared, 1, KILN_FOREVER) == 1);
    return 0;
}

static int sleep_and_write(void *arg)
{
    nap(2);
    return write_one(arg);
}

RACE(byte_arrives_where_another_touches, "left,right")
{
    check(kiln_stream_reopen(&racy_pipe) == KILN_OK);
    spawn("left", read_into_shared, 2);
    spawn("writer", sleep_and_write, 2);
    spawn("right", touch_late, 2);
}
