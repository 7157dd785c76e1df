/* STM32F4DISCOVERY: the clock, USART2 on PA2 and PA3, the lights on PD12 to PD15 (green, orange,
 * red, blue), the button on PA0. */
#include "board.h"
#include "stm32.h"
#include "stm32_usart.h"

#define RCC_APB1ENR      STM32_REG(0x40023840U)
#define APB1ENR_USART2EN (UINT32_C(1) << 17)

void board_init(void)
{
    stm32f4_clock_start();
    RCC_APB1ENR |= APB1ENR_USART2EN;
    stm32f4_pin_usart('A', 2);
    stm32_usart_start();
}

void stm32_receive_pin_start(void)
{
    stm32f4_pin_usart('A', 3);
    stm32f4_pin_pull_up('A', 3);
}

#define FIRST_LED_PIN 12U

void board_leds_start(void)
{
    for (unsigned led = 0; led < BOARD_LEDS; led++) {
        stm32f4_pin_output('D', FIRST_LED_PIN + led);
    }
}

void board_leds_write(uint32_t lit)
{
    for (unsigned led = 0; led < BOARD_LEDS; led++) {
        stm32f4_pin_set('D', FIRST_LED_PIN + led, (lit >> led & 1U) != 0);
    }
}

/* The board pulls it down. */
void board_buttons_start(void)
{
    stm32f4_pin_input('A', 0);
}

uint32_t board_buttons_read(void)
{
    return stm32f4_pin_read('A', 0);
}
