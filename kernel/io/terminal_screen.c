/* A terminal: what characters and sequences do to the display's cells. See kiln/terminal.h. */
#include "io/terminal.h"

#if KILN_CFG_STREAM && KILN_CFG_QUEUE

#define TAB_COLUMNS 8U

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* A parameter; 0 and none at all mean 1. */
static unsigned count_of(const struct kiln_terminal *terminal)
{
    return terminal->parameters[0] != 0 ? terminal->parameters[0] : 1;
}

static uint8_t colours_of(const struct kiln_terminal *terminal)
{
    const struct kiln_terminal_place *now = &terminal->now;
    unsigned foreground = now->foreground | (now->is_bold ? 8U : 0U);
    unsigned background = now->background;
    return now->is_inverse ? KILN_COLOURS(background, foreground)
                           : KILN_COLOURS(foreground, background);
}

/* What is erased has the background's colour, and never the inverse. */
static uint8_t blank_colours(const struct kiln_terminal *terminal)
{
    return KILN_COLOURS(terminal->now.foreground, terminal->now.background);
}

static void blank(struct kiln_terminal *terminal, unsigned first, unsigned count)
{
    for (unsigned i = first; i < first + count; i++) {
        terminal->display->cells[i] = KILN_CELL(' ', blank_colours(terminal));
    }
    terminal->has_moved = terminal->has_moved || count > terminal->display->columns;
}

static unsigned row_start(const struct kiln_terminal *terminal)
{
    return (unsigned)terminal->now.row * terminal->display->columns;
}

/* To a place, or to the nearest that the display has. */
static void go(struct kiln_terminal *terminal, unsigned column, unsigned row)
{
    terminal->now.column = (uint8_t)smaller(column, terminal->display->columns - 1U);
    terminal->now.row = (uint8_t)smaller(row, terminal->display->rows - 1U);
    terminal->now.is_past_end = false;
}

static void scroll(struct kiln_terminal *terminal, unsigned first, unsigned last, int rows)
{
    kiln_display_scroll(terminal->display, first, last, rows, blank_colours(terminal));
    terminal->has_moved = true;
}

void terminal_reset(struct kiln_terminal *terminal)
{
    struct kiln_display *display = terminal->display;
    terminal->now = (struct kiln_terminal_place){.foreground = KILN_GREY};
    terminal->kept = terminal->now;
    terminal->top = 0;
    terminal->bottom = (uint8_t)(display->rows - 1);
    terminal->does_wrap = true;
    terminal->state = 0;
    terminal->expected = 0;
    terminal->has_moved = true;
    kiln_display_clear(display, blank_colours(terminal));
    display->cursor_shown = true;
}

void terminal_down(struct kiln_terminal *terminal)
{
    terminal->now.is_past_end = false;
    if (terminal->now.row == terminal->bottom) {
        scroll(terminal, terminal->top, terminal->bottom, 1);
    } else if (terminal->now.row < terminal->display->rows - 1) {
        terminal->now.row++;
    }
}

void terminal_up(struct kiln_terminal *terminal)
{
    terminal->now.is_past_end = false;
    if (terminal->now.row == terminal->top) {
        scroll(terminal, terminal->top, terminal->bottom, -1);
    } else if (terminal->now.row > 0) {
        terminal->now.row--;
    }
}

/* ---- Characters ---------------------------------------------------------------------------- */

void terminal_put(struct kiln_terminal *terminal, uint8_t character)
{
    struct kiln_terminal_place *now = &terminal->now;
    if (now->is_past_end) {
        now->column = 0;
        terminal_down(terminal);
    }
    terminal->display->cells[row_start(terminal) + now->column] =
        KILN_CELL(character, colours_of(terminal));
    if (now->column < terminal->display->columns - 1) {
        now->column++;
    } else {
        now->is_past_end = terminal->does_wrap;
    }
}

void terminal_control(struct kiln_terminal *terminal, uint8_t character)
{
    unsigned column = terminal->now.column, row = terminal->now.row;
    switch (character) {
    case '\b':
        go(terminal, column > 0 ? column - 1 : 0, row);
        break;
    case '\t':
        go(terminal, (column / TAB_COLUMNS + 1) * TAB_COLUMNS, row);
        break;
    case '\r':
        go(terminal, 0, row);
        break;
    case '\n':
    case '\v':
    case '\f':
        terminal->now.column = 0;
        terminal_down(terminal);
        break;
    default:
        break;
    }
}

/* ---- Sequences ----------------------------------------------------------------------------- */

/* Up and down stop at the edge of what scrolls, when they start within. */
static void go_up(struct kiln_terminal *terminal, unsigned column)
{
    unsigned row = terminal->now.row, top = row >= terminal->top ? terminal->top : 0;
    go(terminal, column, row - smaller(count_of(terminal), row - top));
}

static void go_down(struct kiln_terminal *terminal, unsigned column)
{
    unsigned row = terminal->now.row, last = terminal->display->rows - 1U;
    last = row <= terminal->bottom ? terminal->bottom : last;
    go(terminal, column, row + smaller(count_of(terminal), last - row));
}

static void go_left(struct kiln_terminal *terminal)
{
    unsigned column = terminal->now.column;
    go(terminal, column - smaller(count_of(terminal), column), terminal->now.row);
}

