/* Flags with waiters for any, for all, and with clearing, set by a task and by an interrupt, in the
 * middle of another set too. No bit is lost. */
#include "explore.h"
#include "kiln/kiln.h"

KILN_FLAGS_DEFINE(flags);
static unsigned woken;

static int wait_any(void *arg)
{
    uint32_t value = 0;
    (void)arg;
    explore_require(kiln_flags_wait(&flags, 3, KILN_FLAGS_ANY, &value, KILN_FOREVER) == KILN_OK &&
                        (value & 3) != 0,
                    "woken without a flag");
    woken++;
    return 0;
}

static int wait_all(void *arg)
{
    uint32_t value = 0;
    (void)arg;
    explore_require(kiln_flags_wait(&flags, 3, KILN_FLAGS_ALL | KILN_FLAGS_CLEAR, &value,
                                    KILN_FOREVER) == KILN_OK &&
                        (value & 3) == 3,
                    "woken without both flags");
    woken++;
    return 0;
}

static int wait_briefly(void *arg)
{
    (void)arg;
    (void)kiln_flags_wait(&flags, 4, KILN_FLAGS_CLEAR, NULL, 1);
    woken++;
    return 0;
}

static void set_second(void)
{
    (void)kiln_flags_set(&flags, 2);
}

static int set_first(void *arg)
{
    (void)arg;
    (void)kiln_flags_set(&flags, 1);
    (void)kiln_task_sleep(3);
    return 0;
}

KILN_TASK_DEFINE(any, wait_any, NULL, 5, 512);
KILN_TASK_DEFINE(all, wait_all, NULL, 6, 512);
KILN_TASK_DEFINE(brief, wait_briefly, NULL, 7, 512);
KILN_TASK_DEFINE(setter, set_first, NULL, 3, 512);

static int check(void *arg)
{
    (void)arg;
    (void)kiln_task_join(&any, NULL, KILN_FOREVER);
    (void)kiln_task_join(&all, NULL, KILN_FOREVER);
    (void)kiln_task_join(&brief, NULL, KILN_FOREVER);
    explore_require(woken == 3 && (kiln_flags_get(&flags) & 3) == 0, "the flags were not cleared");
    return 0;
}

KILN_TASK_DEFINE(checker, check, NULL, 2, 512);

int main(void)
{
    explore_line(0, set_second, 1);
    return kiln_start();
}
