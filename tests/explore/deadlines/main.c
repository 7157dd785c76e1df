/* What an interrupt starts has to be done in time: also when it comes as the idle task goes to
 * sleep, or just before a tick. No strategy places more than three ticks on the way. */
#include "explore.h"
#include "kiln/kiln.h"

KILN_SEM_DEFINE(sem, 0, 4);

static void on_line(void)
{
    explore_deadline_begin("answer", 2 + 3);
    (void)kiln_sem_give(&sem);
}

static int answer(void *arg)
{
    (void)arg;
    (void)kiln_sem_take(&sem, KILN_FOREVER);
    (void)kiln_task_sleep(2);
    explore_deadline_end("answer");
    return 0;
}

/* A period of one tick: the ticks that pass are as many as the rounds. */
static int beat(void *arg)
{
    kiln_ticks_t wake = kiln_ticks(), start = wake;
    (void)arg;
    for (kiln_ticks_t round = 1; round <= 3; round++) {
        explore_deadline_begin("beat", 6 + 3);
        (void)kiln_task_sleep_until(&wake, 6);
        explore_require(wake == start + 6 * round, "the beat is off");
        explore_deadline_end("beat");
    }
    return 0;
}

KILN_TASK_DEFINE(answerer, answer, NULL, 6, 512);
KILN_TASK_DEFINE(beater, beat, NULL, 5, 512);

int main(void)
{
    explore_line(0, on_line, 1);
    return kiln_start();
}
