/* Cases for ThreadSanitizer: small programs whose races are known. See ../check.py.
 *
 * A case creates its tasks and objects in main(), before the kernel starts. A second later the
 * supervisor ends the run: it touches nothing of the case's and waits for nobody, so it orders
 * nothing. The processor belongs to the most urgent task; what the tasks do in which order is a
 * matter of priorities and sleeps, which order nothing either.
 */
#ifndef CASES_H
#define CASES_H

#include "kiln/kiln.h"

struct tsan_case {
    const char *name;
    void (*run)(void);
    const char *racers; /* names in a report, with a comma between them; "": no report */
};

#define TSAN_CASE(name_, racers_)                                                         \
    static void name_(void);                                                              \
    static const struct tsan_case case_##name_ KILN_SECTION(tsan_cases) = {#name_, name_, \
                                                                           racers_};      \
    static void name_(void)

/* No race. */
#define CLEAN(name) TSAN_CASE(name, "")
/* A race between the two fibers of these names. */
#define RACE(name, racers) TSAN_CASE(name, racers)

/* Creates a task, which must have ended when the case does unless it `may_stay`. */
struct kiln_task *spawn(const char *name, kiln_task_fn entry, unsigned priority);
void may_stay(void);

/* What is raced for. Noinline, so that a report names it. */
extern int shared;
void touch(void);

/* What they race with. The timer's callback is touch(), too. */
extern struct kiln_mutex mutex;
extern struct kiln_sem sem; /* 0 of 1 */
extern struct kiln_flags flags;
extern struct kiln_timer ticker;
#define LINE 3U

void nap(unsigned ticks);
void check(bool condition);

#endif
