/* Tasks for tests/stack/check.py, which knows how deep each of them goes. A macro a defect. */
#include "kiln/kiln.h"

#ifndef SMALL_BYTES
#define SMALL_BYTES 512
#endif
#define PLENTY 1024

#define NOINLINE __attribute__((noinline))

/* Uses so many bytes of stack, at least. The compiler shall not do without them. */
#define USE_STACK(bytes)                        \
    volatile uint8_t used[bytes];               \
    for (unsigned i = 0; i < (bytes); i += 4) { \
        used[i] = (uint8_t)i;                   \
    }                                           \
    __asm__ volatile("" : : "r"(used) : "memory")

NOINLINE static void leaf_64(void)
{
    USE_STACK(64);
}

NOINLINE static void middle_200(void)
{
    USE_STACK(200);
    leaf_64();
    __asm__ volatile("");
}

/* The deeper of two ways, which the first is not. */
static int deep(void *arg)
{
    (void)arg;
    leaf_64();
    middle_200();
    return 0;
}

/* Does not return, so what ends a task does not count. */
static int shallow(void *arg)
{
    (void)arg;
    for (;;) {
        leaf_64();
    }
    return 0;
}

/* A call at the end is a jump, and keeps no frame. */
NOINLINE static void hop(void)
{
    middle_200();
}

static int tail(void *arg)
{
    (void)arg;
    hop();
    return 0;
}

typedef void (*action)(void);
static action volatile chosen = middle_200;

static int indirect(void *arg)
{
    (void)arg;
    action call = chosen;
#ifdef NO_ANNOTATION
    call();
#else
    call(); /* calls: middle_200, leaf_64 */
#endif
    __asm__ volatile("");
    return 0;
}

#ifdef RECURSION
NOINLINE static unsigned count_down(unsigned n)
{
    unsigned below = n == 0 ? 0 : count_down(n - 1);
    leaf_64();
    return below * 3 + n;
}
#else
static unsigned count_down(unsigned n)
{
    return n;
}
#endif

#ifdef FRAME_AT_RUN_TIME
NOINLINE static void grow(unsigned bytes)
{
    volatile uint8_t *memory = __builtin_alloca(bytes);
    memory[0] = 1;
}
#else
static void grow(unsigned bytes)
{
    (void)bytes;
}
#endif

/* A task that main() makes: the tool knows it by a comment. */
KILN_STACK_DEFINE(made_stack, PLENTY);
static struct kiln_task made;

static int made_entry(void *arg)
{
    (void)arg;
    unsigned n = (unsigned)kiln_ticks() % 4;
    grow(16 + n);
    (void)kiln_task_sleep(1000); /* it has to be there at the end */
    return (int)count_down(n);
}

/* stack: task made runs made_entry on made_stack */
static void make_task(void)
{
    struct kiln_task_def def = {.entry = made_entry,
                                .stack = made_stack,
                                .stack_bytes = sizeof(made_stack),
                                .name = "made",
                                .priority = 2};
    (void)kiln_task_create(&made, &def);
}

/* A coroutine's body runs on the stack of the executor's task. */
KILN_EXECUTOR_DEFINE(executor);
static struct kiln_async coroutine;

static enum kiln_async_step body(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async, kiln_await_sleep(async, 1));
    middle_200();
    KILN_ASYNC_END(async);
}

static int execute(void *arg)
{
    (void)arg;
    (void)kiln_async_start(&coroutine, &executor, body, "coroutine");
    return kiln_executor_run(&executor);
}

/* A timer's callback runs on the main stack. */
static void on_timer(struct kiln_timer *timer)
{
    (void)timer;
    middle_200();
    __asm__ volatile("");
}
KILN_TIMER_DEFINE(alarm, on_timer);

/* Sees that all is measured: the others have run. */
static int last(void *arg)
{
    (void)arg;
    (void)kiln_timer_start(&alarm, 2, 0);
    (void)kiln_task_sleep(5);
    kiln_stop(0);
}

KILN_TASK_DEFINE(task_deep, deep, NULL, 3, PLENTY);
KILN_TASK_DEFINE(task_shallow, shallow, NULL, 0, PLENTY);
KILN_TASK_DEFINE(task_tail, tail, NULL, 3, PLENTY);
KILN_TASK_DEFINE(task_indirect, indirect, NULL, 3, PLENTY);
KILN_TASK_DEFINE(task_async, execute, NULL, 3, PLENTY);
KILN_TASK_DEFINE(task_small, deep, NULL, 3, SMALL_BYTES);
KILN_TASK_DEFINE(task_last, last, NULL, 1, PLENTY);

int main(void)
{
    make_task();
    return kiln_start();
}
