/* A keyboard: keys from scan codes, of "set 1" as PC keyboards send it.
 *
 * The driver's interrupt hands in each code; a task or a coroutine reads keys.
 */
#ifndef KILN_KEYBOARD_H
#define KILN_KEYBOARD_H

#include "kiln/queue.h"
#include "kiln/types.h"

#ifdef __cplusplus
extern "C" {
#endif

enum kiln_key_modifier {
    KILN_KEY_SHIFT = 1,
    KILN_KEY_CTRL = 2,
    KILN_KEY_ALT = 4,
    KILN_KEY_CAPS = 8, /* Caps Lock is on */
};

/* Codes of keys that type nothing, or nothing that one can see. */
enum kiln_key_code {
    KILN_KEY_ESCAPE = 0x01,
    KILN_KEY_BACKSPACE = 0x0E,
    KILN_KEY_TAB = 0x0F,
    KILN_KEY_ENTER = 0x1C,
    KILN_KEY_F1 = 0x3B, /* and so on, to F10 */
    KILN_KEY_F10 = 0x44,
    KILN_KEY_F11 = 0x57,
    KILN_KEY_F12 = 0x58,
    /* These are extended. */
    KILN_KEY_HOME = 0x47,
    KILN_KEY_UP = 0x48,
    KILN_KEY_PAGE_UP = 0x49,
    KILN_KEY_LEFT = 0x4B,
    KILN_KEY_RIGHT = 0x4D,
    KILN_KEY_END = 0x4F,
    KILN_KEY_DOWN = 0x50,
    KILN_KEY_PAGE_DOWN = 0x51,
    KILN_KEY_INSERT = 0x52,
    KILN_KEY_DELETE = 0x53,
};

struct kiln_key {
    uint8_t code;     /* the scan code, without the bit that says "released" */
    bool is_extended; /* it came after 0xE0: arrows and their like */
    bool is_released;
    uint8_t modifiers; /* those that are down, of enum kiln_key_modifier */
    char character;    /* what it types on a US keyboard; 0: nothing. Enter types \n. A key that is
                          released types nothing */
};

/* One keyboard; the caller's memory. Fields belong to whoever hands in codes, but for `keys`. */
struct kiln_keyboard {
    struct kiln_queue keys; /* of struct kiln_key */
    /* Gets each key in place of the queue: in the context that hands in the code. NULL: nobody. */
    void (*typed)(struct kiln_keyboard *keyboard, const struct kiln_key *key);
    void *listener; /* whoever sets `typed` has this for itself */
    uint8_t down;   /* modifier keys that are held */
    uint8_t prefix; /* of the code that comes: 0xE0, or 0 */
    uint8_t skip;   /* codes that belong to a key without meaning */
    bool caps_on;   /* Caps Lock */
    uint32_t lost;  /* keys that found no room */
};

/* Initialises a keyboard on storage that the caller owns; `keys` has room for `count` keys that
 * nobody has read yet, and stays as long as the keyboard. Any context. Never blocks.
 * KILN_EINVAL: no keyboard or buffer, a count outside 1 to 65535. */
int kiln_keyboard_init(struct kiln_keyboard *keyboard, struct kiln_key *keys, size_t count);

/* Hands in a scan code. Any context, usually the keyboard's interrupt, and one at a time. May
 * switch. Keys that nobody reads are lost when there are too many, the newest first, and counted.
 */
void kiln_keyboard_scanned(struct kiln_keyboard *keyboard, uint8_t code);

/* Waits for the next key. Any context with KILN_NO_WAIT, else a task. Blocks. Errors as
 * kiln_queue_receive(). */
int kiln_keyboard_read(struct kiln_keyboard *keyboard, struct kiln_key *key,
                       kiln_ticks_t timeout_ticks);

#if KILN_CFG_ASYNC
struct kiln_async;

/* The same for a coroutine, as other awaits (see kiln/async.h); the key goes into its frame. */
int kiln_await_key(struct kiln_async *async, struct kiln_keyboard *keyboard, struct kiln_key *key,
                   kiln_ticks_t timeout_ticks);
#endif

#ifdef __cplusplus
}
#endif

#endif
