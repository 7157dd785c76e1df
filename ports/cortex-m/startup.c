/* Cortex-M port: from reset to main(), and the vector table.
 *
 * The exceptions have CMSIS names; so have the interrupts, which the board lists in its irqs.h.
 * Each is a weak alias of Default_Handler, for an app to define.
 */
#include <stdint.h>
#include <stddef.h>

#include "board.h"
#include "port.h"

extern uint32_t __stack_top[], __data_load[], __data_start[], __data_end[], __bss_start[],
    __bss_end[];

int main(void);
void Reset_Handler(void);
void Default_Handler(void);
void HardFault_Handler(void);
void PendSV_Handler(void);
void SysTick_Handler(void);

#define WEAK __attribute__((weak, alias("Default_Handler")))
WEAK void NMI_Handler(void);
WEAK void SVC_Handler(void);
WEAK void SysTick_Handler(void);
#if defined(__ARM_ARCH_6M__)
#define MemManage_Handler   NULL
#define BusFault_Handler    NULL
#define UsageFault_Handler  NULL
#define SecureFault_Handler NULL
#define DebugMon_Handler    NULL
#else
WEAK void MemManage_Handler(void);
WEAK void BusFault_Handler(void);
WEAK void UsageFault_Handler(void);
WEAK void DebugMon_Handler(void);
#if defined(__ARM_ARCH_8M_MAIN__)
WEAK void SecureFault_Handler(void);
#else
#define SecureFault_Handler NULL
#endif
#endif

#define IRQ(name) WEAK void name(void);
#define NO_IRQ
#include "irqs.h"
#undef IRQ
#undef NO_IRQ

typedef void (*vector)(void);

__attribute__((section(".vectors"), used)) static const vector vectors[] = {
    (vector)(uintptr_t)__stack_top,
    Reset_Handler,
    NMI_Handler,
    HardFault_Handler,
    MemManage_Handler,
    BusFault_Handler,
    UsageFault_Handler,
    SecureFault_Handler,
    NULL,
    NULL,
    NULL,
    SVC_Handler,
    DebugMon_Handler,
    NULL,
    PendSV_Handler,
    SysTick_Handler,
#define IRQ(name) name,
#define NO_IRQ    NULL,
#include "irqs.h"
};

static void enable_fpu(void)
{
#if defined(__ARM_FP)
    *(volatile uint32_t *)0xE000ED88U |= UINT32_C(0xF) << 20; /* CPACR: full access */
    __asm__ volatile("dsb\n\tisb");
#endif
}

/* The floating-point unit comes first: compiled code may use its registers anywhere. */
void Reset_Handler(void)
{
    enable_fpu();
    for (uint32_t *to = __data_start, *from = __data_load; to < __data_end;) {
        *to++ = *from++;
    }
    for (uint32_t *to = __bss_start; to < __bss_end;) {
        *to++ = 0;
    }
    port_init();
    board_init();
    kernel_init();
    port_stop(main());
}

/* An interrupt that nobody handles. */
void Default_Handler(void)
{
    static const char text[] = "\nkiln: unhandled exception\n";
    for (const char *at = text; *at != '\0'; at++) {
        port_panic_putc(*at);
    }
    port_halt();
}
