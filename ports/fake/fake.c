/* Fake port: see fake.h. Here is the processor; calls.c has the calls that may block.
 *
 * The contract of ports/port.h is checked at every call: masks nest by value, a switch comes
 * masked once and from a task, and starts at the running task. A kernel that breaks it fails
 * the test at hand.
 */
#include "fake.h"

#include "calls.h"
#include "core/kernel.h"

struct fake fake;

static bool taking_switch; /* in the kernel_switch() that port_switch_pend() asked for */
static bool in_hook;

/* ---- Masking and interrupts -------------------------------------------------------------- */

unsigned port_irq_save(void)
{
    unsigned key = fake.depth != 0;
    fake_require(fake.depth < FAKE_NESTING_MAX, "masked sections nest too deeply");
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
        fake_require(fake.depth == 0, "the gap's hook left the processor masked");
    }
    if (fake.check != NULL) {
        fake.keys[fake.depth++] = 0;
        fake.check();
        fake.depth = 0;
        if (fake.check_failed != NULL) {
            fake_fail(fake.check_failed);
        }
    }
    in_hook = false;
}

void port_irq_restore(unsigned key)
{
    fake_require(fake.depth > 0, "unmasked what was not masked");
    fake_require(fake.keys[fake.depth - 1] == key, "restored the mask of another section");
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
    fake_require(fake.depth == 0, "an interrupt while masked");
    fake.in_isr = true;
    handler();
    fake_require(fake.depth == 0, "a handler returned masked");
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
    fake_require(fake.depth == 1 && fake.keys[0] == 0, "port_switch() not masked exactly once");
    fake_require(!fake.in_isr, "port_switch() in an interrupt");
    fake_require(from != to, "port_switch() from a task to itself");
    fake_require(&kernel.current->ctx == to, "port_switch() to another task than the running one");
    fake_require(!to->freed, "port_switch() to a context that was freed");
    fake.switches++;
    fake.from = from;
    fake.to = to;
}

void port_switch(struct port_ctx *from, struct port_ctx *to)
{
    const struct kiln_task *left = K_CONTAINER_OF(from, struct kiln_task, ctx);
    record_switch(from, to);
    if (calls_running()) {
        bool was_taking_switch = taking_switch;
        bool was_in_hook = in_hook;
        taking_switch = false;
        in_hook = false;
        calls_leave(from);
        taking_switch = was_taking_switch;
        in_hook = was_in_hook;
    } else {
        fake_require(taking_switch || k_is_ready(left), "a call blocked outside fake_call()");
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
    fake_require(fake.depth > 0, "port_ctx_init() unmasked");
    *ctx =
        (struct port_ctx){.entry = entry, .arg = arg, .stack = stack, .stack_bytes = stack_bytes};
}

void port_stack_paint(void *stack, size_t stack_bytes)
{
    (void)stack;
    (void)stack_bytes;
}

void port_ctx_free(struct port_ctx *ctx)
{
    fake_require(fake.depth > 0, "port_ctx_free() unmasked");
    fake_require(!ctx->freed, "port_ctx_free() twice");
    ctx->freed = true;
    calls_abandon(ctx);
}

/* ---- The rest of the machine ------------------------------------------------------------- */

void port_init(void)
{
}

int port_start(struct port_ctx *first)
{
    fake_require(fake.depth == 1, "port_start() not masked");
    fake_require(first == &kernel.current->ctx, "port_start() with another than the running task");
    fake.starts++;
    fake.depth = 0;
    return fake.stop_code;
}

void port_idle(uint32_t ticks)
{
    fake_require(fake.depth == 1, "port_idle() not masked");
    fake.idles++;
    fake.idle_ticks = ticks;
}

uint64_t port_cycles(void)
{
    fake_require(fake.depth > 0, "port_cycles() unmasked");
    return fake.cycles;
}

size_t port_stack_used_max(const struct port_ctx *ctx, const void *stack, size_t stack_bytes)
{
    fake_require(ctx->stack == stack && ctx->stack_bytes == stack_bytes, "a stack of another task");
    return fake.stack_used;
}

bool port_stack_ok(const struct port_ctx *ctx, const void *stack)
{
    fake_require(fake.depth > 0, "port_stack_ok() unmasked");
    fake_require(ctx->stack == stack, "a stack of another task");
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
    if (!fake.catching || calls_running()) {
        fake_fail(unexpected);
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
    fake_require(fake.depth > 0, "port_reboot() unmasked");
    fake.reboots++;
    jump_to_test("port_reboot()");
}

int port_watchdog_start(uint32_t timeout_ms)
{
    fake_require(fake.depth > 0, "port_watchdog_start() unmasked");
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
    fake_require(fake.depth > 0, "port_watchdog_fired() unmasked");
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
    calls_reset();
    taking_switch = false;
    in_hook = false;
}

/* ---- Trace ------------------------------------------------------------------------------- */

#if KILN_CFG_TRACE
void kiln_trace_hook(enum kiln_trace_event event, const void *object, uintptr_t value)
{
    fake_require(fake.depth > 0 || fake.in_isr, "kiln_trace_hook() unmasked in a task");
    fake.event[fake.events++ % FAKE_EVENTS_MAX] =
        (struct fake_event){.event = (int)event, .object = object, .value = value};
}
#endif

const struct fake_event *fake_last_event(unsigned n)
{
    fake_require(n >= 1 && n <= fake.events && n <= FAKE_EVENTS_MAX, "no such event was kept");
    return &fake.event[(fake.events - n) % FAKE_EVENTS_MAX];
}
