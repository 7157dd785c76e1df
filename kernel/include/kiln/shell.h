/* A shell: commands by name, on any stream.
 *
 * A line is words; quotes and backslashes make characters literal. `a | b` connects two commands by
 * a pipe, `a > device` sends the output to the stream of that name instead of the terminal. Each
 * command of a line is a task of its own, so all of them run at once; Ctrl-C ends them. Commands
 * come from wherever KILN_SHELL_COMMAND() puts them: kernel/io has a set, an app adds its own.
 * docs/shell.md shows it at work.
 */
#ifndef KILN_SHELL_H
#define KILN_SHELL_H

#include "kiln/async.h"
#include "kiln/line.h"
#include "kiln/sem.h"
#include "kiln/stream.h"
#include "kiln/task.h"
#include "kiln/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct kiln_shell;

/* What a command works with. */
struct kiln_shell_call {
    int argc;
    char *const *argv;            /* argv[0] is the command's name; there is no NULL at the end */
    struct kiln_stream *in, *out; /* the terminal, or pipes; `out` perhaps another device */
    struct kiln_shell *shell;
};

/* A command: returns its exit status, 0 when all is well. It runs in a task with a stack of the
 * shell's. That task can end at any call of kiln_shell_write(), because nobody wants to read any
 * more, and anywhere because of Ctrl-C: a command holds nothing that it would have to give back. */
typedef int (*kiln_shell_fn)(struct kiln_shell_call *call);

struct kiln_shell_command {
    const char *name;
    const char *usage; /* its arguments, "TASK [CODE]"; "": it gets none */
    const char *help;  /* one line */
    kiln_shell_fn function;
};

