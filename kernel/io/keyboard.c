/* Keys out of scan codes: see kiln/keyboard.h.
 *
 * Set 1: a key sends its code when it goes down, again and again while it is held, and the code
 * with the top bit set when it goes up. Keys that the first PC did not have send 0xE0 first. The
 * Pause key sends 0xE1 and two codes; some others pretend that Shift goes down or up, after 0xE0.
 */
#include "kiln/keyboard.h"
#include "kiln/async.h"

#if KILN_CFG_QUEUE

#define CODE_RELEASED 0x80U
#define PREFIX        0xE0U
#define PREFIX_PAUSE  0xE1U
#define CODE_CAPS     0x3AU
#define CODE_SLASH    0x35U

/* By code, from 1 on. 0: types nothing. */
static const char plain[] = "\x1B"
                            "1234567890-=\b\tqwertyuiop[]\n\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 \0\0\0"
                            "\0\0\0\0\0\0\0\0\0\0"
                            "789-456+1230.\0\0\\";
static const char shifted[] =
    "\x1B"
    "!@#$%^&*()_+\b\tQWERTYUIOP{}\n\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 \0\0\0"
    "\0\0\0\0\0\0\0\0\0\0"
    "789-456+1230.\0\0|";
_Static_assert(sizeof(plain) == 0x57 && sizeof(shifted) == sizeof(plain), "codes 0x01 to 0x56");

/* Keys that modify others, as bits of kiln_keyboard.down. */
static const struct {
    uint8_t code;
    bool is_extended;
    uint8_t modifier;
} modifier_keys[] = {
    {0x2A, false, KILN_KEY_SHIFT}, {0x36, false, KILN_KEY_SHIFT}, {0x1D, false, KILN_KEY_CTRL},
    {0x1D, true, KILN_KEY_CTRL},   {0x38, false, KILN_KEY_ALT},   {0x38, true, KILN_KEY_ALT},
};
#define MODIFIER_KEYS (sizeof(modifier_keys) / sizeof(modifier_keys[0]))
#define DOWN_CAPS     0x80U

int kiln_keyboard_init(struct kiln_keyboard *keyboard, struct kiln_key *keys, size_t count)
{
    if (keyboard == NULL) {
        return KILN_EINVAL;
    }
    *keyboard = (struct kiln_keyboard){.down = 0};
    return kiln_queue_init(&keyboard->keys, keys, sizeof(*keys), count);
}

/* ---- Modifiers ----------------------------------------------------------------------------- */

static void set_down(struct kiln_keyboard *keyboard, unsigned bit, bool is_released)
{
    keyboard->down = (uint8_t)(is_released ? keyboard->down & ~bit : keyboard->down | bit);
}

/* Held, Caps Lock repeats like any key; it counts once. */
static void note_caps(struct kiln_keyboard *keyboard, bool is_released)
{
    if (!is_released && (keyboard->down & DOWN_CAPS) == 0) {
        keyboard->caps_on = !keyboard->caps_on;
    }
    set_down(keyboard, DOWN_CAPS, is_released);
}

static void note_modifier(struct kiln_keyboard *keyboard, const struct kiln_key *key)
{
    for (unsigned i = 0; i < MODIFIER_KEYS; i++) {
        if (modifier_keys[i].code == key->code &&
            modifier_keys[i].is_extended == key->is_extended) {
            set_down(keyboard, 1U << i, key->is_released);
        }
    }
    if (key->code == CODE_CAPS && !key->is_extended) {
        note_caps(keyboard, key->is_released);
    }
}

static uint8_t modifiers_of(const struct kiln_keyboard *keyboard)
{
    uint8_t modifiers = keyboard->caps_on ? KILN_KEY_CAPS : 0;
    for (unsigned i = 0; i < MODIFIER_KEYS; i++) {
        if (keyboard->down & 1U << i) {
            modifiers |= modifier_keys[i].modifier;
        }
    }
    return modifiers;
}

/* ---- Characters ---------------------------------------------------------------------------- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Ctrl and one of @ to _, or a letter: what that is of the control characters. */
static char with_ctrl(char c)
{
    return is_letter(c) || (c >= '@' && c <= '_') ? (char)(c & 0x1F) : c;
}

static char plain_character(const struct kiln_key *key)
{
    if (key->code == 0 || key->code >= sizeof(plain)) {
        return 0;
    }
    bool is_shifted = (key->modifiers & KILN_KEY_SHIFT) != 0;
    bool is_upper = is_shifted != ((key->modifiers & KILN_KEY_CAPS) != 0);
    bool shift = is_letter(plain[key->code - 1]) ? is_upper : is_shifted;
    return shift ? shifted[key->code - 1] : plain[key->code - 1];
}

static char character_of(const struct kiln_key *key)
{
    bool types = !key->is_extended || key->code == KILN_KEY_ENTER || key->code == CODE_SLASH;
    char c = 0;
    if (types && !key->is_released) {
        c = key->is_extended && key->code == CODE_SLASH ? '/' : plain_character(key);
    }
    return (key->modifiers & KILN_KEY_CTRL) != 0 ? with_ctrl(c) : c;
}

/* ---- Keys ---------------------------------------------------------------------------------- */

static void deliver(struct kiln_keyboard *keyboard, const struct kiln_key *key)
{
    if (keyboard->typed != NULL) {
        keyboard->typed(keyboard, key);
    } else if (kiln_queue_send(&keyboard->keys, key, KILN_NO_WAIT) != KILN_OK) {
        keyboard->lost++;
    }
}

/* After 0xE0, Shift is not the user's. */
static bool is_pretence(const struct kiln_key *key)
{
    return key->is_extended && (key->code == 0x2A || key->code == 0x36);
}

static void note_key(struct kiln_keyboard *keyboard, uint8_t code)
{
    struct kiln_key key = {.code = (uint8_t)(code & ~CODE_RELEASED),
                           .is_extended = keyboard->prefix == PREFIX,
                           .is_released = (code & CODE_RELEASED) != 0};
    keyboard->prefix = 0;
    if (is_pretence(&key)) {
        return;
    }
    note_modifier(keyboard, &key);
    key.modifiers = modifiers_of(keyboard);
    key.character = character_of(&key);
    deliver(keyboard, &key);
}

void kiln_keyboard_scanned(struct kiln_keyboard *keyboard, uint8_t code)
{
    if (keyboard->skip != 0) {
        keyboard->skip--;
    } else if (code == PREFIX_PAUSE) {
        keyboard->skip = 2;
    } else if (code == PREFIX) {
        keyboard->prefix = PREFIX;
    } else {
        note_key(keyboard, code);
    }
}

int kiln_keyboard_read(struct kiln_keyboard *keyboard, struct kiln_key *key,
                       kiln_ticks_t timeout_ticks)
{
    return kiln_queue_receive(&keyboard->keys, key, timeout_ticks);
}

#if KILN_CFG_ASYNC
int kiln_await_key(struct kiln_async *async, struct kiln_keyboard *keyboard, struct kiln_key *key,
                   kiln_ticks_t timeout_ticks)
{
    return kiln_await_receive(async, &keyboard->keys, key, timeout_ticks);
}
#endif

#endif
