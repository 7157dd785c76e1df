/* The model: whose turn it is, who waits, what the kernel must show. See model.h. */
#include <string.h>

#include "state.h"

struct model_state model;

/* ---- Reports ----------------------------------------------------------------------------------
 */

static void disagree(const char *format, const char *what, long kernel_says, long model_says)
{
    static char text[160];
    (void)kiln_snprintf(text, sizeof(text), format, what, kernel_says, model_says);
    model_disagrees(text);
}

static void require(bool condition, const char *what, long kernel_says, long model_says)
{
    if (!condition) {
        disagree("%s: kernel %ld, model %ld", what, kernel_says, model_says);
    }
}

/* ---- Order ------------------------------------------------------------------------------------
 */

long next_number(void)
{
    return ++model.last_number;
}

bool is_ready(const struct model_task *task)
{
    return !task->dead && !task->fresh && !task->suspended && task->waits == KILN_WAIT_NONE;
}

void to_back(unsigned task)
{
    model.tasks[task].turn = next_number();
}

/* The most urgent ready task that came first. */
static unsigned first_ready(void)
{
    unsigned first = PROGRAM_IDLE; /* always ready */
    for (unsigned i = 0; i <= PROGRAM_DRIVER; i++) {
        const struct model_task *task = &model.tasks[i], *best = &model.tasks[first];
        if (is_ready(task) && (task->priority > best->priority ||
                               (task->priority == best->priority && task->turn < best->turn))) {
            first = i;
        }
    }
    return first;
}

static bool switch_is_due(void)
{
    return !model.in_irq && !model.masked && model.locked == 0 && first_ready() != model.current;
}

bool comes_before(const struct model_task *a, const struct model_task *b)
{
    return a->priority > b->priority || (a->priority == b->priority && a->arrival < b->arrival);
}

unsigned first_waiter(enum kiln_wait waits, unsigned object)
{
    unsigned first = NOBODY;
    for (unsigned i = 0; i < PROGRAM_CALLERS; i++) {
        const struct model_task *task = &model.tasks[i];
        if (task->waits == waits && task->object == object &&
            (first == NOBODY || comes_before(task, &model.tasks[first]))) {
            first = i;
        }
    }
    return first;
}

/* ---- What the kernel must show ------------------------------------------------------------------
 */

void expect(enum kiln_trace_event event, unsigned object, uint32_t value)
{
    if (model.expected_count == EVENTS_MAX) {
        model_disagrees("the model expects more events than it can keep");
    }
    model.expected[(model.expected_first + model.expected_count++) % EVENTS_MAX] =
        (struct model_expected){event, object, value};
}

static struct model_expected *expected_at(unsigned index)
{
    return &model.expected[(model.expected_first + index) % EVENTS_MAX];
}

static bool is_expected(const struct model_expected *a, enum kiln_trace_event event,
                        unsigned object, uint32_t value)
{
    return a->event == event && a->object == object && a->value == value;
}

/* Changes of priority that happen together may be shown in any order. */
static void bring_to_front(enum kiln_trace_event event, unsigned object, uint32_t value)
{
    for (unsigned i = 0; i < model.expected_count; i++) {
        struct model_expected *here = expected_at(i), *front = expected_at(0), saved = *front;
        if (here->event != KILN_TRACE_TASK_PRIORITY) {
            return;
        }
        if (is_expected(here, event, object, value)) {
            *front = *here;
            *here = saved;
            return;
        }
    }
}

static void on_switch(unsigned to)
{
    require(model.expected_count == 0, "a switch before all events: event", KILN_TRACE_SWITCH,
            (long)expected_at(0)->event);
    require(to == first_ready(), "switch to task", to, first_ready());
    require(switch_is_due(), "a switch that is not due, to task", to, model.current);
    model.current = to;
}

void model_event(enum kiln_trace_event event, unsigned object, uint32_t value)
{
    if (event == KILN_TRACE_SWITCH) {
        on_switch(object);
        return;
    }
    if (event == KILN_TRACE_TASK_PRIORITY && model.tasks[object].dead) {
        return; /* of no consequence */
    }
    if (event == KILN_TRACE_TASK_PRIORITY) {
        bring_to_front(event, object, value);
    }
    require(model.expected_count != 0, "an event too many: event", (long)event, -1);
    const struct model_expected *front = expected_at(0);
    require(event == front->event, "event", (long)event, (long)front->event);
    require(object == front->object, "object of the event", object, front->object);
    require(value == front->value, "value of the event", (int32_t)value, (int32_t)front->value);
    model.expected_first = (model.expected_first + 1) % EVENTS_MAX;
    model.expected_count--;
}

/* ---- Priorities ---------------------------------------------------------------------------------
 */

/* The least priorities that satisfy: base at least, and that of each waiter of what one owns. */
static void work_out(unsigned priorities[PROGRAM_TASKS])
{
    for (unsigned i = 0; i < PROGRAM_TASKS; i++) {
        priorities[i] = model.tasks[i].base;
    }
    for (unsigned round = 0; round < PROGRAM_TASKS; round++) {
        for (unsigned i = 0; i < PROGRAM_TASKS; i++) {
            const struct model_task *task = &model.tasks[i];
            unsigned owner =
                task->waits == KILN_WAIT_MUTEX ? model.mutexes[task->object].owner : NOBODY;
            if (owner != NOBODY && priorities[i] > priorities[owner]) {
                priorities[owner] = priorities[i];
            }
        }
    }
}

