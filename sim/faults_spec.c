/* Injected faults: --faults, read. See faults.h. */
#include "faults.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static char text[FAULTS_TEXT_MAX];
static uint64_t seed = 1;

const char *faults_text(void)
{
    return text;
}

static __attribute__((noreturn)) void reject(const char *why, const char *item)
{
    char what[160];
    (void)snprintf(what, sizeof(what), "--faults: %s", why);
    posix_reject_option(what, item);
}

/* ---- One fault ---------------------------------------------------------------------------- */

#define TARGETS_INTERRUPT (1U << FAULT_LOSE | 1U << FAULT_REPEAT | 1U << FAULT_LATE)
#define TARGETS_DATA      (1U << FAULT_NOISE | 1U << FAULT_OVERRUN)

static const struct {
    const char *name;
    unsigned number;
    unsigned kinds; /* bits: what can go wrong there */
} targets[] = {
    {"tick", FAULT_TICK, 1U << FAULT_LOSE | 1U << FAULT_LATE},
    {"uart", SIM_LINE_UART_RECEIVE, TARGETS_INTERRUPT | TARGETS_DATA},
    {"sent", SIM_LINE_UART_SENT, TARGETS_INTERRUPT},
    {"keyboard", SIM_LINE_KEYBOARD, TARGETS_INTERRUPT | TARGETS_DATA},
    {"button", SIM_LINE_BUTTONS, TARGETS_INTERRUPT | 1U << FAULT_STUCK},
    {"clock", SIM_LINE_CLOCK, TARGETS_INTERRUPT},
};

/* A whole number from 0 to `most`, which `digits` begins with; -1: none. */
static int parse_small(const char *digits, unsigned most)
{
    char *end;
    unsigned long number = strtoul(digits, &end, 10);
    return isdigit((unsigned char)*digits) && *end == '\0' && number <= most ? (int)number : -1;
}

/* A name, "button" and a number, or the number of a line or device. */
static bool parse_target(const char *name, struct fault *fault)
{
    bool is_stuck = fault->kind == FAULT_STUCK;
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        size_t length = strlen(targets[i].name);
        int pin = is_stuck ? parse_small(name + strnlen(name, length), SIM_BUTTONS - 1U) : 0;
        if (strncmp(name, targets[i].name, length) == 0 && pin >= 0 &&
            (is_stuck || name[length] == '\0')) {
            fault->target = targets[i].number;
            fault->pin = (unsigned)pin;
            return (targets[i].kinds >> fault->kind & 1U) != 0;
        }
    }
    int line = parse_small(name, POSIX_LINES - 1U);
    fault->target = (unsigned)line;
    return line >= 0 && !is_stuck;
}

static bool parse_chance(const char *value, struct fault *fault)
{
    char *end;
    fault->chance = strtod(value, &end);
    return end != value && *end == '\0' && strspn(value, "0123456789.e-+") == strlen(value) &&
           isfinite(fault->chance) && fault->chance >= 0.0 && fault->chance <= 1.0;
}

static bool parse_up(const char *value, struct fault *fault)
{
    fault->is_up = strcmp(value, "up") == 0;
    return fault->is_up || strcmp(value, "down") == 0;
}

/* What lies between colons: for a late interrupt first the delay, then the chance. */
static void parse_arguments(char *rest, struct fault *fault, const char *item)
{
    char *place = NULL;
    bool wants_delay = fault->kind == FAULT_LATE;
    bool had_chance = false;
    for (char *value = strtok_r(rest, ":", &place); value != NULL;
         value = strtok_r(NULL, ":", &place)) {
        if (wants_delay) {
            if (!posix_parse_ticks(value, &fault->delay_ticks) || fault->delay_ticks == 0) {
                reject("a delay must be a time above 0, like 5ticks or 20ms", item);
            }
            wants_delay = false;
        } else if (had_chance ||
                   !(fault->kind == FAULT_STUCK ? parse_up : parse_chance)(value, fault)) {
            reject("a chance must be one number from 0 to 1; stuck takes up or down", item);
        } else {
            had_chance = true;
        }
    }
    if (wants_delay) {
        reject("late needs a delay, like late=tick:5ticks", item);
    }
    fault->is_once = !had_chance && fault->kind != FAULT_STUCK;
}

/* "2s", "1s..3s", or nothing. A fault with a time and no chance strikes once, between two times
 * whenever it can. */
static void parse_window(char *window, struct fault *fault, const char *item)
{
    fault->to = UINT64_MAX;
    if (window == NULL) {
        fault->is_once = false;
        return;
    }
    char *dots = strstr(window, "..");
    if (dots != NULL) {
        *dots = '\0';
        fault->is_once = false;
        if (!posix_parse_ticks(dots + 2, &fault->to)) {
            reject("a time must be like 2s, 500ms or 100ticks", item);
        }
    }
    if (!posix_parse_ticks(window, &fault->from) || fault->from > fault->to) {
        reject("times must be like 2s, 500ms, 100ticks, or 1s..3s", item);
    }
}

