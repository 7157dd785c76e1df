/* The board's face: see face.h. */
#include "face.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCREEN_WIDTH  (BOARD_WIDTH * 2)
#define SCREEN_HEIGHT (BOARD_HEIGHT * 2)
#define BEZEL         18
#define MARGIN        8

/* The row of parts below the display. */
#define PARTS_Y     592
#define LED_X       56
#define LED_STEP    30
#define LED_R       8.0F
#define BUTTON_X    340
#define BUTTON_STEP 58
#define BUTTON_R    15
#define GAUGE_X     624.0F
#define GAUGE_Y     608.0F
#define GAUGE_R     50.0F
#define SCALE_MARKS 10

#define SOLDER_MASK 0x0F2A2EU
#define MASK_EDGE   0x1C4147U
#define TRACE       0x17383DU
#define SILK        0xB9CCC9U
#define SILK_FAINT  0x5F7F7EU
#define GOLD        0xC8A253U
#define BLACK       0x0A0C0DU
#define GLASS       0x16191BU
#define METAL       0x8C9496U
#define LED_ON      0xFF4A36U
#define LED_OFF     0x451915U
#define DIAL        0xECE7D8U
#define DIAL_INK    0x2B2B2BU
#define NEEDLE      0xC0281EU

/* Of a text-mode adapter, by enum kiln_colour. */
static const colour_t palette[16] = {0x000000, 0x0000AA, 0x00AA00, 0x00AAAA, 0xAA0000, 0xAA00AA,
                                     0xAA5500, 0xAAAAAA, 0x555555, 0x5555FF, 0x55FF55, 0x55FFFF,
                                     0xFF5555, 0xFF55FF, 0xFFFF55, 0xFFFFFF};

/* ---- The bare board ------------------------------------------------------------------------ */

static void draw_hole(struct picture *picture, float x, float y)
{
    picture_disc(picture, x, y, 9.0F, GOLD);
    picture_disc(picture, x, y, 5.5F, BLACK);
}

/* Conductors from the display to the parts, for the look of it. */
static void draw_traces(struct picture *picture)
{
    for (int i = 0; i < BOARD_LEDS; i++) {
        float x = (float)(LED_X + i * LED_STEP);
        picture_line(picture, x, 530.0F, x, PARTS_Y, 2.0F, TRACE);
    }
    for (int i = 0; i < BOARD_BUTTONS; i++) {
        float x = (float)(BUTTON_X + i * BUTTON_STEP);
        picture_line(picture, x - 8.0F, 530.0F, x - 8.0F, PARTS_Y, 2.0F, TRACE);
        picture_line(picture, x + 8.0F, PARTS_Y, x + 8.0F, 640.0F, 2.0F, TRACE);
    }
    picture_line(picture, BUTTON_X + 8.0F, 640.0F, 540.0F, 640.0F, 2.0F, TRACE);
}

static void draw_labels(struct picture *picture)
{
    char label[] = "0";
    for (int i = 0; i < BOARD_LEDS; i++) {
        label[0] = (char)('0' + BOARD_LEDS - 1 - i);
        picture_text(picture, LED_X + i * LED_STEP - GLYPH_WIDTH / 2, PARTS_Y + 16, SILK, label);
    }
    for (int i = 0; i < BOARD_BUTTONS; i++) {
        label[0] = (char)('0' + i);
        picture_text(picture, BUTTON_X + i * BUTTON_STEP - GLYPH_WIDTH / 2, PARTS_Y + 24, SILK,
                     label);
    }
    picture_text(picture, LED_X - 8, PARTS_Y - 36, SILK_FAINT, "LEDS");
    picture_text(picture, BUTTON_X - 20, PARTS_Y - 46, SILK_FAINT, "BUTTONS");
    picture_text(picture, 48, FACE_HEIGHT - 28, SILK_FAINT, "KILN  SIMULATED BOARD");
}

