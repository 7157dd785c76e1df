/* Netduino Plus 2: the clock, USART1, the blue light on PA10, the button on PB11.
 *
 * Of the two pins that USART1 can transmit on, PA9 senses the USB supply; so the console is on
 * PB6, the header's SCL. */
#include "board.h"
#include "stm32.h"
#include "stm32_usart.h"

#define RCC_APB2ENR      STM32_REG(0x40023844U)
#define APB2ENR_USART1EN (UINT32_C(1) << 4)

void board_init(void)
{
    stm32f4_clock_start();
    RCC_APB2ENR |= APB2ENR_USART1EN;
    stm32f4_pin_usart('B', 6);
    stm32_usart_start();
}

void stm32_receive_pin_start(void)
{
    stm32f4_pin_usart('B', 7);
    stm32f4_pin_pull_up('B', 7);
}

void board_leds_start(void)
{
    stm32f4_pin_output('A', 10);
}

void board_leds_write(uint32_t lit)
{
    stm32f4_pin_set('A', 10, lit != 0);
}

/* The board pulls it down. */
void board_buttons_start(void)
{
    stm32f4_pin_input('B', 11);
}

uint32_t board_buttons_read(void)
{
    return stm32f4_pin_read('B', 11);
}
