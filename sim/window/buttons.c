/* The buttons of the simulated board: an interrupt a change. */
#include "board.h"
#include "kiln/board.h"
#include "kiln/flags.h"
#include "kiln/pins.h"
#include "lab.h"
#include "posix.h"
#include "wire.h"

#if KILN_CFG_FLAGS
static struct kiln_flags pressed POSIX_IN_CHIP;
static struct kiln_buttons buttons POSIX_IN_CHIP = {.count = BOARD_BUTTONS, .pressed = &pressed};
static bool is_started POSIX_IN_CHIP;
static uint8_t held; /* by somebody's finger: outside of the chip, so a restart leaves it */

static uint32_t read_pins(void)
{
    board.buttons = sim_faults_pins(SIM_LINE_BUTTONS, held);
    return board.buttons;
}

/* A pin that gets stuck, or free, raises the line, too: then nothing is on the wire. */
static void on_change(void)
{
    (void)wire_take(&wire_buttons, &held);
    kiln_buttons_changed(&buttons, read_pins());
}

struct kiln_buttons *kiln_board_buttons(void)
{
    board_start();
    if (!is_started) {
        is_started = true;
        buttons.down = read_pins(); /* after a restart of the app, some may be held */
        (void)kiln_flags_init(&pressed);
        kiln_set_name(&pressed, "buttons");
        wire_connect(&wire_buttons, on_change);
    }
    return &buttons;
}
#endif
