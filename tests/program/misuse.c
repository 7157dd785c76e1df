/* Calls that only a bug makes: see program.h. The kernel has to answer each with a panic, which is
 * caught here where the port would halt. What a refused call must leave alone, the model and
 * k_check() look at afterwards, as after any other. */
#include <string.h>

#include "core/kernel.h"
#include "program.h"

/* ---- Panics ------------------------------------------------------------------------------- */

static char text[128];
static size_t length;
static bool expected;
static void *way_back[5];

void __wrap_port_panic_putc(char c);
void __wrap_port_halt(void) __attribute__((noreturn));
void __real_port_panic_putc(char c);
void __real_port_halt(void) __attribute__((noreturn));

static bool is_hex_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Addresses are left out: they differ from home to home. */
void __wrap_port_panic_putc(char c)
{
    bool of_address = length >= 2 && text[length - 1] == 'x' && is_hex_digit(c);
    if (!expected) {
        __real_port_panic_putc(c);
    } else if (!of_address && length < sizeof(text) - 1) {
        text[length++] = c;
        text[length] = '\0';
    }
}

void __wrap_port_halt(void)
{
    if (expected) {
        __builtin_longjmp(way_back, 1);
    }
    __real_port_halt();
}

/* Fowler, Noll and Vo's hash FNV-1a. */
uint32_t program_hash_text(const char *at)
{
    uint32_t hash = UINT32_C(2166136261);
    for (; *at != '\0'; at++) {
        hash = (hash ^ (uint8_t)*at) * UINT32_C(16777619);
    }
    return hash;
}

/* Not inline: what comes back from the panic finds its frame as it was. */
static __attribute__((noinline)) bool panics(void (*call)(void *object), void *object)
{
    bool panicked = true;
    if (__builtin_setjmp(way_back) == 0) {
        call(object);
        panicked = false;
    }
    return panicked;
}

/* ---- Calls on what is no object of their type -------------------------------------------------
 */

static uint32_t item[KILN_CFG_QUEUE_ITEM_MAX / 4];
static void *block;
static struct kiln_task_info info;

#define USES(USE)                                                  \
    USE(sem, SEM, destroy)                                         \
    USE(sem, SEM, take, KILN_NO_WAIT)                              \
    USE(sem, SEM, give)                                            \
    USE(sem, SEM, count)                                           \
    USE(mutex, MUTEX, destroy)                                     \
    USE(mutex, MUTEX, lock, KILN_NO_WAIT)                          \
    USE(mutex, MUTEX, unlock)                                      \
    USE(mutex, MUTEX, owner)                                       \
    USE(queue, QUEUE, destroy)                                     \
    USE(queue, QUEUE, send, item, KILN_NO_WAIT)                    \
    USE(queue, QUEUE, send_front, item, KILN_NO_WAIT)              \
    USE(queue, QUEUE, receive, item, KILN_NO_WAIT)                 \
    USE(queue, QUEUE, peek, item)                                  \
    USE(queue, QUEUE, count)                                       \
    USE(queue, QUEUE, space)                                       \
    USE(flags, FLAGS, destroy)                                     \
    USE(flags, FLAGS, set, 1)                                      \
    USE(flags, FLAGS, clear, 1)                                    \
    USE(flags, FLAGS, get)                                         \
    USE(flags, FLAGS, wait, 1, KILN_FLAGS_ANY, NULL, KILN_NO_WAIT) \
    USE(pool, POOL, destroy)                                       \
    USE(pool, POOL, alloc, &block, KILN_NO_WAIT)                   \
    USE(pool, POOL, free, item)                                    \
    USE(pool, POOL, free_count)                                    \
    USE(timer, TIMER, destroy)                                     \
    USE(timer, TIMER, start, 1, 1)                                 \
    USE(timer, TIMER, stop)                                        \
    USE(timer, TIMER, active)                                      \
    USE(timer, TIMER, remaining)                                   \
    USE(task, TASK, start)                                         \
    USE(task, TASK, kill, 0)                                       \
    USE(task, TASK, join, NULL, KILN_NO_WAIT)                      \
    USE(task, TASK, suspend)                                       \
    USE(task, TASK, resume)                                        \
    USE(task, TASK, set_priority, 1)                               \
    USE(task, TASK, priority)                                      \
    USE(task, TASK, set_slice, 1)                                  \
    USE(task, TASK, get_info, &info)                               \
    USE(async, ASYNC, cancel)                                      \
    USE(async, ASYNC, join, NULL, KILN_NO_WAIT)                    \
    USE(executor, EXECUTOR, destroy)                               \
    USE(executor, EXECUTOR, run)                                   \
    USE(waker, WAKER, destroy)                                     \
    USE(waker, WAKER, wake)                                        \
    USE(stream, STREAM, destroy)                                   \
    USE(stream, STREAM, read, item, 1, KILN_NO_WAIT)               \
    USE(stream, STREAM, write, item, 1, KILN_NO_WAIT)              \
    USE(stream, STREAM, close)                                     \
    USE(stream, STREAM, reopen)                                    \
    USE(stream, STREAM, count)                                     \
    USE(stream, STREAM, received, item, 1)                         \
    USE(stream, STREAM, lost, 1)                                   \
    USE(stream, STREAM, ready)

