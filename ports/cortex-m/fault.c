/* Cortex-M port: a fault is reported with where it came from, and the system halts, or
 * starts over with KILN_CFG_PANIC_REBOOT.
 *
 * A second fault in here would lock the processor up without a word, so nothing is followed
 * that the first one may have left wild: not the frame, which a stack overflow keeps from being
 * written, nor the running task. */
#include "core/kernel.h"
#include "diag/reset.h"

#include "memory.h"
#include "semihost.h"

struct frame {
    uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr;
};

void port_fault(const struct frame *frame, uint32_t exc_return);

#define NAME_LENGTH_MAX 32

#if defined(__ARM_ARCH_6M__)
#define CFSR 0U
#define BFAR 0U
#else
#define CFSR (*(const volatile uint32_t *)0xE000ED28U)
#define BFAR (*(const volatile uint32_t *)0xE000ED38U)
#endif
#define CFSR_MSTKERR (UINT32_C(1) << 4)
#define CFSR_STKERR  (UINT32_C(1) << 12)
#define CFSR_STKOF   (UINT32_C(1) << 20)

static void put_string(const char *text)
{
    for (int i = 0; i < NAME_LENGTH_MAX && is_readable(text, 1) && *text != '\0'; i++) {
        port_panic_putc(*text++);
    }
}

static void put_hex(const char *what, uint32_t value)
{
    put_string(what);
    put_string(" 0x");
    for (int shift = 28; shift >= 0; shift -= 4) {
        port_panic_putc("0123456789abcdef"[(value >> shift) & 15U]);
    }
}

static void put_place(const struct frame *frame)
{
    put_string("\nkiln: ");
    if (CFSR & (CFSR_MSTKERR | CFSR_STKERR | CFSR_STKOF)) {
        put_string("stack overflow");
    } else if (!is_readable(frame, sizeof(*frame)) || (uintptr_t)frame % 4 != 0) {
        put_hex("fault, and a wild stack pointer", (uint32_t)(uintptr_t)frame);
    } else {
        put_hex("fault at", frame->pc);
        put_hex(", called from", frame->lr);
    }
}

static void put_task(void)
{
    const struct kiln_task *task = kernel.current;
    put_string(", in task ");
    put_string(is_readable(task, sizeof(*task)) && (uintptr_t)task % 4 == 0 ? kiln_name(task)
                                                                            : "?");
}

static void give_up_console(void)
{
    const struct k_console *console = kernel.console;
    if (is_readable(console, sizeof(*console)) && (uintptr_t)console % 4 == 0 &&
        console->self == console) {
        console->give_up_locked(true);
    }
}

/* Called by HardFault_Handler, on a main stack that is empty again. The semihosting breakpoint
 * ends here on a board without a debugger: the system is over. */
void port_fault(const struct frame *frame, uint32_t exc_return)
{
    if (is_readable(frame, sizeof(*frame)) && (uintptr_t)frame % 4 == 0 &&
        frame->pc == (uintptr_t)semihost_breakpoint) {
        for (;;) {
            __asm__ volatile("wfi");
        }
    }
    give_up_console();
    put_place(frame);
#if !defined(__ARM_ARCH_6M__)
    put_hex(", CFSR", CFSR);
    put_hex(", address", BFAR);
#endif
    put_task();
    put_string((exc_return & 8U) ? "\n" : " (interrupted)\n");
    if (KILN_CFG_PANIC_REBOOT) {
        k_reboot(KILN_RESET_PANIC);
    }
    port_halt();
}
