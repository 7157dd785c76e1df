/* The shell: lines from a terminal, each run as one task a command. See kiln/shell.h.
 *
 * The task in kiln_shell_run() is one priority above those of the commands. While a line runs it
 * waits for `wake`, which says "look again": a command has returned, or bytes have come. Commands
 * read the terminal themselves; what they leave stays in its buffer, for the next line. The shell
 * only looks through that buffer for Ctrl-C. A command that waits at the terminal gets Ctrl-C
 * itself, without the buffer, and kiln_shell_read() tells the shell.
 *
 * The races:
 *   wake against going    `wake` is a semaphore: given before the shell waits, it ends the wait.
 *   to sleep              And the shell looks at everything each time that it wakes.
 *   return against kill   a command's task terminates once. The shell learns of it by joining, so
 *                         it is the same whoever was first.
 *   end from outside      another task may kill a command's task, or it calls kiln_task_exit():
 *                         nobody gives `wake`. So the shell also looks twice a second.
 *   end against pipes     a pipe is closed when either end has terminated, and not before: what
 *                         was written is read to the end. A command that waits at it is woken by
 *                         that, and a writer ends.
 */
#include "kiln/config.h"

#if KILN_CFG_SHELL

#include <string.h>

#include "core/kernel.h"
#include "io/parse.h"
#include "io/shell.h"
#include "kiln/print.h"

#define PROMPT "kiln> "
#define CTRL_C 3

/* How soon the end of a task is seen of which nobody told the shell. */
#define LOOK_AGAIN KILN_MS(500)

void k_shell_put(struct kiln_shell *shell, const char *text, size_t length)
{
    (void)kiln_stream_write(shell->terminal, text, length, KILN_FOREVER);
}

static void put_text(struct kiln_shell *shell, const char *text)
{
    k_shell_put(shell, text, strlen(text));
}

/* ---- Commands and devices by name ----------------------------------------------------------- */

const struct kiln_shell_command *kiln_shell_next(const char *name)
{
    const struct kiln_shell_command *next = NULL;
    for (size_t i = 0; i < K_SECTION_COUNT(kiln_shell_commands); i++) {
        const struct kiln_shell_command *at = &__start_kiln_shell_commands[i];
        if ((name == NULL || k_compare(at->name, name) > 0) &&
            (next == NULL || k_compare(at->name, next->name) < 0)) {
            next = at;
        }
    }
    return next;
}

const struct kiln_shell_command *kiln_shell_find(const char *name)
{
    for (size_t i = 0; i < K_SECTION_COUNT(kiln_shell_commands); i++) {
        const struct kiln_shell_command *at = &__start_kiln_shell_commands[i];
        if (k_compare(at->name, name) == 0) {
            return at;
        }
    }
    return NULL;
}

/* NULL: there is none. */
static struct kiln_stream *device_named(const char *name)
{
    for (size_t i = 0; i < K_SECTION_COUNT(kiln_shell_devices); i++) {
        const struct kiln_shell_device *at = &__start_kiln_shell_devices[i];
        if (k_compare(at->name, name) == 0) {
            return at->get(); /* calls: kiln_board_console, kiln_board_terminal */
        }
    }
    for (size_t i = 0; i < K_SECTION_COUNT(kiln_streams); i++) {
        struct kiln_stream *at = &__start_kiln_streams[i];
        if (k_compare(kiln_name(at), name) == 0) {
            return at;
        }
    }
    return NULL;
}

/* ---- Pipes ---------------------------------------------------------------------------------- */

#if KILN_CFG_SHELL_STAGES > 1
#define PIPES (KILN_CFG_SHELL_STAGES - 1U)

static struct kiln_stream *pipe_of(struct kiln_shell *shell, unsigned index)
{
    return &shell->pipes[index];
}

static void init_pipes(struct kiln_shell *shell)
{
    for (unsigned i = 0; i < PIPES; i++) {
        (void)kiln_stream_init(&shell->pipes[i], shell->pipe_bytes[i], KILN_CFG_SHELL_PIPE, NULL,
                               NULL);
        kiln_set_name(&shell->pipes[i], "pipe");
    }
}

static void destroy_pipes(struct kiln_shell *shell)
{
    for (unsigned i = 0; i < PIPES; i++) {
        (void)kiln_stream_destroy(&shell->pipes[i]);
    }
}
#else
static struct kiln_stream *pipe_of(struct kiln_shell *shell, unsigned index)
{
    (void)index;
    return shell->terminal;
}

static void init_pipes(struct kiln_shell *shell)
{
    (void)shell;
}

static void destroy_pipes(struct kiln_shell *shell)
{
    (void)shell;
}
#endif

/* ---- A line's commands ---------------------------------------------------------------------- */

