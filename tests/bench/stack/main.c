/* Benchmark: RAM, in bytes. The stack that a task needs to wait: three tasks that do nothing but
 * sleep, take a semaphore, or receive from a queue. Their stacks are painted here, and looked at
 * from the low end after each has waited WAITS times; a tick may have interrupted them. And what a
 * flow of control costs: a task with the smallest stack that is allowed, a coroutine, an executor.
 */
#include "../target.h"
#include "kiln/async.h" /* for its sizes, also where it is off */

#define WAITS       200U
#define STACK_BYTES 512U
#define PAINT       UINT32_C(0xDEADBEEF)

KILN_SEM_DEFINE(sem, 0, 1);
KILN_QUEUE_DEFINE(queue, 4, 1);

static ROW int sleep_entry(void *arg)
{
    (void)arg;
    for (;;) {
        (void)kiln_task_sleep(1);
    }
    return 0;
}

static ROW int sem_entry(void *arg)
{
    (void)arg;
    for (;;) {
        (void)kiln_sem_take(&sem, KILN_FOREVER);
    }
    return 0;
}

static uint32_t item;

static ROW int queue_entry(void *arg)
{
    (void)arg;
    for (;;) {
        (void)kiln_queue_receive(&queue, &item, KILN_FOREVER);
    }
    return 0;
}

static uint32_t stacks[3][STACK_BYTES / 4] __attribute__((aligned(8)));
static struct kiln_task tasks[3];

static void start(unsigned index, kiln_task_fn entry)
{
    struct kiln_task_def def = {.entry = entry,
                                .stack = stacks[index],
                                .stack_bytes = STACK_BYTES,
                                .priority = (uint8_t)(10 + index),
                                .name = "waiter"};
    for (unsigned i = 0; i < STACK_BYTES / 4; i++) {
        stacks[index][i] = PAINT;
    }
    if (kiln_task_create(&tasks[index], &def) != KILN_OK) {
        kiln_panic("a task that waits cannot start", NULL, NULL);
    }
}

static void report(unsigned index, const char *name)
{
    unsigned unused = 0;
    while (unused < STACK_BYTES / 4 && stacks[index][unused] == PAINT) {
        unused++;
    }
    (void)kiln_printf("stack %s %u\n", name, (unsigned)(STACK_BYTES - unused * 4U));
}

static int driver_entry(void *arg)
{
    (void)arg;
    start(0, sleep_entry);
    start(1, sem_entry);
    start(2, queue_entry);
    for (unsigned i = 0; i < WAITS; i++) {
        (void)kiln_sem_give(&sem);
        (void)kiln_queue_send(&queue, &item, KILN_NO_WAIT);
        (void)kiln_task_sleep(1);
    }
    report(0, "stack_sleep");
    report(1, "stack_sem");
    report(2, "stack_queue");
    (void)kiln_printf("ram ram_task %u\n", (unsigned)(sizeof(struct kiln_task) + PORT_STACK_MIN));
    (void)kiln_printf("ram ram_coroutine %u\n", (unsigned)sizeof(struct kiln_async));
    (void)kiln_printf("ram ram_executor %u\n", (unsigned)sizeof(struct kiln_executor));
    kiln_stop(0);
}

KILN_TASK_DEFINE(driver, driver_entry, NULL, 5, 1024);

int main(void)
{
    return kiln_start();
}
