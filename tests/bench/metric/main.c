/* Benchmark: the eight tests of Thread-Metric, written afresh from what is published about them.
 *
 * Each test runs some tasks that count what they do, while a reporter sleeps; then the reporter
 * prints what was counted in a number of milliseconds of kernel time. The original counts over 30
 * seconds; as the emulator's time is a function of the instructions executed, a part will do.
 *
 * As in the original, a test calls the kernel through a layer of functions that take the number of
 * a task or object and return an error; their cost is part of the result.
 *
 *   basic                  one task computes on an array of 1024 words
 *   cooperative            five tasks of one priority give way to each other
 *   preemptive             each of five tasks resumes the next more urgent one; all but the least
 *                          urgent suspend themselves
 *   interrupt              a task raises an interrupt, whose handler gives a semaphore that the
 *                          task then takes
 *   interrupt_preemption   a task raises an interrupt, whose handler resumes a more urgent task,
 *                          which suspends itself
 *   message                one task sends 16 bytes to a queue and receives them
 *   sync                   one task takes a semaphore and gives it
 *   memory                 one task allocates 128 bytes and frees them
 */
#include "../target.h"

#define TASKS     5
#define WARMUP_MS 20
#define WINDOW_MS 3000

#define REPORTER_PRIORITY 15
#define URGENT(n)         (uint8_t)(10 + (n)) /* task n, for n from 0, the least urgent */
#define EQUAL             10

KILN_STACK_DEFINE(stack_0, PORT_STACK_MIN + 96);
KILN_STACK_DEFINE(stack_1, PORT_STACK_MIN + 96);
KILN_STACK_DEFINE(stack_2, PORT_STACK_MIN + 96);
KILN_STACK_DEFINE(stack_3, PORT_STACK_MIN + 96);
KILN_STACK_DEFINE(stack_4, PORT_STACK_MIN + 96);
static uint64_t *const stacks[TASKS] = {stack_0, stack_1, stack_2, stack_3, stack_4};
static struct kiln_task tasks[TASKS];
static volatile uint32_t counters[TASKS];
static volatile uint32_t handler_counter;
static uint32_t first_irq, second_irq;

KILN_SEM_DEFINE(sem_0, 1, 1);
KILN_SEM_DEFINE(sem_1, 0, 1);
KILN_QUEUE_DEFINE(queue_0, 16, 10);
KILN_POOL_DEFINE(pool_0, 128, 4);
static struct kiln_sem *const sems[] = {&sem_0, &sem_1};
static struct kiln_queue *const queues[] = {&queue_0};
static struct kiln_pool *const pools[] = {&pool_0};

/* ---- The layer ------------------------------------------------------------------------------ */

static ROW int thread_resume(unsigned task)
{
    return kiln_task_resume(&tasks[task]);
}

static ROW int thread_suspend(unsigned task)
{
    return kiln_task_suspend(&tasks[task]);
}

static ROW void thread_relinquish(void)
{
    (void)kiln_task_yield();
}

static ROW int semaphore_get(unsigned sem)
{
    return kiln_sem_take(sems[sem], KILN_NO_WAIT);
}

static ROW int semaphore_put(unsigned sem)
{
    return kiln_sem_give(sems[sem]);
}

static ROW int queue_send(unsigned queue, const uint32_t *message)
{
    return kiln_queue_send(queues[queue], message, KILN_NO_WAIT);
}

static ROW int queue_receive(unsigned queue, uint32_t *message)
{
    return kiln_queue_receive(queues[queue], message, KILN_NO_WAIT);
}

static ROW int block_allocate(unsigned pool, void **block)
{
    return kiln_pool_alloc(pools[pool], block, KILN_NO_WAIT);
}

static ROW int block_free(unsigned pool, void *block)
{
    return kiln_pool_free(pools[pool], block);
}

/* ---- The tests ------------------------------------------------------------------------------ */

static int basic_entry(void *arg)
{
    static volatile uint32_t array[1024];
    (void)arg;
    for (;;) {
        for (unsigned i = 0; i < 1024; i++) {
            array[i] = (array[i] + counters[0]) ^ array[i];
        }
        counters[0]++;
    }
    return 0;
}

static int cooperative_entry(void *arg)
{
    volatile uint32_t *counter = &counters[(uintptr_t)arg];
    for (;;) {
        thread_relinquish();
        *counter += 1;
    }
    return 0;
}

static int preemptive_entry(void *arg)
{
    unsigned self = (unsigned)(uintptr_t)arg;
    volatile uint32_t *counter = &counters[self];
    for (;;) {
        if (self + 1 < TASKS && thread_resume(self + 1) != KILN_OK) {
            break;
        }
        *counter += 1;
        if (self != 0 && thread_suspend(self) != KILN_OK) {
            break;
        }
    }
    return 0;
}

