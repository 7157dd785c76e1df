/* The line editor: see kiln/line.h. Editing changes the text and notes from where on the screen is
 * out of date; line_draw.c does the rest. */
#include "kiln/config.h"

#if KILN_CFG_SHELL

#include <string.h>

#include "io/line.h"

#define CTRL(letter) ((letter)-64)
#define ESCAPE       27
#define DELETE       127

enum escape {
    NO_ESCAPE,
    AFTER_ESCAPE, /* ESC */
    AFTER_SS3,    /* ESC O, then a letter */
    IN_SEQUENCE,  /* ESC [, then numbers */
    PAST_NUMBER,  /* ESC [ number ;: what follows is a modifier key, on which nothing depends */
};

int kiln_line_init(struct kiln_line *line, char *text, size_t size, char *history,
                   size_t history_size)
{
    if (line == NULL || text == NULL || size < 2 || size > UINT16_MAX ||
        history_size > UINT16_MAX || (history == NULL && history_size != 0)) {
        return KILN_EINVAL;
    }
    *line = (struct kiln_line){.text = text,
                               .size = (uint16_t)size,
                               .history = history,
                               .history_size = (uint16_t)history_size};
    kiln_line_start(line, "");
    return KILN_OK;
}

/* ---- What is out of date -------------------------------------------------------------------- */

static void note_change(struct kiln_line *line, unsigned from)
{
    if ((line->pending & K_LINE_TEXT) == 0 || from < line->dirty) {
        line->dirty = (uint16_t)from;
    }
    line->pending = (uint8_t)((line->pending | K_LINE_TEXT) & ~(unsigned)K_LINE_TEXT_BEGUN);
}

void kiln_line_redraw(struct kiln_line *line)
{
    line->prompt_left = (uint16_t)strlen(line->prompt);
    line->shown_cursor = 0;
    line->shown_length = line->size; /* erase whatever is there */
    note_change(line, 0);
}

void kiln_line_bell(struct kiln_line *line)
{
    line->pending |= K_LINE_BELL;
}

void kiln_line_start(struct kiln_line *line, const char *prompt)
{
    line->prompt = prompt;
    line->text[0] = '\0';
    line->length = 0;
    line->cursor = 0;
    line->is_too_long = false;
    line->history_at = line->history_used;
    line->pending = 0;
    kiln_line_redraw(line);
}

/* ---- Editing -------------------------------------------------------------------------------- */

static void set_cursor(struct kiln_line *line, unsigned cursor)
{
    line->cursor = (uint16_t)cursor;
}

/* Removes characters from `from` to before `to`, and puts the cursor there. */
static void erase(struct kiln_line *line, unsigned from, unsigned to)
{
    if (from == to) {
        return;
    }
    memmove(line->text + from, line->text + to, line->length - to + 1U);
    line->is_too_long = false;
    line->length = (uint16_t)(line->length - (to - from));
    set_cursor(line, from);
    note_change(line, from);
}

static bool is_typed(char c)
{
    return c >= ' ' && c < DELETE;
}

static void insert(struct kiln_line *line, char c)
{
    if (!is_typed(c) || line->length + 1U == line->size) {
        line->is_too_long = line->is_too_long || is_typed(c);
        kiln_line_bell(line);
        return;
    }
    char *at = line->text + line->cursor;
    memmove(at + 1, at, line->length - line->cursor + 1U);
    *at = c;
    note_change(line, line->cursor);
    line->length++;
    line->cursor++;
}

void kiln_line_insert(struct kiln_line *line, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        insert(line, text[i]);
    }
}

static void replace(struct kiln_line *line, const char *text)
{
    erase(line, 0, line->length);
    kiln_line_insert(line, text, strlen(text));
}

/* Where the word before the cursor begins, and spaces behind it. */
static unsigned word_start(const struct kiln_line *line)
{
    unsigned at = line->cursor;
    while (at > 0 && line->text[at - 1] == ' ') {
        at--;
    }
    while (at > 0 && line->text[at - 1] != ' ') {
        at--;
    }
    return at;
}

/* ---- History: the oldest goes when there is no room ----------------------------------------- */