static void draw_switch(struct picture *picture, int x)
{
    picture_round_box(picture, x - 21, PARTS_Y - 21, 42, 42, 3.0F, METAL);
    picture_round_box(picture, x - 19, PARTS_Y - 19, 38, 38, 2.0F, 0x55595B);
    for (int corner = 0; corner < 4; corner++) {
        picture_disc(picture, (float)(x + (corner % 2 != 0 ? 15 : -15)),
                     (float)(PARTS_Y + (corner / 2 != 0 ? 15 : -15)), 2.0F, BLACK);
    }
}

/* The needle's way: from the left, over the top, to the right. */
static float gauge_angle(float part)
{
    return (float)M_PI * (1.0F + 0.1F + 0.8F * part);
}

static void draw_dial(struct picture *picture)
{
    picture_round_box(picture, (int)GAUGE_X - 62, 544, 124, 100, 8.0F, GLASS);
    picture_round_box(picture, (int)GAUGE_X - 58, 548, 116, 92, 6.0F, DIAL);
    for (int i = 0; i <= SCALE_MARKS; i++) {
        float angle = gauge_angle((float)i / SCALE_MARKS), inner = i % 5 == 0 ? 10.0F : 6.0F;
        picture_line(picture, GAUGE_X + cosf(angle) * GAUGE_R, GAUGE_Y + sinf(angle) * GAUGE_R,
                     GAUGE_X + cosf(angle) * (GAUGE_R - inner),
                     GAUGE_Y + sinf(angle) * (GAUGE_R - inner), i % 5 == 0 ? 2.0F : 1.2F, DIAL_INK);
    }
}

static void draw_display(struct picture *picture)
{
    picture_round_box(picture, FACE_SCREEN_X - BEZEL - 2, FACE_SCREEN_Y - BEZEL - 2,
                      SCREEN_WIDTH + 2 * BEZEL + 4, SCREEN_HEIGHT + 2 * BEZEL + 4, 10.0F,
                      MASK_EDGE);
    picture_round_box(picture, FACE_SCREEN_X - BEZEL, FACE_SCREEN_Y - BEZEL,
                      SCREEN_WIDTH + 2 * BEZEL, SCREEN_HEIGHT + 2 * BEZEL, 9.0F, GLASS);
    picture_round_box(picture, FACE_SCREEN_X - MARGIN, FACE_SCREEN_Y - MARGIN,
                      SCREEN_WIDTH + 2 * MARGIN, SCREEN_HEIGHT + 2 * MARGIN, 5.0F, 0);
}

static void draw_bare_board(struct picture *picture)
{
    picture_box(picture, 0, 0, FACE_WIDTH, FACE_HEIGHT, SOLDER_MASK);
    draw_traces(picture);
    draw_hole(picture, 14.0F, 14.0F);
    draw_hole(picture, FACE_WIDTH - 14.0F, 14.0F);
    draw_hole(picture, 14.0F, FACE_HEIGHT - 14.0F);
    draw_hole(picture, FACE_WIDTH - 14.0F, FACE_HEIGHT - 14.0F);
    draw_display(picture);
    for (int i = 0; i < BOARD_BUTTONS; i++) {
        draw_switch(picture, BUTTON_X + i * BUTTON_STEP);
    }
    draw_dial(picture);
    draw_labels(picture);
}

struct face *face_new(void)
{
    struct face *face = (struct face *)calloc(1, sizeof(struct face));
    if (face == NULL) {
        perror("kiln: the board's picture");
        exit(1);
    }
    face->picture = (struct picture){FACE_WIDTH, FACE_HEIGHT, face->drawn};
    draw_bare_board(&face->picture);
    memcpy(face->bare, face->drawn, sizeof(face->bare));
    return face;
}

/* ---- What changes -------------------------------------------------------------------------- */

static void mark(struct face *face, int first, int rows)
{
    face->first = first < face->first ? first : face->first;
    face->last = first + rows > face->last ? first + rows : face->last;
}

