/* Block pools: every documented result, no block twice, blocks handed to waiters. */
#include "unit.h"

#if KILN_CFG_POOL

#define BLOCKS 5U
#define BYTES  20U

static struct kiln_pool pool;
static void *buffer[KILN_POOL_BLOCK_BYTES(BYTES) / sizeof(void *) * BLOCKS];
KILN_POOL_DEFINE(defined, 1, 2);

/* Free blocks are counted with KILN_CFG_STATS only. */
#if KILN_CFG_STATS
#define assert_free(count) assert_int_equal(kiln_pool_free_count(&pool), (count))
#else
#define assert_free(count) ((void)(count))
#endif

static int setup(void **state)
{
    (void)unit_setup(state);
    memset(&pool, 0, sizeof(pool));
    return 0;
}

static void init_rejects_bad_arguments(void **state)
{
    (void)state;
    assert_int_equal(kiln_pool_init(NULL, buffer, BYTES, BLOCKS), KILN_EINVAL);
    assert_int_equal(kiln_pool_init(&pool, NULL, BYTES, BLOCKS), KILN_EINVAL);
    assert_int_equal(kiln_pool_init(&pool, (uint8_t *)buffer + 1, BYTES, 1), KILN_EINVAL);
    assert_int_equal(kiln_pool_init(&pool, buffer, 0, BLOCKS), KILN_EINVAL);
    assert_int_equal(kiln_pool_init(&pool, buffer, BYTES, 0), KILN_EINVAL);
    assert_int_equal(kiln_pool_init(&pool, buffer, SIZE_MAX, 1), KILN_EINVAL);
    assert_int_equal(kiln_pool_init(&pool, buffer, SIZE_MAX / 2, 4), KILN_EINVAL);
    assert_int_equal(kiln_pool_init(&pool, buffer, BYTES, SIZE_MAX), KILN_EINVAL);
    assert_int_equal(kiln_pool_init(&pool, buffer, BYTES, BLOCKS), KILN_OK);
    assert_free(BLOCKS);
}

#if KILN_CFG_CHECKS
static void bad_objects_panic(void **state)
{
    (void)state;
    void *block = NULL;
    assert_panics("not an initialised object", (void)kiln_pool_alloc(&pool, &block, 0));
    assert_panics("not an initialised object", (void)kiln_pool_free(&pool, buffer));
#if KILN_CFG_STATS
    assert_panics("not an initialised object", (void)kiln_pool_free_count(&pool));
#endif
    assert_panics("not an initialised object", (void)kiln_pool_destroy(&pool));
    assert_panics("initialised twice", (void)kiln_pool_init(&defined, buffer, BYTES, BLOCKS));
}

static void a_null_address_panics(void **state)
{
    (void)state;
    assert_panics("no place for the block's address", (void)kiln_pool_alloc(&defined, NULL, 0));
}

static void a_block_freed_twice_in_a_row_is_refused(void **state)
{
    (void)state;
    void *first = NULL, *second = NULL;
    assert_int_equal(kiln_pool_init(&pool, buffer, BYTES, BLOCKS), KILN_OK);
    assert_int_equal(kiln_pool_alloc(&pool, &first, 0), KILN_OK);
    assert_int_equal(kiln_pool_alloc(&pool, &second, 0), KILN_OK);
    assert_int_equal(kiln_pool_free(&pool, first), KILN_OK);
    assert_int_equal(kiln_pool_free(&pool, first), KILN_ESTATE);
    assert_int_equal(kiln_pool_free(&pool, second), KILN_OK);
}

static void bad_blocks_are_refused(void **state)
{
    (void)state;
    void *block = NULL;
    uint8_t *start = (uint8_t *)buffer;
    (void)kiln_pool_init(&pool, buffer, BYTES, BLOCKS);
    assert_int_equal(kiln_pool_free(&pool, buffer), KILN_EINVAL); /* never allocated */
    assert_int_equal(kiln_pool_alloc(&pool, &block, 0), KILN_OK);
    assert_int_equal(kiln_pool_free(&pool, NULL), KILN_EINVAL);
    assert_int_equal(kiln_pool_free(&pool, start - 8), KILN_EINVAL);
    assert_int_equal(kiln_pool_free(&pool, start + 1), KILN_EINVAL);
    assert_int_equal(kiln_pool_free(&pool, start + sizeof(buffer)), KILN_EINVAL);
    assert_int_equal(kiln_pool_free(&pool, block), KILN_OK);
#if KILN_CFG_STATS
    assert_int_equal(kiln_pool_free(&pool, block), KILN_ESTATE);
#endif
    assert_free(BLOCKS);
}
#endif

