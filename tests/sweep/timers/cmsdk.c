/* Interrupt sweep: the probe on the MPS2 boards is the CMSDK's TIMER0, the tick SysTick. "Arm
 * Cortex-M System Design Kit Technical Reference Manual", 4.2. SWEEP_TIMER is the timer's base. */
#include "../probe.h"

struct cmsdk_timer {
    volatile uint32_t ctrl, value, reload, intclear;
};

#define TIMER      ((struct cmsdk_timer *)SWEEP_TIMER)
#define CTRL_START 9U /* enable, interrupt */

#define SYST_CSR (*(volatile uint32_t *)0xE000E010U)
#define SCB_ICSR (*(volatile uint32_t *)0xE000ED04U)

#define ICSR_PENDSTSET (UINT32_C(1) << 26)
#define ICSR_PENDSTCLR (UINT32_C(1) << 25)

volatile uint32_t *timer_prepare(uint32_t counts, uint32_t *value)
{
    TIMER->ctrl = 0;
    TIMER->intclear = 1;
    TIMER->reload = UINT32_MAX;
    TIMER->value = counts;
    *value = CTRL_START;
    return &TIMER->ctrl;
}

void timer_stop(void)
{
    TIMER->ctrl = 0;
    TIMER->intclear = 1;
}

void timer_stop_tick(void)
{
    SYST_CSR = 0;
    SCB_ICSR = ICSR_PENDSTCLR;
}

void timer_pend_tick(void)
{
    SCB_ICSR = ICSR_PENDSTSET;
}
