/* Tasks in every state, for tests/gdb/check.py to look at from gdb: see there what is expected.
 *
 * All the others come to where they wait before `observer` calls stopped_in_task(), for it is less
 * urgent than they are, however late the ticks come; and the timer that it starts calls
 * stopped_in_interrupt() later, out of the tick's interrupt. Each interrupted function is named for
 * its task, so that a backtrace says whose it is.
 */
#include "kiln/kiln.h"

#define STACK_BYTES 624

KILN_SEM_DEFINE(items, 0, 9);
KILN_SEM_DEFINE(spare, 3, 7);
KILN_QUEUE_DEFINE(mail, 4, 2);
KILN_FLAGS_DEFINE(events);
KILN_POOL_DEFINE(blocks, 16, 2);
KILN_MUTEX_DEFINE(first, KILN_MUTEX_PLAIN);
KILN_MUTEX_DEFINE(second, KILN_MUTEX_RECURSIVE);
KILN_MUTEX_DEFINE(left, KILN_MUTEX_PLAIN);
KILN_MUTEX_DEFINE(right, KILN_MUTEX_PLAIN);
KILN_SEM_DEFINE(never, 0, 1);
KILN_PIPE_DEFINE(empty_pipe, 16);
KILN_PIPE_DEFINE(used_pipe, 8);
KILN_EXECUTOR_DEFINE(crew);
KILN_WAKER_DEFINE(doorbell);
KILN_WAKER_DEFINE(rung);

/* Objects inside the app's own structures. */
static struct channel {
    int number;
    struct kiln_sem ready[2];
} channel;

volatile unsigned turns;
volatile float ratio = 1.5F;

void stopped_in_task(void);
void stopped_in_interrupt(void);

__attribute__((noinline)) void stopped_in_task(void)
{
    __asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) void stopped_in_interrupt(void)
{
    __asm__ volatile("" ::: "memory");
}

static inline __attribute__((always_inline)) void stopped_inlined(void)
{
    __asm__ volatile("nop" ::: "memory");
    turns++;
}

/* ---- Blocked -------------------------------------------------------------------------------- */

static __attribute__((noinline)) int take_deep(unsigned depth)
{
    int error = depth == 0 ? kiln_sem_take(&items, KILN_FOREVER) : take_deep(depth - 1);
    turns++;
    return error;
}

static int taker_entry(void *arg)
{
    (void)arg;
    int error = take_deep(3);
    turns++;
    return error;
}

static int receiver_entry(void *arg)
{
    uint32_t item;
    (void)arg;
    int error = kiln_queue_receive(&mail, &item, 5000);
    turns++;
    return error;
}

static int listener_entry(void *arg)
{
    (void)arg;
    int error = kiln_flags_wait(&events, 0x30, KILN_FLAGS_ALL, NULL, KILN_FOREVER);
    turns++;
    return error;
}

static int allocator_entry(void *arg)
{
    void *block;
    (void)arg;
    while (kiln_pool_alloc(&blocks, &block, KILN_FOREVER) == KILN_OK) {
        turns++;
    }
    return 0;
}

static int sleeper_entry(void *arg)
{
    (void)arg;
    int error = kiln_task_sleep(7000);
    turns++;
    return error;
}

static int reader_entry(void *arg)
{
    char byte;
    (void)arg;
    int count = kiln_stream_read(&empty_pipe, &byte, 1, KILN_FOREVER);
    turns++;
    return count;
}

/* The registers of floating point hold values of this function across the wait. */
static __attribute__((noinline)) float wait_with_floats(float a, float b)
{
    float sum = a * ratio, product = b * ratio;
    int error = kiln_sem_take(&never, KILN_FOREVER);
    turns += (unsigned)error;
    return sum + product;
}

static int floater_entry(void *arg)
{
    (void)arg;
    ratio = wait_with_floats(ratio, ratio + 1.0F);
    return 0;
}

/* ---- Chains and a deadlock ------------------------------------------------------------------ */

static int owner_entry(void *arg)
{
    (void)arg;
    (void)kiln_mutex_lock(&first, KILN_FOREVER);
    int error = kiln_sem_take(&items, KILN_FOREVER);
    turns++;
    return error;
}

static int middle_entry(void *arg)
{
    (void)arg;
    (void)kiln_mutex_lock(&second, KILN_FOREVER);
    (void)kiln_mutex_lock(&second, KILN_FOREVER);
    int error = kiln_mutex_lock(&first, KILN_FOREVER);
    turns++;
    return error;
}

static int outer_entry(void *arg)
{
    (void)arg;
    (void)kiln_task_sleep(3);
    int error = kiln_mutex_lock(&second, KILN_FOREVER);
    turns++;
    return error;
}

static int lefty_entry(void *arg)
{
    (void)arg;
    (void)kiln_mutex_lock(&left, KILN_FOREVER);
    (void)kiln_task_sleep(2);
    int error = kiln_mutex_lock(&right, KILN_FOREVER);
    turns++;
    return error;
}

static int righty_entry(void *arg)
{
    (void)arg;
    (void)kiln_mutex_lock(&right, KILN_FOREVER);
    (void)kiln_task_sleep(2);
    int error = kiln_mutex_lock(&left, KILN_FOREVER);
    turns++;
    return error;
}

