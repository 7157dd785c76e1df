/* Formatted printing: see kiln/print.h. */
#include "kiln/config.h"

#if KILN_CFG_PRINT

#include <string.h>

#include "core/kernel.h"
#include "kiln/print.h"

/* Where the text goes. `length` counts what would be written without an end. */
struct output {
    char *text;
    size_t size;
    size_t length;
};

/* One conversion: %[flags][width][.precision][length]kind */
struct conversion {
    bool left, zero, plus, space, alternate;
    int width;
    int precision; /* -1: none given */
    char kind;
};

static void put(struct output *out, char c)
{
    if (out->length + 1 < out->size) {
        out->text[out->length] = c;
    }
    out->length++;
}

static void put_many(struct output *out, char c, int count)
{
    while (count-- > 0) {
        put(out, c);
    }
}

/* Puts prefix, zeros and body, padded to the width. */
static void put_field(struct output *out, const struct conversion *conv, const char *prefix,
                      int zeros, const char *body, int body_length)
{
    int prefix_length = (int)strlen(prefix);
    int padding = conv->width - prefix_length - zeros - body_length;
    if (!conv->left) {
        put_many(out, ' ', padding);
    }
    while (*prefix != '\0') {
        put(out, *prefix++);
    }
    put_many(out, '0', zeros);
    for (int i = 0; i < body_length; i++) {
        put(out, body[i]);
    }
    if (conv->left) {
        put_many(out, ' ', padding);
    }
}

static const char *sign_of(const struct conversion *conv, bool negative)
{
    if (negative) {
        return "-";
    }
    return conv->plus ? "+" : conv->space ? " " : "";
}

static const char *radix_prefix(const struct conversion *conv, uintmax_t value)
{
    if (conv->kind == 'p') {
        return "0x";
    }
    if (!conv->alternate || value == 0) {
        return "";
    }
    return conv->kind == 'x' ? "0x" : conv->kind == 'X' ? "0X" : "";
}

static unsigned radix_of(char kind)
{
    return kind == 'o' ? 8U : kind == 'x' || kind == 'X' || kind == 'p' ? 16U : 10U;
}

static void put_number(struct output *out, const struct conversion *conv, uintmax_t value,
                       const char *prefix)
{
    char digits[24];
    const char *symbols = conv->kind == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    unsigned radix = radix_of(conv->kind);
    int length = 0;
    bool zero_hidden = value == 0 && conv->precision == 0;
    for (uintmax_t rest = value; rest != 0 || (length == 0 && !zero_hidden); rest /= radix) {
        digits[sizeof(digits) - 1 - (size_t)length++] = symbols[rest % radix];
    }
    int zeros = conv->precision - length;
    if (conv->precision < 0 && conv->zero && !conv->left) {
        zeros = conv->width - (int)strlen(prefix) - length;
    }
    if (conv->kind == 'o' && conv->alternate && zeros <= 0 && (value != 0 || zero_hidden)) {
        zeros = 1;
    }
    put_field(out, conv, prefix, zeros > 0 ? zeros : 0, digits + sizeof(digits) - length, length);
}

static void put_string(struct output *out, const struct conversion *conv, const char *text)
{
    int length = 0;
    if (text == NULL) {
        text = "(null)";
    }
    while ((conv->precision < 0 || length < conv->precision) && text[length] != '\0') {
        length++;
    }
    put_field(out, conv, "", 0, text, length);
}

/* The integer argument of a conversion, by its length: 'H' stands for hh, 'L' for ll. */
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
    put_number(out, conv, magnitude, sign_of(conv, value < 0));
}

/* The greatest width and precision; more is cut down to it. */
#define NUMBER_MAX 1000000

