/* The explorer: its flags, and the way through the strategies. See explorer.h. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "explorer.h"
#include "tape.h"

struct explorer *explorer;

static const struct strategy {
    const char *name;
    bool (*run)(void);
} strategies[] = {
    {"exhaustive", strategy_exhaustive},
    {"pairs", strategy_pairs},
    {"random", strategy_random},
    {"pct", strategy_pct},
};
#define STRATEGIES (sizeof(strategies) / sizeof(strategies[0]))

/* ---- Flags -------------------------------------------------------------------------------- */

static struct explore_options options = {.seed = 1,
                                         .interrupts = 3,
                                         .within = 200,
                                         .ticks_max = EXPLORE_TICKS_MAX,
                                         .blocks_max = EXPLORE_BLOCKS_MAX,
                                         .check = CHECK_AT_INTERRUPT};
static void explore_main(int argc, char **argv);

static void refuse_flags(const char *why)
{
    (void)fprintf(stderr, "kiln: %s\n", why);
    exit(2);
}

static void miss_explorer(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    refuse_flags("--seed, --runs, --check and their like go with --explore or --schedule");
}

/* Of a flag that says how to explore. */
static void expect_explorer(void)
{
    if (posix_before_main == NULL) {
        posix_before_main = miss_explorer;
    }
}

static void want_explorer(void)
{
    if (posix_source != NULL && posix_source != &explore_source) {
        refuse_flags("--explore does not go with --record or --replay");
    }
    if (options.strategy != NULL && options.is_given) {
        refuse_flags("--explore does not go with --schedule, which is one run");
    }
    posix_source = &explore_source;
    posix_before_main = explore_main;
}

static void set_explore(const char *value)
{
    bool known = strcmp(value, "all") == 0;
    for (size_t i = 0; i < STRATEGIES; i++) {
        known |= strcmp(value, strategies[i].name) == 0;
    }
    if (!known) {
        posix_reject_option("--explore must be exhaustive, pairs, random, pct or all", value);
    }
    options.strategy = value;
    want_explorer();
}
POSIX_FLAG(explore, "STRATEGY",
           "place ticks and interrupts, run after run:\n"
           "exhaustive, pairs, random, pct, or all of them",
           set_explore);

/* Reads a whole number from `least` to `most`. */
static uint64_t parse_count(const char *flag, const char *value, uint64_t least, uint64_t most)
{
    char what[100];
    size_t digits = strspn(value, "0123456789");
    uint64_t number = digits <= 18 ? strtoull(value, NULL, 10) : UINT64_MAX;
    expect_explorer();
    if (digits == 0 || value[digits] != '\0' || number < least || number > most) {
        (void)snprintf(what, sizeof(what),
                       "--%s must be a whole number from %" PRIu64 " to %" PRIu64, flag, least,
                       most);
        posix_reject_option(what, value);
    }
    return number;
}

static void set_seed(const char *value)
{
    options.seed = parse_count("seed", value, 0, UINT64_C(999999999999999999));
}
POSIX_FLAG(seed, "N", "of random and pct (default 1)", set_seed);

static void set_runs(const char *value)
{
    options.runs_max = parse_count("runs", value, 1, UINT64_C(1000000000000));
}
POSIX_FLAG(runs, "N", "most runs (default: 10000 of random and pct)", set_runs);

static void set_interrupts(const char *value)
{
    options.interrupts = (unsigned)parse_count("interrupts", value, 1, SCHEDULE_MAX / 2);
}
POSIX_FLAG(interrupts, "N", "most of them in a run of random and pct (default 3)", set_interrupts);

static void set_within(const char *value)
{
    options.within = parse_count("within", value, 1, 1000000);
}
POSIX_FLAG(within, "N", "blocks between the two of pairs (default 200)", set_within);

static void set_ticks(const char *value)
{
    options.ticks_max = parse_count("ticks", value, 1, UINT32_MAX);
}
POSIX_FLAG(ticks, "N", "most ticks in an explored run (default 1000)", set_ticks);

static void set_blocks(const char *value)
{
    options.blocks_max = parse_count("blocks", value, 1000, 100000000);
}
POSIX_FLAG(blocks, "N", "most blocks in an explored run (default 1000000)", set_blocks);

static void set_endless(const char *value)
{
    (void)value;
    expect_explorer();
    options.endless = true;
}
POSIX_FLAG(endless, NULL, "explored runs need not end by themselves", set_endless);

static void set_check(const char *value)
{
    static const char *const names[] = {"end", "interrupt", "block"};
    expect_explorer();
    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(value, names[i]) == 0) {
            options.check = (enum check_when)i;
            return;
        }
    }
    posix_reject_option("--check must be end, interrupt or block", value);
}
POSIX_FLAG(check, "WHEN",
           "check the kernel whenever all tasks wait (end),\n"
           "after each interrupt (default), or at each block",
           set_check);

