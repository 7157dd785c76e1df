/* Displays: text, scrolling, and what lies outside. Cells beside the display must stay. */
#include "unit.h"

#include "kiln/display.h"

#define COLUMNS 5U
#define ROWS    4U
#define GUARD   8U
#define COLOURS KILN_COLOURS(KILN_YELLOW, KILN_BLUE)
#define OTHERS  KILN_COLOURS(KILN_GREY, KILN_BLACK)

static volatile kiln_cell_t memory[GUARD + COLUMNS * ROWS + GUARD];
static struct kiln_display display;

/* The cells' characters, row by row. */
static const char *text_of_display(void)
{
    static char text[COLUMNS * ROWS + 1];
    for (unsigned i = 0; i < COLUMNS * ROWS; i++) {
        text[i] = (char)(display.cells[i] & 0xFF);
    }
    return text;
}

static int setup(void **state)
{
    (void)unit_setup(state);
    for (unsigned i = 0; i < COUNT_OF(memory); i++) {
        memory[i] = 0xEEEE;
    }
    display = (struct kiln_display){.cells = memory + GUARD, .columns = COLUMNS, .rows = ROWS};
    for (unsigned i = 0; i < COLUMNS * ROWS; i++) {
        display.cells[i] = KILN_CELL('a' + i / COLUMNS, OTHERS);
    }
    return 0;
}

static void assert_guards(void)
{
    for (unsigned i = 0; i < GUARD; i++) {
        assert_int_equal(memory[i], 0xEEEE);
        assert_int_equal(memory[GUARD + COLUMNS * ROWS + i], 0xEEEE);
    }
}

static void a_cell_is_as_an_adapter_has_it(void **state)
{
    (void)state;
    assert_int_equal(KILN_CELL('A', COLOURS), 0x1E41);
    assert_int_equal(KILN_CELL('\xFF', KILN_COLOURS(KILN_WHITE, KILN_WHITE)), 0xFFFF);
}

static void clear_blanks_all_and_takes_the_cursor_home(void **state)
{
    (void)state;
    display.cursor_column = 3;
    display.cursor_row = 2;
    kiln_display_clear(&display, COLOURS);
    for (unsigned i = 0; i < COLUMNS * ROWS; i++) {
        assert_int_equal(display.cells[i], KILN_CELL(' ', COLOURS));
    }
    assert_int_equal(display.cursor_column, 0);
    assert_int_equal(display.cursor_row, 0);
    assert_guards();
}

static void text_ends_at_the_edge(void **state)
{
    (void)state;
    kiln_display_text(&display, 3, 1, COLOURS, "XYZ");
    assert_string_equal(text_of_display(), "aaaaabbbXYcccccddddd");
    assert_int_equal(display.cells[COLUMNS + 3], KILN_CELL('X', COLOURS));
    kiln_display_text(&display, 0, ROWS, COLOURS, "XYZ");
    kiln_display_text(&display, COLUMNS, 0, COLOURS, "XYZ");
    kiln_display_text(&display, 0, 0, COLOURS, "");
    kiln_display_text(&display, 3, ROWS - 1, COLOURS, "XYZ");
    assert_string_equal(text_of_display(), "aaaaabbbXYcccccdddXY");
    assert_guards();
}

static void scrolls_up_and_down(void **state)
{
    (void)state;
    kiln_display_scroll(&display, 0, ROWS - 1, 1, COLOURS);
    assert_string_equal(text_of_display(), "bbbbbcccccddddd     ");
    assert_int_equal(display.cells[COLUMNS * ROWS - 1], KILN_CELL(' ', COLOURS));
    kiln_display_scroll(&display, 0, ROWS - 1, -2, COLOURS);
    assert_string_equal(text_of_display(), "          bbbbbccccc");
    assert_guards();
}

static void scrolls_some_rows(void **state)
{
    (void)state;
    kiln_display_scroll(&display, 1, 2, 1, COLOURS);
    assert_string_equal(text_of_display(), "aaaaaccccc     ddddd");
    kiln_display_scroll(&display, 1, 2, -1, COLOURS);
    assert_string_equal(text_of_display(), "aaaaa     cccccddddd");
    kiln_display_scroll(&display, 3, 3, 1, COLOURS);
    assert_string_equal(text_of_display(), "aaaaa     ccccc     ");
}

static void scrolling_too_far_blanks(void **state)
{
    (void)state;
    kiln_display_scroll(&display, 1, 2, 100, COLOURS);
    assert_string_equal(text_of_display(), "aaaaa          ddddd");
    kiln_display_scroll(&display, 0, ROWS - 1, INT32_MIN, COLOURS);
    assert_string_equal(text_of_display(), "                    ");
    assert_guards();
}

static void rows_that_are_not_there_stay(void **state)
{
    (void)state;
    kiln_display_scroll(&display, 0, ROWS, 1, COLOURS);
    kiln_display_scroll(&display, 2, 1, 1, COLOURS);
    kiln_display_scroll(&display, 0, ROWS - 1, 0, COLOURS);
    assert_string_equal(text_of_display(), "aaaaabbbbbcccccddddd");
    assert_guards();
}

#define SETUP setup
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_cell_is_as_an_adapter_has_it),
        TEST(clear_blanks_all_and_takes_the_cursor_home),
        TEST(text_ends_at_the_edge),
        TEST(scrolls_up_and_down),
        TEST(scrolls_some_rows),
        TEST(scrolling_too_far_blanks),
        TEST(rows_that_are_not_there_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