static int run_stage(void *arg)
{
    struct kiln_shell_stage *stage = (struct kiln_shell_stage *)arg;
    int status = stage->command->function(&stage->call); /* calls: commands */
    stage->has_returned = true;
    (void)kiln_sem_give(&stage->call.shell->wake);
    return status;
}

static void start_stage(struct kiln_shell *shell, unsigned index)
{
    struct kiln_shell_stage *stage = &shell->stages[index];
    struct kiln_task_def def = {.entry = run_stage,
                                .arg = stage,
                                .stack =
                                    shell->def->stacks + index * (shell->def->stack_bytes / 8U),
                                .stack_bytes = shell->def->stack_bytes,
                                .name = stage->command->name,
                                .priority = (uint8_t)(kiln_task_priority(kiln_task_self()) - 1U)};
    stage->has_returned = false;
    stage->is_over = false;
    (void)kiln_task_create(&stage->task, &def); /* nothing here can be wrong */
}

/* True when a stage's task has terminated now: whoever is at the other end of its pipes is told. */
static bool has_ended(struct kiln_shell *shell, unsigned index)
{
    struct kiln_shell_stage *stage = &shell->stages[index];
    kiln_ticks_t patience = stage->has_returned ? KILN_FOREVER : KILN_NO_WAIT;
    if (stage->is_over || kiln_task_join(&stage->task, &stage->status, patience) != KILN_OK) {
        return false;
    }
    stage->is_over = true;
    if (index != 0) {
        kiln_stream_close(stage->call.in);
    }
    if (index + 1U != shell->stage_count) {
        kiln_stream_close(stage->call.out);
    }
    return true;
}

static void kill_stages(struct kiln_shell *shell)
{
    for (unsigned i = 0; i < shell->stage_count; i++) {
        if (!shell->stages[i].is_over) {
            (void)kiln_task_kill(&shell->stages[i].task, -1);
        }
    }
}

/* How many characters up to the first Ctrl-C wait at the terminal; 0: there is none. What the
 * buffer holds stays where it is: only commands take from it, and none runs now. */
static size_t typed_up_to_interrupt(const struct kiln_stream *terminal)
{
    size_t count = kiln_stream_count(terminal), at = terminal->read;
    for (size_t i = 0; i < count; i++) {
        if (terminal->buffer[at] == CTRL_C) {
            return i + 1;
        }
        at = at + 1U == terminal->size ? 0 : at + 1U;
    }
    return 0;
}

/* Ctrl-C takes what was typed before with it. */
static bool is_interrupted(struct kiln_shell *shell)
{
    bool interrupted = shell->interrupted;
    char typed;
    for (size_t left = typed_up_to_interrupt(shell->terminal); left != 0; left--) {
        (void)kiln_stream_read(shell->terminal, &typed, 1, KILN_NO_WAIT);
        interrupted = true;
    }
    shell->interrupted = false;
    return interrupted;
}

/* What a command may have done to the screen: colours, and no cursor. */
static void say_interrupted(struct kiln_shell *shell)
{
    put_text(shell, "\033[0m\033[?25h^C\r\n");
}

/* Until all have ended. */
static void await_stages(struct kiln_shell *shell)
{
    unsigned left = shell->stage_count;
    while (left != 0) {
        (void)kiln_sem_take(&shell->wake, LOOK_AGAIN);
        if (is_interrupted(shell)) {
            kill_stages(shell);
            say_interrupted(shell);
        }
        for (unsigned i = 0; i < KILN_CFG_SHELL_STAGES; i++) {
            left -= i < shell->stage_count && has_ended(shell, i);
        }
    }
}

static void complain(struct kiln_shell *shell, const char *what, const char *value,
                     const char *advice)
{
    put_text(shell, what);
    put_text(shell, value);
    put_text(shell, advice);
    put_text(shell, "\r\n");
}

/* Finds the commands and the device of a line; false: one is not there. */
static bool look_up(struct kiln_shell *shell, const struct k_parse *parse,
                    struct kiln_stream **device)
{
    for (unsigned i = 0; i < parse->stages; i++) {
        const char *name = parse->words[parse->first[i]];
        shell->stages[i].command = kiln_shell_find(name);
        if (shell->stages[i].command == NULL) {
            complain(shell, "there is no command '", name, "': help lists them");
            return false;
        }
    }
    *device = parse->device != NULL ? device_named(parse->device) : shell->terminal;
    if (*device == NULL) {
        complain(shell, "there is no device '", parse->device, "': objects lists the streams");
        return false;
    }
    return true;
}

