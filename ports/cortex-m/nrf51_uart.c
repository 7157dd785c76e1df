/* Cortex-M port: the nRF51's UART, 115200 baud 8N1, transmitter only. NRF51_UART_TX_PIN is its
 * pin. "nRF51 Series Reference Manual", UART. */
#include "board.h"
#include "nrf51.h"
#include "port_arch.h"

#define UART_BASE UINT32_C(0x40002000)

#define UART_STARTTX  NRF51_REG(UART_BASE, 0x008)
#define UART_TXDRDY   NRF51_REG(UART_BASE, 0x11C)
#define UART_ENABLE   NRF51_REG(UART_BASE, 0x500)
#define UART_PSELTXD  NRF51_REG(UART_BASE, 0x50C)
#define UART_TXD      NRF51_REG(UART_BASE, 0x51C)
#define UART_BAUDRATE NRF51_REG(UART_BASE, 0x524)

#define ENABLE_UART     4U
#define BAUDRATE_115200 UINT32_C(0x01D7E000)

/* A character is on its way. Protected by masking interrupts. */
static bool is_sending;

void nrf51_uart_start(void)
{
    nrf51_pin_set(NRF51_UART_TX_PIN, true); /* the line's idle level, before the UART drives it */
    nrf51_pin_output(NRF51_UART_TX_PIN);
    UART_PSELTXD = NRF51_UART_TX_PIN;
    UART_BAUDRATE = BAUDRATE_115200;
    UART_ENABLE = ENABLE_UART;
    UART_STARTTX = 1;
}

/* The UART says once, by an event, that a character has left. Looking at the event and sending
 * the next character are one masked section: an interrupt that writes in between would take the
 * event away, and the interrupted writer would wait for it for ever. */
static bool try_putc(char c)
{
    unsigned key = port_irq_save();
    bool is_free = !is_sending || UART_TXDRDY != 0;
    if (is_free) {
        UART_TXDRDY = 0;
        UART_TXD = (uint8_t)c;
        is_sending = true;
    }
    port_irq_restore(key);
    return is_free;
}

void board_putc(char c)
{
    while (!try_putc(c)) {
    }
}