static void forget_oldest(struct kiln_line *line)
{
    unsigned bytes = (unsigned)strlen(line->history) + 1U;
    line->history_used = (uint16_t)(line->history_used - bytes);
    memmove(line->history, line->history + bytes, line->history_used);
}

/* Appends the line that is being written; false when it can never fit. */
static bool remember(struct kiln_line *line)
{
    unsigned bytes = line->length + 1U;
    if (bytes > line->history_size) {
        return false;
    }
    while (line->history_used + bytes > line->history_size) {
        forget_oldest(line);
    }
    memcpy(line->history + line->history_used, line->text, bytes);
    line->history_used = (uint16_t)(line->history_used + bytes);
    return true;
}

/* Where the line begins that ends before `end`, which is not 0. */
static unsigned line_before(const struct kiln_line *line, unsigned end)
{
    unsigned at = end - 1U;
    while (at > 0 && line->history[at - 1] != '\0') {
        at--;
    }
    return at;
}

static void recall(struct kiln_line *line, unsigned at)
{
    line->history_at = (uint16_t)at;
    replace(line, line->history + at);
}

static void drop_draft(struct kiln_line *line)
{
    if (line->has_draft) {
        line->history_used = (uint16_t)line_before(line, line->history_used);
        line->has_draft = false;
    }
    line->history_at = line->history_used;
}

/* What is being written becomes the last line of the history for the time being. False when there
 * is no line before it. */
static bool keep_draft(struct kiln_line *line)
{
    if (line->has_draft) {
        return true;
    }
    if (line->history_used == 0 || !remember(line)) {
        return false;
    }
    line->has_draft = true;
    line->history_at = (uint16_t)line_before(line, line->history_used);
    if (line->history_at == 0) { /* it took the place of all others */
        drop_draft(line);
    }
    return line->has_draft;
}

static void recall_older(struct kiln_line *line)
{
    if (keep_draft(line) && line->history_at != 0) {
        recall(line, line_before(line, line->history_at));
    } else {
        kiln_line_bell(line);
    }
}

static void recall_newer(struct kiln_line *line)
{
    if (!line->has_draft) {
        kiln_line_bell(line);
        return;
    }
    recall(line, line->history_at + (unsigned)strlen(line->history + line->history_at) + 1U);
    if (line_before(line, line->history_used) == line->history_at) {
        drop_draft(line);
    }
}

static bool is_like_last(const struct kiln_line *line)
{
    if (line->history_used == 0) {
        return false;
    }
    unsigned last = line_before(line, line->history_used);
    return line->history_used - last == line->length + 1U &&
           memcmp(line->text, line->history + last, line->length) == 0;
}

/* ---- Keys ----------------------------------------------------------------------------------- */

static enum kiln_line_event end_line(struct kiln_line *line, enum kiln_line_event event)
{
    drop_draft(line);
    if (event == KILN_LINE_ENTERED && line->length != 0 && !is_like_last(line)) {
        (void)remember(line);
    }
    line->pending |= K_LINE_NEW_ROW;
    return event;
}

static void move_cursor(struct kiln_line *line, int by)
{
    if (by < 0 ? line->cursor == 0 : line->cursor == line->length) {
        kiln_line_bell(line);
    } else {
        set_cursor(line, (unsigned)(line->cursor + by));
    }
}

static void erase_before(struct kiln_line *line)
{
    if (line->cursor == 0) {
        kiln_line_bell(line);
    } else {
        erase(line, line->cursor - 1U, line->cursor);
    }
}

static void erase_at(struct kiln_line *line)
{
    if (line->cursor == line->length) {
        kiln_line_bell(line);
    } else {
        erase(line, line->cursor, line->cursor + 1U);
    }
}

static void clear_screen(struct kiln_line *line)
{
    kiln_line_redraw(line);
    line->pending |= K_LINE_CLEAR;
}

/* Control characters that move the cursor, or go to another line; false for another. */
static bool move(struct kiln_line *line, uint8_t byte)
{
    switch (byte) {
    case CTRL('A'):
        set_cursor(line, 0);
        return true;
    case CTRL('E'):
        set_cursor(line, line->length);
        return true;
    case CTRL('B'):
        move_cursor(line, -1);
        return true;
    case CTRL('F'):
        move_cursor(line, 1);
        return true;
    case CTRL('P'):
        recall_older(line);
        return true;
    case CTRL('N'):
        recall_newer(line);
        return true;
    default:
        return false;
    }
}

