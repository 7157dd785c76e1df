/* What the unit tests share: see unit.h. */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct kiln_task tasks[UNIT_TASKS];
uint64_t stacks_of[UNIT_TASKS][STACK_SIZE / 8];

void fake_failed(const char *what)
{
    fail_msg("%s", what);
    abort();
}

/* ---- Setup ------------------------------------------------------------------------------- */

#if KILN_CFG_CHECKS && KILN_CFG_TASK_LIST
static void check_masked(void)
{
    const char *what = "?";
    if (!k_check(&what)) {
        static char text[160];
        (void)snprintf(text, sizeof(text), "invariant: %s", what);
        if (fake.check_failed == NULL) {
            fake.check_failed = text;
        }
    }
}

const char *found(void)
{
    const char *what = "nothing";
    unsigned key = port_irq_save();
    (void)k_check(&what);
    port_irq_restore(key);
    return what;
}
#else
static void check_masked(void)
{
}
#endif

void unit_check_always(bool on)
{
    fake.check = on ? check_masked : NULL;
}

void check(void)
{
    unsigned key = kiln_irq_lock();
    check_masked();
    fake.depth = 0;
    (void)key;
    if (fake.check_failed != NULL) {
        fake_failed(fake.check_failed);
    }
}

int unit_setup_unstarted(void **state)
{
    (void)state;
    fake_reset();
    memset(tasks, 0, sizeof(tasks));
    kernel_init();
    unit_check_always(true);
    return 0;
}

int unit_setup(void **state)
{
    (void)unit_setup_unstarted(state);
    (void)kiln_start();
    return 0;
}

int unit_teardown(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}

static int never_entered(void *arg)
{
    (void)arg;
    fake_failed("a task was entered");
}

struct kiln_task_def def_of(unsigned n, unsigned prio)
{
    static char names[UNIT_TASKS][8];
    (void)snprintf(names[n], sizeof(names[n]), "task%u", n % 100);
    return (struct kiln_task_def){.entry = never_entered,
                                  .stack = stacks_of[n],
                                  .stack_bytes = STACK_SIZE,
                                  .name = names[n],
                                  .priority = (uint8_t)prio};
}

struct kiln_task *create(unsigned n, unsigned prio)
{
    struct kiln_task_def def = def_of(n, prio);
    assert_true(prio < KILN_CFG_PRIORITIES);
    assert_int_equal(kiln_task_create(&tasks[n], &def), KILN_OK);
    return &tasks[n];
}

enum kiln_task_state state_of(const struct kiln_task *task)
{
    struct kiln_task_info info;
    assert_int_equal(kiln_task_get_info(task, &info), KILN_OK);
    return info.state;
}

/* ---- Masked sections --------------------------------------------------------------------- */

static struct {
    unsigned (*progress)(void);
    unsigned before; /* at the last unmask */
    unsigned longest;
} step;

static void end_step(void)
{
    unsigned now = step.progress();
    unsigned length = now - step.before;
    step.longest = length > step.longest ? length : step.longest;
    step.before = now;
}

unsigned longest_masked_step(unsigned (*progress)(void), void (*action)(void))
{
    step.progress = progress;
    step.before = progress();
    step.longest = 0;
    fake.gap = end_step;
    action();
    fake.gap = NULL;
    return step.longest;
}

/* ---- Calls that may block ---------------------------------------------------------------- */

struct args {
    void *object;
    void *other;
    const void *item;
    size_t size;
    uint32_t ticks;
    uint32_t bits;
    int code;
};

static int play(int (*fn)(void *), struct args args)
{
    int result = 0;
    return fake_call(fn, &args, &result) ? result : BLOCKED;
}

int play_return(struct kiln_task *task)
{
    int result = 0;
    return fake_return(task, &result) ? result : BLOCKED;
}

/* A wrapper's first half runs on the call's own stack and outlives the second, so it copies its
 * arguments first. */
