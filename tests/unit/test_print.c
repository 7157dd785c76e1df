/* kiln_snprintf() against the host's snprintf() over formats put together at random; the text that
 * does not fit; formats that mean nothing. Intended differences from the host's, which the
 * generated formats therefore leave out: glibc writes %p of NULL as (nil); it writes nothing for %s
 * of NULL with a precision below 6; and it forgets the zeros of %#g when rounding makes a digit
 * more (1.e+02). */
#include "unit.h"

#if KILN_CFG_PRINT

#include <stdio.h>

#define SIZE 1600

#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static char format[64], ours[SIZE], theirs[SIZE];
static int our_length, their_length;

#define BOTH(...)                                                    \
    do {                                                             \
        memset(ours, 'u', sizeof(ours));                             \
        memset(theirs, 'u', sizeof(theirs));                         \
        our_length = kiln_snprintf(ours, size, format, __VA_ARGS__); \
        their_length = snprintf(theirs, size, format, __VA_ARGS__);  \
    } while (0)

static void compare(void)
{
    if (our_length != their_length || memcmp(ours, theirs, SIZE) != 0) {
        fail_msg("\"%s\": got %d \"%.*s\", wanted %d \"%.*s\"", format, our_length, SIZE - 1, ours,
                 their_length, SIZE - 1, theirs);
    }
}

static void append(const char *text)
{
    assert_true(strlen(format) + strlen(text) < sizeof(format));
    strcat(format, text);
}

static void append_number(uint32_t number)
{
    char text[12];
    (void)snprintf(text, sizeof(text), "%u", number);
    append(text);
}

/* Flags that mean something for the conversion: the others are undefined in C. */
static void append_flags(const char *allowed)
{
    for (const char *flag = allowed; *flag != '\0'; flag++) {
        char text[2] = {*flag, '\0'};
        if (random_below(3) == 0) {
            append(text);
        }
    }
}

/* `%`, flags, width, precision; *star says whether width and precision come as arguments. */
static void start_format(const char *flags, bool precision, bool *star)
{
    format[0] = '\0';
    append(random_below(2) == 0 ? "<%" : "%");
    append_flags(flags);
    *star = random_below(5) == 0;
    if (*star) {
        append(precision ? "*.*" : "*");
        return;
    }
    if (random_below(2) == 0) {
        append_number(1 + random_below(30));
    }
    if (precision && random_below(2) == 0) {
        append(".");
        if (random_below(4) != 0) {
            append_number(random_below(25));
        }
    }
}

/* Values at the edges more often than others. */
static uint64_t random_value(void)
{
    static const uint64_t edges[] = {
        0,         1,      9,          10,         0x7F,       0x80,      0xFF,
        0x7FFF,    0x8000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, INT64_MAX, (uint64_t)INT64_MAX + 1,
        UINT64_MAX};
    uint64_t bits = (uint64_t)random_bits() << 32 | random_bits();
    return random_below(2) == 0 ? edges[random_below((uint32_t)COUNT_OF(edges))]
                                : bits >> random_below(64);
}

/* One integer conversion of the given length and type of argument. */
#define COMPARE_INTEGER(length_, type)           \
    do {                                         \
        append(length_);                         \
        append(kind);                            \
        append("|");                             \
        if (star) {                              \
            BOTH(width, precision, (type)value); \
        } else {                                 \
            BOTH((type)value);                   \
        }                                        \
        compare();                               \
    } while (0)

static void compare_integer(size_t size)
{
    static const char *const kinds[] = {"d", "i", "u", "x", "X", "o"};
    const char *kind = kinds[random_below((uint32_t)COUNT_OF(kinds))];
    bool is_signed = kind[0] == 'd' || kind[0] == 'i';
    uint64_t value = random_value();
    int width = (int)random_below(40) - 20, precision = (int)random_below(30) - 5;
    bool star;
    start_format(is_signed ? "-0+ " : kind[0] == 'u' ? "-0" : "-0#", true, &star);
    switch (random_below(8)) {
    case 0:
        COMPARE_INTEGER("hh", int);
        break;
    case 1:
        COMPARE_INTEGER("h", int);
        break;
    case 2:
        COMPARE_INTEGER("l", long);
        break;
    case 3:
        COMPARE_INTEGER("ll", long long);
        break;
    case 4:
        COMPARE_INTEGER("z", size_t);
        break;
    case 5:
        COMPARE_INTEGER("t", ptrdiff_t);
        break;
    case 6:
        COMPARE_INTEGER("j", intmax_t);
        break;
    default:
        COMPARE_INTEGER("", int);
        break;
    }
}