ROW void BENCH_HANDLER(void)
{
    handler_counter++;
    (void)semaphore_put(1);
}

static int interrupt_entry(void *arg)
{
    (void)arg;
    do {
        raise_irq(first_irq);
        counters[0]++;
    } while (semaphore_get(1) == KILN_OK);
    return 0;
}

ROW void BENCH_HANDLER_2(void)
{
    handler_counter++;
    (void)thread_resume(1);
}

static int interrupting_entry(void *arg)
{
    (void)arg;
    for (;;) {
        raise_irq(second_irq);
        counters[0]++;
    }
    return 0;
}

static int interrupted_entry(void *arg)
{
    (void)arg;
    do {
        counters[1]++;
    } while (thread_suspend(1) == KILN_OK);
    return 0;
}

static int message_entry(void *arg)
{
    uint32_t sent[4] = {1, 2, 3, 4}, received[4];
    (void)arg;
    while (queue_send(0, sent) == KILN_OK && queue_receive(0, received) == KILN_OK &&
           received[3] == sent[3]) {
        sent[3]++;
        counters[0]++;
    }
    return 0;
}

static int sync_entry(void *arg)
{
    (void)arg;
    while (semaphore_get(0) == KILN_OK && semaphore_put(0) == KILN_OK) {
        counters[0]++;
    }
    return 0;
}

static int memory_entry(void *arg)
{
    void *block;
    (void)arg;
    while (block_allocate(0, &block) == KILN_OK && block_free(0, block) == KILN_OK) {
        counters[0]++;
    }
    return 0;
}

/* ---- The reporter --------------------------------------------------------------------------- */

static void start(unsigned task, kiln_task_fn entry, uint8_t priority)
{
    struct kiln_task_def def = {.entry = entry,
                                .arg = (void *)(uintptr_t)task,
                                .stack = stacks[task],
                                .stack_bytes = PORT_STACK_MIN + 96,
                                .priority = priority,
                                .name = "metric"};
    if (kiln_task_create(&tasks[task], &def) != KILN_OK) {
        kiln_panic("a task of a test cannot start", NULL, NULL);
    }
}

/* What a test has done so far. The interrupt tests count rounds, not each side of one. */
static uint32_t total(bool rounds)
{
    uint32_t sum = 0;
    for (unsigned i = 0; i < TASKS; i++) {
        sum += counters[i];
    }
    return rounds ? handler_counter : sum;
}

/* Lets a test run, reports it, and ends its tasks. A test that stopped counting has failed. */
static void report(const char *name, bool rounds)
{
    (void)kiln_task_sleep(KILN_MS(WARMUP_MS));
    uint32_t before = total(rounds);
    (void)kiln_task_sleep(KILN_MS(WINDOW_MS - WARMUP_MS));
    uint32_t at_end = total(rounds);
    (void)kiln_task_sleep(KILN_MS(WARMUP_MS));
    uint32_t after = total(rounds);
    if (at_end == after) {
        kiln_panic("a test has stopped", NULL, name);
    }
    (void)kiln_printf("metric %s %u %u\n", name, (unsigned)(after - before), (unsigned)WINDOW_MS);
    for (unsigned i = 0; i < TASKS; i++) {
        if (counters[i] != 0) {
            (void)kiln_task_kill(&tasks[i], 0);
            counters[i] = 0;
        }
    }
    handler_counter = 0;
}

static void run_single(const char *name, kiln_task_fn entry)
{
    start(0, entry, EQUAL);
    report(name, false);
}

static void run_five(const char *name, kiln_task_fn entry, bool equal)
{
    for (unsigned i = 0; i < TASKS; i++) {
        unsigned task = equal ? i : TASKS - 1 - i;
        start(task, entry, equal ? (uint8_t)EQUAL : URGENT(task));
        if (!equal && task != 0) {
            (void)kiln_task_suspend(&tasks[task]);
        }
    }
    report(name, false);
}

static int reporter_entry(void *arg)
{
    (void)arg;
    first_irq = enable_irq(BENCH_HANDLER);
    second_irq = enable_irq(BENCH_HANDLER_2);
    run_single("basic", basic_entry);
    run_five("cooperative", cooperative_entry, true);
    run_five("preemptive", preemptive_entry, false);
    start(0, interrupt_entry, EQUAL);
    report("interrupt", true);
    start(1, interrupted_entry, URGENT(1));
    (void)kiln_task_suspend(&tasks[1]);
    start(0, interrupting_entry, URGENT(0));
    report("interrupt_preemption", true);
    run_single("message", message_entry);
    run_single("sync", sync_entry);
    run_single("memory", memory_entry);
    kiln_stop(0);
}

KILN_TASK_DEFINE(reporter, reporter_entry, NULL, REPORTER_PRIORITY, 1024);

int main(void)
{
    return kiln_start();
}
