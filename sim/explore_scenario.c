/* The explorer: what scenarios call. Their state is the image's, so each run starts afresh. */
#include <string.h>

#include "core/kernel.h"
#include "explorer.h"
#include "kiln/kiln.h"

static struct {
    bool declared;
    uint32_t left;
} lines[POSIX_LINES];

#define DEADLINES_MAX 16U
static struct deadline {
    const char *name; /* NULL: none */
    uint64_t last;    /* tick at which it may still be open */
} deadlines[DEADLINES_MAX];

#define SERVERS_MAX 16U
static const struct kiln_task *servers[SERVERS_MAX];
static unsigned server_count;

/* A requirement that does not hold, wherever it was made. */
static void fail(const char *what, const char *name)
{
    if (explorer != NULL) {
        run_fail("%s%s%s", what, name != NULL ? ": " : "", name != NULL ? name : "");
    }
    kiln_panic(what, NULL, NULL);
}

void explore_require(bool condition, const char *text)
{
    if (!condition) {
        fail(text, NULL);
    }
}

/* ---- Lines -------------------------------------------------------------------------------- */

void explore_line(unsigned line, void (*handler)(void), unsigned times)
{
    posix_irq_connect(line, handler);
    lines[line].declared = true;
    lines[line].left = times;
    if (explorer != NULL) {
        explorer->declared[1 + line] = times;
    }
}

uint32_t scenario_line_due(void)
{
    uint32_t due = 0;
    for (unsigned line = 0; line < POSIX_LINES; line++) {
        due |= lines[line].left != 0 ? UINT32_C(1) << line : 0;
    }
    return due;
}

bool scenario_raise(unsigned line)
{
    if (!lines[line].declared) {
        return true;
    }
    if (lines[line].left == 0) {
        return false;
    }
    lines[line].left--;
    return true;
}

/* ---- Deadlines ---------------------------------------------------------------------------- */

static struct deadline *find_deadline(const char *name)
{
    for (unsigned i = 0; i < DEADLINES_MAX; i++) {
        if (deadlines[i].name == name ||
            (name != NULL && deadlines[i].name != NULL && strcmp(deadlines[i].name, name) == 0)) {
            return &deadlines[i];
        }
    }
    return NULL;
}

static void check_deadline(const struct deadline *deadline)
{
    if (posix_posted_ticks() > deadline->last) {
        fail("missed deadline", deadline->name);
    }
}

void explore_deadline_begin(const char *name, kiln_ticks_t ticks)
{
    struct deadline *deadline = find_deadline(name);
    deadline = deadline != NULL ? deadline : find_deadline(NULL);
    if (deadline == NULL) {
        fail("too many deadlines are open", name);
        return;
    }
    *deadline = (struct deadline){name, posix_posted_ticks() + ticks};
}

void explore_deadline_end(const char *name)
{
    struct deadline *deadline = find_deadline(name);
    if (deadline == NULL) {
        fail("a deadline ends that did not begin", name);
        return;
    }
    check_deadline(deadline);
    deadline->name = NULL;
}

void scenario_check_deadlines(void)
{
    for (unsigned i = 0; i < DEADLINES_MAX; i++) {
        if (deadlines[i].name != NULL) {
            check_deadline(&deadlines[i]);
        }
    }
}

/* ---- The end ------------------------------------------------------------------------------ */

void explore_server(const struct kiln_task *task)
{
    if (server_count == SERVERS_MAX) {
        fail("too many servers", kiln_name(task));
        return;
    }
    servers[server_count++] = task;
}

bool scenario_is_server(const struct kiln_task *task)
{
    for (unsigned i = 0; i < server_count; i++) {
        if (servers[i] == task) {
            return true;
        }
    }
    return false;
}

void explore_done(void)
{
    if (explorer == NULL) {
        kiln_stop(0);
    }
    explorer->outcome.lines = posix_connected_lines();
    check_leaks();
    run_end(RUN_ENDED);
}
