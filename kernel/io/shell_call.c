/* What commands call: output, input, and their arguments. */
#include "kiln/config.h"

#if KILN_CFG_SHELL

#include <string.h>

#include "io/shell.h"
#include "kiln/print.h"
#include "kiln/sched.h"

#define CTRL_C 3
#define CTRL_D 4

/* ---- Output --------------------------------------------------------------------------------- */

/* Ends the calling command, as if it had returned. */
static void end_stage(struct kiln_shell *shell, int status)
{
    for (unsigned i = 0; i < shell->stage_count; i++) {
        if (&shell->stages[i].task == kiln_task_self()) {
            shell->stages[i].has_returned = true;
        }
    }
    (void)kiln_sem_give(&shell->wake);
    kiln_task_exit(status);
}

static void write_whole(struct kiln_shell_call *call, const char *text, size_t length)
{
    if (length != 0 && kiln_stream_write(call->out, text, length, KILN_FOREVER) != (int)length) {
        end_stage(call->shell, 0);
    }
}

/* Up to the first line end, that included. */
static size_t row_length(const char *text, size_t length)
{
    const char *end = memchr(text, '\n', length);
    return end != NULL ? (size_t)(end - text) + 1U : length;
}

/* A row's end is in the same write: nothing that is printed comes in between (kiln/stream.h). It is
 * moved to the left for that, over what has been written. */
void k_shell_write_rows(struct kiln_shell_call *call, char *text, size_t length)
{
    if (call->out != call->shell->terminal) {
        write_whole(call, text, length);
        return;
    }
    while (length != 0) {
        size_t row = row_length(text, length);
        bool has_end = text[row - 1U] == '\n';
        if (has_end) {
            memmove(text - 1, text, row - 1U);
            text[row - 2U] = '\r';
        }
        write_whole(call, text - has_end, row + has_end);
        text += row;
        length -= row;
    }
}

/* The text stays as it is: each row of it is copied. */
void kiln_shell_write(struct kiln_shell_call *call, const char *text, size_t length)
{
    char copy[1 + KILN_SHELL_TEXT_MAX];
    while (length != 0) {
        size_t row = row_length(text, length < KILN_SHELL_TEXT_MAX ? length : KILN_SHELL_TEXT_MAX);
        memcpy(copy + 1, text, row);
        k_shell_write_rows(call, copy + 1, row);
        text += row;
        length -= row;
    }
}

static size_t cut_off(int length, size_t size)
{
    return length < 0 ? 0 : (size_t)length < size ? (size_t)length : size - 1U;
}

void kiln_shell_printf(struct kiln_shell_call *call, const char *format, ...)
{
    char text[1 + KILN_SHELL_TEXT_MAX];
    va_list args;
    va_start(args, format);
    int length = kiln_vsnprintf(text + 1, KILN_SHELL_TEXT_MAX, format, args);
    va_end(args);
    k_shell_write_rows(call, text + 1, cut_off(length, KILN_SHELL_TEXT_MAX));
}

int kiln_shell_fail(struct kiln_shell_call *call, const char *format, ...)
{
    struct kiln_shell_call on_terminal = *call;
    char text[1 + KILN_SHELL_TEXT_MAX];
    const size_t size = KILN_SHELL_TEXT_MAX;
    va_list args;
    on_terminal.out = call->shell->terminal;
    size_t name = cut_off(kiln_snprintf(text + 1, size, "%s: ", call->argv[0]), size);
    va_start(args, format);
    int length = kiln_vsnprintf(text + 1 + name, size - name, format, args);
    va_end(args);
    size_t end = name + cut_off(length, size - name);
    text[1 + end] = '\n'; /* where the closing zero was */
    k_shell_write_rows(&on_terminal, text + 1, end + 1U);
    return 1;
}

/* ---- Input ---------------------------------------------------------------------------------- */

/* The shell is more urgent, and ends this task before the next line runs. */
static void interrupt(struct kiln_shell *shell)
{
    shell->interrupted = true;
    (void)kiln_sem_give(&shell->wake);
}

