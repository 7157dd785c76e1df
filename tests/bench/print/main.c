/* Benchmark: instructions of one kiln_snprintf() on a board, and of the C library's snprintf() on
 * the same arguments. bench.mk links this image twice, with newlib's small library (nano) and with
 * its full one. nano has no long long: where the texts differ, its row says so and does not count.
 * Rows and markers as in tests/bench/ops/main.c.
 */
#include <stdio.h>
#include <string.h>

#include "../target.h"

/* Short enough for the slowest row to fit between two ticks. */
#define TIMES 2U

#define REPEAT(times) \
    for (unsigned left = (times); left != 0; left--, ({ __asm__ volatile("" ::: "memory"); }))

static char text[96];

/* Newlib asks for memory only for what does not fit into the caller's buffer. */
void *_sbrk(ptrdiff_t bytes);
void *_sbrk(ptrdiff_t bytes)
{
    (void)bytes;
    kiln_panic("the C library wants a heap", NULL, NULL);
}

static ROW void row_empty(void)
{
    MARK();
    REPEAT(TIMES)
    {
    }
    MARK();
}

/* Two rows of the same name and arguments. */
#define PRINT_ROW(name, ...)                                      \
    static ROW void kiln_##name(void)                             \
    {                                                             \
        MARK();                                                   \
        REPEAT(TIMES)                                             \
        {                                                         \
            (void)kiln_snprintf(text, sizeof(text), __VA_ARGS__); \
        }                                                         \
        MARK();                                                   \
    }                                                             \
    static ROW void newlib_##name(void)                           \
    {                                                             \
        MARK();                                                   \
        REPEAT(TIMES)                                             \
        {                                                         \
            (void)snprintf(text, sizeof(text), __VA_ARGS__);      \
        }                                                         \
        MARK();                                                   \
    }

PRINT_ROW(print_text, "nothing but a text of forty characters..")
PRINT_ROW(print_d, "%d", -1234567)
PRINT_ROW(print_u_max, "%u", 4294967295U)
PRINT_ROW(print_s, "%s", "sixteen letters.")
PRINT_ROW(print_c, "%c", 'k')
PRINT_ROW(print_x, "%x", 0xBEEFU)
PRINT_ROW(print_08lx, "%08lx", 0xBEEFUL)
PRINT_ROW(print_wide, "%-12s|%6d|", "name", 42)
PRINT_ROW(print_line, "%s: %u of %u at 0x%08lx\n", "philosopher", 12U, 5U, 0x20001234UL)
PRINT_ROW(print_llu, "%llu", 12345678901234567890ULL)

static const struct row {
    const char *name; /* newlib's has "_newlib" behind it */
    void (*kiln)(void);
    void (*newlib)(void);
} rows[] = {
#define ROW_OF(name)                      \
    {                                     \
#name, kiln_##name, newlib_##name \
    }
    ROW_OF(print_text), ROW_OF(print_d),   ROW_OF(print_u_max), ROW_OF(print_s),
    ROW_OF(print_c),    ROW_OF(print_x),   ROW_OF(print_08lx),  ROW_OF(print_wide),
    ROW_OF(print_line), ROW_OF(print_llu),
};

static void measure(const char *name, const char *suffix, void (*run)(void))
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        (void)kiln_task_sleep(1);
        run();
        (void)kiln_printf("row %s%s %u 1\n", name, suffix, TIMES);
    }
}

static int driver_entry(void *arg)
{
    (void)arg;
    char ours[sizeof(text)];
    measure("empty", "", row_empty);
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        measure(rows[i].name, "", rows[i].kiln);
        memcpy(ours, text, sizeof(ours));
        measure(rows[i].name, "_newlib", rows[i].newlib);
        if (strcmp(ours, text) != 0) {
            (void)kiln_printf("differs %s\n", rows[i].name);
        }
    }
    kiln_stop(0);
}

KILN_TASK_DEFINE(driver, driver_entry, NULL, 5, 2048);

int main(void)
{
    return kiln_start();
}