static void no_block_is_given_twice(void **state)
{
    (void)state;
    random_start();
    void *held[BLOCKS] = {NULL};
    unsigned count = 0;
    (void)kiln_pool_init(&pool, buffer, BYTES, BLOCKS);
    for (int step = 0; step < 5000; step++) {
        void *block = held;
        if (random_below(2) == 0) {
            int expected = count == BLOCKS ? KILN_EAGAIN : KILN_OK;
            assert_int_equal(kiln_pool_alloc(&pool, &block, KILN_NO_WAIT), expected);
            if (expected != KILN_OK) {
                assert_ptr_equal(block, held);
                continue;
            }
            for (unsigned n = 0; n < count; n++) {
                assert_ptr_not_equal(held[n], block);
            }
            memset(block, 0xA5, BYTES); /* within the buffer: AddressSanitizer would tell */
            held[count++] = block;
        } else if (count > 0) {
            unsigned n = random_below(count);
            assert_int_equal(kiln_pool_free(&pool, held[n]), KILN_OK);
            held[n] = held[--count];
        }
        assert_free(BLOCKS - count);
#if KILN_CFG_STATS
        assert_int_equal(kiln_pool_destroy(&pool), count == 0 ? KILN_OK : KILN_ESTATE);
        if (count == 0) {
            (void)kiln_pool_init(&pool, buffer, BYTES, BLOCKS);
        }
#endif
    }
}

static int alloc_in_isr(void)
{
    void *block;
    return kiln_pool_alloc(&pool, &block, 5);
}

static void cannot_block_where_nobody_can(void **state)
{
    (void)state;
    void *block = NULL;
    (void)kiln_pool_init(&pool, buffer, BYTES, 1);
    assert_int_equal(in_interrupt(alloc_in_isr), KILN_OK);
    assert_int_equal(in_interrupt(alloc_in_isr), KILN_EISR);
    kiln_sched_lock();
    assert_int_equal(kiln_pool_alloc(&pool, &block, 5), KILN_ELOCKED);
    assert_int_equal(kiln_pool_alloc(&pool, &block, KILN_NO_WAIT), KILN_EAGAIN);
    (void)kiln_sched_unlock();
    assert_null(block);
}

static void waiters_get_blocks_in_order(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    static void *got[3];
    void *block = NULL;
    memset(got, 0, sizeof(got));
    (void)kiln_pool_init(&pool, buffer, BYTES, 1);
    (void)kiln_pool_alloc(&pool, &block, 0);
    static const unsigned prios[] = {3, 5, 3};
    for (unsigned n = 0; n < 3; n++) {
        (void)create(n, prios[n]);
        assert_int_equal(play_alloc(&pool, &got[n], n == 2 ? 50 : KILN_FOREVER), BLOCKED);
    }
    assert_int_equal(kiln_pool_destroy(&pool), KILN_ESTATE);
    static const unsigned order[] = {1, 0};
    for (unsigned n = 0; n < 2; n++) {
        assert_int_equal(kiln_pool_free(&pool, block), KILN_OK);
        assert_running(&tasks[order[n]]);
        assert_int_equal(play_return(&tasks[order[n]]), KILN_OK);
        assert_ptr_equal(got[order[n]], block);
        assert_int_equal(play_suspend(&tasks[order[n]]), BLOCKED);
    }
    fake_tick(50);
    assert_int_equal(play_return(&tasks[2]), KILN_ETIMEOUT);
    assert_null(got[2]);
    assert_int_equal(kiln_pool_free(&pool, block), KILN_OK);
    assert_free(1);
    assert_int_equal(kiln_pool_destroy(&pool), KILN_OK);
}

static void defined_pool_works(void **state)
{
    (void)state;
    void *first = NULL, *second = NULL;
    assert_int_equal(kiln_pool_alloc(&defined, &first, 0), KILN_OK);
    assert_int_equal(kiln_pool_alloc(&defined, &second, 0), KILN_OK);
    assert_int_equal((uint8_t *)second - (uint8_t *)first, sizeof(void *));
    assert_int_equal(kiln_pool_free(&defined, first), KILN_OK);
    assert_int_equal(kiln_pool_free(&defined, second), KILN_OK);
}

#define SETUP setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(init_rejects_bad_arguments),
#if KILN_CFG_CHECKS
        TEST(bad_objects_panic),
        TEST(bad_blocks_are_refused),
        TEST(a_null_address_panics),
        TEST(a_block_freed_twice_in_a_row_is_refused),
#endif
        TEST(no_block_is_given_twice),
        TEST(cannot_block_where_nobody_can),
        TEST(waiters_get_blocks_in_order),
        TEST(defined_pool_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
NO_TESTS("pools")
#endif
