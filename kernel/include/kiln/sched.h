/* The kernel as a whole: start and stop, scheduler lock, interrupt lock, time, panics. */
#ifndef KILN_SCHED_H
#define KILN_SCHED_H

#include "kiln/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Starts every statically defined task and then the scheduler. Called once, from main(). With
 * KILN_CFG_CHECKS it panics on a definition that kiln_task_init() refuses, and when called again.
 * On a board it does not return; on a host it returns the code of kiln_stop(). */
int kiln_start(void);

/* Stops the whole system with an exit code, 0 to 255: ends the process on a host, ends QEMU on an
 * emulated board, halts a real one. Any context. Does not return. */
void kiln_stop(int code) __attribute__((noreturn));

/* Keeps other tasks from running until the matching unlock; interrupts go on. Nests.
 * Blocking calls return KILN_ELOCKED meanwhile. Task context, or main() before kiln_start().
 * KILN_EISR: called from an interrupt. */
int kiln_sched_lock(void);

/* Ends a kiln_sched_lock(). May switch.
 * KILN_ESTATE: the scheduler is not locked. KILN_EISR: called from an interrupt. */
int kiln_sched_unlock(void);

/* Masks the interrupts that may call the kernel; returns the previous mask for
 * kiln_irq_unlock(). Nests by value. Any context. Keep it short. */
unsigned kiln_irq_lock(void);

/* Restores a mask. Any context. May switch when it unmasks. */
void kiln_irq_unlock(unsigned key);

/* True when called from an interrupt. Any context. */
bool kiln_in_isr(void);

/* Ticks since the start, counted from KILN_CFG_START_TICKS, 32 bits; it wraps. Any context. */
kiln_ticks_t kiln_ticks(void);

/* Ticks since the start, 64 bits, counted from KILN_CFG_START_TICKS. Any context. */
uint64_t kiln_uptime_ticks(void);

/* Microseconds since the start, with the resolution of the port's cycle counter. Any context. */
uint64_t kiln_uptime_us(void);

/* Reports a bug on the console, with the object (NULL: none), its name and the running task, and
 * halts; on a host, aborts. Any context. Does not return. */
void kiln_panic(const char *what, const void *object, const char *name) __attribute__((noreturn));

#ifdef __cplusplus
}
#endif

#endif
