/* Linux port: what a task's saved context looks like, and how small a stack may be. */
#ifndef PORT_TYPES_H
#define PORT_TYPES_H

#include <stdint.h>

/* A host task runs on a stack of the port's own, with a guard page; the app's stack is the
 * target's and is only accounted for. */
struct port_ctx {
    void *sp;           /* while it does not run: its frame in switch_<cpu>.S */
    void *sp_lowest;    /* deepest `sp` seen at a switch */
    struct stack *host; /* the host stack; NULL for main()'s */
};

/* As on a board without floating point. */
#define PORT_STACK_MIN 160

/* Tasks run on stacks of the host's, whose frames are larger. */
#define PORT_STACK_IS_MEASURED 0

#endif
