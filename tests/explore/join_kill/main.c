/* A task ends by itself, or by an interrupt's kill, while others join it, one not for long. */
#include "explore.h"
#include "kiln/kiln.h"

static int run(void *arg)
{
    (void)arg;
    (void)kiln_task_sleep(2);
    return 1;
}

KILN_TASK_DEFINE(target, run, NULL, 4, 512);

static int join(void *arg)
{
    int code = 0;
    explore_require(kiln_task_join(&target, &code, KILN_FOREVER) == KILN_OK, "a join failed");
    explore_require(code == 1 || code == 2, "the wrong exit code");
    return (int)(intptr_t)arg;
}

static int join_briefly(void *arg)
{
    int code = 0, result = kiln_task_join(&target, &code, 1);
    (void)arg;
    explore_require(result == KILN_ETIMEOUT ? code == 0 : result == KILN_OK && code != 0,
                    "a strange result of a join");
    return 0;
}

KILN_TASK_DEFINE(joiner_1, join, NULL, 5, 512);
KILN_TASK_DEFINE(joiner_2, join, NULL, 3, 512);
KILN_TASK_DEFINE(brief, join_briefly, NULL, 6, 512);

static void kill_target(void)
{
    (void)kiln_task_kill(&target, 2);
}

static void kill_joiner(void)
{
    (void)kiln_task_kill(&joiner_2, 3);
}

int main(void)
{
    explore_line(0, kill_target, 1);
    explore_line(1, kill_joiner, 1);
    return kiln_start();
}
