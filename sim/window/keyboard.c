/* The keyboard of the simulated board: an interrupt a scan code. */
#include "kiln/keyboard.h"

#include "board.h"
#include "kiln/board.h"
#include "posix.h"
#include "wire.h"

#if KILN_CFG_QUEUE
static struct kiln_keyboard keyboard POSIX_IN_CHIP;
static struct kiln_key keys[64] POSIX_IN_CHIP;
static bool is_started POSIX_IN_CHIP;

static void on_code(void)
{
    uint8_t code;
    if (wire_take(&wire_keyboard, &code)) {
        kiln_keyboard_scanned(&keyboard, code);
    }
}

struct kiln_keyboard *kiln_board_keyboard(void)
{
    board_start_screen();
    if (!is_started) {
        is_started = true;
        (void)kiln_keyboard_init(&keyboard, keys, sizeof(keys) / sizeof(keys[0]));
        kiln_set_name(&keyboard.keys, "keyboard");
        wire_connect(&wire_keyboard, on_code);
    }
    return &keyboard;
}
#endif
