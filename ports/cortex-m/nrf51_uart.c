/* Cortex-M port: the nRF51's UART, 115200 baud 8N1, the transmitter. NRF51_UART_TX_PIN is its
 * pin. "nRF51 Series Reference Manual", UART. */
#include "board.h"
#include "nrf51.h"
#include "nrf51_uart.h"
#include "port_arch.h"

#define ENABLE_UART     4U
#define BAUDRATE_115200 UINT32_C(0x01D7E000)

/* A character is on its way. Protected by masking interrupts. */
static bool is_sending;

void nrf51_uart_start(void)
{
    nrf51_pin_set(NRF51_UART_TX_PIN, true); /* the line's idle level, before the UART drives it */
    nrf51_pin_output(NRF51_UART_TX_PIN);
    NRF51_UART_PSELTXD = NRF51_UART_TX_PIN;
    NRF51_UART_BAUDRATE = BAUDRATE_115200;
    NRF51_UART_ENABLE = ENABLE_UART;
    NRF51_UART_STARTTX = 1;
}

/* The UART says once, by an event, that a character has left. Looking at the event and sending
 * the next character are one masked section: an interrupt that writes in between would take the
 * event away, and the interrupted writer would wait for it for ever. */
bool nrf51_uart_try_putc(char c)
{
    unsigned key = port_irq_save();
    bool is_free = !is_sending || NRF51_UART_TXDRDY != 0;
    if (is_free) {
        NRF51_UART_TXDRDY = 0;
        NRF51_UART_TXD = (uint8_t)c;
        is_sending = true;
    }
    port_irq_restore(key);
    return is_free;
}

void nrf51_uart_note_sent(void)
{
    unsigned key = port_irq_save();
    if (NRF51_UART_TXDRDY != 0) {
        NRF51_UART_TXDRDY = 0;
        is_sending = false;
    }
    port_irq_restore(key);
}

void board_putc(char c)
{
    while (!nrf51_uart_try_putc(c)) {
    }
}