/* Adds a command to every shell of the image. */
#define KILN_SHELL_COMMAND(name_, usage_, help_, function_)                    \
    static const struct kiln_shell_command shell_command_##name_ KILN_SECTION( \
        kiln_shell_commands) = {#name_, (usage_), (help_), (function_)}

/* Makes a stream known to `>` by a name; `get_fn` returns it, as kiln_board_console() does. Streams
 * that are defined statically are known by theirs. */
struct kiln_shell_device {
    const char *name;
    struct kiln_stream *(*get)(void);
};
#define KILN_SHELL_DEVICE(name_, get_fn)                                     \
    static const struct kiln_shell_device shell_device_##name_ KILN_SECTION( \
        kiln_shell_devices) = {#name_, (get_fn)}

/* A task that nobody starts until the command `run` does, as often as it has ended. */
#define KILN_RUN_ENTRY(name_, entry_fn, argument, prio, bytes)                                    \
    KILN_STATIC_ASSERT((prio) >= 0 && (prio) < KILN_CFG_PRIORITIES,                               \
                       "the priority of run entry " #name_ " must be 0 to KILN_CFG_PRIORITIES - " \
                       "1");                                                                      \
    KILN_STATIC_ASSERT((bytes) >= PORT_STACK_MIN,                                                 \
                       "the stack of run entry " #name_ " is smaller than PORT_STACK_MIN bytes"); \
    KILN_STACK_DEFINE(name_##_stack, bytes);                                                      \
    struct kiln_task name_;                                                                       \
    static const struct kiln_task_def name_##_def KILN_SECTION(kiln_run_entries) = {              \
        &(name_), (entry_fn), (argument), name_##_stack, sizeof(name_##_stack), #name_, 0, (prio)}

/* One of the commands of a line that run at once. */
struct kiln_shell_stage {
    struct kiln_task task;
    struct kiln_shell_call call;
    const struct kiln_shell_command *command;
    volatile bool has_returned; /* or ended itself: it is about to terminate */
    bool is_over;               /* terminated, its pipes closed */
    int status;
};

/* Words of a line, at most. */
#define KILN_SHELL_WORDS_MAX 16

/* A shell. Its fields belong to the task or coroutine that serves it; those of a stage to the
 * stage's task while that runs. */
struct kiln_shell {
    const struct kiln_shell_def *def;
    struct kiln_stream *terminal;
    struct kiln_task *server; /* the task that started the line that runs */
    struct kiln_sem wake;     /* a stage has ended, or something was typed */
    struct kiln_line line;
    int status;         /* of the last line */
    uint8_t phase;      /* see kernel/io/shell.c, as for the next four */
    bool lists;         /* what Tab could mean is being written: */
    uint16_t candidate; /* from this one on */
    bool is_over;       /* the command `exit` was given */
    bool interrupted;   /* Ctrl-C was typed while a line runs */
    /* See kernel/io/shell_console.c; protected by masking interrupts, or by holding the console. */
    volatile uint8_t row;
    volatile uint8_t made_for;
    volatile bool is_edited;
    const struct kiln_stream_driver *driver; /* the console's own */
    const char *says;
    struct {
        const char *text;
        size_t length;
    } output;                           /* what is to be written */
    char bytes[KILN_LINE_DRAW_MIN * 2]; /* where it is when the editor draws */
    char *words[KILN_SHELL_WORDS_MAX];  /* of the line that runs */
    struct kiln_shell_stage stages[KILN_CFG_SHELL_STAGES];
    unsigned stage_count; /* of the line that runs; 0: none does */
#if KILN_CFG_SHELL_STAGES > 1
    struct kiln_stream pipes[KILN_CFG_SHELL_STAGES - 1];
    uint8_t pipe_bytes[KILN_CFG_SHELL_STAGES - 1][KILN_CFG_SHELL_PIPE];
#endif
    char text[KILN_CFG_SHELL_LINE + 1];   /* as the editor has it */
    char parsed[KILN_CFG_SHELL_LINE + 1]; /* taken apart */
    char history[KILN_CFG_SHELL_HISTORY + 1];
};

/* What a shell is made of. */
struct kiln_shell_def {
    struct kiln_shell *shell;
    uint64_t *stacks;   /* KILN_CFG_SHELL_STAGES of them */
    size_t stack_bytes; /* of each, a multiple of 8 */
};

/* Defines a shell whose commands have stacks of so many bytes each; `name` is its struct
 * kiln_shell_def. */
#define KILN_SHELL_DEFINE(name, bytes)                                                  \
    KILN_STATIC_ASSERT((bytes) >= PORT_STACK_MIN && (bytes) % 8 == 0,                   \
                       "the stacks of shell " #name " must be a multiple of 8, and at " \
                       "least PORT_STACK_MIN bytes");                                   \
    static uint64_t name##_stacks[KILN_CFG_SHELL_STAGES][(bytes) / 8U]                  \
        __attribute__((section(".bss.kiln_stacks")));                                   \
    static struct kiln_shell name##_state;                                              \
    static const struct kiln_shell_def name = {&name##_state, name##_stacks[0],         \
                                               sizeof(name##_stacks[0])}

/* Serves a terminal, until it is closed or the command `exit` is given, and returns the last
 * command's exit status. Commands run one priority below the calling task's. Task context. Blocks.
 * The terminal's `changed` is the shell's meanwhile, and on the console its driver.
 * KILN_EINVAL: no shell or terminal; the caller's priority is KILN_PRIORITY_MIN. */
int kiln_shell_run(const struct kiln_shell_def *def, struct kiln_stream *terminal);

#if KILN_CFG_ASYNC
/* A coroutine that serves a terminal. The caller's memory. */
struct kiln_shell_server {
    struct kiln_async async; /* to be awaited, joined or cancelled */
    const struct kiln_shell_def *def;
    struct kiln_stream *terminal;
    struct kiln_stream_transfer transfer;
    uint8_t wants; /* enum k_shell_wants */
};

/* The same in a coroutine, which never keeps the executor's others waiting: it awaits the terminal
 * both ways, and the commands, which run one priority below the executor's task. Its result is what
 * kiln_shell_run() returns. To cancel it ends the commands, too. Any context. May switch to the
 * executor's task.
 * KILN_EINVAL: no server, shell or terminal.
 * KILN_ESTATE: the server's coroutine has not ended (with KILN_CFG_CHECKS). */
int kiln_shell_start(struct kiln_shell_server *server, struct kiln_executor *executor,
                     const struct kiln_shell_def *def, struct kiln_stream *terminal);
#endif

/* ---- For commands --------------------------------------------------------------------------- */

/* Longest text that a command formats in one piece, its closing zero included. */
#define KILN_SHELL_TEXT_MAX 128

/* Writes output; waits while there is no room. Line ends are made fit for a terminal. Each row, its
 * end included, is one write, if it has up to KILN_SHELL_TEXT_MAX characters: what kiln_printf()
 * prints on the same console comes before or behind it. When nobody is going to read it, the
 * command ends here. */
void kiln_shell_write(struct kiln_shell_call *call, const char *text, size_t length);

/* The same, formatted; the text is cut off behind KILN_SHELL_TEXT_MAX - 1 characters. */
void kiln_shell_printf(struct kiln_shell_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Reads input, as kiln_stream_read() does; 0 is its end. From a terminal, Ctrl-D is the end and
 * Ctrl-C ends the command. Blocks. */
int kiln_shell_read(struct kiln_shell_call *call, char *bytes, size_t size,
                    kiln_ticks_t timeout_ticks);

/* Says on the terminal, wherever the output goes, what is wrong. Returns 1, for a command to
 * return. */
int kiln_shell_fail(struct kiln_shell_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The commands: in the order of their names, the one after `name` (NULL: the first). NULL: there is
 * none. Any context. */
const struct kiln_shell_command *kiln_shell_next(const char *name);

/* The command of a name, or NULL. Any context. */
const struct kiln_shell_command *kiln_shell_find(const char *name);

#ifdef __cplusplus
}
#endif

#endif
