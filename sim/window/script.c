/* --keys SCRIPT: what is done to the keyboard and the buttons, and when.
 *
 *     # a line each: a time, and what happens then
 *     500ms  type "ps\n"
 *     1s     press F1
 *     1s     press Ctrl+C
 *     1200ms button 2 down
 *     1400ms button 2 up
 *     2s     close
 *
 * Times are the kernel's. A keyboard sends a code a millisecond, so what is typed takes some time,
 * and what comes meanwhile comes after it. The port's source asks for what is due (posix.h), so it
 * is an input like any other: the same at each run in virtual time, and in a log.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "lab.h"
#include "posix.h"
#include "scan.h"
#include "wire.h"

enum action { SEND_CODE, SET_BUTTONS, CLOSE };

struct event {
    uint64_t tick;
    enum action action;
    uint8_t value; /* the code; the buttons that are down */
};

#define CODE_TICKS  ((uint64_t)KILN_MS(1))
#define LINE_SIZE   4096
#define EVENTS_MOST (1U << 20)

static struct {
    const char *path; /* NULL: no script */
    unsigned line;
    struct event *events;
    size_t count, done;
    uint64_t tick; /* of the last event */
    uint8_t buttons;
} script;

/* ---- Reading the script ---------------------------------------------------------------------- */

static void reject(const char *what, const char *word)
{
    (void)fprintf(stderr, "kiln: --keys: '%s', line %u: %s: '%s'\n", script.path, script.line, what,
                  word);
    exit(2);
}

static void add(enum action action, uint8_t value)
{
    if (script.count == EVENTS_MOST) {
        reject("there is no end to it", script.path);
    }
    struct event *events =
        (struct event *)realloc(script.events, (script.count + 1) * sizeof(*events));
    if (events == NULL) {
        perror("kiln: --keys");
        exit(1);
    }
    script.events = events;
    events[script.count++] = (struct event){script.tick, action, value};
}

static void add_key(scan_key_t key, bool is_down)
{
    uint8_t codes[SCAN_CODES_MAX];
    unsigned count = scan_codes(key, is_down, codes);
    for (unsigned i = 0; i < count; i++) {
        add(SEND_CODE, codes[i]);
        script.tick += CODE_TICKS;
    }
}

/* The next word of a line, or the rest of it from a quotation mark on; "" at its end. */
static char *next_word(char **at)
{
    char *word = *at + strspn(*at, " \t\r\n");
    char *end = word + (*word == '"' ? strlen(word) : strcspn(word, " \t\r\n"));
    *at = *end != '\0' ? end + 1 : end;
    *end = '\0';
    return word;
}

static void require_end(char *at)
{
    const char *word = next_word(&at);
    if (*word != '\0' && *word != '#') {
        reject("one word too many", word);
    }
}

/* What follows a backslash; 0: nothing that is known. */
static char unescaped(char c)
{
    static const char from[] = "ntbe\"\\", to[] = "\n\t\b\x1B\"\\";
    const char *at = c != '\0' ? strchr(from, c) : NULL;
    return at != NULL ? to[at - from] : 0;
}

static void type_character(char c, const char *text)
{
    bool with_shift;
    scan_key_t key = scan_key_of_character(c, &with_shift);
    if (key == 0) {
        reject("a US keyboard cannot type all of", text);
    }
    if (with_shift) {
        add_key(SCAN_SHIFT, true);
    }
    add_key(key, true);
    add_key(key, false);
    if (with_shift) {
        add_key(SCAN_SHIFT, false);
    }
}

static void read_type(char *at)
{
    char *text = next_word(&at), *c = text;
    if (*text != '"') {
        reject("expected a text in quotation marks", text);
    }
    for (c++; *c != '"'; c++) {
        if (*c == '\0') {
            reject("the text does not end", text);
        }
        bool is_escape = *c == '\\';
        c += is_escape;
        type_character(is_escape ? unescaped(*c) : *c, text);
    }
    require_end(c + 1);
}

#define KEYS_AT_ONCE 4

/* The names of keys that are held together, as in "Ctrl+C"; the plus sign may be one of them. */
static unsigned split_keys(char *word, scan_key_t keys[KEYS_AT_ONCE])
{
    unsigned count = 0;
    for (char *next; word != NULL; word = next) {
        next = word[0] != '\0' ? strchr(word + 1, '+') : NULL;
        if (next != NULL) {
            *next++ = '\0';
        }
        scan_key_t key = scan_key_of_name(word);
        if (key == 0 || count == KEYS_AT_ONCE) {
            reject(key == 0 ? "there is no key" : "too many keys at once, from", word);
        }
        keys[count++] = key;
    }
    return count;
}

