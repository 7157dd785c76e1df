/* The Linux port's own header, found before it, with one thing added: the model is told when a task
 * opens a masked section, which is when the call that it is in takes effect, or its next part. */
#ifndef PROGRAM_PORT_ARCH_H
#define PROGRAM_PORT_ARCH_H

#define port_irq_save posix_irq_save
#include_next "port_arch.h"
#undef port_irq_save

void model_section(void);

static inline unsigned port_irq_save(void)
{
    unsigned key = posix_irq_save();
    if (port_can_switch(key)) {
        model_section();
    }
    return key;
}

#endif
