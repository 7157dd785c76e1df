/* Fake port: what its parts share. Each call that may block has a stack of its own; see fake.h. */
#ifndef CALLS_H
#define CALLS_H

#include <stdbool.h>

#include "port.h"

/* Fails the test, from its own stack or that of a call. */
void fake_fail(const char *what);
void fake_require(bool condition, const char *what);

/* True while a call runs on a stack of its own. */
bool calls_running(void);

/* From the stack of the running call back to the test. `ctx` is its task's and keeps the call;
 * returns when fake_return() goes on with it. */
void calls_leave(struct port_ctx *ctx);

/* The task of `ctx` has terminated. The call that it is in the middle of is abandoned; a call that
 * made its own end is still running, and goes no further than the next switch. */
void calls_abandon(struct port_ctx *ctx);

void calls_reset(void);

#endif