static void set_priority(unsigned index, unsigned priority)
{
    struct model_task *task = &model.tasks[index];
    bool lowered = priority < task->priority;
    task->priority = priority;
    expect(KILN_TRACE_TASK_PRIORITY, index, priority);
    if (is_ready(task) && lowered && index == model.current) {
        task->turn = --model.front_turn;
    } else if (is_ready(task)) {
        to_back(index);
    } else {
        task->arrival = next_number();
    }
}

void settle_priorities(void)
{
    unsigned priorities[PROGRAM_TASKS];
    work_out(priorities);
    for (unsigned i = 0; i < PROGRAM_TASKS; i++) {
        if (!model.tasks[i].dead && priorities[i] != model.tasks[i].priority) {
            set_priority(i, priorities[i]);
        }
    }
}

/* ---- Waits --------------------------------------------------------------------------------------
 */

static void queue_up(unsigned index, enum kiln_wait waits, unsigned object, kiln_ticks_t ticks)
{
    struct model_task *task = &model.tasks[index];
    task->waits = waits;
    task->object = object;
    task->arrival = next_number();
    task->timed = ticks != KILN_FOREVER;
    task->deadline = model.now + ticks;
    task->timeout_number = next_number();
}

void wait_for(struct model_call *call, enum kiln_wait waits, unsigned object, kiln_ticks_t ticks)
{
    if (ticks == KILN_NO_WAIT) {
        call->outcome.result = KILN_EAGAIN;
    } else if (call->who >= PROGRAM_ASYNC) {
        model.tasks[call->who].priority = model.tasks[model.current].priority;
        queue_up(call->who, waits, object, ticks);
        call->phase = WAITING;
        leave_body();
    } else if (model.in_irq) {
        call->outcome.result = KILN_EISR;
    } else if (model.masked || model.locked != 0) {
        call->outcome.result = KILN_ELOCKED;
    } else {
        queue_up(model.current, waits, object, ticks);
        call->phase = WAITING;
        settle_priorities();
        expect(KILN_TRACE_BLOCK, model.current, waits);
    }
}

void leave_wait(unsigned task)
{
    model.tasks[task].waits = KILN_WAIT_NONE;
    model.tasks[task].timed = false;
}

static bool is_transfer(const struct model_call *call)
{
    return call->op.call == CALL_STREAM_READ || call->op.call == CALL_STREAM_WRITE;
}

/* Of a call that has more to do then. */
static bool goes_on_after_wait(const struct model_call *call)
{
    return call->op.call == CALL_EXECUTOR_RUN || call->op.call == CALL_WAKER_POLL;
}

static void has_waited(struct model_call *call, int result)
{
    struct model_task *task = &model.tasks[call->who];
    if (call->op.call == CALL_SLEEP_UNTIL && call->who < PROGRAM_ASYNC) {
        task->wake_ticks += op_sleep_ticks(&call->op);
        call->outcome.value = task->wake_ticks;
    }
    bool sleeps = call->op.call == CALL_SLEEP || call->op.call == CALL_SLEEP_UNTIL;
    call->outcome.result = sleeps ? KILN_OK : result;
    if (is_transfer(call)) {
        end_transfer(call, result);
    }
    call->phase = goes_on_after_wait(call) ? STEPPED : DONE;
}

void wake(unsigned index, int result)
{
    struct model_call *call = &model.calls[index];
    require(call->phase == WAITING, "the woken task waits in its call", call->phase, WAITING);
    leave_wait(index);
    expect(KILN_TRACE_WAKE, index, (uint32_t)result);
    has_waited(call, result);
    if (index >= PROGRAM_ASYNC) {
        make_ready(index - PROGRAM_ASYNC);
    } else {
        to_back(index);
    }
}

/* ---- Calls --------------------------------------------------------------------------------------
 */

void begin_call(struct model_call *call)
{
    uint8_t which = call->op.call;
    if (which == CALL_TICK) {
        begin_tick(call);
    } else if (which <= CALL_TIMER_RENEW || which == CALL_MUTEX_FILL) {
        begin_object_call(call);
    } else if (which >= CALL_ASYNC_START) {
        call_async(call);
    } else if (which >= CALL_STREAM_READ) {
        call_stream(call);
    } else {
        begin_task_call(call);
    }
}

void more_steps(struct model_call *call, bool (*more)(struct model_call *call))
{
    call->phase = STEPPED;
    call->more = more;
    if (!more(call)) {
        call->phase = DONE;
    }
}

static void take_step(struct model_call *call)
{
    require(model.expected_count == 0, "events of an earlier step are missing: event", -1,
            (long)expected_at(0)->event);
    if (call->phase == BEGUN) {
        call->phase = DONE;
        call->more = NULL;
        if (call->who >= PROGRAM_ASYNC && program_is_await(call->op.call)) {
            begin_await(call);
        } else {
            begin_call(call);
        }
    } else if (!call->more(call)) {
        call->phase = DONE;
    }
    settle_priorities();
}

