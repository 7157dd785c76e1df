/* The devices of the board that an app runs on: a real one, or the simulated one on the host.
 *
 * Each function starts its device the first time, and returns NULL when the board has none. Before
 * the start, or from a task. A device that an app never asks for is not in its image.
 */
#ifndef KILN_BOARD_H
#define KILN_BOARD_H

#include "kiln/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct kiln_stream;
struct kiln_display;
struct kiln_keyboard;
struct kiln_leds;
struct kiln_buttons;
struct kiln_gauge;
struct kiln_block;
struct kiln_clock;

/* The console as a stream: the board's UART; on the host the terminal, or what --uart says.
 * kiln_printf() writes to the same device, at once and without the stream's buffer. */
struct kiln_stream *kiln_board_console(void);

/* What a person sits in front of: the display and the keyboard as one stream, which understands
 * ANSI sequences; the console, where there is neither. */
struct kiln_stream *kiln_board_terminal(void);

struct kiln_display *kiln_board_display(void);
struct kiln_keyboard *kiln_board_keyboard(void);
struct kiln_leds *kiln_board_leds(void);
struct kiln_buttons *kiln_board_buttons(void);
struct kiln_gauge *kiln_board_gauge(void);
struct kiln_block *kiln_board_storage(void);
struct kiln_clock *kiln_board_clock(void);

#ifdef __cplusplus
}
#endif

#endif
