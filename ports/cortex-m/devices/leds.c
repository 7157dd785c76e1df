/* Cortex-M port: the board's lights, BOARD_LEDS of them. */
#include "board.h"
#include "kiln/board.h"
#include "kiln/pins.h"

static void write_leds(struct kiln_leds *leds)
{
    board_leds_write(leds->lit);
}

static struct kiln_leds leds = {.count = BOARD_LEDS, .write = write_leds};
static bool is_started;

struct kiln_leds *kiln_board_leds(void)
{
    if (!is_started) {
        is_started = true;
        board_leds_start();
        board_leds_write(0);
    }
    return &leds;
}
