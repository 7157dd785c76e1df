/* A clock that knows the date: seconds since the beginning of 1970, UTC. */
#ifndef KILN_CLOCK_H
#define KILN_CLOCK_H

#include "kiln/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* It goes with the kernel's time; the board says what time it was at the start. Where nothing keeps
 * the time while the power is off, that is 0: it wants to be set. */
struct kiln_clock {
    uint64_t start_us; /* the time at the start. Protected by masking interrupts */
};

/* Returns the time. Any context. Never blocks. */
uint64_t kiln_clock_read(const struct kiln_clock *clock);

/* Sets it. Any context. Never blocks. */
void kiln_clock_set(struct kiln_clock *clock, uint64_t seconds);

#ifdef __cplusplus
}
#endif

#endif
