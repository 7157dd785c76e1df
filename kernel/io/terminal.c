/* A terminal: bytes to characters and sequences. See kiln/terminal.h.
 *
 * The stream calls with interrupts masked, so a call takes few bytes: up to the first that moves
 * many cells. It takes one at least, so no writer ever waits.
 */
#include "io/terminal.h"

#if KILN_CFG_STREAM && KILN_CFG_QUEUE

enum state {
    TEXT,
    ESCAPE,   /* after ESC */
    SKIP,     /* a byte of a sequence without meaning */
    SEQUENCE, /* after CSI */
    UNKNOWN,  /* the same, but it has a byte that none of ours has */
    STRING,   /* of any length, without meaning: up to BEL or ESC */
};

#define ESC 0x1B
#define BEL 0x07
#define CAN 0x18
#define SUB 0x1A

#define PARAMETER_MAX 9999U

/* ---- Characters ---------------------------------------------------------------------------- */

/* Code page 437 from 1 to 31, and from 127 on. */
static const uint16_t low_characters[] = {
    0x263A, 0x263B, 0x2665, 0x2666, 0x2663, 0x2660, 0x2022, 0x25D8, 0x25CB, 0x25D9, 0x2642,
    0x2640, 0x266A, 0x266B, 0x263C, 0x25BA, 0x25C4, 0x2195, 0x203C, 0x00B6, 0x00A7, 0x25AC,
    0x21A8, 0x2191, 0x2193, 0x2192, 0x2190, 0x221F, 0x2194, 0x25B2, 0x25BC};
static const uint16_t high_characters[] = {
    0x2302, 0x00C7, 0x00FC, 0x00E9, 0x00E2, 0x00E4, 0x00E0, 0x00E5, 0x00E7, 0x00EA, 0x00EB, 0x00E8,
    0x00EF, 0x00EE, 0x00EC, 0x00C4, 0x00C5, 0x00C9, 0x00E6, 0x00C6, 0x00F4, 0x00F6, 0x00F2, 0x00FB,
    0x00F9, 0x00FF, 0x00D6, 0x00DC, 0x00A2, 0x00A3, 0x00A5, 0x20A7, 0x0192, 0x00E1, 0x00ED, 0x00F3,
    0x00FA, 0x00F1, 0x00D1, 0x00AA, 0x00BA, 0x00BF, 0x2310, 0x00AC, 0x00BD, 0x00BC, 0x00A1, 0x00AB,
    0x00BB, 0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551,
    0x2557, 0x255D, 0x255C, 0x255B, 0x2510, 0x2514, 0x2534, 0x252C, 0x251C, 0x2500, 0x253C, 0x255E,
    0x255F, 0x255A, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256C, 0x2567, 0x2568, 0x2564, 0x2565,
    0x2559, 0x2558, 0x2552, 0x2553, 0x256B, 0x256A, 0x2518, 0x250C, 0x2588, 0x2584, 0x258C, 0x2590,
    0x2580, 0x03B1, 0x00DF, 0x0393, 0x03C0, 0x03A3, 0x03C3, 0x00B5, 0x03C4, 0x03A6, 0x0398, 0x03A9,
    0x03B4, 0x221E, 0x03C6, 0x03B5, 0x2229, 0x2261, 0x00B1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00F7,
    0x2248, 0x00B0, 0x2219, 0x00B7, 0x221A, 0x207F, 0x00B2, 0x25A0, 0x00A0};
_Static_assert(sizeof(low_characters) / 2 == 31 && sizeof(high_characters) / 2 == 129,
               "all of code page 437 but ASCII");

/* The place of a character in a table, 0 when it has none. */
static unsigned find(const uint16_t *table, unsigned count, uint32_t character, unsigned first)
{
    for (unsigned i = 0; i < count; i++) {
        if (table[i] == character) {
            return first + i;
        }
    }
    return 0;
}

static void put_character(struct kiln_terminal *terminal, uint32_t character)
{
    unsigned code = find(high_characters, 129, character, 127);
    code = code != 0 ? code : find(low_characters, 31, character, 1);
    terminal_put(terminal, code != 0 ? (uint8_t)code : '?');
}

/* The first byte of a character of UTF-8 says how many follow. */
static void begin_character(struct kiln_terminal *terminal, uint8_t byte)
{
    if (byte >= 0xC0 && byte < 0xF8) {
        terminal->expected = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
        terminal->character = byte & (0x3FU >> terminal->expected);
    } else {
        terminal_put(terminal, '?');
    }
}

/* A byte above 127. */
static void take_part(struct kiln_terminal *terminal, uint8_t byte)
{
    if (terminal->expected == 0) {
        begin_character(terminal, byte);
    } else if ((byte & 0xC0) == 0x80) {
        terminal->character = terminal->character << 6 | (byte & 0x3F);
        if (--terminal->expected == 0) {
            put_character(terminal, terminal->character);
        }
    } else {
        terminal_put(terminal, '?'); /* the one before broke off */
        begin_character(terminal, byte);
    }
}