/* They go down one after the other and come up in the opposite order. */
static void read_press(char *at)
{
    scan_key_t keys[KEYS_AT_ONCE];
    unsigned count = split_keys(next_word(&at), keys);
    for (unsigned i = 0; i < count; i++) {
        add_key(keys[i], true);
    }
    while (count-- > 0) {
        add_key(keys[count], false);
    }
    require_end(at);
}

static void read_button(char *at)
{
    const char *number = next_word(&at);
    if (number[0] < '0' || number[0] >= '0' + BOARD_BUTTONS || number[1] != '\0') {
        reject("there is no button", number);
    }
    uint8_t bit = (uint8_t)(1U << (number[0] - '0'));
    const char *way = next_word(&at);
    if (strcmp(way, "down") == 0) {
        script.buttons |= bit;
    } else if (strcmp(way, "up") == 0) {
        script.buttons &= (uint8_t)~bit;
    } else {
        reject("a button goes down or up, not", way);
    }
    add(SET_BUTTONS, script.buttons);
    require_end(at);
}

static void read_close(char *at)
{
    add(CLOSE, 0);
    require_end(at);
}

static void read_time(const char *word)
{
    static uint64_t last;
    uint64_t tick;
    if (!posix_parse_ticks(word, &tick) || tick == 0) {
        reject("expected a time above 0, like 1s, 500ms or 250us", word);
    }
    if (tick < last) {
        reject("the line before comes later than", word);
    }
    last = tick;
    script.tick = tick > script.tick ? tick : script.tick;
}

static void read_line(char *line)
{
    static const struct {
        const char *verb;
        void (*read)(char *at);
    } verbs[] = {
        {"type", read_type}, {"press", read_press}, {"button", read_button}, {"close", read_close}};
    char *at = line;
    const char *word = next_word(&at);
    if (*word == '\0' || *word == '#') {
        return;
    }
    read_time(word);
    word = next_word(&at);
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(verbs[i].verb, word) == 0) {
            verbs[i].read(at);
            return;
        }
    }
    reject("expected type, press, button or close", word);
}

static void reject_file(const char *value)
{
    (void)fprintf(stderr, "kiln: --keys: %s\n", strerror(errno));
    posix_reject_option("--keys cannot read", value);
}

/* Returns false at the end. What is no text is told by its zeros, or by a line without an end. */
static bool get_line(FILE *file, char line[LINE_SIZE])
{
    size_t length = 0;
    int c = getc(file);
    script.line += c != EOF;
    for (; c != EOF && c != '\n'; c = getc(file)) {
        if (c == '\0' || length == LINE_SIZE - 1) {
            reject(c == '\0' ? "this is no text" : "the line is too long", script.path);
        }
        line[length++] = (char)c;
    }
    line[length] = '\0';
    return c != EOF || length != 0;
}

static void set_keys(const char *value)
{
    char line[LINE_SIZE];
    FILE *file = fopen(value, "r");
    if (file == NULL) {
        reject_file(value);
    }
    script.path = value;
    while (get_line(file, line)) {
        read_line(line);
    }
    if (ferror(file)) {
        reject_file(value);
    }
    (void)fclose(file);
}
POSIX_FLAG(keys, "FILE",
           "use the keyboard and the buttons of the board as FILE says,\n"
           "in lines like: 500ms type \"ps\\n\", or: 1s press Ctrl+C",
           set_keys);

/* ---- Delivering it --------------------------------------------------------------------------- */

static uint64_t next_tick(void)
{
    return script_is_over() ? UINT64_MAX : script.events[script.done].tick;
}

static uint32_t deliver(const struct event *event)
{
    switch (event->action) {
    case SEND_CODE:
        wire_send_scripted(&wire_keyboard, event->value);
        return UINT32_C(1) << wire_keyboard.line;
    case SET_BUTTONS:
        wire_send_scripted(&wire_buttons, event->value);
        return UINT32_C(1) << wire_buttons.line;
    default:
        posix_stop_asked = 1;
        return 0;
    }
}

static uint32_t take(uint64_t tick)
{
    uint32_t lines = 0;
    while (next_tick() <= tick) {
        lines |= deliver(&script.events[script.done]);
        script.done++;
    }
    return lines;
}

static const struct posix_schedule schedule = {.next_tick = next_tick, .take = take};

bool script_is_given(void)
{
    return script.path != NULL;
}

bool script_is_over(void)
{
    return script.done == script.count;
}

void script_start(void)
{
    if (script_is_given() && sim_outside_is_live()) {
        posix_schedule = &schedule;
    }
}
