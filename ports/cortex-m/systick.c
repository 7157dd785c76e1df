/* Cortex-M port: the tick from SysTick. */
#include "board.h"
#include "kiln/trace.h"
#include "port.h"

#define SYST_CSR (*(volatile uint32_t *)0xE000E010U)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014U)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018U)
#define SCB_ICSR (*(volatile uint32_t *)0xE000ED04U)

#define ICSR_PENDSTSET (UINT32_C(1) << 26)

_Static_assert(BOARD_CLOCK_HZ / KILN_CFG_TICK_HZ <= UINT32_C(1) << 24,
               "KILN_CFG_TICK_HZ is too low for SysTick, which counts 24 bits of processor cycles");

void SysTick_Handler(void);

void board_tick_start(uint32_t cycles)
{
    SYST_RVR = cycles - 1;
    SYST_CVR = 0;
    SYST_CSR = 7; /* processor clock, interrupt, on */
}

/* A tick that is due but not counted yet shows as pending: the counter has started over. */
uint32_t board_tick_elapsed(void)
{
    uint32_t reload = SYST_RVR, value = SYST_CVR;
    if (SCB_ICSR & ICSR_PENDSTSET) {
        return reload + 1 + reload - SYST_CVR;
    }
    return reload - value;
}

void SysTick_Handler(void)
{
    kiln_trace_isr_enter(15);
    kernel_tick(1);
    kiln_trace_isr_exit(15);
}
