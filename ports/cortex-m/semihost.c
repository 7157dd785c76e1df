/* Semihosting: "Semihosting for AArch32 and AArch64", Arm, SYS_EXIT_EXTENDED. */
#include "semihost.h"

#include <stdint.h>

void semihost_exit(int code)
{
    uint32_t block[2] = {0x20026U /* ADP_Stopped_ApplicationExit */, (uint32_t)code};
    register uint32_t operation __asm__("r0") = 0x20U;
    register uint32_t *argument __asm__("r1") = block;
    __asm__ volatile(".global semihost_breakpoint\nsemihost_breakpoint:\n\tbkpt 0xAB"
                     : "+r"(operation)
                     : "r"(argument)
                     : "memory");
}