/* Reads a number, or takes it from the arguments for '*'. */
static const char *parse_number(const char *at, va_list *args, int *number)
{
    if (*at == '*') {
        int given = va_arg(*args, int);
        *number = given > NUMBER_MAX ? NUMBER_MAX : given < -NUMBER_MAX ? -NUMBER_MAX : given;
        return at + 1;
    }
    *number = 0;
    while (*at >= '0' && *at <= '9') {
        if (*number < NUMBER_MAX / 10) {
            *number = *number * 10 + (*at - '0');
        }
        at++;
    }
    return at;
}

static const char *parse_flags(const char *at, struct conversion *conv)
{
    for (;; at++) {
        switch (*at) {
        case '-':
            conv->left = true;
            break;
        case '0':
            conv->zero = true;
            break;
        case '+':
            conv->plus = true;
            break;
        case ' ':
            conv->space = true;
            break;
        case '#':
            conv->alternate = true;
            break;
        default:
            return at;
        }
    }
}

static const char *parse_length(const char *at, char *length)
{
    *length = '\0';
    if ((at[0] == 'h' && at[1] == 'h') || (at[0] == 'l' && at[1] == 'l')) {
        *length = at[0] == 'h' ? 'H' : 'L';
        return at + 2;
    }
    if (*at != '\0' && strchr("hljzt", *at) != NULL) {
        *length = *at;
        return at + 1;
    }
    return at;
}

/* Reads all between the % and the kind. */
static const char *parse(const char *at, va_list *args, struct conversion *conv, char *length)
{
    at = parse_flags(at, conv);
    at = parse_number(at, args, &conv->width);
    if (conv->width < 0) {
        conv->left = true;
        conv->width = -conv->width;
    }
    conv->precision = -1;
    if (*at == '.') {
        at = parse_number(at + 1, args, &conv->precision);
    }
    at = parse_length(at, length);
    conv->kind = *at;
    return at;
}

/* Does one conversion; false when its kind is unknown. */
static bool convert(struct output *out, const struct conversion *conv, char length, va_list *args)
{
    uintmax_t value;
    char c;
    switch (conv->kind) {
    case 'd':
    case 'i':
        put_signed(out, conv, signed_argument(args, length));
        return true;
    case 'u':
    case 'o':
    case 'x':
    case 'X':
        value = unsigned_argument(args, length);
        put_number(out, conv, value, radix_prefix(conv, value));
        return true;
    case 'p':
        value = (uintptr_t)va_arg(*args, void *);
        put_number(out, conv, value, radix_prefix(conv, value));
        return true;
    case 'c':
        c = (char)va_arg(*args, int);
        put_field(out, conv, "", 0, &c, 1);
        return true;
    case 's':
        put_string(out, conv, va_arg(*args, const char *));
        return true;
    case '%':
        put(out, '%');
        return true;
    default:
        return false;
    }
}

static void format_all(struct output *out, const char *format, va_list *args)
{
    while (*format != '\0') {
        struct conversion conv = {0};
        char length;
        if (*format != '%') {
            put(out, *format++);
            continue;
        }
        const char *end = parse(format + 1, args, &conv, &length);
        if (convert(out, &conv, length, args)) {
            format = end + 1;
        } else {
            put(out, *format++);
        }
    }
}

int kiln_vsnprintf(char *text, size_t size, const char *format, va_list args)
{
    struct output out = {.text = text, .size = size};
    va_list copy;
    va_copy(copy, args);
    format_all(&out, format, &copy);
    va_end(copy);
    if (size > 0) {
        text[out.length < size ? out.length : size - 1] = '\0';
    }
    return (int)out.length;
}

int kiln_snprintf(char *text, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = kiln_vsnprintf(text, size, format, args);
    va_end(args);
    return length;
}

int kiln_printf(const char *format, ...)
{
    char text[KILN_PRINTF_MAX];
    va_list args;
    va_start(args, format);
    int length = kiln_vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (port_in_isr()) {
        port_console_write(text, strlen(text));
    } else {
        (void)kiln_sched_lock();
        port_console_write(text, strlen(text));
        (void)kiln_sched_unlock();
    }
    return length;
}

#endif
