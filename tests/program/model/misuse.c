/* The model: what the kernel says of a bug. */
#include "state.h"

struct complaint {
    const char *what, *object; /* no object: of none */
};

static const char *task_name(unsigned index)
{
    static const char *const names[] = {"t0", "t1", "t2", "t3", "?", "driver", "idle"};
    return names[index];
}

static struct complaint about_object(const struct program_op *op)
{
    return op_wrong_object(op) == WRONG_NULL
               ? (struct complaint){"null object", NULL}
               : (struct complaint){"not an initialised object of this type", "?"};
}

static struct complaint about_bug(const struct program_op *op)
{
    static const struct complaint complaints[PROGRAM_BUGS] = {
        [BUG_INIT_SEM] = {"initialised twice", "s0"},
        [BUG_INIT_MUTEX] = {"initialised twice", "m0"},
        [BUG_INIT_QUEUE] = {"initialised twice", "q0"},
        [BUG_INIT_FLAGS] = {"initialised twice", "f0"},
        [BUG_INIT_POOL] = {"initialised twice", "p0"},
        [BUG_INIT_TIMER] = {"initialised twice", "c0"},
        [BUG_SEND_NULL] = {"null item", "q0"},
        [BUG_SEND_FRONT_NULL] = {"null item", "q0"},
        [BUG_RECEIVE_NULL] = {"null item", "q0"},
        [BUG_PEEK_NULL] = {"null item", "q0"},
        [BUG_ALLOC_NULL] = {"no place for the block's address", "p0"},
        [BUG_NEXT_OF_BLANK] = {"not an initialised object of this type", "?"},
        [BUG_NEXT_OF_DEAD] = {"the task after one that has terminated", "t0"},
        [BUG_INIT_EXECUTOR] = {"initialised twice", "e0"},
        [BUG_INIT_WAKER] = {"initialised twice", "w0"},
        [BUG_INIT_STREAM] = {"initialised twice", "d0"},
        [BUG_READ_NULL] = {"null bytes", "d0"},
        [BUG_WRITE_NULL] = {"null bytes", "d0"},
        [BUG_AWAIT_READ_NULL] = {"null bytes", "d0"},
        [BUG_AWAIT_WRITE_NULL] = {"null bytes", "d0"},
        [BUG_AWAIT_NO_CONDITION] = {"null condition", "f0"},
        [BUG_AWAIT_OUTSIDE] = {"an await outside the coroutine's body", "a0"},
        [BUG_AWAIT_IN_SWITCH] = {"an await inside a switch statement", "?"},
    };
    struct complaint complaint = complaints[op_bug(op)];
    if (op_bug(op) == BUG_AWAIT_OUTSIDE && !model.in_irq && model.in_body && model.running == 0) {
        complaint.what = NULL;
    }
    if (complaint.what == NULL) { /* of the running task */
        complaint.object = task_name(model.current);
        complaint.what = op_bug(op) == BUG_EXIT_INTERRUPT && model.in_irq
                             ? "kiln_task_exit() outside a task"
                             : "kiln_start() again";
    }
    return complaint;
}

void call_misuse(struct model_call *call)
{
    static char text[128];
    const struct program_op *op = &call->op;
    if (op_is_other_bug(op) && op_bug(op) == BUG_NEXT_OF_DEAD && !model.tasks[0].dead) {
        call->outcome = (struct program_outcome){1, program_hash_text("")};
        return;
    }
    struct complaint complaint = op_is_other_bug(op) ? about_bug(op) : about_object(op);
    (void)kiln_snprintf(text, sizeof(text), "\nkiln: panic: %s%s%s%s, in task %s%s\n",
                        complaint.what, complaint.object != NULL ? ": object " : "",
                        complaint.object != NULL ? complaint.object : "",
                        complaint.object != NULL ? " at 0x" : "", task_name(model.current),
                        model.in_irq ? " (interrupted)" : "");
    call->outcome.value = program_hash_text(text);
}