static bool has_steps(const struct model_call *call)
{
    return call->phase == BEGUN || call->phase == STEPPED;
}

/* What cannot be interrupted happens at once: in a task, whatever call's it is that comes next. A
 * tick stops at a timer's callback. */
static void take_steps(struct model_call *call)
{
    while (has_steps(call) && model.callback == NOBODY && (model.in_irq || model.masked)) {
        unsigned kept = model.expected_count;
        model.expected_count = 0; /* several steps' events come together */
        model.expected_first = (model.expected_first + kept) % EVENTS_MAX;
        take_step(call);
        model.expected_first = (model.expected_first + EVENTS_MAX - kept) % EVENTS_MAX;
        model.expected_count += kept;
        call = model.in_irq ? call : active_call();
    }
}

static void require_turn(unsigned who)
{
    if (who >= PROGRAM_ASYNC) {
        require(model.in_body && who == PROGRAM_ASYNC + model.running, "the running coroutine", who,
                PROGRAM_ASYNC + model.running);
        who = model.runner;
    }
    if (who <= PROGRAM_DRIVER) {
        require(who == model.current, "the running task", who, model.current);
        require(!switch_is_due(), "the task runs on, though a switch is due to task", who,
                first_ready());
    }
}

void model_begin(unsigned who, const struct program_op *op)
{
    struct model_call *call = &model.calls[who];
    require_turn(who);
    require(model.expected_count == 0, "events are missing: event", -1,
            (long)expected_at(0)->event);
    *call = (struct model_call){.phase = BEGUN, .op = *op, .who = who};
    bool in_irq = who == PROGRAM_IRQ || who == PROGRAM_CALLBACK;
    if (op->call == CALL_IRQ_UNLOCK || (op->call == CALL_TICK && !in_irq) || op->call == CALL_IRQ ||
        op->call == CALL_PLACE) {
        call->phase = DONE; /* an interrupt may come within: that is another call */
    }
    if (op->call == CALL_IRQ_UNLOCK) {
        model.masked -= model.masked > 0;
    }
    if (op->call == CALL_ASYNC_LEAVE) {
        take_step(call); /* it is only noted: the next section is the executor's */
        call = active_call();
    }
    take_steps(call);
}

void model_return(unsigned who, const struct program_outcome *outcome)
{
    struct model_call *call = &model.calls[who];
    if (call->phase == BEGUN) { /* it opened no masked section */
        take_step(call);
    }
    require_turn(who);
    require(model.expected_count == 0, "events are missing: event", -1,
            (long)expected_at(0)->event);
    require(call->phase == DONE, "the call returns in phase", call->phase, DONE);
    require(outcome->result == call->outcome.result, "result", outcome->result,
            call->outcome.result);
    require(outcome->value == call->outcome.value, "value", (long)outcome->value,
            (long)call->outcome.value);
    call->phase = IDLE;
}

/* Whenever it gets the turn, the idle task has the others of its priority go first. */
void model_section(void)
{
    if (model.current == PROGRAM_IDLE) {
        to_back(PROGRAM_IDLE);
        return;
    }
    struct model_call *call = active_call();
    if (!model.in_irq && has_steps(call)) {
        take_step(call);
    }
}

void model_irq_begin(void)
{
    model.in_irq = true;
}

void model_irq_end(void)
{
    model.in_irq = false;
}

void model_callback_begin(unsigned timer)
{
    require(model.callback == timer, "callback of timer", timer, model.callback);
    model.callback = NOBODY;
}

void model_callback_end(void)
{
    take_steps(&model.calls[PROGRAM_IRQ]);
}

void model_idle(uint32_t ticks)
{
    require(first_ready() == PROGRAM_IDLE && model.current == PROGRAM_IDLE, "the task that idles",
            PROGRAM_IDLE, first_ready());
    require(ticks == ticks_to_next_end(), "ticks to idle", ticks, ticks_to_next_end());
}

/* ---- Begin and end
 * -------------------------------------------------------------------------------- */

void model_reset(void)
{
    memset(&model, 0, sizeof(model));
    model.current = PROGRAM_DRIVER;
    model.callback = NOBODY;
    model.runner = model.running = NOBODY;
    to_back(PROGRAM_IDLE);
    for (unsigned i = 0; i < PROGRAM_TASKS; i++) {
        model.tasks[i].dead = true;
    }
    for (unsigned i = 0; i < PROGRAM_MUTEXES; i++) {
        model.mutexes[i].owner = NOBODY;
    }
}

void model_check_end(void)
{
    long ticks = (long)(kiln_ticks() - program_start_ticks);
    require(ticks == (long)model.now, "ticks", ticks, (long)model.now);
    for (unsigned i = 0; i < PROGRAM_TASKS; i++) {
        require(model.tasks[i].dead, "a task lives", i, 0);
    }
    for (unsigned i = 0; i < PROGRAM_ASYNCS; i++) {
        require(model.asyncs[i].ended, "a coroutine lives", i, 0);
    }
}
