/* One program: its objects, its tasks, its interrupts, and the driver. See program.h. */
#include <string.h>

#include "core/kernel.h"
#include "diag/check.h"
#include "model/model.h"
#include "program.h"

#if defined(__ARM_FP)
#define STACK_BYTES 1056
#else
#define STACK_BYTES 864
#endif

struct program_world program;
uint32_t program_calls;
kiln_ticks_t program_start_ticks;
bool program_check_always;
bool program_running;

static uint64_t stacks[PROGRAM_TASKS][STACK_BYTES / 8];
static uint64_t driver_stack[1024 / 8];

/* Records that wait for their turn: an interrupt's that is raised, and the timers'. */
static struct program_op irq_op, timer_ops[PROGRAM_TIMERS];

/* ---- Turns -------------------------------------------------------------------------------- */

static bool may_block(uint8_t call)
{
    return call == CALL_SEM_TAKE || call == CALL_QUEUE_SEND || call == CALL_QUEUE_SEND_FRONT ||
           call == CALL_QUEUE_RECEIVE || call == CALL_FLAGS_WAIT || call == CALL_POOL_ALLOC ||
           call == CALL_TASK_JOIN || call == CALL_STREAM_READ || call == CALL_STREAM_WRITE ||
           call == CALL_ASYNC_JOIN;
}

/* The driver, in the lowest place, owns nothing and never waits but to sleep: it runs when all
 * others wait, and then it is up to it to go on. */
static void adapt_to_driver(struct program_op *op)
{
    switch (op->call) {
    case CALL_MUTEX_LOCK:
    case CALL_MUTEX_UNLOCK:
    case CALL_SCHED_LOCK:
    case CALL_SCHED_UNLOCK:
    case CALL_IRQ_LOCK:
    case CALL_IRQ_UNLOCK:
    case CALL_TASK_EXIT:
    case CALL_EXECUTOR_RUN:
        op->call = CALL_TICK;
        break;
    default:
        op->time = may_block(op->call) ? 0 : op->time;
        break;
    }
}

/* An interrupt may try nearly everything; most calls that need a task say so. */
static void adapt_to_interrupt(unsigned who, struct program_op *op)
{
    switch (op->call) {
    case CALL_TASK_EXIT:
        op->call = CALL_TASK_KILL;
        break;
    case CALL_IRQ_LOCK:
    case CALL_IRQ_UNLOCK:
    case CALL_IRQ:
    case CALL_PLACE:
        op->call = CALL_TICK;
        break;
    default:
        break;
    }
    if (who == PROGRAM_CALLBACK && op->call == CALL_TICK) {
        op->call = CALL_SEM_GIVE; /* a tick does not nest */
    }
}

/* Where a call blocks, all coroutines would wait; those that can be awaited do not get here. An
 * executor is not run within itself. */
static void adapt_to_coroutine(struct program_op *op)
{
    op->time = op->call == CALL_MUTEX_LOCK || may_block(op->call) ? 0 : op->time;
    op->call = op->call == CALL_EXECUTOR_RUN ? CALL_WAKER_WAKE : op->call;
}

/* What only coroutines do, others do the other side of. */
static void adapt_to_others(struct program_op *op)
{
    if (op->call == CALL_WAKER_WAIT || op->call == CALL_WAKER_POLL) {
        op->call = CALL_WAKER_WAKE;
    } else if (op->call == CALL_ASYNC_END) {
        op->call = CALL_ASYNC_START;
    }
}

/* Mutexes are locked so that no cycle of owners comes about: in one, what each inherits keeps
 * itself up, and no rule says how much it is. */
static void adapt_to_task(unsigned who, struct program_op *op)
{
    if (op->call == CALL_MUTEX_LOCK && op_timeout(op) != KILN_NO_WAIT &&
        program_would_deadlock(who, op_mutex(op))) {
        op->time = 0;
    }
    if (program_is_masked(who) && op->value % 4U == 0) {
        op->call = CALL_IRQ_UNLOCK; /* or it would stay so for long */
    }
}

static void check_kernel(void)
{
    const char *what = NULL;
    unsigned key = kiln_irq_lock();
    if (!k_check(&what)) {
        kiln_panic(what, NULL, NULL);
    }
    kiln_irq_unlock(key);
}

