/* Inside the terminal: what its files share. */
#ifndef TERMINAL_H
#define TERMINAL_H

#include "kiln/display.h"
#include "kiln/keyboard.h"
#include "kiln/terminal.h"

/* ---- The screen (terminal_screen.c): what sequences do to cells. Masked. ------------------- */

void terminal_reset(struct kiln_terminal *terminal);

/* Draws a character of code page 437 at the cursor and moves on. */
void terminal_put(struct kiln_terminal *terminal, uint8_t character);

/* One of the control characters; others than those of terminal.h do nothing. */
void terminal_control(struct kiln_terminal *terminal, uint8_t character);

/* Down or up by a row; at the edge of what scrolls, scrolls. */
void terminal_down(struct kiln_terminal *terminal);
void terminal_up(struct kiln_terminal *terminal);

/* A sequence CSI ... `final`, with the parameters in the terminal. */
void terminal_sequence(struct kiln_terminal *terminal, char final);

/* CSI ... m. */
void terminal_colours(struct kiln_terminal *terminal);

/* ---- Keys (terminal_keys.c) ------------------------------------------------------------------ */

void terminal_typed(struct kiln_keyboard *keyboard, const struct kiln_key *key);

/* Writes numbers and a letter as a sequence, CSI n ; n c, to what is read from the terminal. */
void terminal_reply(struct kiln_terminal *terminal, const char *start, unsigned first,
                    unsigned second, char final);

#endif
