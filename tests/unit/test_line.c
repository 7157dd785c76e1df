/* The line editor: what keys do, what the history keeps, and that the screen always shows it. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#if KILN_CFG_SHELL

#include "kiln/line.h"

#define TEXT_SIZE    20
#define HISTORY_SIZE 24
#define COLUMNS      64
#define PROMPT       "> "

static char text[TEXT_SIZE], history[HISTORY_SIZE];
static struct kiln_line line;

/* ---- A screen of one row ------------------------------------------------------------------- */

static struct {
    char row[COLUMNS + 1];
    unsigned column, bells, rows, clears;
    char sequence[8];
    unsigned sequence_length; /* 0: none */
} screen;

static void screen_clear(void)
{
    memset(screen.row, ' ', COLUMNS);
    screen.row[COLUMNS] = '\0';
}

static void screen_sequence(char final)
{
    unsigned number = (unsigned)strtoul(screen.sequence + 2, NULL, 10);
    switch (final) {
    case 'C':
        screen.column += number;
        break;
    case 'D':
        assert_true(screen.column >= number);
        screen.column -= number;
        break;
    case 'H':
        screen.column = 0;
        break;
    case 'J':
        assert_int_equal(number, 2);
        screen.clears++;
        screen_clear();
        break;
    case 'K':
        memset(screen.row + screen.column, ' ', COLUMNS - screen.column);
        break;
    default:
        fail_msg("no such sequence: %s", screen.sequence + 1);
    }
}

static void screen_put(char c)
{
    if (screen.sequence_length != 0) {
        screen.sequence[screen.sequence_length++] = c;
        screen.sequence[screen.sequence_length] = '\0';
        assert_true(screen.sequence_length < sizeof(screen.sequence) - 1);
        if (screen.sequence_length > 2 && c >= '@') {
            screen_sequence(c);
            screen.sequence_length = 0;
        }
    } else if (c == '\033') {
        screen.sequence[screen.sequence_length++] = c;
    } else if (c == '\a') {
        screen.bells++;
    } else if (c == '\r') {
        screen.column = 0;
    } else if (c == '\n') {
        screen.rows++;
        screen_clear();
    } else {
        assert_true(c >= ' ' && c < 127);
        assert_true(screen.column < COLUMNS);
        screen.row[screen.column++] = c;
    }
}

/* Brings the screen up to date, so many bytes at a time. */
static void draw_by(size_t size)
{
    char bytes[64];
    size_t count;
    while ((count = kiln_line_draw(&line, bytes, size)) != 0) {
        assert_true(count <= size);
        for (size_t i = 0; i < count; i++) {
            screen_put(bytes[i]);
        }
    }
}

/* The screen shows prompt, text and cursor. */
static void check_screen(void)
{
    char wanted[COLUMNS + 1];
    (void)snprintf(wanted, sizeof(wanted), "%-*s", COLUMNS, "");
    memcpy(wanted, PROMPT, strlen(PROMPT));
    memcpy(wanted + strlen(PROMPT), text, strlen(text));
    assert_string_equal(screen.row, wanted);
    assert_int_equal(screen.column, strlen(PROMPT) + line.cursor);
}

static int setup(void **state)
{
    (void)state;
    memset(&screen, 0, sizeof(screen));
    screen_clear();
    assert_int_equal(kiln_line_init(&line, text, sizeof(text), history, sizeof(history)), KILN_OK);
    kiln_line_start(&line, PROMPT);
    return 0;
}

/* Types keys; returns the last event. An entered line is drawn and the next begun. */
static enum kiln_line_event type(const char *keys)
{
    enum kiln_line_event event = KILN_LINE_NONE;
    for (; *keys != '\0'; keys++) {
        event = kiln_line_feed(&line, (uint8_t)*keys);
        draw_by(16);
        if (event == KILN_LINE_ENTERED || event == KILN_LINE_CANCELLED ||
            event == KILN_LINE_CLOSED || event == KILN_LINE_TOO_LONG) {
            kiln_line_start(&line, PROMPT);
            draw_by(64);
        }
        check_screen();
    }
    return event;
}

#define UP     "\033[A"
#define DOWN   "\033[B"
#define RIGHT  "\033[C"
#define LEFT   "\033[D"
#define HOME   "\033[H"
#define END    "\033[F"
#define DELETE "\033[3~"

static void expect(const char *keys, const char *wanted)
{
    (void)type(keys);
    assert_string_equal(text, wanted);
    assert_int_equal(line.length, strlen(wanted));
}

