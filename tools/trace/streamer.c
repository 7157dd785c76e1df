/* A task that prints the kernel's trace ring while the app runs: `make trace-get TRACE_STREAM=`.
 *
 * It has the idle task's priority, so it keeps nobody from running; its own events, a sleep now and
 * then, are in the trace like any task's. It has to come round before the ring is full. */
#include "core/kernel.h"
#include "kiln/kiln.h"

#define PERIOD_TICKS KILN_MS(10)

static int stream(void *arg)
{
    (void)arg;
    for (;;) {
        kiln_ring_print(kernel.ring);
        (void)kiln_task_sleep(PERIOD_TICKS);
    }
    return 0;
}

KILN_TASK_DEFINE(streamer, stream, NULL, 0, PORT_STACK_MIN + 640);
