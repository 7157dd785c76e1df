/* Reset: starting over, why the last start came about, memory that outlives it, and a watchdog.
 *
 * A restart puts .data and .bss back to their start values, resets the kernel and enters main()
 * again. On a board it is the processor's own reset. On a host it happens inside the process: what
 * lies outside of the chip there (window, terminal, helper threads), and the C library, goes on as
 * it is. docs/reset.md has the rest.
 */
#ifndef KILN_RESET_H
#define KILN_RESET_H

#include "kiln/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Reset --------------------------------------------------------------------------------- */

enum kiln_reset_cause {
    KILN_RESET_POWER_ON, /* power, the reset pin, the start of the process; or nobody knows */
    KILN_RESET_SOFTWARE, /* kiln_reboot() */
    KILN_RESET_WATCHDOG, /* the watchdog was not fed in time */
    KILN_RESET_PANIC,    /* a panic or a fault, with KILN_CFG_PANIC_REBOOT */
};

/* Starts the system over. Any context, fault handlers included. Does not return. In a program
 * built with ThreadSanitizer, it ends the process with status 1 instead. */
void kiln_reboot(void) __attribute__((noreturn));

/* Returns what the last restart was for. Any context. Never blocks. The first call takes the note
 * of it away, so that it cannot be mistaken for a later one's: make it in main(), in every run. */
enum kiln_reset_cause kiln_reset_cause(void);

/* Returns its name, "power-on", "software", "watchdog" or "panic"; "?" for another number. Any
 * context. */
const char *kiln_reset_cause_name(enum kiln_reset_cause cause);

/* A variable that keeps its value over a restart, for crash notes and counters. It has no start
 * value: after power-on, whatever the memory holds (0 on a host), so keep a checksum or a magic
 * number beside it.
 *     static struct crash_note note KILN_NOINIT; */
#define KILN_NOINIT __attribute__((section(".bss.kiln_noinit")))

/* ---- Watchdog ------------------------------------------------------------------------------ */

#if KILN_CFG_TIMER
/* Has the tick's interrupt watch for a feed every `timeout_ticks`. When there is none it prints its
 * last words, with the running task, and restarts the system, or halts it with
 * KILN_CFG_WATCHDOG_REBOOT 0. When it runs already: the new time holds from now on. Counts as a
 * feed. Any context; before the start, time begins then. Never blocks.
 * KILN_EINVAL: 0 or KILN_FOREVER. */
int kiln_watchdog_start(kiln_ticks_t timeout_ticks);

/* Ends the watch of kiln_watchdog_start(). Any context. Never blocks.
 * KILN_ESTATE: it is not running. */
int kiln_watchdog_stop(void);
#endif

/* The board's own watchdog, which also sees a processor that is stuck with interrupts locked; where
 * it has an interrupt that cannot be masked (MPS2), last words come first. It cannot be stopped,
 * and bites after `timeout_ticks` or later: up to twice that where its clock is an RC oscillator.
 * Give it longer than kiln_watchdog_start(), whose last words say more. Any context. Never blocks.
 * KILN_EINVAL: 0 or KILN_FOREVER, or too long for its counter.
 * KILN_ESTATE: the board has none (a host), or it runs already. */
int kiln_watchdog_start_hardware(kiln_ticks_t timeout_ticks);

/* Says that all is well, to both. Any context. Never blocks. */
void kiln_watchdog_feed(void);

#ifdef __cplusplus
}
#endif

#endif
