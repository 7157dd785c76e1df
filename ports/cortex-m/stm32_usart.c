/* Cortex-M port: an STM32's USART, 115200 baud 8N1, the transmitter. STM32_USART_CLOCK_HZ is what
 * its bus runs at. */
#include "stm32_usart.h"

#include "board.h"
#include "stm32.h"

#define BAUD 115200U

void stm32_usart_start(void)
{
    STM32_USART_REGS->brr = (STM32_USART_CLOCK_HZ + BAUD / 2) / BAUD;
    STM32_USART_REGS->cr1 = STM32_CR1_UE | STM32_CR1_TE;
}

void board_putc(char c)
{
    while ((STM32_USART_REGS->sr & STM32_SR_TXE) == 0) {
    }
    STM32_USART_REGS->dr = (uint8_t)c;
}
