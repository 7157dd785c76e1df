/* Cortex-M port: interrupts of devices. */
#ifndef NVIC_H
#define NVIC_H

#include <stdint.h>

/* The least urgent but for PendSV: port_init() has set it. Such an interrupt may call the kernel.
 */
static inline void nvic_enable(unsigned irq)
{
    volatile uint32_t *iser = (volatile uint32_t *)0xE000E100U;
    iser[irq / 32] = UINT32_C(1) << irq % 32;
}

#endif
