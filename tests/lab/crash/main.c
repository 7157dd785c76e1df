/* A program for replay.py that crashes where an interrupt lands: a task checks that nobody runs
 * between two of its lines, and the scheduler sees to it that sooner or later somebody does. */
#include <stdio.h>
#include <stdlib.h>

#include "kiln/kiln.h"

static volatile unsigned turns;

static int hurry(void *arg)
{
    (void)arg;
    for (;;) {
        turns = turns + 1;
        (void)kiln_task_sleep(1);
    }
    return 0;
}

static int check(void *arg)
{
    volatile unsigned work = 0;
    (void)arg;
    for (unsigned round = 0;; round++) {
        unsigned before = turns;
        for (unsigned i = 0; i < 1000; i++) {
            work = work + i;
        }
        if (turns != before && turns > 20) {
            (void)printf("somebody ran in round %u\n", round);
            (void)fflush(stdout);
            abort();
        }
    }
    return 0;
}

KILN_TASK_DEFINE(hurrying, hurry, NULL, 5, 512);
KILN_TASK_DEFINE(checking, check, NULL, 3, 512);

int main(void)
{
    return kiln_start();
}
