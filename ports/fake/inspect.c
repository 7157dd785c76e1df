/* Fake port: what a person would look at. */
#include "port.h"

void port_memory(struct port_memory *memory)
{
    *memory = (struct port_memory){.text = 3000, .data = 200, .bss = 1000};
}

/* Three interrupts, the last two of them enabled and pending. */
bool port_irq_info(unsigned number, struct port_irq_info *info)
{
    *info = (struct port_irq_info){
        .is_enabled = number >= 1, .is_pending = number == 2, .priority = number * 16U};
    return number < 3;
}

/* The zero page cannot be read. */
bool port_is_readable(const void *at, size_t bytes)
{
    (void)bytes;
    return (uintptr_t)at >= 4096;
}

const void *port_ctx_sp(const struct port_ctx *ctx)
{
    return ctx->stack;
}
