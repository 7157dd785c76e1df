/* What is seen of a program: calls, results, kernel events. Each goes into a number, into the
 * model and, if wanted, onto the console as a line. The linker has the kernel's hook call this
 * one, so that a port may have its own. */
#include "core/kernel.h"
#include "model/model.h"
#include "port.h"
#include "program.h"

uint32_t program_hash;
bool program_verbose;

void program_reset_hash(void)
{
    program_hash = UINT32_C(2166136261);
}

/* Fowler, Noll and Vo's hash FNV-1a, over words. */
static void add_to_hash(uint32_t word)
{
    program_hash = (program_hash ^ word) * UINT32_C(16777619);
}

/* ---- Lines: no kernel call, because an event may come in the middle of one --------------------
 */

static char line[96];

static void print_line(int length)
{
    unsigned end = (unsigned)length < sizeof(line) - 1 ? (unsigned)length : sizeof(line) - 2;
    line[end] = '\n';
    port_console_write(line, end + 1);
}

static const char *caller_name(unsigned who)
{
    static const char *const names[PROGRAM_CALLERS] = {
        "t0", "t1", "t2", "t3", "t4", "driver", "irq", "callback", "a0", "a1", "a2"};
    return names[who];
}

static const char *const call_names[CALL_COUNT_OF] = {
    [CALL_SEM_TAKE] = "sem take",
    [CALL_SEM_GIVE] = "sem give",
    [CALL_SEM_COUNT] = "sem count",
    [CALL_SEM_RENEW] = "sem renew",
    [CALL_MUTEX_LOCK] = "mutex lock",
    [CALL_MUTEX_UNLOCK] = "mutex unlock",
    [CALL_MUTEX_OWNER] = "mutex owner",
    [CALL_MUTEX_RENEW] = "mutex renew",
    [CALL_QUEUE_SEND] = "queue send",
    [CALL_QUEUE_SEND_FRONT] = "queue send front",
    [CALL_QUEUE_RECEIVE] = "queue receive",
    [CALL_QUEUE_PEEK] = "queue peek",
    [CALL_QUEUE_COUNT] = "queue count",
    [CALL_QUEUE_RENEW] = "queue renew",
    [CALL_FLAGS_SET] = "flags set",
    [CALL_FLAGS_CLEAR] = "flags clear",
    [CALL_FLAGS_WAIT] = "flags wait",
    [CALL_FLAGS_GET] = "flags get",
    [CALL_FLAGS_RENEW] = "flags renew",
    [CALL_POOL_ALLOC] = "pool alloc",
    [CALL_POOL_FREE] = "pool free",
    [CALL_POOL_FREE_TWICE] = "pool free twice",
    [CALL_POOL_FREE_WRONG] = "pool free wrong",
    [CALL_POOL_COUNT] = "pool count",
    [CALL_POOL_RENEW] = "pool renew",
    [CALL_TIMER_START] = "timer start",
    [CALL_TIMER_STOP] = "timer stop",
    [CALL_TIMER_REMAINING] = "timer remaining",
    [CALL_TIMER_RENEW] = "timer renew",
    [CALL_TASK_INIT] = "task init",
    [CALL_TASK_START] = "task start",
    [CALL_TASK_CREATE] = "task create",
    [CALL_TASK_KILL] = "task kill",
    [CALL_TASK_EXIT] = "task exit",
    [CALL_TASK_JOIN] = "task join",
    [CALL_TASK_SUSPEND] = "task suspend",
    [CALL_TASK_RESUME] = "task resume",
    [CALL_TASK_SET_PRIORITY] = "task set priority",
    [CALL_TASK_SET_SLICE] = "task set slice",
    [CALL_TASK_INFO] = "task info",
    [CALL_YIELD] = "yield",
    [CALL_SLEEP] = "sleep",
    [CALL_SLEEP_UNTIL] = "sleep until",
    [CALL_SCHED_LOCK] = "sched lock",
    [CALL_SCHED_UNLOCK] = "sched unlock",
    [CALL_IRQ_LOCK] = "irq lock",
    [CALL_IRQ_UNLOCK] = "irq unlock",
    [CALL_TICKS] = "ticks",
    [CALL_WRONG] = "wrong argument",
    [CALL_TICK] = "tick",
    [CALL_IRQ] = "interrupt",
    [CALL_PLACE] = "place interrupt",
    [CALL_MISUSE] = "misuse",
    [CALL_MUTEX_FILL] = "mutex fill",
    [CALL_PRINT] = "print",
    [CALL_STREAM_READ] = "stream read",
    [CALL_STREAM_WRITE] = "stream write",
    [CALL_STREAM_CLOSE] = "stream close",
    [CALL_STREAM_REOPEN] = "stream reopen",
    [CALL_STREAM_COUNT] = "stream count",
    [CALL_STREAM_RECEIVED] = "stream received",
    [CALL_STREAM_LOST] = "stream lost",
    [CALL_STREAM_READY] = "stream ready",
    [CALL_STREAM_RENEW] = "stream renew",
    [CALL_ASYNC_START] = "async start",
    [CALL_ASYNC_CANCEL] = "async cancel",
    [CALL_ASYNC_JOIN] = "async join",
    [CALL_ASYNC_INFO] = "async info",
    [CALL_ASYNC_END] = "async end",
    [CALL_EXECUTOR_RUN] = "executor run",
    [CALL_EXECUTOR_RENEW] = "executor renew",
    [CALL_WAKER_WAKE] = "waker wake",
    [CALL_WAKER_WAIT] = "waker wait",
    [CALL_WAKER_POLL] = "waker poll",
    [CALL_WAKER_RENEW] = "waker renew",
    [CALL_ASYNC_LEAVE] = "async leave",
};

