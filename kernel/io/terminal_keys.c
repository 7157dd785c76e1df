/* A terminal: what keys and answers look like to its reader. See kiln/terminal.h. */
#include "io/terminal.h"

#if KILN_CFG_STREAM && KILN_CFG_QUEUE

#define ESCAPE "\x1B"
#define CSI    "\x1B["

struct text {
    char bytes[20]; /* of the longest: two numbers of five digits, and what goes with them */
    unsigned length;
};

static void add(struct text *text, char c)
{
    text->bytes[text->length++] = c;
}

static void add_string(struct text *text, const char *string)
{
    for (; *string != '\0'; string++) {
        add(text, *string);
    }
}

static void add_number(struct text *text, unsigned number)
{
    unsigned divisor = 1;
    while (number / divisor >= 10) {
        divisor *= 10;
    }
    for (; divisor != 0; divisor /= 10) {
        add(text, (char)('0' + number / divisor % 10));
    }
}

static void send(struct kiln_terminal *terminal, const struct text *text)
{
    (void)kiln_stream_received(&terminal->stream, text->bytes, text->length);
}

void terminal_reply(struct kiln_terminal *terminal, const char *start, unsigned first,
                    unsigned second, char final)
{
    struct text text = {.length = 0};
    add_string(&text, start);
    add_number(&text, first);
    add(&text, ';');
    add_number(&text, second);
    add(&text, final);
    send(terminal, &text);
}

/* Keys that are sent as CSI and a letter, or as CSI, a number and ~. */
static const struct {
    uint8_t code;
    bool is_extended;
    char letter; /* or */
    uint8_t number;
} special_keys[] = {
    {KILN_KEY_UP, true, 'A', 1},       {KILN_KEY_DOWN, true, 'B', 1},
    {KILN_KEY_RIGHT, true, 'C', 1},    {KILN_KEY_LEFT, true, 'D', 1},
    {KILN_KEY_HOME, true, 'H', 1},     {KILN_KEY_END, true, 'F', 1},
    {KILN_KEY_INSERT, true, '~', 2},   {KILN_KEY_DELETE, true, '~', 3},
    {KILN_KEY_PAGE_UP, true, '~', 5},  {KILN_KEY_PAGE_DOWN, true, '~', 6},
    {KILN_KEY_F1, false, 'P', 1},      {KILN_KEY_F1 + 1, false, 'Q', 1},
    {KILN_KEY_F1 + 2, false, 'R', 1},  {KILN_KEY_F1 + 3, false, 'S', 1},
    {KILN_KEY_F1 + 4, false, '~', 15}, {KILN_KEY_F1 + 5, false, '~', 17},
    {KILN_KEY_F1 + 6, false, '~', 18}, {KILN_KEY_F1 + 7, false, '~', 19},
    {KILN_KEY_F1 + 8, false, '~', 20}, {KILN_KEY_F10, false, '~', 21},
    {KILN_KEY_F11, false, '~', 23},    {KILN_KEY_F12, false, '~', 24},
};

/* As xterm counts them; 1: none. */
static unsigned modifier_number(const struct kiln_key *key)
{
    return 1U + (key->modifiers & KILN_KEY_SHIFT ? 1U : 0U) +
           (key->modifiers & KILN_KEY_ALT ? 2U : 0U) + (key->modifiers & KILN_KEY_CTRL ? 4U : 0U);
}

/* F1 to F4 are the keys of a VT100 that come after ESC O. */
static void add_special(struct text *text, const struct kiln_key *key, char letter, unsigned number)
{
    unsigned modifiers = modifier_number(key);
    if (modifiers == 1 && letter >= 'P' && letter <= 'S') {
        add_string(text, ESCAPE "O");
    } else {
        add_string(text, CSI);
        if (modifiers != 1 || letter == '~') {
            add_number(text, number);
        }
        if (modifiers != 1) {
            add(text, ';');
            add_number(text, modifiers);
        }
    }
    add(text, letter);
}

static void add_key(struct text *text, const struct kiln_key *key)
{
    if (key->character == '\t' && (key->modifiers & KILN_KEY_SHIFT) != 0) {
        add_string(text, CSI "Z");
        return;
    }
    if (key->character != 0) {
        add_string(text, key->modifiers & KILN_KEY_ALT ? ESCAPE : "");
        add(text, key->character);
        return;
    }
    for (unsigned i = 0; i < sizeof(special_keys) / sizeof(special_keys[0]); i++) {
        if (special_keys[i].code == key->code && special_keys[i].is_extended == key->is_extended) {
            add_special(text, key, special_keys[i].letter, special_keys[i].number);
            return;
        }
    }
}

void terminal_typed(struct kiln_keyboard *keyboard, const struct kiln_key *key)
{
    struct text text = {.length = 0};
    if (!key->is_released) {
        add_key(&text, key);
        send((struct kiln_terminal *)keyboard->listener, &text);
    }
}

#endif
