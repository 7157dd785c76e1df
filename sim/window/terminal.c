/* The terminal of the simulated board: its display and keyboard; where nobody could see these, the
 * console. */
#include "kiln/terminal.h"

#include "board.h"
#include "kiln/board.h"
#include "posix.h"

#if KILN_CFG_STREAM && KILN_CFG_QUEUE
struct kiln_stream *kiln_board_terminal(void)
{
    static struct kiln_terminal terminal POSIX_IN_CHIP;
    static uint8_t buffer[256] POSIX_IN_CHIP;
    static bool is_started POSIX_IN_CHIP;
    struct kiln_display *display = kiln_board_display();
    if (!board_is_seen()) {
        return kiln_board_console();
    }
    if (!is_started) {
        is_started = true;
        (void)kiln_terminal_init(&terminal, display, kiln_board_keyboard(), buffer, sizeof(buffer));
    }
    return &terminal.stream;
}
#endif
