/* What the devices of the board share: see board.h. And the flags of a process that has some. */
#include "board.h"

#include <stdlib.h>

#include "lab.h"
#include "posix.h"
#include "screenshot.h"
#include "wire.h"

struct board board = {
    .display = {.cells = board.cells,
                .columns = BOARD_COLUMNS,
                .rows = BOARD_ROWS,
                .pixels = board.pixels,
                .width = BOARD_WIDTH,
                .height = BOARD_HEIGHT},
};

static bool is_started;
static bool has_window;
static bool is_headless; /* --headless */
static bool is_seen;

/* ---- The end ------------------------------------------------------------------------------- */

static void end(void)
{
    if (has_window) {
        window_close();
    }
    if (!screenshot_write()) {
        _Exit(1);
    }
}

/* The process dies: its window goes with it. */
static void end_at_once(void)
{
    (void)screenshot_write();
}

/* ---- The start ----------------------------------------------------------------------------- */

/* Not under the explorer: there are many runs, of which nobody sees anything. */
static bool open_window(void)
{
    return !is_headless && posix_guard == NULL && window_open();
}

/* As a text-mode adapter is when it starts. */
static void clear_cells(void)
{
    for (unsigned i = 0; i < BOARD_CELLS; i++) {
        board.cells[i] = KILN_CELL(' ', KILN_COLOURS(KILN_GREY, KILN_BLACK));
    }
}

/* Whether somebody sees the display decides what the app's terminal is. So it is an input: a replay
 * goes the way of the recorded run, whatever there is to see now. */
static bool seen_by_somebody(void)
{
    uint8_t seen = has_window || script_is_given() || screenshot_is_wanted();
    (void)sim_outside(SIM_LINE_BOARD, &seen, sizeof(seen), sizeof(seen));
    return seen != 0;
}

void board_start(void)
{
    if (!is_started) {
        is_started = true;
        clear_cells();
        screenshot_prepare();
        has_window = open_window();
        is_seen = seen_by_somebody();
        script_start();
        (void)atexit(end);
        posix_at_last(end_at_once);
    }
}

void board_start_screen(void)
{
    static bool is_known;
    board_start();
    if (!is_known && !is_headless && !has_window && posix_guard == NULL) {
        (void)fprintf(stderr, "kiln: there is no display for a window: as with --headless\n");
    }
    is_known = true;
}

bool board_is_seen(void)
{
    return is_seen;
}

bool board_is_silent(void)
{
    return sim_outside_is_live() && !has_window && script_is_over() &&
           wire_is_empty(&wire_keyboard) && wire_is_empty(&wire_buttons) &&
           !sim_faults_move_pins(SIM_LINE_BUTTONS);
}

/* ---- Flags --------------------------------------------------------------------------------- */

static void set_headless(const char *value)
{
    (void)value;
    is_headless = true;
}
POSIX_FLAG(headless, NULL, "no window; the devices of the board are there all the same",
           set_headless);
