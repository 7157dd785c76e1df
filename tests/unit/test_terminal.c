/* Terminals: every sequence, its limits, what keys send, and garbage: a long random run in which no
 * cell beside the display may change and no state may be impossible. */
#include "unit.h"

#include "kiln/display.h"
#include "kiln/keyboard.h"
#include "kiln/terminal.h"

#if KILN_CFG_STREAM && KILN_CFG_QUEUE

#define COLUMNS 10U
#define ROWS    4U
#define CELLS   (COLUMNS * ROWS)
#define GUARD   16U
#define PLAIN   KILN_COLOURS(KILN_GREY, KILN_BLACK)

static volatile kiln_cell_t memory[GUARD + CELLS + GUARD];
static struct kiln_display display;
static struct kiln_keyboard keyboard;
static struct kiln_key keys[4];
static struct kiln_terminal terminal;
static uint8_t buffer[64];

static void make(unsigned columns, unsigned rows)
{
    display = (struct kiln_display){
        .cells = memory + GUARD, .columns = (uint8_t)columns, .rows = (uint8_t)rows};
    memset(&terminal, 0, sizeof(terminal));
    assert_int_equal(kiln_terminal_init(&terminal, &display, &keyboard, buffer, sizeof(buffer)),
                     KILN_OK);
}

static int setup(void **state)
{
    (void)unit_setup(state);
    for (unsigned i = 0; i < COUNT_OF(memory); i++) {
        memory[i] = 0xEEEE;
    }
    memset(&keyboard, 0, sizeof(keyboard));
    (void)kiln_keyboard_init(&keyboard, keys, COUNT_OF(keys));
    make(COLUMNS, ROWS);
    return 0;
}

static void put(const char *text)
{
    int size = (int)strlen(text);
    assert_int_equal(kiln_stream_write(&terminal.stream, text, (size_t)size, KILN_NO_WAIT), size);
}

/* The rows, without blanks at their ends, and a | after each. */
static const char *shown(void)
{
    static char text[CELLS + ROWS + 1];
    char *at = text;
    for (unsigned row = 0; row < ROWS; row++) {
        char *end = at;
        for (unsigned column = 0; column < COLUMNS; column++) {
            at[column] = (char)(display.cells[row * COLUMNS + column] & 0xFF);
            end = at[column] != ' ' ? at + column + 1 : end;
        }
        at = end;
        *at++ = '|';
    }
    *at = '\0';
    return text;
}

#define assert_shown(text) assert_string_equal(shown(), (text))
#define assert_cursor(column, row)                       \
    do {                                                 \
        assert_int_equal(display.cursor_column, column); \
        assert_int_equal(display.cursor_row, row);       \
    } while (0)

static unsigned colours_at(unsigned column, unsigned row)
{
    return display.cells[row * COLUMNS + column] >> 8;
}

/* What has come to be read. */
static const char *read_all(void)
{
    static char text[sizeof(buffer) + 1];
    int count = kiln_stream_read(&terminal.stream, text, sizeof(buffer), KILN_NO_WAIT);
    text[count > 0 ? count : 0] = '\0';
    return text;
}

/* ---- Text ---------------------------------------------------------------------------------- */

static void init_rejects_bad_arguments(void **state)
{
    struct kiln_terminal other;
    (void)state;
    memset(&other, 0, sizeof(other));
    assert_int_equal(kiln_terminal_init(NULL, &display, NULL, buffer, 1), KILN_EINVAL);
    assert_int_equal(kiln_terminal_init(&other, NULL, NULL, buffer, 1), KILN_EINVAL);
    assert_int_equal(kiln_terminal_init(&other, &display, NULL, NULL, 1), KILN_EINVAL);
    assert_int_equal(kiln_terminal_init(&other, &display, NULL, buffer, 0), KILN_EINVAL);
    assert_int_equal(kiln_terminal_init(&other, &display, NULL, buffer, 1), KILN_OK);
}

static void text_and_lines(void **state)
{
    (void)state;
    put("one\ntwo\r\nthree\rT");
    assert_shown("one|two|Three||");
    assert_cursor(1, 2);
    assert_true(display.cursor_shown);
}

