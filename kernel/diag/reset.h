/* Starting over with a note of why. */
#ifndef RESET_H
#define RESET_H

#include "kiln/reset.h"

/* Leaves the note and restarts. Any context, fault handlers included. */
void k_reboot(enum kiln_reset_cause cause) __attribute__((noreturn));

/* The last words of a watchdog, with the running task; then restarts, or halts. Any context. */
void k_watchdog_bite(const char *which) __attribute__((noreturn));

#endif
