/* Cortex-M port: the tick from SysTick. */
#include "board.h"
#include "core/kernel.h"
#include "port.h"

#define SYST_CSR  (*(volatile uint32_t *)0xE000E010U)
#define SYST_RVR  (*(volatile uint32_t *)0xE000E014U)
#define SYST_CVR  (*(volatile uint32_t *)0xE000E018U)
#define SCB_ICSR  (*(volatile uint32_t *)0xE000ED04U)
#define SCB_SHCSR (*(volatile uint32_t *)0xE000ED24U)

#define ICSR_PENDSTSET   (UINT32_C(1) << 26)
#define SHCSR_SYSTICKACT (UINT32_C(1) << 11)

_Static_assert(BOARD_CLOCK_HZ / KILN_CFG_TICK_HZ <= UINT32_C(1) << 24,
               "KILN_CFG_TICK_HZ is too low for SysTick, which counts 24 bits of processor cycles");

void SysTick_Handler(void);

void board_tick_start(uint32_t cycles)
{
    SYST_RVR = cycles - 1;
    SYST_CVR = 0;
    SYST_CSR = 7; /* processor clock, interrupt, on */
}

static uint32_t counted = (uint32_t)KILN_CFG_START_TICKS; /* kernel.now after the last handler */

/* A tick that is due but not counted yet shows as pending, or the handler is at work and the
 * kernel has not counted it: the counter has started over. It is 0 for the last cycle of a tick. */
uint32_t board_tick_elapsed(void)
{
    uint32_t period = SYST_RVR + 1, value = SYST_CVR, due = 0;
    if (SCB_ICSR & ICSR_PENDSTSET) {
        value = SYST_CVR;
        due = period;
    }
    if ((SCB_SHCSR & SHCSR_SYSTICKACT) && (uint32_t)kernel.now == counted) {
        due += period;
    }
    return value == 0 ? due + period - (due != 0 ? period : 0) : due + period - value;
}

void SysTick_Handler(void)
{
    kiln_trace_isr_enter(15);
    kernel_tick(1);
    kiln_trace_isr_exit(15); /* while it shows that the tick is counted: it takes the time */
    counted = (uint32_t)kernel.now;
}
