/* Cortex-M port: the board's buttons, BOARD_BUTTONS of them.
 *
 * They are looked at every 10 ms: a contact that bounces has come to rest by the next time, and a
 * person does not press faster. Not every board has an interrupt for each of them.
 */
#include "board.h"
#include "kiln/board.h"
#include "kiln/kiln.h"

#if KILN_CFG_FLAGS && KILN_CFG_TIMER

#define PERIOD_TICKS KILN_MS(10)

static struct kiln_flags pressed;
static struct kiln_buttons buttons = {.count = BOARD_BUTTONS, .pressed = &pressed};
static struct kiln_timer timer;
static bool is_started;

static void look(struct kiln_timer *expired)
{
    (void)expired;
    kiln_buttons_changed(&buttons, board_buttons_read());
}

struct kiln_buttons *kiln_board_buttons(void)
{
    if (!is_started) {
        is_started = true;
        board_buttons_start();
        buttons.down = board_buttons_read();
        (void)kiln_flags_init(&pressed);
        kiln_set_name(&pressed, "buttons");
        (void)kiln_timer_init(&timer, look);
        (void)kiln_timer_start(&timer, PERIOD_TICKS, PERIOD_TICKS);
    }
    return &buttons;
}

#endif
