/* The board as one sees it, drawn into memory: the window shows this picture, and --screenshot
 * writes it to a file. */
#ifndef FACE_H
#define FACE_H

#include <stdbool.h>

#include "board.h"
#include "picture.h"

#define FACE_WIDTH  720
#define FACE_HEIGHT 660

/* Where the display is; text leaves room above and below. */
#define FACE_SCREEN_X 40
#define FACE_SCREEN_Y 40
#define FACE_TEXT_Y   (FACE_SCREEN_Y + 40)

struct face {
    struct picture picture;
    uint32_t drawn[FACE_WIDTH * FACE_HEIGHT]; /* its pixels */
    uint32_t bare[FACE_WIDTH * FACE_HEIGHT];  /* the board without what changes */
    int first, last; /* rows that were drawn since they were last asked for */
    /* What the picture shows. */
    bool is_shown; /* anything at all */
    bool has_pixels;
    int cursor; /* the cell with the cursor; -1: none */
    uint32_t leds, buttons, gauge;
    kiln_cell_t cells[BOARD_CELLS];
    uint16_t pixels[BOARD_PIXELS];
};

/* Makes a picture of the bare board. Ends the process when there is no memory for it. */
struct face *face_new(void);

/* Draws what has changed on the board; the cursor only when it is lit. Returns false when nothing
 * has; else *first and *rows say which rows of the picture are new. */
bool face_update(struct face *face, bool cursor_lit, int *first, int *rows);

/* The button at a place of the picture; -1: none. */
int face_button_at(int x, int y);

#endif
