/* The lights of the simulated board. */
#include "board.h"
#include "kiln/board.h"
#include "kiln/pins.h"
#include "posix.h"

static void show(struct kiln_leds *leds)
{
    board.leds = leds->lit;
}

struct kiln_leds *kiln_board_leds(void)
{
    static struct kiln_leds leds POSIX_IN_CHIP = {.count = BOARD_LEDS, .write = show};
    board_start();
    show(&leds); /* after a restart of the app, others may be lit */
    return &leds;
}
