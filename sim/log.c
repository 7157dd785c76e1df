/* The log of a run: see log.h. */
#define _GNU_SOURCE
#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kiln/kiln.h"
#include "posix.h"

#define VERSION 1

const char LOG_OVER[] = "the log is over";

static const char *const kind_names[LOG_KINDS] = {"block", "idle", "spin", "data", "end"};

/* ---- Witnesses ---------------------------------------------------------------------------- */

static uint64_t events, events_hash;

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
#define FNV_START UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

static uint64_t fnv(uint64_t hash, const void *data, size_t length)
{
    for (const uint8_t *byte = (const uint8_t *)data; length > 0; length--) {
        hash = (hash ^ *byte++) * FNV_PRIME;
    }
    return hash;
}

/* Text, because an object's address says nothing in another process. */
static void note_event(enum kiln_trace_event event, const void *object, uintptr_t value)
{
    char line[128];
    size_t length = kiln_trace_format(line, sizeof(line), event, object, value);
    events++;
    events_hash = fnv(events_hash, line, length);
}

void log_watch(void)
{
    events = 0;
    events_hash = FNV_START;
    posix_trace_listen(note_event);
}

/* A task's name as one word. */
static void copy_word(char *word, size_t size, const char *text)
{
    size_t length = strnlen(text != NULL ? text : "", size - 1);
    for (size_t i = 0; i < length; i++) {
        word[i] = text[i] > ' ' && text[i] < 127 ? text[i] : '_';
    }
    word[length] = '\0';
    if (length == 0) {
        (void)strcpy(word, "?");
    }
}

void log_bear_witness(struct log_witness *witness)
{
    witness->events = events;
    witness->hash = events_hash;
    copy_word(witness->task, sizeof(witness->task), posix_running_name());
}

/* Of the file: a debugger's breakpoints are in memory. */
uint64_t log_build(void)
{
    char chunk[4096];
    uint64_t hash = FNV_START;
    FILE *image = fopen("/proc/self/exe", "r");
    if (image == NULL) {
        return 0;
    }
    for (size_t got; (got = fread(chunk, 1, sizeof(chunk), image)) > 0;) {
        hash = fnv(hash, chunk, got);
    }
    (void)fclose(image);
    return hash;
}

/* ---- Writing ------------------------------------------------------------------------------ */

/* Until all of it is written: what is wrong with a disk that is full shows at the second try. */
static bool write_line(int file, const char *text, int length)
{
    while (length > 0) {
        ssize_t written = write(file, text, (size_t)length);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        text += written > 0 ? written : 0;
        length -= written > 0 ? (int)written : 0;
    }
    return true;
}

bool log_write_header(int file, const struct log_header *header)
{
    char text[LOG_FAULTS_MAX + 200];
    int length = snprintf(text, sizeof(text), "kiln-log %d\nbuild %016" PRIx64 "\ntick-hz %u\n",
                          VERSION, header->build, header->tick_hz);
    if (header->until_ticks != UINT64_MAX) {
        length += snprintf(text + length, sizeof(text) - (size_t)length, "until %" PRIu64 "\n",
                           header->until_ticks);
    }
    if (header->faults[0] != '\0') {
        length +=
            snprintf(text + length, sizeof(text) - (size_t)length, "faults %s\n", header->faults);
    }
    return write_line(file, text, length);
}

static int print_input(char *text, size_t size, const struct log_record *record)
{
    return snprintf(text, size, " ticks %" PRIu64 " lines 0x%" PRIx32 " stop %d", record->ticks,
                    record->lines, record->stop);
}

static int print_data(char *text, size_t size, const struct log_record *record)
{
    int length = snprintf(text, size, " %u ", record->device);
    for (size_t i = 0; i < record->length; i++) {
        length += snprintf(text + length, size - (size_t)length, "%02x", record->data[i]);
    }
    return length + snprintf(text + length, size - (size_t)length, record->length == 0 ? "-" : "");
}

