/* Cortex-M port: what a task's saved context looks like, and how small a stack may be. */
#ifndef PORT_TYPES_H
#define PORT_TYPES_H

#include <stdint.h>

#include "kiln/config.h"

struct port_ctx {
    void *sp; /* while it does not run: its frame in switch.S */
#if defined(__ARM_ARCH_8M_MAIN__)
    void *stack_limit; /* for PSPLIM */
#endif
};

/* A preempted task needs its exception frame, one more for the way into the scheduler, and the
 * scheduler's own: see switch.S. Floating point makes them larger. So does the trace on v6-M, where
 * its hook calls a function to multiply; it may be there twice, as a task that reports an event can
 * be preempted. */
#if defined(__ARM_FP)
#define PORT_STACK_MIN 336
#elif defined(__ARM_ARCH_6M__)
#define PORT_STACK_MIN (KILN_CFG_TRACE ? 288 : 160)
#else
#define PORT_STACK_MIN 160
#endif

#define PORT_STACK_IS_MEASURED 1

#endif
