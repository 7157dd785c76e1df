/* Cortex-M port: a fault is reported with where it came from, and the system halts. */
#include "core/kernel.h"

struct frame {
    uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr;
};

void port_fault(struct frame *frame, uint32_t exc_return);

static void put_string(const char *text)
{
    while (*text != '\0') {
        port_panic_putc(*text++);
    }
}

static void put_hex(uint32_t value)
{
    put_string(" 0x");
    for (int shift = 28; shift >= 0; shift -= 4) {
        port_panic_putc("0123456789abcdef"[(value >> shift) & 15U]);
    }
}

/* Called by HardFault_Handler. A semihosting breakpoint that no debugger took is skipped. */
void port_fault(struct frame *frame, uint32_t exc_return)
{
    if (*(const uint16_t *)frame->pc == 0xBEABU) {
        frame->pc += 2;
        __asm__ volatile("bx %0" : : "r"(exc_return));
        __builtin_unreachable();
    }
    put_string("\nkiln: fault at");
    put_hex(frame->pc);
    put_string(", called from");
    put_hex(frame->lr);
#if !defined(__ARM_ARCH_6M__)
    put_string(", CFSR");
    put_hex(*(const volatile uint32_t *)0xE000ED28U);
    put_string(", address");
    put_hex(*(const volatile uint32_t *)0xE000ED38U);
#endif
    put_string(", in task ");
    put_string(kiln_name(kernel.current));
    put_string((exc_return & 8U) ? "\n" : " (interrupted)\n");
    port_halt();
}