static void lines_wrap_late(void **state)
{
    (void)state;
    put("0123456789");
    assert_cursor(9, 0); /* the last column may be written without a new line */
    put("\r\nab");
    assert_shown("0123456789|ab|||");
    put("\x1B[H0123456789X");
    assert_shown("0123456789|Xb|||");
    put("\x1B[?7l\x1B[H0123456789XY");
    assert_shown("012345678Y|Xb|||");
}

static void the_last_line_scrolls(void **state)
{
    (void)state;
    put("a\nb\nc\nd\ne");
    assert_shown("b|c|d|e|");
    put("\x1B[4;1H0123456789+");
    assert_shown("c|d|0123456789|+|");
}

static void tabs_and_backspaces(void **state)
{
    (void)state;
    put("a\tb\tc\b\b\b\b\b\b\b\b\b\b\b\bd");
    assert_shown("d       bc|||"
                 "|");
}

static void utf_8_becomes_code_page_437(void **state)
{
    (void)state;
    put("\xC3\xA9\xE2\x94\x80\xE2\x98\xBA\xC2\xA0\xE2\x82\xAC"); /* e acute, line, face, space, euro
                                                                  */
    assert_int_equal(display.cells[0] & 0xFF, 0x82);
    assert_int_equal(display.cells[1] & 0xFF, 0xC4);
    assert_int_equal(display.cells[2] & 0xFF, 0x01);
    assert_int_equal(display.cells[3] & 0xFF, 0xFF);
    assert_int_equal(display.cells[4] & 0xFF, '?');
}

static void broken_utf_8_is_seen(void **state)
{
    (void)state;
    put("\xC3"
        "a\x80"
        "b\xE2\x94\xC3\xA9"
        "c\xFF");
    assert_shown("?a?b?\x82"
                 "c?||||");
    put("\r\xF0\x9F\x98\x80.");
    assert_shown("?.?b?\x82"
                 "c?||||");
}

/* ---- Sequences ----------------------------------------------------------------------------- */

static void the_cursor_moves(void **state)
{
    (void)state;
    put("\x1B[2;3H");
    assert_cursor(2, 1);
    put("\x1B[A\x1B[4C");
    assert_cursor(6, 0);
    put("\x1B[2B\x1B[3D");
    assert_cursor(3, 2);
    put("\x1B[99A\x1B[99D");
    assert_cursor(0, 0);
    put("\x1B[9999B\x1B[9999C");
    assert_cursor(9, 3);
    put("\x1B[2G\x1B[3d");
    assert_cursor(1, 2);
    put("\x1B[F\x1B[E\x1B[0f");
    assert_cursor(0, 0);
    put("\x1B[70;70H");
    assert_cursor(9, 3);
    put("\x1B[99999999999999999999;1H");
    assert_cursor(0, 3);
}

static void fill(void)
{
    put("\x1B[m\x1B[H0123456789abcdefghijABCDEFGHIJqrstuvwxyz");
}

static void lines_are_erased(void **state)
{
    (void)state;
    fill();
    put("\x1B[1;4H\x1B[K\x1B[2;4H\x1B[1K\x1B[3;4H\x1B[2K\x1B[4;4H\x1B[2X");
    assert_shown("012|    efghij||qrs  vwxyz|");
}

static void the_display_is_erased(void **state)
{
    (void)state;
    fill();
    put("\x1B[2;4H\x1B[J");
    assert_shown("0123456789|abc|||");
    fill();
    put("\x1B[2;4H\x1B[1J");
    assert_shown("|    efghij|ABCDEFGHIJ|qrstuvwxyz|");
    put("\x1B[44m\x1B[2J");
    assert_shown("||||");
    assert_int_equal(colours_at(9, 3), KILN_COLOURS(KILN_GREY, KILN_BLUE));
    assert_cursor(3, 1);
}

static void characters_are_inserted_and_deleted(void **state)
{
    (void)state;
    fill();
    put("\x1B[1;3H\x1B[2@\x1B[2;3H\x1B[3P\x1B[3;9H\x1B[99@\x1B[4;1H\x1B[99P");
    assert_shown("01  234567|abfghij|ABCDEFGH||");
}

