/* micro:bit: the crystal, the console by way of the interface chip's USB, a line of
 * the lights, the buttons. */
#include "board.h"
#include "nrf51.h"

#define CLOCK_BASE UINT32_C(0x40000000)

#define CLOCK_HFCLKSTART   NRF51_REG(CLOCK_BASE, 0x000)
#define CLOCK_HFCLKSTARTED NRF51_REG(CLOCK_BASE, 0x100)

/* The crystal takes about 1 ms. Without it the chip goes on with its RC oscillator, some percent
 * off, so it is not worth waiting for ever. */
#define CRYSTAL_POLLS_MAX 20000U

/* The lights are a matrix of three rows, each of which drives nine of them, and nine columns, which
 * are their grounds. Row 3 with columns 4 to 8 is the second line of what one sees, from the left.
 */
#define LED_ROW          15U
#define LED_FIRST_COLUMN 7U

/* Closed to ground; the board pulls them up. */
static const uint8_t button_pins[BOARD_BUTTONS] = {17, 26};

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
}

void board_leds_start(void)
{
    for (unsigned led = 0; led < BOARD_LEDS; led++) {
        nrf51_pin_set(LED_FIRST_COLUMN + led, true);
        nrf51_pin_output(LED_FIRST_COLUMN + led);
    }
    nrf51_pin_set(LED_ROW, true);
    nrf51_pin_output(LED_ROW);
}

void board_leds_write(uint32_t lit)
{
    for (unsigned led = 0; led < BOARD_LEDS; led++) {
        nrf51_pin_set(LED_FIRST_COLUMN + led, (lit >> led & 1U) == 0);
    }
}

void board_buttons_start(void)
{
    for (unsigned button = 0; button < BOARD_BUTTONS; button++) {
        nrf51_pin_input(button_pins[button]);
    }
}

uint32_t board_buttons_read(void)
{
    uint32_t down = 0;
    for (unsigned button = 0; button < BOARD_BUTTONS; button++) {
        down |= (uint32_t)!nrf51_pin_read(button_pins[button]) << button;
    }
    return down;
}