void program_check(unsigned who)
{
    bool in_task = who <= PROGRAM_DRIVER || who >= PROGRAM_ASYNC;
    if (in_task && program_check_always && !program_is_masked(who)) {
        check_kernel();
    }
}

static void adapt(unsigned who, struct program_op *op)
{
    if (who < PROGRAM_ASYNC) {
        adapt_to_others(op);
    } else {
        adapt_to_coroutine(op);
    }
    if (who == PROGRAM_DRIVER) {
        adapt_to_driver(op);
    } else if (who == PROGRAM_IRQ || who == PROGRAM_CALLBACK) {
        adapt_to_interrupt(who, op);
    } else {
        adapt_to_task(who, op);
    }
}

static void make_call(unsigned who, const struct program_op *op)
{
    struct program_outcome outcome = {0, 0};
    program_calls++;
    program_note_begin(who, op);
    program_execute(who, op, &outcome);
    program_note_return(who, &outcome);
    program_check(who);
}

void program_turn(unsigned who, const struct program_op *record)
{
    struct program_op op = *record;
    adapt(who, &op);
    if (op.call == CALL_POOL_FREE &&
        !program_claim_block(op.which % PROGRAM_POOLS, op.value % PROGRAM_ROOM)) {
        op.call = CALL_POOL_COUNT;
    }
    if (op.call == CALL_MUTEX_FILL && !program_claim_fill()) {
        op.call = CALL_MUTEX_OWNER;
    }
    make_call(who, &op);
}

/* ---- Tasks -------------------------------------------------------------------------------- */

/* Ends by returning as well as by kiln_task_exit(): the model takes it for the same. */
static int task_entry(void *arg)
{
    unsigned self = (unsigned)(uintptr_t)arg;
    struct program_op op;
    while (program_next(&op)) {
        program_turn(self, &op);
    }
    op = (struct program_op){.call = CALL_TASK_EXIT, .value = 7};
    program_note_begin(self, &op);
    return 7;
}

int program_init_task(unsigned index, const struct program_op *op, bool start)
{
    static const char *const names[PROGRAM_TASKS] = {"t0", "t1", "t2", "t3", NULL};
    struct kiln_task *task = &program.tasks[index];
    struct kiln_task_def def = {.entry = task_entry,
                                .arg = (void *)(uintptr_t)index,
                                .stack = stacks[index],
                                .stack_bytes = STACK_BYTES,
                                .name = names[index],
                                .slice_ticks = (uint16_t)(op->time % 6U),
                                .priority = (uint8_t)op_priority(op)};
    int result = start ? kiln_task_create(task, &def) : kiln_task_init(task, &def);
    if (result == KILN_OK) {
        program_forget_caller(index);
    }
    return result;
}

/* ---- Interrupts ---------------------------------------------------------------------------- */

void program_take_interrupt(const struct program_op *op)
{
    model_irq_begin();
    program_turn(PROGRAM_IRQ, op);
    model_irq_end();
}

static void on_interrupt(void)
{
    program_take_interrupt(&irq_op);
}

void program_interrupt(const struct program_op *op)
{
    irq_op = *op;
    test_irq_trigger(on_interrupt);
}

void program_set_timer_op(unsigned timer, const struct program_op *op)
{
    timer_ops[timer] = *op;
}

void program_timer_expired(struct kiln_timer *timer)
{
    unsigned index = (unsigned)(timer - program.timers);
    model_callback_begin(index);
    program_turn(PROGRAM_CALLBACK, &timer_ops[index]);
    model_callback_end();
}

/* ---- Idle ----------------------------------------------------------------------------------- */

void __wrap_port_idle(uint32_t ticks);
void __real_port_idle(uint32_t ticks);

/* The driver sleeps, too. The next record is an interrupt's; when there is none, time has to move
 * on until the driver wakes. */
void __wrap_port_idle(uint32_t ticks)
{
    struct program_op op = {.call = CALL_TICK};
    if (!program_running) {
        __real_port_idle(ticks);
        return;
    }
    model_idle(ticks);
    (void)program_next(&op);
    program_interrupt(&op);
    kiln_irq_unlock(0); /* the idle task masked once: it is taken here */
    (void)kiln_irq_lock();
}

