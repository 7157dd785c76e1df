/* Injected faults: what they do. See faults.h. */
#include "faults.h"

#include <inttypes.h>
#include <stdio.h>

struct faults faults;

static uint32_t again;            /* lines to raise once more, when they have been handled */
static uint64_t due[POSIX_LINES]; /* when a late line is raised; 0: it is not on its way */
static uint64_t ticks_seen;       /* posted ticks that faults have had their say about */
static uint64_t ticks_held_until; /* before this one, the kernel hears of none */
static uint32_t stuck_pins;       /* of all FAULT_STUCK, by their numbers, as the last time */

/* S. Vigna's SplitMix64, https://prng.di.unimi.it/splitmix64.c: one state for each fault, so that
 * none changes what becomes of another. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static bool is_in_time(const struct fault *fault, uint64_t now)
{
    return now >= fault->from && now <= fault->to && !(fault->is_once && fault->hits != 0);
}

/* The fault's chance has come, at tick `now`: does it strike? */
static bool strikes(struct fault *fault, uint64_t now)
{
    if (!is_in_time(fault, now)) {
        return false;
    }
    fault->chances++;
    bool hit = (double)(next_random(&fault->random) >> 11) * 0x1p-53 < fault->chance;
    fault->hits += hit;
    return hit;
}

/* ---- Lines -------------------------------------------------------------------------------- */

/* Returns whether the line gets through at once. */
static bool pass_line(unsigned line, uint64_t now)
{
    bool passes = true;
    for (unsigned i = 0; i < faults.count; i++) {
        struct fault *fault = &faults.fault[i];
        if (fault->target != line || fault->kind > FAULT_LATE || !strikes(fault, now)) {
            continue;
        }
        passes &= fault->kind == FAULT_REPEAT;
        if (fault->kind == FAULT_LATE && due[line] == 0) {
            due[line] = now + fault->delay_ticks;
        } else if (fault->kind == FAULT_REPEAT) {
            again |= UINT32_C(1) << line;
        }
    }
    return passes;
}

static uint32_t raised(uint32_t lines)
{
    uint32_t passed = 0;
    for (uint32_t left = lines; left != 0; left &= left - 1) {
        unsigned line = (unsigned)__builtin_ctz(left);
        if (pass_line(line, posix_posted_ticks())) {
            passed |= UINT32_C(1) << line;
        }
    }
    return passed;
}

/* A pin that gets stuck, or free, changes as if somebody had touched it. */
static uint32_t changed_pins(uint64_t now)
{
    uint32_t lines = 0, stuck = 0;
    for (unsigned i = 0; i < faults.count; i++) {
        if (faults.fault[i].kind == FAULT_STUCK && is_in_time(&faults.fault[i], now)) {
            stuck |= UINT32_C(1) << i;
        }
        if ((stuck ^ stuck_pins) & UINT32_C(1) << i) {
            lines |= UINT32_C(1) << faults.fault[i].target;
        }
    }
    stuck_pins = stuck;
    return lines;
}

static uint32_t later(void)
{
    uint64_t now = posix_posted_ticks();
    uint32_t lines = again | changed_pins(now);
    again = 0;
    for (unsigned line = 0; line < POSIX_LINES; line++) {
        if (due[line] != 0 && due[line] <= now) {
            lines |= UINT32_C(1) << line;
            due[line] = 0;
        }
    }
    return lines;
}

/* ---- Ticks -------------------------------------------------------------------------------- */

static void judge_tick(uint64_t tick)
{
    for (unsigned i = 0; i < faults.count; i++) {
        struct fault *fault = &faults.fault[i];
        if (fault->target == FAULT_TICK && strikes(fault, tick) &&
            tick + fault->delay_ticks > ticks_held_until) {
            ticks_held_until = tick + fault->delay_ticks;
        }
    }
}

/* A tick whose interrupt is lost is counted at the next one, like one that is late. */
static uint64_t ticks(uint64_t counted)
{
    uint64_t posted = posix_posted_ticks();
    while (ticks_seen < posted) {
        judge_tick(++ticks_seen);
    }
    return posted < ticks_held_until ? counted : posted;
}

/* ---- Idle --------------------------------------------------------------------------------- */

static uint64_t until(uint64_t event, uint64_t now, uint64_t most)
{
    return event > now && event - now < most ? event - now : most;
}

static uint64_t idle(uint64_t most)
{
    uint64_t now = posix_posted_ticks();
    most = until(ticks_held_until, now, most);
    for (unsigned line = 0; line < POSIX_LINES; line++) {
        most = until(due[line], now, most);
    }
    for (unsigned i = 0; i < faults.count; i++) {
        const struct fault *fault = &faults.fault[i];
        if (fault->kind == FAULT_STUCK) {
            most = until(fault->from, now, most);
            most = until(fault->to == UINT64_MAX ? 0 : fault->to + 1, now, most);
        }
    }
    return most;
}

/* ---- Devices ------------------------------------------------------------------------------ */

static void add_noise(struct fault *fault, uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (strikes(fault, posix_posted_ticks())) {
            bytes[i] ^= (uint8_t)(1U << (next_random(&fault->random) >> 61));
        }
    }
}

/* The receiver had no room for the byte that came last. */
size_t sim_faults_data(unsigned device, void *data, size_t length)
{
    for (unsigned i = 0; i < faults.count && length != 0; i++) {
        struct fault *fault = &faults.fault[i];
        if (fault->target == device && fault->kind == FAULT_NOISE) {
            add_noise(fault, (uint8_t *)data, length);
        } else if (fault->target == device && fault->kind == FAULT_OVERRUN) {
            length -= strikes(fault, posix_posted_ticks());
        }
    }
    return length;
}

uint32_t sim_faults_pins(unsigned device, uint32_t down)
{
    for (unsigned i = 0; i < faults.count; i++) {
        struct fault *fault = &faults.fault[i];
        uint32_t pin = UINT32_C(1) << fault->pin;
        if (fault->target == device && fault->kind == FAULT_STUCK &&
            is_in_time(fault, posix_posted_ticks())) {
            fault->chances++;
            fault->hits += ((down & pin) == 0) != fault->is_up;
            down = fault->is_up ? down & ~pin : down | pin;
        }
    }
    return down;
}

bool sim_faults_move_pins(unsigned device)
{
    uint64_t now = posix_posted_ticks();
    for (unsigned i = 0; i < faults.count; i++) {
        const struct fault *fault = &faults.fault[i];
        if (fault->kind == FAULT_STUCK && fault->target == device &&
            (now < fault->from || (fault->to != UINT64_MAX && now <= fault->to))) {
            return true;
        }
    }
    return false;
}

/* ---- In force ----------------------------------------------------------------------------- */

static void report(void)
{
    for (unsigned i = 0; i < faults.count; i++) {
        const struct fault *fault = &faults.fault[i];
        (void)fprintf(stderr, "kiln: fault %s: struck %" PRIu64 " of %" PRIu64 " times\n",
                      fault->text, fault->hits, fault->chances);
    }
}

void faults_begin(void)
{
    static const struct posix_faults in_force = {
        .raised = raised, .later = later, .ticks = ticks, .idle = idle, .report = report};
    posix_faults = &in_force;
}
