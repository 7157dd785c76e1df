/* A keyboard: keys from scan codes, of "set 1" as PC keyboards send it.
 *
 * The driver's interrupt hands in each code; a task reads keys.
 */
#ifndef KILN_KEYBOARD_H
#define KILN_KEYBOARD_H

#include "kiln/types.h"

#ifdef __cplusplus
extern "C" {
#endif

enum kiln_key_modifier {
    KILN_KEY_SHIFT = 1,
    KILN_KEY_CTRL = 2,
    KILN_KEY_ALT = 4,
    KILN_KEY_CAPS = 8,
};

struct kiln_key {
    uint8_t code;     /* the scan code, without the bit that says "released" */
    bool is_extended; /* it came after 0xE0: arrows and their like */
    bool is_released;
    uint8_t modifiers; /* those that are down, of enum kiln_key_modifier */
    char character;    /* what it types on a US keyboard; 0: nothing */
};

struct kiln_keyboard;

/* Hands in a scan code. Any context, usually the keyboard's interrupt. May switch. Keys that nobody
 * reads are lost when there are too many, the newest first, and counted. */
void kiln_keyboard_scanned(struct kiln_keyboard *keyboard, uint8_t code);

/* Waits for the next key. Any context with KILN_NO_WAIT, else a task. Blocks. Errors as
 * kiln_queue_receive(). */
int kiln_keyboard_read(struct kiln_keyboard *keyboard, struct kiln_key *key,
                       kiln_ticks_t timeout_ticks);

#ifdef __cplusplus
}
#endif

#endif
