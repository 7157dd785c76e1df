/* A picture in memory, and what is drawn into it: shapes with smooth edges, and text. */
#ifndef PICTURE_H
#define PICTURE_H

#include <stdint.h>

#define GLYPH_WIDTH  8
#define GLYPH_HEIGHT 16

/* Code page 437; the highest bit of a byte is the pixel on the left. Made by tools/font.py. */
extern const uint8_t picture_font[256][GLYPH_HEIGHT];

/* A colour is 0xRRGGBB; above that, how much of what is below shines through, of 255. */
typedef uint32_t colour_t;
#define CLEAR(transparency, colour) ((uint32_t)(transparency) << 24 | (colour))

struct picture {
    int width, height;
    uint32_t *pixels; /* 0xFFRRGGBB */
};

/* What lies outside of the picture is left out. */
void picture_box(struct picture *picture, int x, int y, int width, int height, colour_t colour);
void picture_round_box(struct picture *picture, int x, int y, int width, int height, float radius,
                       colour_t colour);
void picture_disc(struct picture *picture, float x, float y, float radius, colour_t colour);
void picture_ring(struct picture *picture, float x, float y, float radius, float line,
                  colour_t colour);
void picture_line(struct picture *picture, float x1, float y1, float x2, float y2, float line,
                  colour_t colour);
void picture_text(struct picture *picture, int x, int y, colour_t colour, const char *text);

/* A whole cell: inside of the picture. */
void picture_glyph(struct picture *picture, int x, int y, uint8_t character, colour_t foreground,
                   colour_t background);

#endif
