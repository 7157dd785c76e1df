/* The display of the simulated board: its memory is the picture. */
#include "board.h"
#include "kiln/board.h"

struct kiln_display *kiln_board_display(void)
{
    board_start_screen();
    return &board.display;
}
