/* Interrupt sweep: the probe on the microbit is TIMER1, the tick TIMER0. */
#include "../probe.h"
#include "nrf51.h"

#define TICK  UINT32_C(0x40008000)
#define PROBE UINT32_C(0x40009000)

#define TIMER_START(base)     NRF51_REG(base, 0x000)
#define TIMER_STOP(base)      NRF51_REG(base, 0x004)
#define TIMER_CLEAR(base)     NRF51_REG(base, 0x00C)
#define TIMER_COMPARED0(base) NRF51_REG(base, 0x140)
#define TIMER_INTENSET(base)  NRF51_REG(base, 0x304)
#define TIMER_BITMODE(base)   NRF51_REG(base, 0x508)
#define TIMER_PRESCALER(base) NRF51_REG(base, 0x510)
#define TIMER_CC0(base)       NRF51_REG(base, 0x540)

#define BITMODE_32       3U
#define INTENSET_COMPARE (UINT32_C(1) << 16)

#define NVIC_ISPR (*(volatile uint32_t *)0xE000E200U)
#define TICK_IRQ  8U

volatile uint32_t *timer_prepare(uint32_t counts, uint32_t *value)
{
    timer_stop();
    TIMER_BITMODE(PROBE) = BITMODE_32;
    TIMER_PRESCALER(PROBE) = 0; /* 16 MHz */
    TIMER_INTENSET(PROBE) = INTENSET_COMPARE;
    TIMER_CC0(PROBE) = counts;
    *value = 1;
    return &TIMER_START(PROBE);
}

static void stop(uint32_t base)
{
    TIMER_STOP(base) = 1;
    TIMER_CLEAR(base) = 1;
    TIMER_COMPARED0(base) = 0;
}

void timer_stop(void)
{
    stop(PROBE);
}

void timer_stop_tick(void)
{
    stop(TICK);
}

void timer_pend_tick(void)
{
    NVIC_ISPR = UINT32_C(1) << TICK_IRQ;
}
