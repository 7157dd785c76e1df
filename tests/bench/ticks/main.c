/* Benchmark: instructions per tick on a board, as span rows (see ../ops/main.c).
 *
 * tick_quiet: ten tasks sleep for longer than the row lasts, and TICKS ticks in a row interrupt a
 * loop; each handler is counted from its first instruction to the next one of the loop.
 * tick_wake: the same from the handler's first instruction to a task that this tick wakes and
 * that sleeps alone; tick_wake_10: with the ten others.
 */
#include "../target.h"
#include "core/kernel.h"

#define TICKS    10000U
#define WAKES    500U
#define SLEEPERS 10

static ROW int sleeper_entry(void *arg)
{
    kiln_ticks_t ticks = 1000000U + 7919U * (kiln_ticks_t)(uintptr_t)arg;
    for (;;) {
        (void)kiln_task_sleep(ticks);
    }
    return 0;
}

static volatile uint32_t wakes;

static ROW int helper_tick_wake(void *arg)
{
    (void)arg;
    for (;;) {
        (void)kiln_task_sleep(1);
        wakes++;
    }
    return 0;
}

/* The interrupted loops. They look at the time themselves: nothing runs but they and the tick. And
 * they call nothing: what is left of a function that the tick interrupts would count. */
static ROW void row_tick_quiet(void)
{
    kiln_ticks_t end = kiln_ticks() + TICKS;
    MARK();
    while ((kiln_ticks_t)kernel.now != end) {
        __asm__ volatile("" ::: "memory");
        for (volatile unsigned spin = 0; spin < 100; spin++) {
        }
    }
    MARK();
}

static ROW void row_tick_wake(void)
{
    MARK();
    while (wakes < WAKES) {
    }
    MARK();
}

static uint64_t stacks[SLEEPERS + 1][(PORT_STACK_MIN + 128) / 8];
static struct kiln_task tasks[SLEEPERS + 1];

static void start_task(unsigned index, kiln_task_fn entry, unsigned priority)
{
    struct kiln_task_def def = {.entry = entry,
                                .arg = (void *)(uintptr_t)index,
                                .stack = stacks[index],
                                .stack_bytes = sizeof(stacks[index]),
                                .priority = (uint8_t)priority,
                                .name = "sleeper"};
    if (kiln_task_create(&tasks[index], &def) != KILN_OK) {
        kiln_panic("a sleeper cannot start", NULL, NULL);
    }
}

static void measure_wake(const char *name)
{
    wakes = 0;
    start_task(SLEEPERS, helper_tick_wake, 9);
    (void)kiln_task_sleep(1);
    row_tick_wake();
    (void)kiln_printf("row %s %u 1\n", name, WAKES);
    (void)kiln_task_kill(&tasks[SLEEPERS], 0);
}

static int driver_entry(void *arg)
{
    (void)arg;
    measure_wake("tick_wake");
    for (unsigned i = 0; i < SLEEPERS; i++) {
        start_task(i, sleeper_entry, 10);
    }
    (void)kiln_task_sleep(1);
    row_tick_quiet();
    (void)kiln_printf("row tick_quiet %u 1\n", TICKS);
    measure_wake("tick_wake_10");
    kiln_stop(0);
}

KILN_TASK_DEFINE(driver, driver_entry, NULL, 5, 1024);

int main(void)
{
    return kiln_start();
}
