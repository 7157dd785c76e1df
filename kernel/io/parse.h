/* What a line says: commands with their words, connected by pipes, and a device to write to. */
#ifndef K_PARSE_H
#define K_PARSE_H

#include "kiln/shell.h"

#define K_PARSE_WORDS_MAX KILN_SHELL_WORDS_MAX

struct k_parse {
    char *words[K_PARSE_WORDS_MAX];
    unsigned first[KILN_CFG_SHELL_STAGES + 1]; /* each command's first word; behind: their number */
    unsigned stages;                           /* 0: nothing but spaces */
    char *device;                              /* where `>` sends the output; NULL: nowhere */
    const char *error;                         /* what is wrong with the line */
    unsigned error_at;                         /* and where, by index */
};

/* Takes a line apart, in place: the words lie in it. Words are separated by spaces; in 'single' and
 * "double" quotes and behind a backslash all is literal, but that a backslash works in double
 * quotes, too. `|` ends a command, `> device` the last one. False: `error` says why. */
bool k_parse(struct k_parse *parse, char *line);

#endif
