/* Cortex-M port: the CMSDK's UART, the console of the MPS2 boards. */
#include "cmsdk_uart.h"

#include "board.h"

#define BAUD 115200U

void board_init(void)
{
    CMSDK_UART->bauddiv = BOARD_CLOCK_HZ / BAUD;
    CMSDK_UART->ctrl = CMSDK_CTRL_TXEN;
}

void board_putc(char c)
{
    while (CMSDK_UART->state & CMSDK_STATE_TXFULL) {
    }
    CMSDK_UART->data = (uint8_t)c;
}
