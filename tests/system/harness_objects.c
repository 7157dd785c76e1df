/* System tests: the objects of a case. See harness.h. */
#include "harness.h"

#define OBJECTS_MAX 10

/* The controller's alone. */
static struct object {
    void *object;
    int (*destroy)(void *object);
    const char *type;
} objects[OBJECTS_MAX];
static unsigned object_count;

static void own(void *object, int (*destroy)(void *), const char *type)
{
    if (object_count == OBJECTS_MAX) {
        kiln_panic("a case has too many objects", NULL, NULL);
    }
    objects[object_count++] = (struct object){object, destroy, type};
}

#if KILN_CFG_SEM
static int destroy_sem(void *object)
{
    return kiln_sem_destroy((struct kiln_sem *)object);
}

void test_sem(struct kiln_sem *sem, uint32_t initial, uint32_t limit)
{
    CHECK_OK(kiln_sem_init(sem, initial, limit));
    own(sem, destroy_sem, "a semaphore");
}
#endif

#if KILN_CFG_MUTEX
static int destroy_mutex(void *object)
{
    return kiln_mutex_destroy((struct kiln_mutex *)object);
}

void test_mutex(struct kiln_mutex *mutex, unsigned options)
{
    CHECK_OK(kiln_mutex_init(mutex, options));
    own(mutex, destroy_mutex, "a mutex");
}
#endif

#if KILN_CFG_QUEUE
static int destroy_queue(void *object)
{
    return kiln_queue_destroy((struct kiln_queue *)object);
}

void test_queue(struct kiln_queue *queue, void *buffer, size_t item_bytes, size_t capacity)
{
    CHECK_OK(kiln_queue_init(queue, buffer, item_bytes, capacity));
    own(queue, destroy_queue, "a queue");
}
#endif

#if KILN_CFG_FLAGS
static int destroy_flags(void *object)
{
    return kiln_flags_destroy((struct kiln_flags *)object);
}

void test_flags(struct kiln_flags *flags)
{
    CHECK_OK(kiln_flags_init(flags));
    own(flags, destroy_flags, "flags");
}
#endif

#if KILN_CFG_POOL
static int destroy_pool(void *object)
{
    return kiln_pool_destroy((struct kiln_pool *)object);
}

void test_pool(struct kiln_pool *pool, void *buffer, size_t block_bytes, size_t count)
{
    CHECK_OK(kiln_pool_init(pool, buffer, block_bytes, count));
    own(pool, destroy_pool, "a pool");
}
#endif

static int destroy_timer(void *object)
{
    return kiln_timer_destroy((struct kiln_timer *)object);
}

void test_timer(struct kiln_timer *timer, kiln_timer_fn callback)
{
    CHECK_OK(kiln_timer_init(timer, callback));
    own(timer, destroy_timer, "a timer");
}

void test_end_objects(void)
{
    for (unsigned i = 0; i < object_count; i++) {
        if (objects[i].destroy(objects[i].object) != KILN_OK) {
            test_fail_text(objects[i].type, "still in use when the case ends");
        }
    }
    object_count = 0;
}
