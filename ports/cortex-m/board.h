/* What the Cortex-M port needs from a board. BOARD_CLOCK_HZ comes from its board.mk. */
#ifndef BOARD_H
#define BOARD_H

#include <stdbool.h>
#include <stdint.h>

/* Sets up clocks, the console and the light. Before main(), after .data and .bss. A clock that does
 * not start, as in an emulator that has none, must not hang it. */
void board_init(void);

/* Writes one character to the console, waiting if need be. Any context. */
void board_putc(char c);

/* Turns the board's light on or off, if it has one. */
void board_led(bool on);

/* The tick. systick.c does it for the boards that have a SysTick, nrf51_timer.c for those that do
 * not. */

/* Starts an interrupt every `cycles` processor cycles, at the kernel's least urgent priority. Its
 * handler calls kernel_tick(1). */
void board_tick_start(uint32_t cycles);

/* Processor cycles since the tick that the kernel counted last. Masked. */
uint32_t board_tick_elapsed(void);

#endif
