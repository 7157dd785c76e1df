/* Fake port: the kernel's side of ports/port.h. Everything is recorded and checked in fake.c.
 *
 * With FAKE_REVERSED_PRIO the bits of a priority map stand the other way round, as they do on
 * v6-M: the kernel must not care.
 */
#ifndef PORT_ARCH_H
#define PORT_ARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "port_types.h"

unsigned port_irq_save(void);
void port_irq_restore(unsigned key);
bool port_in_isr(void);
bool port_can_switch(unsigned key);
void port_switch(struct port_ctx *from, struct port_ctx *to);
void port_switch_pend(void);

static inline void port_ctx_prefetch(const struct port_ctx *ctx, const void *task)
{
    (void)ctx;
    (void)task;
}

#ifdef FAKE_REVERSED_PRIO
static inline uint32_t port_prio_bit(unsigned n)
{
    return UINT32_C(0x80000000) >> n;
}

static inline unsigned port_prio_top(uint32_t map)
{
    return 31U - (unsigned)__builtin_ctz(map);
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

#define PORT_CYCLES_PER_US 10U
uint64_t port_cycles(void);

#define PORT_VA_DOUBLE double

#endif
