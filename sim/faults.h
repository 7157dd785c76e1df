/* Injected faults (--faults): what goes wrong on the way from the outside to the program.
 *
 *   faults_spec.c   reads what is wanted
 *   faults.c        does it
 *
 * All chance comes from a seed, and every decision is made at a point that the program's own
 * progress fixes: so it is the same in every run in virtual time, and in a replay, whose log has
 * the specification in its head. Interrupts pass through posix_faults (posix.h); devices call
 * sim_faults_data() and sim_faults_pins() (lab.h).
 */
#ifndef SIM_FAULTS_H
#define SIM_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "lab.h"
#include "log.h"
#include "posix.h"

enum fault_kind { FAULT_LOSE, FAULT_REPEAT, FAULT_LATE, FAULT_NOISE, FAULT_OVERRUN, FAULT_STUCK };

#define FAULT_TICK     POSIX_LINES /* a target beside the lines */
#define FAULT_TEXT_MAX 64U

struct fault {
    char text[FAULT_TEXT_MAX]; /* as it was written */
    enum fault_kind kind;
    unsigned target;        /* a line, and the device of that number; or FAULT_TICK */
    unsigned pin;           /* FAULT_STUCK */
    bool is_up;             /* FAULT_STUCK: it cannot be pressed */
    double chance;          /* each time */
    uint64_t delay_ticks;   /* FAULT_LATE */
    uint64_t from, to;      /* ticks between which it strikes */
    bool is_once;           /* the first time, and never again */
    uint64_t random;        /* state of its own chance */
    uint64_t chances, hits; /* counted */
};

#define FAULTS_MAX 32U
struct faults {
    unsigned count;
    struct fault fault[FAULTS_MAX];
};
extern struct faults faults;

/* The whole specification, without files and comments; empty: there are no faults. */
#define FAULTS_TEXT_MAX LOG_FAULTS_MAX
const char *faults_text(void);

/* Puts a specification into force; a bad one ends the process with status 2, as the second does.
 * Only while the flags are read. */
void faults_use(const char *text);

/* In faults.c: they are in force from now on. */
void faults_begin(void);

#endif
