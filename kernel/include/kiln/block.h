/* A block device: flash, or on a host memory or a file that behaves like it.
 *
 * Erased bytes are 0xFF. To program turns bits to 0 only, in units of program_bytes, so what is
 * programmed is erased first, in units of erase_bytes.
 */
#ifndef KILN_BLOCK_H
#define KILN_BLOCK_H

#include "kiln/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct kiln_block;

/* Each returns KILN_OK or KILN_EIO. Offsets and sizes are whole units within the device. */
struct kiln_block_driver {
    int (*read)(struct kiln_block *block, uint32_t offset, void *bytes, uint32_t size);
    int (*program)(struct kiln_block *block, uint32_t offset, const void *bytes, uint32_t size);
    int (*erase)(struct kiln_block *block, uint32_t offset, uint32_t size);
    int (*sync)(struct kiln_block *block);
};

struct kiln_block {
    const struct kiln_block_driver *driver;
    void *device; /* the driver's */
    uint32_t size_bytes;
    uint32_t read_bytes, program_bytes, erase_bytes; /* units; powers of two */
};

/* Reads, programs or erases `size` bytes from `offset` on. Task context, or main() before
 * kiln_start(); one caller at a time: a mutex is the callers' affair. May wait for the device.
 * KILN_EINVAL: no device or bytes; not whole units; beyond its end.
 * KILN_EISR: called from an interrupt.
 * KILN_EIO: the device failed. What was to be programmed or erased may be anything now. */
int kiln_block_read(struct kiln_block *block, uint32_t offset, void *bytes, uint32_t size);
int kiln_block_program(struct kiln_block *block, uint32_t offset, const void *bytes, uint32_t size);
int kiln_block_erase(struct kiln_block *block, uint32_t offset, uint32_t size);

/* Returns when all that was programmed and erased would survive a loss of power. As above. */
int kiln_block_sync(struct kiln_block *block);

#ifdef __cplusplus
}
#endif

#endif
