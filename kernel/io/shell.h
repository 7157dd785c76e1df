/* What the files of the shell share. */
#ifndef K_SHELL_H
#define K_SHELL_H

#include "kiln/shell.h"

/* Static objects of a linker section; none when the image has none. */
#define K_SECTION(type, name) extern type __start_##name[] K_WEAK, __stop_##name[] K_WEAK
#define K_SECTION_COUNT(name) \
    (((uintptr_t)__stop_##name - (uintptr_t)__start_##name) / sizeof(__start_##name[0]))
#define K_WEAK __attribute__((weak))

K_SECTION(const struct kiln_shell_command, kiln_shell_commands);
K_SECTION(const struct kiln_shell_device, kiln_shell_devices);
K_SECTION(const struct kiln_task_def, kiln_run_entries);
K_SECTION(struct kiln_stream, kiln_streams);

/* As strcmp(). The C library's is assembler that tools/stack.py cannot follow. */
static inline int k_compare(const char *one, const char *other)
{
    while (*one == *other && *one != '\0') {
        one++;
        other++;
    }
    return (uint8_t)*one - (uint8_t)*other;
}

/* ---- The shell ------------------------------------------------------------------------------ */

/* What the row of the cursor has, on the console: see shell_console.c. A terminal that is not the
 * console always has K_ROW_LINE. */
enum k_shell_row {
    K_ROW_LINE, /* of the line that is edited as much as was drawn, and nothing else */
    K_ROW_FREE, /* nothing */
    K_ROW_OPEN, /* a text, or what a command wrote, without its end */
};

/* Has the line that is edited make room for printed texts, if the terminal is the console. */
void k_shell_join_console(struct kiln_shell *shell);
void k_shell_leave_console(struct kiln_shell *shell);

/* The pipe behind the command of that index. */
struct kiln_stream *k_shell_pipe(struct kiln_shell *shell, unsigned index);
void k_shell_init_pipes(struct kiln_shell *shell);
void k_shell_destroy_pipes(struct kiln_shell *shell);

/* What a shell wants next. Whoever serves it does that, a task by a call, a coroutine by an await,
 * and asks again. */
enum k_shell_wants {
    K_SHELL_WRITE, /* shell->output to the terminal */
    K_SHELL_TYPED, /* shell->wake, for as long as it takes: nothing runs */
    K_SHELL_WAKE,  /* shell->wake, for K_SHELL_LOOK_AGAIN at most */
    K_SHELL_JOIN,  /* the end of k_shell_returned(), which is near */
    K_SHELL_END,   /* no more: shell->status is the last exit status */
};

/* How soon the end of a task is seen of which nobody told the shell. */
#define K_SHELL_LOOK_AGAIN KILN_MS(500)

/* Begins, and ends, to serve a terminal. The calling task is the one that goes on with it. */
void k_shell_open(const struct kiln_shell_def *def, struct kiln_stream *terminal);
void k_shell_close(struct kiln_shell *shell);

/* Goes on as far as it can without a wait. */
enum k_shell_wants k_shell_step(struct kiln_shell *shell);

/* A task whose command has returned. */
struct kiln_task *k_shell_returned(struct kiln_shell *shell);

/* Tab: completes the word before the cursor. False when it could become one of several:
 * k_shell_candidate() has them. */
bool k_shell_complete(struct kiln_shell *shell);

/* The first from *index on of what that word could become, and the index behind it; NULL: none. */
const char *k_shell_candidate(const struct kiln_shell *shell, uint16_t *index);

/* The stream that `>` calls by a name; NULL: there is none. */
struct kiln_stream *k_shell_device(const char *name);

/* ---- Arguments of commands ------------------------------------------------------------------ */

/* True when there are `least` to `most` arguments behind the command's name; else says how it is
 * used. */
bool k_shell_arguments(struct kiln_shell_call *call, int least, int most);

/* The argument's number, decimal or hexadecimal with 0x, up to `most`; else says what is wrong. */
bool k_shell_number(struct kiln_shell_call *call, int argument, uintptr_t most, uintptr_t *number);

/* Writes text, each row whole: with its end, between those of others. As kiln_shell_write(), but
 * the text may be changed, and so may the byte before it. */
void k_shell_write_rows(struct kiln_shell_call *call, char *text, size_t length);

/* The task that an argument names, by name or by its number in `ps`; with the scheduler locked, so
 * that it does not end before the caller has done what it wants and unlocks. NULL: there is none;
 * that has been said, and nothing is locked. */
struct kiln_task *k_shell_task(struct kiln_shell_call *call, int argument);

/* ---- Tasks ---------------------------------------------------------------------------------- */

/* The n-th of all tasks; NULL behind the last. With the scheduler locked. */
struct kiln_task *k_task_at(unsigned index);

/* What kind of thing a task waits for, and its name: "mutex ", "fork". Both empty when it waits for
 * nothing. With the scheduler locked. */
const char *k_wait_kind(const struct kiln_task_info *info);
const char *k_wait_name(const struct kiln_task_info *info);

/* The task that one waits for at a mutex or to join; NULL: none. With the scheduler locked. */
struct kiln_task *k_blocker_of(const struct kiln_task *task);

/* End and suspend a task for a command, with the errors of the kernel's calls.
 * KILN_EDEADLK: it serves the command's shell, and nobody could type any more. */
int k_shell_kill(const struct kiln_shell_call *call, struct kiln_task *task, int code);
int k_shell_suspend(const struct kiln_shell_call *call, struct kiln_task *task);

/* Why those two, or kiln_task_resume(), refused. */
const char *k_shell_refusal(int error);

/* The most that a task used of its stack, in bytes; "-" where that says nothing of a board. The
 * text may be in `text`, of K_STACK_TEXT bytes. */
#define K_STACK_TEXT 12
const char *k_stack_used(char *text, const struct kiln_task_info *info);

/* Writes who a task waits for, and so on, as one line. */
void k_chain_print(struct kiln_shell_call *call, const struct kiln_task *task);

/* Bytes of the blocks of all static pools. */
size_t k_pool_bytes(void);

/* Writes what a task's context and its stack hold. */
void k_dump_task(struct kiln_shell_call *call, const struct kiln_task *task);

#endif
