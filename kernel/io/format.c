/* The formatter: see kiln/print.h. Floating point is in float.c, the console in print.c. */
#include "kiln/config.h"

#if KILN_CFG_PRINT

#include "core/kernel.h"
#include "format.h"
#include "kiln/print.h"

/* The greatest width and precision; more is cut down to it, so that none takes for ever. */
#define NUMBER_MAX 1000000

/* ---- Output ------------------------------------------------------------------------------ */

void k_output_repeat(struct output *out, char c, int count)
{
    while (count-- > 0) {
        output_put(out, c);
    }
}

void k_output_text(struct output *out, const char *text, size_t length)
{
    while (length != 0) {
        if (out->at == out->end) {
            output_full(out);
        }
        size_t room = (size_t)(out->end - out->at);
        size_t piece = length < room ? length : room;
        char *at = out->at;
        for (const char *end = text + piece; text != end;) {
            *at++ = *text++;
        }
        out->at = at;
        length -= piece;
    }
}

/* Copies a text up to the first `stop` or its end, and returns where that is. Letters are greater
 * than either, so most characters take one comparison. */
static const char *copy_until(struct output *out, const char *text, unsigned char stop)
{
    for (;;) {
        char *at = out->at;
        const char *from = text;
        size_t room = (size_t)(out->end - at), n = 0;
        K_OPAQUE(from); /* and at: so gcc keeps to one index, not two pointers and a count */
        for (; n != room; n++) {
            unsigned char c = (unsigned char)from[n];
            if (c <= stop && (c == stop || c == '\0')) {
                break;
            }
            at[n] = (char)c;
            K_OPAQUE(at);
        }
        out->at = at + n;
        text += n;
        if (n != room) {
            return text;
        }
        output_full(out);
    }
}

void k_output_discard(struct output *out)
{
    static char nowhere[16]; /* written by anybody at any time, read by nobody */
    output_continue(out, nowhere, sizeof(nowhere));
}

int k_open_field(struct output *out, const struct conversion *conv, const char *prefix, int zeros,
                 int length)
{
    int room = conv->width - length;
    for (const char *at = prefix; *at != '\0'; at++) {
        room--;
    }
    if (zeros < 0) {
        zeros = (conv->flags & (FORMAT_ZERO | FORMAT_LEFT)) == FORMAT_ZERO ? room : 0;
    }
    zeros = zeros > 0 ? zeros : 0;
    room -= zeros;
    if ((conv->flags & FORMAT_LEFT) == 0) {
        k_output_repeat(out, ' ', room);
        room = 0;
    }
    while (*prefix != '\0') {
        output_put(out, *prefix++);
    }
    k_output_repeat(out, '0', zeros);
    return room;
}

static void put_field(struct output *out, const struct conversion *conv, const char *prefix,
                      int zeros, const char *body, size_t length)
{
    int after = k_open_field(out, conv, prefix, zeros, (int)length);
    k_output_text(out, body, length);
    k_output_repeat(out, ' ', after);
}

/* ---- Integers ---------------------------------------------------------------------------- */

/* Digits that fit into 32 bits, of each radix; 64 bits are dealt with in pieces of so many. */
#define DECIMAL_PIECE UINT32_C(1000000000)
#define DECIMAL_COUNT 9
#define HEX_COUNT     8
#define OCTAL_COUNT   10

/* Up to 81919, n / 10 is (n * 52429) >> 19 in 32 bits (checked for all of them): much cheaper than
 * a division where the processor has none. So more is cut into pieces of four digits. */
#define TENTH(n) ((n)*UINT32_C(52429) >> 19)

char *k_decimal_digits(char *end, uint32_t value)
{
    while (value >= 10000) {
        uint32_t rest = value / 10000, piece = value - rest * 10000;
        for (char *stop = end - 4; end != stop;) {
            uint32_t tenth = TENTH(piece);
            *--end = (char)('0' + (piece - tenth * 10));
            piece = tenth;
        }
        value = rest;
    }
    do {
        uint32_t tenth = TENTH(value);
        *--end = (char)('0' + (value - tenth * 10));
        value = tenth;
    } while (value != 0);
    return end;
}

static char *hex_digits(char *end, uint32_t value, char kind)
{
    const char *symbols = kind == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    do {
        *--end = symbols[value & 15U];
        value >>= 4;
    } while (value != 0);
    return end;
}

static char *octal_digits(char *end, uint32_t value)
{
    do {
        *--end = (char)('0' + (value & 7U));
        value >>= 3;
    } while (value != 0);
    return end;
}

static char *digits32(char *end, uint32_t value, char kind)
{
    switch (kind) {
    case 'x':
    case 'X':
    case 'p':
        return hex_digits(end, value, kind);
    case 'o':
        return octal_digits(end, value);
    default:
        return k_decimal_digits(end, value);
    }
}

