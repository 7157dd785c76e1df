/* %f %e %g: exact, so every digit is right and rounding is to the nearest, ties to even.
 *
 * A double is m * 2^e, with m below 2^53. Here it is written down in base 10^9: m first, then
 * multiplied by 2 so many times, or divided, each step exact: dividing by 2^9 leaves no fraction
 * of 10^9. That is the whole decimal expansion, which is then rounded where the format says. The
 * idea is that of musl's printf (R. Felker, 2011); D. M. Gay, "Correctly rounded binary-decimal and
 * decimal-binary conversions", 1990, has the theory. No floating-point instruction is executed.
 */
#include "kiln/config.h"

#if KILN_CFG_PRINT && KILN_CFG_PRINT_FLOAT

#include <string.h>

#include "core/kernel.h"
#include "format.h"

KILN_STATIC_ASSERT(sizeof(double) == sizeof(uint64_t), "double must be IEEE 754 binary64");

#define BASE        UINT32_C(1000000000)
#define BASE_DIGITS 9

/* Two limbs hold 2^53, and 120 the 1074 digits after the point of the least double. Above 2^53
 * there is no fraction, and 35 hold the 309 digits of the greatest. */
#define POINT_OF_FRACTION 1
#define LIMBS             (POINT_OF_FRACTION + 1 + 120)
#define POINT_OF_INTEGER  (LIMBS - 1)

/* The limbs from `first` to before `end`, most significant first; those around are 0, and those
 * before `first` are there to read. limbs[point] has the units. */
struct expansion {
    uint32_t limbs[LIMBS];
    int first, end, point;
};

static const uint32_t powers[BASE_DIGITS] = {1,      10,      100,      1000,     10000,
                                             100000, 1000000, 10000000, 100000000};

/* ---- The expansion ----------------------------------------------------------------------- */

static void skip_zeros(struct expansion *x)
{
    while (x->first < x->end && x->limbs[x->first] == 0) {
        x->first++;
    }
}

/* At most 34 times 35 steps. */
static void multiply(struct expansion *x, int doublings)
{
    while (doublings > 0) {
        int shift = doublings < 29 ? doublings : 29;
        uint32_t carry = 0;
        for (int i = x->end - 1; i >= x->first; i--) {
            uint64_t product = ((uint64_t)x->limbs[i] << shift) + carry;
            carry = (uint32_t)(product / BASE);
            x->limbs[i] = (uint32_t)(product - (uint64_t)carry * BASE);
        }
        if (carry != 0) {
            x->limbs[--x->first] = carry;
        }
        doublings -= shift;
    }
}

/* At most 120 times 120 steps. */
static void divide(struct expansion *x, int halvings)
{
    while (halvings > 0) {
        int shift = halvings < BASE_DIGITS ? halvings : BASE_DIGITS;
        uint32_t carry = 0;
        for (int i = x->first; i < x->end; i++) {
            uint32_t limb = x->limbs[i];
            x->limbs[i] = (limb >> shift) + carry;
            carry = (limb & ((UINT32_C(1) << shift) - 1)) * (BASE >> shift);
        }
        if (carry != 0) {
            x->limbs[x->end++] = carry;
        }
        skip_zeros(x);
        halvings -= shift;
    }
}

static void expand(struct expansion *x, uint64_t mantissa, int exponent)
{
    x->point = exponent < 0 ? POINT_OF_FRACTION : POINT_OF_INTEGER;
    memset(x->limbs, 0, sizeof(x->limbs));
    x->limbs[x->point - 1] = (uint32_t)(mantissa / BASE);
    x->limbs[x->point] = (uint32_t)(mantissa % BASE);
    x->first = x->point - 1;
    x->end = x->point + 1;
    skip_zeros(x);
    multiply(x, exponent);
    divide(x, -exponent);
}

/* Where the digit is that stands for 10^place: in which limb, and where in that. */
static int limb_of(const struct expansion *x, int place)
{
    return place >= 0 ? x->point - place / BASE_DIGITS
                      : x->point + (BASE_DIGITS - 1 - place) / BASE_DIGITS;
}

