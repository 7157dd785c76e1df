/* A program for process.py, on a host that is held up when the port sets its timer, from the first
 * time on: the signal comes before the call returns. Three tasks print and allocate, so that the
 * signal often finds the C library at work. Linked with --wrap=timer_settime. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kiln/kiln.h"

#define HELD_UP_NS 150000
#define EVERY      8 /* calls; after so many others the program gets on */

static long ns_since(const struct timespec *start)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - start->tv_sec) * 1000000000L + now.tv_nsec - start->tv_nsec;
}

int __real_timer_settime(timer_t timer, int flags, const struct itimerspec *value,
                         struct itimerspec *old);
int __wrap_timer_settime(timer_t timer, int flags, const struct itimerspec *value,
                         struct itimerspec *old);

int __wrap_timer_settime(timer_t timer, int flags, const struct itimerspec *value,
                         struct itimerspec *old)
{
    static volatile unsigned calls;
    struct timespec start;
    int result = __real_timer_settime(timer, flags, value, old);
    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    for (bool held_up = calls++ / EVERY % 2 == 0; held_up && ns_since(&start) < HELD_UP_NS;) {
    }
    return result;
}

static int print_and_allocate(void *arg)
{
    unsigned who = (unsigned)(uintptr_t)arg;
    for (unsigned i = 1;; i++) {
        void *block = malloc(i * 137U % 3000U + 1U);
        (void)printf("task %u, round %u\n", who, i);
        free(block);
        if (who != 0 && i % 16 == 0) {
            (void)kiln_task_sleep(who);
        }
    }
    return 0;
}

KILN_TASK_DEFINE(least_urgent, print_and_allocate, (void *)0, 3, 2048);
KILN_TASK_DEFINE(urgent, print_and_allocate, (void *)1, 4, 2048);
KILN_TASK_DEFINE(most_urgent, print_and_allocate, (void *)2, 5, 2048);

int main(void)
{
    return kiln_start();
}
