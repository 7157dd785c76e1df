/* Calls that refuse their arguments, and must touch nothing: see program.h. */
#include "program.h"

static void never(struct kiln_timer *timer)
{
    (void)timer;
}

static int entry(void *arg)
{
    (void)arg;
    return 0;
}

static uint64_t stack[16];

static int wrong_task(uint8_t value)
{
    static struct kiln_task unborn;
    struct kiln_task_def def = {.entry = entry, .stack = stack, .stack_bytes = sizeof(stack)};
    switch (value % 6U) {
    case 0:
        return kiln_task_init(NULL, &def);
    case 1:
        return kiln_task_init(&unborn, NULL);
    case 2:
        def.entry = NULL;
        break;
    case 3:
        def.stack = NULL;
        break;
    case 4:
        def.stack = (uint8_t *)stack + 1;
        break;
    default: /* the stack is too small */
        break;
    }
    return kiln_task_create(&unborn, &def);
}

static int wrong_sync(uint8_t value)
{
    struct kiln_sem sem;
    struct kiln_mutex mutex;
    switch (value % 8U) {
    case 0:
        return kiln_sem_init(NULL, 0, 1);
    case 1:
        return kiln_sem_init(&sem, 0, 0);
    case 2:
        return kiln_sem_init(&sem, 2, 1);
    case 3:
        return kiln_mutex_init(NULL, 0);
    case 4:
        return kiln_mutex_init(&mutex, 2);
    case 5:
        return kiln_flags_init(NULL);
    case 6:
        return kiln_timer_init(NULL, never);
    default:
        return kiln_timer_init(&program.timers[0], NULL);
    }
}

static int wrong_queue(uint8_t value)
{
    struct kiln_queue queue;
    switch (value % 6U) {
    case 0:
        return kiln_queue_init(NULL, stack, 4, 1);
    case 1:
        return kiln_queue_init(&queue, NULL, 4, 1);
    case 2:
        return kiln_queue_init(&queue, stack, 0, 1);
    case 3:
        return kiln_queue_init(&queue, stack, KILN_CFG_QUEUE_ITEM_MAX + 1, 1);
    case 4:
        return kiln_queue_init(&queue, stack, 4, 0);
    default:
        return kiln_queue_init(&queue, stack, 4, 65536);
    }
}

static int wrong_pool(uint8_t value)
{
    struct kiln_pool pool;
    switch (value % 8U) {
    case 0:
        return kiln_pool_init(NULL, stack, 8, 1);
    case 1:
        return kiln_pool_init(&pool, NULL, 8, 1);
    case 2:
        return kiln_pool_init(&pool, (uint8_t *)stack + 1, 8, 1);
    case 3:
        return kiln_pool_init(&pool, stack, 0, 1);
    case 4:
        return kiln_pool_init(&pool, stack, 8, 0);
    case 5:
        return kiln_pool_init(&pool, stack, SIZE_MAX, 1);
    case 6:
        return kiln_pool_init(&pool, stack, 8, SIZE_MAX);
    default:
        return kiln_pool_init(&pool, stack, SIZE_MAX / 2, 4);
    }
}

static int wrong_other(uint8_t value)
{
    struct kiln_task *self = kiln_task_self();
    kiln_ticks_t ticks = 0;
    switch (value % 4U) {
    case 0:
        return kiln_task_get_info(self, NULL);
    case 1:
        return kiln_task_sleep_until(NULL, 1);
    case 2:
        return kiln_task_sleep_until(&ticks, UINT32_C(0x80000000));
    default:
        return kiln_timer_start(&program.timers[0], KILN_FOREVER, 0);
    }
}

static enum kiln_async_step body(struct kiln_async *async)
{
    (void)async;
    return KILN_ASYNC_ENDS;
}

static int wrong_stream(uint8_t value)
{
    struct kiln_stream stream;
    struct kiln_async async;
    switch (value % 8U) {
    case 0:
        return kiln_stream_init(NULL, stack, 1, NULL, NULL);
    case 1:
        return kiln_stream_init(&stream, NULL, 1, NULL, NULL);
    case 2:
        return kiln_stream_init(&stream, stack, 0, NULL, NULL);
    case 3:
        return kiln_stream_init(&stream, stack, 65536, NULL, NULL);
    case 4:
        return kiln_executor_init(NULL);
    case 5:
        return kiln_waker_init(NULL);
    case 6:
        return kiln_async_start(NULL, &program.executor, body, NULL);
    default:
        return kiln_async_start(&async, &program.executor, NULL, NULL);
    }
}

int program_call_wrong(uint8_t value)
{
    switch (value % 6U) {
    case 0:
        return wrong_task(value / 6U);
    case 1:
        return wrong_sync(value / 6U);
    case 2:
        return wrong_queue(value / 6U);
    case 3:
        return wrong_pool(value / 6U);
    case 4:
        return wrong_stream(value / 6U);
    default:
        return wrong_other(value / 6U);
    }
}