static enum fault_kind parse_kind(const char *name, const char *item)
{
    static const char *const names[] = {"lose", "repeat", "late", "noise", "overrun", "stuck"};
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(name, names[i]) == 0) {
            return (enum fault_kind)i;
        }
    }
    reject("there are lose, repeat, late, noise, overrun, stuck, and seed", item);
}

static void set_seed(const char *value, const char *item)
{
    char *end;
    errno = 0;
    seed = strtoull(value, &end, 10);
    if (!isdigit((unsigned char)*value) || *end != '\0' || errno != 0) {
        reject("a seed is a whole number", item);
    }
}

static void parse_item(const char *item)
{
    struct fault *fault = &faults.fault[faults.count];
    char copy[FAULT_TEXT_MAX];
    if (strlen(item) >= sizeof(copy)) {
        reject("that is too long", item);
    }
    (void)strcpy(copy, item);
    char *value = strchr(copy, '=');
    if (value == NULL) {
        reject("a fault is like lose=uart:0.01", item);
    }
    *value++ = '\0';
    if (strcmp(copy, "seed") == 0) {
        set_seed(value, item);
        return;
    }
    if (faults.count == FAULTS_MAX) {
        reject("there can be 32 at most", item);
    }
    *fault = (struct fault){.kind = parse_kind(copy, item), .chance = 1.0, .delay_ticks = 1};
    (void)strcpy(fault->text, item);
    char *window = strchr(value, '@');
    if (window != NULL) {
        *window++ = '\0';
    }
    char *arguments = value + strcspn(value, ":");
    if (*arguments != '\0') {
        *arguments++ = '\0';
    }
    if (!parse_target(value, fault)) {
        reject("that cannot happen there; it can to tick, uart, keyboard, button0 to button3, or "
               "a line's number",
               item);
    }
    parse_arguments(arguments, fault, item);
    parse_window(window, fault, item);
    faults.count++;
}

/* ---- All of them -------------------------------------------------------------------------- */

void faults_use(const char *specification)
{
    char items[FAULTS_TEXT_MAX], *place = NULL;
    if (faults.count != 0 || text[0] != '\0') {
        reject("once only, and not with a log that has faults of its own", specification);
    }
    if (strlen(specification) >= sizeof(items)) {
        reject("that is too long", specification);
    }
    (void)strcpy(text, specification);
    (void)strcpy(items, specification);
    for (char *item = strtok_r(items, ",", &place); item != NULL;
         item = strtok_r(NULL, ",", &place)) {
        parse_item(item);
    }
    if (faults.count == 0) {
        reject("no fault is named", specification);
    }
    for (unsigned i = 0; i < faults.count; i++) {
        faults.fault[i].random = seed * UINT64_C(0xD1B54A32D192ED03) + i;
    }
    (void)fprintf(stderr, "kiln: faults: seed %llu\n", (unsigned long long)seed);
    faults_begin();
}

#define FILE_BYTES_MOST 65536

/* All of a file that is a text and no longer than that. */
static size_t read_text(const char *path, char bytes[FILE_BYTES_MOST])
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        reject(strerror(errno), path);
    }
    size_t length = fread(bytes, 1, FILE_BYTES_MOST, file);
    if (ferror(file)) {
        reject(strerror(errno), path);
    }
    (void)fclose(file);
    if (length == FILE_BYTES_MOST) {
        reject("that is too long", path);
    }
    if (memchr(bytes, '\0', length) != NULL) {
        reject("that is no text", path);
    }
    return length;
}

/* Lines of a file as one list: without comments and blanks, separated by commas. */
static void read_file(const char *path, char *list, size_t size)
{
    static char bytes[FILE_BYTES_MOST];
    size_t length = 0, total = read_text(path, bytes);
    bool in_comment = false;
    for (size_t i = 0; i < total; i++) {
        in_comment = bytes[i] != '\n' && (in_comment || bytes[i] == '#');
        bool is_blank = in_comment || isspace((unsigned char)bytes[i]);
        if (length + 2 >= size) {
            reject("that is too long", path);
        } else if (!is_blank) {
            list[length++] = bytes[i];
        } else if (length != 0 && list[length - 1] != ',') {
            list[length++] = ',';
        }
    }
    list[length] = '\0';
}

static void set_faults(const char *value)
{
    char list[FAULTS_TEXT_MAX];
    if (*value == '@') {
        read_file(value + 1, list, sizeof(list));
        faults_use(list);
    } else {
        faults_use(value);
    }
}
POSIX_FLAG(faults, "LIST",
           "have things go wrong, like lose=uart:0.01,seed=7; or\n"
           "@FILE with such a list. lose, repeat, late (:TIME),\n"
           "noise, overrun, stuck =tick, uart, keyboard, button0\n"
           "or a line; :CHANCE each time; @TIME or @TIME..TIME",
           set_faults);
