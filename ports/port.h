/* The port contract: what the kernel needs from a machine, and what it offers in return.
 *
 * Each port has two headers of these names on the include path:
 *   port_types.h  struct port_ctx, PORT_STACK_MIN and PORT_STACK_IS_MEASURED; public, also C++
 *   port_arch.h   the inline functions below; only the kernel includes it
 * and sources for the rest. docs/porting.md walks through writing one.
 *
 * "Masked" means: no interrupt that may call the kernel can come. Other interrupts may.
 */
#ifndef PORT_H
#define PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port_types.h"

/* ---- Inline, in port_arch.h ----------------------------------------------------------
 *
 * unsigned port_irq_save(void)
 *     Masks, and returns what port_irq_restore() needs to go back: 0 when nothing was masked.
 *     Nests by value.
 * void port_irq_restore(unsigned key)
 *     Goes back to the mask that `key` stands for. Interrupts and a switch that became due
 *     meanwhile happen now, when it unmasks.
 * bool port_in_isr(void)
 *     True in an interrupt handler.
 * bool port_can_switch(unsigned key)
 *     True when port_switch() may be called in a section that port_irq_save() opened with
 *     `key`: in a task, and not masked before.
 * void port_switch(struct port_ctx *from, struct port_ctx *to)
 *     Saves the running task's context and continues `to`. Masked, in a task, and
 *     port_can_switch(). Returns, masked, when `from` is switched to again.
 * void port_switch_pend(void)
 *     Has kernel_switch() called as soon as the processor is unmasked and in no interrupt.
 * void port_ctx_prefetch(const struct port_ctx *ctx, const void *task)
 *     A hint: the context is probably switched to after the next, and then that task's.
 * uint32_t port_prio_bit(unsigned n), unsigned port_prio_top(uint32_t map)
 *     The bit that stands for n (0 to 31), and the greatest n in a map that is not 0. The
 *     mapping is the port's choice, so that the search is cheap.
 * uint64_t port_cycles(void)
 *     A steady count of PORT_CYCLES_PER_US a microsecond. Masked.
 * PORT_VA_DOUBLE
 *     A type that va_arg() finds where a double was passed: double, or another of its size when
 *     the kernel is compiled without floating-point registers.
 */

/* Prepares the machine, before main(): console, interrupt priorities; nothing starts yet. */
void port_init(void);

/* Makes a context that starts entry(arg), unmasked, on a stack. When entry returns,
 * kernel_task_return() is called with its result. Masked, up to where the context is a task's whose
 * end port_ctx_free() is told: so nobody can kill the creator in between, and what a port takes for
 * a context is always given back. In a constant time. */
void port_ctx_init(struct port_ctx *ctx, void *stack, size_t stack_bytes, int (*entry)(void *),
                   void *arg);

/* The context will not run again, and its stack can be reused, as soon as it is left. Masked. */
void port_ctx_free(struct port_ctx *ctx);

/* Starts the tick and continues `first`. Masked. Returns only on a host, after port_stop(). */
int port_start(struct port_ctx *first);

/* Ends the system with an exit code, as port_start()'s result on a host. */
void port_stop(int code) __attribute__((noreturn));

/* Sleeps until an interrupt, or until `ticks` ticks have passed (KILN_FOREVER: no end), and
 * accounts for the ticks that it suppressed. Called masked by the idle task; returns masked,
 * after the interrupts that woke it have been handled. An interrupt that came before the
 * call is not lost: it ends the sleep at once. */
void port_idle(uint32_t ticks);

/* Fills a stack with what port_stack_used_max() and port_stack_ok() look for, before
 * port_ctx_init(). With KILN_CFG_STACK_CHECK; unmasked, as it takes its time. */
void port_stack_paint(void *stack, size_t stack_bytes);

/* High-water mark of a stack in bytes. It compares with stack_bytes if PORT_STACK_IS_MEASURED is 1;
 * if it is 0, the task runs on another stack than its own, with other frames. */
size_t port_stack_used_max(const struct port_ctx *ctx, const void *stack, size_t stack_bytes);

/* True while a stack has not overflowed, as far as the port can tell. Masked. */
bool port_stack_ok(const struct port_ctx *ctx, const void *stack);

/* Writes text to the console, waiting if need be. Any context; not interleaved with another
 * task's when the caller holds the scheduler lock. */
void port_console_write(const char *text, size_t length);

/* Writes one character to the console, waiting if need be. Any context, faults included. */
void port_panic_putc(char c);

/* Stops for good after a panic: exit status 1 under QEMU, abort() on a host. */
void port_halt(void) __attribute__((noreturn));

/* Starts over as a reset does: .data and .bss get their start values, kernel_init() and main() are
 * called; KILN_NOINIT variables and what lies outside of the processor stay. Masked; any context,
 * fault handlers included. */
void port_reboot(void) __attribute__((noreturn));

/* Starts the board's own watchdog: after `timeout_ms` or more without a feed it resets the board.
 * Masked. KILN_EINVAL: too long for it. KILN_ESTATE: there is none, or it runs already. */
int port_watchdog_start(uint32_t timeout_ms);

/* Feeds it, if it runs. Any context. */
void port_watchdog_feed(void);

/* True when the chip says that its own watchdog caused the last reset; once. Masked. */
bool port_watchdog_fired(void);

/* ---- What a person looks at ------------------------------------------------------------- */

/* Bytes of code and constants, of variables with an initial value, and of those without. */
struct port_memory {
    size_t text, data, bss;
};
void port_memory(struct port_memory *memory);

/* An interrupt of a device, by its number from 0 on. Returns false when there is none of that
 * number or a greater one. */
struct port_irq_info {
    bool is_enabled, is_pending;
    unsigned priority; /* as the hardware has it; 0 where there is none */
};
bool port_irq_info(unsigned number, struct port_irq_info *info);

/* Where the registers of a context lie that does not run, on its stack. */
const void *port_ctx_sp(const struct port_ctx *ctx);

/* Copies memory that may not be there, or may be any task's; false when it is not there. */
bool port_peek(void *to, const void *from, size_t bytes);

/* ---- Offered by the kernel ------------------------------------------------------------- */

/* Resets the kernel. Called once by the port, before main() and before anything else here. */
void kernel_init(void);

/* Time has passed. Interrupt context, unmasked. */
void kernel_tick(uint32_t ticks);

/* Continues the most urgent ready task, if that is not the running one. Masked, in a task
 * or in what stands for one, as asked for by port_switch_pend(). */
void kernel_switch(void);

/* True when kernel_switch() would switch. Masked, or in the least urgent exception. */
bool kernel_switch_due(void);

/* The running task's entry function returned. Task context, unmasked. */
void kernel_task_return(int code) __attribute__((noreturn));

#endif
