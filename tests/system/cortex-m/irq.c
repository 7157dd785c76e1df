/* System tests on a board: an interrupt that no device uses, set pending by software.
 *
 * TEST_IRQ is its number, TEST_IRQ_HANDLER its handler's name: tools/mk/system.mk. "ARMv7-M
 * Architecture Reference Manual", B3.4; the registers are the same on v6-M and v8-M.
 */
#include "harness.h"

#define NVIC_ISER ((volatile uint32_t *)0xE000E100U)
#define NVIC_ISPR ((volatile uint32_t *)0xE000E200U)
#define NVIC_IPR  ((volatile uint32_t *)0xE000E400U)

/* More urgent than the tick, at 0x80, and still allowed to call the kernel. */
#define PRIORITY UINT32_C(0x40)

static void (*function)(void);

void TEST_IRQ_HANDLER(void);

void TEST_IRQ_HANDLER(void)
{
    function();
}

void test_irq_trigger(void (*fn)(void))
{
    unsigned shift = TEST_IRQ % 4 * 8;
    function = fn;
    NVIC_IPR[TEST_IRQ / 4] = (NVIC_IPR[TEST_IRQ / 4] & ~(UINT32_C(0xFF) << shift)) | PRIORITY
                                                                                         << shift;
    NVIC_ISER[TEST_IRQ / 32] = UINT32_C(1) << TEST_IRQ % 32;
    NVIC_ISPR[TEST_IRQ / 32] = UINT32_C(1) << TEST_IRQ % 32;
    __asm__ volatile("dsb\n\tisb" : : : "memory");
}

enum test_home test_home(void)
{
    return TEST_BOARD;
}