static void connect(struct kiln_shell *shell, const struct k_parse *parse,
                    struct kiln_stream *device)
{
    shell->stage_count = parse->stages;
    for (unsigned i = 0; i < parse->stages; i++) {
        bool is_first = i == 0, is_last = i + 1U == parse->stages;
        if (!is_last) {
            (void)kiln_stream_reopen(pipe_of(shell, i));
        }
        shell->stages[i].call =
            (struct kiln_shell_call){.argc = (int)(parse->first[i + 1] - parse->first[i]),
                                     .argv = parse->words + parse->first[i],
                                     .in = is_first ? shell->terminal : pipe_of(shell, i - 1U),
                                     .out = is_last ? device : pipe_of(shell, i),
                                     .shell = shell};
    }
}

static int run_stages(struct kiln_shell *shell)
{
    shell->interrupted = false;
    for (unsigned i = 0; i < shell->stage_count; i++) {
        start_stage(shell, i);
    }
    await_stages(shell);
    int status = shell->stages[shell->stage_count - 1U].status;
    shell->stage_count = 0;
    return status;
}

static void say_what_is_wrong(struct kiln_shell *shell, const struct k_parse *parse)
{
    char where[24];
    (void)kiln_snprintf(where, sizeof(where), ", at column %u: ", parse->error_at + 1U);
    complain(shell, parse->error, where, shell->text + parse->error_at);
}

/* Runs the line that the editor has. */
static void run_line(struct kiln_shell *shell)
{
    struct k_parse parse;
    struct kiln_stream *device;
    memcpy(shell->parsed, shell->text, sizeof(shell->parsed));
    if (!k_parse(&parse, shell->parsed)) {
        say_what_is_wrong(shell, &parse);
        shell->status = 1;
    } else if (parse.stages == 0) {
        return;
    } else if (look_up(shell, &parse, &device)) {
        connect(shell, &parse, device);
        shell->status = run_stages(shell);
    } else {
        shell->status = 1;
    }
}

/* ---- The terminal --------------------------------------------------------------------------- */

static void draw(struct kiln_shell *shell)
{
    char bytes[KILN_LINE_DRAW_MIN * 2];
    size_t count;
    while ((count = kiln_line_draw(&shell->line, bytes, sizeof(bytes))) != 0) {
        k_shell_put(shell, bytes, count);
    }
}

/* Returns false when the terminal is closed. */
static bool read_line(struct kiln_shell *shell)
{
    for (;;) {
        uint8_t byte;
        draw(shell);
        if (kiln_stream_read(shell->terminal, &byte, 1, KILN_FOREVER) != 1) {
            return false;
        }
        enum kiln_line_event event = kiln_line_feed(&shell->line, byte);
        if (event == KILN_LINE_COMPLETE) {
            k_shell_complete(shell);
        } else if (event != KILN_LINE_NONE) {
            draw(shell);
            shell->is_over = event == KILN_LINE_CLOSED;
            return event != KILN_LINE_CLOSED;
        }
    }
}

/* That there is room to write is nothing to wake for. */
static void stream_changed(struct kiln_stream *terminal)
{
    struct kiln_shell *shell = (struct kiln_shell *)terminal->listener;
    if (terminal->count != 0) {
        (void)kiln_sem_give(&shell->wake);
    }
}

static void listen(struct kiln_shell *shell, void (*changed)(struct kiln_stream *terminal))
{
    unsigned key = kiln_irq_lock();
    shell->terminal->listener = shell;
    shell->terminal->changed = changed;
    kiln_irq_unlock(key);
}

static void start(const struct kiln_shell_def *def, struct kiln_stream *terminal)
{
    struct kiln_shell *shell = def->shell;
    shell->def = def;
    shell->terminal = terminal;
    shell->status = 0;
    shell->is_over = false;
    shell->stage_count = 0;
    (void)kiln_sem_init(&shell->wake, 0, 1);
    kiln_set_name(&shell->wake, "commands");
    (void)kiln_line_init(&shell->line, shell->text, sizeof(shell->text), shell->history,
                         KILN_CFG_SHELL_HISTORY);
    init_pipes(shell);
    listen(shell, stream_changed);
}

static void stop(struct kiln_shell *shell)
{
    listen(shell, NULL);
    destroy_pipes(shell);
    (void)kiln_sem_destroy(&shell->wake);
}

int kiln_shell_run(const struct kiln_shell_def *def, struct kiln_stream *terminal)
{
    if (def == NULL || terminal == NULL ||
        kiln_task_priority(kiln_task_self()) == KILN_PRIORITY_MIN) {
        return KILN_EINVAL;
    }
    struct kiln_shell *shell = def->shell;
    start(def, terminal);
    while (!shell->is_over) {
        kiln_line_start(&shell->line, PROMPT);
        if (!read_line(shell)) {
            break;
        }
        run_line(shell);
    }
    stop(shell);
    return shell->status;
}

#endif
