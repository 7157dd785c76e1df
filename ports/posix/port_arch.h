/* Linux port: the inline half of the port contract (ports/port.h).
 *
 * Masking is a variable: the signal handler looks at it, and leaves what it would have done
 * to whoever unmasks. Nothing here makes a system call.
 *
 * Only the one kernel thread reads and writes `masked` and `in_isr`; the signal handler runs
 * on that thread too. `pending` is also set by other threads, atomically.
 */
#ifndef PORT_ARCH_H
#define PORT_ARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "port_types.h"

struct posix_port {
    volatile unsigned masked;     /* nothing may interrupt the kernel thread now */
    volatile unsigned in_isr;     /* an interrupt is being handled */
    volatile uint32_t pending;    /* enum posix_pending */
    volatile uint64_t blocks;     /* instrumented basic blocks executed */
    volatile uint64_t next_block; /* the hook has work to do when `blocks` gets there */
};
extern struct posix_port posix_port;

enum posix_pending {
    POSIX_PENDING_IRQ = 1,    /* a signal or a line was raised */
    POSIX_PENDING_SWITCH = 2, /* kernel_switch() is to be called */
};

/* Handles what is pending, unless masked or in an interrupt. */
void posix_drain(void);

/* Saves the running context's registers on its stack and its stack pointer in *save, and
 * continues the context whose stack pointer is `to`. In switch_<cpu>.S. */
void posix_switch(void **save, void *to);

static inline unsigned port_irq_save(void)
{
    unsigned key = posix_port.masked;
    posix_port.masked = 1;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    return key;
}

/* A signal between the two lines of the last part finds the port unmasked and drains itself. */
static inline void port_irq_restore(unsigned key)
{
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    posix_port.masked = key;
    if (key == 0 && __builtin_expect(posix_port.pending != 0, 0)) {
        posix_drain();
    }
}

static inline bool port_in_isr(void)
{
    return posix_port.in_isr != 0;
}

static inline bool port_can_switch(unsigned key)
{
    return (key | posix_port.in_isr) == 0;
}

static inline void port_switch_pend(void)
{
    __atomic_fetch_or(&posix_port.pending, POSIX_PENDING_SWITCH, __ATOMIC_RELAXED);
}

/* For the high-water mark: how deep the stack is at a switch. */
static inline void port_note_depth(struct port_ctx *ctx)
{
    void *here = __builtin_frame_address(0);
    if ((uintptr_t)here < (uintptr_t)ctx->sp_lowest) {
        ctx->sp_lowest = here;
    }
}

#if defined(__SANITIZE_ADDRESS__) || defined(SIM_TSAN)
void port_switch(struct port_ctx *from, struct port_ctx *to);
#else
static inline void port_switch(struct port_ctx *from, struct port_ctx *to)
{
    port_note_depth(from);
    posix_switch(&from->sp, to->sp);
}
#endif

/* With thousands of tasks in turn, each one's data has long left the caches. */
static inline void port_ctx_prefetch(const struct port_ctx *ctx, const void *task)
{
    __builtin_prefetch(ctx->sp);
    __builtin_prefetch((const char *)ctx->sp + 64);
    __builtin_prefetch(task);
    __builtin_prefetch((const char *)task + 64);
}

static inline uint32_t port_prio_bit(unsigned n)
{
    return UINT32_C(1) << n;
}

static inline unsigned port_prio_top(uint32_t map)
{
    return 31U - (unsigned)__builtin_clz(map);
}

/* Nanoseconds of kernel time. */
#define PORT_CYCLES_PER_US 1000U
uint64_t port_cycles(void);

#define PORT_VA_DOUBLE double

#endif
