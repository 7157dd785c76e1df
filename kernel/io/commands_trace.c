/* The log of kernel events: a ring of the shell's own, while it is recorded. */
#include "kiln/config.h"

#if KILN_CFG_SHELL

#include <string.h>

#include "core/kernel.h"
#include "io/shell.h"
#include "kiln/kiln.h"

#if KILN_CFG_TRACE
#define RECORDS 32
#define LINE    80

static struct kiln_ring ring;
static struct kiln_ring_record records[RECORDS];

static int trace_on(struct kiln_shell_call *call)
{
    (void)call;
    (void)kiln_ring_init(&ring, records, RECORDS, KILN_RING_OVERWRITE);
    kiln_ring_start(&ring);
    return 0;
}

static int trace_off(struct kiln_shell_call *call)
{
    (void)call;
    kiln_ring_start(NULL);
    return 0;
}

/* To write makes events of its own, so nothing is recorded meanwhile. The ring may be the one that
 * the kernel has had from its start. */
static int log_command(struct kiln_shell_call *call)
{
    char line[LINE];
    struct kiln_ring *used = kernel.ring != NULL ? kernel.ring : &ring;
    bool was_on = kernel.ring != NULL;
    kiln_ring_start(NULL);
    for (uint32_t i = 0; i < used->count; i++) {
        uint32_t at = (used->next + used->capacity - used->count + i) % used->capacity;
        struct kiln_ring_record record = used->records[at];
        (void)kiln_ring_format(line, sizeof(line), &record);
        kiln_shell_printf(call, "%s\n", line);
    }
    if (used->count == 0) {
        kiln_shell_printf(call, "no events: trace on records them\n");
    }
    if (was_on) {
        kiln_ring_start(used);
    }
    return 0;
}
#else
static int trace_on(struct kiln_shell_call *call)
{
    return kiln_shell_fail(call, "this image was built without KILN_CFG_TRACE");
}

static int trace_off(struct kiln_shell_call *call)
{
    return trace_on(call);
}

static int log_command(struct kiln_shell_call *call)
{
    return trace_on(call);
}
#endif

KILN_SHELL_COMMAND(log, "", "the last kernel events that were recorded", log_command);

static int trace(struct kiln_shell_call *call)
{
    if (!k_shell_arguments(call, 1, 1)) {
        return 1;
    }
    if (k_compare(call->argv[1], "on") == 0) {
        return trace_on(call);
    }
    if (k_compare(call->argv[1], "off") == 0) {
        return trace_off(call);
    }
    return kiln_shell_fail(call, "'%s' is neither on nor off", call->argv[1]);
}
KILN_SHELL_COMMAND(trace, "on|off", "records kernel events for log", trace);

#endif