#define WRAPPER(fn, call)                          \
    static int fn(void *arg)                       \
    {                                              \
        struct args a = *(const struct args *)arg; \
        (void)a;                                   \
        return (call);                             \
    }

#if KILN_CFG_SEM
WRAPPER(sem_take, kiln_sem_take((struct kiln_sem *)a.object, a.ticks))
WRAPPER(sem_give, kiln_sem_give((struct kiln_sem *)a.object))

int play_sem_take(struct kiln_sem *sem, kiln_ticks_t ticks)
{
    return play(sem_take, (struct args){.object = sem, .ticks = ticks});
}

int play_sem_give(struct kiln_sem *sem)
{
    return play(sem_give, (struct args){.object = sem});
}
#endif

#if KILN_CFG_MUTEX
WRAPPER(mutex_lock, kiln_mutex_lock((struct kiln_mutex *)a.object, a.ticks))

int play_mutex_lock(struct kiln_mutex *mutex, kiln_ticks_t ticks)
{
    return play(mutex_lock, (struct args){.object = mutex, .ticks = ticks});
}
#endif

#if KILN_CFG_QUEUE
WRAPPER(queue_send, kiln_queue_send((struct kiln_queue *)a.object, a.item, a.ticks))
WRAPPER(queue_front, kiln_queue_send_front((struct kiln_queue *)a.object, a.item, a.ticks))
WRAPPER(queue_receive, kiln_queue_receive((struct kiln_queue *)a.object, a.other, a.ticks))

int play_send(struct kiln_queue *queue, const void *item, kiln_ticks_t ticks)
{
    return play(queue_send, (struct args){.object = queue, .item = item, .ticks = ticks});
}

int play_send_front(struct kiln_queue *queue, const void *item, kiln_ticks_t ticks)
{
    return play(queue_front, (struct args){.object = queue, .item = item, .ticks = ticks});
}

int play_receive(struct kiln_queue *queue, void *item, kiln_ticks_t ticks)
{
    return play(queue_receive, (struct args){.object = queue, .other = item, .ticks = ticks});
}
#endif

#if KILN_CFG_FLAGS
WRAPPER(flags_wait, kiln_flags_wait((struct kiln_flags *)a.object, a.bits, (unsigned)a.code,
                                    (uint32_t *)a.other, a.ticks))
WRAPPER(flags_set, kiln_flags_set((struct kiln_flags *)a.object, a.bits))

int play_flags_wait(struct kiln_flags *flags, uint32_t bits, unsigned options, uint32_t *value,
                    kiln_ticks_t ticks)
{
    return play(
        flags_wait,
        (struct args){
            .object = flags, .other = value, .bits = bits, .code = (int)options, .ticks = ticks});
}

int play_flags_set(struct kiln_flags *flags, uint32_t bits)
{
    return play(flags_set, (struct args){.object = flags, .bits = bits});
}
#endif

#if KILN_CFG_POOL
WRAPPER(pool_alloc, kiln_pool_alloc((struct kiln_pool *)a.object, (void **)a.other, a.ticks))

int play_alloc(struct kiln_pool *pool, void **block, kiln_ticks_t ticks)
{
    return play(pool_alloc, (struct args){.object = pool, .other = block, .ticks = ticks});
}
#endif

#if KILN_CFG_STREAM
static int close_stream(struct kiln_stream *stream)
{
    kiln_stream_close(stream);
    return KILN_OK;
}

WRAPPER(stream_read, kiln_stream_read((struct kiln_stream *)a.object, a.other, a.size, a.ticks))
WRAPPER(stream_write, kiln_stream_write((struct kiln_stream *)a.object, a.item, a.size, a.ticks))
WRAPPER(stream_close, close_stream((struct kiln_stream *)a.object))

int play_read(struct kiln_stream *stream, void *bytes, size_t size, kiln_ticks_t ticks)
{
    return play(stream_read,
                (struct args){.object = stream, .other = bytes, .size = size, .ticks = ticks});
}

