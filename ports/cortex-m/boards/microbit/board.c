/* micro:bit: the crystal, the console by way of the interface chip's USB, the middle light. */
#include "board.h"
#include "nrf51.h"

#define CLOCK_BASE UINT32_C(0x40000000)

#define CLOCK_HFCLKSTART   NRF51_REG(CLOCK_BASE, 0x000)
#define CLOCK_HFCLKSTARTED NRF51_REG(CLOCK_BASE, 0x100)

/* The crystal takes about 1 ms. Without it the chip goes on with its RC oscillator, some percent
 * off, so it is not worth waiting for ever. */
#define CRYSTAL_POLLS_MAX 20000U

/* The lights are a matrix; the middle one is in row 2, which drives it, and column 3, which is
 * its ground. */
#define LED_ROW    14U
#define LED_COLUMN 6U

static void start_crystal(void)
{
    CLOCK_HFCLKSTART = 1;
    for (unsigned i = 0; i < CRYSTAL_POLLS_MAX && CLOCK_HFCLKSTARTED == 0; i++) {
    }
}

void board_init(void)
{
    start_crystal();
    nrf51_uart_start();
    nrf51_pin_set(LED_COLUMN, false);
    nrf51_pin_output(LED_COLUMN);
    nrf51_pin_output(LED_ROW);
}

void board_led(bool on)
{
    nrf51_pin_set(LED_ROW, on);
}
