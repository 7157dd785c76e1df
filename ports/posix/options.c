/* Linux port: the flags of an app's process. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kiln/config.h"
#include "posix.h"

struct posix_options posix_options = {.speed = 1.0,
                                      .until_ticks = UINT64_MAX,
                                      .until_block = UINT64_MAX,
                                      .until_end_ticks = UINT64_MAX};

static const char *program;

extern const struct posix_flag __start_posix_flags[], __stop_posix_flags[];

static size_t flag_count(void)
{
    uintptr_t bytes = (uintptr_t)__stop_posix_flags - (uintptr_t)__start_posix_flags;
    return bytes / sizeof(struct posix_flag);
}

/* Column of the usage in which the help begins. */
#define HELP_COLUMN 24

static void print_flag(FILE *stream, const struct posix_flag *flag)
{
    int width = fprintf(stream, "  --%s %s", flag->name, flag->value != NULL ? flag->value : "");
    for (const char *line = flag->help; line != NULL;) {
        const char *end = strchr(line, '\n');
        int length = end != NULL ? (int)(end - line) : (int)strlen(line);
        (void)fprintf(stream, "%*s%.*s\n", HELP_COLUMN - width, "", length, line);
        width = 0;
        line = end != NULL ? end + 1 : NULL;
    }
}

static void print_usage(FILE *stream)
{
    (void)fprintf(stream, "usage: %s [flags]\n", program);
    for (size_t i = 0; i < flag_count(); i++) {
        print_flag(stream, &__start_posix_flags[i]);
    }
}

void posix_reject_option(const char *what, const char *value)
{
    (void)fprintf(stderr, "%s: %s: '%s'\n", program, what, value);
    print_usage(stderr);
    exit(2);
}

static void set_clock(const char *value)
{
    posix_options.virtual_time = strcmp(value, "virtual") == 0;
    if (!posix_options.virtual_time && strcmp(value, "real") != 0) {
        posix_reject_option("--clock must be real or virtual", value);
    }
}
POSIX_FLAG(clock, "real|virtual",
           "real: ticks follow the wall clock (default)\n"
           "virtual: ticks follow the program's own progress;\n"
           "every run is the same, and idle time takes none",
           set_clock);

double posix_parse_number(const char *value, char **end)
{
    errno = 0;
    double number = strtod(value, end);
    bool decimal = strspn(value, "0123456789.") == (size_t)(*end - value);
    return *end == value || errno != 0 || !decimal || !isfinite(number) ? -1.0 : number;
}

static void set_speed(const char *value)
{
    char *end;
    posix_options.speed = posix_parse_number(value, &end);
    posix_options.speed_given = true;
    if (*end != '\0' || posix_options.speed < 0.001 || posix_options.speed > 1000.0) {
        posix_reject_option("--speed must be a number from 0.001 to 1000", value);
    }
}
POSIX_FLAG(speed, "X", "real clock: X times as fast, 0.001 to 1000", set_speed);

bool posix_parse_ticks(const char *value, uint64_t *parsed_ticks)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"", 1.0}, {"s", 1.0}, {"ms", 1e-3}, {"us", 1e-6}, {"min", 60.0}};
    char *end;
    double number = posix_parse_number(value, &end);
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]) && number > 0.0; i++) {
        double ticks = ceil(number * units[i].seconds * KILN_CFG_TICK_HZ - 1e-6);
        if (strcmp(end, units[i].unit) == 0 && ticks < 1e15) {
            *parsed_ticks = ticks < 1.0 ? 1 : (uint64_t)ticks;
            return true;
        }
    }
    return false;
}

static bool parse_block(const char *value)
{
    size_t digits = strspn(value, "0123456789");
    if (digits == 0 || digits > 18 || strcmp(value + digits, "b") != 0) {
        return false;
    }
    posix_options.until_block = strtoull(value, NULL, 10);
    return true;
}

static void set_until(const char *value)
{
    if (!parse_block(value) && !posix_parse_ticks(value, &posix_options.until_ticks)) {
        posix_reject_option("--until must be a time above 0, like 10, 500ms, 250us or 2min, or "
                            "a count of blocks, like 1234b",
                            value);
    }
}
POSIX_FLAG(until, "TIME",
           "stop after this much kernel time, exit status 0;\n"
           "a number with us, ms, s (default) or min, or with b:\n"
           "at that instrumented block; a debugger stops there",
           set_until);

static void set_trace(const char *value)
{
    posix_options.trace_path = value;
}
POSIX_FLAG(trace, "FILE", "write kernel events to FILE, one line each", set_trace);

static void show_help(const char *value)
{
    (void)value;
    print_usage(stdout);
    exit(0);
}
POSIX_FLAG(help, NULL, "print this and exit", show_help);

/* getopt_long() names a bad flag itself. */
void posix_parse_options(int argc, char **argv)
{
    static struct option options[64]; /* the last stays empty */
    int index;
    program = argv[0];
    for (size_t i = 0; i < flag_count() && i < sizeof(options) / sizeof(options[0]) - 1; i++) {
        const struct posix_flag *flag = &__start_posix_flags[i];
        options[i].name = flag->name;
        options[i].has_arg = flag->value != NULL ? required_argument : no_argument;
    }
    for (int found; (found = getopt_long(argc, argv, "", options, &index)) != -1;) {
        if (found != 0) {
            print_usage(stderr);
            exit(2);
        }
        __start_posix_flags[index].set(optarg);
    }
    if (optind < argc) {
        posix_reject_option("unexpected argument", argv[optind]);
    }
    if (posix_source == NULL) {
        posix_source = posix_options.virtual_time ? &posix_virtual : &posix_real;
    }
}
