/* Scan codes of set 1, as a PC keyboard sends them. */
#ifndef SCAN_H
#define SCAN_H

#include <stdbool.h>
#include <stdint.h>

/* A key: its code, with SCAN_EXTENDED when 0xE0 goes first. 0: no key. */
typedef uint16_t scan_key_t;
#define SCAN_EXTENDED 0xE000U
#define SCAN_SHIFT    0x2AU
#define SCAN_PAUSE    0xE11DU

#define SCAN_CODES_MAX 6

/* The codes that a key sends when it goes down or up. Returns how many. */
unsigned scan_codes(scan_key_t key, bool is_down, uint8_t codes[SCAN_CODES_MAX]);

/* The key of a USB usage number, which is what SDL calls a scan code. */
scan_key_t scan_key_of_usage(unsigned usage);

/* The key that types a character on a US keyboard, and whether with Shift. */
scan_key_t scan_key_of_character(char character, bool *with_shift);

/* The key of a name, like "F1", "Enter" or "a". */
scan_key_t scan_key_of_name(const char *name);

#endif
