/* Cortex-M port: start, stop, contexts, idle. switch.S has the switches. */
#include "core/kernel.h"

#include "board.h"
#include "semihost.h"

#define PAINT UINT32_C(0x5AC3A55C)

/* System control block. */
#define SCB_CCR   (*(volatile uint32_t *)0xE000ED14U)
#define SCB_SHPR3 (*(volatile uint32_t *)0xE000ED20U)
#define NVIC_IPR  ((volatile uint32_t *)0xE000E400U)

#define CCR_STKALIGN (UINT32_C(1) << 9)

/* Least urgent but for PendSV. Every interrupt starts here: any of them may call the kernel. */
#define DEFAULT_PRIORITY UINT32_C(0x80)

#if defined(__ARM_ARCH_6M__)
const uint8_t port_bit_index[32] = {31, 30, 3,  29, 2,  17, 7,  28, 1, 9,  11, 16, 6,  14, 27, 23,
                                    0,  4,  18, 8,  10, 12, 15, 24, 5, 19, 13, 25, 20, 26, 21, 22};
#endif

extern uint32_t __stack_top[]; /* of the main stack; linker script */

void port_task_start(void);
void port_start_first(void *sp, void *main_stack_top) __attribute__((noreturn));

void port_init(void)
{
    SCB_CCR |= CCR_STKALIGN; /* not the default of an early Cortex-M3 */
    SCB_SHPR3 = DEFAULT_PRIORITY << 24 | UINT32_C(0xFF) << 16; /* SysTick, PendSV */
    for (unsigned i = (BOARD_IRQS + 3U) / 4U; i-- != 0;) {
        K_OPAQUE(i); /* or the compiler unrolls the loop, even for size */
        NVIC_IPR[i] = DEFAULT_PRIORITY * UINT32_C(0x01010101);
    }
}

/* A new context's: r4-r11, address to go on at. */
static uint32_t *first_frame(void *stack, size_t stack_bytes)
{
    return (uint32_t *)stack + stack_bytes / 8 * 2 - 9;
}

void port_stack_paint(void *stack, size_t stack_bytes)
{
    const uint32_t *end = first_frame(stack, stack_bytes);
    for (uint32_t *word = (uint32_t *)stack; word < end; word++) {
        *word = PAINT;
    }
}

void port_ctx_init(struct port_ctx *ctx, void *stack, size_t stack_bytes, int (*entry)(void *),
                   void *arg)
{
    uint32_t *frame = first_frame(stack, stack_bytes);
#if defined(__ARM_ARCH_6M__)
    frame[4] = (uint32_t)arg; /* r8-r11 come first */
    frame[5] = (uint32_t)entry;
#else
    frame[0] = (uint32_t)arg;
    frame[1] = (uint32_t)entry;
#endif
    frame[8] = (uint32_t)port_task_start;
    ctx->sp = frame;
#if defined(__ARM_ARCH_8M_MAIN__)
    ctx->stack_limit = stack;
#endif
}

void port_ctx_free(struct port_ctx *ctx)
{
    (void)ctx;
}

size_t port_stack_used_max(const struct port_ctx *ctx, const void *stack, size_t stack_bytes)
{
    const uint32_t *at = (const uint32_t *)stack, *end = at + stack_bytes / 4;
    (void)ctx;
    while (at < end && *at == PAINT) {
        at++;
    }
    return (size_t)(end - at) * 4;
}

bool port_stack_ok(const struct port_ctx *ctx, const void *stack)
{
    (void)ctx;
    return *(const uint32_t *)stack == PAINT;
}

int port_start(struct port_ctx *first)
{
    board_tick_start(BOARD_CLOCK_HZ / KILN_CFG_TICK_HZ);
#if defined(__ARM_ARCH_8M_MAIN__)
    __asm__ volatile("msr psplim, %0" : : "r"(first->stack_limit));
#endif
    port_start_first(first->sp, __stack_top);
}

/* With PRIMASK set a pending interrupt ends the sleep but is not taken before we unmask, so
 * none that comes after the idle task's look at the ready list is slept over. */
void port_idle(uint32_t ticks)
{
    (void)ticks;
#if !defined(__ARM_ARCH_6M__) /* where PRIMASK is the kernel's mask, it is set already */
    __asm__ volatile("cpsid i" : : : "memory");
    port_irq_restore(0);
#endif
    __asm__ volatile("dsb\n\twfi\n\tcpsie i\n\tisb" : : : "memory");
    (void)port_irq_save();
}

void port_stop(int code)
{
    __asm__ volatile("cpsid i" : : : "memory");
    semihost_exit(code);
    for (;;) {
        __asm__ volatile("wfi");
    }
}

void port_halt(void)
{
    port_stop(1);
}

void port_console_write(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        board_putc(text[i]);
    }
}

void port_panic_putc(char c)
{
    board_putc(c);
}

uint64_t port_cycles(void)
{
    return (kernel.now - KILN_CFG_START_TICKS) * (BOARD_CLOCK_HZ / KILN_CFG_TICK_HZ) +
           board_tick_elapsed();
}
