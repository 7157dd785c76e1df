/* A display: cells of text as a text-mode adapter has them, or pixels.
 *
 * The memory is the picture: whoever writes to it draws. The device shows it by itself some times a
 * second.
 */
#ifndef KILN_DISPLAY_H
#define KILN_DISPLAY_H

#include "kiln/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A cell: a character of code page 437 in the low byte, the colour of its background in the top
 * four bits, that of its foreground in the four below. */
typedef uint16_t kiln_cell_t;

enum kiln_colour {
    KILN_BLACK,
    KILN_BLUE,
    KILN_GREEN,
    KILN_CYAN,
    KILN_RED,
    KILN_MAGENTA,
    KILN_BROWN,
    KILN_GREY,
    KILN_DARK_GREY,
    KILN_LIGHT_BLUE,
    KILN_LIGHT_GREEN,
    KILN_LIGHT_CYAN,
    KILN_LIGHT_RED,
    KILN_LIGHT_MAGENTA,
    KILN_YELLOW,
    KILN_WHITE,
};

#define KILN_COLOURS(foreground, background) ((uint8_t)((background) << 4 | (foreground)))
#define KILN_CELL(character, colours)        ((kiln_cell_t)((colours) << 8 | (uint8_t)(character)))

enum kiln_display_mode { KILN_DISPLAY_TEXT, KILN_DISPLAY_PIXELS };

/* Fields belong to whoever draws, but for those that say how large it is. */
struct kiln_display {
    volatile kiln_cell_t *cells; /* rows x columns, row by row from the top */
    uint8_t columns, rows;
    volatile uint8_t cursor_column, cursor_row;
    volatile bool cursor_shown;
    volatile uint8_t mode; /* enum kiln_display_mode */
    volatile uint16_t
        *pixels; /* height x width, 5 bits of red, 6 of green, 5 of blue; NULL: none */
    uint16_t width, height;
};

/* Fills all cells with blanks of these colours; the cursor goes to the top left. These functions
 * may be called from any context; two callers that draw at once mix. None blocks. */
void kiln_display_clear(struct kiln_display *display, uint8_t colours);

/* Draws a text of code page 437 at a place. What lies outside is left out. */
void kiln_display_text(struct kiln_display *display, unsigned column, unsigned row, uint8_t colours,
                       const char *text);

/* Moves rows `first` to `last` up by `rows`; the lower ones become blank, in these colours. Down,
 * when `rows` is negative. Rows that the display does not have: nothing happens. */
void kiln_display_scroll(struct kiln_display *display, unsigned first, unsigned last, int rows,
                         uint8_t colours);

#ifdef __cplusplus
}
#endif

#endif