bool log_write(int file, const struct log_record *record)
{
    char text[2 * SIM_OUTSIDE_MAX + 200];
    const struct log_witness *seen = &record->witness;
    int length =
        snprintf(text, sizeof(text), "%" PRIu64 " %s", record->block, kind_names[record->kind]);
    if (record->kind == LOG_DATA) {
        length += print_data(text + length, sizeof(text) - (size_t)length, record);
    } else if (record->kind != LOG_END) {
        length += print_input(text + length, sizeof(text) - (size_t)length, record);
    }
    if (seen->events != UINT64_MAX) {
        length +=
            snprintf(text + length, sizeof(text) - (size_t)length,
                     " seen %" PRIu64 " %016" PRIx64 " %s", seen->events, seen->hash, seen->task);
    }
    text[length++] = '\n';
    return write_line(file, text, length);
}

/* ---- Reading ------------------------------------------------------------------------------ */

/* Reads a line without its end; LOG_OVER when the file is over before one was finished. Anything
 * else than text, or a line that no writer would write, is malformed. */
static const char *read_line(FILE *file, unsigned *line, char *text, int size)
{
    int length = 0, c = getc(file);
    while (c != EOF && c != '\n' && c != '\0' && length + 1 < size) {
        text[length++] = (char)c;
        c = getc(file);
    }
    text[length] = '\0';
    if (c == EOF) {
        return ferror(file) != 0 ? "the log cannot be read" : LOG_OVER;
    }
    ++*line;
    return c == '\n' ? NULL : "the line is not a record of a log";
}

/* The functions below read on at *text, and return false when something else is there. */

static bool read_word(const char **text, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(*text, word, length) != 0) {
        return false;
    }
    *text += length;
    return true;
}

/* A number as log_write() writes it, no greater than `max`. */
static bool read_number(const char **text, int base, uint64_t max, uint64_t *number)
{
    const char *digits = base == 16 ? "0123456789abcdef" : "0123456789";
    char *end;
    size_t count = strspn(*text, digits);
    errno = 0;
    *number = strtoull(*text, &end, base);
    bool is_number = count != 0 && end == *text + count && errno == 0 && *number <= max;
    *text += count;
    return is_number;
}

static bool read_header_line(FILE *file, unsigned *line, const char *word, int base, uint64_t max,
                             uint64_t *number)
{
    char line_text[80];
    const char *text = line_text;
    return read_line(file, line, line_text, sizeof(line_text)) == NULL && read_word(&text, word) &&
           read_number(&text, base, max, number) && *text == '\0';
}

/* The line may be missing: then it is the first record's. */
static bool read_until(FILE *file, unsigned *line, uint64_t *ticks)
{
    int first = getc(file);
    (void)ungetc(first, file);
    *ticks = UINT64_MAX;
    return first != 'u' || read_header_line(file, line, "until ", 10, UINT64_MAX, ticks);
}

/* This one, too. */
static bool read_faults(FILE *file, unsigned *line, char *faults)
{
    char line_text[LOG_FAULTS_MAX + 10];
    const char *text = line_text;
    int first = getc(file);
    (void)ungetc(first, file);
    faults[0] = '\0';
    if (first != 'f') {
        return true;
    }
    if (read_line(file, line, line_text, sizeof(line_text)) != NULL ||
        !read_word(&text, "faults ") || *text == '\0' || strlen(text) >= LOG_FAULTS_MAX) {
        return false;
    }
    (void)strcpy(faults, text);
    return true;
}

