/* What the parts of the formatter share: where characters go, and one conversion. */
#ifndef FORMAT_H
#define FORMAT_H

#include <stdarg.h>

#include "kiln/types.h"

/* Room for characters. When there is none left, full() makes some: it may write out what there is,
 * go on somewhere else, or have the rest overwrite itself. */
struct output {
    char *at, *end;
    char *start;   /* of this room */
    size_t passed; /* characters that went into earlier rooms */
    void (*full)(struct output *out);
};

/* One conversion: %[flags][width][.precision][length]kind */
struct conversion {
    unsigned flags; /* enum format_flag, or-ed */
    int width;
    int precision; /* below 0: none given */
    char length;   /* h l j z t; H for hh, L for ll; 0 */
    char kind;
};

enum format_flag {
    FORMAT_LEFT = 1,
    FORMAT_ZERO = 2,
    FORMAT_PLUS = 4,
    FORMAT_SPACE = 8,
    FORMAT_ALTERNATE = 16,
};

/* How many characters came so far. */
static inline size_t output_length(const struct output *out)
{
    return out->passed + (size_t)(out->at - out->start);
}

/* What full() does last: names the next room, of one character at least. */
static inline void output_continue(struct output *out, char *start, size_t size)
{
    out->passed = output_length(out);
    out->start = out->at = start;
    out->end = start + size;
}

/* One place for tools/stack.py to learn where this may lead. */
static inline void output_full(struct output *out)
{
    out->full(out); /* calls: k_write_chunk, write_and_note, write_last_words, wrap_ring,
                       k_output_discard */
}

static inline void output_put(struct output *out, char c)
{
    if (out->at == out->end) {
        output_full(out);
    }
    *out->at++ = c;
}

void k_output_repeat(struct output *out, char c, int count);
void k_output_text(struct output *out, const char *text, size_t length);

/* A room in which everything overwrites itself: the end of a text that is too long. */
void k_output_discard(struct output *out);

/* Begins a field of the conversion's width: spaces, the prefix, zeros; `length` characters and
 * spaces, whose number is returned, are to follow. `zeros` below 0: as the flags say. */
int k_open_field(struct output *out, const struct conversion *conv, const char *prefix, int zeros,
                 int length);

/* "-", or what the flags ask for instead. */
const char *k_sign_of(const struct conversion *conv, bool negative);

/* Writes the decimal digits of a number so that they end before `end`; returns the first. */
char *k_decimal_digits(char *end, uint32_t value);

/* %f %F %e %E %g %G: false when that is compiled out. */
#if KILN_CFG_PRINT_FLOAT
bool k_format_float(struct output *out, const struct conversion *conv, va_list *args);
#else
static inline bool k_format_float(struct output *out, const struct conversion *conv, va_list *args)
{
    (void)out;
    (void)conv;
    (void)args;
    return false;
}
#endif

/* Formats all of it. */
void k_format(struct output *out, const char *format, va_list args);

/* A length as C99 has it: negative when an int cannot hold it. */
int k_format_result(size_t length);

#endif
