/* Semihosting: the one call that ends an emulated board with an exit status. */
#ifndef SEMIHOST_H
#define SEMIHOST_H

/* Ends the emulator. Returns on a board without a debugger: fault.c skips the breakpoint. */
void semihost_exit(int code);

#endif
