/* What the benchmarks on a board share: markers for tools/qcount.c, and software interrupts.
 *
 * An image measures one row at a time and says on the console what it measured, one line a row;
 * tools/bench.py pairs those lines with what qcount writes between two markers.
 */
#ifndef BENCH_TARGET_H
#define BENCH_TARGET_H

#include <stdint.h>

#include "kiln/kiln.h"

/* A point in the image for qcount: begins or ends a row. Counts as no instruction. */
#define MARK() __asm__ volatile(".inst.n 0xbf50" ::: "memory")

/* A function that keeps its place, its name and its calls: rows, and the tasks they wake. */
#define ROW __attribute__((noipa))

#define ROUNDS 7

/* BENCH_HANDLER and BENCH_HANDLER_2 are handlers of interrupts that nothing else uses, by the
 * names they have in the board's irqs.h. */
void BENCH_HANDLER(void);
void BENCH_HANDLER_2(void);

#define VECTOR_OF_IRQ(n) (*(const volatile uint32_t *)(BENCH_VECTORS + 4U * (16U + (n))))
#define NVIC_ISER        (*(volatile uint32_t *)0xE000E100U)
#define NVIC_ISPR        (*(volatile uint32_t *)0xE000E200U)

/* Finds a handler's interrupt in the vector table, enables it, and returns its bit. */
static inline uint32_t enable_irq(void (*handler)(void))
{
    for (unsigned n = 0; n < BOARD_IRQS && n < 32; n++) {
        if (VECTOR_OF_IRQ(n) == (uint32_t)handler) {
            NVIC_ISER = UINT32_C(1) << n;
            return UINT32_C(1) << n;
        }
    }
    kiln_panic("the benchmark's interrupt is not in the vector table", NULL, NULL);
}

/* Raises an interrupt; its handler has run when this is done. */
static inline void raise_irq(uint32_t bit)
{
    NVIC_ISPR = bit;
    __asm__ volatile("dsb\n\tisb" ::: "memory");
}

#endif