static void go_to_parameters(struct kiln_terminal *terminal)
{
    unsigned column = terminal->parameters[1];
    go(terminal, column != 0 ? column - 1 : 0, count_of(terminal) - 1);
}

/* 0: from the cursor, 1: up to it, 2 (and 3): all; of `count` cells from `start`. */
static void erase(struct kiln_terminal *terminal, unsigned start, unsigned count)
{
    unsigned cursor = row_start(terminal) + terminal->now.column - start;
    switch (terminal->parameters[0]) {
    case 0:
        blank(terminal, start + cursor, count - cursor);
        break;
    case 1:
        blank(terminal, start, cursor + 1);
        break;
    default:
        blank(terminal, start, count);
        break;
    }
}

/* Moves the rest of the line right or left by so many, to make room or to close it. */
static void shift_line(struct kiln_terminal *terminal, bool to_right)
{
    volatile kiln_cell_t *cells = terminal->display->cells + row_start(terminal);
    unsigned column = terminal->now.column, columns = terminal->display->columns;
    unsigned count = smaller(count_of(terminal), columns - column);
    for (unsigned i = columns; to_right && i-- > column + count;) {
        cells[i] = cells[i - count];
    }
    for (unsigned i = column; !to_right && i + count < columns; i++) {
        cells[i] = cells[i + count];
    }
    blank(terminal, row_start(terminal) + (to_right ? column : columns - count), count);
    terminal->now.is_past_end = false;
}

/* Lines are inserted and deleted within what scrolls. */
static void shift_rows(struct kiln_terminal *terminal, bool down)
{
    unsigned row = terminal->now.row;
    if (row >= terminal->top && row <= terminal->bottom) {
        int count = (int)count_of(terminal);
        scroll(terminal, row, terminal->bottom, down ? -count : count);
        go(terminal, 0, row);
    }
}

static void set_scrolled_rows(struct kiln_terminal *terminal)
{
    unsigned top = count_of(terminal) - 1, bottom = terminal->parameters[1];
    unsigned rows = terminal->display->rows;
    bottom = bottom == 0 || bottom > rows ? rows - 1 : bottom - 1;
    if (top < bottom) {
        terminal->top = (uint8_t)top;
        terminal->bottom = (uint8_t)bottom;
        go(terminal, 0, 0);
    }
}

static void set_mode(struct kiln_terminal *terminal, bool on)
{
    if (terminal->marker == '?' && terminal->parameters[0] == 25) {
        terminal->display->cursor_shown = on;
    } else if (terminal->marker == '?' && terminal->parameters[0] == 7) {
        terminal->does_wrap = on;
    }
}

static void answer(struct kiln_terminal *terminal, char final)
{
    const struct kiln_display *display = terminal->display;
    if (final == 'n' && terminal->parameters[0] == 6) {
        terminal_reply(terminal, "\x1B[", terminal->now.row + 1U, terminal->now.column + 1U, 'R');
    } else if (final == 't' && terminal->parameters[0] == 18) {
        terminal_reply(terminal, "\x1B[8;", display->rows, display->columns, 't');
    }
}

static void edit(struct kiln_terminal *terminal, char final)
{
    unsigned column = terminal->now.column, columns = terminal->display->columns;
    switch (final) {
    case 'J':
        erase(terminal, 0, (unsigned)terminal->display->rows * columns);
        break;
    case 'K':
        erase(terminal, row_start(terminal), columns);
        break;
    case 'X':
        blank(terminal, row_start(terminal) + column,
              smaller(count_of(terminal), columns - column));
        break;
    case '@':
    case 'P':
        shift_line(terminal, final == '@');
        break;
    case 'L':
    case 'M':
        shift_rows(terminal, final == 'L');
        break;
    case 'S':
    case 'T':
        scroll(terminal, terminal->top, terminal->bottom,
               final == 'S' ? (int)count_of(terminal) : -(int)count_of(terminal));
        break;
    default:
        answer(terminal, final);
        break;
    }
}

static void keep_or_go_back(struct kiln_terminal *terminal, bool keep)
{
    if (keep) {
        terminal->kept = terminal->now;
    } else {
        terminal->now = terminal->kept;
    }
}

static void plain_sequence(struct kiln_terminal *terminal, char final)
{
    unsigned column = terminal->now.column, row = terminal->now.row;
    switch (final) {
    case 'A':
    case 'F':
        go_up(terminal, final == 'A' ? column : 0);
        break;
    case 'B':
    case 'E':
        go_down(terminal, final == 'B' ? column : 0);
        break;
    case 'C':
        go(terminal, column + count_of(terminal), row);
        break;
    case 'D':
        go_left(terminal);
        break;
    case 'G':
        go(terminal, count_of(terminal) - 1, row);
        break;
    case 'd':
        go(terminal, column, count_of(terminal) - 1);
        break;
    case 'H':
    case 'f':
        go_to_parameters(terminal);
        break;
    case 'm':
        terminal_colours(terminal);
        break;
    case 'r':
        set_scrolled_rows(terminal);
        break;
    case 's':
    case 'u':
        keep_or_go_back(terminal, final == 's');
        break;
    default:
        edit(terminal, final);
        break;
    }
}

void terminal_sequence(struct kiln_terminal *terminal, char final)
{
    if (final == 'h' || final == 'l') {
        set_mode(terminal, final == 'h');
    } else if (terminal->marker == 0) {
        plain_sequence(terminal, final);
    }
}

#endif
