/* A program for tests/desk: it draws text in all colours, or pixels from Escape on; shows what is
 * typed; a button turns on a light and moves the gauge. F1 to F3 end it badly. */
#include "kiln/board.h"
#include "kiln/display.h"
#include "kiln/keyboard.h"
#include "kiln/kiln.h"

#define TYPED_COLUMN 30
#define TYPED_ROW    8

static void draw_text(struct kiln_display *display)
{
    for (unsigned i = 0; i < 256; i++) {
        display->cells[(2 + i / 64) * display->columns + 8 + i % 64] =
            KILN_CELL(i, KILN_COLOURS(KILN_WHITE, KILN_BLUE));
        display->cells[(8 + i / 16) * display->columns + 8 + i % 16] = KILN_CELL('A', i);
    }
    kiln_display_text(display, 8, 0, KILN_COLOURS(KILN_YELLOW, KILN_BLACK), "Kiln");
}

/* Red grows to the right, green downwards. */
static void draw_pixels(struct kiln_display *display)
{
    for (unsigned y = 0; y < display->height; y++) {
        for (unsigned x = 0; x < display->width; x++) {
            display->pixels[y * display->width + x] = (uint16_t)((x / 10) << 11 | (y / 4) << 5);
        }
    }
    display->mode = KILN_DISPLAY_PIXELS;
}

static void show(struct kiln_display *display, const struct kiln_key *key, unsigned column)
{
    const char text[2] = {key->character, '\0'};
    kiln_display_text(display, column, TYPED_ROW, KILN_COLOURS(KILN_GREY, KILN_BLACK), text);
    display->cursor_column = (uint8_t)(column + 1);
}

/* ---- Bad ends -------------------------------------------------------------------------------- */

static int *volatile nowhere;

/* An interrupt that does not end: the first Ctrl-C does not get through. */
static void spin(struct kiln_timer *timer)
{
    (void)timer;
    (void)kiln_printf("spinning\n");
    for (;;) {
    }
}
KILN_TIMER_DEFINE(spinner, spin);

static void end_badly(uint8_t code)
{
    if (code == KILN_KEY_F1) {
        kiln_panic("pressed F1", NULL, NULL);
    } else if (code == KILN_KEY_F1 + 1) {
        *nowhere = 1;
    } else if (code == KILN_KEY_F1 + 2) {
        (void)kiln_timer_start(&spinner, 1, 0);
    }
}

/* ---- Tasks ----------------------------------------------------------------------------------- */

static int show_keys(void *arg)
{
    struct kiln_display *display = kiln_board_display();
    struct kiln_keyboard *keyboard = kiln_board_keyboard();
    unsigned column = TYPED_COLUMN;
    (void)arg;
    draw_text(display);
    display->cursor_column = TYPED_COLUMN;
    display->cursor_row = TYPED_ROW;
    display->cursor_shown = true;
    for (;;) {
        struct kiln_key key;
        (void)kiln_keyboard_read(keyboard, &key, KILN_FOREVER);
        if (key.code == KILN_KEY_ESCAPE) {
            draw_pixels(display);
        } else if (key.character != 0) {
            show(display, &key, column++);
        } else {
            end_badly(key.code);
        }
    }
    return 0;
}

static int use_buttons(void *arg)
{
    struct kiln_buttons *buttons = kiln_board_buttons();
    struct kiln_leds *leds = kiln_board_leds();
    struct kiln_gauge *gauge = kiln_board_gauge();
    (void)arg;
    for (;;) {
        uint32_t pressed = 0;
        (void)kiln_buttons_wait(buttons, 0xF, &pressed, KILN_FOREVER);
        for (unsigned i = 0; i < 4; i++) {
            if (pressed & 1U << i) {
                kiln_led_toggle(leds, i);
                kiln_gauge_set(gauge, (i + 1) * 200);
            }
        }
    }
    return 0;
}

KILN_TASK_DEFINE(shower, show_keys, NULL, 2, PORT_STACK_MIN + 512);
KILN_TASK_DEFINE(presser, use_buttons, NULL, 3, PORT_STACK_MIN + 512);

int main(void)
{
    return kiln_start();
}