/* Takes the lowest digits off a number: as many as are returned. */
static int take_piece(uintmax_t *value, uint32_t *piece, char kind)
{
    uintmax_t rest;
    switch (kind) {
    case 'x':
    case 'X':
    case 'p':
        *piece = (uint32_t)*value;
        *value >>= 4 * HEX_COUNT;
        return HEX_COUNT;
    case 'o':
        *piece = (uint32_t)*value & ((UINT32_C(1) << 3 * OCTAL_COUNT) - 1);
        *value >>= 3 * OCTAL_COUNT;
        return OCTAL_COUNT;
    default:
        rest = *value / DECIMAL_PIECE;
        *piece = (uint32_t)(*value - rest * DECIMAL_PIECE);
        *value = rest;
        return DECIMAL_COUNT;
    }
}

static char *digits_of(char *end, uintmax_t value, char kind)
{
    while (value > UINT32_MAX) {
        uint32_t piece;
        int count = take_piece(&value, &piece, kind);
        char *first = digits32(end, piece, kind);
        for (end -= count; first != end;) {
            *--first = '0';
        }
    }
    return digits32(end, (uint32_t)value, kind);
}

static void put_number(struct output *out, const struct conversion *conv, uintmax_t value,
                       const char *prefix)
{
    char digits[24]; /* 22 in octal */
    char *end = digits + sizeof(digits);
    char *first = value == 0 && conv->precision == 0 ? end : digits_of(end, value, conv->kind);
    int zeros = -1;
    if (conv->precision >= 0) {
        zeros = conv->precision - (int)(end - first);
        zeros = zeros < 0 ? 0 : zeros;
    }
    bool starts_with_zero = zeros > 0 || (first != end && *first == '0');
    if (conv->kind == 'o' && (conv->flags & FORMAT_ALTERNATE) != 0 && !starts_with_zero) {
        *--first = '0';
    }
    put_field(out, conv, prefix, zeros, first, (size_t)(end - first));
}

const char *k_sign_of(const struct conversion *conv, bool negative)
{
    return negative                            ? "-"
           : (conv->flags & FORMAT_PLUS) != 0  ? "+"
           : (conv->flags & FORMAT_SPACE) != 0 ? " "
                                               : "";
}

static const char *radix_prefix(const struct conversion *conv, uintmax_t value)
{
    if (conv->kind == 'p') {
        return "0x";
    }
    if ((conv->flags & FORMAT_ALTERNATE) == 0 || value == 0) {
        return "";
    }
    return conv->kind == 'x' ? "0x" : conv->kind == 'X' ? "0X" : "";
}

static intmax_t signed_argument(va_list *args, char length)
{
    switch (length) {
    case 'H':
        return (signed char)va_arg(*args, int);
    case 'h':
        return (short)va_arg(*args, int);
    case 'l':
        return va_arg(*args, long);
    case 'L':
        return va_arg(*args, long long);
    case 'j':
        return va_arg(*args, intmax_t);
    case 'z':
    case 't':
        return va_arg(*args, ptrdiff_t);
    default:
        return va_arg(*args, int);
    }
}

static uintmax_t unsigned_argument(va_list *args, char length)
{
    switch (length) {
    case 'H':
        return (unsigned char)va_arg(*args, unsigned);
    case 'h':
        return (unsigned short)va_arg(*args, unsigned);
    case 'l':
        return va_arg(*args, unsigned long);
    case 'L':
        return va_arg(*args, unsigned long long);
    case 'j':
        return va_arg(*args, uintmax_t);
    case 'z':
    case 't':
        return va_arg(*args, size_t);
    default:
        return va_arg(*args, unsigned);
    }
}

static void put_signed(struct output *out, const struct conversion *conv, intmax_t value)
{
    uintmax_t magnitude = value < 0 ? 0 - (uintmax_t)value : (uintmax_t)value;
    put_number(out, conv, magnitude, k_sign_of(conv, value < 0));
}

/* ---- Text -------------------------------------------------------------------------------- */

/* A field of text has no zeros, whatever the flags say. */
static bool put_string(struct output *out, const struct conversion *conv, const char *text)
{
    size_t length = 0, limit = (size_t)conv->precision; /* none given: beyond any text */
    if (conv->length != 0) {
        return false; /* wide characters */
    }
    if (text == NULL) {
        text = "(null)";
    }
    if (conv->width == 0 && conv->precision < 0) {
        (void)copy_until(out, text, '\0');
        return true;
    }
    while (length != limit && text[length] != '\0') {
        length++;
    }
    put_field(out, conv, "", 0, text, length);
    return true;
}

