/* Commands that read what another one writes; and echo. */
#include "kiln/config.h"

#if KILN_CFG_SHELL

#include <string.h>

#include "io/shell.h"
#include "kiln/print.h"

static int echo(struct kiln_shell_call *call)
{
    char text[KILN_CFG_SHELL_LINE + 2]; /* no line is longer */
    size_t length = 1;
    for (int i = 1; i < call->argc && length < sizeof(text) - 1U; i++) {
        length += (size_t)kiln_snprintf(text + length, sizeof(text) - length, "%s%s",
                                        i != 1 ? " " : "", call->argv[i]);
    }
    length = length < sizeof(text) ? length : sizeof(text) - 1U;
    text[length] = '\n';
    k_shell_write_rows(call, text + 1, length);
    return 0;
}
KILN_SHELL_COMMAND(echo, "[WORD]...", "writes words", echo);

/* ---- Lines of the input --------------------------------------------------------------------- */

/* Longest line; the rest counts as another one. */
#define ROW_MAX 96

struct input {
    struct kiln_shell_call *call;
    size_t count, at; /* of `chunk`: bytes in it, and how many were used */
    size_t length;    /* of the row */
    char chunk[16];
    char row[1 + ROW_MAX]; /* the first is for k_shell_write_rows() */
};

static bool next_byte(struct input *input, char *byte)
{
    if (input->at == input->count) {
        int count = kiln_shell_read(input->call, input->chunk, sizeof(input->chunk), KILN_FOREVER);
        input->at = 0;
        input->count = count > 0 ? (size_t)count : 0;
        if (count <= 0) {
            return false;
        }
    }
    *byte = input->chunk[input->at++];
    return true;
}

/* The next line, its end included if it has one; false behind the last. */
static bool next_row(struct input *input)
{
    input->length = 0;
    while (input->length < ROW_MAX && next_byte(input, &input->row[1U + input->length])) {
        if (input->row[++input->length] == '\n') {
            break;
        }
    }
    return input->length != 0;
}

static bool holds(const struct input *input, const char *text)
{
    size_t length = strlen(text);
    for (size_t at = 0; at + length <= input->length; at++) {
        if (memcmp(input->row + 1 + at, text, length) == 0) {
            return true;
        }
    }
    return false;
}

static int grep(struct kiln_shell_call *call)
{
    struct input input = {.call = call};
    bool found = false;
    if (!k_shell_arguments(call, 1, 1)) {
        return 1;
    }
    while (next_row(&input)) {
        if (holds(&input, call->argv[1])) {
            k_shell_write_rows(call, input.row + 1, input.length);
            found = true;
        }
    }
    return !found;
}
KILN_SHELL_COMMAND(grep, "TEXT", "the input's lines that hold a text", grep);

static int head(struct kiln_shell_call *call)
{
    struct input input = {.call = call};
    uintptr_t left = 10;
    if (!k_shell_arguments(call, 0, 1) ||
        (call->argc == 2 && !k_shell_number(call, 1, UINT16_MAX, &left))) {
        return 1;
    }
    while (left-- != 0 && next_row(&input)) {
        k_shell_write_rows(call, input.row + 1, input.length);
    }
    return 0;
}
KILN_SHELL_COMMAND(head, "[LINES]", "the input's first lines, 10 by default", head);

static int wc(struct kiln_shell_call *call)
{
    unsigned lines = 0, words = 0, bytes = 0;
    bool in_word = false;
    struct input input = {.call = call};
    char byte;
    while (next_byte(&input, &byte)) {
        bool is_space = byte == ' ' || byte == '\n';
        words += !is_space && !in_word;
        in_word = !is_space;
        lines += byte == '\n';
        bytes++;
    }
    kiln_shell_printf(call, "%u %u %u\n", lines, words, bytes);
    return 0;
}
KILN_SHELL_COMMAND(wc, "", "counts the input's lines, words and bytes", wc);

#endif
