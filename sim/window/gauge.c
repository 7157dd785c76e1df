/* The gauge of the simulated board: a needle. */
#include "board.h"
#include "kiln/board.h"
#include "kiln/pins.h"
#include "posix.h"

#define GAUGE_MAX 1000

static void show(struct kiln_gauge *gauge)
{
    board.gauge = (uint32_t)gauge->max << 16 | gauge->value;
}

struct kiln_gauge *kiln_board_gauge(void)
{
    static struct kiln_gauge gauge POSIX_IN_CHIP = {.max = GAUGE_MAX, .write = show};
    board_start();
    show(&gauge);
    return &gauge;
}