const char *log_read_header(FILE *file, unsigned *line, struct log_header *header)
{
    uint64_t version, tick_hz;
    if (!read_header_line(file, line, "kiln-log ", 10, UINT32_MAX, &version)) {
        return "this is no log of a Kiln app";
    }
    if (version != VERSION) {
        return "the log is of another version";
    }
    if (!read_header_line(file, line, "build ", 16, UINT64_MAX, &header->build)) {
        return "the line 'build' is missing";
    }
    if (!read_header_line(file, line, "tick-hz ", 10, UINT32_MAX, &tick_hz)) {
        return "the line 'tick-hz' is missing";
    }
    header->tick_hz = (unsigned)tick_hz;
    if (!read_until(file, line, &header->until_ticks)) {
        return "the line 'until' is malformed";
    }
    return read_faults(file, line, header->faults) ? NULL : "the line 'faults' is malformed";
}

static bool read_kind(const char **text, enum log_kind *kind)
{
    for (unsigned i = 0; i < LOG_KINDS; i++) {
        if (read_word(text, kind_names[i])) {
            *kind = (enum log_kind)i;
            return true;
        }
    }
    return false;
}

static bool read_input(const char **text, struct log_record *record)
{
    uint64_t lines, stop;
    bool good = read_word(text, " ticks ") && read_number(text, 10, UINT64_MAX, &record->ticks) &&
                read_word(text, " lines 0x") && read_number(text, 16, UINT32_MAX, &lines) &&
                read_word(text, " stop ") && read_number(text, 10, 1, &stop);
    if (good) {
        record->lines = (uint32_t)lines;
        record->stop = stop != 0;
    }
    return good;
}

static bool read_byte(const char **text, uint8_t *byte)
{
    char pair[3] = {(*text)[0], (*text)[0] != '\0' ? (*text)[1] : '\0', '\0'};
    const char *digits = pair;
    uint64_t value;
    if (!read_number(&digits, 16, UINT8_MAX, &value) || digits != pair + 2) {
        return false;
    }
    *byte = (uint8_t)value;
    *text += 2;
    return true;
}

static bool read_data(const char **text, struct log_record *record)
{
    uint64_t device;
    if (!read_word(text, " ") || !read_number(text, 10, UINT32_MAX, &device) ||
        !read_word(text, " ")) {
        return false;
    }
    record->device = (unsigned)device;
    if (read_word(text, "-")) {
        return true;
    }
    while (**text != '\0' && **text != ' ') {
        if (record->length == SIM_OUTSIDE_MAX || !read_byte(text, &record->data[record->length])) {
            return false;
        }
        record->length++;
    }
    return record->length != 0;
}

static bool read_witness(const char **text, struct log_witness *seen)
{
    seen->events = UINT64_MAX;
    if (**text == '\0') {
        return true;
    }
    bool good = read_word(text, " seen ") && read_number(text, 10, UINT64_MAX - 1, &seen->events) &&
                read_word(text, " ") && read_number(text, 16, UINT64_MAX, &seen->hash) &&
                read_word(text, " ");
    size_t length = strcspn(*text, " ");
    if (!good || length == 0 || length >= sizeof(seen->task)) {
        return false;
    }
    memcpy(seen->task, *text, length);
    seen->task[length] = '\0';
    *text += length;
    return true;
}

static bool read_rest(const char **text, struct log_record *record)
{
    switch (record->kind) {
    case LOG_DATA:
        return read_data(text, record);
    case LOG_END:
        return true;
    default:
        return read_input(text, record);
    }
}

const char *log_read(FILE *file, unsigned *line, struct log_record *record)
{
    char line_text[2 * SIM_OUTSIDE_MAX + 200];
    const char *text = line_text;
    const char *wrong = read_line(file, line, line_text, sizeof(line_text));
    if (wrong != NULL) {
        return wrong;
    }
    memset(record, 0, sizeof(*record));
    bool good = read_number(&text, 10, UINT64_MAX - 1, &record->block) && read_word(&text, " ") &&
                read_kind(&text, &record->kind) && read_rest(&text, record) &&
                read_witness(&text, &record->witness) && *text == '\0';
    return good ? NULL : "the line is not a record of a log";
}
