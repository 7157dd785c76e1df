/* Shapes and text: see picture.h.
 *
 * A shape is given by the distance of a point from its edge, negative inside: a pixel whose centre
 * is nearer to the edge than half a pixel is covered in part.
 */
#include "picture.h"

#include <math.h>
#include <stdbool.h>

struct shape {
    float x1, y1, x2, y2; /* a line; a point when both ends are the same; or a box */
    float radius;         /* around it */
    float line;           /* width of the outline; 0: filled */
};

static uint32_t mix(uint32_t below, colour_t colour, float covered)
{
    float opaque = covered * (float)(255U - (colour >> 24)) / 255.0F;
    uint32_t mixed = 0xFF000000U;
    for (unsigned shift = 0; shift < 24; shift += 8) {
        float from = (float)(below >> shift & 0xFFU), to = (float)(colour >> shift & 0xFFU);
        mixed |= (uint32_t)lroundf(from + (to - from) * opaque) << shift;
    }
    return mixed;
}

static void put(struct picture *picture, int x, int y, colour_t colour, float covered)
{
    if (covered > 0.0F && x >= 0 && y >= 0 && x < picture->width && y < picture->height) {
        uint32_t *pixel = &picture->pixels[y * picture->width + x];
        *pixel = mix(*pixel, colour, covered < 1.0F ? covered : 1.0F);
    }
}

static float clamp(float value, float low, float high)
{
    return value < low ? low : value > high ? high : value;
}

static float distance_from_line(const struct shape *shape, float x, float y)
{
    float dx = shape->x2 - shape->x1, dy = shape->y2 - shape->y1, length = dx * dx + dy * dy;
    float along = length == 0.0F ? 0.0F : ((x - shape->x1) * dx + (y - shape->y1) * dy) / length;
    along = clamp(along, 0.0F, 1.0F);
    return hypotf(x - shape->x1 - along * dx, y - shape->y1 - along * dy);
}

static float distance_from_box(const struct shape *shape, float x, float y)
{
    return hypotf(x - clamp(x, shape->x1, shape->x2), y - clamp(y, shape->y1, shape->y2));
}

static void draw(struct picture *picture, const struct shape *shape,
                 float (*distance)(const struct shape *, float, float), colour_t colour)
{
    float margin = shape->radius + shape->line + 1.0F;
    int left = (int)floorf(fminf(shape->x1, shape->x2) - margin);
    int right = (int)ceilf(fmaxf(shape->x1, shape->x2) + margin);
    int top = (int)floorf(fminf(shape->y1, shape->y2) - margin);
    int bottom = (int)ceilf(fmaxf(shape->y1, shape->y2) + margin);
    for (int y = top; y < bottom; y++) {
        for (int x = left; x < right; x++) {
            float off = distance(shape, (float)x + 0.5F, (float)y + 0.5F) - shape->radius;
            off = shape->line > 0.0F ? fabsf(off) - shape->line / 2.0F : off;
            put(picture, x, y, colour, 0.5F - off);
        }
    }
}

void picture_box(struct picture *picture, int x, int y, int width, int height, colour_t colour)
{
    for (int row = y; row < y + height; row++) {
        for (int column = x; column < x + width; column++) {
            put(picture, column, row, colour, 1.0F);
        }
    }
}

void picture_round_box(struct picture *picture, int x, int y, int width, int height, float radius,
                       colour_t colour)
{
    struct shape shape = {.x1 = (float)x + radius,
                          .y1 = (float)y + radius,
                          .x2 = (float)(x + width) - radius,
                          .y2 = (float)(y + height) - radius,
                          .radius = radius};
    draw(picture, &shape, distance_from_box, colour);
}

void picture_disc(struct picture *picture, float x, float y, float radius, colour_t colour)
{
    picture_ring(picture, x, y, radius, 0.0F, colour);
}

void picture_ring(struct picture *picture, float x, float y, float radius, float line,
                  colour_t colour)
{
    struct shape shape = {x, y, x, y, radius, line};
    draw(picture, &shape, distance_from_line, colour);
}

void picture_line(struct picture *picture, float x1, float y1, float x2, float y2, float line,
                  colour_t colour)
{
    struct shape shape = {x1, y1, x2, y2, line / 2.0F, 0.0F};
    draw(picture, &shape, distance_from_line, colour);
}

void picture_text(struct picture *picture, int x, int y, colour_t colour, const char *text)
{
    for (; *text != '\0'; text++, x += GLYPH_WIDTH) {
        const uint8_t *rows = picture_font[(uint8_t)*text];
        for (int i = 0; i < GLYPH_WIDTH * GLYPH_HEIGHT; i++) {
            put(picture, x + i % GLYPH_WIDTH, y + i / GLYPH_WIDTH, colour,
                rows[i / GLYPH_WIDTH] & 0x80 >> i % GLYPH_WIDTH ? 1.0F : 0.0F);
        }
    }
}

void picture_glyph(struct picture *picture, int x, int y, uint8_t character, colour_t foreground,
                   colour_t background)
{
    const uint8_t *rows = picture_font[character];
    for (int row = 0; row < GLYPH_HEIGHT; row++) {
        uint32_t *pixels = &picture->pixels[(y + row) * picture->width + x];
        for (int column = 0; column < GLYPH_WIDTH; column++) {
            bool is_set = (rows[row] & 0x80 >> column) != 0;
            pixels[column] = 0xFF000000U | (is_set ? foreground : background);
        }
    }
}