static void bad_memory_is_refused(void **state)
{
    (void)state;
    assert_int_equal(kiln_line_init(NULL, text, 8, NULL, 0), KILN_EINVAL);
    assert_int_equal(kiln_line_init(&line, NULL, 8, NULL, 0), KILN_EINVAL);
    assert_int_equal(kiln_line_init(&line, text, 1, NULL, 0), KILN_EINVAL);
    assert_int_equal(kiln_line_init(&line, text, 65536, NULL, 0), KILN_EINVAL);
    assert_int_equal(kiln_line_init(&line, text, 8, NULL, 1), KILN_EINVAL);
    assert_int_equal(kiln_line_init(&line, text, 8, history, 65536), KILN_EINVAL);
    assert_int_equal(kiln_line_init(&line, text, 2, NULL, 0), KILN_OK);
}

static void keys_edit(void **state)
{
    (void)state;
    expect("ac" LEFT "b", "abc");
    expect(HOME "x" END "y", "xabcy");
    expect("\001" RIGHT "-\005!", "x-abcy!");
    expect(LEFT LEFT "\b", "x-aby!"); /* before the cursor */
    expect(DELETE, "x-ab!");
    expect("\004", "x-ab");
    expect("\001\013", "");
    expect("one two  \027", "one ");
    expect("\025", "");
    expect("abc\002\002\025", "bc"); /* to the start only */
    expect("\006\177", "c");
    expect("\033[1~1\033[4~2\033[7~3\033[8~4\033OH5\033OF6", "531c246");
    expect("\033[1;5D7\033[3;5~", "531c247"); /* with a modifier */
    assert_int_equal(screen.bells, 0);
}

static void what_makes_no_sense_rings(void **state)
{
    (void)state;
    static const char *const keys[] = {LEFT, RIGHT,    "\b",       DELETE, UP,
                                       DOWN, "\033[A", "\001\002", "\007", "\303"};
    for (unsigned i = 0; i < COUNT_OF(keys); i++) {
        screen.bells = 0;
        expect(keys[i], "");
        assert_int_equal(screen.bells, 1);
    }
}

static void unknown_sequences_do_nothing(void **state)
{
    (void)state;
    expect("a\033[200~b\033[9999999Z\033Qc\033[<1;2;3Md", "abcd");
    expect("\033[12\025e", "e"); /* a control character ends it, and counts */
    assert_int_equal(screen.bells, 0);
}

static void a_full_line_takes_no_more(void **state)
{
    (void)state;
    expect("0123456789abcdefghi", "0123456789abcdefghi");
    assert_int_equal(screen.bells, 0);
    expect("j" HOME "k", "0123456789abcdefghi");
    assert_int_equal(screen.bells, 2);
}

/* A part of a line may mean something else. */
static void a_line_that_did_not_fit_is_told(void **state)
{
    (void)state;
    assert_int_equal(type("0123456789abcdefghij\r"), KILN_LINE_TOO_LONG);
    assert_int_equal(type("0123456789abcdefghi\r"), KILN_LINE_ENTERED);
    assert_int_equal(type("0123456789abcdefghij\b\r"), KILN_LINE_ENTERED); /* who edits looks */
    assert_int_equal(type("a\r0123456789abcdefghij" UP "\r"), KILN_LINE_ENTERED);
    assert_int_equal(type("0123456789abcdefghi\007\r"), KILN_LINE_ENTERED); /* no text */
}

static void lines_end(void **state)
{
    (void)state;
    assert_int_equal(type("ab\r"), KILN_LINE_ENTERED);
    assert_int_equal(screen.rows, 1);
    assert_int_equal(type("\n"), KILN_LINE_NONE); /* the CR's */
    assert_int_equal(type("\n"), KILN_LINE_ENTERED);
    assert_int_equal(type("a\003"), KILN_LINE_CANCELLED);
    assert_int_equal(type("a\004"), KILN_LINE_NONE);
    assert_int_equal(type("\025\004"), KILN_LINE_CLOSED);
    assert_int_equal(screen.rows, 4);
}

static void an_entered_line_is_whole_on_the_screen(void **state)
{
    (void)state;
    for (const char *keys = "abc"; *keys != '\0'; keys++) {
        (void)kiln_line_feed(&line, (uint8_t)*keys);
    }
    (void)kiln_line_feed(&line, 2); /* back */
    assert_int_equal(kiln_line_feed(&line, '\r'), KILN_LINE_ENTERED);
    assert_string_equal(text, "abc");
    char bytes[64];
    size_t count = kiln_line_draw(&line, bytes, sizeof(bytes));
    assert_int_equal(count, strlen("> abc\033[K\033[1D\r\n"));
    assert_memory_equal(bytes, "> abc\033[K\033[1D\r\n", count);
    assert_int_equal(kiln_line_draw(&line, bytes, sizeof(bytes)), 0);
}

