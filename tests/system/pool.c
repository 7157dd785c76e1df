/* Fixed-block pools. */
#include "harness.h"

#include <string.h>

#if KILN_CFG_POOL

#define GROUP "pool"

#define BLOCKS      4
#define BLOCK_BYTES 12U

/* Pools count only where statistics are kept. */
#if KILN_CFG_STATS
#define CHECK_FREE(pool, count) CHECK_EQ(kiln_pool_free_count(pool), count)
#else
#define CHECK_FREE(pool, count) ((void)0)
#endif

static struct kiln_pool pool;
static void *buffer[BLOCKS * KILN_POOL_BLOCK_BYTES(BLOCK_BYTES) / sizeof(void *)];

static void make(size_t count)
{
    test_pool(&pool, buffer, BLOCK_BYTES, count);
}

static void *alloc(void)
{
    void *block = NULL;
    CHECK_OK(kiln_pool_alloc(&pool, &block, KILN_NO_WAIT));
    return block;
}

static int alloc_and_mark(void *arg)
{
    void *block = NULL;
    CHECK_OK(kiln_pool_alloc(&pool, &block, KILN_FOREVER));
    CHECK(block != NULL);
    test_mark((char)ARG_INT(arg));
    CHECK_OK(kiln_pool_free(&pool, block));
    return 0;
}

CASE(blocks_are_distinct_aligned_and_inside)
{
    void *blocks[BLOCKS];
    make(BLOCKS);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < BLOCKS; i++) {
            blocks[i] = alloc();
            CHECK_EQ((uintptr_t)blocks[i] % sizeof(void *), 0);
            CHECK((uint8_t *)blocks[i] >= (uint8_t *)buffer);
            CHECK((uint8_t *)blocks[i] + BLOCK_BYTES <= (uint8_t *)buffer + sizeof(buffer));
            memset(blocks[i], 'a' + i, BLOCK_BYTES);
        }
        CHECK_FREE(&pool, 0);
        for (int i = 0; i < BLOCKS; i++) {
            CHECK_EQ(((uint8_t *)blocks[i])[0], 'a' + i);
            CHECK_EQ(((uint8_t *)blocks[i])[BLOCK_BYTES - 1], 'a' + i);
        }
        for (int i = 0; i < BLOCKS; i++) {
            CHECK_OK(kiln_pool_free(&pool, blocks[(i + round) % BLOCKS]));
        }
        CHECK_FREE(&pool, BLOCKS);
    }
}

CASE(empty_refuses_at_once_or_times_out)
{
    void *other = &pool;
    make(1);
    void *block = alloc();
    CHECK_EQ(kiln_pool_alloc(&pool, &other, KILN_NO_WAIT), KILN_EAGAIN);
    CHECK_EQ(kiln_pool_alloc(&pool, &other, 2), KILN_ETIMEOUT);
    CHECK_SAME(other, &pool);
#if KILN_CFG_STATS
    CHECK_EQ(kiln_pool_destroy(&pool), KILN_ESTATE);
#endif
    CHECK_OK(kiln_pool_free(&pool, block));
}

CASE(rejects_bad_arguments)
{
    CHECK_EQ(kiln_pool_init(NULL, buffer, 8, 1), KILN_EINVAL);
    CHECK_EQ(kiln_pool_init(&pool, NULL, 8, 1), KILN_EINVAL);
    CHECK_EQ(kiln_pool_init(&pool, (uint8_t *)buffer + 1, 8, 1), KILN_EINVAL);
    CHECK_EQ(kiln_pool_init(&pool, buffer, 0, 1), KILN_EINVAL);
    CHECK_EQ(kiln_pool_init(&pool, buffer, 8, 0), KILN_EINVAL);
    CHECK_EQ(kiln_pool_init(&pool, buffer, SIZE_MAX, 2), KILN_EINVAL);
    CHECK_EQ(kiln_pool_init(&pool, buffer, 8, SIZE_MAX), KILN_EINVAL);
}

#if KILN_CFG_CHECKS
CASE(free_rejects_what_is_not_its_own)
{
    void *foreign[4];
    make(2);
    void *block = alloc();
    CHECK_EQ(kiln_pool_free(&pool, foreign), KILN_EINVAL);
    CHECK_EQ(kiln_pool_free(&pool, NULL), KILN_EINVAL);
    CHECK_EQ(kiln_pool_free(&pool, (uint8_t *)block + 1), KILN_EINVAL);
    CHECK_EQ(kiln_pool_free(&pool, (uint8_t *)buffer + sizeof(buffer)), KILN_EINVAL);
    CHECK_OK(kiln_pool_free(&pool, block));
#if KILN_CFG_STATS
    CHECK_EQ(kiln_pool_free(&pool, block), KILN_ESTATE);
#endif
}
#endif

KILN_POOL_DEFINE(static_pool, 5, 2);

CASE(defined_statically_is_ready_for_use)
{
    void *a = NULL, *b = NULL;
    CHECK_FREE(&static_pool, 2);
    CHECK_OK(kiln_pool_alloc(&static_pool, &a, KILN_NO_WAIT));
    CHECK_OK(kiln_pool_alloc(&static_pool, &b, KILN_NO_WAIT));
    CHECK(a != b);
    CHECK_OK(kiln_pool_free(&static_pool, a));
    CHECK_OK(kiln_pool_free(&static_pool, b));
}

CASE(waiters_get_blocks_in_order_of_priority_then_first_come)
{
    static const unsigned char plus[] = {2, 4, 1, 4, 2};
    make(1);
    void *block = alloc();
    for (int i = 0; i < 5; i++) {
        (void)test_task(alloc_and_mark, ARG('a' + i), TEST_PRIO + plus[i]);
    }
    CHECK_OK(kiln_pool_free(&pool, block)); /* each passes it on */
    CHECK_LOG("bdaec");
    CHECK_FREE(&pool, 1);
}

CASE(killed_waiter_gets_no_block)
{
    make(1);
    void *block = alloc();
    struct kiln_task *task = test_task(alloc_and_mark, ARG('!'), TEST_PRIO + 1);
    CHECK_OK(kiln_task_kill(task, 0));
    CHECK_OK(kiln_pool_free(&pool, block));
    CHECK_FREE(&pool, 1);
}

static void *held;

static void use_in_interrupt(void)
{
    void *block = NULL;
    CHECK_EQ(kiln_pool_alloc(&pool, &block, KILN_FOREVER), KILN_EISR);
    CHECK_EQ(kiln_pool_alloc(&pool, &block, KILN_NO_WAIT), KILN_EAGAIN);
    CHECK_OK(kiln_pool_free(&pool, held));
    CHECK_OK(kiln_pool_alloc(&pool, &held, KILN_FOREVER));
    test_mark('i');
}

CASE(interrupt_may_use_it_but_not_block)
{
    make(1);
    held = alloc();
    test_irq_trigger(use_in_interrupt);
    CHECK_OK(kiln_pool_free(&pool, held));
    CHECK_LOG("i");
}

static void free_in_interrupt(void)
{
    CHECK_OK(kiln_pool_free(&pool, held));
    test_mark('i');
}

CASE(interrupt_frees_for_a_waiting_task)
{
    make(1);
    held = alloc();
    (void)test_task(alloc_and_mark, ARG('a'), TEST_PRIO + 1);
    test_irq_trigger(free_in_interrupt);
    CHECK_LOG("ia");
}

#endif