#define DEFINE_USE(kind, type, verb, ...)                                        \
    static void kind##_##verb(void *object)                                      \
    {                                                                            \
        (void)kiln_##kind##_##verb((struct kiln_##kind *)object, ##__VA_ARGS__); \
    }
#define LIST_USE(kind, type, verb, ...) {KILN_TYPE_##type, kind##_##verb},

USES(DEFINE_USE)

static const struct use {
    enum kiln_type type;
    void (*call)(void *object);
} uses[] = {USES(LIST_USE)};

/* A live object of each type. */
static void *live(unsigned type)
{
    void *const objects[] = {program.tasks,     program.sems,   program.mutexes, program.queues,
                             program.flags,     program.pools,  program.timers,  program.asyncs,
                             &program.executor, &program.waker, program.streams};
    return objects[type - KILN_TYPE_TASK];
}

static void *wrong_object(enum kiln_type type, enum program_wrong_object how)
{
    static const size_t sizes[] = {
        sizeof(struct kiln_task),  sizeof(struct kiln_sem),   sizeof(struct kiln_mutex),
        sizeof(struct kiln_queue), sizeof(struct kiln_flags), sizeof(struct kiln_pool),
        sizeof(struct kiln_timer), sizeof(struct kiln_async), sizeof(struct kiln_executor),
        sizeof(struct kiln_waker), sizeof(struct kiln_stream)};
    static union {
        struct kiln_task task;
        struct kiln_sem sem;
        struct kiln_mutex mutex;
        struct kiln_queue queue;
        struct kiln_flags flags;
        struct kiln_pool pool;
        struct kiln_timer timer;
        struct kiln_async async;
        struct kiln_executor executor;
        struct kiln_waker waker;
        struct kiln_stream stream;
    } storage;
    switch (how) {
    case WRONG_NULL:
        return NULL;
    case WRONG_BLANK:
        return memset(&storage, 0, sizes[type - KILN_TYPE_TASK]);
    case WRONG_MOVED:
        return memcpy(&storage, live(type), sizes[type - KILN_TYPE_TASK]);
    default:
        return live(type >= KILN_TYPE_TIMER ? KILN_TYPE_TASK : type + 1U);
    }
}

/* ---- Other bugs -------------------------------------------------------------------------------
 */

static void expired(struct kiln_timer *timer)
{
    (void)timer;
}

static void init_sem(void *object)
{
    (void)kiln_sem_init((struct kiln_sem *)object, 0, 1);
}

static void init_mutex(void *object)
{
    (void)kiln_mutex_init((struct kiln_mutex *)object, 0);
}

static void init_queue(void *object)
{
    (void)kiln_queue_init((struct kiln_queue *)object, item, 4, 1);
}

static void init_flags(void *object)
{
    (void)kiln_flags_init((struct kiln_flags *)object);
}

static void init_pool(void *object)
{
    (void)kiln_pool_init((struct kiln_pool *)object, &block, sizeof(block), 1);
}

static void init_timer(void *object)
{
    (void)kiln_timer_init((struct kiln_timer *)object, expired);
}

static void send_null(void *object)
{
    (void)kiln_queue_send((struct kiln_queue *)object, NULL, KILN_NO_WAIT);
}

static void send_front_null(void *object)
{
    (void)kiln_queue_send_front((struct kiln_queue *)object, NULL, KILN_NO_WAIT);
}

static void receive_null(void *object)
{
    (void)kiln_queue_receive((struct kiln_queue *)object, NULL, KILN_NO_WAIT);
}

static void peek_null(void *object)
{
    (void)kiln_queue_peek((struct kiln_queue *)object, NULL);
}

static void alloc_null(void *object)
{
    (void)kiln_pool_alloc((struct kiln_pool *)object, NULL, KILN_NO_WAIT);
}

static void start_again(void *object)
{
    (void)object;
    (void)kiln_start();
}

/* In a task that would be none. */
static void exit_interrupt(void *object)
{
    if (kiln_in_isr()) {
        kiln_task_exit(0);
    }
    start_again(object);
}

static void next_of_blank(void *object)
{
    (void)object;
    (void)kiln_task_next((struct kiln_task *)wrong_object(KILN_TYPE_TASK, WRONG_BLANK));
}

static void next(void *object)
{
    (void)kiln_task_next((struct kiln_task *)object);
}

/* ---- Bugs at streams, and of coroutines -------------------------------------------------------
 */

static void init_executor(void *object)
{
    (void)kiln_executor_init((struct kiln_executor *)object);
}

static void init_waker(void *object)
{
    (void)kiln_waker_init((struct kiln_waker *)object);
}

static void init_stream(void *object)
{
    (void)kiln_stream_init((struct kiln_stream *)object, item, 4, NULL, NULL);
}

