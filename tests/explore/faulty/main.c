/* Apps with a defect each, one for everything that the explorer can find; the environment's FAULT
 * says which. Without an interrupt at the right place all of them go well. */
#include <stdlib.h>
#include <string.h>

#include "explore.h"
#include "kiln/kiln.h"

KILN_MUTEX_DEFINE(left, KILN_MUTEX_PLAIN);
KILN_MUTEX_DEFINE(right, KILN_MUTEX_PLAIN);
KILN_POOL_DEFINE(pool, 8, 1);
KILN_TIMER_DEFINE(timer, NULL);
static volatile unsigned interrupts;
static volatile unsigned window;

static void on_line(void)
{
    interrupts = interrupts + (window != 0);
}

static void wait_in_window(void)
{
    for (window = 1; window < 4; window = window + 1) {
    }
    window = 0;
}

/* A defect shows when the interrupt came while the window was open. */
static bool is_hit(void)
{
    wait_in_window();
    return interrupts != 0;
}

static void require_few(void)
{
    wait_in_window();
    explore_require(interrupts == 0, "the interrupt came in the window");
}

/* Fails when both interrupts come in the window, and others do not matter. */
static void require_not_both(void)
{
    wait_in_window();
    explore_require(interrupts < 2, "both interrupts came in the window");
}

static void leak_mutex(void)
{
    (void)kiln_mutex_lock(&left, KILN_FOREVER);
    if (!is_hit()) {
        (void)kiln_mutex_unlock(&left);
    }
    explore_done();
}

static void leak_block(void)
{
    void *block = NULL;
    (void)kiln_pool_alloc(&pool, &block, KILN_NO_WAIT);
    if (!is_hit()) {
        (void)kiln_pool_free(&pool, block);
    }
}

static void ring(struct kiln_timer *rung)
{
    (void)rung;
}

static void leak_timer(void)
{
    timer.callback = ring;
    (void)kiln_timer_start(&timer, 100, 0);
    if (!is_hit()) {
        (void)kiln_timer_stop(&timer);
    }
    explore_done();
}

static void leak_task(void)
{
    if (is_hit()) {
        explore_done();
    }
}

static void miss_deadline(void)
{
    explore_deadline_begin("work", 2);
    (void)kiln_task_sleep(is_hit() ? 3 : 1);
    explore_deadline_end("work");
}

static void hang(void)
{
    while (is_hit()) {
    }
}

static void crash(void)
{
    if (is_hit()) {
        *(volatile int *)(uintptr_t)interrupts = 1;
    }
}

static void misuse(void)
{
    struct kiln_sem sem = {0};
    if (is_hit()) {
        (void)kiln_sem_give(&sem); /* never initialised: panics */
    }
}

static void lock_both(struct kiln_mutex *first, struct kiln_mutex *second)
{
    (void)kiln_mutex_lock(first, KILN_FOREVER);
    (void)is_hit();
    (void)kiln_mutex_lock(second, KILN_FOREVER);
    (void)kiln_mutex_unlock(second);
    (void)kiln_mutex_unlock(first);
}

static void lock_in_order(void)
{
    lock_both(&left, &right);
}

static const struct {
    const char *name;
    void (*run)(void);
} faults[] = {
    {"require", require_few},
    {"both", require_not_both},
    {"mutex", leak_mutex},
    {"block", leak_block},
    {"timer", leak_timer},
    {"task", leak_task},
    {"deadline", miss_deadline},
    {"hang", hang},
    {"crash", crash},
    {"panic", misuse},
    {"deadlock", lock_in_order},
};

static int run(void *arg)
{
    const char *fault = getenv("FAULT");
    (void)arg;
    for (size_t i = 0; fault != NULL && i < sizeof(faults) / sizeof(faults[0]); i++) {
        if (strcmp(faults[i].name, fault) == 0) {
            faults[i].run();
        }
    }
    return 0;
}

KILN_TASK_DEFINE(task, run, NULL, 4, 512);

/* Takes the other order, and comes when a tick does. */
static int disorder(void *arg)
{
    (void)arg;
    (void)kiln_task_sleep(1);
    if (interrupts == 0) {
        lock_both(&right, &left);
    }
    return 0;
}

static struct kiln_task other;
KILN_STACK_DEFINE(other_stack, 512);
static const struct kiln_task_def other_def = {.entry = disorder,
                                               .stack = other_stack,
                                               .stack_bytes = sizeof(other_stack),
                                               .name = "other",
                                               .priority = 5};

int main(void)
{
    const char *fault = getenv("FAULT");
    explore_line(0, on_line, 2);
    if (fault != NULL && (strcmp(fault, "deadlock") == 0 || strcmp(fault, "task") == 0)) {
        (void)kiln_task_create(&other, &other_def);
    }
    return kiln_start();
}