int play_write(struct kiln_stream *stream, const void *bytes, size_t size, kiln_ticks_t ticks)
{
    return play(stream_write,
                (struct args){.object = stream, .item = bytes, .size = size, .ticks = ticks});
}

int play_close(struct kiln_stream *stream)
{
    return play(stream_close, (struct args){.object = stream});
}
#endif

#if KILN_CFG_JOIN
WRAPPER(task_join, kiln_task_join((struct kiln_task *)a.object, (int *)a.other, a.ticks))

int play_join(struct kiln_task *task, int *code, kiln_ticks_t ticks)
{
    return play(task_join, (struct args){.object = task, .other = code, .ticks = ticks});
}
#endif

#if KILN_CFG_ASYNC
WRAPPER(executor_run, kiln_executor_run((struct kiln_executor *)a.object))
WRAPPER(async_join, kiln_async_join((struct kiln_async *)a.object, (int *)a.other, a.ticks))

int play_executor(struct kiln_executor *executor)
{
    return play(executor_run, (struct args){.object = executor});
}

int play_async_join(struct kiln_async *async, int *result, kiln_ticks_t ticks)
{
    return play(async_join, (struct args){.object = async, .other = result, .ticks = ticks});
}
#endif

WRAPPER(task_sleep, kiln_task_sleep(a.ticks))
WRAPPER(task_sleep_until, kiln_task_sleep_until((kiln_ticks_t *)a.other, a.ticks))
WRAPPER(task_suspend, kiln_task_suspend((struct kiln_task *)a.object))
WRAPPER(task_yield, kiln_task_yield())
WRAPPER(task_kill, kiln_task_kill((struct kiln_task *)a.object, a.code))
WRAPPER(task_exit, (kiln_task_exit(a.code), 0))
WRAPPER(sched_unlock, kiln_sched_unlock())

int play_sleep(kiln_ticks_t ticks)
{
    return play(task_sleep, (struct args){.ticks = ticks});
}

int play_sleep_until(kiln_ticks_t *wake, kiln_ticks_t period)
{
    return play(task_sleep_until, (struct args){.other = wake, .ticks = period});
}

int play_suspend(struct kiln_task *task)
{
    return play(task_suspend, (struct args){.object = task});
}

int play_yield(void)
{
    return play(task_yield, (struct args){.object = NULL});
}

int play_kill(struct kiln_task *task, int code)
{
    return play(task_kill, (struct args){.object = task, .code = code});
}

int play_exit(int code)
{
    return play(task_exit, (struct args){.code = code});
}

int play_sched_unlock(void)
{
    return play(sched_unlock, (struct args){.object = NULL});
}

/* ---- Interrupts -------------------------------------------------------------------------- */

static int (*interrupt_call)(void);
static int interrupt_result;

static void interrupt_handler(void)
{
    interrupt_result = interrupt_call();
}

int in_interrupt(int (*call)(void))
{
    interrupt_call = call;
    fake_interrupt(interrupt_handler);
    return interrupt_result;
}

/* ---- Random numbers ---------------------------------------------------------------------- */

static uint64_t random_state;

void random_start(void)
{
    const char *given = getenv("KILN_SEED");
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    random_state = (uint64_t)now.tv_nsec ^ (uint64_t)now.tv_sec << 20;
    if (given != NULL) {
        random_state = strtoull(given, NULL, 0);
    }
    print_message("seed %llu; repeat with: KILN_SEED=%llu " UNIT_PATH "/%s\n",
                  (unsigned long long)random_state, (unsigned long long)random_state,
                  program_invocation_short_name);
}

/* A linear congruential step, and its upper half: good enough to shuffle calls. */
uint32_t random_bits(void)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(random_state >> 32);
}

uint32_t random_below(uint32_t limit)
{
    return (uint32_t)((uint64_t)random_bits() * limit >> 32);
}