/* Takes a part of the picture back to the bare board. */
static void clear(struct face *face, int x, int y, int width, int height)
{
    for (int row = y; row < y + height; row++) {
        size_t at = (size_t)(row * FACE_WIDTH + x);
        memcpy(face->picture.pixels + at, face->bare + at, (size_t)width * sizeof(uint32_t));
    }
    mark(face, y, height);
}

static void draw_cell(struct face *face, int cell)
{
    int x = FACE_SCREEN_X + cell % BOARD_COLUMNS * GLYPH_WIDTH;
    int y = FACE_TEXT_Y + cell / BOARD_COLUMNS * GLYPH_HEIGHT;
    kiln_cell_t value = face->cells[cell];
    colour_t foreground = palette[value >> 8 & 0xF], background = palette[value >> 12];
    picture_glyph(&face->picture, x, y, (uint8_t)value, foreground, background);
    if (cell == face->cursor) {
        picture_box(&face->picture, x, y + GLYPH_HEIGHT - 3, GLYPH_WIDTH, 2, foreground);
    }
    mark(face, y, GLYPH_HEIGHT);
}

static int cursor_of(bool is_lit)
{
    const struct kiln_display *display = &board.display;
    int column = display->cursor_column, row = display->cursor_row;
    bool is_inside = column < BOARD_COLUMNS && row < BOARD_ROWS;
    return is_lit && is_inside && display->cursor_shown ? row * BOARD_COLUMNS + column : -1;
}

static void update_text(struct face *face, bool cursor_lit)
{
    int cursor = cursor_of(cursor_lit), before = face->cursor;
    face->cursor = cursor;
    for (int i = 0; i < BOARD_CELLS; i++) {
        kiln_cell_t cell = board.cells[i];
        bool had_cursor_change = cursor != before && (i == cursor || i == before);
        if (!face->is_shown || cell != face->cells[i] || had_cursor_change) {
            face->cells[i] = cell;
            draw_cell(face, i);
        }
    }
}

/* 5, 6 and 5 bits, spread so that all ones are white. */
static uint32_t full_colour(uint16_t pixel)
{
    uint32_t red = pixel >> 11, green = pixel >> 5 & 0x3F, blue = pixel & 0x1F;
    return 0xFF000000U | (red << 3 | red >> 2) << 16 | (green << 2 | green >> 4) << 8 |
           (blue << 3 | blue >> 2);
}

static void draw_pixel(struct face *face, int pixel)
{
    int x = FACE_SCREEN_X + pixel % BOARD_WIDTH * 2, y = FACE_SCREEN_Y + pixel / BOARD_WIDTH * 2;
    uint32_t colour = full_colour(face->pixels[pixel]);
    for (int i = 0; i < 4; i++) {
        face->drawn[(y + i / 2) * FACE_WIDTH + x + i % 2] = colour;
    }
    mark(face, y, 2);
}

static void update_pixels(struct face *face)
{
    for (int i = 0; i < BOARD_PIXELS; i++) {
        uint16_t pixel = board.pixels[i];
        if (!face->is_shown || pixel != face->pixels[i]) {
            face->pixels[i] = pixel;
            draw_pixel(face, i);
        }
    }
}

static void update_screen(struct face *face, bool cursor_lit)
{
    bool has_pixels = board.display.mode == KILN_DISPLAY_PIXELS;
    if (!face->is_shown || has_pixels != face->has_pixels) {
        picture_box(&face->picture, FACE_SCREEN_X, FACE_SCREEN_Y, SCREEN_WIDTH, SCREEN_HEIGHT, 0);
        mark(face, FACE_SCREEN_Y, SCREEN_HEIGHT);
        face->is_shown = false; /* so that all of it is drawn */
    }
    face->has_pixels = has_pixels;
    if (has_pixels) {
        update_pixels(face);
    } else {
        update_text(face, cursor_lit);
    }
}

