/* Cortex-M port: the CMSDK's watchdog, of the MPS2 boards. CMSDK_WATCHDOG is its base. "Arm
 * Cortex-M System Design Kit Technical Reference Manual", 4.6.
 *
 * The first time that it runs out it raises an NMI, which nothing masks: there come the last words.
 * The second time it resets the board. The vector table in flash has no entry for it, so that an
 * image that does not use the watchdog is none the larger: one in RAM takes its place.
 */
#include "board.h"
#include "diag/reset.h"
#include "kiln/types.h"
#include "port.h"

struct cmsdk_watchdog {
    volatile uint32_t load, value, control, intclr;
};

#define WATCHDOG      ((struct cmsdk_watchdog *)CMSDK_WATCHDOG)
#define CONTROL_INTEN 1U
#define CONTROL_RESEN 2U

#define SCB_VTOR   (*(volatile uint32_t *)0xE000ED08U)
#define VECTOR_NMI 2U
#define VECTORS    (16U + BOARD_IRQS)

/* Aligned to its size, rounded up to a power of two; these boards have 140 at most. */
static uint32_t vectors_in_ram[VECTORS] __attribute__((aligned(1024)));

static void on_nmi(void)
{
    k_watchdog_bite("hardware watchdog: not fed in time");
}

static void take_nmi(void)
{
    const uint32_t *vectors = (const uint32_t *)SCB_VTOR;
    for (unsigned i = 0; i < VECTORS; i++) {
        vectors_in_ram[i] = vectors[i];
    }
    vectors_in_ram[VECTOR_NMI] = (uint32_t)(uintptr_t)on_nmi;
    __asm__ volatile("dsb" : : : "memory");
    SCB_VTOR = (uint32_t)(uintptr_t)vectors_in_ram;
    __asm__ volatile("dsb\n\tisb" : : : "memory");
}

int port_watchdog_start(uint32_t timeout_ms)
{
    if (WATCHDOG->control & CONTROL_INTEN) {
        return KILN_ESTATE;
    }
    if (timeout_ms > UINT32_MAX / (BOARD_CLOCK_HZ / 1000U)) {
        return KILN_EINVAL;
    }
    take_nmi();
    WATCHDOG->load = timeout_ms * (BOARD_CLOCK_HZ / 1000U);
    WATCHDOG->control = CONTROL_INTEN | (KILN_CFG_WATCHDOG_REBOOT ? CONTROL_RESEN : 0U);
    return KILN_OK;
}

void port_watchdog_feed(void)
{
    WATCHDOG->intclr = 1;
}

/* The NMI has left a note. */
bool port_watchdog_fired(void)
{
    return false;
}