static void lines_are_inserted_and_deleted(void **state)
{
    (void)state;
    fill();
    put("\x1B[2;4H\x1B[L");
    assert_shown("0123456789||abcdefghij|ABCDEFGHIJ|");
    assert_cursor(0, 1);
    put("\x1B[M\x1B[1;1H\x1B[2M");
    assert_shown("ABCDEFGHIJ||||");
}

static void some_rows_scroll(void **state)
{
    (void)state;
    fill();
    put("\x1B[2;3r");
    assert_cursor(0, 0);
    put("\x1B[3;1H\nX");
    assert_shown("0123456789|ABCDEFGHIJ|X|qrstuvwxyz|");
    put("\x1B[2;1H\x1BM\x1B[4;2H\nY");
    assert_shown("0123456789||ABCDEFGHIJ|Yrstuvwxyz|");
    put("\x1B[S\x1B[9T\x1B[r\x1B[T");
    assert_shown("|0123456789|||");
    put("\x1B[3;3r\x1B[9;2r"); /* no such rows: nothing changes */
    put("\x1B[4;1H\nZ");
    assert_shown("0123456789|||Z|");
}

static void up_and_down_stop_where_rows_scroll(void **state)
{
    (void)state;
    put("\x1B[2;3r\x1B[3;1H\x1B[9A");
    assert_cursor(0, 1);
    put("\x1B[9B");
    assert_cursor(0, 2);
    put("\x1B[4;1H\x1B[9B");
    assert_cursor(0, 3);
}

static void colours_are_set(void **state)
{
    (void)state;
    put("\x1B[31;44mA\x1B[1mB\x1B[7mC\x1B[0mD\x1B[93;101mE\x1B[39;49mF\x1B[1;22;7;27;33mG");
    assert_int_equal(colours_at(0, 0), KILN_COLOURS(KILN_RED, KILN_BLUE));
    assert_int_equal(colours_at(1, 0), KILN_COLOURS(KILN_LIGHT_RED, KILN_BLUE));
    assert_int_equal(colours_at(2, 0), KILN_COLOURS(KILN_BLUE, KILN_LIGHT_RED));
    assert_int_equal(colours_at(3, 0), PLAIN);
    assert_int_equal(colours_at(4, 0), KILN_COLOURS(KILN_YELLOW, KILN_LIGHT_RED));
    assert_int_equal(colours_at(5, 0), PLAIN);
    assert_int_equal(colours_at(6, 0), KILN_COLOURS(KILN_BROWN, KILN_BLACK));
}

static void other_colours_become_the_nearest(void **state)
{
    (void)state;
    put("\x1B[38;5;12mA\x1B[38;5;196mB\x1B[48;5;244mC\x1B[38;2;0;170;0;49mD\x1B[38;5mE\x1B[38mF");
    assert_int_equal(colours_at(0, 0), KILN_COLOURS(KILN_LIGHT_BLUE, KILN_BLACK));
    assert_int_equal(colours_at(1, 0), KILN_COLOURS(KILN_LIGHT_RED, KILN_BLACK));
    assert_int_equal(colours_at(2, 0), KILN_COLOURS(KILN_LIGHT_RED, KILN_GREY));
    assert_int_equal(colours_at(3, 0), KILN_COLOURS(KILN_GREEN, KILN_BLACK));
    assert_int_equal(colours_at(4, 0), KILN_COLOURS(KILN_GREEN, KILN_BLACK));
    put("\x1B[38;2;200mG");
    assert_int_equal(colours_at(6, 0), KILN_COLOURS(KILN_GREEN, KILN_BLACK));
    put("\r\x1B[38;5;16mA\x1B[38;5;231mB\x1B[38;5;232mC\x1B[38;2;9;9;90mD");
    assert_int_equal(colours_at(0, 0) & 0xF, KILN_BLACK);
    assert_int_equal(colours_at(1, 0) & 0xF, KILN_WHITE);
    assert_int_equal(colours_at(2, 0) & 0xF, KILN_BLACK);
    assert_int_equal(colours_at(3, 0) & 0xF, KILN_BLUE);
}

