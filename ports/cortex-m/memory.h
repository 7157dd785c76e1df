/* Cortex-M port: what memory there is. */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Linker script. */
extern const uint8_t __flash_start[], __flash_end[], __ram_start[], __ram_end[];

static inline bool is_within(const void *at, size_t bytes, const uint8_t *start, const uint8_t *end)
{
    uintptr_t first = (uintptr_t)at;
    return first >= (uintptr_t)start && first <= (uintptr_t)end && (uintptr_t)end - first >= bytes;
}

static inline bool is_readable(const void *at, size_t bytes)
{
    return is_within(at, bytes, __flash_start, __flash_end) ||
           is_within(at, bytes, __ram_start, __ram_end);
}

#endif
