/* Cortex-M port: an STM32's USART, 115200 baud 8N1, transmitter only. STM32_USART is its base,
 * STM32_USART_CLOCK_HZ what its bus runs at. Reference manuals RM0041 and RM0090, USART. */
#include "board.h"
#include "stm32.h"

struct usart {
    volatile uint32_t sr, dr, brr, cr1;
};

#define USART  ((struct usart *)STM32_USART)
#define SR_TXE (UINT32_C(1) << 7)
#define CR1_TE (UINT32_C(1) << 3)
#define CR1_UE (UINT32_C(1) << 13)
#define BAUD   115200U

void stm32_usart_start(void)
{
    USART->brr = (STM32_USART_CLOCK_HZ + BAUD / 2) / BAUD;
    USART->cr1 = CR1_UE | CR1_TE;
}

void board_putc(char c)
{
    while ((USART->sr & SR_TXE) == 0) {
    }
    USART->dr = (uint8_t)c;
}
