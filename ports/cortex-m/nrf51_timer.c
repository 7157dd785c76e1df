/* Cortex-M port: the tick from the nRF51's TIMER0, since its Cortex-M0 has no SysTick.
 *
 * The timer counts at the processor's 16 MHz, so a count is a cycle. Compare register 0 holds the
 * period and clears the counter; register 1 is for reading the count. "nRF51 Series Reference
 * Manual", TIMER.
 */
#include "kiln/trace.h"

#include "board.h"
#include "nrf51.h"
#include "port.h"

#define TIMER_BASE UINT32_C(0x40008000)

#define TIMER_START     NRF51_REG(TIMER_BASE, 0x000)
#define TIMER_CAPTURE1  NRF51_REG(TIMER_BASE, 0x044)
#define TIMER_COMPARED0 NRF51_REG(TIMER_BASE, 0x140)
#define TIMER_SHORTS    NRF51_REG(TIMER_BASE, 0x200)
#define TIMER_INTENSET  NRF51_REG(TIMER_BASE, 0x304)
#define TIMER_BITMODE   NRF51_REG(TIMER_BASE, 0x508)
#define TIMER_PRESCALER NRF51_REG(TIMER_BASE, 0x510)
#define TIMER_CC0       NRF51_REG(TIMER_BASE, 0x540)
#define TIMER_CC1       NRF51_REG(TIMER_BASE, 0x544)

#define BITMODE_32       3U
#define SHORTS_CLEAR0    1U
#define INTENSET_COMPARE (UINT32_C(1) << 16)

#define NVIC_ISER  (*(volatile uint32_t *)0xE000E100U)
#define TIMER0_IRQ 8U

void TIMER0_IRQHandler(void);

void board_tick_start(uint32_t cycles)
{
    TIMER_BITMODE = BITMODE_32;
    TIMER_PRESCALER = 0; /* 16 MHz */
    TIMER_CC0 = cycles;
    TIMER_SHORTS = SHORTS_CLEAR0;
    TIMER_INTENSET = INTENSET_COMPARE;
    NVIC_ISER = UINT32_C(1) << TIMER0_IRQ;
    TIMER_START = 1;
}

static uint32_t count(void)
{
    TIMER_CAPTURE1 = 1;
    return TIMER_CC1;
}

/* A tick that is due but not counted yet shows as the compare event: the counter has started
 * over, perhaps only after the first reading. */
uint32_t board_tick_elapsed(void)
{
    uint32_t elapsed = count();
    if (TIMER_COMPARED0 != 0) {
        elapsed = TIMER_CC0 + count();
    }
    return elapsed;
}

void TIMER0_IRQHandler(void)
{
    kiln_trace_isr_enter(16 + TIMER0_IRQ); /* the time is right there: the event still shows */
    TIMER_COMPARED0 = 0;
    kernel_tick(1);
    kiln_trace_isr_exit(16 + TIMER0_IRQ);
}
