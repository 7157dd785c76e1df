/* The terminal of a board without a display is its console. */
#include "kiln/board.h"

struct kiln_stream *kiln_board_terminal(void)
{
    return kiln_board_console();
}