/* One key, shown on the screen; 0 at the end. */
static int read_key(struct kiln_shell_call *call, char *key, kiln_ticks_t timeout_ticks)
{
    int count = kiln_stream_read(call->in, key, 1, timeout_ticks);
    if (count != 1 || *key == CTRL_D) {
        return count < 0 ? count : 0;
    }
    if (*key == CTRL_C) {
        interrupt(call->shell);
        return 0;
    }
    *key = *key == '\r' ? '\n' : *key;
    bool is_end = *key == '\n';
    (void)kiln_stream_write(call->in, is_end ? "\r\n" : key, is_end ? 2 : 1, KILN_FOREVER);
    return 1;
}

int kiln_shell_read(struct kiln_shell_call *call, char *bytes, size_t size,
                    kiln_ticks_t timeout_ticks)
{
    if (call->in != call->shell->terminal || size == 0) {
        return kiln_stream_read(call->in, bytes, size, timeout_ticks);
    }
    return read_key(call, bytes, timeout_ticks);
}

/* ---- Arguments ------------------------------------------------------------------------------ */

bool k_shell_arguments(struct kiln_shell_call *call, int least, int most)
{
    if (call->argc > least && call->argc <= most + 1) {
        return true;
    }
    const struct kiln_shell_command *command = kiln_shell_find(call->argv[0]);
    (void)kiln_shell_fail(call, "%s: usage: %s%s%s",
                          call->argc <= least ? "something is missing" : "that is too much",
                          command->name, command->usage[0] != '\0' ? " " : "", command->usage);
    return false;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* False when the text is no number up to `most`. */
static bool parse_number(const char *text, uintptr_t most, uintptr_t *number)
{
    unsigned radix = text[0] == '0' && (text[1] | 0x20) == 'x' ? 16 : 10;
    text += radix == 16 ? 2 : 0;
    *number = 0;
    bool ok = *text != '\0';
    for (; ok && *text != '\0'; text++) {
        unsigned digit = (unsigned)digit_of(*text);
        ok = digit < radix && digit <= most && *number <= (most - digit) / radix;
        *number = *number * radix + digit;
    }
    return ok;
}

bool k_shell_number(struct kiln_shell_call *call, int argument, uintptr_t most, uintptr_t *number)
{
    if (parse_number(call->argv[argument], most, number)) {
        return true;
    }
    (void)kiln_shell_fail(call, "'%s' is no number from 0 to %zu", call->argv[argument],
                          (size_t)most);
    return false;
}

/* ---- Tasks by name or number ---------------------------------------------------------------- */

struct kiln_task *k_task_at(unsigned index)
{
    struct kiln_task *task = kiln_task_next(NULL);
    while (task != NULL && index-- != 0) {
        task = kiln_task_next(task);
    }
    return task;
}

/* The task of a name; `count`: how many have it. */
static struct kiln_task *task_named(const char *name, unsigned *count)
{
    struct kiln_task *found = NULL;
    *count = 0;
    for (struct kiln_task *task = kiln_task_next(NULL); task != NULL; task = kiln_task_next(task)) {
        if (k_compare(kiln_name(task), name) == 0) {
            found = task;
            (*count)++;
        }
    }
    return found;
}

struct kiln_task *k_shell_task(struct kiln_shell_call *call, int argument)
{
    const char *name = call->argv[argument];
    unsigned count = 1;
    uintptr_t number;
    (void)kiln_sched_lock();
    struct kiln_task *task = parse_number(name, UINT16_MAX, &number) ? k_task_at((unsigned)number)
                                                                     : task_named(name, &count);
    if (task != NULL && count == 1) {
        return task;
    }
    (void)kiln_sched_unlock();
    (void)kiln_shell_fail(call,
                          task == NULL ? "there is no task '%s': ps lists them"
                                       : "several tasks are named '%s': take a number of ps",
                          name);
    return NULL;
}

#endif