static bool put_character(struct output *out, const struct conversion *conv, va_list *args)
{
    if (conv->length != 0) {
        return false;
    }
    char c = (char)va_arg(*args, int);
    put_field(out, conv, "", 0, &c, 1);
    return true;
}

/* ---- Formats ----------------------------------------------------------------------------- */

/* Reads a number, or takes it from the arguments for '*'. */
static const char *parse_number(const char *at, va_list *args, int *number)
{
    int value = 0;
    if (*at == '*') {
        value = va_arg(*args, int);
        at++;
    }
    for (; *at >= '0' && *at <= '9'; at++) {
        value = value < NUMBER_MAX ? value * 10 + (*at - '0') : NUMBER_MAX;
    }
    *number = value > NUMBER_MAX ? NUMBER_MAX : value < -NUMBER_MAX ? -NUMBER_MAX : value;
    return at;
}

static unsigned flag_of(char c)
{
    switch (c) {
    case '-':
        return FORMAT_LEFT;
    case '0':
        return FORMAT_ZERO;
    case '+':
        return FORMAT_PLUS;
    case ' ':
        return FORMAT_SPACE;
    case '#':
        return FORMAT_ALTERNATE;
    default:
        return 0;
    }
}

/* Flags, width and precision. */
static const char *parse_field(const char *at, va_list *args, struct conversion *conv)
{
    for (unsigned flag; (flag = flag_of(*at)) != 0; at++) {
        conv->flags |= flag;
    }
    at = parse_number(at, args, &conv->width);
    if (conv->width < 0) {
        conv->flags |= FORMAT_LEFT;
        conv->width = -conv->width;
    }
    if (*at == '.') {
        at = parse_number(at + 1, args, &conv->precision);
    }
    return at;
}

static const char *parse_length(const char *at, struct conversion *conv)
{
    switch (*at) {
    case 'h':
    case 'l':
        if (at[1] == at[0]) {
            conv->length = *at == 'h' ? 'H' : 'L';
            return at + 2;
        }
        conv->length = *at;
        return at + 1;
    case 'j':
    case 'z':
    case 't':
        conv->length = *at;
        return at + 1;
    default:
        return at;
    }
}

/* Reads all that follows the % but the kind's meaning. Every flag, digit, '.' and '*' comes before
 * the letters in ASCII, so the plain case is one comparison. */
static const char *parse(const char *at, va_list *args, struct conversion *conv)
{
    *conv = (struct conversion){.precision = -1};
    if (*at <= '9') {
        at = parse_field(at, args, conv);
    }
    at = parse_length(at, conv);
    conv->kind = *at;
    return at;
}

/* Does one conversion; false when it is unknown. */
static bool convert(struct output *out, const struct conversion *conv, va_list *args)
{
    uintmax_t value;
    switch (conv->kind) {
    case 'd':
    case 'i':
        put_signed(out, conv, signed_argument(args, conv->length));
        return true;
    case 'u':
    case 'o':
    case 'x':
    case 'X':
        value = unsigned_argument(args, conv->length);
        put_number(out, conv, value, radix_prefix(conv, value));
        return true;
    case 'p':
        value = (uintptr_t)va_arg(*args, void *);
        put_number(out, conv, value, radix_prefix(conv, value));
        return true;
    case 'c':
        return put_character(out, conv, args);
    case 's':
        return put_string(out, conv, va_arg(*args, const char *));
    case '%':
        output_put(out, '%');
        return true;
    default:
        return k_format_float(out, conv, args);
    }
}

void k_format(struct output *out, const char *format, va_list args)
{
    va_list rest;
    va_copy(rest, args);
    while (*(format = copy_until(out, format, '%')) != '\0') {
        struct conversion conv;
        const char *kind = parse(format + 1, &rest, &conv);
        if (!convert(out, &conv, &rest)) {
            /* Which argument is whose is not known any more. */
            (void)copy_until(out, format, '\0');
            break;
        }
        format = kind + 1;
    }
    va_end(rest);
}

int k_format_result(size_t length)
{
    return length > INT32_MAX ? -1 : (int)length;
}

/* ---- Into memory ------------------------------------------------------------------------- */

K_ONE_COPY int format_into(char *text, size_t size, const char *format, va_list args)
{
    char none;
    if (size == 0) {
        text = &none;
        size = 1;
    }
    char *last = text + size - 1;
    struct output out = {.at = text, .end = last, .start = text, .full = k_output_discard};
    k_format(&out, format, args);
    *(out.start == text ? out.at : last) = '\0';
    return k_format_result(output_length(&out));
}

int kiln_vsnprintf(char *text, size_t size, const char *format, va_list args)
{
    return format_into(text, size, format, args);
}

int kiln_snprintf(char *text, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = format_into(text, size, format, args);
    va_end(args);
    return length;
}

#endif
