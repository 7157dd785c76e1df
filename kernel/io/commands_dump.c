/* Memory in hex: a range, or a task's context and stack. */
#include "kiln/config.h"

#if KILN_CFG_SHELL

#include "core/kernel.h"
#include "io/shell.h"
#include "kiln/kiln.h"

#define ROW_BYTES  16U
#define ROW_WORDS  4U
#define STACK_ROWS 6U
#define BYTES_MOST 4096U

/* A row of up to 16 bytes, as numbers and as text. */
static void print_row(struct kiln_shell_call *call, const uint8_t *at, const uint8_t *row,
                      size_t bytes)
{
    char text[ROW_BYTES * 4U + 4U];
    char *hex = text, *plain = text + ROW_BYTES * 3U + 1U;
    for (unsigned i = 0; i < ROW_BYTES; i++) {
        uint8_t byte = i < bytes ? row[i] : 0;
        (void)kiln_snprintf(hex, 4, i < bytes ? " %02x" : "   ", byte);
        hex += 3;
        *plain++ = i >= bytes ? '\0' : byte >= ' ' && byte < 127 ? (char)byte : '.';
    }
    *hex = ' ';
    *plain = '\0';
    kiln_shell_printf(call, "%p:%s\n", (const void *)at, text);
}

static int dump_memory(struct kiln_shell_call *call, const uint8_t *at, size_t bytes)
{
    while (bytes != 0) {
        size_t row = bytes < ROW_BYTES ? bytes : ROW_BYTES;
        uint8_t copy[ROW_BYTES];
        if (!port_peek(copy, at, row)) {
            return kiln_shell_fail(call, "there is no memory at %p", (const void *)at);
        }
        print_row(call, at, copy, row);
        at += row;
        bytes -= row;
    }
    return 0;
}

/* A row of words of a stack; false behind the last that can be read. */
static bool print_words(struct kiln_shell_call *call, const uintptr_t *at)
{
    char row[ROW_WORDS * (sizeof(uintptr_t) * 2U + 3U) + 1U];
    char *end = row;
    uintptr_t word;
    unsigned count = 0;
    for (; count < ROW_WORDS && port_peek(&word, at + count, sizeof(word)); count++) {
        end += kiln_snprintf(end, (size_t)(row + sizeof(row) - end), " 0x%0*zx",
                             (int)sizeof(word) * 2, (size_t)word);
    }
    if (count != 0) {
        kiln_shell_printf(call, " %s\n", row);
    }
    return count == ROW_WORDS;
}

/* Up to the top, or as far as there is memory. What the task does meanwhile may show. */
void k_dump_task(struct kiln_shell_call *call, const struct kiln_task *task)
{
    const uintptr_t *at = (const uintptr_t *)port_ctx_sp(&task->ctx);
    kiln_shell_printf(call, "stack pointer %p; saved registers, then what it was at:\n",
                      (const void *)at);
    for (unsigned i = 0; i < STACK_ROWS && print_words(call, at + i * ROW_WORDS); i++) {
    }
}

static int dump_task(struct kiln_shell_call *call)
{
    const struct kiln_task *task = k_shell_task(call, 1);
    if (task == NULL) {
        return 1;
    }
    (void)kiln_sched_unlock();
    if (task == kiln_task_self()) {
        return kiln_shell_fail(call, "'%s' runs, it has no saved context", call->argv[1]);
    }
    k_dump_task(call, task);
    return 0;
}

static bool is_address(const char *text)
{
    return text[0] == '0' && (text[1] | 0x20) == 'x';
}

static int dump(struct kiln_shell_call *call)
{
    uintptr_t address, bytes = 64;
    if (!k_shell_arguments(call, 1, 2)) {
        return 1;
    }
    if (call->argc == 2 && !is_address(call->argv[1])) {
        return dump_task(call);
    }
    if (!k_shell_number(call, 1, UINTPTR_MAX, &address) ||
        (call->argc == 3 && !k_shell_number(call, 2, BYTES_MOST, &bytes))) {
        return 1;
    }
    return dump_memory(call, (const uint8_t *)address, bytes);
}
KILN_SHELL_COMMAND(dump, "TASK | ADDRESS [BYTES]", "a task's stack, or memory", dump);

#endif
