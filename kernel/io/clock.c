/* A clock that knows the date: see kiln/clock.h. */
#include "kiln/clock.h"

#include "core/kernel.h"

#define US_PER_SECOND 1000000U

uint64_t kiln_clock_read(const struct kiln_clock *clock)
{
    unsigned key = port_irq_save();
    uint64_t start_us = clock->start_us;
    port_irq_restore(key);
    return (start_us + kiln_uptime_us()) / US_PER_SECOND;
}

void kiln_clock_set(struct kiln_clock *clock, uint64_t seconds)
{
    uint64_t start_us = seconds * US_PER_SECOND - kiln_uptime_us(); /* modulo 2^64 */
    unsigned key = port_irq_save();
    clock->start_us = start_us;
    port_irq_restore(key);
}
