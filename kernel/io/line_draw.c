/* Brings the screen up to date with the line editor: in small steps, each of which fits into
 * KILN_LINE_DRAW_MIN bytes, so it needs no buffer of its own and can stop after any of them. */
#include "kiln/config.h"

#if KILN_CFG_SHELL

#include <string.h>

#include "io/line.h"

struct output {
    char *bytes;
    size_t size, length;
};

static void put(struct output *out, const char *text)
{
    size_t length = strlen(text);
    memcpy(out->bytes + out->length, text, length);
    out->length += length;
}

static void put_number(struct output *out, unsigned number)
{
    char digits[6];
    unsigned count = sizeof(digits);
    digits[--count] = '\0';
    do {
        digits[--count] = (char)('0' + number % 10U);
        number /= 10U;
    } while (number != 0);
    put(out, digits + count);
}

static void put_motion(struct kiln_line *line, struct output *out, unsigned to)
{
    unsigned from = line->shown_cursor;
    if (from != to) {
        put(out, "\033[");
        put_number(out, from > to ? from - to : to - from);
        put(out, from > to ? "D" : "C");
    }
    line->shown_cursor = (uint16_t)to;
}

static void put_char(struct output *out, char c)
{
    out->bytes[out->length++] = c;
}

/* The next character of the text; behind the last, what erases the rest of what was there. */
static void draw_text(struct kiln_line *line, struct output *out)
{
    if ((line->pending & K_LINE_TEXT_BEGUN) == 0) {
        line->pending |= K_LINE_TEXT_BEGUN;
        put_motion(line, out, line->dirty);
    } else if (line->dirty < line->length) {
        put_char(out, line->text[line->dirty++]);
        line->shown_cursor++;
        line->shown_length = line->dirty > line->shown_length ? line->dirty : line->shown_length;
    } else {
        put(out, line->shown_length > line->length ? "\033[K" : "");
        line->shown_length = line->length;
        line->pending &= (uint8_t) ~(unsigned)(K_LINE_TEXT | K_LINE_TEXT_BEGUN);
    }
}

static void draw_once(struct kiln_line *line, struct output *out, unsigned what, const char *text)
{
    line->pending &= (uint8_t)~what;
    put(out, text);
}

/* Does one step; false when there is none left. */
static bool draw_step(struct kiln_line *line, struct output *out)
{
    if (line->pending & K_LINE_BELL) {
        draw_once(line, out, K_LINE_BELL, "\a");
    } else if (line->pending & K_LINE_CLEAR) {
        draw_once(line, out, K_LINE_CLEAR, "\033[H\033[2J");
    } else if (line->prompt_left != 0) {
        put_char(out, line->prompt[strlen(line->prompt) - line->prompt_left--]);
    } else if (line->pending & K_LINE_TEXT) {
        draw_text(line, out);
    } else if (line->shown_cursor != line->cursor) {
        put_motion(line, out, line->cursor);
    } else if (line->pending & K_LINE_NEW_ROW) {
        draw_once(line, out, K_LINE_NEW_ROW, "\r\n");
    } else {
        return false;
    }
    return true;
}

size_t kiln_line_draw(struct kiln_line *line, char *bytes, size_t size)
{
    struct output out = {.bytes = bytes, .size = size, .length = 0};
    while (out.length + KILN_LINE_DRAW_MIN <= size && draw_step(line, &out)) {
    }
    return out.length;
}

#endif
