/* The macros that a coroutine is made of, with every way to get from one to the next: no compiler
 * may have a word to say, in standard C. make lint compiles this. */
#include "kiln/kiln.h"

enum kiln_async_step ends_nowhere(struct kiln_async *async);
enum kiln_async_step has_all(struct kiln_async *async);
enum kiln_async_step has_nothing(struct kiln_async *async);

static struct kiln_waker waker;
static int turns;

enum kiln_async_step ends_nowhere(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    for (;;) {
        KILN_AWAIT(async, kiln_await_yield(async));
    }
    KILN_ASYNC_CLEANUP(async);
    KILN_ASYNC_END(async);
}

enum kiln_async_step has_all(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async, kiln_await_sleep(async, 1));
    while (turns++ < 3) {
        if (turns == 2) {
            KILN_AWAIT_POLL(async, &waker, KILN_EAGAIN, 5);
        } else {
            KILN_ASYNC_RETURN(async, turns);
        }
    }
    if (kiln_await_result(async) != KILN_OK)
        KILN_AWAIT(async, kiln_await_waker(async, &waker, KILN_FOREVER));
    else
        KILN_ASYNC_RETURN(async, -1);
    KILN_ASYNC_CLEANUP(async);
    turns = 0;
    KILN_AWAIT(async, kiln_await_yield(async));
    KILN_ASYNC_END(async);
}

enum kiln_async_step has_nothing(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    KILN_ASYNC_END(async);
}
