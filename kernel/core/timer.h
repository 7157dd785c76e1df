/* What core needs of timers: nothing, when they are compiled out. */
#ifndef K_TIMER_H
#define K_TIMER_H

#include "kernel.h"

#if KILN_CFG_TIMER
/* A timer's timeout ended and left the queue. Ends the masked section that `key` opened. */
void k_timer_expired(struct kiln_timeout *timeout, unsigned key);
#else
K_INLINE void k_timer_expired(struct kiln_timeout *timeout, unsigned key)
{
    (void)timeout;
    port_irq_restore(key);
}
#endif
#endif
