/* Cortex-M port: the CMSDK's UART, the console of the MPS2 boards. CMSDK_UART0 is its base.
 * "Arm Cortex-M System Design Kit Technical Reference Manual", 4.3. */
#include "board.h"

struct cmsdk_uart {
    volatile uint32_t data, state, ctrl, intstatus, bauddiv;
};

#define UART         ((struct cmsdk_uart *)CMSDK_UART0)
#define STATE_TXFULL 1U
#define CTRL_TXEN    1U
#define BAUD         115200U

void board_init(void)
{
    UART->bauddiv = BOARD_CLOCK_HZ / BAUD;
    UART->ctrl = CTRL_TXEN;
}

void board_putc(char c)
{
    while (UART->state & STATE_TXFULL) {
    }
    UART->data = (uint8_t)c;
}

void board_led(bool on)
{
    (void)on; /* behind a serial bus on these boards */
}
