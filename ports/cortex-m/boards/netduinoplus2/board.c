/* Netduino Plus 2: the clock, USART1, the blue light.
 *
 * Of the two pins that USART1 can transmit on, PA9 senses the USB supply; so the console is on
 * PB6, the header's SCL. */
#include "board.h"
#include "stm32.h"
#include "stm32_usart.h"

#define RCC_APB2ENR      STM32_REG(0x40023844U)
#define APB2ENR_USART1EN (UINT32_C(1) << 4)

#define LED_PORT 'A'
#define LED_PIN  10U

void board_init(void)
{
    stm32f4_clock_start();
    RCC_APB2ENR |= APB2ENR_USART1EN;
    stm32f4_pin_usart('B', 6);
    stm32_usart_start();
    stm32f4_pin_output(LED_PORT, LED_PIN);
}

void stm32_receive_pin_start(void)
{
    stm32f4_pin_usart('B', 7);
    stm32f4_pin_pull_up('B', 7);
}

void board_led(bool on)
{
    stm32f4_pin_set(LED_PORT, LED_PIN, on);
}