static void read_null(void *object)
{
    (void)kiln_stream_read((struct kiln_stream *)object, NULL, 1, KILN_NO_WAIT);
}

static void write_null(void *object)
{
    (void)kiln_stream_write((struct kiln_stream *)object, NULL, 1, KILN_NO_WAIT);
}

static struct kiln_stream_transfer transfer;

static void await_read_null(void *object)
{
    (void)kiln_await_stream_read(program.asyncs, (struct kiln_stream *)object, &transfer, NULL, 1,
                                 KILN_NO_WAIT);
}

static void await_write_null(void *object)
{
    (void)kiln_await_stream_write(program.asyncs, (struct kiln_stream *)object, &transfer, NULL, 1,
                                  KILN_NO_WAIT);
}

static void await_no_condition(void *object)
{
    (void)kiln_await_flags(program.asyncs, (struct kiln_flags *)object, NULL, KILN_NO_WAIT);
}

static void await_outside(void *object)
{
    if (kiln_in_isr() || program.executor.running != program.asyncs) {
        (void)kiln_await_yield((struct kiln_async *)object);
    }
    start_again(object);
}

/* Where the first await of a switch statement would go on. */
static void await_in_switch(void *object)
{
    const struct kiln_async async = {.line = 1, .name = "?"};
    (void)object;
    k_async_check_line(&async);
}

static const struct use others[PROGRAM_BUGS] = {
    [BUG_INIT_SEM] = {KILN_TYPE_SEM, init_sem},
    [BUG_INIT_MUTEX] = {KILN_TYPE_MUTEX, init_mutex},
    [BUG_INIT_QUEUE] = {KILN_TYPE_QUEUE, init_queue},
    [BUG_INIT_FLAGS] = {KILN_TYPE_FLAGS, init_flags},
    [BUG_INIT_POOL] = {KILN_TYPE_POOL, init_pool},
    [BUG_INIT_TIMER] = {KILN_TYPE_TIMER, init_timer},
    [BUG_SEND_NULL] = {KILN_TYPE_QUEUE, send_null},
    [BUG_SEND_FRONT_NULL] = {KILN_TYPE_QUEUE, send_front_null},
    [BUG_RECEIVE_NULL] = {KILN_TYPE_QUEUE, receive_null},
    [BUG_PEEK_NULL] = {KILN_TYPE_QUEUE, peek_null},
    [BUG_ALLOC_NULL] = {KILN_TYPE_POOL, alloc_null},
    [BUG_START_AGAIN] = {KILN_TYPE_TASK, start_again},
    [BUG_EXIT_INTERRUPT] = {KILN_TYPE_TASK, exit_interrupt},
    [BUG_NEXT_OF_BLANK] = {KILN_TYPE_TASK, next_of_blank},
    [BUG_NEXT_OF_DEAD] = {KILN_TYPE_TASK, next},
    [BUG_INIT_EXECUTOR] = {KILN_TYPE_EXECUTOR, init_executor},
    [BUG_INIT_WAKER] = {KILN_TYPE_WAKER, init_waker},
    [BUG_INIT_STREAM] = {KILN_TYPE_STREAM, init_stream},
    [BUG_READ_NULL] = {KILN_TYPE_STREAM, read_null},
    [BUG_WRITE_NULL] = {KILN_TYPE_STREAM, write_null},
    [BUG_AWAIT_READ_NULL] = {KILN_TYPE_STREAM, await_read_null},
    [BUG_AWAIT_WRITE_NULL] = {KILN_TYPE_STREAM, await_write_null},
    [BUG_AWAIT_NO_CONDITION] = {KILN_TYPE_FLAGS, await_no_condition},
    [BUG_AWAIT_OUTSIDE] = {KILN_TYPE_ASYNC, await_outside},
    [BUG_AWAIT_IN_SWITCH] = {KILN_TYPE_ASYNC, await_in_switch},
};

/* ---- All --------------------------------------------------------------------------------------
 */

/* A panic masks for good, and gives up the console for good, had it one: after these the system
 * goes on. Until it is looked at, no interrupt may come and cause another. */
void program_panic(void (*call)(void *object), void *object, struct program_outcome *outcome)
{
    unsigned key = kiln_irq_lock();
    const struct k_console *console = kernel.console;
    kernel.console = NULL;
    length = 0;
    memset(text, 0, sizeof(text));
    expected = true;
    outcome->result = panics(call, object) ? KILN_OK : 1;
    expected = false;
    kernel.console = console;
    outcome->value = program_hash_text(text);
    program_note_panic(text);
    kiln_irq_unlock(key);
}

void program_misuse(const struct program_op *op, struct program_outcome *outcome)
{
    const struct use *use = &uses[op->which % (sizeof(uses) / sizeof(uses[0]))];
    void *object = wrong_object(use->type, op_wrong_object(op));
    if (op_is_other_bug(op)) {
        use = &others[op_bug(op)];
        object = live(use->type);
    }
    program_panic(use->call, object, outcome);
}