static void the_place_is_kept(void **state)
{
    (void)state;
    put("\x1B[2;2H\x1B[32m\x1B[s\x1B[4;4H\x1B[31m\x1B[uX");
    assert_int_equal(colours_at(1, 1), KILN_COLOURS(KILN_GREEN, KILN_BLACK));
    put("\x1B[3;3H\x1B"
        "7\x1B[H\x1B"
        "8Y");
    assert_shown("| X|  Y||");
}

static void the_cursor_is_hidden_and_shown(void **state)
{
    (void)state;
    put("\x1B[?25l");
    assert_false(display.cursor_shown);
    put("\x1B[25h");
    assert_false(display.cursor_shown);
    put("\x1B[?25h");
    assert_true(display.cursor_shown);
}

static void questions_are_answered(void **state)
{
    (void)state;
    put("\x1B[3;10H\x1B[6n");
    assert_string_equal(read_all(), "\x1B[3;10R");
    put("\x1B[18t\x1B[5n\x1B[17t");
    assert_string_equal(read_all(), "\x1B[8;4;10t");
}

static void other_sequences_are_left_out(void **state)
{
    (void)state;
    put("a\x1B(B\x1B]0;title\x07\x1B]0;title\x1B\\\x1BPdata\x1B\\\x1B[>1;2c\x1B[1 "
        "q\x1B[?1049h\x1B[!p\x1B=b\x07");
    put("\x1B[1;2;3;4;5;6;7;8;9;10;11;12m");
    put("\x1B[12\x18"
        "c\x1B[1\x1B[Cd\x7F\x1A");
    assert_shown("abc d||||");
    put("\x1B[2\n;2He"); /* a control character within a sequence counts at once */
    assert_shown("abc d| e|||");
}

static void it_can_be_reset(void **state)
{
    (void)state;
    put("x\x1B[31;44m\x1B[2;3r\x1B[?25l\x1B[?7l\x1B"
        "cy");
    assert_shown("y||||");
    assert_int_equal(colours_at(0, 0), PLAIN);
    assert_int_equal(terminal.bottom, ROWS - 1);
    assert_true(display.cursor_shown);
    assert_true(terminal.does_wrap);
}

/* Interrupts are masked in a write, so it moves many cells once at most. */
static void a_write_moves_cells_once(void **state)
{
    const struct kiln_stream_driver *driver = terminal.stream.driver;
    (void)state;
    put("\x1B[4;1H");
    assert_int_equal(driver->write(&terminal.stream, (const uint8_t *)"a\nb\nc", 5), 2);
    assert_int_equal(driver->write(&terminal.stream, (const uint8_t *)"\x1B[2J\x1B[2J", 8), 4);
    assert_int_equal(driver->write(&terminal.stream, (const uint8_t *)"abc", 3), 3);
}

/* ---- Keys ---------------------------------------------------------------------------------- */

static void scan(const char *codes)
{
    for (; *codes != '\0'; codes++) {
        kiln_keyboard_scanned(&keyboard, (uint8_t)*codes);
    }
}

static void keys_are_sent_as_others_do(void **state)
{
    (void)state;
    scan("\x1E\x9E\x1C\x9C");
    assert_string_equal(read_all(), "a\n");
    scan("\xE0\x48\xE0\xC8\xE0\x50\xE0\x4D\xE0\x4B\xE0\x47\xE0\x4F");
    assert_string_equal(read_all(), "\x1B[A\x1B[B\x1B[C\x1B[D\x1B[H\x1B[F");
    scan("\xE0\x52\xE0\x53\xE0\x49\xE0\x51");
    assert_string_equal(read_all(), "\x1B[2~\x1B[3~\x1B[5~\x1B[6~");
    scan("\x3B\x3E\x3F\x44\x57\x58");
    assert_string_equal(read_all(), "\x1BOP\x1BOS\x1B[15~\x1B[21~\x1B[23~\x1B[24~");
    scan("\x45\xE0\x5B");
    assert_string_equal(read_all(), "");
}

