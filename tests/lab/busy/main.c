/* A program for replay.py, as unruly as a program can be: tasks that compute, print and allocate,
 * and lose the processor anywhere, and one that spins in an empty loop for a while. Prints a
 * checksum that depends on who ran when. With BUSY_EDITED it does one thing differently, late. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kiln/kiln.h"

#ifndef BUSY_EDITED
#define BUSY_EDITED 0U
#endif

#define ROUNDS 150

KILN_MUTEX_DEFINE(print_lock, 0);
KILN_SEM_DEFINE(finished, 0, 4);

static volatile uint32_t history; /* of who touched it, in which order */

static void touch(uint32_t who)
{
    unsigned key = kiln_irq_lock();
    history = history * 31U + who;
    kiln_irq_unlock(key);
}

static int compute(void *arg)
{
    uint32_t who = (uint32_t)(uintptr_t)arg;
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < 200000 + 30000 * who; i++) {
            if (i % 512 == 0) {
                touch(who);
            }
        }
        bool edited = BUSY_EDITED && who == 2 && round == ROUNDS / 2;
        (void)kiln_task_sleep(round % 3 + (edited ? 1 : 0));
    }
    return kiln_sem_give(&finished);
}

static int print(void *arg)
{
    (void)arg;
    for (unsigned round = 0; round < ROUNDS; round++) {
        char *text = (char *)malloc(64);
        (void)snprintf(text, 64, "round %u at %u: %08x", round, (unsigned)kiln_ticks(),
                       (unsigned)history);
        (void)kiln_mutex_lock(&print_lock, KILN_FOREVER);
        (void)puts(text);
        (void)kiln_mutex_unlock(&print_lock);
        free(text);
        touch(9);
        (void)kiln_task_sleep(1);
    }
    return kiln_sem_give(&finished);
}

/* In the end, for the last hundred interrupts of the tick. */
static int spin(void *arg)
{
    (void)arg;
    (void)kiln_task_suspend(kiln_task_self());
    for (;;) {
    }
    return 0;
}
KILN_TASK_DEFINE(spinner, spin, NULL, 1, 512);

static int wait_for_all(void *arg)
{
    (void)arg;
    for (int i = 0; i < 3; i++) {
        (void)kiln_sem_take(&finished, KILN_FOREVER);
    }
    (void)kiln_task_resume(&spinner);
    for (int i = 0; i < 100; i++) { /* one after the other: many ticks may come as one */
        (void)kiln_task_sleep(1);
    }
    (void)printf("at %llu us: %08x\n", (unsigned long long)kiln_uptime_us(), (unsigned)history);
    (void)fflush(stdout);
    kiln_stop(0);
}

KILN_TASK_DEFINE(first, compute, (void *)1, 3, 512);
KILN_TASK_DEFINE(second, compute, (void *)2, 4, 512);
KILN_TASK_DEFINE(printer, print, NULL, 3, 2048);
KILN_TASK_DEFINE(keeper, wait_for_all, NULL, 6, 2048);

int main(void)
{
    return kiln_start();
}
