/* Benchmark: nanoseconds per kernel operation of a Linux process, with the tick running.
 *
 * Each round times one swapcontext() first and then every row, so that a row can be compared
 * with it however fast the machine is just then. What comes out, one line a row and round:
 *   row NAME NANOSECONDS       (milliseconds for the rows that say so in their name)
 *   swap NANOSECONDS
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <ucontext.h>

#include "kiln/kiln.h"

#define ROW             __attribute__((noipa))
#define ROUNDS          7
#define SLOW_ROUNDS     3 /* of the rows that last seconds */
#define DRIVER_PRIORITY 5
#define IDLE_SECONDS    2
#define CROWD           10000
#define CROWD_TURNS     20
#define SLEEPS          1000

KILN_SEM_DEFINE(count_sem, 1, 10);
KILN_SEM_DEFINE(ping_sem, 0, 1);
KILN_SEM_DEFINE(pong_sem, 0, 1);
KILN_MUTEX_DEFINE(mutex, KILN_MUTEX_PLAIN);
KILN_QUEUE_DEFINE(queue, 16, 4);
KILN_QUEUE_DEFINE(wake_queue, 16, 4);
KILN_POOL_DEFINE(pool, 128, 4);

static uint32_t words[4] = {1, 2, 3, 4};
static volatile bool stopping;
static unsigned trips; /* times that a helper got to run */

static double seconds(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- Tasks that rows start ----------------------------------------------------------------- */

KILN_STACK_DEFINE(helper_stack, 1024);
static struct kiln_task helper;

static void check(int error, const char *what)
{
    if (error != KILN_OK) {
        (void)fprintf(stderr, "bench: %s: %s\n", what, kiln_error_name(error));
        exit(1);
    }
}

static void start(struct kiln_task *task, kiln_task_fn entry, unsigned priority)
{
    struct kiln_task_def def = {.entry = entry,
                                .stack = helper_stack, /* tasks of a host have stacks of the port */
                                .stack_bytes = sizeof(helper_stack),
                                .priority = (uint8_t)priority,
                                .name = "helper"};
    check(kiln_task_create(task, &def), "a task cannot start");
}

static int yield_entry(void *arg)
{
    (void)arg;
    while (!stopping) {
        trips++;
        (void)kiln_task_yield();
    }
    return 0;
}

static int pong_entry(void *arg)
{
    (void)arg;
    for (;;) {
        (void)kiln_sem_take(&ping_sem, KILN_FOREVER);
        trips++;
        (void)kiln_sem_give(&pong_sem);
    }
    return 0;
}

static int receive_entry(void *arg)
{
    uint32_t item[4];
    (void)arg;
    for (;;) {
        (void)kiln_queue_receive(&wake_queue, item, KILN_FOREVER);
        trips++;
    }
    return 0;
}

static int empty_entry(void *arg)
{
    (void)arg;
    trips++;
    return 0;
}

/* ---- Rows: each does `times` operations ---------------------------------------------------- */

/* Two switches a turn. */
static ROW void row_yield(unsigned times)
{
    for (unsigned i = 0; i < times; i += 2) {
        (void)kiln_task_yield();
    }
}

static ROW void row_sem_pingpong(unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        (void)kiln_sem_give(&ping_sem);
        (void)kiln_sem_take(&pong_sem, KILN_FOREVER);
    }
}

static ROW void row_sem_pair(unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        (void)kiln_sem_give(&count_sem);
        (void)kiln_sem_take(&count_sem, KILN_FOREVER);
    }
}

static ROW void row_mutex_pair(unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        (void)kiln_mutex_lock(&mutex, KILN_FOREVER);
        (void)kiln_mutex_unlock(&mutex);
    }
}

static ROW void row_queue16_pair(unsigned times)
{
    uint32_t item[4];
    for (unsigned i = 0; i < times; i++) {
        (void)kiln_queue_send(&queue, words, KILN_FOREVER);
        (void)kiln_queue_receive(&queue, item, KILN_FOREVER);
    }
}

static ROW void row_queue16_pingpong(unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        (void)kiln_queue_send(&wake_queue, words, KILN_FOREVER);
    }
}

static ROW void row_pool_pair(unsigned times)
{
    void *block;
    for (unsigned i = 0; i < times; i++) {
        (void)kiln_pool_alloc(&pool, &block, KILN_FOREVER);
        (void)kiln_pool_free(&pool, block);
    }
}

static ROW void row_irq_mask_pair(unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        kiln_irq_unlock(kiln_irq_lock());
    }
}

/* Each task runs at once, being more urgent, and ends. */
static ROW void row_task_create(unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        start(&helper, empty_entry, DRIVER_PRIORITY + 1);
    }
}

static const struct row {
    const char *name;
    void (*run)(unsigned times);
    unsigned times;
    kiln_task_fn helper;
    unsigned helper_priority;
    unsigned trips; /* of the helper, or of the tasks created */
} rows[] = {
    {"yield", row_yield, 2000000, yield_entry, DRIVER_PRIORITY, 1000000},
    {"sem_pingpong", row_sem_pingpong, 500000, pong_entry, DRIVER_PRIORITY + 1, 500000},
    {"sem_pair", row_sem_pair, 2000000, NULL, 0, 0},
    {"mutex_pair", row_mutex_pair, 2000000, NULL, 0, 0},
    {"queue16_pair", row_queue16_pair, 2000000, NULL, 0, 0},
    {"queue16_pingpong", row_queue16_pingpong, 500000, receive_entry, DRIVER_PRIORITY + 1, 500000},
    {"pool_pair", row_pool_pair, 2000000, NULL, 0, 0},
    {"irq_mask_pair", row_irq_mask_pair, 5000000, NULL, 0, 0},
    {"task_create", row_task_create, 50000, NULL, 0, 50000},
};

