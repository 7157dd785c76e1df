/* Cortex-M port: the nRF51's UART. "nRF51 Series Reference Manual", UART. */
#ifndef NRF51_UART_H
#define NRF51_UART_H

#include "nrf51.h"

#define NRF51_UART_BASE UINT32_C(0x40002000)

#define NRF51_UART_STARTRX  NRF51_REG(NRF51_UART_BASE, 0x000)
#define NRF51_UART_STARTTX  NRF51_REG(NRF51_UART_BASE, 0x008)
#define NRF51_UART_RXDRDY   NRF51_REG(NRF51_UART_BASE, 0x108)
#define NRF51_UART_TXDRDY   NRF51_REG(NRF51_UART_BASE, 0x11C)
#define NRF51_UART_INTENSET NRF51_REG(NRF51_UART_BASE, 0x304)
#define NRF51_UART_ERRORSRC NRF51_REG(NRF51_UART_BASE, 0x480)
#define NRF51_UART_ENABLE   NRF51_REG(NRF51_UART_BASE, 0x500)
#define NRF51_UART_PSELTXD  NRF51_REG(NRF51_UART_BASE, 0x50C)
#define NRF51_UART_PSELRXD  NRF51_REG(NRF51_UART_BASE, 0x514)
#define NRF51_UART_RXD      NRF51_REG(NRF51_UART_BASE, 0x518)
#define NRF51_UART_TXD      NRF51_REG(NRF51_UART_BASE, 0x51C)
#define NRF51_UART_BAUDRATE NRF51_REG(NRF51_UART_BASE, 0x524)

#define NRF51_UART_INT_RXDRDY (UINT32_C(1) << 2)
#define NRF51_UART_INT_TXDRDY (UINT32_C(1) << 7)
#define NRF51_UART_OVERRUN    1U /* in ERRORSRC; written, it clears that */

/* Sends a character if there is room; returns whether there was. Any context. */
bool nrf51_uart_try_putc(char c);

/* Takes note of the event that there is room. Any context. */
void nrf51_uart_note_sent(void);

#endif
