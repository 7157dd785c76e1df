/* Interrupts of the STM32F405RG. */
#define STM32F407_IRQ(name) NO_IRQ
#include "stm32f4_irqs.h"
#undef STM32F407_IRQ
