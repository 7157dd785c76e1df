/* Text on a display: see kiln/display.h. */
#include "kiln/display.h"

static void fill(struct kiln_display *display, unsigned first, unsigned count, uint8_t colours)
{
    for (unsigned i = first; i < first + count; i++) {
        display->cells[i] = KILN_CELL(' ', colours);
    }
}

void kiln_display_clear(struct kiln_display *display, uint8_t colours)
{
    fill(display, 0, (unsigned)display->rows * display->columns, colours);
    display->cursor_column = 0;
    display->cursor_row = 0;
}

void kiln_display_text(struct kiln_display *display, unsigned column, unsigned row, uint8_t colours,
                       const char *text)
{
    if (row >= display->rows) {
        return;
    }
    for (; *text != '\0' && column < display->columns; column++, text++) {
        display->cells[row * display->columns + column] = KILN_CELL(*text, colours);
    }
}

static void move_up(struct kiln_display *display, unsigned from, unsigned to, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        display->cells[to + i] = display->cells[from + i];
    }
}

static void move_down(struct kiln_display *display, unsigned from, unsigned to, unsigned count)
{
    for (unsigned i = count; i-- > 0;) {
        display->cells[to + i] = display->cells[from + i];
    }
}

void kiln_display_scroll(struct kiln_display *display, unsigned first, unsigned last, int rows,
                         uint8_t colours)
{
    if (first > last || last >= display->rows || rows == 0) {
        return;
    }
    unsigned all = last - first + 1, step = rows < 0 ? 0U - (unsigned)rows : (unsigned)rows;
    step = step < all ? step : all;
    unsigned width = display->columns, start = first * width, offset = step * width;
    unsigned kept = (all - step) * width;
    if (rows > 0) {
        move_up(display, start + offset, start, kept);
        fill(display, start + kept, offset, colours);
    } else {
        move_down(display, start, start + offset, kept);
        fill(display, start, offset, colours);
    }
}
