/* Cortex-M port: what a task's saved context looks like, and how small a stack may be. */
#ifndef PORT_TYPES_H
#define PORT_TYPES_H

#include <stdint.h>

struct port_ctx {
    void *sp; /* while it does not run: its frame in switch.S */
#if defined(__ARM_ARCH_8M_MAIN__)
    void *stack_limit; /* for PSPLIM */
#endif
};

/* A preempted task needs its exception frame, one more for the way into the scheduler, and the
 * scheduler's own: see switch.S. Floating point makes them larger. */
#if defined(__ARM_FP)
#define PORT_STACK_MIN 336
#else
#define PORT_STACK_MIN 160
#endif

#endif
