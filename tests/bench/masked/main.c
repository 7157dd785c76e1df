/* Benchmark: how long interrupts stay masked. The program does everything that the kernel offers,
 * in an order that a pseudo-random sequence chooses, on few objects, so that tasks wait for each
 * other, time out, inherit priorities, and are suspended and killed in the midst of it.
 *
 * On a board tools/qcount.c watches it (masked=on); on a host hook.c does, and prints.
 */
#include "kiln/kiln.h"
#include "hook.h"

#define WORKERS   8
#define SLEEPERS  12
#define RUN_TICKS 4000U

#define ITEM_BYTES KILN_CFG_QUEUE_ITEM_MAX

KILN_SEM_DEFINE(sem, 1, 3);
KILN_MUTEX_DEFINE(outer, KILN_MUTEX_PLAIN);
KILN_MUTEX_DEFINE(middle, KILN_MUTEX_RECURSIVE);
KILN_MUTEX_DEFINE(inner, KILN_MUTEX_PLAIN);
KILN_QUEUE_DEFINE(queue, ITEM_BYTES, 2);
KILN_FLAGS_DEFINE(flags);
KILN_POOL_DEFINE(pool, 32, 2);

static struct kiln_task workers[WORKERS], sleepers[SLEEPERS];
static uint64_t worker_stacks[WORKERS][(PORT_STACK_MIN + 320) / 8];
static uint64_t sleeper_stacks[SLEEPERS][(PORT_STACK_MIN + 128) / 8];
static uint32_t operations; /* done so far; only ever grows */

/* Each task has a sequence of its own (a linear congruential generator; the low bits are poor). */
static unsigned pick(uint32_t *state, unsigned below)
{
    *state = *state * UINT32_C(1664525) + UINT32_C(1013904223);
    return (unsigned)((*state >> 16) % below);
}

static kiln_ticks_t some_ticks(uint32_t *state)
{
    return (kiln_ticks_t)pick(state, 6);
}

/* ---- Workers -------------------------------------------------------------------------------- */

static void use_sem(uint32_t *state)
{
    if (kiln_sem_take(&sem, some_ticks(state)) == KILN_OK || pick(state, 4) == 0) {
        (void)kiln_sem_give(&sem);
    }
}

/* Always in the same order, so that nobody waits in a circle. */
static void use_mutexes(uint32_t *state)
{
    static struct kiln_mutex *const order[] = {&outer, &middle, &inner};
    unsigned held = 0, first = pick(state, 3);
    while (first + held < 3 && kiln_mutex_lock(order[first + held], some_ticks(state)) == KILN_OK) {
        held++;
        (void)kiln_task_sleep(pick(state, 3));
    }
    while (held > 0) {
        held--;
        (void)kiln_mutex_unlock(order[first + held]);
    }
}

static void use_queue(uint32_t *state)
{
    uint32_t item[(ITEM_BYTES + 3) / 4] = {0};
    switch (pick(state, 3)) {
    case 0:
        (void)kiln_queue_send(&queue, item, some_ticks(state));
        break;
    case 1:
        (void)kiln_queue_send_front(&queue, item, some_ticks(state));
        break;
    default:
        (void)kiln_queue_receive(&queue, item, some_ticks(state));
    }
}

static void use_flags(uint32_t *state)
{
    uint32_t bits = 1U + pick(state, 7);
    if (pick(state, 2) == 0) {
        (void)kiln_flags_set(&flags, bits);
    } else {
        (void)kiln_flags_wait(&flags, bits, pick(state, 4), NULL, some_ticks(state));
    }
}

/* With the scheduler locked nobody kills the task while it holds the block. */
static void use_pool(uint32_t *state)
{
    void *block;
    (void)state;
    kiln_sched_lock();
    if (kiln_pool_alloc(&pool, &block, KILN_NO_WAIT) == KILN_OK) {
        (void)kiln_pool_free(&pool, block);
    }
    (void)kiln_sched_unlock();
}

static int worker_entry(void *arg)
{
    static void (*const uses[])(uint32_t *) = {use_sem, use_mutexes, use_queue, use_flags,
                                               use_pool};
    uint32_t state = (uint32_t)(uintptr_t)arg;
    for (;;) {
        uses[pick(&state, 5)](&state);
        (void)kiln_task_yield();
        operations++;
    }
    return 0;
}

/* Keeps the timeout queue full, and has several timeouts end at one tick. */
static int sleeper_entry(void *arg)
{
    uint32_t state = (uint32_t)(uintptr_t)arg;
    for (;;) {
        (void)kiln_task_sleep(1U + pick(&state, 40));
    }
    return 0;
}

static void start(struct kiln_task *task, kiln_task_fn entry, uint32_t seed, uint64_t *stack,
                  size_t stack_bytes, unsigned priority)
{
    struct kiln_task_def def = {.entry = entry,
                                .arg = (void *)(uintptr_t)seed,
                                .stack = stack,
                                .stack_bytes = stack_bytes,
                                .priority = (uint8_t)priority,
                                .slice_ticks = 1,
                                .name = "stress"};
    if (kiln_task_create(task, &def) != KILN_OK) {
        kiln_panic("a task cannot start", NULL, NULL);
    }
}

static void start_worker(unsigned index, uint32_t seed)
{
    start(&workers[index], worker_entry, seed, worker_stacks[index], sizeof(worker_stacks[index]),
          3 + index / 2);
}

/* ---- The supervisor, more urgent than all ---------------------------------------------------- */

static void on_timer(struct kiln_timer *timer)
{
    (void)timer;
    (void)kiln_sem_give(&sem);
    (void)kiln_flags_set(&flags, 8);
}

KILN_TIMER_DEFINE(timer_a, on_timer);
KILN_TIMER_DEFINE(timer_b, on_timer);

static void disturb(uint32_t *state)
{
    unsigned index = pick(state, WORKERS);
    struct kiln_task *task = &workers[index];
    switch (pick(state, 4)) {
    case 0:
        (void)kiln_task_suspend(task);
        break;
    case 1:
        (void)kiln_task_resume(task);
        break;
    case 2:
        (void)kiln_task_set_priority(task, 2 + pick(state, 8));
        break;
    default:
        (void)kiln_task_kill(task, 0);
        (void)kiln_task_join(task, NULL, KILN_NO_WAIT);
        start_worker(index, *state);
    }
}

static int supervisor_entry(void *arg)
{
    uint32_t state = 1;
    (void)arg;
    for (unsigned i = 0; i < SLEEPERS; i++) {
        start(&sleepers[i], sleeper_entry, i, sleeper_stacks[i], sizeof(sleeper_stacks[i]), 12 + i);
    }
    for (unsigned i = 0; i < WORKERS; i++) {
        start_worker(i, i);
    }
    (void)kiln_timer_start(&timer_a, 3, 3);
    (void)kiln_timer_start(&timer_b, 5, 7);
    while (kiln_ticks() < RUN_TICKS) {
        disturb(&state);
        (void)kiln_task_sleep(1U + pick(&state, 4));
    }
    print_longest_masked();
    (void)kiln_printf("stress %u\n", (unsigned)operations);
    kiln_stop(0);
}

KILN_TASK_DEFINE(supervisor, supervisor_entry, NULL, 30, PORT_STACK_MIN + 512);

int main(void)
{
    return kiln_start();
}
