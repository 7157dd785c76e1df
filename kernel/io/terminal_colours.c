/* A terminal: CSI ... m. See kiln/terminal.h. */
#include "io/terminal.h"

#if KILN_CFG_STREAM && KILN_CFG_QUEUE

/* The numbers of ANSI have red in the lowest bit, those of the display have blue there. */
static uint8_t colour_of(unsigned number)
{
    return (uint8_t)((number & 0xAU) | (number & 1U) << 2 | (number & 4U) >> 2);
}

static unsigned larger(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

/* The nearest of the sixteen, in ANSI's numbers; parts are 0 to 255. */
static unsigned nearest(unsigned red, unsigned green, unsigned blue)
{
    unsigned most = larger(red, larger(green, blue)), half = most / 2;
    unsigned number = (red > half ? 1U : 0U) | (green > half ? 2U : 0U) | (blue > half ? 4U : 0U);
    if (most < 48) {
        return 0;
    }
    if (number == 7) { /* no colour: black, two greys, white */
        return most < 128 ? 8 : most < 220 ? 7 : 15;
    }
    return number | (most < 208 ? 0U : 8U);
}

/* Of 256: the sixteen, a cube of six levels each, and greys. */
static unsigned nearest_of_256(unsigned number)
{
    static const uint8_t levels[] = {0, 95, 135, 175, 215, 255};
    if (number < 16) {
        return number;
    }
    if (number >= 232) {
        unsigned grey = 8 + (number - 232) * 10;
        return nearest(grey, grey, grey);
    }
    number -= 16;
    return nearest(levels[number / 36], levels[number / 6 % 6], levels[number % 6]);
}

/* 38 or 48 at `at`: the colour that follows, into *colour. Returns where that ends. */
static unsigned set_extended(const struct kiln_terminal *terminal, unsigned at, uint8_t *colour)
{
    const uint16_t *parameters = terminal->parameters;
    unsigned left = terminal->count - at;
    if (left >= 3 && parameters[at + 1] == 5) {
        *colour = colour_of(nearest_of_256(parameters[at + 2] & 0xFFU));
        return at + 2;
    }
    if (left >= 5 && parameters[at + 1] == 2) {
        *colour = colour_of(nearest(parameters[at + 2], parameters[at + 3], parameters[at + 4]));
        return at + 4;
    }
    return terminal->count; /* what is left has no meaning by itself */
}

static void set_attribute(struct kiln_terminal_place *now, unsigned number)
{
    switch (number) {
    case 1:
    case 22:
        now->is_bold = number == 1;
        break;
    case 7:
    case 27:
        now->is_inverse = number == 7;
        break;
    case 39:
        now->foreground = KILN_GREY;
        break;
    case 49:
        now->background = KILN_BLACK;
        break;
    default:
        break;
    }
}

static void set_one(struct kiln_terminal_place *now, unsigned number)
{
    if (number == 0) {
        now->foreground = KILN_GREY;
        now->background = KILN_BLACK;
        now->is_bold = false;
        now->is_inverse = false;
    } else if (number >= 30 && number <= 37) {
        now->foreground = colour_of(number - 30);
    } else if (number >= 40 && number <= 47) {
        now->background = colour_of(number - 40);
    } else if (number >= 90 && number <= 97) {
        now->foreground = colour_of(number - 90 + 8);
    } else if (number >= 100 && number <= 107) {
        now->background = colour_of(number - 100 + 8);
    } else {
        set_attribute(now, number);
    }
}

void terminal_colours(struct kiln_terminal *terminal)
{
    struct kiln_terminal_place *now = &terminal->now;
    for (unsigned i = 0; i < terminal->count; i++) {
        unsigned number = terminal->parameters[i];
        if (number == 38 || number == 48) {
            i = set_extended(terminal, i, number == 38 ? &now->foreground : &now->background);
        } else {
            set_one(now, number);
        }
    }
}

#endif