static void set_keep(const char *value)
{
    int file = open(value, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0) {
        posix_reject_option("--keep cannot write to", value);
    }
    (void)close(file);
    expect_explorer();
    options.log_path = value;
}
POSIX_FLAG(keep, "FILE", "write a failure that is found to FILE, for --replay", set_keep);

/* Reads "123:tick" or "456:line7"; returns how far. */
static const char *parse_interrupt(const char *text, struct schedule *schedule)
{
    unsigned long long block;
    unsigned line = 0;
    int length = 0;
    if (*text < '0' || *text > '9') {
        return NULL;
    }
    if (sscanf(text, "%18llu:tick%n", &block, &length) == 1 && length != 0) {
        return schedule_add(schedule, block, EXPLORE_TICK) ? text + length : NULL;
    }
    if (sscanf(text, "%18llu:line%2u%n", &block, &line, &length) != 2 || line >= POSIX_LINES) {
        return NULL;
    }
    return schedule_add(schedule, block, 1 + line) ? text + length : NULL;
}

static void set_schedule(const char *value)
{
    options.is_given = true;
    for (const char *text = value; *text != '\0';) {
        const char *behind = parse_interrupt(text, &options.given);
        if (behind == NULL || (*behind != ',' && *behind != '\0') ||
            (*behind == ',' && behind[1] == '\0')) {
            posix_reject_option("--schedule must be like 123:tick,456:line0, at most 32 of them",
                                text);
        }
        text = behind + (*behind == ',');
    }
    want_explorer();
}
POSIX_FLAG(schedule, "LIST",
           "one run with interrupts at these blocks,\n"
           "like 123:tick,456:line0; empty: with none",
           set_schedule);

/* ---- Exploring ---------------------------------------------------------------------------- */

/* The app's output goes nowhere: a run has no time to print. */
static void mute(void)
{
    FILE *nowhere = fopen("/dev/null", "w");
    int copy = dup(STDOUT_FILENO);
    explorer->out = copy >= 0 ? fdopen(copy, "w") : NULL;
    if (nowhere == NULL || explorer->out == NULL) {
        perror("kiln: --explore");
        exit(1);
    }
    (void)setvbuf(nowhere, NULL, _IOFBF, 65536);
    stdout = nowhere;
    stderr = nowhere;
}

/* A program that calls exit() ends the explorer as well. */
static void on_exit_in_run(void)
{
    if (explorer->running) {
        (void)fprintf(explorer->out, "explore: the app called exit() in a run; it must end by "
                                     "kiln_stop() to be explored\n");
        (void)fflush(explorer->out);
        _exit(2);
    }
}

static void on_death(int signal)
{
    explore_guard.died(signal == SIGABRT ? "aborted" : "made an invalid instruction");
}

/* SIGSEGV and SIGBUS are the port's. The timer is for empty endless loops. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_death, .sa_flags = SA_NODEFER | SA_ONSTACK};
    struct itimerval every = {{0, 20000}, {0, 20000}};
    (void)sigaction(SIGABRT, &action, NULL);
    (void)sigaction(SIGFPE, &action, NULL);
    (void)sigaction(SIGILL, &action, NULL);
    (void)signal(SIGALRM, SIG_IGN);
    (void)setitimer(ITIMER_REAL, &every, NULL);
    (void)atexit(on_exit_in_run);
}

#if defined(__SANITIZE_ADDRESS__) || defined(SIM_TSAN)
/* They keep notes of the memory that is put back for every run. */
static void refuse_sanitisers(void)
{
    (void)fprintf(stderr, "kiln: --explore: not in a program built with a sanitizer\n");
    exit(2);
}
#else
static void refuse_sanitisers(void)
{
}
#endif

/* Outside of the image's memory, which is put back for every run. */
static void *outside_memory(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        perror("kiln: --explore");
        exit(1);
    }
    return memory;
}

/* --until bounds each run, and does not end the process. */
static void take_over_bounds(void)
{
    if (posix_options.until_ticks != UINT64_MAX) {
        explorer->options.ticks_max = posix_options.until_ticks;
    }
    posix_options.until_ticks = UINT64_MAX;
    posix_options.until_block = UINT64_MAX;
}

