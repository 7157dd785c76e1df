/* Cortex-M port: what the nRF51's drivers share. "nRF51 Series Reference Manual". */
#ifndef NRF51_H
#define NRF51_H

#include <stdbool.h>
#include <stdint.h>

#define NRF51_REG(base, offset) (*(volatile uint32_t *)((base) + (offset)))

#define NRF51_GPIO_BASE UINT32_C(0x50000000)

static inline void nrf51_pin_set(unsigned pin, bool high)
{
    NRF51_REG(NRF51_GPIO_BASE, high ? 0x508U : 0x50CU) = UINT32_C(1) << pin; /* OUTSET, OUTCLR */
}

static inline void nrf51_pin_output(unsigned pin)
{
    NRF51_REG(NRF51_GPIO_BASE, 0x518U) = UINT32_C(1) << pin; /* DIRSET */
}

/* Connects the input; no pull. */
static inline void nrf51_pin_input(unsigned pin)
{
    NRF51_REG(NRF51_GPIO_BASE, 0x700U + 4 * pin) = 0; /* PIN_CNF */
}

static inline bool nrf51_pin_read(unsigned pin)
{
    return (NRF51_REG(NRF51_GPIO_BASE, 0x510U) >> pin & 1U) != 0; /* IN */
}

/* In nrf51_uart.c, with board_putc(). */
void nrf51_uart_start(void);

#endif
