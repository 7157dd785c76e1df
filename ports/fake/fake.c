/* Fake port: see fake.h.
 *
 * The contract of ports/port.h is checked at every call: masks nest by value, a switch comes
 * masked once and from a task, and starts at the running task. A kernel that breaks it fails
 * the test at hand.
 *
 * Calls that may block run on stacks of their own, entered and left with swapcontext(). At most
 * one of them runs at a time, between the test's fake_call() or fake_return() and the switch
 * that comes next.
 */
#include "fake.h"

#include <string.h>
#include <ucontext.h>

#include "core/kernel.h"
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

struct fake fake;

static struct fake_call calls[CALLS_MAX];
static uint8_t stacks[CALLS_MAX][STACK_BYTES] __attribute__((aligned(16)));
static struct fake_call *running_call; /* NULL: the test's own stack is in use */
static ucontext_t test_context;
static const char *failure; /* found on a call's stack, to be reported from the test's */
static bool taking_switch;  /* in the kernel_switch() that port_switch_pend() asked for */
static bool in_hook;

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

static void fail(const char *what)
{
    if (running_call != NULL) {
        failure = what;
        leave_call();
    }
    fake_failed(what);
}

static void require(bool condition, const char *what)
{
    if (!condition) {
        fail(what);
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
    require(!call->used, "fake_call(): too many calls at once");
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
        require(fake.depth == 1, "a switch in a nested masked section");
        port_irq_restore(fake.keys[0]);
    }
}

bool fake_call(int (*fn)(void *), void *arg, int *result)
{
    require(running_call == NULL, "fake_call() in a call");
    require(kernel.current->ctx.call == NULL, "the running task is in the middle of a call");
    if (run_until_switch(new_call(fn, arg), result)) {
        return true;
    }
    leave_masked_section();
    return false;
}

bool fake_return(struct kiln_task *task, int *result)
{
    struct fake_call *call = task->ctx.call;
    require(call != NULL, "fake_return(): the task is not in a call");
    require(kernel.current == task, "fake_return(): the task was not switched to");
    task->ctx.call = NULL;
    require(fake.depth == 0, "fake_return(): masked");
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

/* ---- Masking and interrupts -------------------------------------------------------------- */

unsigned port_irq_save(void)
{
    unsigned key = fake.depth != 0;
    require(fake.depth < FAKE_NESTING_MAX, "masked sections nest too deeply");
    fake.keys[fake.depth++] = key;
    return key;
}

static void take_pended_switch(void)
{
    if (fake.pended && !fake.in_isr) {
        fake.pended = false;
        fake.keys[fake.depth++] = 0;
        taking_switch = true;
        kernel_switch();
        taking_switch = false;
        fake.depth = 0;
    }
}

static void call_hooks(void)
{
    in_hook = true;
    if (fake.gap != NULL) {
        fake.gap();
        require(fake.depth == 0, "the gap's hook left the processor masked");
    }
    if (fake.check != NULL) {
        fake.keys[fake.depth++] = 0;
        fake.check();
        fake.depth = 0;
        if (fake.check_failed != NULL) {
            fail(fake.check_failed);
        }
    }
    in_hook = false;
}

void port_irq_restore(unsigned key)
{
    require(fake.depth > 0, "unmasked what was not masked");
    require(fake.keys[fake.depth - 1] == key, "restored the mask of another section");
    fake.depth--;
    if (fake.depth > 0) {
        return;
    }
    fake.unmasks++;
    take_pended_switch();
    if (!in_hook) {
        call_hooks();
    }
}

bool port_in_isr(void)
{
    return fake.in_isr;
}

bool port_can_switch(unsigned key)
{
    return key == 0 && !fake.in_isr;
}

void fake_interrupt(void (*handler)(void))
{
    bool nested = fake.in_isr;
    require(fake.depth == 0, "an interrupt while masked");
    fake.in_isr = true;
    handler();
    require(fake.depth == 0, "a handler returned masked");
    fake.in_isr = nested;
    take_pended_switch();
}

static uint32_t ticks_now;

static void tick_handler(void)
{
    kernel_tick(ticks_now);
}

void fake_tick(uint32_t ticks)
{
    ticks_now = ticks;
    fake_interrupt(tick_handler);
}

/* ---- Switching --------------------------------------------------------------------------- */

static void record_switch(const struct port_ctx *from, const struct port_ctx *to)
{
    require(fake.depth == 1 && fake.keys[0] == 0, "port_switch() not masked exactly once");
    require(!fake.in_isr, "port_switch() in an interrupt");
    require(from != to, "port_switch() from a task to itself");
    require(&kernel.current->ctx == to, "port_switch() to another task than the running one");
    require(!to->freed, "port_switch() to a context that was freed");
    fake.switches++;
    fake.from = from;
    fake.to = to;
}

void port_switch(struct port_ctx *from, struct port_ctx *to)
{
    const struct kiln_task *left = K_CONTAINER_OF(from, struct kiln_task, ctx);
    record_switch(from, to);
    if (running_call != NULL) {
        bool was_taking_switch = taking_switch;
        bool was_in_hook = in_hook;
        from->call = running_call->dead ? NULL : running_call;
        taking_switch = false;
        in_hook = false;
        leave_call();
        taking_switch = was_taking_switch;
        in_hook = was_in_hook;
    } else {
        require(taking_switch || k_is_ready(left), "a call blocked outside fake_call()");
    }
}

void port_switch_pend(void)
{
    fake.pends++;
    fake.pended = true;
}

void port_ctx_init(struct port_ctx *ctx, void *stack, size_t stack_bytes, int (*entry)(void *),
                   void *arg)
{
    *ctx =
        (struct port_ctx){.entry = entry, .arg = arg, .stack = stack, .stack_bytes = stack_bytes};
}

/* The call of a task that ends another way is abandoned; its own end it is still running. */
void port_ctx_free(struct port_ctx *ctx)
{
    require(fake.depth > 0, "port_ctx_free() unmasked");
    require(!ctx->freed, "port_ctx_free() twice");
    ctx->freed = true;
    if (ctx->call != NULL) {
        ctx->call->used = false;
        ctx->call = NULL;
    } else if (running_call != NULL && ctx == &kernel.current->ctx) {
        running_call->dead = true;
    }
}

/* ---- The rest of the machine ------------------------------------------------------------- */

void port_init(void)
{
}

int port_start(struct port_ctx *first)
{
    require(fake.depth == 1, "port_start() not masked");
    require(first == &kernel.current->ctx, "port_start() with another than the running task");
    fake.starts++;
    fake.depth = 0;
    return fake.stop_code;
}

void port_idle(uint32_t ticks)
{
    require(fake.depth == 1, "port_idle() not masked");
    fake.idles++;
    fake.idle_ticks = ticks;
}

uint64_t port_cycles(void)
{
    require(fake.depth > 0, "port_cycles() unmasked");
    return fake.cycles;
}

size_t port_stack_used_max(const struct port_ctx *ctx, const void *stack, size_t stack_bytes)
{
    require(ctx->stack == stack && ctx->stack_bytes == stack_bytes, "a stack of another task");
    return fake.stack_used;
}

bool port_stack_ok(const struct port_ctx *ctx, const void *stack)
{
    require(fake.depth > 0, "port_stack_ok() unmasked");
    require(ctx->stack == stack, "a stack of another task");
    return !ctx->overflowed;
}

void port_console_write(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        port_panic_putc(text[i]);
        if (fake.written != NULL && fake.depth == 0) {
            fake.written();
        }
    }
}

