/* What core needs of the kernel's own trace ring: nothing, when there is none. */
#ifndef K_RING_H
#define K_RING_H

#include "kernel.h"

#if KILN_CFG_TRACE_RING
/* Empties the kernel's ring and starts it. Called by kernel_init(). */
void k_ring_reset(void);

/* Prints it: the system is about to end. Masked. */
void k_ring_flush(void);
#else
K_INLINE void k_ring_reset(void)
{
}

K_INLINE void k_ring_flush(void)
{
}
#endif
#endif
