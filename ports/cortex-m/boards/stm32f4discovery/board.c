/* STM32F4DISCOVERY: the clock, USART2 on PA2, the green light. */
#include "board.h"
#include "stm32.h"
#include "stm32_usart.h"

#define RCC_APB1ENR      STM32_REG(0x40023840U)
#define APB1ENR_USART2EN (UINT32_C(1) << 17)

#define LED_PORT 'D'
#define LED_PIN  12U

void board_init(void)
{
    stm32f4_clock_start();
    RCC_APB1ENR |= APB1ENR_USART2EN;
    stm32f4_pin_usart('A', 2);
    stm32_usart_start();
    stm32f4_pin_output(LED_PORT, LED_PIN);
}

void stm32_receive_pin_start(void)
{
    stm32f4_pin_usart('A', 3);
    stm32f4_pin_pull_up('A', 3);
}

void board_led(bool on)
{
    stm32f4_pin_set(LED_PORT, LED_PIN, on);
}
