/* Cortex-M port: an STM32's USART as a stream, by interrupts; stm32_usart.c has set it up.
 * STM32_USART_IRQ is its interrupt, STM32_USART_HANDLER the name of that. */
#include "console.h"

#include "kiln/trace.h"
#include "nvic.h"
#include "stm32_usart.h"

#if KILN_CFG_STREAM

void STM32_USART_HANDLER(void);

/* The interrupt for "there is room" goes on for as long as there is: it is on only while somebody
 * waits for it. */
size_t board_console_write(struct kiln_stream *stream, const uint8_t *bytes, size_t size)
{
    size_t count = 0;
    (void)stream;
    for (; count < size && (STM32_USART_REGS->sr & STM32_SR_TXE) != 0; count++) {
        STM32_USART_REGS->dr = bytes[count];
    }
    if (count < size) {
        STM32_USART_REGS->cr1 |= STM32_CR1_TXEIE;
    }
    return count;
}

/* Reading the status and then the data clears an overrun: a character came while the last one was
 * still there, and is gone. */
static void receive(uint32_t status)
{
    if ((status & (STM32_SR_RXNE | STM32_SR_ORE)) == 0) {
        return;
    }
    uint8_t byte = (uint8_t)STM32_USART_REGS->dr;
    if (status & STM32_SR_RXNE) {
        (void)kiln_stream_received(&board_console, &byte, 1);
    }
    if (status & STM32_SR_ORE) {
        kiln_stream_lost(&board_console, 1);
    }
}

void STM32_USART_HANDLER(void)
{
    kiln_trace_isr_enter(16 + STM32_USART_IRQ);
    uint32_t status = STM32_USART_REGS->sr;
    receive(status);
    if (status & STM32_SR_TXE) {
        STM32_USART_REGS->cr1 &= ~STM32_CR1_TXEIE;
        kiln_stream_ready(&board_console);
    }
    kiln_trace_isr_exit(16 + STM32_USART_IRQ);
}

void board_console_start(void)
{
    stm32_receive_pin_start();
    STM32_USART_REGS->cr1 |= STM32_CR1_RE | STM32_CR1_RXNEIE;
    nvic_enable(STM32_USART_IRQ);
}

#endif
