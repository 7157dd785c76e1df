/* One task that does three things at once, each as a coroutine: it serves a shell, blinks a light,
 * and writes each key of the board's keyboard to the console. docs/async.md explains coroutines.
 *
 * Only the shell's commands are tasks besides, while they run. What the coroutines share needs no
 * lock; `blinks` and `period_ticks` are one word each, so commands may use them, too.
 */
#include "kiln/board.h"
#include "kiln/kiln.h"

/* Of a command, and of the one task; `make stack` says how much each needs. */
#define COMMAND_STACK  (PORT_STACK_MIN + 960)
#define EXECUTOR_STACK (PORT_STACK_MIN + 560)

KILN_EXECUTOR_DEFINE(executor);

/* ---- A light -------------------------------------------------------------------------------- */

static struct blink {
    struct kiln_async async;
    kiln_ticks_t next;
} blink;

static volatile uint32_t blinks;
static volatile kiln_ticks_t period_ticks = KILN_MS(500);

static enum kiln_async_step blink_light(struct kiln_async *async)
{
    struct blink *self = KILN_ASYNC_FRAME(async, struct blink, async);
    KILN_ASYNC_BEGIN(async);
    self->next = kiln_ticks();
    for (;;) {
        KILN_AWAIT(async, kiln_await_sleep_until(async, &self->next, period_ticks));
        kiln_led_toggle(kiln_board_leds(), 0);
        blinks++;
    }
    KILN_ASYNC_CLEANUP(async);
    kiln_led_set(kiln_board_leds(), 0, false);
    KILN_ASYNC_END(async);
}

static int show_blinks(struct kiln_shell_call *call)
{
    kiln_shell_printf(call, "%u in %u ms\n", (unsigned)blinks,
                      (unsigned)((uint64_t)kiln_ticks() * 1000U / KILN_CFG_TICK_HZ));
    return 0;
}
KILN_SHELL_COMMAND(blinks, "", "how often the light went on or off", show_blinks);

static int change_pace(struct kiln_shell_call *call)
{
    (void)call;
    period_ticks = period_ticks == KILN_MS(500) ? KILN_MS(100) : KILN_MS(500);
    return 0;
}
KILN_SHELL_COMMAND(pace, "", "the light blinks faster, or slower again", change_pace);

/* ---- Keys ----------------------------------------------------------------------------------- */

static struct echo {
    struct kiln_async async;
    struct kiln_keyboard *keyboard;
    struct kiln_key key;
    struct kiln_stream_transfer transfer;
    char text[16];
} echo;

/* Where keys go that are typed in a window: the terminal. */
static void (*typed)(struct kiln_keyboard *keyboard, const struct kiln_key *key);

/* Each key goes there, and is queued as well. In the keyboard's interrupt. */
static void type_twice(struct kiln_keyboard *keyboard, const struct kiln_key *key)
{
    (void)kiln_queue_send(&keyboard->keys, key, KILN_NO_WAIT);
    typed(keyboard, key);
}

static void share_keys(struct kiln_keyboard *keyboard)
{
    unsigned irq = kiln_irq_lock();
    if (keyboard->typed != NULL) {
        typed = keyboard->typed;
        keyboard->typed = type_twice;
    }
    kiln_irq_unlock(irq);
}

static size_t describe(char *text, size_t size, const struct kiln_key *key)
{
    if (key->is_released) {
        return 0;
    }
    int length = key->character > ' ' ? kiln_snprintf(text, size, "key %c\r\n", key->character)
                                      : kiln_snprintf(text, size, "key 0x%02x\r\n", key->code);
    return (size_t)length;
}

static enum kiln_async_step echo_keys(struct kiln_async *async)
{
    struct echo *self = KILN_ASYNC_FRAME(async, struct echo, async);
    KILN_ASYNC_BEGIN(async);
    for (;;) {
        KILN_AWAIT(async, kiln_await_key(async, self->keyboard, &self->key, KILN_FOREVER));
        KILN_AWAIT(async, kiln_await_stream_write(
                              async, kiln_board_console(), &self->transfer, self->text,
                              describe(self->text, sizeof(self->text), &self->key), KILN_FOREVER));
    }
    KILN_ASYNC_CLEANUP(async);
    KILN_ASYNC_END(async);
}

/* ---- The shell, and the end ----------------------------------------------------------------- */

KILN_SHELL_DEVICE(console, kiln_board_console);
KILN_SHELL_DEFINE(shell, COMMAND_STACK);
/* stack: task stage runs run_stage on shell_stacks[0] */

static struct app {
    struct kiln_async async;
    struct kiln_shell_server server;
    struct kiln_stream_transfer transfer;
    int status;
} app;

static const char greeting[] = "\r\none task; type help for the commands\r\n";

/* Starts the others, and ends with the shell. */
static enum kiln_async_step run_app(struct kiln_async *async)
{
    struct app *self = KILN_ASYNC_FRAME(async, struct app, async);
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async, kiln_await_stream_write(async, kiln_board_terminal(), &self->transfer,
                                              greeting, sizeof(greeting) - 1, KILN_FOREVER));
    (void)kiln_async_start(&blink.async, &executor, blink_light, "blink");
    echo.keyboard = kiln_board_keyboard();
    if (echo.keyboard != NULL) {
        share_keys(echo.keyboard);
        (void)kiln_async_start(&echo.async, &executor, echo_keys, "echo");
    }
    (void)kiln_shell_start(&self->server, &executor, &shell, kiln_board_terminal());
    KILN_AWAIT(async, kiln_await_async(async, &self->server.async, &self->status, KILN_FOREVER));
    (void)kiln_async_cancel(&blink.async);
    if (echo.keyboard != NULL) {
        (void)kiln_async_cancel(&echo.async);
    }
    KILN_ASYNC_CLEANUP(async);
    KILN_ASYNC_END(async);
}

static int run(void *arg)
{
    (void)arg;
    (void)kiln_async_start(&app.async, &executor, run_app, "app");
    (void)kiln_executor_run(&executor);
    kiln_stop(app.status & 0xFF);
    return 0;
}

KILN_TASK_DEFINE(everything, run, NULL, 6, EXECUTOR_STACK);

int main(void)
{
    return kiln_start();
}
