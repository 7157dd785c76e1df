/* A line that is edited on the console makes room for texts that interrupts print, wherever they
 * come: on the screen all texts are whole, and at its end are the prompt and the line. */
#include "unit.h"

#if KILN_CFG_SHELL && KILN_CFG_ASYNC && KILN_CFG_PRIORITIES >= 8

#include <stdlib.h>

#include "kiln/print.h"
#include "shell_server.h"

#define ROWS    16U
#define COLUMNS 100U

static size_t room;
static const char *text;   /* that is printed */
static unsigned gaps, due; /* at this one */

/* ---- The screen --------------------------------------------------------------------------------
 */

static char screen[ROWS][COLUMNS];
static unsigned row, column;

/* A sequence that the shell writes, behind ESC [; returns what is behind it. */
static const char *obey(const char *at)
{
    unsigned number = (unsigned)strtoul(at, (char **)(uintptr_t)&at, 10);
    if (*at == 'K') {
        memset(&screen[row][column], 0, COLUMNS - column);
    } else {
        assert_true(*at == 'C' || *at == 'D');
        column += *at == 'C' ? number : 0U - number;
    }
    return at + 1;
}

/* Shows all that was written: a line feed alone goes down. */
static void show(void)
{
    memset(screen, 0, sizeof(screen));
    row = column = 0;
    for (const char *at = fake.text; *at != '\0';) {
        assert_true(row < ROWS && column < COLUMNS - 1U);
        char c = *at++;
        if (c == '\033') {
            assert_int_equal(*at, '[');
            at = obey(at + 1);
        } else if (c == '\r') {
            column = 0;
        } else if (c == '\n') {
            row++;
        } else {
            screen[row][column++] = c;
        }
    }
}

static unsigned rows_like(const char *wanted)
{
    unsigned count = 0;
    for (unsigned i = 0; i < ROWS; i++) {
        count += strcmp(screen[i], wanted) == 0;
    }
    return count;
}

static void expect_rows(unsigned count, const char *wanted)
{
    if (rows_like(wanted) != count) {
        fail_msg("not %u times '%s', text at %u, room %zu:\n%s", count, wanted, due, room,
                 fake.text);
    }
}

/* ---- The shell ---------------------------------------------------------------------------------
 */

static size_t write_terminal(struct kiln_stream *stream, const uint8_t *bytes, size_t size)
{
    size_t count = size < room ? size : room;
    (void)stream;
    for (size_t i = 0; i < count; i++) {
        port_panic_putc((char)bytes[i]);
    }
    room -= count;
    return count;
}

static const struct kiln_stream_driver driver = {.write = write_terminal};

static int print(void)
{
    return kiln_printf("%s", text);
}

static void count_gap(void)
{
    if (++gaps == due) {
        (void)in_interrupt(print);
    }
}

/* Has the shell do all that it can, with so much room in the device each time. */
static void serve(struct kiln_task *task, size_t room_each)
{
    do {
        if (k_is_ready(task)) {
            assert_int_equal(play_return(task), BLOCKED);
        }
        room = room_each;
        kiln_stream_ready(&terminal);
    } while (k_is_ready(task) || terminal.writers.first != NULL);
}

static int setup(void **state)
{
    server_setup(state, &driver);
    kiln_stream_is_console(&terminal);
    gaps = 0;
    return 0;
}

/* A shell that waits for its first key. */
static struct kiln_task *start(void **state, size_t room_each)
{
    (void)setup(state);
    room = room_each;
    struct kiln_task *task = server_start();
    serve(task, room_each);
    return task;
}

static void type(struct kiln_task *task, size_t room_each, const char *keys)
{
    for (; *keys != '\0'; keys++) {
        assert_int_equal(kiln_stream_received(&terminal, keys, 1), 1);
        serve(task, room_each);
    }
}

/* Types, the text being printed at gap `due`; false when that is beyond the end. */
static bool session(void **state, size_t room_each, const char *keys)
{
    struct kiln_task *task = start(state, room_each);
    fake.gap = count_gap;
    type(task, room_each, keys);
    fake.gap = NULL;
    bool was_printed = gaps >= due;
    text = "end\n";
    (void)in_interrupt(print);
    serve(task, room_each);
    show();
    return was_printed;
}