/* ---- The driver ---------------------------------------------------------------------------- */

static void turn_of_driver(uint8_t call, unsigned which, uint8_t value)
{
    struct program_op op = {.call = call, .which = (uint8_t)which, .time = value, .value = value};
    program_turn(PROGRAM_DRIVER, &op);
}

/* Objects take any byte for their parameters. Out of memory that is clear, none of them lives. */
static void begin_objects(void)
{
    static const struct {
        uint8_t call, count;
    } kinds[] = {{CALL_SEM_RENEW, PROGRAM_SEMS},
                 {CALL_MUTEX_RENEW, PROGRAM_MUTEXES},
                 {CALL_QUEUE_RENEW, PROGRAM_QUEUES},
                 {CALL_FLAGS_RENEW, PROGRAM_FLAGS},
                 {CALL_POOL_RENEW, PROGRAM_POOLS},
                 {CALL_TIMER_RENEW, PROGRAM_TIMERS},
                 {CALL_STREAM_RENEW, PROGRAM_STREAMS},
                 {CALL_EXECUTOR_RENEW, 1},
                 {CALL_WAKER_RENEW, 1}};
    for (unsigned kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++) {
        for (unsigned i = 0; i < kinds[kind].count; i++) {
            turn_of_driver(kinds[kind].call, kinds[kind].call == CALL_MUTEX_RENEW ? 2 * i + 1 : i,
                           program_byte());
        }
    }
}

/* All exist before the first runs and looks for the others. */
static void begin_tasks(void)
{
    for (unsigned i = 0; i < PROGRAM_ASYNCS; i++) {
        turn_of_driver(CALL_ASYNC_START, i, 0);
    }
    for (unsigned i = 0; i < PROGRAM_TASKS; i++) {
        turn_of_driver(CALL_TASK_INIT, i, program_byte() % 250U);
    }
    for (unsigned i = 0; i < PROGRAM_TASKS - 2U; i++) {
        turn_of_driver(CALL_TASK_START, i, 0);
    }
}

static void end_tasks(void)
{
    for (unsigned i = 0; i < PROGRAM_TASKS; i++) {
        turn_of_driver(CALL_TASK_KILL, i, 3);
    }
}

static void end_timers(void)
{
    for (unsigned i = 0; i < PROGRAM_TIMERS; i++) {
        turn_of_driver(CALL_TIMER_STOP, i, 0);
    }
}

/* The driver has the coroutines come to their ends: out of records, their bodies return at once,
 * and no wait in a cleanup section is for ever. */
static void end_asyncs(void)
{
    struct program_op run = {.call = CALL_EXECUTOR_RUN};
    for (unsigned i = 0; i < PROGRAM_ASYNCS; i++) {
        turn_of_driver(CALL_ASYNC_CANCEL, i, 0);
    }
    make_call(PROGRAM_DRIVER, &run);
}

void program_run(void)
{
    struct program_op op;
    memset(program.sems, 0, sizeof(program) - offsetof(struct program_world, sems));
    memset(program.tasks, 0, sizeof(program.tasks));
    memset(timer_ops, 0, sizeof(timer_ops));
    program_start_ticks = kiln_ticks();
    for (unsigned who = 0; who < PROGRAM_CALLERS; who++) {
        program_forget_caller(who);
    }
    model_reset();
    program_running = true;
    begin_objects();
    begin_tasks();
    while (program_next(&op)) {
        program_turn(PROGRAM_DRIVER, &op);
    }
    program_unplace();
    end_timers();
    end_tasks();
    end_asyncs();
    check_kernel();
    model_check_end();
    program_running = false;
}

int program_start_driver(kiln_task_fn entry)
{
    struct kiln_task_def def = {.entry = entry,
                                .stack = driver_stack,
                                .stack_bytes = sizeof(driver_stack),
                                .name = "driver",
                                .priority = 0};
    memset(&program.driver, 0, sizeof(program.driver));
    int result = kiln_task_create(&program.driver, &def);
    return result != KILN_OK ? result : kiln_start();
}