static void prepare(int argc, char **argv)
{
    refuse_sanitisers();
    tape_require_blocks("--explore");
    if (posix_faults != NULL) {
        refuse_flags("--faults does not go with --explore or --schedule");
    }
    explorer = (struct explorer *)outside_memory(sizeof(*explorer));
    explorer->options = options;
    explorer->argc = argc;
    explorer->argv = argv;
    explorer->out = stdout;
    explorer->place_notes[0] = (uint8_t *)outside_memory(explorer->options.blocks_max);
    explorer->place_notes[1] = (uint8_t *)outside_memory(explorer->options.blocks_max);
    take_over_bounds();
    posix_guard = &explore_guard;
    posix_lines_nest = true;
    catch_signals();
    if (!explorer->options.is_given) {
        mute();
    }
    run_prepare();
}

static double seconds_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void finish(int status)
{
    (void)fflush(explorer->out);
    posix_guard = NULL;
    exit(status);
}

/* A schedule for other code may name a block that is never reached, or a line without a handler. */
static void check_placed(uint32_t connected)
{
    unsigned placed = 0;
    for (unsigned i = 0; i < explorer->inputs_n; i++) {
        const struct input *input = &explorer->inputs[i];
        placed += input->scheduled && (input->record.lines & ~connected) == 0;
    }
    if (placed < explorer->options.given.count) {
        (void)fprintf(explorer->out,
                      "explore: only %u of the schedule's %u interrupts could be placed: it is "
                      "of other code\n",
                      placed, explorer->options.given.count);
        finish(2);
    }
}

/* --schedule: nothing is tried, one run is repeated. */
static void repeat(void)
{
    struct outcome outcome;
    explorer->must_end = !options.endless;
    run_watched(&explorer->options.given, &outcome);
    if (outcome.end == RUN_FAILED) {
        report_failure(&explorer->options.given, &outcome);
    } else {
        (void)fprintf(explorer->out, "explore: no failure; %s at block %" PRIu64 "\n",
                      outcome.end == RUN_BOUND ? "still ran" : "ended", outcome.last_block);
        check_placed(outcome.lines);
    }
    finish(outcome.end == RUN_FAILED);
}

static void report_found(const char *name, uint64_t runs)
{
    struct schedule least = explorer->failing;
    struct outcome again;
    uint64_t tried = shrink(&least, &explorer->failure);
    (void)fprintf(explorer->out,
                  "%s: failure in run %" PRIu64 ", with %u interrupts; shrunk to %u in %" PRIu64
                  " more runs\n",
                  name, runs, explorer->failing.count, least.count, tried);
    run_watched(&least, &again);
    if (again.end != RUN_FAILED || strcmp(again.text, explorer->failure.text) != 0) {
        (void)fprintf(explorer->out,
                      "explore: it does not fail when repeated: something outside of "
                      "the image's memory has a say in it\n");
        finish(2);
    }
    report_failure(&least, &again);
}

/* Returns true when a failure was found. */
static bool explore(const struct strategy *strategy)
{
    double started = seconds_now();
    uint64_t runs_before = explorer->runs;
    bool found = strategy->run();
    double seconds = seconds_now() - started;
    uint64_t runs = explorer->runs - runs_before;
    if (found) {
        report_found(strategy->name, runs);
        return true;
    }
    (void)fprintf(explorer->out, "%s: %" PRIu64 " runs, no failure; %.2f s, %.0f runs a second\n",
                  strategy->name, runs, seconds, (double)runs / seconds);
    (void)fflush(explorer->out);
    return false;
}

/* The run without interrupts, twice: what comes later is measured by it. */
static void run_baseline(void)
{
    const struct schedule none = {0};
    struct outcome again;
    explorer->must_end = false;
    run_watched(&none, &explorer->baseline);
    if (explorer->baseline.end == RUN_FAILED) {
        (void)fprintf(explorer->out, "explore: failure without any interrupt\n");
        report_failure(&none, &explorer->baseline);
        finish(1);
    }
    run_once(&none, &again);
    if (again.last_block != explorer->baseline.last_block) {
        (void)fprintf(explorer->out, "explore: two runs without interrupts differ: something "
                                     "outside of the image's memory has a say in it\n");
        finish(2);
    }
    explorer->must_end = explorer->baseline.end == RUN_ENDED && !options.endless;
}

static void explore_main(int argc, char **argv)
{
    bool found = false;
    prepare(argc, argv);
    if (explorer->options.is_given) {
        repeat();
    }
    run_baseline();
    (void)fprintf(explorer->out,
                  "explore: %" PRIu64 " blocks without interrupts, %d lines, seed %" PRIu64 "\n",
                  explorer->baseline.last_block - explorer->baseline.first_block,
                  __builtin_popcount(explorer->baseline.lines), explorer->options.seed);
    for (size_t i = 0; i < STRATEGIES && !found; i++) {
        if (strcmp(explorer->options.strategy, "all") == 0 ||
            strcmp(explorer->options.strategy, strategies[i].name) == 0) {
            found = explore(&strategies[i]);
        }
    }
    finish(found);
}
