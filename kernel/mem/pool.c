/* Fixed-block pools: see kiln/pool.h.
 *
 * Blocks that were never allocated are handed out from the buffer in turn, so that creating
 * a pool does not walk its buffer; the others come from a list of free blocks, last in first
 * out, linked through their first word.
 */
#include "kiln/config.h"

#if KILN_CFG_POOL

#include "core/waitq.h"
#include "kiln/pool.h"

#if KILN_CFG_STATS
K_INLINE void count_set(struct kiln_pool *pool, uint32_t count)
{
    pool->free_count = count;
}

K_INLINE uint32_t count_get(const struct kiln_pool *pool)
{
    return pool->free_count;
}

static bool all_are_free(const struct kiln_pool *pool)
{
    return pool->free_count == (size_t)(pool->end - pool->start) / pool->block_bytes;
}

size_t kiln_pool_free_count(const struct kiln_pool *pool)
{
    K_CHECK_OBJECT(pool, KILN_TYPE_POOL);
    return pool->free_count;
}
#define NOT_COUNTED false
#else
K_INLINE void count_set(struct kiln_pool *pool, uint32_t count)
{
    (void)pool;
    (void)count;
}

K_INLINE uint32_t count_get(const struct kiln_pool *pool)
{
    (void)pool;
    return 0;
}

K_INLINE bool all_are_free(const struct kiln_pool *pool)
{
    (void)pool;
    return false;
}
#define NOT_COUNTED true
#endif

int kiln_pool_init(struct kiln_pool *pool, void *buffer, size_t block_bytes, size_t count)
{
    size_t bytes = KILN_POOL_BLOCK_BYTES(block_bytes);
    if (pool == NULL || buffer == NULL || (uintptr_t)buffer % sizeof(void *) != 0 ||
        block_bytes == 0 || count == 0 || bytes < block_bytes || bytes > UINT32_MAX ||
        count > UINT32_MAX || count > SIZE_MAX / bytes) {
        return KILN_EINVAL;
    }
    K_CHECK_NEW(pool, KILN_TYPE_POOL);
    uint8_t *start = (uint8_t *)buffer;
    *pool = (struct kiln_pool){.fresh = start,
                               .start = start,
                               .end = start + bytes * count,
                               .block_bytes = (uint32_t)bytes};
    count_set(pool, (uint32_t)count);
    kiln_set_name(pool, "?");
    K_SET_TAG(pool, KILN_TYPE_POOL);
    return KILN_OK;
}

int kiln_pool_destroy(struct kiln_pool *pool)
{
    K_CHECK_OBJECT(pool, KILN_TYPE_POOL);
    unsigned key = port_irq_save();
    bool in_use = pool->waiters.first != NULL || !(NOT_COUNTED || all_are_free(pool));
    if (!in_use) {
        K_CLEAR_TAG(pool);
    }
    port_irq_restore(key);
    return in_use ? KILN_ESTATE : KILN_OK;
}

/* No block has come back: takes one that was never used, or waits. */
static K_SLOW int alloc_other(struct kiln_pool *pool, void **block, kiln_ticks_t timeout_ticks,
                              unsigned key)
{
    uint8_t *fresh = pool->fresh;
    if (fresh == pool->end) {
        return k_block_with(block, &pool->waiters, timeout_ticks, key, KILN_WAIT_POOL);
    }
    pool->fresh = fresh + pool->block_bytes;
    count_set(pool, count_get(pool) - 1);
    port_irq_restore(key);
    *block = fresh;
    return KILN_OK;
}

int kiln_pool_alloc(struct kiln_pool *pool, void **block, kiln_ticks_t timeout_ticks)
{
    K_CHECK_OBJECT(pool, KILN_TYPE_POOL);
    K_ASSERT(block != NULL, "no place for the block's address", pool);
    unsigned key = port_irq_save();
    void **free = (void **)pool->free;
    kiln_trace_hook(KILN_TRACE_POOL_ALLOC, pool, count_get(pool));
    if (free == NULL) {
        return alloc_other(pool, block, timeout_ticks, key);
    }
    pool->free = *free;
    count_set(pool, count_get(pool) - 1);
    port_irq_restore(key);
    *block = free;
    return KILN_OK;
}

#if KILN_CFG_CHECKS
static int check_block(const struct kiln_pool *pool, const uint8_t *block)
{
    if (block < pool->start || block >= pool->fresh ||
        (size_t)(block - pool->start) % pool->block_bytes != 0) {
        return KILN_EINVAL;
    }
    return block == pool->free || all_are_free(pool) ? KILN_ESTATE : KILN_OK;
}
#else
K_INLINE int check_block(const struct kiln_pool *pool, const uint8_t *block)
{
    (void)pool;
    (void)block;
    return KILN_OK;
}
#endif

int kiln_pool_free(struct kiln_pool *pool, void *block)
{
    K_CHECK_OBJECT(pool, KILN_TYPE_POOL);
    unsigned key = port_irq_save();
    int error = check_block(pool, (const uint8_t *)block);
    if (error != KILN_OK) {
        port_irq_restore(key);
        return error;
    }
    kiln_trace_hook(KILN_TRACE_POOL_FREE, pool, count_get(pool));
    struct kiln_task *waiter = pool->waiters.first;
    if (waiter != NULL) {
        *(void **)waiter->wait.arg = block;
        return k_wake_and_release(&pool->waiters, waiter, key);
    }
    *(void **)block = pool->free;
    pool->free = block;
    count_set(pool, count_get(pool) + 1);
    port_irq_restore(key);
    return KILN_OK;
}

#endif
