/* Priority inversion: a task waits for a less urgent one, and for how long?
 *
 * `low` takes a lock and works under it. `high` needs the same lock, so it has to wait until `low`
 * is done: that is fair. Then `medium` comes, which does not need the lock, but is more urgent than
 * `low`, and computes as long as it likes. With a semaphore as the lock, `low` does not get the
 * processor back before `medium` is done, so `high`, the most urgent of all, waits for `medium`,
 * too: without bound. With a mutex, `low` inherits the priority of `high` while it holds the lock;
 * `medium` has to wait, and the wait of `high` is never longer than the work of `low` under the
 * lock.
 *
 * `low` itself starts the others at fixed points of its work, so the order of events does not
 * depend on the speed of the machine. Work is counted in ticks that a task saw pass. The state
 * below is written by one task at a time: those of a round, in turn; then the referee. What `high`
 * reads of `medium` while that one works is atomic. */
#include <string.h>

#include "kiln/kiln.h"

/* Ticks of work. */
#define LOW_BEFORE_HIGH   3
#define LOW_BEFORE_MEDIUM 3
#define LOW_AT_THE_END    6
#define HIGH_WORK         4

#define PRIO_LOW     1
#define PRIO_MEDIUM  2
#define PRIO_HIGH    3
#define PRIO_REFEREE 4

/* What a preemption takes, and what work or kiln_printf() takes. */
#define ACTOR_STACK   (PORT_STACK_MIN + 256)
#define REFEREE_STACK (PORT_STACK_MIN + 576)

enum lock_kind { SEMAPHORE, MUTEX };

/* One character a tick: '=' works, '#' works with the lock, '.' waits for it. */
#define TIMELINE_TICKS 64

struct actor {
    struct kiln_task task;
    char timeline[TIMELINE_TICKS + 1];
    unsigned worked_ticks; /* atomic */
};

static struct {
    enum lock_kind kind;
    kiln_ticks_t start_ticks;
    unsigned medium_work_ticks;
    /* measured */
    unsigned blocked_ticks;        /* from when `high` wants the lock until it has it */
    unsigned medium_between_ticks; /* work of `medium` in that time */
    unsigned low_prio;             /* of `low`, when it is about to unlock */
} game;

static struct actor low, medium, high;

KILN_STACK_DEFINE(low_stack, ACTOR_STACK);
KILN_STACK_DEFINE(medium_stack, ACTOR_STACK);
KILN_STACK_DEFINE(high_stack, ACTOR_STACK);

/* ---- The lock, of either kind -------------------------------------------------------------- */

KILN_SEM_DEFINE(lock_semaphore, 1, 1);
KILN_MUTEX_DEFINE(lock_mutex, KILN_MUTEX_PLAIN);

static void lock(void)
{
    if (game.kind == MUTEX) {
        (void)kiln_mutex_lock(&lock_mutex, KILN_FOREVER);
    } else {
        (void)kiln_sem_take(&lock_semaphore, KILN_FOREVER);
    }
}

static void unlock(void)
{
    if (game.kind == MUTEX) {
        (void)kiln_mutex_unlock(&lock_mutex);
    } else {
        (void)kiln_sem_give(&lock_semaphore);
    }
}

/* ---- The actors ---------------------------------------------------------------------------- */

static void mark(struct actor *actor, kiln_ticks_t from_ticks, kiln_ticks_t to_ticks, char sign)
{
    kiln_ticks_t end = to_ticks - game.start_ticks;
    for (kiln_ticks_t at = from_ticks - game.start_ticks; at < end && at < TIMELINE_TICKS; at++) {
        actor->timeline[at] = sign;
    }
}

/* Computes until it has seen `ticks` ticks pass. Those that pass while another task runs count
 * as one: the one at which this task was stopped. */
static void work(struct actor *actor, unsigned ticks, char sign)
{
    kiln_ticks_t seen_ticks = kiln_ticks();
    while (ticks > 0) {
        kiln_ticks_t now_ticks = kiln_ticks();
        if (now_ticks != seen_ticks) {
            mark(actor, seen_ticks, seen_ticks + 1, sign);
            seen_ticks = now_ticks;
            __atomic_store_n(&actor->worked_ticks, actor->worked_ticks + 1U, __ATOMIC_RELAXED);
            ticks--;
        }
    }
}

static unsigned worked_by(const struct actor *actor)
{
    return __atomic_load_n(&actor->worked_ticks, __ATOMIC_RELAXED);
}

static int high_entry(void *arg)
{
    (void)arg;
    kiln_ticks_t before_ticks = kiln_ticks();
    unsigned medium_before_ticks = worked_by(&medium);
    lock();
    game.blocked_ticks = (unsigned)(kiln_ticks() - before_ticks);
    game.medium_between_ticks = worked_by(&medium) - medium_before_ticks;
    mark(&high, before_ticks, kiln_ticks(), '.');
    work(&high, HIGH_WORK, '#');
    unlock();
    return 0;
}

