/* Measures masked sections on a host. Built with -include of this file and -DBENCH_HOOK, every use
 * of port_irq_save() and port_irq_restore() in kernel and port goes through hook.c. */
#ifndef HOOK_H
#define HOOK_H
#if !defined(__ASSEMBLER__)

#if defined(BENCH_HOOK)
#define _GNU_SOURCE /* before the first system header of every file that this is put before */
#include "port_arch.h"

unsigned hooked_irq_save(void);
void hooked_irq_restore(unsigned key);
void print_longest_masked(void);

#define port_irq_save    hooked_irq_save
#define port_irq_restore hooked_irq_restore
#else
static inline void print_longest_masked(void)
{
}
#endif

#endif
#endif
