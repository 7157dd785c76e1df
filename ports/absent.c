/* The devices that a board does not have: see kiln/board.h. In an archive behind the board's own
 * devices, so that the linker comes here for what is not among those. Weak, because this is one
 * object: what it is not wanted for is there already. */
#include "kiln/board.h"

#define ABSENT(type, function)                        \
    __attribute__((weak)) struct type *function(void) \
    {                                                 \
        return NULL;                                  \
    }

ABSENT(kiln_stream, kiln_board_console)
ABSENT(kiln_display, kiln_board_display)
ABSENT(kiln_keyboard, kiln_board_keyboard)
ABSENT(kiln_leds, kiln_board_leds)
ABSENT(kiln_buttons, kiln_board_buttons)
ABSENT(kiln_gauge, kiln_board_gauge)
ABSENT(kiln_block, kiln_board_storage)
ABSENT(kiln_clock, kiln_board_clock)
