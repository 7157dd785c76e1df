/* The explorer, inside: --explore places ticks and interrupts, run after run in one process.
 *
 *   explore.c           flags, and the way through the strategies
 *   explore_run.c       one run: memory put back, main() called, interrupts posted, its end noted
 *   explore_check.c     what must hold while a run goes on, and at its end
 *   explore_scenario.c  what scenarios call (explore.h)
 *   explore_strategy.c  which schedules are tried
 *   explore_shrink.c    the least schedule that fails in the same way
 *   explore_report.c    a schedule, readable, and as a log for --replay
 *
 * All that outlives a run is in one structure outside of the image's memory.
 */
#ifndef SIM_EXPLORER_H
#define SIM_EXPLORER_H

#include <setjmp.h>

#include <time.h>

#include "explore.h"
#include "log.h"
#include "posix.h"

/* ---- Schedules ---------------------------------------------------------------------------- */

/* Where an interrupt comes from: the tick, or 1 + line. */
#define EXPLORE_TICK    0U
#define EXPLORE_SOURCES (POSIX_LINES + 1U)

struct interrupt {
    uint64_t block; /* comes when this instrumented block is entered */
    unsigned source;
};

#define SCHEDULE_MAX 32U

struct schedule {
    unsigned count;
    struct interrupt at[SCHEDULE_MAX]; /* in order of blocks */
};

/* Puts one more in its place; false when there is no room. */
bool schedule_add(struct schedule *schedule, uint64_t block, unsigned source);

void schedule_print(FILE *out, const struct schedule *schedule);

/* ---- Runs --------------------------------------------------------------------------------- */

enum run_end {
    RUN_ENDED,  /* by itself */
    RUN_BOUND,  /* it was long enough */
    RUN_FAILED, /* see `text` */
};

#define OUTCOME_TEXT 200

struct outcome {
    enum run_end end;
    uint64_t first_block; /* when kiln_start() began */
    uint64_t last_block;
    uint64_t ticks;
    uint32_t lines; /* that have handlers */
    char task[LOG_TASK_MAX];
    char text[OUTCOME_TEXT];
};

/* An input, as it came. */
#define INPUT_FRAMES 16U
struct input {
    struct log_record record;
    bool scheduled;
    bool deferred; /* masked, or in an interrupt: comes as soon as it can */
    char task[LOG_TASK_MAX];
    uintptr_t frames[INPUT_FRAMES]; /* return addresses, innermost first; 0 ends them */
};

#define INPUTS_MAX 256U

enum check_when { CHECK_AT_END, CHECK_AT_INTERRUPT, CHECK_AT_BLOCK };

/* Bounds of a run, unless flags say otherwise. */
#define EXPLORE_TICKS_MAX  1000U
#define EXPLORE_BLOCKS_MAX 1000000U

struct explore_options {
    const char *strategy;
    const char *log_path;
    uint64_t seed;
    uint64_t runs_max;   /* 0: as the strategy likes */
    unsigned interrupts; /* most interrupts in a run; the depth of PCT is one more */
    uint64_t within;     /* blocks between the two of a pair */
    uint64_t ticks_max;  /* of a run */
    uint64_t blocks_max; /* of a run */
    enum check_when check;
    bool endless; /* runs need not end by themselves */
    bool is_given;
    struct schedule given; /* for one run */
};

struct explorer {
    struct explore_options options;

    /* For all runs. */
    int argc;
    char **argv;
    FILE *out;       /* standard output; the app's own is muted */
    time_t shown_at; /* when progress was last shown; 0: never */
    uint64_t runs;
    uint64_t shrinking;      /* runs to shrink a schedule */
    uint8_t *place_notes[2]; /* of blocks_max bytes */
    struct outcome baseline; /* of the run without interrupts */
    struct schedule failing; /* the first that failed, and how */
    struct outcome failure;
    bool must_end;                      /* that one ended by itself, so that all others have to */
    uint32_t declared[EXPLORE_SOURCES]; /* times that each source raises; 0: any number */

    /* The run under way. */
    const struct schedule *schedule;
    unsigned next; /* of the schedule */
    struct outcome outcome;
    sigjmp_buf escape;
    bool running;
    uint8_t *places;   /* not NULL: gets 1 for each masked block, 0 for others */
    bool check_soon;   /* an interrupt was handled, and the switch that it asked for is made */
    bool watching;     /* keep what comes in `inputs` */
    unsigned inputs_n; /* INPUTS_MAX at most are kept */
    struct input inputs[INPUTS_MAX];
    char words[OUTCOME_TEXT]; /* last words of a panic */
};

/* NULL without --explore. */
extern struct explorer *explorer;

/* Keeps the image's memory as it is, for every run to start from. */
void run_prepare(void);

/* Runs the app once under a schedule; and keeps what comes meanwhile in `inputs`. */
void run_once(const struct schedule *schedule, struct outcome *outcome);
void run_watched(const struct schedule *schedule, struct outcome *outcome);

/* What the runs have in place of the clock, and of the end of the process. */
extern const struct posix_source explore_source;
extern const struct posix_guard explore_guard;

/* End the run under way. Any context. */
void run_end(enum run_end end) __attribute__((noreturn));
void run_fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* ---- Checks ------------------------------------------------------------------------------- */

/* Fails the run when the kernel's invariants do not hold; masked or in an interrupt, with no
 * switch due. */
void check_kernel(void);

/* All tasks wait: nobody waits for what is there already, no deadline has passed. */
void check_idle(void);

/* Nothing is to come any more: fails the run when somebody but a server waits. */
void check_deadlock(void);

/* The run is over: all that was taken was given back. */
void check_leaks(void);

/* A line that a scenario still owes; 0: none. */
uint32_t scenario_line_due(void);
/* A line is about to be raised; false when it has been as often as it may. */
bool scenario_raise(unsigned line);
bool scenario_is_server(const struct kiln_task *task);
void scenario_check_deadlines(void);

/* ---- Strategies, and what they find --------------------------------------------------------- */

/* Each tries schedules until one fails; returns true then. */
bool strategy_exhaustive(void);
bool strategy_pairs(void);
bool strategy_random(void);
bool strategy_pct(void);

/* Runs a schedule as one of a strategy's; true when it fails. */
bool try_schedule(const struct schedule *schedule);

/* Makes of a schedule the least one with the same failure. Returns how many runs it took. */
uint64_t shrink(struct schedule *schedule, struct outcome *outcome);

/* Prints where each interrupt of the last run came, which was watched, how it ended, and the
 * command that repeats it. */
void report_failure(const struct schedule *schedule, const struct outcome *outcome);

/* Writes a log for --replay of what came in the last run that was watched. */
void explore_write_log(const char *path);

#endif