KILN_TASK_DEFINE(taker, taker_entry, NULL, 12, STACK_BYTES);
KILN_TASK_DEFINE(receiver, receiver_entry, NULL, 12, STACK_BYTES);
KILN_TASK_DEFINE(listener, listener_entry, NULL, 12, STACK_BYTES);
KILN_TASK_DEFINE(allocator, allocator_entry, NULL, 12, STACK_BYTES);
KILN_TASK_DEFINE(reader, reader_entry, NULL, 12, STACK_BYTES);
KILN_TASK_DEFINE(sleeper, sleeper_entry, NULL, 12, STACK_BYTES);
KILN_TASK_DEFINE(floater, floater_entry, NULL, 12, STACK_BYTES);
KILN_TASK_DEFINE(owner, owner_entry, NULL, 6, STACK_BYTES);
KILN_TASK_DEFINE(middle, middle_entry, NULL, 5, STACK_BYTES);
KILN_TASK_DEFINE(outer, outer_entry, NULL, 9, STACK_BYTES);
KILN_TASK_DEFINE(lefty, lefty_entry, NULL, 7, STACK_BYTES);
KILN_TASK_DEFINE(righty, righty_entry, NULL, 7, STACK_BYTES);

static int joiner_entry(void *arg)
{
    (void)arg;
    int error = kiln_task_join(&outer, NULL, KILN_FOREVER);
    turns++;
    return error;
}
KILN_TASK_DEFINE(joiner, joiner_entry, NULL, 12, STACK_BYTES);

/* ---- Preempted, suspended, new, running ------------------------------------------------------ */

static __attribute__((noinline)) void compute_for_ever(void)
{
    for (;;) {
        turns++;
    }
}

static int busy_entry(void *arg)
{
    (void)arg;
    (void)kiln_task_set_slice(kiln_task_self(), 2);
    compute_for_ever();
    turns++;
    return 0;
}

/* Where floating point is in software, a product is a call of the compiler's library, whose frames
 * gdb does not know: the sign alone changes there. */
#if !defined(__arm__) || defined(__ARM_FP)
#define NEXT(product, factor) ((product) * (factor))
#else
#define NEXT(product, factor) ((void)(factor), -(product))
#endif

/* A factor that the compiler does not know, and that lives in a register across the loop. */
static __attribute__((noinline)) void multiply_for_ever(float factor)
{
    float product = factor;
    for (;;) {
        product = NEXT(product, factor);
        ratio = product;
    }
}

static int multiplier_entry(void *arg)
{
    (void)arg;
    (void)kiln_task_set_slice(kiln_task_self(), 2);
    multiply_for_ever(ratio);
    turns++;
    return 0;
}

static __attribute__((noinline)) void suspend_oneself(void)
{
    (void)kiln_task_suspend(kiln_task_self());
    turns++;
}

static int idler_entry(void *arg)
{
    (void)arg;
    suspend_oneself();
    turns++;
    return 0;
}

static int newcomer_entry(void *arg)
{
    turns += (unsigned)(uintptr_t)arg;
    return 0;
}

static void on_alarm(struct kiln_timer *timer)
{
    (void)timer;
    stopped_in_interrupt();
    turns++;
}
KILN_TIMER_DEFINE(alarm_timer, on_alarm);
KILN_TIMER_DEFINE(unused_timer, on_alarm);

static int observer_entry(void *arg)
{
    (void)arg;
    (void)kiln_task_sleep(20);
    (void)kiln_timer_start(&alarm_timer, 13, 10);
    stopped_in_task();
    stopped_inlined();
    return kiln_task_sleep(KILN_FOREVER - 1);
}

KILN_TASK_DEFINE(busy, busy_entry, NULL, 1, STACK_BYTES);
KILN_TASK_DEFINE(multiplier, multiplier_entry, NULL, 1, STACK_BYTES);
KILN_TASK_DEFINE(idler, idler_entry, NULL, 12, STACK_BYTES);
KILN_TASK_DEFINE(observer, observer_entry, NULL, 2, STACK_BYTES);

static struct kiln_task newcomer;
KILN_STACK_DEFINE(newcomer_stack, STACK_BYTES);

/* Nobody runs the crew. */
static struct kiln_async hand;

static enum kiln_async_step lend_a_hand(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async, kiln_await_waker(async, &doorbell, KILN_FOREVER));
    KILN_ASYNC_END(async);
}

int main(void)
{
    static const struct kiln_task_def newcomer_def = {
        .entry = newcomer_entry,
        .arg = (void *)0x2A,
        .stack = newcomer_stack,
        .stack_bytes = sizeof(newcomer_stack),
        .name = "newcomer",
        .priority = 3,
    };
    (void)kiln_task_init(&newcomer, &newcomer_def);
    (void)kiln_sem_init(&channel.ready[0], 1, 1);
    (void)kiln_sem_init(&channel.ready[1], 0, 4);
    (void)kiln_flags_set(&events, 0x10);
    (void)kiln_stream_write(&used_pipe, "abc", 3, KILN_NO_WAIT);
    (void)kiln_waker_wake(&rung);
    (void)kiln_async_start(&hand, &crew, lend_a_hand, "hand");
    return kiln_start();
}
