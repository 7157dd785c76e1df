/* Pools of memory blocks of one fixed size: O(1) allocate and free, no fragmentation. */
#ifndef KILN_POOL_H
#define KILN_POOL_H

#include "kiln/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct kiln_pool {
    struct kiln_waitq waiters; /* empty whenever a block is free */
    void *free;                /* free blocks, linked through their first word */
    uint8_t *fresh;            /* blocks from here to `end` were never allocated */
    uint8_t *start, *end;      /* the caller's buffer */
    uint32_t block_bytes;      /* a multiple of the pointer size */
#if KILN_CFG_STATS
    uint32_t free_count;
#endif
    KILN_OBJECT_FIELDS
};

/* The size that a block really takes: rounded up to whole pointers. */
#define KILN_POOL_BLOCK_BYTES(bytes) \
    (((bytes) + sizeof(void *) - 1U) / sizeof(void *) * sizeof(void *))

#if KILN_CFG_STATS
#define KILN_POOL_COUNT_INIT(count) .free_count = (count),
#else
#define KILN_POOL_COUNT_INIT(count)
#endif

/* Defines a pool of `count` blocks of `bytes` bytes each, with its buffer. */
#define KILN_POOL_DEFINE(pool, bytes, count)                                             \
    KILN_STATIC_ASSERT((bytes) >= 1 && (count) >= 1,                                     \
                       "pool " #pool " needs at least one block of at least one byte");  \
    static void *pool##_buffer[KILN_POOL_BLOCK_BYTES(bytes) / sizeof(void *) * (count)]; \
    struct kiln_pool pool KILN_SECTION(kiln_pools) = {                                   \
        .waiters = {NULL},                                                               \
        .free = NULL,                                                                    \
        .fresh = (uint8_t *)pool##_buffer,                                               \
        .start = (uint8_t *)pool##_buffer,                                               \
        .end = (uint8_t *)pool##_buffer + sizeof(pool##_buffer),                         \
        .block_bytes = KILN_POOL_BLOCK_BYTES(bytes),                                     \
        KILN_POOL_COUNT_INIT(count) KILN_OBJECT_INIT(pool, KILN_TYPE_POOL)}

/* Initialises a pool on storage that the caller owns, over a buffer of
 * count x KILN_POOL_BLOCK_BYTES(block_bytes) bytes, aligned to a pointer, that the caller
 * owns too and keeps as long as the pool. Any context. Never blocks; O(1).
 * KILN_EINVAL: no pool or buffer, a misaligned buffer, no blocks, or empty ones.
 * A pool that is alive already panics (with KILN_CFG_CHECKS); see kiln_pool_destroy(). */
int kiln_pool_init(struct kiln_pool *pool, void *buffer, size_t block_bytes, size_t count);

/* Ends a pool's life, so that its storage can be reused. Any context. Never blocks.
 * KILN_ESTATE: tasks wait for blocks, or (with KILN_CFG_STATS) blocks are still allocated. */
int kiln_pool_destroy(struct kiln_pool *pool);

/* Allocates a block, uninitialised, and stores its address in *block; waits while there is
 * none. Any context with KILN_NO_WAIT, else a task. Blocks.
 * KILN_EAGAIN, KILN_ETIMEOUT: no block was free (in time); *block is unchanged.
 * KILN_EISR, KILN_ELOCKED: no block is free, and the caller cannot block. */
int kiln_pool_alloc(struct kiln_pool *pool, void **block, kiln_ticks_t timeout_ticks);

/* Gives a block back: to the first waiting task, else to the pool. Any context. May switch.
 * KILN_EINVAL: not a block of this pool (with KILN_CFG_CHECKS).
 * KILN_ESTATE: the block was the last one freed (with KILN_CFG_CHECKS), or every block is free
 *   (with KILN_CFG_STATS as well). Any other double free goes unseen and corrupts the pool. */
int kiln_pool_free(struct kiln_pool *pool, void *block);

#if KILN_CFG_STATS
/* Returns how many blocks are free. Any context. */
size_t kiln_pool_free_count(const struct kiln_pool *pool);
#endif

#ifdef __cplusplus
}
#endif

#endif