static int place_in_limb(const struct expansion *x, int place)
{
    return place - (x->point - limb_of(x, place)) * BASE_DIGITS;
}

/* The place of the first digit that is not 0; 0 for 0. */
static int first_place(const struct expansion *x)
{
    int digits = 1;
    if (x->first == x->end) {
        return 0;
    }
    while (digits < BASE_DIGITS && x->limbs[x->first] >= powers[digits]) {
        digits++;
    }
    return (x->point - x->first) * BASE_DIGITS + digits - 1;
}

/* The place of the last digit that is not 0; 0 for 0. */
static int last_place(const struct expansion *x)
{
    int last = x->end - 1, digits = 0;
    while (last >= x->first && x->limbs[last] == 0) {
        last--;
    }
    if (last < x->first) {
        return 0;
    }
    while (digits < BASE_DIGITS - 1 && x->limbs[last] % powers[digits + 1] == 0) {
        digits++;
    }
    return (x->point - last) * BASE_DIGITS + digits;
}

/* ---- Rounding ---------------------------------------------------------------------------- */

/* -1, 0 or 1: what lies beyond `place`, against half of its unit. */
static int compare_to_half(const struct expansion *x, int place)
{
    int at = limb_of(x, place);
    uint32_t unit = powers[place_in_limb(x, place)], rest;
    if (unit == 1) {
        unit = BASE;
        at++;
    }
    rest = at < x->end ? x->limbs[at] % unit : 0; /* limbs are below BASE */
    if (rest != unit / 2) {
        return rest < unit / 2 ? -1 : 1;
    }
    while (++at < x->end) {
        if (x->limbs[at] != 0) {
            return 1;
        }
    }
    return 0;
}

/* Adds one unit to a limb, and carries. The first limb of all never overflows. */
static void add_to_limb(struct expansion *x, int at, uint32_t unit)
{
    x->limbs[at] += unit;
    while (x->limbs[at] >= BASE) {
        x->limbs[at--] -= BASE;
        x->limbs[at]++;
    }
    x->first = at < x->first ? at : x->first;
}

/* Cuts the number off after the digit at `place`, rounded. */
static void round_at(struct expansion *x, int place)
{
    int at = limb_of(x, place);
    if (at >= x->end) {
        return;
    }
    uint32_t unit = powers[place_in_limb(x, place)];
    int half = compare_to_half(x, place);
    bool is_odd = x->limbs[at] / unit % 2 != 0;
    x->limbs[at] -= x->limbs[at] % unit;
    x->end = at + 1;
    x->first = x->first < at ? x->first : at;
    if (half > 0 || (half == 0 && is_odd)) {
        add_to_limb(x, at, unit);
    }
    skip_zeros(x);
}

/* ---- Text -------------------------------------------------------------------------------- */

/* Puts `count` digits, from the one at `place` on. */
static void put_digits(struct output *out, const struct expansion *x, int place, int count)
{
    while (count > 0) {
        char text[BASE_DIGITS], *end = text + BASE_DIGITS;
        int at = limb_of(x, place), length = place_in_limb(x, place) + 1;
        char *first = k_decimal_digits(end, at >= x->first && at < x->end ? x->limbs[at] : 0);
        while (first != text) {
            *--first = '0';
        }
        int piece = length < count ? length : count;
        k_output_text(out, end - length, (size_t)piece);
        place -= piece;
        count -= piece;
    }
}

/* How a number will look, once rounded. */
struct layout {
    bool exponential;
    int places;   /* digits after the point */
    int exponent; /* of the first digit */
};

