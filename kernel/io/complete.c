/* Tab completion: of commands, tasks, entries of `run` and devices, by what stands before the
 * word. */
#include "kiln/config.h"

#if KILN_CFG_SHELL

#include <string.h>

#include "io/shell.h"
#include "kiln/sched.h"

/* What a word may be. */
enum kind { A_COMMAND, A_DEVICE, AN_ENTRY, A_TASK };

struct word {
    const char *start; /* in the editor's line, up to the cursor */
    size_t length;
    enum kind kind;
};

static bool is_operator(char c)
{
    return c == '|' || c == '>';
}

/* True when a text up to `end` ends in a certain word. */
static bool ends_in(const char *text, const char *end, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(end - text) < length || memcmp(end - length, word, length) != 0) {
        return false;
    }
    const char *start = end - length;
    return start == text || start[-1] == ' ' || is_operator(start[-1]);
}

/* By what stands before a word, spaces left out: `at` is behind that. */
static enum kind kind_after(const char *text, const char *at)
{
    if (at == text || at[-1] == '|' || ends_in(text, at, "help")) {
        return A_COMMAND;
    }
    return at[-1] == '>' ? A_DEVICE : ends_in(text, at, "run") ? AN_ENTRY : A_TASK;
}

static struct word word_of(const struct kiln_line *line)
{
    const char *end = line->text + line->cursor, *start = end;
    while (start > line->text && start[-1] != ' ' && !is_operator(start[-1])) {
        start--;
    }
    const char *before = start;
    while (before > line->text && before[-1] == ' ') {
        before--;
    }
    return (struct word){start, (size_t)(end - start), kind_after(line->text, before)};
}

static const char *task_name(unsigned index)
{
    (void)kiln_sched_lock();
    const struct kiln_task *task = k_task_at(index);
    const char *name = task != NULL ? kiln_name(task) : NULL;
    (void)kiln_sched_unlock();
    return name;
}

/* Those that were made known, then static streams. */
static const char *device_name(unsigned index)
{
    size_t known = K_SECTION_COUNT(kiln_shell_devices);
    if (index < known) {
        return __start_kiln_shell_devices[index].name;
    }
    index -= (unsigned)known;
    return index < K_SECTION_COUNT(kiln_streams) ? kiln_name(&__start_kiln_streams[index]) : NULL;
}

/* The n-th name of a kind; NULL behind the last. */
static const char *name_at(enum kind kind, unsigned index)
{
    switch (kind) {
    case A_COMMAND:
        return index < K_SECTION_COUNT(kiln_shell_commands)
                   ? __start_kiln_shell_commands[index].name
                   : NULL;
    case A_DEVICE:
        return device_name(index);
    case AN_ENTRY:
        return index < K_SECTION_COUNT(kiln_run_entries) ? __start_kiln_run_entries[index].name
                                                         : NULL;
    default:
        return task_name(index);
    }
}

static bool fits(const struct word *word, const char *name)
{
    return strncmp(name, word->start, word->length) == 0;
}

static size_t common_length(const char *one, const char *other, size_t most)
{
    size_t length = 0;
    while (length < most && one[length] == other[length]) {
        length++;
    }
    return length;
}

/* The first name that fits, how many do, and how much all of them have in common. */
static const char *find(const struct word *word, unsigned *count, size_t *common)
{
    const char *first = NULL, *name;
    *count = 0;
    *common = 0;
    for (unsigned i = 0; (name = name_at(word->kind, i)) != NULL; i++) {
        if (fits(word, name)) {
            *common = first == NULL ? strlen(name) : common_length(first, name, *common);
            first = first == NULL ? name : first;
            (*count)++;
        }
    }
    return first;
}

const char *k_shell_candidate(const struct kiln_shell *shell, uint16_t *index)
{
    struct word word = word_of(&shell->line);
    const char *name;
    while ((name = name_at(word.kind, *index)) != NULL) {
        (*index)++;
        if (fits(&word, name)) {
            return name;
        }
    }
    return NULL;
}

bool k_shell_complete(struct kiln_shell *shell)
{
    struct word word = word_of(&shell->line);
    unsigned count;
    size_t common;
    const char *name = find(&word, &count, &common);
    if (count == 0) {
        kiln_line_bell(&shell->line);
    } else if (common > word.length) {
        kiln_line_insert(&shell->line, name + word.length, common - word.length);
    }
    if (count == 1) {
        kiln_line_insert(&shell->line, " ", 1);
    }
    return count <= 1 || common > word.length;
}

#endif