static void modifiers_are_sent(void **state)
{
    (void)state;
    scan("\x38\x1E\xB8");
    assert_string_equal(read_all(), "\x1B"
                                    "a");
    scan("\x2A\x0F\x3B\xE0\x53\xAA");
    assert_string_equal(read_all(), "\x1B[Z\x1B[1;2P\x1B[3;2~");
    scan("\x1D\xE0\x48\x2E\x38\xE0\x4D\x9D\xB8");
    assert_string_equal(read_all(), "\x1B[1;5A\x03\x1B[1;7C");
}

/* ---- Garbage ------------------------------------------------------------------------------- */

/* Mostly what sequences are made of. */
static uint8_t random_byte(void)
{
    static const char usual[] = "\x1B\x1B[[[;;?0123456789ABCDEFGHJKLMPSTXdfhlmnrsut@78c \n\r\t\b";
    return random_below(4) == 0 ? (uint8_t)random_below(256)
                                : (uint8_t)usual[random_below(sizeof(usual) - 1)];
}

static void assert_possible(void)
{
    assert_in_range(terminal.now.column, 0, display.columns - 1);
    assert_in_range(terminal.now.row, 0, display.rows - 1);
    assert_in_range(terminal.top, 0, terminal.bottom);
    assert_in_range(terminal.bottom, 0, display.rows - 1);
    assert_in_range(terminal.now.foreground, 0, 15);
    assert_in_range(terminal.now.background, 0, 15);
    assert_in_range(terminal.count, 0, KILN_TERMINAL_PARAMETERS);
    for (unsigned i = 0; i < GUARD; i++) {
        assert_int_equal(memory[i], 0xEEEE);
        assert_int_equal(memory[GUARD + CELLS + i], 0xEEEE);
    }
}

static void garbage_does_no_harm(void **state)
{
    (void)state;
    random_start();
    unit_check_always(false);
    for (unsigned round = 0; round < 4000; round++) {
        uint8_t bytes[32];
        for (unsigned i = 0; i < sizeof(bytes); i++) {
            bytes[i] = random_byte();
        }
        assert_int_equal(kiln_stream_write(&terminal.stream, bytes, sizeof(bytes), KILN_NO_WAIT),
                         sizeof(bytes));
        kiln_keyboard_scanned(&keyboard, (uint8_t)random_below(256));
        assert_possible();
        if (round % 16 == 0) {
            (void)read_all();
        }
    }
}

static void the_smallest_display_will_do(void **state)
{
    (void)state;
    make(1, 1);
    put("a\nb\x1B[2@c\x1B[P\x1B[L\x1B[M\x1B[1;1r\x1B[S\x1B[T\tdef\x1B[6n");
    assert_string_equal(read_all(), "\x1B[1;1R");
    assert_int_equal(display.cells[0], KILN_CELL('f', PLAIN));
    assert_possible();
}

#define SETUP setup
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(init_rejects_bad_arguments),
        TEST(text_and_lines),
        TEST(lines_wrap_late),
        TEST(the_last_line_scrolls),
        TEST(tabs_and_backspaces),
        TEST(utf_8_becomes_code_page_437),
        TEST(broken_utf_8_is_seen),
        TEST(the_cursor_moves),
        TEST(lines_are_erased),
        TEST(the_display_is_erased),
        TEST(characters_are_inserted_and_deleted),
        TEST(lines_are_inserted_and_deleted),
        TEST(some_rows_scroll),
        TEST(up_and_down_stop_where_rows_scroll),
        TEST(colours_are_set),
        TEST(other_colours_become_the_nearest),
        TEST(the_place_is_kept),
        TEST(the_cursor_is_hidden_and_shown),
        TEST(questions_are_answered),
        TEST(other_sequences_are_left_out),
        TEST(it_can_be_reset),
        TEST(a_write_moves_cells_once),
        TEST(keys_are_sent_as_others_do),
        TEST(modifiers_are_sent),
        TEST(garbage_does_no_harm),
        TEST(the_smallest_display_will_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
#else
NO_TESTS("streams or queues")
#endif
