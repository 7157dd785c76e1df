/* The buttons of the simulated board: an interrupt a change. */
#include "board.h"
#include "kiln/board.h"
#include "kiln/flags.h"
#include "kiln/pins.h"
#include "posix.h"
#include "wire.h"

#if KILN_CFG_FLAGS
static struct kiln_flags pressed POSIX_IN_CHIP;
static struct kiln_buttons buttons POSIX_IN_CHIP = {.count = BOARD_BUTTONS, .pressed = &pressed};
static bool is_started POSIX_IN_CHIP;

static void on_change(void)
{
    uint8_t down;
    if (wire_take(&wire_buttons, &down)) {
        board.buttons = down;
        kiln_buttons_changed(&buttons, down);
    }
}

struct kiln_buttons *kiln_board_buttons(void)
{
    board_start();
    if (!is_started) {
        is_started = true;
        buttons.down = board.buttons; /* after a restart of the app, some may be held */
        (void)kiln_flags_init(&pressed);
        kiln_set_name(&pressed, "buttons");
        wire_connect(&wire_buttons, on_change);
    }
    return &buttons;
}
#endif
