/* Cortex-M port: the inline half of the port contract (ports/port.h).
 *
 * Masking raises BASEPRI to KERNEL_BASEPRI on v7-M and later, so that interrupts more urgent
 * than that are never delayed, and may not call the kernel; v6-M has only PRIMASK, for all.
 */
#ifndef PORT_ARCH_H
#define PORT_ARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "port_types.h"

/* Priorities of interrupts: the hardware keeps the upper 2 to 8 bits; these work for 3. */
#define KERNEL_BASEPRI 0x20U /* this urgent or less may call the kernel */

static inline unsigned port_irq_save(void)
{
    unsigned key;
#if defined(__ARM_ARCH_6M__)
    __asm__ volatile("mrs %0, primask\n\tcpsid i" : "=r"(key) : : "memory");
#elif defined(__OPTIMIZE_SIZE__)
    register unsigned in_r3 __asm__("r3"); /* seldom an argument */
    __asm__ volatile("bl port_mask" : "=r"(in_r3) : : "r12", "lr", "memory");
    key = in_r3;
#else
    register unsigned level __asm__("r12") = KERNEL_BASEPRI; /* seldom used for anything else */
    __asm__ volatile("mrs %0, basepri\n\tmsr basepri_max, %1" : "=&r"(key) : "r"(level) : "memory");
#endif
    return key;
}

static inline void port_irq_restore(unsigned key)
{
#if defined(__ARM_ARCH_6M__)
    __asm__ volatile("msr primask, %0" : : "r"(key) : "memory");
#else
    __asm__ volatile("msr basepri, %0" : : "r"(key) : "memory");
#endif
}

static inline unsigned port_ipsr(void)
{
    unsigned ipsr;
    __asm__ volatile("mrs %0, ipsr" : "=r"(ipsr));
    return ipsr;
}

static inline bool port_in_isr(void)
{
    return port_ipsr() != 0;
}

static inline bool port_can_switch(unsigned key)
{
    return (port_ipsr() | key) == 0;
}

static inline void port_ctx_prefetch(const struct port_ctx *ctx, const void *task)
{
    (void)ctx;
    (void)task; /* nothing to fetch from: there is no cache */
}

/* In switch.S. */
void port_switch(struct port_ctx *from, struct port_ctx *to);

static inline void port_switch_pend(void)
{
    *(volatile uint32_t *)0xE000ED04U = UINT32_C(1) << 28; /* ICSR.PENDSVSET */
}

#if defined(__ARM_ARCH_6M__)
/* No CLZ: the greatest n is the lowest bit, which is cheap to isolate, and a multiplication
 * moves a pattern that is unlike all others into the upper five bits (C. E. Leiserson,
 * H. Prokop, K. H. Randall, "Using de Bruijn sequences to index a 1 in a computer word", 1998). */
extern const uint8_t port_bit_index[32];

static inline uint32_t port_prio_bit(unsigned n)
{
    return UINT32_C(0x80000000) >> n;
}

static inline unsigned port_prio_top(uint32_t map)
{
    return port_bit_index[((map & (0U - map)) * UINT32_C(0x077CB531)) >> 27];
}
#else
static inline uint32_t port_prio_bit(unsigned n)
{
    return UINT32_C(1) << n;
}

static inline unsigned port_prio_top(uint32_t map)
{
    return 31U - (unsigned)__builtin_clz(map);
}
#endif

#define PORT_CYCLES_PER_US (BOARD_CLOCK_HZ / 1000000U)
uint64_t port_cycles(void);

/* Variable arguments of 8 bytes are all passed alike, and gcc 12 loads no double without its
 * registers. */
#define PORT_VA_DOUBLE uint64_t

#endif