/* Those, and control characters that erase; false for another. */
static bool edit(struct kiln_line *line, uint8_t byte)
{
    switch (byte) {
    case CTRL('H'):
    case DELETE:
        erase_before(line);
        return true;
    case CTRL('D'):
        erase_at(line);
        return true;
    case CTRL('K'):
        erase(line, line->cursor, line->length);
        return true;
    case CTRL('U'):
        erase(line, 0, line->cursor);
        return true;
    case CTRL('W'):
        erase(line, word_start(line), line->cursor);
        return true;
    case CTRL('L'):
        clear_screen(line);
        return true;
    default:
        return move(line, byte);
    }
}

static enum kiln_line_event feed_plain(struct kiln_line *line, uint8_t byte)
{
    switch (byte) {
    case '\r':
    case '\n':
        return end_line(line, line->is_too_long ? KILN_LINE_TOO_LONG : KILN_LINE_ENTERED);
    case CTRL('C'):
        return end_line(line, KILN_LINE_CANCELLED);
    case '\t':
        return KILN_LINE_COMPLETE;
    case ESCAPE:
        line->escape = AFTER_ESCAPE;
        return KILN_LINE_NONE;
    default:
        break;
    }
    if (byte == CTRL('D') && line->length == 0) {
        return end_line(line, KILN_LINE_CLOSED);
    }
    if (!edit(line, byte)) {
        insert(line, (char)byte);
    }
    return KILN_LINE_NONE;
}

/* The control character that does the same as a sequence; 0: none does. */
static uint8_t meaning_of(uint8_t final, uint8_t parameter)
{
    static const struct {
        uint8_t final, parameter, control;
    } keys[] = {
        {'A', 0, CTRL('P')}, {'B', 0, CTRL('N')}, {'C', 0, CTRL('F')}, {'D', 0, CTRL('B')},
        {'H', 0, CTRL('A')}, {'F', 0, CTRL('E')}, {'~', 1, CTRL('A')}, {'~', 7, CTRL('A')},
        {'~', 4, CTRL('E')}, {'~', 8, CTRL('E')}, {'~', 3, 4},
    };
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (keys[i].final == final && (final != '~' || keys[i].parameter == parameter)) {
            return keys[i].control;
        }
    }
    return 0;
}

static void end_sequence(struct kiln_line *line, uint8_t final)
{
    uint8_t control = meaning_of(final, line->parameter);
    line->escape = NO_ESCAPE;
    if (control != 0) {
        (void)edit(line, control);
    }
}

static void add_digit(struct kiln_line *line, uint8_t digit)
{
    unsigned number = line->parameter * 10U + digit - '0';
    line->parameter = (uint8_t)(number > UINT8_MAX ? UINT8_MAX : number);
}

/* A byte behind ESC that is no control character. */
static void feed_escape(struct kiln_line *line, uint8_t byte)
{
    if (line->escape == AFTER_ESCAPE) {
        line->parameter = 0;
        line->escape = byte == '[' ? IN_SEQUENCE : byte == 'O' ? AFTER_SS3 : NO_ESCAPE;
    } else if (line->escape == AFTER_SS3) {
        end_sequence(line, byte);
    } else if (byte >= '0' && byte <= '9' && line->escape == IN_SEQUENCE) {
        add_digit(line, byte);
    } else if (byte == ';') {
        line->escape = PAST_NUMBER;
    } else if (byte >= '@') {
        end_sequence(line, byte);
    }
}

enum kiln_line_event kiln_line_feed(struct kiln_line *line, uint8_t byte)
{
    bool belongs_to_return = byte == '\n' && line->after_return;
    line->after_return = byte == '\r';
    if (belongs_to_return) {
        return KILN_LINE_NONE;
    }
    if (line->escape != NO_ESCAPE && byte >= ' ') {
        feed_escape(line, byte);
        return KILN_LINE_NONE;
    }
    line->escape = NO_ESCAPE;
    return feed_plain(line, byte);
}

#endif
