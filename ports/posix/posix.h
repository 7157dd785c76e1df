/* Linux port, inside: what its files share, and what a host program may use beside Kiln. */
#ifndef POSIX_H
#define POSIX_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "port.h"
#include "port_arch.h"

/* ---- Options (options.c) ----------------------------------------------------------------- */

enum posix_clock { POSIX_CLOCK_REAL, POSIX_CLOCK_VIRTUAL };

struct posix_options {
    enum posix_clock clock;
    double speed;           /* of the real clock; 1 is real time */
    uint64_t until_ticks;   /* stop after so many; UINT64_MAX: never */
    const char *trace_path; /* NULL: no trace */
};
extern struct posix_options posix_options;

/* Names a bad value, prints the usage and ends the process with status 2. */
void posix_reject_option(const char *what, const char *value) __attribute__((noreturn));

/* Reads the process's flags; a bad one ends the process with status 2. */
void posix_parse_options(int argc, char **argv);

/* ---- Interrupts (irq.c) ------------------------------------------------------------------ */

#define POSIX_LINES 32

/* Numbers of interrupts in the trace: the tick has SysTick's, the lines follow, as on a board. */
#define POSIX_TICK_NUMBER 15U

/* Installs the handler of a simulated interrupt line, 0 to POSIX_LINES - 1. */
void posix_irq_connect(unsigned line, void (*handler)(void));

/* Raises a line: its handler runs as an interrupt, at once when called from a task that is
 * not masked. Any thread, any context. */
void posix_irq_raise(unsigned line);

/* Makes the calling thread the kernel's. */
void posix_irq_claim_thread(void);

/* Installs the signal handlers. */
void posix_irq_init(void);

/* No signal touches the kernel thread from here on. */
void posix_irq_stop(void);

/* Sleeps until something is pending, or a signal comes. */
void posix_irq_wait(void);

/* ---- Time (clock.c) ---------------------------------------------------------------------- */

/* Starts the tick. */
void posix_clock_start(void);
void posix_clock_stop(void);

/* Virtual clock: the interrupted code only spins, so the rest of this tick passes at once. */
void posix_clock_skip_to_tick(void);

/* Real clock: the tick's signal came where it could not be handled; it is to come again. */
void posix_clock_retry(void);

/* Counts the ticks that are due. Interrupt context. */
void posix_clock_interrupt(void);

/* ---- Contexts (context.c) ---------------------------------------------------------------- */

/* True when `address` lies in the guard page of the host stack of a task; *ctx says which. */
bool posix_in_guard_page(const struct port_ctx *ctx, const void *address);

/* ---- Everything else (port.c) ------------------------------------------------------------ */

/* Prints every task with its state, on stderr. */
void posix_print_summary(void);

/* The running task's name, and its context. */
const char *posix_running_name(void);
const struct port_ctx *posix_running_ctx(void);

/* Asks for the end from a signal handler: Ctrl-C. */
extern volatile int posix_stop_requested;

/* ---- Trace (trace.c) --------------------------------------------------------------------- */

void posix_trace_open(const char *path);
/* Returns false when the trace could not be written to its end. */
bool posix_trace_close(void);

#endif
