/* Benchmark: instructions per kernel operation on a board, and per interrupt.
 *
 * The driver measures one row after the other, each in ROUNDS rounds. A round begins right after
 * a tick and is over before the next one, so that nothing but the operation is counted.
 *
 * Two kinds of rows. A loop row is what a loop of plain calls costs, argument set-up and the
 * call itself included, less an empty loop. A span row counts from the first instruction of one
 * function to the next instruction in another; bench.py names the two.
 */
#include "../target.h"

/* Short enough for the slowest row to fit between two ticks. */
#define TIMES 60U

/* Repeats what follows, exactly; row_empty() measures what the loop itself costs. */
#define REPEAT(times) \
    for (unsigned left = (times); left != 0; left--, ({ __asm__ volatile("" ::: "memory"); }))

/* What a row repeats must work: a call that fails is cheap. Done once before the row. */
static void expect_ok(int error)
{
    if (error != KILN_OK) {
        kiln_panic("an operation of the benchmark failed", NULL, kiln_error_name(error));
    }
}

#define DRIVER_PRIORITY 5

KILN_SEM_DEFINE(count_sem, 1, 10);
KILN_SEM_DEFINE(wake_sem, 0, 1);
KILN_SEM_DEFINE(trip_sem, 0, 1);
KILN_SEM_DEFINE(isr_sem, 0, 0xFFFF);
KILN_SEM_DEFINE(isr_wake_sem, 0, 1);
KILN_MUTEX_DEFINE(mutex, KILN_MUTEX_PLAIN);
KILN_QUEUE_DEFINE(queue4, 4, 4);
KILN_QUEUE_DEFINE(queue16, 16, 4);
KILN_QUEUE_DEFINE(wake_queue, 4, 4);
KILN_QUEUE_DEFINE(wake_queue16, 16, 4);
KILN_POOL_DEFINE(pool, 128, 4);

static uint32_t words[4] = {1, 2, 3, 4};
static uint32_t irq_bit;
static struct kiln_sem *handler_sem;
static volatile uint32_t handled;

ROW void BENCH_HANDLER(void)
{
    (void)kiln_sem_give(handler_sem);
}

/* ---- Rows of one task ---------------------------------------------------------------------- */

static ROW void row_empty(void)
{
    MARK();
    REPEAT(TIMES)
    {
    }
    MARK();
}

static ROW void row_sem_pair(void)
{
    expect_ok(kiln_sem_give(&count_sem));
    expect_ok(kiln_sem_take(&count_sem, KILN_FOREVER));
    MARK();
    REPEAT(TIMES)
    {
        (void)kiln_sem_give(&count_sem);
        (void)kiln_sem_take(&count_sem, KILN_FOREVER);
    }
    MARK();
}

static ROW void row_mutex_pair(void)
{
    expect_ok(kiln_mutex_lock(&mutex, KILN_FOREVER));
    expect_ok(kiln_mutex_unlock(&mutex));
    MARK();
    REPEAT(TIMES)
    {
        (void)kiln_mutex_lock(&mutex, KILN_FOREVER);
        (void)kiln_mutex_unlock(&mutex);
    }
    MARK();
}

static ROW void row_queue4_pair(void)
{
    uint32_t item;
    expect_ok(kiln_queue_send(&queue4, words, KILN_FOREVER));
    expect_ok(kiln_queue_receive(&queue4, &item, KILN_FOREVER));
    MARK();
    REPEAT(TIMES)
    {
        (void)kiln_queue_send(&queue4, words, KILN_FOREVER);
        (void)kiln_queue_receive(&queue4, &item, KILN_FOREVER);
    }
    MARK();
}

static ROW void row_queue16_pair(void)
{
    uint32_t item[4];
    expect_ok(kiln_queue_send(&queue16, words, KILN_FOREVER));
    expect_ok(kiln_queue_receive(&queue16, item, KILN_FOREVER));
    MARK();
    REPEAT(TIMES)
    {
        (void)kiln_queue_send(&queue16, words, KILN_FOREVER);
        (void)kiln_queue_receive(&queue16, item, KILN_FOREVER);
    }
    MARK();
}

static ROW void row_pool_pair(void)
{
    void *block;
    expect_ok(kiln_pool_alloc(&pool, &block, KILN_FOREVER));
    expect_ok(kiln_pool_free(&pool, block));
    MARK();
    REPEAT(TIMES)
    {
        (void)kiln_pool_alloc(&pool, &block, KILN_FOREVER);
        (void)kiln_pool_free(&pool, block);
    }
    MARK();
}

static ROW void row_irq_mask_pair(void)
{
    MARK();
    REPEAT(TIMES)
    {
        kiln_irq_unlock(kiln_irq_lock());
    }
    MARK();
}

/* ---- Rows of two tasks --------------------------------------------------------------------- */

static ROW int helper_yield(void *arg)
{
    (void)arg;
    for (;;) {
        (void)kiln_task_yield();
    }
    return 0;
}

/* Two switches a turn. */
static ROW void row_yield(void)
{
    MARK();
    REPEAT(TIMES)
    {
        (void)kiln_task_yield();
    }
    MARK();
}

