/* What happens before kiln_start(): see start.c. */
#ifndef START_H
#define START_H

#include "program.h"

/* Runs the case that a byte stands for, out of a kernel that has been reset. */
void fuzz_start(uint8_t which);

/* Before every input: no task of the image's own is alive. */
void fuzz_forget_start(void);

/* The kernel idles with no program under way. Does not return. */
void fuzz_idle(uint32_t ticks);

#endif
