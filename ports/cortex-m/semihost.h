/* Semihosting: the one call that ends an emulated board with an exit status. */
#ifndef SEMIHOST_H
#define SEMIHOST_H

#include <stdint.h>

/* Ends the emulator. Returns on a board without a debugger: fault.c skips the breakpoint. */
void semihost_exit(int code);

/* Its breakpoint: a fault from there means that there is no debugger. */
extern const uint8_t semihost_breakpoint[];

#endif
