/* Fake port: what a person would look at. */
#include <string.h>

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
bool port_peek(void *to, const void *from, size_t bytes)
{
    if ((uintptr_t)from < 4096) {
        return false;
    }
    memcpy(to, from, bytes);
    return true;
}

const void *port_ctx_sp(const struct port_ctx *ctx)
{
    return ctx->stack;
}
