/* The shell: lines from a terminal, each run as one task a command. See kiln/shell.h.
 *
 * What is here waits for nothing. It is a machine that says what it wants (k_shell_step()) and is
 * served by a task, which blocks for it, or by a coroutine, which awaits it: see shell_serve.c. The
 * machine reads bytes into the line editor until it has a line, starts the line's commands, and
 * looks after them until all have ended. What it has to say meanwhile it wants written first, piece
 * by piece: the row that it says, then what Tab could mean, then what the editor draws.
 *
 * The server is one priority above the tasks of the commands. It waits for `wake`, which says "look
 * again": bytes have come, a command has returned, or a printed text has taken the place of the
 * line that is edited (shell_console.c). Commands read the terminal themselves; what they leave
 * stays in its buffer, for the next line. The shell only looks through that buffer for Ctrl-C. A
 * command that waits at the terminal gets Ctrl-C itself, without the buffer, and kiln_shell_read()
 * tells the shell.
 *
 * The races:
 *   wake against going    `wake` is a semaphore: given before the shell waits, it ends the wait.
 *   to sleep              And the shell looks at everything each time before it waits.
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
#include "io/line.h"
#include "io/parse.h"
#include "io/shell.h"
#include "kiln/print.h"
#include "kiln/reset.h"

#define PROMPT       "kiln> "
#define CTRL_C       3
#define LIST_COLUMNS 80U

/* What the shell is at. */
enum phase {
    EDITS,   /* a line */
    ENTERED, /* and is to run it, once that is drawn */
    RUNS,
    IS_DONE, /* with the line, but for what there is to say of it */
    IS_OVER,
};

/* ---- What it has to say ---------------------------------------------------------------------- */

_Static_assert(PORT_STACK_MIN >= KILN_SHELL_TEXT_MAX, "a row has room in a command's stack");

/* A row is written as a whole, so it is put together before: in the stack of a command, which does
 * not run. */
static char *room_for_row(const struct kiln_shell *shell, unsigned index)
{
    return (char *)(shell->def->stacks + index * (shell->def->stack_bytes / 8U));
}

static void say_row(struct kiln_shell *shell, char *row, size_t length)
{
    (void)strcpy(row + length, "\r\n");
    shell->says = row;
}

__attribute__((format(printf, 3, 4))) static void complain(struct kiln_shell *shell, unsigned index,
                                                           const char *format, ...)
{
    const size_t most = KILN_SHELL_TEXT_MAX - 3U;
    char *row = room_for_row(shell, index);
    va_list args;
    va_start(args, format);
    size_t length = (size_t)kiln_vsnprintf(row, most + 1U, format, args);
    va_end(args);
    say_row(shell, row, length < most ? length : most);
    shell->status = 1;
}

/* ---- A line's commands ---------------------------------------------------------------------- */

/* A command whose usage names no arguments is spared the look. */
static bool is_refused(struct kiln_shell_stage *stage)
{
    return stage->command->usage[0] == '\0' && !k_shell_arguments(&stage->call, 0, 0);
}

static int run_stage(void *arg)
{
    struct kiln_shell_stage *stage = (struct kiln_shell_stage *)arg;
    int status = 1;
    if (!is_refused(stage)) {
        status = stage->command->function(&stage->call); /* calls: commands */
    }
    stage->has_returned = true;
    (void)kiln_sem_give(&stage->call.shell->wake);
    return status;
}

/* The first bound tells the compiler what parse() has seen to. */
static bool is_stage(const struct kiln_shell *shell, unsigned index)
{
    return index < KILN_CFG_SHELL_STAGES && index < shell->stage_count;
}

/* Below the server's, which `prio` may have changed to the least there is: then the same, and the
 * commands take turns with the shell. */
static uint8_t stage_priority(void)
{
    unsigned priority = kiln_task_priority(kiln_task_self());
    return (uint8_t)(priority == KILN_PRIORITY_MIN ? KILN_PRIORITY_MIN : priority - 1U);
}

static void end_stage(const struct kiln_shell *shell, struct kiln_shell_stage *stage)
{
    stage->is_over = true;
    if (stage != shell->stages) {
        kiln_stream_close(stage->call.in);
    }
    if (stage + 1 != shell->stages + shell->stage_count) {
        kiln_stream_close(stage->call.out);
    }
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
                                .priority = stage_priority()};
    stage->has_returned = false;
    stage->is_over = false;
    if (kiln_task_create(&stage->task, &def) != KILN_OK) {
        stage->status = 1;
        end_stage(shell, stage);
        complain(shell, index, "cannot start '%s'", stage->command->name);
    }
}

/* Notes whether a stage's task has terminated: then whoever is at the other end of its pipes is
 * told. */
