/* Cases for ThreadSanitizer: what they have in common. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "posix.h"

#define TASKS_MAX 6

static const struct tsan_case *chosen;
static struct kiln_task tasks[TASKS_MAX];
static uint64_t stack[PORT_STACK_MIN / 8]; /* for show: a host has stacks of its own */
static kiln_task_fn entries[TASKS_MAX];
static unsigned spawned;       /* by one task at a time */
static unsigned to_end, ended; /* atomic */

int shared;

extern const struct tsan_case __start_tsan_cases[], __stop_tsan_cases[];

static void choose(const char *name)
{
    for (chosen = __start_tsan_cases; chosen < __stop_tsan_cases; chosen++) {
        if (strcmp(chosen->name, name) == 0) {
            return;
        }
    }
    posix_reject_option("--case: there is no such case", name);
}
POSIX_FLAG(case, "NAME", "the case to run", choose);

static void list(const char *unused)
{
    (void)unused;
    for (const struct tsan_case *one = __start_tsan_cases; one < __stop_tsan_cases; one++) {
        (void)printf("%s:%s\n", one->name, one->racers);
    }
    exit(0);
}
POSIX_FLAG(list, NULL, "print the cases and who races", list);

static int run_task(void *arg)
{
    int code = entries[(uintptr_t)arg](NULL);
    (void)__atomic_add_fetch(&ended, 1, __ATOMIC_RELAXED);
    return code;
}

struct kiln_task *spawn(const char *name, kiln_task_fn entry, unsigned priority)
{
    struct kiln_task_def def = {.entry = run_task,
                                .arg = (void *)(uintptr_t)spawned,
                                .stack = stack,
                                .stack_bytes = sizeof(stack),
                                .name = name,
                                .priority = (uint8_t)priority};
    entries[spawned] = entry;
    check(kiln_task_create(&tasks[spawned], &def) == KILN_OK);
    (void)__atomic_add_fetch(&to_end, 1, __ATOMIC_RELAXED);
    return &tasks[spawned++];
}

void may_stay(void)
{
    (void)__atomic_sub_fetch(&to_end, 1, __ATOMIC_RELAXED);
}

__attribute__((noinline)) void touch(void)
{
    shared++;
}

void nap(unsigned ticks)
{
    check(kiln_task_sleep(ticks) == KILN_OK);
}

void check(bool condition)
{
    if (!condition) {
        (void)fflush(stdout);
        (void)fprintf(stderr, "case %s: a check failed\n", chosen->name);
        _Exit(3);
    }
}

static void touch_on_timer(struct kiln_timer *timer)
{
    (void)timer;
    touch();
}

KILN_MUTEX_DEFINE(mutex, KILN_MUTEX_RECURSIVE);
KILN_SEM_DEFINE(sem, 0, 1);
KILN_FLAGS_DEFINE(flags);
KILN_TIMER_DEFINE(ticker, touch_on_timer);

static int supervise(void *arg)
{
    (void)arg;
    nap(1000);
    check(__atomic_load_n(&ended, __ATOMIC_RELAXED) >= __atomic_load_n(&to_end, __ATOMIC_RELAXED));
    kiln_stop(0);
}

KILN_TASK_DEFINE(supervisor, supervise, NULL, 20, PORT_STACK_MIN);

int main(void)
{
    if (chosen == NULL) {
        (void)fprintf(stderr, "which --case? see --list\n");
        return 2;
    }
    chosen->run();
    int code = kiln_start();
    shared++; /* all have ended: main() is ordered after them */
    return code;
}