void port_panic_putc(char c)
{
    if (fake.text_length + 1 < sizeof(fake.text)) {
        fake.text[fake.text_length++] = c;
        fake.text[fake.text_length] = '\0';
    }
}

void fake_forget_text(void)
{
    fake.text_length = 0;
    fake.text[0] = '\0';
}

/* ---- The end ----------------------------------------------------------------------------- */

static void __attribute__((noreturn)) jump_to_test(const char *unexpected)
{
    if (!fake.catching || running_call != NULL) {
        fail(unexpected);
    }
    fake.catching = false;
    _longjmp(fake.jump, 1);
}

void port_halt(void)
{
    jump_to_test(fake.text);
}

void port_stop(int code)
{
    fake.stopped = true;
    fake.stop_code = code;
    jump_to_test("port_stop()");
}

/* ---- Reset ------------------------------------------------------------------------------- */

void port_reboot(void)
{
    require(fake.depth > 0, "port_reboot() unmasked");
    fake.reboots++;
    jump_to_test("port_reboot()");
}

int port_watchdog_start(uint32_t timeout_ms)
{
    require(fake.depth > 0, "port_watchdog_start() unmasked");
    fake.watchdog_ms = timeout_ms;
    return KILN_OK;
}

void port_watchdog_feed(void)
{
    fake.watchdog_feeds += fake.watchdog_ms != 0;
}

bool port_watchdog_fired(void)
{
    bool fired = fake.watchdog_fired;
    require(fake.depth > 0, "port_watchdog_fired() unmasked");
    fake.watchdog_fired = false;
    return fired;
}

void fake_catch_begin(void)
{
    fake.catching = true;
    fake_forget_text();
}

/* What halted stays halted in reality; a test may go on with the kernel as it was. */
void fake_catch_end(void)
{
    fake.catching = false;
    fake.depth = 0;
    in_hook = false;
    taking_switch = false;
}

void fake_reset(void)
{
    fake = (struct fake){.cycles = 0};
    memset(calls, 0, sizeof(calls));
    running_call = NULL;
    failure = NULL;
    taking_switch = false;
    in_hook = false;
}

/* ---- Trace ------------------------------------------------------------------------------- */

#if KILN_CFG_TRACE
void kiln_trace_hook(enum kiln_trace_event event, const void *object, uintptr_t value)
{
    require(fake.depth > 0 || fake.in_isr, "kiln_trace_hook() unmasked in a task");
    fake.event[fake.events++ % FAKE_EVENTS_MAX] =
        (struct fake_event){.event = (int)event, .object = object, .value = value};
}
#endif

const struct fake_event *fake_last_event(unsigned n)
{
    require(n >= 1 && n <= fake.events && n <= FAKE_EVENTS_MAX, "no such event was kept");
    return &fake.event[(fake.events - n) % FAKE_EVENTS_MAX];
}
