/* Cortex-M port: the CMSDK's UART as a stream, by interrupts; cmsdk_uart.c has set it up.
 * CMSDK_UART0_IRQ is the number of its receive interrupt, the next one is for transmission. */
#include "console.h"

#include "cmsdk_uart.h"
#include "kiln/trace.h"
#include "nvic.h"

#if KILN_CFG_STREAM

#define RECEIVE_IRQ  CMSDK_UART0_IRQ
#define TRANSMIT_IRQ (CMSDK_UART0_IRQ + 1U)

void UARTRX0_Handler(void);
void UARTTX0_Handler(void);

/* The interrupt for "there is room" comes when the one place becomes free, whoever had filled it.
 */
size_t board_console_write(struct kiln_stream *stream, const uint8_t *bytes, size_t size)
{
    size_t count = 0;
    (void)stream;
    for (; count < size && (CMSDK_UART->state & CMSDK_STATE_TXFULL) == 0; count++) {
        CMSDK_UART->data = bytes[count];
    }
    return count;
}

/* A character that came while the last one was still there is gone, and shows as an overrun. */
void UARTRX0_Handler(void)
{
    kiln_trace_isr_enter(16 + RECEIVE_IRQ);
    CMSDK_UART->intstatus = CMSDK_INT_RX;
    while (CMSDK_UART->state & CMSDK_STATE_RXFULL) {
        uint8_t byte = (uint8_t)CMSDK_UART->data;
        (void)kiln_stream_received(&board_console, &byte, 1);
    }
    if (CMSDK_UART->state & CMSDK_STATE_RXOVR) {
        CMSDK_UART->state = CMSDK_STATE_RXOVR;
        kiln_stream_lost(&board_console, 1);
    }
    kiln_trace_isr_exit(16 + RECEIVE_IRQ);
}

void UARTTX0_Handler(void)
{
    kiln_trace_isr_enter(16 + TRANSMIT_IRQ);
    CMSDK_UART->intstatus = CMSDK_INT_TX;
    kiln_stream_ready(&board_console);
    kiln_trace_isr_exit(16 + TRANSMIT_IRQ);
}

void board_console_start(void)
{
    CMSDK_UART->ctrl |= CMSDK_CTRL_RXEN | CMSDK_CTRL_RXIRQEN | CMSDK_CTRL_TXIRQEN;
    nvic_enable(RECEIVE_IRQ);
    nvic_enable(TRANSMIT_IRQ);
}

#endif