static int medium_entry(void *arg)
{
    (void)arg;
    work(&medium, game.medium_work_ticks, '=');
    return 0;
}

static int low_entry(void *arg)
{
    (void)arg;
    lock();
    work(&low, LOW_BEFORE_HIGH, '#');
    (void)kiln_task_start(&high.task);
    work(&low, LOW_BEFORE_MEDIUM, '#');
    (void)kiln_task_start(&medium.task);
    work(&low, LOW_AT_THE_END, '#');
    game.low_prio = kiln_task_priority(&low.task);
    unlock();
    return 0;
}

static const struct kiln_task_def low_def = {.entry = low_entry,
                                             .stack = low_stack,
                                             .stack_bytes = sizeof(low_stack),
                                             .name = "low",
                                             .priority = PRIO_LOW};
static const struct kiln_task_def medium_def = {.entry = medium_entry,
                                                .stack = medium_stack,
                                                .stack_bytes = sizeof(medium_stack),
                                                .name = "medium",
                                                .priority = PRIO_MEDIUM};
static const struct kiln_task_def high_def = {.entry = high_entry,
                                              .stack = high_stack,
                                              .stack_bytes = sizeof(high_stack),
                                              .name = "high",
                                              .priority = PRIO_HIGH};

/* ---- The referee ---------------------------------------------------------------------------- */

static void prepare(struct actor *actor, const struct kiln_task_def *def)
{
    memset(actor->timeline, ' ', TIMELINE_TICKS);
    actor->worked_ticks = 0;
    (void)kiln_task_init(&actor->task, def);
}

/* Printing has taken its time: the round starts with a fresh tick. */
static void play(enum lock_kind kind, unsigned medium_work_ticks)
{
    game.kind = kind;
    game.medium_work_ticks = medium_work_ticks;
    prepare(&low, &low_def);
    prepare(&medium, &medium_def);
    prepare(&high, &high_def);
    (void)kiln_task_sleep(1);
    game.start_ticks = kiln_ticks();
    (void)kiln_task_start(&low.task);
    (void)kiln_task_join(&high.task, NULL, KILN_FOREVER);
    (void)kiln_task_join(&medium.task, NULL, KILN_FOREVER);
    (void)kiln_task_join(&low.task, NULL, KILN_FOREVER);
}

/* The inversion must show without inheritance, and must not show with it. */
static bool is_as_expected(void)
{
    if (game.kind == MUTEX) {
        return game.medium_between_ticks == 0 && game.low_prio == PRIO_HIGH;
    }
    return game.medium_between_ticks == game.medium_work_ticks && game.low_prio == PRIO_LOW;
}

static void draw_timelines(void)
{
    kiln_printf("    high    |%s\n", high.timeline);
    kiln_printf("    medium  |%s\n", medium.timeline);
    kiln_printf("    low     |%s\n", low.timeline);
}

static bool show(enum lock_kind kind, unsigned medium_work_ticks, const char *title)
{
    play(kind, medium_work_ticks);
    kiln_printf("  %s\n", title);
    draw_timelines();
    kiln_printf("    high waited %u ticks; low worked with priority %u at the end\n\n",
                game.blocked_ticks, game.low_prio);
    return is_as_expected();
}

static bool compare(unsigned medium_work_ticks)
{
    play(SEMAPHORE, medium_work_ticks);
    unsigned with_semaphore_ticks = game.blocked_ticks;
    bool right = is_as_expected();
    play(MUTEX, medium_work_ticks);
    right = is_as_expected() && right;
    kiln_printf("  %12u   %20u   %16u\n", medium_work_ticks, with_semaphore_ticks,
                game.blocked_ticks);
    return right;
}

static void conclude(bool right)
{
    if (!right) {
        kiln_printf("\nSomething went wrong: inheritance did not do what it should.\n");
        return;
    }
    kiln_printf("\nWithout inheritance the wait grows with the work of medium. With it, the\n");
    kiln_printf("bound is what low does under the lock: %u ticks from when high wants it.\n",
                LOW_BEFORE_MEDIUM + LOW_AT_THE_END);
}

static int judge(void *arg)
{
    (void)arg;
    bool right = show(SEMAPHORE, 20, "The lock is a semaphore: nobody inherits anything.");
    right = show(MUTEX, 20, "The lock is a mutex: low inherits the priority of high.") && right;
    kiln_printf("  The longer medium computes, the longer high waits (ticks)\n");
    kiln_printf("  %12s   %20s   %16s\n", "medium works", "... for a semaphore", "... for a mutex");
    for (unsigned ticks = 10; ticks <= 160; ticks *= 2) {
        right = compare(ticks) && right;
    }
    conclude(right);
    kiln_stop(right ? 0 : 1);
}

KILN_TASK_DEFINE(referee, judge, NULL, PRIO_REFEREE, REFEREE_STACK);

int main(void)
{
    kiln_printf(
        "Priority inversion: high waits for a lock that low holds, while medium computes.\n");
    kiln_printf("One column a tick: # works with the lock, = works without, . waits for it.\n\n");
    return kiln_start();
}
