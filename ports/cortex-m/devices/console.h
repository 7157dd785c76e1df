/* Cortex-M port: the board's UART as a stream, by interrupts. console.c has the stream; a file for
 * each kind of UART, which BOARD_DEVICES names, has the rest. */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "kiln/stream.h"

#if KILN_CFG_STREAM

/* What the UART has received goes into it. */
extern struct kiln_stream board_console;

/* Supplied for the UART: the stream driver's `write`; and what starts the receiver and enables the
 * interrupts. The UART has been set up for writing, by board_init(). What board_console_write()
 * does not take comes by kiln_stream_ready(): see kiln_stream_is_console(). */
size_t board_console_write(struct kiln_stream *stream, const uint8_t *bytes, size_t size);
void board_console_start(void);

#endif
#endif