static void the_history_goes_up_and_down(void **state)
{
    (void)state;
    (void)type("one\rtwo\r\rtwo\rthree\r"); /* no empty line, and no line twice in a row */
    expect("draft" UP, "three");
    expect(UP, "two");
    expect(UP, "one");
    expect(UP, "one");
    assert_int_equal(screen.bells, 1);
    expect(DOWN DOWN, "three");
    expect(DOWN, "draft");
    expect(DOWN, "draft");
    assert_int_equal(screen.bells, 2);
    expect("\020\020!\r" UP, "two!"); /* the recalled one, changed, is the last now */
    expect("\016", "");
    expect(UP UP, "three");
    expect("\003" UP, "two!"); /* nothing is left of what was cancelled */
}

static void the_oldest_line_goes(void **state)
{
    (void)state;
    (void)type("aaaaaaa\rbbbbbbb\rccccccc\rddddddd\r"); /* 24 bytes: three of them */
    expect(UP UP UP UP, "ccccccc");                     /* the draft took one's place */
    assert_int_equal(screen.bells, 2);
    expect(DOWN DOWN, "");
}

static void a_draft_as_large_as_the_history_is_kept(void **state)
{
    (void)state;
    (void)kiln_line_init(&line, text, sizeof(text), history, 6);
    kiln_line_start(&line, PROMPT);
    screen_put('\r');
    expect("ab\r1234" UP, "1234"); /* nothing is left to go up to */
    assert_int_equal(screen.bells, 1);
    expect(DOWN "5", "12345");
    expect(UP "6", "123456");
    (void)type("\r");
    expect(UP, ""); /* it had no room */
}

static void without_a_history_there_is_none(void **state)
{
    (void)state;
    (void)kiln_line_init(&line, text, sizeof(text), NULL, 0);
    kiln_line_start(&line, PROMPT);
    screen_put('\r');
    expect("ab\r" UP DOWN, "");
    assert_int_equal(screen.bells, 2);
}

static void the_screen_is_cleared_on_demand(void **state)
{
    (void)state;
    expect("abc" LEFT "\014", "abc");
    assert_int_equal(screen.clears, 1);
}

static void the_owner_completes(void **state)
{
    (void)state;
    assert_int_equal(type("ab" LEFT "\t"), KILN_LINE_COMPLETE);
    kiln_line_insert(&line, "x\ny", 3);
    draw_by(16);
    check_screen();
    assert_string_equal(text, "axyb");
    assert_int_equal(line.cursor, 3);
    assert_int_equal(screen.bells, 1); /* the line end cannot be typed */
}

/* Any bytes, drawn in pieces of any size now and then: the screen shows the line in the end. */
static void random_bytes_never_spoil_the_screen(void **state)
{
    (void)state;
    static const char *const likely[] = {UP,   DOWN,   LEFT,   RIGHT,  HOME,  END, DELETE,
                                         "\b", "\027", "\013", "\025", "abc", " ", "x"};
    random_start();
    for (unsigned step = 0; step < 200000; step++) {
        char one[2] = {(char)random_bits(), '\0'};
        const char *keys = random_below(4) == 0 ? one : likely[random_below(COUNT_OF(likely))];
        for (; *keys != '\0'; keys++) {
            enum kiln_line_event event = kiln_line_feed(&line, (uint8_t)*keys);
            if (event >= KILN_LINE_ENTERED && event <= KILN_LINE_CLOSED) {
                draw_by(16 + random_below(48));
                kiln_line_start(&line, PROMPT);
            }
        }
        assert_int_equal(strlen(text), line.length);
        assert_true(line.cursor <= line.length);
        assert_true(line.history_used <= HISTORY_SIZE);
        if (random_below(3) == 0) { /* and stop somewhere in between */
            char bytes[16];
            size_t count = kiln_line_draw(&line, bytes, sizeof(bytes));
            for (size_t i = 0; i < count; i++) {
                screen_put(bytes[i]);
            }
        } else if (random_below(2) == 0) {
            draw_by(16 + random_below(48));
            check_screen();
        }
    }
}

#undef TEST
#define TEST(fn) cmocka_unit_test_setup(fn, setup)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(bad_memory_is_refused),
        TEST(keys_edit),
        TEST(what_makes_no_sense_rings),
        TEST(unknown_sequences_do_nothing),
        TEST(a_full_line_takes_no_more),
        TEST(a_line_that_did_not_fit_is_told),
        TEST(lines_end),
        TEST(an_entered_line_is_whole_on_the_screen),
        TEST(the_history_goes_up_and_down),
        TEST(the_oldest_line_goes),
        TEST(a_draft_as_large_as_the_history_is_kept),
        TEST(without_a_history_there_is_none),
        TEST(the_screen_is_cleared_on_demand),
        TEST(the_owner_completes),
        TEST(random_bytes_never_spoil_the_screen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
NO_TESTS("the line editor")
#endif
