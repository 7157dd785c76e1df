/* Cortex-M port: starting over is the processor's own reset. */
#include "board.h"
#include "port.h"

#define SCB_AIRCR (*(volatile uint32_t *)0xE000ED0CU)

#define AIRCR_KEY         UINT32_C(0x05FA0000)
#define AIRCR_KEPT        UINT32_C(0x700) /* the grouping of priorities */
#define AIRCR_SYSRESETREQ UINT32_C(4)

/* The console's UART holds two characters that it has not sent: 2 x 10 bits at 115200 baud. */
#define CONSOLE_LOOPS (BOARD_CLOCK_HZ / 5000U)

void port_reboot(void)
{
    for (volatile uint32_t i = CONSOLE_LOOPS; i != 0; i--) {
    }
    __asm__ volatile("dsb" : : : "memory"); /* the note of why is in memory */
    SCB_AIRCR = AIRCR_KEY | (SCB_AIRCR & AIRCR_KEPT) | AIRCR_SYSRESETREQ;
    for (;;) {
        __asm__ volatile("dsb");
    }
}
