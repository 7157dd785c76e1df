/* Linux port: what a person looks at. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

#include "port.h"
#include "posix.h"

/* The linker's own. */
extern const char __executable_start[], etext[], __data_start[], edata[], end[];

void port_memory(struct port_memory *memory)
{
    memory->text = (uintptr_t)etext - (uintptr_t)__executable_start;
    memory->data = (uintptr_t)edata - (uintptr_t)__data_start;
    memory->bss = (uintptr_t)end - (uintptr_t)edata;
}

/* The lines. */
bool port_irq_info(unsigned number, struct port_irq_info *info)
{
    if (number >= 32) {
        return false;
    }
    info->is_enabled = (posix_connected_lines() >> number & 1U) != 0;
    info->is_pending = (posix_posted_lines() >> number & 1U) != 0;
    info->priority = 0;
    return true;
}

#define STEP 256U

/* A pipe is written from the memory in question: the system call fails where a load would fault. */
static bool can_be_sent(int ends[2], const uint8_t *at, size_t bytes)
{
    uint8_t sink[STEP];
    while (bytes != 0) {
        size_t step = bytes < STEP ? bytes : STEP;
        if (write(ends[1], at, step) != (ssize_t)step ||
            read(ends[0], sink, step) != (ssize_t)step) {
            return false;
        }
        at += step;
        bytes -= step;
    }
    return true;
}

bool port_is_readable(const void *at, size_t bytes)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    bool readable = can_be_sent(ends, (const uint8_t *)at, bytes);
    (void)close(ends[0]);
    (void)close(ends[1]);
    return readable;
}

const void *port_ctx_sp(const struct port_ctx *ctx)
{
    return ctx->sp;
}
