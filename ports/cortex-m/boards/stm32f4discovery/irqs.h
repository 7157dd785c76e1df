/* Interrupts of the STM32F407VG. */
#define STM32F407_IRQ(name) IRQ(name)
#include "stm32f4_irqs.h"
#undef STM32F407_IRQ
