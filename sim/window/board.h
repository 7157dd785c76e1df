/* The simulated board: the memory and the registers of its devices.
 *
 * They are written by the kernel thread, as a processor writes to a device, and looked at by
 * whoever shows the board, as the device does: without a lock, a whole register or cell at a time.
 * What comes from the board goes the other way through wires (wire.h).
 */
#ifndef BOARD_H
#define BOARD_H

#include <stdatomic.h>
#include <stdbool.h>

#include "kiln/display.h"
#include "lab.h"

#define BOARD_COLUMNS 80
#define BOARD_ROWS    25
#define BOARD_CELLS   (BOARD_COLUMNS * BOARD_ROWS)
#define BOARD_WIDTH   320
#define BOARD_HEIGHT  240
#define BOARD_PIXELS  (BOARD_WIDTH * BOARD_HEIGHT)
#define BOARD_LEDS    8
#define BOARD_BUTTONS SIM_BUTTONS

struct board {
    volatile kiln_cell_t cells[BOARD_CELLS];
    volatile uint16_t pixels[BOARD_PIXELS];
    struct kiln_display display;
    _Atomic uint32_t leds;    /* bit n: lit */
    _Atomic uint32_t buttons; /* bit n: pressed, as far as the processor knows */
    _Atomic uint32_t gauge;   /* greatest value << 16 | value */
};
extern struct board board;

/* Starts what all devices share: the window, or what stands for it. Each device calls it first;
 * only the first call does something. */
void board_start(void);

/* The same for what makes little sense without a window: says so when there is none. */
void board_start_screen(void);

/* True when somebody can look at the display: in a window, or in a picture of it. */
bool board_is_seen(void);

/* True when nothing more can come from the board: there is no window, and no script or its end. In
 * a replay the log decides. */
bool board_is_silent(void);

/* ---- The window (window.c) ------------------------------------------------------------------ */

/* Opens it, in a thread of its own. Returns false when there is no display that it could be on. */
bool window_open(void);
void window_close(void);

/* ---- The input script (script.c) ----------------------------------------------------------- */

/* True when --keys was given. */
bool script_is_given(void);
void script_start(void);

/* True when all of it has been delivered. */
bool script_is_over(void);

#endif
