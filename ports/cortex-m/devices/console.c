/* Cortex-M port: the console. See console.h. */
#include "console.h"

#include "kiln/board.h"

#if KILN_CFG_STREAM

struct kiln_stream board_console;

static const struct kiln_stream_driver driver = {.write = board_console_write};
static uint8_t buffer[128];
static bool is_started;

struct kiln_stream *kiln_board_console(void)
{
    if (!is_started) {
        is_started = true;
        (void)kiln_stream_init(&board_console, buffer, sizeof(buffer), &driver, NULL);
        kiln_set_name(&board_console, "console");
        kiln_stream_is_console(&board_console);
        board_console_start();
    }
    return &board_console;
}

#endif