static void take_text(struct kiln_terminal *terminal, uint8_t byte)
{
    if (byte >= 0x80) {
        take_part(terminal, byte);
        return;
    }
    if (terminal->expected != 0) {
        terminal->expected = 0;
        terminal_put(terminal, '?');
    }
    if (byte < ' ') {
        terminal_control(terminal, byte);
    } else if (byte != 0x7F) {
        terminal_put(terminal, byte);
    }
}

/* ---- Sequences ----------------------------------------------------------------------------- */

static void begin_sequence(struct kiln_terminal *terminal)
{
    terminal->state = SEQUENCE;
    terminal->marker = 0;
    terminal->count = 0;
    for (unsigned i = 0; i < KILN_TERMINAL_PARAMETERS; i++) {
        terminal->parameters[i] = 0;
    }
}

static void take_escape(struct kiln_terminal *terminal, uint8_t byte)
{
    terminal->state = byte >= ' ' && byte < '0' ? SKIP : TEXT;
    switch (byte) {
    case '[':
        begin_sequence(terminal);
        break;
    case ']':
    case 'P':
    case 'X':
    case '^':
    case '_':
        terminal->state = STRING;
        break;
    case '7':
        terminal->kept = terminal->now;
        break;
    case '8':
        terminal->now = terminal->kept;
        break;
    case 'D':
        terminal_down(terminal);
        break;
    case 'E':
        terminal_control(terminal, '\n');
        break;
    case 'M':
        terminal_up(terminal);
        break;
    case 'c':
        terminal_reset(terminal);
        break;
    default:
        break;
    }
}

/* Parameters beyond the last that there is room for are left out. */
static void take_digit(struct kiln_terminal *terminal, unsigned digit)
{
    if (terminal->count < KILN_TERMINAL_PARAMETERS) {
        uint16_t *parameter = &terminal->parameters[terminal->count];
        unsigned value = *parameter * 10U + digit;
        *parameter = (uint16_t)(value < PARAMETER_MAX ? value : PARAMETER_MAX);
    }
}

static void end_sequence(struct kiln_terminal *terminal, uint8_t byte)
{
    bool is_known = terminal->state == SEQUENCE;
    terminal->state = TEXT;
    if (terminal->count < KILN_TERMINAL_PARAMETERS) {
        terminal->count++;
    }
    if (is_known && byte < 0x7F) {
        terminal_sequence(terminal, (char)byte);
    }
}

static void take_sequence(struct kiln_terminal *terminal, uint8_t byte)
{
    if (byte >= '0' && byte <= '9') {
        take_digit(terminal, byte - (unsigned)'0');
    } else if (byte == ';' || byte == ':') {
        terminal->count = (uint8_t)(terminal->count + (terminal->count < KILN_TERMINAL_PARAMETERS));
    } else if (byte >= '<' && byte <= '?') {
        terminal->marker = (char)byte;
    } else if (byte >= ' ' && byte < '0') {
        terminal->state = UNKNOWN;
    } else if (byte >= '@') {
        end_sequence(terminal, byte);
    } else {
        terminal_control(terminal, byte);
    }
}

static void take_string(struct kiln_terminal *terminal, uint8_t byte)
{
    terminal->state = byte == BEL ? TEXT : STRING;
}

static void take(struct kiln_terminal *terminal, uint8_t byte)
{
    if (byte == ESC) {
        terminal->expected = 0;
        terminal->state = ESCAPE;
    } else if (byte == CAN || byte == SUB) {
        terminal->state = TEXT;
    } else if (terminal->state == TEXT) {
        take_text(terminal, byte);
    } else if (terminal->state == ESCAPE) {
        take_escape(terminal, byte);
    } else if (terminal->state == SKIP) {
        terminal->state = TEXT;
    } else if (terminal->state == STRING) {
        take_string(terminal, byte);
    } else {
        take_sequence(terminal, byte);
    }
}

static size_t write(struct kiln_stream *stream, const uint8_t *bytes, size_t size)
{
    struct kiln_terminal *terminal = (struct kiln_terminal *)stream->device;
    size_t done = 0;
    for (terminal->has_moved = false; done < size && !terminal->has_moved; done++) {
        take(terminal, bytes[done]);
    }
    terminal->display->cursor_column = terminal->now.column;
    terminal->display->cursor_row = terminal->now.row;
    return done;
}

static const struct kiln_stream_driver driver = {.write = write};

int kiln_terminal_init(struct kiln_terminal *terminal, struct kiln_display *display,
                       struct kiln_keyboard *keyboard, void *buffer, size_t size)
{
    if (terminal == NULL || display == NULL) {
        return KILN_EINVAL;
    }
    int result = kiln_stream_init(&terminal->stream, buffer, size, &driver, terminal);
    if (result != KILN_OK) {
        return result;
    }
    kiln_set_name(&terminal->stream, "terminal");
    terminal->display = display;
    terminal_reset(terminal);
    if (keyboard != NULL) {
        keyboard->listener = terminal;
        keyboard->typed = terminal_typed;
    }
    return KILN_OK;
}

#endif