static ROW int helper_give_run(void *arg)
{
    (void)arg;
    for (;;) {
        (void)kiln_sem_take(&wake_sem, KILN_FOREVER);
    }
    return 0;
}

static ROW void row_give_run(void)
{
    MARK();
    REPEAT(TIMES)
    {
        (void)kiln_sem_give(&wake_sem);
    }
    MARK();
}

static ROW int helper_sem_roundtrip(void *arg)
{
    (void)arg;
    for (;;) {
        (void)kiln_sem_take(&trip_sem, KILN_FOREVER);
    }
    return 0;
}

static ROW void row_sem_roundtrip(void)
{
    MARK();
    REPEAT(TIMES)
    {
        (void)kiln_sem_give(&trip_sem);
    }
    MARK();
}

static ROW int helper_queue_wake(void *arg)
{
    uint32_t item;
    (void)arg;
    for (;;) {
        (void)kiln_queue_receive(&wake_queue, &item, KILN_FOREVER);
    }
    return 0;
}

static ROW void row_queue_wake(void)
{
    MARK();
    REPEAT(TIMES)
    {
        (void)kiln_queue_send(&wake_queue, words, KILN_FOREVER);
    }
    MARK();
}

static ROW int helper_queue16_wake(void *arg)
{
    uint32_t item[4];
    (void)arg;
    for (;;) {
        (void)kiln_queue_receive(&wake_queue16, item, KILN_FOREVER);
    }
    return 0;
}

static ROW void row_queue16_wake(void)
{
    MARK();
    REPEAT(TIMES)
    {
        (void)kiln_queue_send(&wake_queue16, words, KILN_FOREVER);
    }
    MARK();
}

/* ---- Rows of an interrupt ------------------------------------------------------------------ */

/* Where a handler returns to: a function of its own, so that the span ends with the handler. */
static ROW void row_isr_give(void)
{
    handler_sem = &isr_sem;
    MARK();
    REPEAT(TIMES)
    {
        raise_irq(irq_bit);
    }
    MARK();
}

static ROW int helper_isr_task(void *arg)
{
    (void)arg;
    for (;;) {
        (void)kiln_sem_take(&isr_wake_sem, KILN_FOREVER);
        handled++;
    }
    return 0;
}

static ROW void row_isr_task(void)
{
    handler_sem = &isr_wake_sem;
    MARK();
    REPEAT(TIMES)
    {
        uint32_t before = handled;
        raise_irq(irq_bit);
        while (handled == before) {
        }
    }
    MARK();
}

/* ---- The driver ---------------------------------------------------------------------------- */

static const struct row {
    const char *name;
    void (*run)(void);
    kiln_task_fn helper;
    uint8_t helper_priority;
    uint8_t operations; /* a turn of the loop */
} rows[] = {
    {"empty", row_empty, NULL, 0, 1},
    {"sem_pair", row_sem_pair, NULL, 0, 1},
    {"mutex_pair", row_mutex_pair, NULL, 0, 1},
    {"queue4_pair", row_queue4_pair, NULL, 0, 1},
    {"queue16_pair", row_queue16_pair, NULL, 0, 1},
    {"pool_pair", row_pool_pair, NULL, 0, 1},
    {"irq_mask_pair", row_irq_mask_pair, NULL, 0, 1},
    {"yield", row_yield, helper_yield, DRIVER_PRIORITY, 2},
    {"give_run", row_give_run, helper_give_run, DRIVER_PRIORITY + 1, 1},
    {"sem_roundtrip", row_sem_roundtrip, helper_sem_roundtrip, DRIVER_PRIORITY + 1, 1},
    {"queue_wake", row_queue_wake, helper_queue_wake, DRIVER_PRIORITY + 1, 1},
    {"queue16_wake", row_queue16_wake, helper_queue16_wake, DRIVER_PRIORITY + 1, 1},
    {"isr_give", row_isr_give, NULL, 0, 1},
    {"isr_task", row_isr_task, helper_isr_task, DRIVER_PRIORITY + 1, 1},
};

KILN_STACK_DEFINE(helper_stack, 512);
static struct kiln_task helper;

static void measure(const struct row *row)
{
    struct kiln_task_def def = {.entry = row->helper,
                                .stack = helper_stack,
                                .stack_bytes = sizeof(helper_stack),
                                .priority = row->helper_priority,
                                .name = "helper"};
    if (row->helper != NULL && kiln_task_create(&helper, &def) != KILN_OK) {
        kiln_panic("the helper cannot start", NULL, NULL);
    }
    (void)kiln_task_yield(); /* a helper of the driver's priority gets going */
    for (unsigned round = 0; round < ROUNDS; round++) {
        (void)kiln_task_sleep(1);
        row->run();
        (void)kiln_printf("row %s %u %u\n", row->name, TIMES, row->operations);
    }
    if (row->helper != NULL) {
        (void)kiln_task_kill(&helper, 0);
    }
}

static int driver_entry(void *arg)
{
    (void)arg;
    irq_bit = enable_irq(BENCH_HANDLER);
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        measure(&rows[i]);
    }
    kiln_stop(0);
}

KILN_TASK_DEFINE(driver, driver_entry, NULL, DRIVER_PRIORITY, 1024);

int main(void)
{
    return kiln_start();
}
