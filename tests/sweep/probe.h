/* Interrupt sweep: the one-shot timer that interrupts at a chosen instruction, and its handler.
 *
 * With -icount shift=6 an instruction takes 64 ns of the board's time, more than a count of any
 * board's timer, so each instruction can be reached. Two kinds of interrupt are swept:
 *   kernel  priority 0x40, more urgent than the tick's. Its handler calls the kernel.
 *   urgent  priority 0, never masked on v7-M and later, so it also comes inside masked sections and
 *           in the middle of a switch. It must not call the kernel: it pends another that does.
 */
#ifndef PROBE_H
#define PROBE_H

#include <stdbool.h>
#include <stdint.h>

/* Kept over a restart of the image, which the start-up code leaves alone. */
#define OUTLIVES_RESTART __attribute__((section(".bss.kiln_stacks")))

struct probe {
    unsigned fired;       /* interrupts since probe_arm() */
    uint32_t pc;          /* where the first of them came */
    bool urgent;          /* which kind */
    bool spoils_fp;       /* its handler uses floating point */
    bool kernel_is_ready; /* false: it comes before main(), and does nothing */
    void (*in_isr)(void); /* what the kernel's half calls */
    unsigned echo;        /* not 0: a second interrupt follows, this many instructions later */
};
extern struct probe probe;

/* Enables the probe's interrupts. */
void probe_init(void);

/* The next interrupt comes after `offset` more instructions, and a few constant ones. */
void probe_arm(unsigned offset);
void probe_disarm(void);

/* Starts the image over, with everything as after a reset but the probe armed. */
void probe_restart(unsigned offset) __attribute__((noreturn));

/* ---- The board's timer: timer_*.c ------------------------------------------------------------ */

/* Sets it up to interrupt `counts` counts, at the processor's clock, after `value` is written to
 * the register that is returned. */
volatile uint32_t *timer_prepare(uint32_t counts, uint32_t *value);
void timer_stop(void);

/* Stops the tick, as a reset does. */
void timer_stop_tick(void);

/* Sets the tick's interrupt pending. */
void timer_pend_tick(void);

/* ---- entry.S --------------------------------------------------------------------------------- */

/* Each loads one byte, for the plugin to see the address: tools/qsweep.c. */
void sweep_tell_scenario(const void *number);
void sweep_tell_offset(const void *number);
void sweep_tell_fired(const void *pc);
void sweep_tell_begun(const void *any);
void sweep_tell_waking(const void *any);
void sweep_tell_woken(const void *any);

/* Tells after how many instructions by a load, and starts the timer with the next instruction. */
void sweep_go(const void *offset, volatile uint32_t *reg, uint32_t value);
void sweep_go_at_reset(const void *offset, volatile uint32_t *reg, uint32_t value)
    __attribute__((noreturn));

#if defined(__ARM_FP)
/* s16-s31 and FPSCR, which a switch has to keep; from and to 17 words. */
void fp_load(const uint32_t *from);
void fp_store(uint32_t *to);
/* Writes over s0-s15 and FPSCR, as a handler may. */
void fp_spoil(void);
#endif

#endif