static void draw_led(struct face *face, int led)
{
    int x = LED_X + (BOARD_LEDS - 1 - led) * LED_STEP;
    bool is_lit = (face->leds & UINT32_C(1) << led) != 0;
    clear(face, x - LED_STEP / 2, PARTS_Y - 15, LED_STEP, 30);
    for (int glow = 5; is_lit && glow > 0; glow--) {
        picture_disc(&face->picture, (float)x, PARTS_Y, LED_R + (float)glow * 1.2F,
                     CLEAR(215, LED_ON));
    }
    picture_disc(&face->picture, (float)x, PARTS_Y, LED_R + 1.0F, BLACK);
    picture_disc(&face->picture, (float)x, PARTS_Y, LED_R, is_lit ? LED_ON : LED_OFF);
    picture_disc(&face->picture, (float)x - 2.5F, PARTS_Y - 2.5F, 2.5F,
                 CLEAR(is_lit ? 60 : 190, 0xFFFFFF));
}

static void draw_button(struct face *face, int button)
{
    int x = BUTTON_X + button * BUTTON_STEP;
    bool is_down = (face->buttons & UINT32_C(1) << button) != 0;
    float radius = is_down ? BUTTON_R - 2.0F : BUTTON_R;
    clear(face, x - 21, PARTS_Y - 21, 42, 42);
    picture_disc(&face->picture, (float)x, PARTS_Y, radius + 1.5F, BLACK);
    picture_disc(&face->picture, (float)x, PARTS_Y, radius, is_down ? 0x14181A : 0x2C3235);
    picture_ring(&face->picture, (float)x, PARTS_Y, radius - 3.0F, 1.2F,
                 CLEAR(is_down ? 215 : 170, 0xFFFFFF));
}

static void draw_needle(struct face *face)
{
    struct picture *picture = &face->picture;
    uint32_t max = face->gauge >> 16, value = face->gauge & 0xFFFF;
    float angle = gauge_angle(max == 0 ? 0.0F : (float)value / (float)max);
    char text[8];
    clear(face, (int)GAUGE_X - 62, 544, 124, 100);
    (void)snprintf(text, sizeof(text), "%u", (unsigned)value);
    picture_text(picture, (int)GAUGE_X - (int)strlen(text) * GLYPH_WIDTH / 2, 620, DIAL_INK, text);
    picture_line(picture, GAUGE_X, GAUGE_Y, GAUGE_X + cosf(angle) * (GAUGE_R - 4.0F),
                 GAUGE_Y + sinf(angle) * (GAUGE_R - 4.0F), 2.2F, NEEDLE);
    picture_disc(picture, GAUGE_X, GAUGE_Y, 7.0F, DIAL_INK);
    picture_disc(picture, GAUGE_X, GAUGE_Y, 2.5F, METAL);
}

static void update_parts(struct face *face)
{
    uint32_t leds = board.leds, buttons = board.buttons, gauge = board.gauge;
    uint32_t other_leds = face->is_shown ? leds ^ face->leds : UINT32_MAX;
    uint32_t other_buttons = face->is_shown ? buttons ^ face->buttons : UINT32_MAX;
    bool other_gauge = !face->is_shown || gauge != face->gauge;
    face->leds = leds;
    face->buttons = buttons;
    face->gauge = gauge;
    for (int i = 0; i < BOARD_LEDS; i++) {
        if (other_leds & UINT32_C(1) << i) {
            draw_led(face, i);
        }
    }
    for (int i = 0; i < BOARD_BUTTONS; i++) {
        if (other_buttons & UINT32_C(1) << i) {
            draw_button(face, i);
        }
    }
    if (other_gauge) {
        draw_needle(face);
    }
}

bool face_update(struct face *face, bool cursor_lit, int *first, int *rows)
{
    face->first = FACE_HEIGHT;
    face->last = 0;
    update_parts(face);
    update_screen(face, cursor_lit);
    face->is_shown = true;
    *first = face->first;
    *rows = face->last - face->first;
    return *rows > 0;
}

int face_button_at(int x, int y)
{
    for (int i = 0; i < BOARD_BUTTONS; i++) {
        if (abs(x - BUTTON_X - i * BUTTON_STEP) <= 21 && abs(y - PARTS_Y) <= 21) {
            return i;
        }
    }
    return -1;
}
