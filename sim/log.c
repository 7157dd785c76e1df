/* The log of a run: see log.h. */
#define _GNU_SOURCE
#include "log.h"

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

extern const char __executable_start[], etext[];

uint64_t log_build(void)
{
    return fnv(FNV_START, __executable_start, (uintptr_t)etext - (uintptr_t)__executable_start);
}

/* ---- Writing ------------------------------------------------------------------------------ */

static bool write_line(int file, const char *text, int length)
{
    return write(file, text, (size_t)length) == length;
}

bool log_write_header(int file, const struct log_header *header)
{
    char text[160];
    int length = snprintf(text, sizeof(text), "kiln-log %d\nbuild %016" PRIx64 "\ntick-hz %u\n",
                          VERSION, header->build, header->tick_hz);
    if (header->until_ticks != UINT64_MAX) {
        length += snprintf(text + length, sizeof(text) - (size_t)length, "until %" PRIu64 "\n",
                           header->until_ticks);
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

/* Reads a line without its end; LOG_OVER when there is none that was finished. */
static const char *read_line(FILE *file, unsigned *line, char *text, int size)
{
    if (fgets(text, size, file) == NULL) {
        return LOG_OVER;
    }
    size_t length = strlen(text);
    bool whole = length > 0 && text[length - 1] == '\n';
    if (!whole && length + 1 < (size_t)size) {
        return LOG_OVER;
    }
    ++*line;
    text[length - 1] = '\0';
    return whole ? NULL : "the line is too long";
}

const char *log_read_header(FILE *file, unsigned *line, struct log_header *header)
{
    char text[80], end;
    unsigned version = 0;
    const char *wrong = read_line(file, line, text, sizeof(text));
    if (wrong != NULL || sscanf(text, "kiln-log %u%c", &version, &end) != 1) {
        return "this is no log of a Kiln app";
    }
    if (version != VERSION) {
        return "the log is of another version";
    }
    wrong = read_line(file, line, text, sizeof(text));
    if (wrong != NULL || sscanf(text, "build %" SCNx64 "%c", &header->build, &end) != 1) {
        return "the line 'build' is missing";
    }
    wrong = read_line(file, line, text, sizeof(text));
    if (wrong != NULL || sscanf(text, "tick-hz %u%c", &header->tick_hz, &end) != 1) {
        return "the line 'tick-hz' is missing";
    }
    header->until_ticks = UINT64_MAX;
    long here = ftell(file);
    wrong = read_line(file, line, text, sizeof(text));
    if (wrong == NULL && sscanf(text, "until %" SCNu64 "%c", &header->until_ticks, &end) == 1) {
        return NULL;
    }
    *line -= wrong == NULL;
    return fseek(file, here, SEEK_SET) == 0 ? NULL : "the log cannot be read";
}

static bool read_kind(const char *word, enum log_kind *kind)
{
    for (unsigned i = 0; i < LOG_KINDS; i++) {
        if (strcmp(word, kind_names[i]) == 0) {
            *kind = (enum log_kind)i;
            return true;
        }
    }
    return false;
}

/* The functions below return how far they read, or NULL. */

static const char *read_input(const char *text, struct log_record *record)
{
    unsigned stop;
    int length = 0;
    (void)sscanf(text, " ticks %" SCNu64 " lines 0x%" SCNx32 " stop %u%n", &record->ticks,
                 &record->lines, &stop, &length);
    record->stop = length != 0 && stop != 0;
    return length == 0 || stop > 1 ? NULL : text + length;
}

static const char *read_data(const char *text, struct log_record *record)
{
    char hex[2 * SIM_OUTSIDE_MAX + 1];
    int length = 0;
    (void)sscanf(text, " %u %512s%n", &record->device, hex, &length);
    if (length == 0) {
        return NULL;
    }
    size_t digits = strcmp(hex, "-") == 0 ? 0 : strlen(hex);
    if (strspn(hex, "0123456789abcdef") < digits || digits % 2 != 0) {
        return NULL;
    }
    record->length = digits / 2;
    for (size_t i = 0; i < record->length; i++) {
        (void)sscanf(hex + 2 * i, "%2" SCNx8, &record->data[i]);
    }
    return text + length;
}

static const char *read_witness(const char *text, struct log_witness *seen)
{
    int length = 0;
    seen->events = UINT64_MAX;
    if (*text == '\0') {
        return text;
    }
    (void)sscanf(text, " seen %" SCNu64 " %" SCNx64 " %39s%n", &seen->events, &seen->hash,
                 seen->task, &length);
    return length == 0 ? NULL : text + length;
}

const char *log_read(FILE *file, unsigned *line, struct log_record *record)
{
    static const char malformed[] = "the line is not a record of a log";
    char text[2 * SIM_OUTSIDE_MAX + 200], word[8];
    int length = 0;
    const char *wrong = read_line(file, line, text, sizeof(text));
    if (wrong != NULL) {
        return wrong;
    }
    memset(record, 0, sizeof(*record));
    (void)sscanf(text, "%" SCNu64 " %7s%n", &record->block, word, &length);
    if (length == 0 || !read_kind(word, &record->kind)) {
        return malformed;
    }
    const char *rest = text + length;
    if (record->kind == LOG_DATA) {
        rest = read_data(rest, record);
    } else if (record->kind != LOG_END) {
        rest = read_input(rest, record);
    }
    rest = rest != NULL ? read_witness(rest, &record->witness) : NULL;
    return rest != NULL && *rest == '\0' ? NULL : malformed;
}