/* ---- Calls ------------------------------------------------------------------------------------
 */

void program_note_begin(unsigned who, const struct program_op *op)
{
    add_to_hash(who << 24 | op->call);
    add_to_hash((uint32_t)op->which << 16 | (uint32_t)op->time << 8 | op->value);
    if (program_verbose) {
        print_line(kiln_snprintf(line, sizeof(line), "%s: %s (%u %u %u)", caller_name(who),
                                 call_names[op->call], op->which, op->time, op->value));
    }
    model_begin(who, op);
}

void program_note_panic(const char *text)
{
    if (program_verbose) {
        print_line(
            kiln_snprintf(line, sizeof(line), "  %s", text + 1)); /* it begins with a new line */
    }
}

void program_note_return(unsigned who, const struct program_outcome *outcome)
{
    add_to_hash(who << 24 | UINT32_C(0xFFFF));
    add_to_hash((uint32_t)outcome->result);
    add_to_hash(outcome->value);
    if (program_verbose) {
        print_line(
            kiln_snprintf(line, sizeof(line), "%s: = %s %u", caller_name(who),
                          outcome->result > 0 ? "true" : kiln_error_name((int)outcome->result),
                          (unsigned)outcome->value));
    }
    model_return(who, outcome);
}

/* ---- Events -----------------------------------------------------------------------------------
 */

/* Where in the world the object is: the same number everywhere, whatever the addresses. */
static unsigned object_number(enum kiln_trace_event event, const void *object)
{
    if (event <= KILN_TRACE_WAKE) {
        return program_number_of((const struct kiln_task *)object);
    }
    if (event <= KILN_TRACE_SEM_GIVE) {
        return (unsigned)((const struct kiln_sem *)object - program.sems);
    }
    if (event <= KILN_TRACE_MUTEX_UNLOCK) {
        return (unsigned)((const struct kiln_mutex *)object - program.mutexes);
    }
    if (event <= KILN_TRACE_QUEUE_RECEIVE) {
        return (unsigned)((const struct kiln_queue *)object - program.queues);
    }
    if (event <= KILN_TRACE_FLAGS_WAIT) {
        return (unsigned)((const struct kiln_flags *)object - program.flags);
    }
    if (event <= KILN_TRACE_POOL_FREE) {
        return (unsigned)((const struct kiln_pool *)object - program.pools);
    }
    if (event <= KILN_TRACE_STREAM_CLOSE) {
        return (unsigned)((const struct kiln_stream *)object - program.streams);
    }
    return (unsigned)((const struct kiln_timer *)object - program.timers);
}

void __wrap_kiln_trace_hook(enum kiln_trace_event event, const void *object, uintptr_t value);

void __wrap_kiln_trace_hook(enum kiln_trace_event event, const void *object, uintptr_t value)
{
    if (event == KILN_TRACE_ISR_ENTER || event == KILN_TRACE_ISR_EXIT || !program_running) {
        return;
    }
    unsigned number = object_number(event, object);
    add_to_hash((uint32_t)event << 8 | number);
    add_to_hash((uint32_t)value);
    if (program_verbose) {
        line[0] = ' ';
        line[1] = ' ';
        print_line(2 + (int)kiln_trace_format(line + 2, sizeof(line) - 2, event, object, value));
    }
    model_event(event, number, (uint32_t)value);
}

/* The model has to know when a poll read the time: with no interrupt before it is told. */
kiln_ticks_t __wrap_kiln_ticks(void);
kiln_ticks_t __real_kiln_ticks(void);

kiln_ticks_t __wrap_kiln_ticks(void)
{
    kiln_ticks_t ticks;
    do {
        ticks = __real_kiln_ticks();
    } while (ticks != (kiln_ticks_t)kernel.now);
    if (program_running) {
        model_looks_at_time();
    }
    return ticks;
}

/* The hardware's tick has no say. */
void __wrap_kernel_tick(uint32_t ticks);

void __wrap_kernel_tick(uint32_t ticks)
{
    (void)ticks;
}
