/* What a scenario tells the explorer: an ordinary app, with an ordinary main(), that says what may
 * come and what must hold. In a plain run the same calls do without the explorer: a requirement
 * that does not hold is a panic, and nobody raises a line.
 *
 *     ./scenario --explore exhaustive      see sim/explorer.h and docs/laboratory.md
 */
#ifndef SIM_EXPLORE_H
#define SIM_EXPLORE_H

#include <stdbool.h>

#include "kiln/types.h"

/* Line `line` of the board will be raised `times` times in each run, at points of the explorer's
 * choice, and at the latest when nothing else can happen. Its handler is an interrupt. Before
 * kiln_start(). */
void explore_line(unsigned line, void (*handler)(void), unsigned times);

/* The run has failed unless `condition` holds; `text` says what was wrong. Any context. */
void explore_require(bool condition, const char *text);

/* What begins here is to end within so many ticks; the name is that of the deadline, and no two
 * that are open share one. Any context. */
void explore_deadline_begin(const char *name, kiln_ticks_t ticks);
void explore_deadline_end(const char *name);

/* This task waits for work and never ends: it is neither a leak nor a deadlock. */
void explore_server(const struct kiln_task *task);

/* The run is over: leaks are looked for, and the next run begins. A run also ends when every task
 * but servers has terminated. Any context. Does not return. */
void explore_done(void) __attribute__((noreturn));

#endif