static void print_row(const char *name, double value)
{
    (void)printf("row %s %.4f\n", name, value);
}

static void measure(const struct row *row)
{
    if (row->helper != NULL) {
        stopping = false;
        start(&helper, row->helper, row->helper_priority);
    }
    row->run(row->times / 100 + 2);
    trips = 0;
    double begin = seconds(CLOCK_MONOTONIC);
    row->run(row->times);
    print_row(row->name, (seconds(CLOCK_MONOTONIC) - begin) * 1e9 / row->times);
    if (trips != row->trips) {
        (void)fprintf(stderr, "bench: %s: the other task ran %u times\n", row->name, trips);
        exit(1);
    }
    if (row->helper != NULL) {
        (void)kiln_task_kill(&helper, 0);
    }
}

/* ---- The measure of all rows: swapcontext() between two contexts of this thread ------------ */

#define SWAPS 100000

static ucontext_t here, there;

static void swap_back(void)
{
    for (;;) {
        (void)swapcontext(&there, &here);
    }
}

static void measure_swapcontext(void)
{
    static char stack[64 * 1024];
    (void)getcontext(&there);
    there.uc_stack.ss_sp = stack;
    there.uc_stack.ss_size = sizeof(stack);
    makecontext(&there, swap_back, 0);
    (void)swapcontext(&here, &there);
    double begin = seconds(CLOCK_MONOTONIC);
    for (unsigned i = 0; i < SWAPS; i += 2) {
        (void)swapcontext(&here, &there);
    }
    (void)printf("swap %.4f\n", (seconds(CLOCK_MONOTONIC) - begin) * 1e9 / SWAPS);
}

/* ---- Rows that last seconds ----------------------------------------------------------------- */

static double cpu_ms(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return ((double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec) * 1e3 +
           ((double)usage.ru_utime.tv_usec + (double)usage.ru_stime.tv_usec) * 1e-3;
}

static void measure_idle(void)
{
    double begin = cpu_ms();
    (void)kiln_task_sleep(KILN_MS(IDLE_SECONDS * 1000));
    print_row("idle_cpu_ms", cpu_ms() - begin);
}

static void measure_sleep(void)
{
    double begin = seconds(CLOCK_MONOTONIC);
    for (unsigned i = 0; i < SLEEPS; i++) {
        (void)kiln_task_sleep(1);
    }
    print_row("sleep_1000_ms", (seconds(CLOCK_MONOTONIC) - begin) * 1e3);
}

/* All tasks are of the driver's priority: each turn switches to every one of them and back. */
static void measure_crowd(void)
{
    static struct kiln_task crowd[CROWD];
    stopping = false;
    for (unsigned i = 0; i < CROWD; i++) {
        start(&crowd[i], yield_entry, DRIVER_PRIORITY);
    }
    (void)kiln_task_yield();
    for (unsigned round = 0; round < ROUNDS; round++) {
        double begin = seconds(CLOCK_MONOTONIC);
        for (unsigned i = 0; i < CROWD_TURNS; i++) {
            (void)kiln_task_yield();
        }
        print_row("yield_10000",
                  (seconds(CLOCK_MONOTONIC) - begin) * 1e9 / ((double)CROWD_TURNS * (CROWD + 1)));
    }
    stopping = true;
    (void)kiln_task_yield();
}

/* What rows repeat must work: a call that fails is cheap. */
static void check_operations(void)
{
    uint32_t item[4];
    void *block;
    check(kiln_sem_give(&count_sem), "give");
    check(kiln_sem_take(&count_sem, KILN_NO_WAIT), "take");
    check(kiln_mutex_lock(&mutex, KILN_NO_WAIT), "lock");
    check(kiln_mutex_unlock(&mutex), "unlock");
    check(kiln_queue_send(&queue, words, KILN_NO_WAIT), "send");
    check(kiln_queue_receive(&queue, item, KILN_NO_WAIT), "receive");
    check(kiln_pool_alloc(&pool, &block, KILN_NO_WAIT), "allocate");
    check(kiln_pool_free(&pool, block), "free");
}

static int driver_entry(void *arg)
{
    (void)arg;
    check_operations();
    for (unsigned round = 0; round < ROUNDS; round++) {
        measure_swapcontext();
        for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            measure(&rows[i]);
        }
    }
    for (unsigned round = 0; round < SLOW_ROUNDS; round++) {
        measure_idle();
        measure_sleep();
    }
    measure_crowd();
    kiln_stop(0);
}

KILN_TASK_DEFINE(driver, driver_entry, NULL, DRIVER_PRIORITY, 1024);

/* On one processor, the one that we are on. */
int main(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)sched_getcpu(), &set);
    (void)sched_setaffinity(0, sizeof(set), &set);
    return kiln_start();
}
