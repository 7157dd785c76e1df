/* A terminal: a display and a keyboard as one stream, which understands ANSI sequences.
 *
 * Text is UTF-8; what code page 437 does not have is drawn as a question mark. Of the sequences,
 * ESC [ is written CSI here:
 *
 *     \b \t \n \r            back, to the next column of eight, to the start of the next line, of
 *                            this one
 *     CSI n A B C D E F      the cursor up, down, right, left, to the start of a line below, above
 *     CSI r ; c H (or f)     the cursor to row r and column c, from 1
 *     CSI n G, CSI n d       to a column, to a row
 *     CSI n J, CSI n K       erases, of the display or of the line: 0 to the end, 1 from the start,
 *                            2 all
 *     CSI n @ P X            inserts, deletes, erases characters
 *     CSI n L M              inserts, deletes lines
 *     CSI n S T              scrolls up, down
 *     CSI t ; b r            scrolls only from row t to row b from now on
 *     ESC D E M              down, to the start of the next line, up; at the edge, scrolls
 *     CSI ... m              colours: 0, 1, 7, 22, 27, 30-37, 39, 40-47, 49, 90-97, 100-107, and
 *                            38 or 48 ; 5 ; n, or ; 2 ; r ; g ; b: the nearest there is
 *     CSI s u, ESC 7 8       keeps the cursor's place and the colours; goes back to them
 *     CSI ? 25 h l           shows the cursor, hides it
 *     CSI ? 7 h l            lines wrap, or do not
 *     CSI 6 n                asks for the cursor's place: CSI r ; c R comes
 *     CSI 18 t               asks for the size: CSI 8 ; r ; c t comes
 *     ESC c                  as in the beginning
 *
 * Others are left out. Keys come as a VT100 or an xterm sends them: CSI A for the cursor's key up,
 * CSI 1 ; 5 A with Ctrl, ESC before the character with Alt; but Enter is \n.
 */
#ifndef KILN_TERMINAL_H
#define KILN_TERMINAL_H

#include "kiln/stream.h"
#include "kiln/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct kiln_display;
struct kiln_keyboard;

#define KILN_TERMINAL_PARAMETERS 8

struct kiln_terminal_place {
    uint8_t column, row;
    uint8_t foreground, background; /* enum kiln_colour */
    bool is_bold, is_inverse;
    bool is_past_end; /* the last column is written: the next character begins a line */
};

/* The caller's memory. Read from `stream` and write to it; the other fields are the terminal's. */
struct kiln_terminal {
    struct kiln_stream stream;
    struct kiln_display *display;
    struct kiln_terminal_place now, kept;
    uint8_t top, bottom; /* rows that scroll */
    bool does_wrap;
    bool has_moved; /* many cells, in the write under way */
    uint8_t state;  /* of the sequence under way */
    char marker;    /* ? and its like; 0: none */
    uint8_t count;  /* parameters so far */
    uint16_t parameters[KILN_TERMINAL_PARAMETERS];
    uint8_t expected; /* bytes of a character that are still to come */
    uint32_t character;
};

/* Initialises a terminal on storage that the caller owns, and clears the display. What the keyboard
 * types goes to the stream from now on, whose buffer the caller owns too; all stay as long as the
 * terminal. `keyboard` may be NULL. Any context. Never blocks.
 * KILN_EINVAL: no terminal, display or buffer, a size outside 1 to 65535. */
int kiln_terminal_init(struct kiln_terminal *terminal, struct kiln_display *display,
                       struct kiln_keyboard *keyboard, void *buffer, size_t size);

#ifdef __cplusplus
}
#endif

#endif
