/* Cortex-M port: the nRF51's watchdog, on the 32 kHz clock that it starts by itself. It resets
 * without last words, and runs on through a software reset. "nRF51 Series Reference Manual", WDT,
 * POWER. */
#include "kiln/types.h"
#include "nrf51.h"
#include "port.h"

#define WDT_BASE   UINT32_C(0x40010000)
#define POWER_BASE UINT32_C(0x40000000)

#define WDT_START       NRF51_REG(WDT_BASE, 0x000)
#define WDT_RUNSTATUS   NRF51_REG(WDT_BASE, 0x400)
#define WDT_CRV         NRF51_REG(WDT_BASE, 0x504)
#define WDT_CONFIG      NRF51_REG(WDT_BASE, 0x50C)
#define WDT_RR0         NRF51_REG(WDT_BASE, 0x600)
#define POWER_RESETREAS NRF51_REG(POWER_BASE, 0x400)

#define CLOCK_HZ        UINT64_C(32768)
#define CLOCK_HZ_MAX    (CLOCK_HZ + CLOCK_HZ / 32) /* the RC oscillator: 2 % off at most */
#define COUNTS_MIN      15U
#define CONFIG_IN_SLEEP 1U
#define RR_FEED         UINT32_C(0x6E524635)
#define RESETREAS_DOG   2U

int port_watchdog_start(uint32_t timeout_ms)
{
    uint64_t counts = timeout_ms * CLOCK_HZ_MAX / 1000U + 1U;
    if (WDT_RUNSTATUS & 1U) {
        return KILN_ESTATE;
    }
    if (counts > UINT32_MAX) {
        return KILN_EINVAL;
    }
    WDT_CONFIG = CONFIG_IN_SLEEP;
    WDT_CRV = counts < COUNTS_MIN ? COUNTS_MIN : (uint32_t)counts;
    WDT_START = 1;
    return KILN_OK;
}

void port_watchdog_feed(void)
{
    WDT_RR0 = RR_FEED;
}

bool port_watchdog_fired(void)
{
    bool fired = (POWER_RESETREAS & RESETREAS_DOG) != 0;
    POWER_RESETREAS = RESETREAS_DOG; /* writing 1 clears it */
    return fired;
}
