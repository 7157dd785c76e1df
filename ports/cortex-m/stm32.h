/* Cortex-M port: what the drivers of the STM32 boards share. */
#ifndef STM32_H
#define STM32_H

#include <stdbool.h>
#include <stdint.h>

#define STM32_REG(address) (*(volatile uint32_t *)(address))

/* Oscillators start within 2 ms or so. One that does not start, as in QEMU, which has no clock
 * control, leaves the chip on its internal oscillator instead of waiting for ever. */
#define STM32_CLOCK_POLLS_MAX 20000U

/* Waits until (*reg & mask) == value; false if that takes too long. */
static inline bool stm32_wait(const volatile uint32_t *reg, uint32_t mask, uint32_t value)
{
    for (unsigned i = 0; i < STM32_CLOCK_POLLS_MAX; i++) {
        if ((*reg & mask) == value) {
            return true;
        }
    }
    return false;
}

/* In stm32_usart.c, with board_putc(). Its clock is on, its pin connected. */
void stm32_usart_start(void);

/* In stm32f4.c: 168 MHz from a crystal of STM32_HSE_MHZ. */
void stm32f4_clock_start(void);

/* In stm32f4.c: what a pin is for. Switches on the port's clock. */
void stm32f4_pin_output(char port, unsigned pin);
void stm32f4_pin_usart(char port, unsigned pin);
void stm32f4_pin_pull_up(char port, unsigned pin);
void stm32f4_pin_input(char port, unsigned pin);
bool stm32f4_pin_read(char port, unsigned pin);
void stm32f4_pin_set(char port, unsigned pin, bool high);

#endif
