/* The model: event flags. A set looks at its waiters one by one, with interrupts in between. */
#include "state.h"

static bool is_satisfied(const struct program_op *op, uint32_t value)
{
    uint32_t found = value & op_bits(op);
    return (op_options(op) & KILN_FLAGS_ALL) ? found == op_bits(op) : found != 0;
}

static uint32_t bits_to_clear(const struct program_op *op)
{
    return (op_options(op) & KILN_FLAGS_CLEAR) ? op_bits(op) : 0;
}

/* The waiters that the round has not looked at stand apart for first_waiter(). */
static void begin_round(struct model_call *call, unsigned index)
{
    call->value = model.flags[index].value;
    call->clear = 0;
    for (unsigned i = 0; i < PROGRAM_CALLERS; i++) {
        struct model_task *task = &model.tasks[i];
        if (task->waits == KILN_WAIT_FLAGS && task->object == index) {
            task->looked_at = false; /* of other flags, a set may be under way */
        }
    }
}

static unsigned first_not_looked_at(unsigned index)
{
    unsigned first = NOBODY;
    for (unsigned i = 0; i < PROGRAM_CALLERS; i++) {
        const struct model_task *task = &model.tasks[i];
        if (task->waits == KILN_WAIT_FLAGS && task->object == index && !task->looked_at &&
            (first == NOBODY || comes_before(task, &model.tasks[first]))) {
            first = i;
        }
    }
    return first;
}

/* One that waits on goes behind those of its priority that wait on, too. */
static void look_at(struct model_call *call, unsigned waiter)
{
    const struct program_op *wanted = &model.calls[waiter].op;
    if (is_satisfied(wanted, call->value)) {
        call->clear |= bits_to_clear(wanted);
        model.calls[waiter].outcome.value = op_wants_value(wanted) ? call->value : 0;
        wake(waiter, KILN_OK);
    } else {
        model.tasks[waiter].looked_at = true;
        model.tasks[waiter].arrival = next_number();
    }
}

/* One waiter a step; then the bits are cleared, and what was set meanwhile starts another round. */
static bool go_on_setting(struct model_call *call)
{
    unsigned index = call->op.which % PROGRAM_FLAGS, waiter;
    struct model_flags *flags = &model.flags[index];
    while ((waiter = first_not_looked_at(index)) == NOBODY) {
        flags->value &= ~call->clear;
        if (flags->later == 0) {
            flags->setting = false;
            return unlock_scheduler(call);
        }
        flags->value |= flags->later;
        flags->later = 0;
        begin_round(call, index);
    }
    look_at(call, waiter);
    return true;
}

static void set(struct model_call *call, unsigned index)
{
    struct model_flags *flags = &model.flags[index];
    uint32_t bits = op_bits(&call->op);
    expect(KILN_TRACE_FLAGS_SET, index, bits);
    if (flags->setting) {
        flags->later |= bits;
        return;
    }
    flags->value |= bits;
    if (first_waiter(KILN_WAIT_FLAGS, index) != NOBODY) {
        flags->setting = true;
        model.locked++;
        begin_round(call, index);
        call->phase = STEPPED;
        call->more = go_on_setting;
        (void)go_on_setting(call);
    }
}

static void wait(struct model_call *call, unsigned index)
{
    struct model_flags *flags = &model.flags[index];
    const struct program_op *op = &call->op;
    if (op_bits(op) == 0 || op_options(op) > 3U) {
        call->outcome.result = KILN_EINVAL;
        return;
    }
    expect(KILN_TRACE_FLAGS_WAIT, index, op_bits(op));
    uint32_t value = flags->value | flags->later;
    if (is_satisfied(op, value)) {
        call->outcome.value = op_wants_value(op) ? value : 0;
        flags->value &= ~bits_to_clear(op);
        flags->later &= ~bits_to_clear(op);
    } else {
        wait_for(call, KILN_WAIT_FLAGS, index, op_timeout(op));
    }
}

void call_flags(struct model_call *call)
{
    unsigned index = call->op.which % PROGRAM_FLAGS;
    struct model_flags *flags = &model.flags[index];
    switch (call->op.call) {
    case CALL_FLAGS_SET:
        set(call, index);
        break;
    case CALL_FLAGS_CLEAR:
        flags->value &= ~op_bits(&call->op);
        flags->later &= ~op_bits(&call->op);
        break;
    case CALL_FLAGS_WAIT:
        wait(call, index);
        break;
    case CALL_FLAGS_GET:
        call->outcome.value = flags->value | flags->later;
        break;
    default:
        if (flags->setting || first_waiter(KILN_WAIT_FLAGS, index) != NOBODY) {
            call->outcome.result = KILN_ESTATE;
        } else {
            *flags = (struct model_flags){.value = 0};
        }
        break;
    }
}