static void look_at_stage(struct kiln_shell *shell, unsigned index)
{
    struct kiln_shell_stage *stage = &shell->stages[index];
    if (stage->is_over || kiln_task_join(&stage->task, &stage->status, KILN_NO_WAIT) != KILN_OK) {
        return;
    }
    end_stage(shell, stage);
}

static void kill_stages(struct kiln_shell *shell)
{
    for (unsigned i = 0; is_stage(shell, i); i++) {
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

/* Finds the commands and the device of a line; false: one is not there. */
static bool look_up(struct kiln_shell *shell, const struct k_parse *parse,
                    struct kiln_stream **device)
{
    for (unsigned i = 0; i < parse->stages; i++) {
        const char *name = parse->words[parse->first[i]];
        shell->stages[i].command = kiln_shell_find(name);
        if (shell->stages[i].command == NULL) {
            complain(shell, 0, "there is no command '%s': help lists them", name);
            return false;
        }
    }
    *device = parse->device != NULL ? k_shell_device(parse->device) : shell->terminal;
    if (*device == NULL) {
        complain(shell, 0, "there is no device '%s': objects lists the streams", parse->device);
        return false;
    }
    return true;
}

static void connect(struct kiln_shell *shell, const struct k_parse *parse,
                    struct kiln_stream *device)
{
    shell->stage_count = parse->stages;
    memcpy(shell->words, parse->words, sizeof(shell->words));
    for (unsigned i = 0; i < parse->stages; i++) {
        bool is_first = i == 0, is_last = i + 1U == parse->stages;
        if (!is_last) {
            (void)kiln_stream_reopen(k_shell_pipe(shell, i));
        }
        shell->stages[i].call =
            (struct kiln_shell_call){.argc = (int)(parse->first[i + 1] - parse->first[i]),
                                     .argv = shell->words + parse->first[i],
                                     .in = is_first ? shell->terminal : k_shell_pipe(shell, i - 1U),
                                     .out = is_last ? device : k_shell_pipe(shell, i),
                                     .shell = shell};
    }
}

static void start_stages(struct kiln_shell *shell)
{
    shell->interrupted = false;
    shell->server = kiln_task_self();
    shell->phase = RUNS;
    for (unsigned i = 0; is_stage(shell, i); i++) {
        start_stage(shell, i);
    }
}

/* Makes the line that the editor has run. */
static void run_line(struct kiln_shell *shell)
{
    struct k_parse parse;
    struct kiln_stream *device;
    shell->phase = IS_DONE;
    memcpy(shell->parsed, shell->text, sizeof(shell->parsed));
    if (shell->line.is_too_long) {
        complain(shell, 0, "a line of more than %u characters does not run",
                 KILN_CFG_SHELL_LINE + 0U);
    } else if (!k_parse(&parse, shell->parsed)) {
        complain(shell, 0, "%s, at column %u: %s", parse.error, parse.error_at + 1U,
                 shell->text + parse.error_at);
    } else if (parse.stages != 0 && look_up(shell, &parse, &device)) {
        connect(shell, &parse, device);
        start_stages(shell);
    }
}

static void begin_line(struct kiln_shell *shell)
{
    shell->phase = IS_OVER;
    if (!shell->is_over) {
        shell->phase = EDITS;
        shell->is_edited = true;
        kiln_line_start(&shell->line, PROMPT);
    }
}

/* Some have not ended: until when? */
static enum k_shell_wants wait_for_stages(struct kiln_shell *shell)
{
    return k_shell_returned(shell) != NULL ? K_SHELL_JOIN : K_SHELL_WAKE;
}

/* Looks after the line's commands. Returns false when all have ended. */
static bool look_at_stages(struct kiln_shell *shell)
{
    unsigned left = 0;
    for (unsigned i = 0; is_stage(shell, i); i++) {
        look_at_stage(shell, i);
        left += !shell->stages[i].is_over;
    }
    if (left != 0) {
        return true;
    }
    shell->status = shell->stages[shell->stage_count - 1U].status;
    shell->stage_count = 0;
    return false;
}

/* A command may have changed the screen: colours, and no cursor. */
static void interrupt_stages(struct kiln_shell *shell)
{
    kill_stages(shell);
    shell->says = "\033[0m\033[?25h^C\r\n";
}

struct kiln_task *k_shell_returned(struct kiln_shell *shell)
{
    for (unsigned i = 0; is_stage(shell, i); i++) {
        if (shell->stages[i].has_returned && !shell->stages[i].is_over) {
            return &shell->stages[i].task;
        }
    }
    return NULL;
}

/* ---- Output --------------------------------------------------------------------------------- */

/* A row of what Tab could mean: as many as it holds. */
static void list_next(struct kiln_shell *shell)
{
    char *row = room_for_row(shell, 0);
    size_t length = 0;
    uint16_t next = shell->candidate;
    const char *name;
    while ((name = k_shell_candidate(shell, &next)) != NULL) {
        size_t room = LIST_COLUMNS - length;
        size_t added = (size_t)kiln_snprintf(row + length, room, "%s  ", name);
        if (added >= room && length != 0) {
            break;
        }
        length += added < room ? added : room - 1U;
        shell->candidate = next;
    }
    if (length != 0) {
        say_row(shell, row, length);
        return;
    }
    shell->lists = false;
    kiln_line_redraw(&shell->line);
}

/* What was printed has taken the line's place. Behind a text that has not ended, the line comes
 * back when there is more of it, or it is over. */
static void bring_line_back(struct kiln_shell *shell)
{
    if (shell->made_for == K_ROW_FREE) {
        kiln_line_redraw(&shell->line);
        shell->line.pending |= shell->phase != EDITS ? K_LINE_NEW_ROW : 0;
    } else if (shell->phase != EDITS || k_line_is_pending(&shell->line)) {
        shell->says = "\r\n";
    }
}

/* False when all has been written. */
static bool next_output(struct kiln_shell *shell)
{
    shell->made_for = shell->row;
    if (shell->says == NULL && shell->lists) {
        list_next(shell);
    } else if (shell->says == NULL && shell->is_edited && shell->made_for != K_ROW_LINE) {
        bring_line_back(shell);
    }
    const char *text = shell->says;
    shell->says = NULL;
    shell->output.text = text != NULL ? text : shell->bytes;
    shell->output.length = text != NULL
                               ? strlen(text)
                               : kiln_line_draw(&shell->line, shell->bytes, sizeof(shell->bytes));
    return shell->output.length != 0;
}

/* ---- The terminal --------------------------------------------------------------------------- */

static void complete(struct kiln_shell *shell)
{
    if (!k_shell_complete(shell)) {
        shell->lists = true;
        shell->candidate = 0;
        shell->says = "\r\n";
    }
}

/* False when nothing was typed. */
static bool feed_line(struct kiln_shell *shell)
{
    uint8_t byte;
    int count = kiln_stream_read(shell->terminal, &byte, 1, KILN_NO_WAIT);
    if (count != 1) {
        shell->phase = count == 0 ? IS_OVER : EDITS;
        return count == 0;
    }
    enum kiln_line_event event = kiln_line_feed(&shell->line, byte);
    if (event == KILN_LINE_COMPLETE) {
        complete(shell);
    } else if (event != KILN_LINE_NONE) {
        shell->is_over = event == KILN_LINE_CLOSED;
        bool is_entered = event == KILN_LINE_ENTERED || event == KILN_LINE_TOO_LONG;
        shell->phase = is_entered ? ENTERED : IS_DONE;
    }
    return true;
}

/* That there is room to write is nothing to wake for. */
static void stream_changed(struct kiln_stream *terminal)
{
    struct kiln_shell *shell = (struct kiln_shell *)terminal->listener;
    if (terminal->count != 0 || terminal->is_closed) {
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

void k_shell_open(const struct kiln_shell_def *def, struct kiln_stream *terminal)
{
    struct kiln_shell *shell = def->shell;
    (void)kiln_reset_cause(); /* for `uptime`: the note is taken in every run, or it grows old */
    shell->def = def;
    shell->terminal = terminal;
    shell->status = 0;
    shell->is_over = false;
    shell->lists = false;
    shell->stage_count = 0;
    shell->says = NULL;
    (void)kiln_sem_init(&shell->wake, 0, 1);
    kiln_set_name(&shell->wake, "shell");
    (void)kiln_line_init(&shell->line, shell->text, sizeof(shell->text), shell->history,
                         KILN_CFG_SHELL_HISTORY);
    k_shell_init_pipes(shell);
    listen(shell, stream_changed);
    k_shell_join_console(shell);
    begin_line(shell);
}

/* What still runs has a lower priority, and so it has terminated when it was killed. */
void k_shell_close(struct kiln_shell *shell)
{
    kill_stages(shell);
    shell->stage_count = 0;
    k_shell_leave_console(shell);
    listen(shell, NULL);
    k_shell_destroy_pipes(shell);
    (void)kiln_sem_destroy(&shell->wake);
}

/* ---- The machine ---------------------------------------------------------------------------- */

enum k_shell_wants k_shell_step(struct kiln_shell *shell)
{
    while (!next_output(shell)) {
        switch (shell->phase) {
        case EDITS:
            if (!feed_line(shell)) {
                return K_SHELL_TYPED;
            }
            break;
        case ENTERED:
            run_line(shell);
            break;
        case RUNS:
            if (is_interrupted(shell)) {
                interrupt_stages(shell);
            } else if (look_at_stages(shell)) {
                return wait_for_stages(shell);
            } else {
                shell->phase = IS_DONE;
            }
            break;
        case IS_DONE:
            begin_line(shell);
            break;
        default:
            return K_SHELL_END;
        }
    }
    return K_SHELL_WRITE;
}

#endif