static struct layout round_for(struct expansion *x, const struct conversion *conv)
{
    char kind = (char)(conv->kind | 0x20); /* in lower case */
    int precision = conv->precision < 0 ? 6 : conv->precision;
    struct layout layout = {.exponential = kind == 'e', .places = precision};
    if (kind == 'f') {
        round_at(x, -precision);
        layout.exponent = first_place(x);
        return layout;
    }
    if (kind == 'g') {
        precision -= precision > 0;
    }
    round_at(x, first_place(x) - precision);
    layout.exponent = first_place(x);
    if (kind == 'e') {
        return layout;
    }
    layout.exponential = layout.exponent < -4 || layout.exponent > precision;
    layout.places = layout.exponential ? precision : precision - layout.exponent;
    if ((conv->flags & FORMAT_ALTERNATE) == 0) {
        int needed = (layout.exponential ? layout.exponent : 0) - last_place(x);
        needed = needed < 0 ? 0 : needed;
        layout.places = needed < layout.places ? needed : layout.places;
    }
    return layout;
}

/* "e+05" and so on; its length. */
static int exponent_text(char text[5], const struct layout *layout, bool upper)
{
    char digits[3], *end = digits + sizeof(digits);
    unsigned magnitude = (unsigned)(layout->exponent < 0 ? -layout->exponent : layout->exponent);
    char *first = k_decimal_digits(end, magnitude);
    if (end - first < 2) {
        *--first = '0';
    }
    text[0] = upper ? 'E' : 'e';
    text[1] = layout->exponent < 0 ? '-' : '+';
    memcpy(text + 2, first, (size_t)(end - first));
    return 2 + (int)(end - first);
}

static void put_finite(struct output *out, const struct conversion *conv, struct expansion *x,
                       const char *sign)
{
    struct layout layout = round_for(x, conv);
    char suffix[5];
    bool upper = conv->kind < 'a';
    bool has_point = layout.places > 0 || (conv->flags & FORMAT_ALTERNATE) != 0;
    int suffix_length = layout.exponential ? exponent_text(suffix, &layout, upper) : 0;
    int start = layout.exponential ? layout.exponent : layout.exponent > 0 ? layout.exponent : 0;
    int whole = layout.exponential ? 1 : start + 1;
    int length = whole + (has_point ? 1 : 0) + layout.places + suffix_length;
    int after = k_open_field(out, conv, sign, -1, length);
    put_digits(out, x, start, whole);
    if (has_point) {
        output_put(out, '.');
    }
    put_digits(out, x, start - whole, layout.places);
    k_output_text(out, suffix, (size_t)suffix_length);
    k_output_repeat(out, ' ', after);
}

static void put_not_a_number(struct output *out, const struct conversion *conv, const char *text,
                             const char *sign)
{
    int after = k_open_field(out, conv, sign, 0, 3);
    k_output_text(out, text, 3);
    k_output_repeat(out, ' ', after);
}

#define MANTISSA_BITS 52
#define EXPONENT_MAX  0x7FF

bool k_format_float(struct output *out, const struct conversion *conv, va_list *args)
{
    if (memchr("fFeEgG", conv->kind, 6) == NULL || (conv->length != 0 && conv->length != 'l')) {
        return false;
    }
    PORT_VA_DOUBLE value = va_arg(*args, PORT_VA_DOUBLE);
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    const char *sign = k_sign_of(conv, bits >> 63 != 0);
    uint64_t mantissa = bits & ((UINT64_C(1) << MANTISSA_BITS) - 1);
    int exponent = (int)(bits >> MANTISSA_BITS) & EXPONENT_MAX;
    if (exponent == EXPONENT_MAX) {
        const char *text = mantissa == 0 ? "infINF" : "nanNAN";
        put_not_a_number(out, conv, conv->kind < 'a' ? text + 3 : text, sign);
        return true;
    }
    struct expansion x;
    if (exponent != 0) {
        mantissa |= UINT64_C(1) << MANTISSA_BITS;
    } else {
        exponent = 1; /* subnormal */
    }
    expand(&x, mantissa, exponent - (EXPONENT_MAX / 2 + MANTISSA_BITS));
    put_finite(out, conv, &x, sign);
    return true;
}

#endif