static void everywhere(void **state, const char *printed, const char *keys, void (*look)(void))
{
    static const size_t rooms[] = {1, 7, 1000};
    for (unsigned i = 0; i < COUNT_OF(rooms); i++) {
        text = printed;
        for (due = 1; session(state, rooms[i], keys); due++) {
            look();
            text = printed;
        }
        assert_true(due > 20);
    }
}

static void look_at_line(void)
{
    assert_string_equal(screen[row], "kiln> acb");
    assert_int_equal(column, strlen("kiln> ac"));
    expect_rows(1, "a text");
    expect_rows(1, "end");
    expect_rows(1, "kiln> acb");
    assert_int_equal(row, 2);
}

static void a_text_is_above_the_line(void **state)
{
    everywhere(state, "a text\n", "ab\033[Dc", look_at_line);
}

/* The next text continues it, unless something was typed in between. */
static void look_at_open_text(void)
{
    assert_string_equal(screen[row], "kiln> acb");
    assert_int_equal(column, strlen("kiln> ac"));
    assert_int_equal(rows_like("it goes on: end") + rows_like("it goes on: "), 1);
    assert_int_equal(rows_like("it goes on: end") + rows_like("end"), 1);
    expect_rows(1, "kiln> acb");
}

static void a_text_without_its_end_stays(void **state)
{
    everywhere(state, "it goes on: ", "ab\033[Dc", look_at_open_text);
}

static void look_at_answer(void)
{
    assert_string_equal(screen[row], "kiln> ");
    expect_rows(1, "kiln> ab");
    expect_rows(1, "a text");
    expect_rows(1, "there is no command 'ab': help lists them");
    assert_int_equal(row, 4);
}

static void a_line_that_is_over_is_shown_once(void **state)
{
    everywhere(state, "a text\r\n", "ab\r", look_at_answer);
}

/* ---- Texts that interrupts print while somebody prints
 * -------------------------------------------
 */

static const char *later;

static int print_later(void)
{
    return kiln_printf("%s", later);
}

static void interrupt_the_printing(void)
{
    if (++gaps == due) {
        (void)in_interrupt(print_later);
    }
}

/* Prints `printed` below "ab", and `then` at gap `due` in that; false when that is beyond the end.
 */
static bool print_both(void **state, const char *printed, const char *then)
{
    struct kiln_task *task = start(state, 1000);
    type(task, 1000, "ab");
    gaps = 0;
    text = printed;
    later = then;
    fake.gap = interrupt_the_printing;
    (void)in_interrupt(print);
    fake.gap = NULL;
    serve(task, 1000);
    show();
    return gaps >= due;
}

/* Wherever it comes it is on the screen; in the same row when it comes in the middle. */
static void an_interrupts_text_ends_the_row(void **state)
{
    unsigned found = 0;
    for (due = 1; print_both(state, "open ", "later\r\n"); due++) {
        assert_int_equal(rows_like("open later") + rows_like("later"), 1);
        assert_string_equal(screen[row], rows_like("open later") != 0 ? "kiln> ab" : "open ");
        found += rows_like("open later");
    }
    assert_true(found != 0);
}

static void an_interrupts_text_leaves_the_row_open(void **state)
{
    unsigned found = 0;
    for (due = 1; print_both(state, "whole\r\n", "open "); due++) {
        assert_int_equal(rows_like("open whole") + rows_like("open "), 1);
        assert_string_equal(screen[row], rows_like("open ") != 0 ? "open " : "kiln> ab");
        found += rows_like("open ");
    }
    assert_true(found != 0);
}

/* What is left of it in memory says nothing about the next text. */
static void an_interrupts_text_counts_once(void **state)
{
    for (due = 1; print_both(state, "whole\r\n", "later\r\n"); due++) {
        text = "open ";
        (void)in_interrupt(print);
        serve(&tasks[0], 1000);
        show();
        assert_string_equal(screen[row], "open ");
    }
}

#define SETUP setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_text_is_above_the_line),
        TEST(a_text_without_its_end_stays),
        TEST(a_line_that_is_over_is_shown_once),
        TEST(an_interrupts_text_ends_the_row),
        TEST(an_interrupts_text_leaves_the_row_open),
        TEST(an_interrupts_text_counts_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
NO_TESTS("shells on the console")
#endif
