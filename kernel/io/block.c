/* Block devices: see kiln/block.h. What all drivers would have to check is checked here. */
#include "kiln/block.h"

#include "core/kernel.h"

/* Units are powers of two. */
static int check_range(const struct kiln_block *block, uint32_t unit, uint32_t offset,
                       uint32_t size)
{
    if (port_in_isr()) {
        return KILN_EISR;
    }
    bool is_inside = offset <= block->size_bytes && size <= block->size_bytes - offset;
    bool is_whole = ((offset | size) & (unit - 1)) == 0;
    return is_inside && is_whole ? KILN_OK : KILN_EINVAL;
}

int kiln_block_read(struct kiln_block *block, uint32_t offset, void *bytes, uint32_t size)
{
    if (block == NULL || bytes == NULL) {
        return KILN_EINVAL;
    }
    int error = check_range(block, block->read_bytes, offset, size);
    return error != KILN_OK ? error : block->driver->read(block, offset, bytes, size);
}

int kiln_block_program(struct kiln_block *block, uint32_t offset, const void *bytes, uint32_t size)
{
    if (block == NULL || bytes == NULL) {
        return KILN_EINVAL;
    }
    int error = check_range(block, block->program_bytes, offset, size);
    return error != KILN_OK ? error : block->driver->program(block, offset, bytes, size);
}

int kiln_block_erase(struct kiln_block *block, uint32_t offset, uint32_t size)
{
    if (block == NULL) {
        return KILN_EINVAL;
    }
    int error = check_range(block, block->erase_bytes, offset, size);
    return error != KILN_OK ? error : block->driver->erase(block, offset, size);
}

int kiln_block_sync(struct kiln_block *block)
{
    if (block == NULL) {
        return KILN_EINVAL;
    }
    return port_in_isr() ? KILN_EISR : block->driver->sync(block);
}
