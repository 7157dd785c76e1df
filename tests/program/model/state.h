/* The model's state, for its own files. */
#ifndef MODEL_STATE_H
#define MODEL_STATE_H

#include "model.h"

#define NOBODY     99U
#define EVENTS_MAX 64U

struct model_task {
    bool dead, fresh, suspended, kill_pending;
    int code; /* with which it ended, or is going to */
    unsigned base, priority;
    unsigned slice, slice_left;
    long turn; /* the least of its priority runs first */
    /* While it waits: */
    enum kiln_wait waits; /* KILN_WAIT_NONE: it does not */
    unsigned object;
    long arrival;
    bool timed;
    uint32_t deadline;
    long timeout_number;
    bool looked_at; /* by the set of flags that is under way */
    uint32_t wake_ticks;
};

enum model_phase {
    IDLE,    /* in no call */
    BEGUN,   /* no effect yet */
    STEPPED, /* some, with more steps to come */
    WAITING, /* until it is woken */
    INSIDE,  /* runs an executor, and a coroutine's body is being called */
    DONE,    /* the outcome is known */
};

/* A call under way. */
struct model_call {
    enum model_phase phase;
    struct program_op op;
    struct program_outcome outcome;
    bool (*more)(struct model_call *call); /* the next step; false when it was the last */
    unsigned who;
    unsigned victim;       /* of a kill */
    unsigned ticks_left;   /* of a tick */
    unsigned steps_left;   /* of printing, before the last */
    uint32_t value, clear; /* of a set of flags */
    unsigned left, done;   /* bytes at a stream */
    uint32_t told;         /* of them */
    uint32_t deadline;     /* of a poll */
};

struct model_sem {
    uint32_t count, limit;
};

struct model_mutex {
    unsigned owner, depth, options;
    long taken; /* the latest held is released first */
};

struct model_queue {
    unsigned count, room;
    uint8_t items[PROGRAM_ROOM + 1];
};

struct model_flags {
    uint32_t value, later;
    bool setting;
};

struct model_pool {
    unsigned room, fresh;       /* blocks from `fresh` on were never allocated */
    unsigned free_count;        /* of those that were freed: */
    uint8_t free[PROGRAM_ROOM]; /* last in, first out */
};

struct model_timer {
    bool running;
    uint32_t deadline, period;
    long timeout_number;
};

struct model_stream {
    unsigned size, count;
    uint8_t bytes[32]; /* in order */
    bool is_closed, is_device, tells_room, has_listener;
    uint8_t asked, told, lost;
};

struct model_async {
    bool started, ended;
    bool cancelled, cancelled_now, closed;
    bool ready;
    long turn; /* the least goes first */
    int result;
};

struct model_expected {
    enum kiln_trace_event event;
    unsigned object;
    uint32_t value;
};

struct model_state {
    uint32_t now;
    unsigned current, locked;
    unsigned masked; /* nested */
    bool in_irq;
    long last_number;                         /* every order is an order of numbers */
    long front_turn;                          /* less than every turn */
    struct model_task tasks[PROGRAM_CALLERS]; /* driver and idle task, too; coroutines' waits */
    struct model_call calls[PROGRAM_CALLERS];
    struct model_sem sems[PROGRAM_SEMS];
    struct model_mutex mutexes[PROGRAM_MUTEXES];
    struct model_queue queues[PROGRAM_QUEUES];
    struct model_flags flags[PROGRAM_FLAGS];
    struct model_pool pools[PROGRAM_POOLS];
    struct model_timer timers[PROGRAM_TIMERS];
    struct model_stream streams[PROGRAM_STREAMS];
    struct model_async asyncs[PROGRAM_ASYNCS];
    unsigned runner;    /* the executor's task, or NOBODY */
    unsigned running;   /* the coroutine whose body is called, or NOBODY */
    unsigned finishing; /* the coroutine that ends */
    bool in_body;       /* it has the turn; not after its await began to wait */
    bool leaving;       /* it has returned for good */
    bool waker_woken;
    struct model_expected expected[EVENTS_MAX];
    unsigned expected_first, expected_count;
    uint32_t irq_wake_ticks[2]; /* of interrupts and callbacks */
    unsigned callback;          /* the timer whose callback is due, or NOBODY */
};
extern struct model_state model;

/* ---- Scheduler, waits, timeouts (model.c) ------------------------------------------------------
 */

/* The kernel must show this event next, behind those expected already. */
void expect(enum kiln_trace_event event, unsigned object, uint32_t value);

bool is_ready(const struct model_task *task);

/* Makes a task the last ready one of its priority. */
void to_back(unsigned task);

/* Brings every priority to what base priorities and waiters make it. */
void settle_priorities(void);

/* The call cannot go on now: its task waits, or what it returns says why not. */
void wait_for(struct model_call *call, enum kiln_wait waits, unsigned object, kiln_ticks_t ticks);

/* Among waiters of one object. */
bool comes_before(const struct model_task *a, const struct model_task *b);

/* The task or coroutine that waits for an object longest among the most urgent, or NOBODY. */
unsigned first_waiter(enum kiln_wait waits, unsigned object);

/* Ends the wait of a task or a coroutine. */
void wake(unsigned task, int result);

/* A task leaves its wait without being woken. */
void leave_wait(unsigned task);

/* A number greater than all before. */
long next_number(void);

/* Ticks of a timeout to a deadline. */
void start_timer(unsigned timer, uint32_t ticks);

/* ---- Calls: each sets the outcome, or waits, or leaves more steps to do -------------------------
 */

void begin_object_call(struct model_call *call); /* objects.c: semaphore to timer */
void call_flags(struct model_call *call);        /* flags.c */
void begin_task_call(struct model_call *call);   /* tasks.c */
void begin_tick(struct model_call *call);
void call_misuse(struct model_call *call); /* misuse.c */

void call_stream(struct model_call *call); /* streams.c */
void call_async(struct model_call *call);  /* asyncs.c: coroutines, executor, waker */

/* Any of these but an await. */
void begin_call(struct model_call *call);

/* What of a call follows in steps of their own; the first one now. */
void more_steps(struct model_call *call, bool (*more)(struct model_call *call));

/* ---- Coroutines (asyncs.c) --------------------------------------------------------------------
 */

/* A coroutine's call. */
void begin_await(struct model_call *call);

/* True when the coroutine that makes the call has been cancelled: its await is over. */
bool await_is_cancelled(struct model_call *call);

/* It can go on, when it is its turn. */
void make_ready(unsigned index);

/* The running coroutine's body returns. */
void leave_body(void);

/* Whose section it is that the running task opens: its own call's, or its coroutine's. */
struct model_call *active_call(void);

/* What a call at a stream comes to (streams.c). */
void end_transfer(struct model_call *call, int result);

/* Ticks until the next timeout ends, or KILN_FOREVER. */
uint32_t ticks_to_next_end(void);

/* Passes a mutex on to its first waiter. */
void pass_on(struct model_mutex *mutex);

/* Ends a scheduler lock; a kill that waited for that goes on as further steps of this call. True
 * when it does. */
bool unlock_scheduler(struct model_call *call);

#endif
