/* Cortex-M port: an STM32's USART. STM32_USART is its base. Reference manuals RM0041 and RM0090,
 * USART. */
#ifndef STM32_USART_H
#define STM32_USART_H

#include <stdint.h>

struct stm32_usart {
    volatile uint32_t sr, dr, brr, cr1;
};

#define STM32_USART_REGS ((struct stm32_usart *)STM32_USART)

#define STM32_SR_ORE  (UINT32_C(1) << 3)
#define STM32_SR_RXNE (UINT32_C(1) << 5)
#define STM32_SR_TXE  (UINT32_C(1) << 7)

#define STM32_CR1_RE     (UINT32_C(1) << 2)
#define STM32_CR1_TE     (UINT32_C(1) << 3)
#define STM32_CR1_RXNEIE (UINT32_C(1) << 5)
#define STM32_CR1_TXEIE  (UINT32_C(1) << 7)
#define STM32_CR1_UE     (UINT32_C(1) << 13)

/* In the board's board.c: connects the pin on which the USART receives. */
void stm32_receive_pin_start(void);

#endif
