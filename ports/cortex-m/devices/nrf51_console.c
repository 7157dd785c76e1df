/* Cortex-M port: the nRF51's UART as a stream, by interrupts; nrf51_uart.c has set it up.
 * NRF51_UART_RX_PIN is the pin on which it receives. */
#include "console.h"

#include "kiln/trace.h"
#include "nrf51_uart.h"
#include "nvic.h"

#if KILN_CFG_STREAM

#define UART_IRQ 2U

void UART0_IRQHandler(void);

size_t board_console_write(struct kiln_stream *stream, const uint8_t *bytes, size_t size)
{
    size_t count = 0;
    (void)stream;
    while (count < size && nrf51_uart_try_putc((char)bytes[count])) {
        count++;
    }
    return count;
}

/* The receiver keeps six characters; reading one brings the event for the next. */
static void receive(void)
{
    while (NRF51_UART_RXDRDY != 0) {
        NRF51_UART_RXDRDY = 0;
        uint8_t byte = (uint8_t)NRF51_UART_RXD;
        (void)kiln_stream_received(&board_console, &byte, 1);
    }
    if (NRF51_UART_ERRORSRC & NRF51_UART_OVERRUN) {
        NRF51_UART_ERRORSRC = NRF51_UART_OVERRUN;
        kiln_stream_lost(&board_console, 1);
    }
}

void UART0_IRQHandler(void)
{
    kiln_trace_isr_enter(16 + UART_IRQ);
    receive();
    nrf51_uart_note_sent();
    kiln_stream_ready(&board_console);
    kiln_trace_isr_exit(16 + UART_IRQ);
}

void board_console_start(void)
{
    NRF51_UART_PSELRXD = NRF51_UART_RX_PIN;
    NRF51_UART_INTENSET = NRF51_UART_INT_RXDRDY | NRF51_UART_INT_TXDRDY;
    NRF51_UART_STARTRX = 1;
    nvic_enable(UART_IRQ);
}

#endif
