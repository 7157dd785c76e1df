/* What the Cortex-M port needs from a board. BOARD_CLOCK_HZ comes from its board.mk. */
#ifndef BOARD_H
#define BOARD_H

#include <stdbool.h>
#include <stdint.h>

/* Sets up clocks and the console. Before main(), after .data and .bss. A clock that does
 * not start, as in an emulator that has none, must not hang it. */
void board_init(void);

/* Writes one character to the console, waiting if need be. Any context. */
void board_putc(char c);

/* Lights and buttons, BOARD_LEDS and BOARD_BUTTONS of them; devices/leds.c and buttons.c start them
 * when an app asks for them. Bit n: light n is on, button n is down. */
void board_leds_start(void);
void board_leds_write(uint32_t lit);
void board_buttons_start(void);
uint32_t board_buttons_read(void);

/* The tick. systick.c does it for the boards that have a SysTick, nrf51_timer.c for those that do
 * not. */

/* Starts an interrupt every `cycles` processor cycles, at the kernel's least urgent priority. Its
 * handler calls kernel_tick(1). */
void board_tick_start(uint32_t cycles);

/* Processor cycles since the tick that the kernel counted last. Masked. */
uint32_t board_tick_elapsed(void);

#endif
