/* The explorer: which schedules are tried.
 *
 *   exhaustive  one interrupt of each source at each instrumented block
 *   pairs       two interrupts, the second at most --within blocks after the first
 *   random      up to --interrupts of them, anywhere
 *   pct         probabilistic concurrency testing (S. Burckhardt, P. Kothari, M. Musuvathi,
 *               S. Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees of Finding
 *               Bugs", ASPLOS 2010): finds a defect of depth d with a probability of at least
 *               1 / (n k^(d-1)) in each run, with n threads and k steps
 */
#include <inttypes.h>
#include <string.h>

#include "explorer.h"

/* ---- Random numbers ----------------------------------------------------------------------- */

static uint64_t random_state;

/* splitmix64 */
static uint64_t random_next(void)
{
    random_state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = random_state;
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static uint64_t random_below(uint64_t limit)
{
    return random_next() % limit;
}

/* Each run has numbers of its own, so that one can be repeated without those before it. */
static void random_start(uint64_t run)
{
    random_state = explorer->options.seed;
    random_state = random_next() ^ run;
}

/* ---- What there is to choose from --------------------------------------------------------- */

bool schedule_add(struct schedule *schedule, uint64_t block, unsigned source)
{
    unsigned place = schedule->count;
    if (place == SCHEDULE_MAX) {
        return false;
    }
    for (; place > 0 && schedule->at[place - 1].block > block; place--) {
        schedule->at[place] = schedule->at[place - 1];
    }
    schedule->at[place] = (struct interrupt){block, source};
    schedule->count++;
    return true;
}

/* The tick, and the lines that had a handler in the run without interrupts. */
static unsigned list_sources(unsigned sources[EXPLORE_SOURCES])
{
    unsigned count = 0;
    sources[count++] = EXPLORE_TICK;
    for (unsigned line = 0; line < POSIX_LINES; line++) {
        if (explorer->baseline.lines >> line & 1U) {
            sources[count++] = 1 + line;
        }
    }
    return count;
}

static uint64_t baseline_blocks(void)
{
    return explorer->baseline.last_block - explorer->baseline.first_block + 1;
}

static bool is_enough(uint64_t runs, uint64_t otherwise)
{
    uint64_t limit = explorer->options.runs_max != 0 ? explorer->options.runs_max : otherwise;
    return runs >= limit;
}

/* Every few seconds, how far a long exploration has got. */
static void show_progress(void)
{
    time_t now = time(NULL);
    if (explorer->shown_at == 0) {
        explorer->shown_at = now;
    }
    if (now - explorer->shown_at >= 10) {
        explorer->shown_at = now;
        (void)fprintf(explorer->out, "... %" PRIu64 " runs\n", explorer->runs);
        (void)fflush(explorer->out);
    }
}

bool try_schedule(const struct schedule *schedule)
{
    struct outcome outcome;
    explorer->runs++;
    if (explorer->runs % 1024 == 0) {
        show_progress();
    }
    run_once(schedule, &outcome);
    if (outcome.end != RUN_FAILED) {
        return false;
    }
    explorer->failing = *schedule;
    explorer->failure = outcome;
    return true;
}

/* ---- Exhaustive, and pairs ---------------------------------------------------------------- */

/* Tries each source at one block, behind `base`. */
static bool try_sources(const struct schedule *base, uint64_t block)
{
    unsigned sources[EXPLORE_SOURCES], count = list_sources(sources);
    for (unsigned i = 0; i < count; i++) {
        struct schedule schedule = *base;
        (void)schedule_add(&schedule, block, sources[i]);
        if (try_schedule(&schedule)) {
            return true;
        }
    }
    return false;
}

bool strategy_exhaustive(void)
{
    const struct schedule none = {0};
    uint64_t start = explorer->runs;
    for (uint64_t offset = 1; offset < baseline_blocks(); offset++) {
        if (is_enough(explorer->runs - start, UINT64_MAX)) {
            return false;
        }
        if (try_sources(&none, explorer->baseline.first_block + offset)) {
            return true;
        }
    }
    return false;
}

/* Runs a schedule, and notes which blocks of the run are in a masked section. */
static bool try_and_note(const struct schedule *schedule, uint8_t *places, struct outcome *outcome)
{
    memset(places, 1, explorer->options.blocks_max);
    explorer->places = places;
    bool failed = try_schedule(schedule);
    explorer->places = NULL;
    *outcome = explorer->outcome;
    return failed;
}

/* An interrupt in a masked section comes at its end: one of its blocks stands for all. */
static bool is_place(const uint8_t *places, uint64_t offset)
{
    return !places[offset] || !places[offset - 1];
}

/* The second interrupt, at each place that the first one leaves. */
static bool try_seconds(const struct schedule *first, uint8_t *places)
{
    struct outcome outcome;
    uint64_t start = explorer->baseline.first_block, at = first->at[0].block;
    if (try_and_note(first, places, &outcome)) {
        return true;
    }
    for (uint64_t block = at; block <= at + explorer->options.within && block <= outcome.last_block;
         block++) {
        if ((block == at || is_place(places, block - start)) && try_sources(first, block)) {
            return true;
        }
    }
    return false;
}

static bool try_pairs(const uint8_t *places, uint8_t *places_then)
{
    unsigned sources[EXPLORE_SOURCES], count = list_sources(sources);
    uint64_t start = explorer->runs;
    for (uint64_t offset = 1; offset < baseline_blocks(); offset++) {
        for (unsigned i = 0; i < count && is_place(places, offset); i++) {
            struct schedule first = {0};
            (void)schedule_add(&first, explorer->baseline.first_block + offset, sources[i]);
            if (is_enough(explorer->runs - start, UINT64_MAX)) {
                return false;
            }
            if (try_seconds(&first, places_then)) {
                return true;
            }
        }
    }
    return false;
}

bool strategy_pairs(void)
{
    const struct schedule none = {0};
    struct outcome outcome;
    uint8_t *places = explorer->place_notes[0], *places_then = explorer->place_notes[1];
    return try_and_note(&none, places, &outcome) || try_pairs(places, places_then);
}

/* ---- Random ------------------------------------------------------------------------------- */

/* Runs without a limit of their own. */
#define RANDOM_RUNS 10000U

/* Interrupts make a run longer: by how much, nobody knows. */
static uint64_t random_block(void)
{
    uint64_t blocks = baseline_blocks();
    return explorer->baseline.first_block + 1 + random_below(blocks + blocks / 4);
}

bool strategy_random(void)
{
    unsigned sources[EXPLORE_SOURCES], count = list_sources(sources);
    for (uint64_t run = 0; !is_enough(run, RANDOM_RUNS); run++) {
        struct schedule schedule = {0};
        random_start(run);
        for (uint64_t left = 1 + random_below(explorer->options.interrupts); left > 0; left--) {
            (void)schedule_add(&schedule, random_block(), sources[random_below(count)]);
        }
        if (try_schedule(&schedule)) {
            return true;
        }
    }
    return false;
}

/* ---- PCT ---------------------------------------------------------------------------------- */

/* The program is one thread, and each source of interrupts is one, of a few steps. */
#define PROGRAM 0U

struct thread {
    unsigned source; /* of all but the program */
    uint64_t left;   /* steps */
    uint64_t prio;
};

/* The thread that is about to make this step gets the priority `prio`, below all that others began
 * with. */
struct change {
    uint64_t step;
    uint64_t prio;
};

struct pct {
    struct thread threads[EXPLORE_SOURCES + 1];
    unsigned thread_count;
    struct change changes[SCHEDULE_MAX]; /* by step */
    unsigned change_count, change_next;
};

/* How often a source raises when the scenario does not say. */
static uint64_t steps_of(unsigned source)
{
    return explorer->declared[source] != 0 ? explorer->declared[source]
                                           : explorer->options.interrupts;
}

/* In random order, from prio `least` up. */
static void draw_priorities(struct pct *pct, uint64_t least)
{
    for (unsigned i = 0; i < pct->thread_count; i++) {
        unsigned other = (unsigned)random_below(i + 1);
        pct->threads[i].prio = pct->threads[other].prio;
        pct->threads[other].prio = least + i;
    }
}

static void draw_changes(struct pct *pct, uint64_t steps)
{
    pct->change_next = 0;
    for (unsigned i = 0; i < pct->change_count; i++) {
        struct change change = {1 + random_below(steps), i};
        unsigned place = i;
        for (; place > 0 && pct->changes[place - 1].step > change.step; place--) {
            pct->changes[place] = pct->changes[place - 1];
        }
        pct->changes[place] = change;
    }
}

static void draw(struct pct *pct, unsigned depth)
{
    unsigned sources[EXPLORE_SOURCES], count = list_sources(sources);
    uint64_t steps = baseline_blocks();
    pct->thread_count = 1 + count;
    pct->threads[PROGRAM] = (struct thread){.left = UINT64_MAX};
    for (unsigned i = 0; i < count; i++) {
        pct->threads[1 + i] = (struct thread){sources[i], steps_of(sources[i]), 0};
        steps += steps_of(sources[i]);
    }
    pct->change_count = depth - 1;
    draw_priorities(pct, depth);
    draw_changes(pct, steps);
}

static struct thread *most_urgent(struct pct *pct)
{
    struct thread *most = &pct->threads[PROGRAM];
    for (unsigned i = 1; i < pct->thread_count; i++) {
        struct thread *thread = &pct->threads[i];
        most = thread->left != 0 && thread->prio > most->prio ? thread : most;
    }
    return most;
}

/* The step that a thread is about to make is one at which its priority changes. */
static bool change_now(struct pct *pct, struct thread *thread, uint64_t step)
{
    if (pct->change_next == pct->change_count || pct->changes[pct->change_next].step != step + 1) {
        return false;
    }
    thread->prio = pct->changes[pct->change_next++].prio;
    return true;
}

/* Plays the threads' turns: the steps of a source in between those of the program. Two interrupts
 * in a row come at successive blocks, so that the second does not merge with the first. */
static void play(struct pct *pct, struct schedule *schedule)
{
    uint64_t block = explorer->baseline.first_block + 1, step = 0, steps;
    for (;;) {
        struct thread *thread = most_urgent(pct);
        if (change_now(pct, thread, step)) {
            continue;
        }
        if (thread != &pct->threads[PROGRAM]) {
            steps = 1;
            thread->left--;
            if (!schedule_add(schedule, block, thread->source)) {
                return;
            }
        } else if (pct->change_next < pct->change_count) {
            steps = pct->changes[pct->change_next].step - 1 - step;
        } else {
            return;
        }
        block += steps;
        step += steps;
    }
}

bool strategy_pct(void)
{
    struct pct pct;
    for (uint64_t run = 0; !is_enough(run, RANDOM_RUNS); run++) {
        struct schedule schedule = {0};
        random_start(run);
        draw(&pct, 2 + (unsigned)(run % explorer->options.interrupts));
        play(&pct, &schedule);
        if (try_schedule(&schedule)) {
            return true;
        }
    }
    return false;
}
