/* Fake port: calls that may block. They run on stacks of their own, entered and left with
 * swapcontext(). At most one of them runs at a time, between the test's fake_call() or
 * fake_return() and the switch that comes next.
 */
#include "calls.h"

#include <string.h>
#include <ucontext.h>

#include "core/kernel.h"
#include "fake.h"
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

#define CALLS_MAX   64
#define STACK_BYTES ((size_t)64 * 1024)

struct fake_call {
    ucontext_t context;
    int (*fn)(void *);
    void *arg;
    int result;
    bool used;
    bool done;
    bool dead;        /* its task has terminated: nothing goes on here */
    void *fake_stack; /* AddressSanitizer's, while it does not run */
};

static struct fake_call calls[CALLS_MAX];
static uint8_t stacks[CALLS_MAX][STACK_BYTES] __attribute__((aligned(16)));
static struct fake_call *running_call; /* NULL: the test's own stack is in use */
static ucontext_t test_context;
static const char *failure; /* found on a call's stack, to be reported from the test's */

/* ---- Stacks ------------------------------------------------------------------------------ */

#if defined(__SANITIZE_ADDRESS__)
static void *test_fake_stack;
static const void *test_stack;
static size_t test_stack_bytes;

static void enter_stack(struct fake_call *call)
{
    __sanitizer_start_switch_fiber(&test_fake_stack, stacks[call - calls], STACK_BYTES);
}

static void entered_stack(struct fake_call *call)
{
    __sanitizer_finish_switch_fiber(call->fake_stack, &test_stack, &test_stack_bytes);
}

static void leave_stack(struct fake_call *call)
{
    bool for_good = call->done || call->dead;
    __sanitizer_start_switch_fiber(for_good ? NULL : &call->fake_stack, test_stack,
                                   test_stack_bytes);
}

static void left_stack(void)
{
    __sanitizer_finish_switch_fiber(test_fake_stack, NULL, NULL);
}
#else
static void enter_stack(struct fake_call *call)
{
    (void)call;
}

static void entered_stack(struct fake_call *call)
{
    (void)call;
}

static void leave_stack(struct fake_call *call)
{
    (void)call;
}

static void left_stack(void)
{
}
#endif

/* Back to the test, from the stack of the running call. Returns when the test goes on with it. */
static void leave_call(void)
{
    struct fake_call *call = running_call;
    running_call = NULL;
    leave_stack(call);
    (void)swapcontext(&call->context, &test_context);
    entered_stack(call);
}

void fake_fail(const char *what)
{
    if (running_call != NULL) {
        failure = what;
        leave_call();
    }
    fake_failed(what);
}

void fake_require(bool condition, const char *what)
{
    if (!condition) {
        fake_fail(what);
    }
}

static void run_call(void)
{
    struct fake_call *call = running_call;
    entered_stack(call);
    call->result = call->fn(call->arg);
    call->done = true;
    leave_call();
}

/* getcontext() counts as returning twice: on its own here, it spoils nobody's variables. */
static __attribute__((noinline)) void make_context(struct fake_call *call)
{
    (void)getcontext(&call->context);
    call->context.uc_stack.ss_sp = stacks[call - calls];
    call->context.uc_stack.ss_size = STACK_BYTES;
    call->context.uc_link = NULL;
    makecontext(&call->context, run_call, 0);
}

static struct fake_call *new_call(int (*fn)(void *), void *arg)
{
    struct fake_call *call = calls;
    while (call->used && call < &calls[CALLS_MAX - 1]) {
        call++;
    }
    fake_require(!call->used, "fake_call(): too many calls at once");
    *call = (struct fake_call){.fn = fn, .arg = arg, .used = true};
    make_context(call);
    return call;
}

/* Runs a call up to the next switch, or to its end. */
static bool run_until_switch(struct fake_call *call, int *result)
{
    running_call = call;
    enter_stack(call);
    (void)swapcontext(&test_context, &call->context);
    left_stack();
    if (failure != NULL) {
        fake_failed(failure);
    }
    if (call->done && result != NULL) {
        *result = call->result;
    }
    call->used = !call->done && !call->dead;
    return call->done;
}

/* The processor is left in the middle of a masked section when a call is; the task that goes on
 * instead leaves its own. */
static void leave_masked_section(void)
{
    if (fake.depth != 0) {
        fake_require(fake.depth == 1, "a switch in a nested masked section");
        port_irq_restore(fake.keys[0]);
    }
}

bool fake_call(int (*fn)(void *), void *arg, int *result)
{
    fake_require(running_call == NULL, "fake_call() in a call");
    fake_require(kernel.current->ctx.call == NULL, "the running task is in the middle of a call");
    if (run_until_switch(new_call(fn, arg), result)) {
        return true;
    }
    leave_masked_section();
    return false;
}

bool fake_return(struct kiln_task *task, int *result)
{
    struct fake_call *call = task->ctx.call;
    fake_require(call != NULL, "fake_return(): the task is not in a call");
    fake_require(kernel.current == task, "fake_return(): the task was not switched to");
    task->ctx.call = NULL;
    fake_require(fake.depth == 0, "fake_return(): masked");
    fake.keys[fake.depth++] = 0; /* the section in which it switched */
    if (run_until_switch(call, result)) {
        return true;
    }
    leave_masked_section();
    return false;
}

bool fake_in_call(const struct kiln_task *task)
{
    return task->ctx.call != NULL;
}

/* ---- For fake.c -------------------------------------------------------------------------- */

bool calls_running(void)
{
    return running_call != NULL;
}

void calls_leave(struct port_ctx *ctx)
{
    ctx->call = running_call->dead ? NULL : running_call;
    leave_call();
}

void calls_abandon(struct port_ctx *ctx)
{
    if (ctx->call != NULL) {
        ctx->call->used = false;
        ctx->call = NULL;
    } else if (running_call != NULL && ctx == &kernel.current->ctx) {
        running_call->dead = true;
    }
}

void calls_reset(void)
{
    memset(calls, 0, sizeof(calls));
    running_call = NULL;
    failure = NULL;
}
