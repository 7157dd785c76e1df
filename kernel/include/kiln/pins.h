/* Lights, buttons and a gauge: what a board has beside its terminal. */
#ifndef KILN_PINS_H
#define KILN_PINS_H

#include "kiln/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct kiln_leds {
    uint8_t count;                         /* 1 to 32 */
    uint32_t lit;                          /* bit n: light n */
    void (*write)(struct kiln_leds *leds); /* shows `lit`. Masked, any context */
};

/* Turns one light on or off. One that the board does not have is left out, and so are all with
 * NULL. Any context. Never blocks. */
void kiln_led_set(struct kiln_leds *leds, unsigned led, bool on);
void kiln_led_toggle(struct kiln_leds *leds, unsigned led);

#if KILN_CFG_FLAGS
struct kiln_buttons {
    uint8_t count;              /* 1 to 32 */
    uint32_t down;              /* bit n: button n is pressed. Protected by masking interrupts */
    struct kiln_flags *pressed; /* bit n: it was pressed since that was last taken */
};

/* For a driver: these are down now, and no longer bounce. Any context, usually an interrupt. May
 * switch. */
void kiln_buttons_changed(struct kiln_buttons *buttons, uint32_t down);

/* Those that are down. Any context. */
uint32_t kiln_buttons_down(const struct kiln_buttons *buttons);

/* Waits until one of `buttons_wanted` is pressed, or was since that was last taken, and takes the
 * presses of all of them: they are *pressed, unless that is NULL. Any context with KILN_NO_WAIT,
 * else a task. Blocks. Errors as kiln_flags_wait(). */
int kiln_buttons_wait(struct kiln_buttons *buttons, uint32_t buttons_wanted, uint32_t *pressed,
                      kiln_ticks_t timeout_ticks);
#endif

struct kiln_gauge {
    uint16_t max;
    uint16_t value;
    void (*write)(struct kiln_gauge *gauge); /* shows `value`. Masked, any context */
};

/* Shows a value, `max` for a greater one; nothing with NULL. Any context. Never blocks. */
void kiln_gauge_set(struct kiln_gauge *gauge, unsigned value);

#ifdef __cplusplus
}
#endif

#endif
