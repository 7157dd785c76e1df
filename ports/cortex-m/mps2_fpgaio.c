/* Cortex-M port: the two user lights and buttons of the MPS2 boards. MPS2_FPGAIO is the base of
 * their registers. "Application Note AN385", FPGA system control and I/O. */
#include "board.h"

struct fpgaio {
    volatile uint32_t led0, reserved, button;
};

#define FPGAIO ((struct fpgaio *)MPS2_FPGAIO)

void board_leds_start(void)
{
}

void board_leds_write(uint32_t lit)
{
    FPGAIO->led0 = lit;
}

void board_buttons_start(void)
{
}

uint32_t board_buttons_read(void)
{
    return FPGAIO->button & 3U;
}
