/* The target's half of the trace test: every kernel event goes to the console as text.
 *
 * An event may come in the middle of a line that a task prints, so each is framed by two control
 * characters that no app prints; compare.py takes them apart again. Interrupts are left out: a
 * host has none while it is idle, where a board has its ticks.
 *
 * TRACE_EVENTS_MAX stops an app that runs for ever, with exit status 0, after so many events. */
#include "kiln/kiln.h"
#include "port.h"

#ifndef TRACE_EVENTS_MAX
#define TRACE_EVENTS_MAX UINT32_MAX
#endif

#define EVENT_START '\x02'
#define EVENT_END   '\x03'

static uint32_t event_count;

static void count(void)
{
    if (++event_count == TRACE_EVENTS_MAX) {
        port_stop(0);
    }
}

/* Called masked or from an interrupt, so never nested: one buffer does, and the tasks' stacks,
 * which are measured for the app alone, are spared. */
void kiln_trace_hook(enum kiln_trace_event event, const void *object, uintptr_t value)
{
    static char line[64];
    if (event == KILN_TRACE_ISR_ENTER || event == KILN_TRACE_ISR_EXIT) {
        return;
    }
    size_t length = kiln_trace_format(line, sizeof(line), event, object, value);
    port_panic_putc(EVENT_START);
    for (size_t i = 0; i < length; i++) {
        port_panic_putc(line[i]);
    }
    port_panic_putc(EVENT_END);
    count();
}
