/* Cortex-M port: the independent watchdog of an STM32. Its clock is an RC oscillator of
 * STM32_LSI_HZ_MAX at most, and half or a third of that at least. It resets without an interrupt.
 * STM32_RCC_CSR_AT is where the chip then says so. Reference manuals RM0041 and RM0090, IWDG. */
#include "kiln/types.h"
#include "port.h"
#include "stm32.h"

#define IWDG_KR  STM32_REG(0x40003000U)
#define IWDG_PR  STM32_REG(0x40003004U)
#define IWDG_RLR STM32_REG(0x40003008U)
#define IWDG_SR  STM32_REG(0x4000300CU)

#define KR_UNLOCK UINT32_C(0x5555)
#define KR_FEED   UINT32_C(0xAAAA)
#define KR_START  UINT32_C(0xCCCC)

#define PR_DIVIDE_BY_256 6U
#define COUNTS_MAX       UINT32_C(4096)
#define COUNTS_A_SECOND  (STM32_LSI_HZ_MAX / 256U)

#define RCC_CSR      STM32_REG(STM32_RCC_CSR_AT)
#define CSR_IWDGRSTF (UINT32_C(1) << 29)
#define CSR_RMVF     (UINT32_C(1) << 24)

int port_watchdog_start(uint32_t timeout_ms)
{
    static bool running;
    uint64_t counts = ((uint64_t)timeout_ms * COUNTS_A_SECOND + 999U) / 1000U + 1U;
    if (running) {
        return KILN_ESTATE;
    }
    if (counts > COUNTS_MAX) {
        return KILN_EINVAL;
    }
    IWDG_KR = KR_START;
    IWDG_KR = KR_UNLOCK;
    IWDG_PR = PR_DIVIDE_BY_256;
    IWDG_RLR = (uint32_t)counts - 1U;
    (void)stm32_wait(&IWDG_SR, UINT32_MAX, 0); /* both have arrived at the slow clock's side */
    IWDG_KR = KR_FEED;
    running = true;
    return KILN_OK;
}

/* Does nothing to one that does not run. */
void port_watchdog_feed(void)
{
    IWDG_KR = KR_FEED;
}

bool port_watchdog_fired(void)
{
    bool fired = (RCC_CSR & CSR_IWDGRSTF) != 0;
    RCC_CSR |= CSR_RMVF;
    return fired;
}
