/* Lights, buttons and a gauge: see kiln/pins.h. */
#include "kiln/pins.h"

#include "core/kernel.h"
#include "kiln/flags.h"

/* Turns lights off, and then others to what they are not. */
static void show_leds(struct kiln_leds *leds, uint32_t off, uint32_t toggle)
{
    unsigned key = port_irq_save();
    leds->lit = (leds->lit & ~off) ^ toggle;
    leds->write(leds); /* calls: write_leds */
    port_irq_restore(key);
}

void kiln_led_set(struct kiln_leds *leds, unsigned led, bool on)
{
    if (leds != NULL && led < leds->count) {
        show_leds(leds, UINT32_C(1) << led, (uint32_t)on << led);
    }
}

void kiln_led_toggle(struct kiln_leds *leds, unsigned led)
{
    if (leds != NULL && led < leds->count) {
        show_leds(leds, 0, UINT32_C(1) << led);
    }
}

#if KILN_CFG_FLAGS
void kiln_buttons_changed(struct kiln_buttons *buttons, uint32_t down)
{
    unsigned key = port_irq_save();
    uint32_t pressed = down & ~buttons->down;
    buttons->down = down;
    port_irq_restore(key);
    if (pressed != 0) {
        (void)kiln_flags_set(buttons->pressed, pressed);
    }
}

uint32_t kiln_buttons_down(const struct kiln_buttons *buttons)
{
    return buttons->down;
}

int kiln_buttons_wait(struct kiln_buttons *buttons, uint32_t buttons_wanted, uint32_t *pressed,
                      kiln_ticks_t timeout_ticks)
{
    uint32_t all = 0;
    int result = kiln_flags_wait(buttons->pressed, buttons_wanted,
                                 KILN_FLAGS_ANY | KILN_FLAGS_CLEAR, &all, timeout_ticks);
    if (result == KILN_OK && pressed != NULL) {
        *pressed = all & buttons_wanted;
    }
    return result;
}
#endif

void kiln_gauge_set(struct kiln_gauge *gauge, unsigned value)
{
    if (gauge == NULL) {
        return;
    }
    unsigned key = port_irq_save();
    gauge->value = value < gauge->max ? (uint16_t)value : gauge->max;
    gauge->write(gauge); /* calls: write_gauge */
    port_irq_restore(key);
}
