/* Interrupts: the AN385 and AN386 images have the same. */
#include "mps2_irqs.h"
