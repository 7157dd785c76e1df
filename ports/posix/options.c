/* Linux port: the flags of an app's process. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kiln/config.h"
#include "posix.h"

struct posix_options posix_options = {
    .clock = POSIX_CLOCK_REAL, .speed = 1.0, .until_ticks = UINT64_MAX};

static const char *program;

static void print_usage(FILE *stream)
{
    (void)fprintf(stream,
                  "usage: %s [flags]\n"
                  "  --clock real|virtual  real: ticks follow the wall clock (default)\n"
                  "                        virtual: ticks follow the program's own progress;\n"
                  "                        every run is the same, and idle time takes none\n"
                  "  --speed X             real clock: X times as fast, 0.001 to 1000\n"
                  "  --until TIME          stop after this much kernel time, exit status 0;\n"
                  "                        a number with us, ms, s (default) or min\n"
                  "  --trace FILE          write kernel events to FILE, one line each\n"
                  "  --help                print this and exit\n",
                  program);
}

void posix_reject_option(const char *what, const char *value)
{
    (void)fprintf(stderr, "%s: %s: '%s'\n", program, what, value);
    print_usage(stderr);
    exit(2);
}

static enum posix_clock parse_clock(const char *value)
{
    if (strcmp(value, "real") == 0) {
        return POSIX_CLOCK_REAL;
    }
    if (strcmp(value, "virtual") != 0) {
        posix_reject_option("--clock must be real or virtual", value);
    }
    return POSIX_CLOCK_VIRTUAL;
}

/* Reads a finite decimal number; *end is what follows it. */
static double parse_number(const char *value, char **end)
{
    errno = 0;
    double number = strtod(value, end);
    bool decimal = strspn(value, "0123456789.") == (size_t)(*end - value);
    return *end == value || errno != 0 || !decimal || !isfinite(number) ? -1.0 : number;
}

static double parse_speed(const char *value)
{
    char *end;
    double speed = parse_number(value, &end);
    if (*end != '\0' || speed < 0.001 || speed > 1000.0) {
        posix_reject_option("--speed must be a number from 0.001 to 1000", value);
    }
    return speed;
}

static uint64_t parse_time_ticks(const char *value)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"", 1.0}, {"s", 1.0}, {"ms", 1e-3}, {"us", 1e-6}, {"min", 60.0}};
    char *end;
    double number = parse_number(value, &end);
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]) && number > 0.0; i++) {
        double ticks = ceil(number * units[i].seconds * KILN_CFG_TICK_HZ - 1e-6);
        if (strcmp(end, units[i].unit) == 0 && ticks < 1e15) {
            return ticks < 1.0 ? 1 : (uint64_t)ticks;
        }
    }
    posix_reject_option("--until must be a time above 0, like 10, 500ms, 250us or 2min", value);
    return 0;
}

static void parse_one(int option, const char *value)
{
    switch (option) {
    case 'c':
        posix_options.clock = parse_clock(value);
        posix_source = posix_options.clock == POSIX_CLOCK_VIRTUAL ? &posix_virtual : &posix_real;
        break;
    case 's':
        posix_options.speed = parse_speed(value);
        break;
    case 'u':
        posix_options.until_ticks = parse_time_ticks(value);
        break;
    case 't':
        posix_options.trace_path = value;
        break;
    case 'h':
        print_usage(stdout);
        exit(0);
    default: /* getopt_long() has named it */
        print_usage(stderr);
        exit(2);
    }
}

void posix_parse_options(int argc, char **argv)
{
    static const struct option options[] = {
        {"clock", required_argument, NULL, 'c'}, {"speed", required_argument, NULL, 's'},
        {"until", required_argument, NULL, 'u'}, {"trace", required_argument, NULL, 't'},
        {"help", no_argument, NULL, 'h'},        {NULL, 0, NULL, 0}};
    int option;
    program = argv[0];
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        parse_one(option, optarg);
    }
    if (optind < argc) {
        posix_reject_option("unexpected argument", argv[optind]);
    }
}
