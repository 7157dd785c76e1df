/* Scan codes: see scan.h. */
#include "scan.h"

#include <string.h>
#include <strings.h>

#define USAGE_A         4U
#define USAGE_LEFT_CTRL 224U
#define EXTENDED(code)  (SCAN_EXTENDED | (code))

/* From the letter A on, in the order of the usage numbers. */
static const scan_key_t of_usage[] = {
    /* A to Z */
    0x1E, 0x30, 0x2E, 0x20, 0x12, 0x21, 0x22, 0x23, 0x17, 0x24, 0x25, 0x26, 0x32, 0x31, 0x18, 0x19,
    0x10, 0x13, 0x1F, 0x14, 0x16, 0x2F, 0x11, 0x2D, 0x15, 0x2C,
    /* 1 to 9, 0, Enter, Escape, Backspace, Tab, Space */
    0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x1C, 0x01, 0x0E, 0x0F, 0x39,
    /* - = [ ] \ # ; ' ` , . / Caps Lock */
    0x0C, 0x0D, 0x1A, 0x1B, 0x2B, 0x2B, 0x27, 0x28, 0x29, 0x33, 0x34, 0x35, 0x3A,
    /* F1 to F12, Print Screen, Scroll Lock, Pause */
    0x3B, 0x3C, 0x3D, 0x3E, 0x3F, 0x40, 0x41, 0x42, 0x43, 0x44, 0x57, 0x58, EXTENDED(0x37), 0x46,
    SCAN_PAUSE,
    /* Insert, Home, Page Up, Delete, End, Page Down, right, left, down, up */
    EXTENDED(0x52), EXTENDED(0x47), EXTENDED(0x49), EXTENDED(0x53), EXTENDED(0x4F), EXTENDED(0x51),
    EXTENDED(0x4D), EXTENDED(0x4B), EXTENDED(0x50), EXTENDED(0x48),
    /* On the keypad: Num Lock / * - + Enter, 1 to 9, 0 . ; then < beside Shift, the menu key */
    0x45, EXTENDED(0x35), 0x37, 0x4A, 0x4E, EXTENDED(0x1C), 0x4F, 0x50, 0x51, 0x4B, 0x4C, 0x4D,
    0x47, 0x48, 0x49, 0x52, 0x53, 0x56, EXTENDED(0x5D)};

/* Ctrl, Shift, Alt, the system's key: left, then right. */
static const scan_key_t modifiers[] = {0x1D,           SCAN_SHIFT, 0x38,           EXTENDED(0x5B),
                                       EXTENDED(0x1D), 0x36,       EXTENDED(0x38), EXTENDED(0x5C)};

/* What the keys from code 1 on type; a space where a key types nothing that can be seen. */
static const char plain[] = " 1234567890-=  qwertyuiop[]  asdfghjkl;'` \\zxcvbnm,./";
static const char shifted[] = " !@#$%^&*()_+  QWERTYUIOP{}  ASDFGHJKL:\"~ |ZXCVBNM<>?";

static const struct {
    const char *name;
    scan_key_t key;
} names[] = {{"Escape", 0x01},
             {"Backspace", 0x0E},
             {"Tab", 0x0F},
             {"Enter", 0x1C},
             {"Space", 0x39},
             {"CapsLock", 0x3A},
             {"F1", 0x3B},
             {"F2", 0x3C},
             {"F3", 0x3D},
             {"F4", 0x3E},
             {"F5", 0x3F},
             {"F6", 0x40},
             {"F7", 0x41},
             {"F8", 0x42},
             {"F9", 0x43},
             {"F10", 0x44},
             {"F11", 0x57},
             {"F12", 0x58},
             {"Home", EXTENDED(0x47)},
             {"Up", EXTENDED(0x48)},
             {"PageUp", EXTENDED(0x49)},
             {"Left", EXTENDED(0x4B)},
             {"Right", EXTENDED(0x4D)},
             {"End", EXTENDED(0x4F)},
             {"Down", EXTENDED(0x50)},
             {"PageDown", EXTENDED(0x51)},
             {"Insert", EXTENDED(0x52)},
             {"Delete", EXTENDED(0x53)},
             {"Pause", SCAN_PAUSE},
             {"Shift", SCAN_SHIFT},
             {"Ctrl", 0x1D},
             {"Alt", 0x38}};

/* Pause says all at once, and nothing when it goes up. */
static unsigned pause_codes(bool is_down, uint8_t codes[SCAN_CODES_MAX])
{
    static const uint8_t all[SCAN_CODES_MAX] = {0xE1, 0x1D, 0x45, 0xE1, 0x9D, 0xC5};
    memcpy(codes, all, sizeof(all));
    return is_down ? SCAN_CODES_MAX : 0;
}

unsigned scan_codes(scan_key_t key, bool is_down, uint8_t codes[SCAN_CODES_MAX])
{
    unsigned count = 0;
    if (key == SCAN_PAUSE) {
        return pause_codes(is_down, codes);
    }
    if (key >= SCAN_EXTENDED) {
        codes[count++] = SCAN_EXTENDED >> 8;
    }
    codes[count++] = (uint8_t)((key & 0x7FU) | (is_down ? 0 : 0x80U));
    return count;
}

scan_key_t scan_key_of_usage(unsigned usage)
{
    if (usage - USAGE_A < sizeof(of_usage) / sizeof(of_usage[0])) {
        return of_usage[usage - USAGE_A];
    }
    if (usage - USAGE_LEFT_CTRL < sizeof(modifiers) / sizeof(modifiers[0])) {
        return modifiers[usage - USAGE_LEFT_CTRL];
    }
    return 0;
}

scan_key_t scan_key_of_character(char character, bool *with_shift)
{
    const char *at;
    *with_shift = false;
    switch (character) {
    case ' ':
        return 0x39;
    case '\n':
        return 0x1C;
    case '\t':
        return 0x0F;
    case '\b':
        return 0x0E;
    case '\x1B':
        return 0x01;
    case '\0':
        return 0;
    default:
        break;
    }
    at = strchr(plain, character);
    if (at != NULL) {
        return (scan_key_t)(at - plain + 1);
    }
    at = strchr(shifted, character);
    *with_shift = at != NULL;
    return at != NULL ? (scan_key_t)(at - shifted + 1) : 0;
}

scan_key_t scan_key_of_name(const char *name)
{
    bool with_shift;
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcasecmp(names[i].name, name) == 0) {
            return names[i].key;
        }
    }
    return name[0] != '\0' && name[1] == '\0' ? scan_key_of_character(name[0], &with_shift) : 0;
}