static void compare_string(size_t size)
{
    static const char *const texts[] = {"", "a", "kiln", "a rather longer text than the others"};
    const char *text = texts[random_below((uint32_t)COUNT_OF(texts))];
    int width = (int)random_below(40) - 20, precision = (int)random_below(30) - 5;
    bool star;
    start_format("-", true, &star);
    append("s%%");
    if (star) {
        BOTH(width, precision, text);
    } else {
        BOTH(text);
    }
    compare();
}

static void compare_character(size_t size)
{
    int c = 1 + (int)random_below(126), width = (int)random_below(20) - 10;
    bool star;
    start_format("-", false, &star);
    append("c.");
    if (star) {
        BOTH(width, c);
    } else {
        BOTH(c);
    }
    compare();
}

static void compare_pointer(size_t size)
{
    void *pointer = (void *)(uintptr_t)(random_value() | 1); /* glibc writes NULL as (nil) */
    bool star;
    start_format("-", false, &star);
    append("p");
    if (star) {
        BOTH(25, pointer);
    } else {
        BOTH(pointer);
    }
    compare();
}

#if KILN_CFG_PRINT_FLOAT
/* Any bits at all, subnormal ones, decimal fractions, halves, and what is just beside a power
 * of 10. */
static double random_double(void)
{
    uint64_t bits = (uint64_t)random_bits() << 32 | random_bits();
    double value = 1;
    switch (random_below(6)) {
    case 0:
        bits &= UINT64_C(0x800FFFFFFFFFFFFF);
        break;
    case 1:
        return (double)(int32_t)random_bits() / 1000;
    case 2:
        return (double)random_below(100000) / 8;
    case 3:
        return (double)(int64_t)bits;
    case 4:
        for (uint32_t n = random_below(30); n > 0; n--) {
            value *= 10;
        }
        value = random_below(2) == 0 ? value : 1 / value;
        memcpy(&bits, &value, sizeof(bits));
        bits += random_below(5) - UINT64_C(2);
        break;
    default:
        break;
    }
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static void compare_float(size_t size)
{
    static const char *const kinds[] = {"f", "e", "E", "F", "lf", "g", "G"};
    uint32_t n = random_below((uint32_t)COUNT_OF(kinds));
    double value = random_double();
    int width = (int)random_below(80) - 40, precision = (int)random_below(40) - 5;
    precision = random_below(16) == 0 ? (int)random_below(1100) : precision;
    bool star;
    start_format(n >= 5 ? "-0+ " : "-0+ #", true, &star);
    append(kinds[n]);
    append("|");
    if (star) {
        BOTH(width, precision, value);
    } else {
        BOTH(value);
    }
    compare();
}

static void floats_at_the_edges(void **state)
{
    (void)state;
    size_t size = SIZE;
    static const char *const formats[] = {"%f",    "%.0f",    "%e",    "%.0e",  "%g",
                                          "%.17g", "%.1074f", "%G",    "%010f", "%+E",
                                          "% F",   "%-12g|",  "%#.0f", "%.20g"};
    const double zero = 0;
    const double values[] = {0,
                             -zero,
                             1.0 / zero,
                             -1.0 / zero,
                             0.5,
                             1.5,
                             2.5,
                             1e100,
                             9.5,
                             0.05,
                             999999.5,
                             9999995,
                             0.0001,
                             0.00001,
                             4e-324,
                             2e-308,
                             1.7976931348623157e308,
                             1e23,
                             1e-5,
                             123456789.0,
                             0x1p52,
                             __builtin_nan("")};
    for (unsigned f = 0; f < COUNT_OF(formats); f++) {
        for (unsigned v = 0; v < COUNT_OF(values); v++) {
            (void)strcpy(format, formats[f]);
            BOTH(values[v]);
            compare();
        }
    }
    assert_int_equal(kiln_snprintf(ours, SIZE, "%#.2g", 99.99999), 7);
    assert_string_equal(ours, "1.0e+02");
}
#else
static void compare_float(size_t size)
{
    (void)size;
}

static void floats_at_the_edges(void **state)
{
    (void)state;
    assert_int_equal(kiln_snprintf(ours, SIZE, "%d %5.1f %d", 1, 2.0, 3), 10);
    assert_string_equal(ours, "1 %5.1f %d");
}
#endif

#define FORMATS 200000

static void generated_formats_match_the_hosts(void **state)
{
    (void)state;
    random_start();
    for (int n = 0; n < FORMATS; n++) {
        size_t size = random_below(8) == 0 ? random_below(30) : SIZE;
        switch (random_below(KILN_CFG_PRINT_FLOAT ? 8 : 6)) {
        case 6:
        case 7:
            compare_float(size);
            break;
        case 0:
            compare_string(size);
            break;
        case 1:
            compare_character(size);
            break;
        case 2:
            compare_pointer(size);
            break;
        default:
            compare_integer(size);
            break;
        }
    }
}

static void no_room_writes_nothing(void **state)
{
    (void)state;
    char text[4] = "abc";
    assert_int_equal(kiln_snprintf(NULL, 0, "%d", 12345), 5);
    assert_int_equal(kiln_snprintf(text, 0, "%d", 12345), 5);
    assert_string_equal(text, "abc");
    assert_int_equal(kiln_snprintf(text, 1, "%d", 12345), 5);
    assert_string_equal(text, "");
    assert_int_equal(kiln_snprintf(text, 4, "%d", 12345), 5);
    assert_string_equal(text, "123");
}

/* Copied as it stands, as the header says. */
static void unknown_conversions_are_copied(void **state)
{
    (void)state;
    static const char *const formats[] = {"%",   "100%",   "%y",   "%-5",      "%l",
                                          "%.",  "%5.3q!", "%hhk", "%n",       "%hn",
                                          "%ls", "%lc",    "%Lf",  "%y %s %n", "%1$d %%"};
    for (unsigned n = 0; n < COUNT_OF(formats); n++) {
        (void)kiln_snprintf(ours, SIZE, formats[n], 1, 2);
        assert_string_equal(ours, formats[n]);
    }
}

/* A width or precision that nobody means is cut down, and neither overflows nor takes for ever. */
static void wild_widths_are_cut_down(void **state)
{
    (void)state;
    volatile int least = INT32_MIN, greatest = INT32_MAX; /* or the compiler knows better */
    assert_int_equal(kiln_snprintf(ours, 4, "%*d", least, 5), 1000000);
    assert_string_equal(ours, "5  ");
    assert_int_equal(kiln_snprintf(ours, 4, "%*d", greatest, 5), 1000000);
    assert_int_equal(kiln_snprintf(ours, 4, "%.*d", greatest, 5), 1000000);
    assert_int_equal(kiln_snprintf(ours, 4, "%.*d", least, 5), 1);
    (void)strcpy(format, "%1000000d%1000001d%99999999999999999999d");
    assert_int_equal(kiln_snprintf(ours, 4, format, 1, 2, 3), 3000000);
}

static void null_string_is_named(void **state)
{
    (void)state;
    (void)strcpy(format, "%s");
    (void)kiln_snprintf(ours, SIZE, format, (const char *)NULL);
    assert_string_equal(ours, "(null)");
    (void)strcpy(format, "%p");
    (void)kiln_snprintf(ours, SIZE, format, NULL);
    assert_string_equal(ours, "0x0");
}

#define SETUP unit_setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(generated_formats_match_the_hosts), TEST(no_room_writes_nothing),
        TEST(unknown_conversions_are_copied),    TEST(null_string_is_named),
        TEST(wild_widths_are_cut_down),          TEST(floats_at_the_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
NO_TESTS("printing functions")
#endif
