/* What the devices of the board share: see board.h. And the flags of a process that has some. */
#include "board.h"

#include <png.h>
#include <stdlib.h>

#include "face.h"
#include "lab.h"
#include "posix.h"
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
static bool is_headless;            /* --headless */
static const char *screenshot_path; /* --screenshot; NULL: none */

/* ---- The end ------------------------------------------------------------------------------- */

/* Blue is in the lowest byte, which comes first in memory. */
static void write_screenshot(void)
{
    struct face *face = face_new();
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = FACE_WIDTH,
                       .height = FACE_HEIGHT,
                       .format = PNG_FORMAT_BGRA,
                       .flags = PNG_IMAGE_FLAG_FAST};
    int first, rows;
    (void)face_update(face, true, &first, &rows);
    if (!png_image_write_to_file(&image, screenshot_path, 0, face->picture.pixels, 0, NULL)) {
        (void)fprintf(stderr, "kiln: --screenshot: cannot write to '%s': %s\n", screenshot_path,
                      image.message);
        _Exit(1);
    }
}

static void end(void)
{
    if (has_window) {
        window_close();
    }
    if (screenshot_path != NULL) {
        write_screenshot();
    }
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

void board_start(void)
{
    if (!is_started) {
        is_started = true;
        clear_cells();
        has_window = open_window();
        script_start();
        (void)atexit(end);
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
    return has_window || script_is_given() || screenshot_path != NULL;
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

static void set_screenshot(const char *value)
{
    FILE *file = fopen(value, "a"); /* rather now than at the end of a long run */
    if (file == NULL) {
        posix_reject_option("--screenshot cannot write to", value);
    }
    (void)fclose(file);
    screenshot_path = value;
}
POSIX_FLAG(screenshot, "FILE", "at the end, write a picture of the board to FILE: a PNG",
           set_screenshot);
