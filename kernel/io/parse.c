/* The shell's parser: see parse.h.
 *
 * A word without its quotes and backslashes is never longer than it was with them, so it is written
 * where it was read. Its closing zero may fall on the character behind it, which is looked at
 * first. */
#include "kiln/config.h"

#if KILN_CFG_SHELL

#include "io/parse.h"

struct reader {
    struct k_parse *parse;
    char *line;
    unsigned at;     /* the next character to be read */
    unsigned count;  /* words so far, the device not counted */
    unsigned joint;  /* index of the last `|` or `>` */
    bool expects;    /* a word has to follow that */
    bool has_device; /* `>` was there */
};

static bool fail(struct reader *reader, const char *error, unsigned at)
{
    reader->parse->error = error;
    reader->parse->error_at = at;
    return false;
}

/* Copies up to the closing quote, which is the character at reader->at. */
static bool read_quoted(struct reader *reader, unsigned *to)
{
    unsigned start = reader->at;
    char quote = reader->line[reader->at++];
    char *line = reader->line;
    while (line[reader->at] != quote) {
        if (quote == '"' && line[reader->at] == '\\') {
            reader->at++; /* on to what it makes literal, or to the end of the line */
        }
        if (line[reader->at] == '\0') {
            return fail(reader, "this quote is not closed", start);
        }
        line[(*to)++] = line[reader->at++];
    }
    reader->at++;
    return true;
}

static bool read_escaped(struct reader *reader, unsigned *to)
{
    if (reader->line[reader->at + 1] == '\0') {
        return fail(reader, "nothing follows this backslash", reader->at);
    }
    reader->line[(*to)++] = reader->line[reader->at + 1];
    reader->at += 2;
    return true;
}

static bool ends_word(char c)
{
    return c == '\0' || c == ' ' || c == '|' || c == '>';
}

/* Reads one word to its end, and writes it back without quotes up to *to. */
static bool read_word(struct reader *reader, unsigned *to)
{
    char *line = reader->line;
    bool ok = true;
    while (ok && !ends_word(line[reader->at])) {
        char c = line[reader->at];
        if (c == '\'' || c == '"') {
            ok = read_quoted(reader, to);
        } else if (c == '\\') {
            ok = read_escaped(reader, to);
        } else {
            line[(*to)++] = c;
            reader->at++;
        }
    }
    return ok;
}

static bool add_word(struct reader *reader, char *word, unsigned at)
{
    struct k_parse *parse = reader->parse;
    if (reader->has_device) {
        if (parse->device != NULL) {
            return fail(reader, "nothing may follow the device's name", at);
        }
        parse->device = word;
    } else if (reader->count == K_PARSE_WORDS_MAX) {
        return fail(reader, "this is a word too many", at);
    } else {
        parse->words[reader->count++] = word;
    }
    reader->expects = false;
    return true;
}

/* `|` or `>`. */
static bool join(struct reader *reader, char operator, unsigned at)
{
    struct k_parse *parse = reader->parse;
    if (reader->has_device) {
        return fail(reader, "nothing may follow the device's name", at);
    }
    if (reader->count == parse->first[parse->stages]) {
        return fail(reader, "there is no command before this", at);
    }
    reader->joint = at;
    reader->expects = true;
    reader->has_device = operator== '>';
    if (reader->has_device) {
        return true;
    }
    if (parse->stages + 1U == KILN_CFG_SHELL_STAGES) {
        return fail(reader, "this is a command too many", at);
    }
    parse->first[++parse->stages] = reader->count;
    return true;
}

/* Reads what comes at reader->at, which is no space: a word, or an operator, or a word that ends at
 * one. */
static bool read_next(struct reader *reader)
{
    unsigned start = reader->at, to = start;
    if (!read_word(reader, &to)) {
        return false;
    }
    unsigned end = reader->at;
    char behind = reader->line[end];
    bool has_word = end != start;
    reader->at += behind != '\0';
    reader->line[to] = '\0';
    if (has_word && !add_word(reader, reader->line + start, start)) {
        return false;
    }
    return behind == '\0' || behind == ' ' || join(reader, behind, end);
}

static bool read_all(struct reader *reader)
{
    while (reader->line[reader->at] != '\0') {
        if (reader->line[reader->at] == ' ') {
            reader->at++;
        } else if (!read_next(reader)) {
            return false;
        }
    }
    if (reader->expects) {
        return fail(reader,
                    reader->has_device ? "no device's name follows this"
                                       : "no command follows this",
                    reader->joint);
    }
    return true;
}

bool k_parse(struct k_parse *parse, char *line)
{
    struct reader reader = {.parse = parse, .line = line};
    *parse = (struct k_parse){.error = NULL};
    if (!read_all(&reader)) {
        return false;
    }
    if (reader.count != 0) {
        parse->first[++parse->stages] = reader.count;
    }
    return true;
}

#endif
