/* Cortex-M port: what a person looks at. */
#include <string.h>

#include "board.h"
#include "memory.h"
#include "port.h"

/* Linker script. */
extern const uint8_t __data_load[], __data_start[], __data_end[], __bss_start[], __bss_end[];

static size_t between(const uint8_t *start, const uint8_t *end)
{
    return (uintptr_t)end - (uintptr_t)start;
}

void port_memory(struct port_memory *memory)
{
    memory->text = between(__flash_start, __data_load);
    memory->data = between(__data_start, __data_end);
    memory->bss = between(__bss_start, __bss_end);
}

#define NVIC_ISER ((const volatile uint32_t *)0xE000E100U)
#define NVIC_ISPR ((const volatile uint32_t *)0xE000E200U)
#define NVIC_IPR  ((const volatile uint32_t *)0xE000E400U)

/* Priorities by words: v6-M has no other access to them. */
bool port_irq_info(unsigned number, struct port_irq_info *info)
{
    uint32_t bit = UINT32_C(1) << number % 32U;
    if (number >= BOARD_IRQS) {
        return false;
    }
    info->is_enabled = (NVIC_ISER[number / 32U] & bit) != 0;
    info->is_pending = (NVIC_ISPR[number / 32U] & bit) != 0;
    info->priority = NVIC_IPR[number / 4U] >> number % 4U * 8U & 0xFFU;
    return true;
}

const void *port_ctx_sp(const struct port_ctx *ctx)
{
    return ctx->sp;
}

bool port_peek(void *to, const void *from, size_t bytes)
{
    if (!is_readable(from, bytes)) {
        return false;
    }
    memcpy(to, from, bytes);
    return true;
}
