/* A line editor: bytes with ANSI sequences in, bytes with ANSI sequences out.
 *
 * It is a state machine and no more: it waits for nothing and writes nothing by itself, so that a
 * task or one of many on an executor can drive it:
 *
 *     kiln_line_start(&line, "> ");
 *     for (;;) {
 *         while ((count = kiln_line_draw(&line, bytes, sizeof(bytes))) != 0) { write them }
 *         event = kiln_line_feed(&line, the next byte);
 *         ...
 *     }
 *
 * Keys: arrows, Home, End, Delete, Backspace; Ctrl-A and -E to the ends, -B and -F one back and
 * forth, -K, -U and -W erase to the end, to the start, and the word before; up and down (Ctrl-P and
 * -N) go through the history; Ctrl-L clears the screen. Prompt and line have to fit into a row of
 * the screen, so lines are short. Only ASCII can be typed.
 *
 * An editor belongs to one caller at a time; it knows nothing of tasks. No call blocks.
 */
#ifndef KILN_LINE_H
#define KILN_LINE_H

#include "kiln/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a byte has brought about. */
enum kiln_line_event {
    KILN_LINE_NONE,
    KILN_LINE_ENTERED,   /* Enter: `text` is the line; kiln_line_start() begins the next */
    KILN_LINE_TOO_LONG,  /* Enter, but not all that was typed found room: nobody wants a part */
    KILN_LINE_CANCELLED, /* Ctrl-C: likewise */
    KILN_LINE_CLOSED,    /* Ctrl-D on an empty line: likewise, it is the last */
    KILN_LINE_COMPLETE,  /* Tab: kiln_line_insert() may add to the word before the cursor */
};

struct kiln_line {
    char *text; /* with a closing zero, always; the caller's memory */
    uint16_t size;
    uint16_t length, cursor;
    bool is_too_long; /* something found no room, and nothing was erased since */

    /* Lines that were entered, oldest first, each with its closing zero; the caller's memory. */
    char *history;
    uint16_t history_size, history_used;
    uint16_t history_at; /* where the recalled one begins; history_used: none is */
    bool has_draft;      /* the last one is the line that was being written before */

    /* What is still to be drawn, and what the screen shows. */
    const char *prompt;
    uint16_t prompt_left; /* characters of it that are still to be drawn */
    uint16_t dirty;       /* from here on the text on the screen differs, if it does */
    uint16_t shown_length, shown_cursor;
    uint8_t pending; /* what else: see kernel/io/line.h */

    /* Input. */
    uint8_t escape;    /* how far into a sequence: see line.c */
    uint8_t parameter; /* the sequence's first number */
    bool after_return; /* the last byte was CR: an LF that follows belongs to it */
};

/* Prepares an editor for lines of up to size - 1 characters, with a history of history_size bytes
 * (0: none).
 * KILN_EINVAL: no editor or text, a size outside 2 to 65535, a history without memory or with more
 * than 65535 bytes. */
int kiln_line_init(struct kiln_line *line, char *text, size_t size, char *history,
                   size_t history_size);

/* Begins an empty line behind a prompt, which the caller keeps. What the last line left to be drawn
 * is forgotten. */
void kiln_line_start(struct kiln_line *line, const char *prompt);

/* Takes one byte of input. */
enum kiln_line_event kiln_line_feed(struct kiln_line *line, uint8_t byte);

/* Least `size` of kiln_line_draw(). */
#define KILN_LINE_DRAW_MIN 16

/* Puts what is to be written to the terminal next into `bytes`, and returns how much it is: 0 when
 * the screen is up to date. */
size_t kiln_line_draw(struct kiln_line *line, char *bytes, size_t size);

/* Inserts text at the cursor, as far as there is room; without room for all of it, Enter ends the
 * line as KILN_LINE_TOO_LONG unless something is erased before. What cannot be typed is left out.
 */
void kiln_line_insert(struct kiln_line *line, const char *text, size_t length);

/* Something else has been written and the cursor is at the start of a row: draws prompt and line
 * anew. */
void kiln_line_redraw(struct kiln_line *line);

/* Rings the terminal's bell. */
void kiln_line_bell(struct kiln_line *line);

#ifdef __cplusplus
}
#endif

#endif
