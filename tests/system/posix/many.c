/* Ten thousand of everything, which only a host has room for. */
#include <stdlib.h>

#include "harness.h"

#define GROUP "many"

#if defined(__SANITIZE_ADDRESS__)
#define COUNT 1000 /* each has a stack four times as large */
#else
#define COUNT 10000
#endif

static struct kiln_task *tasks;
static uint64_t stack[64]; /* unused by the host's tasks, so that they can share it */
static unsigned done;

static void create_all(kiln_task_fn entry, unsigned (*priority)(unsigned i))
{
    tasks = (struct kiln_task *)calloc(COUNT, sizeof(*tasks));
    done = 0;
    for (unsigned i = 0; i < COUNT; i++) {
        struct kiln_task_def def = {.entry = entry,
                                    .arg = ARG(i),
                                    .stack = stack,
                                    .stack_bytes = sizeof(stack),
                                    .name = "many",
                                    .priority = (uint8_t)priority(i)};
        if (kiln_task_create(&tasks[i], &def) != KILN_OK) {
            CHECK_EQ(i, COUNT);
            return;
        }
    }
}

static void free_all(void)
{
    unsigned alive = 0;
    for (unsigned i = 0; i < COUNT; i++) {
        alive += test_state(&tasks[i]) != KILN_TASK_TERMINATED;
    }
    CHECK_EQ(alive, 0);
    free(tasks);
}

#if KILN_CFG_SEM
static struct kiln_sem sem;
static unsigned expected_order[COUNT];

static int take(void *arg)
{
    CHECK_OK(kiln_sem_take(&sem, KILN_FOREVER));
    CHECK_EQ(ARG_INT(arg), expected_order[done]);
    done++;
    return 0;
}

static unsigned five_priorities(unsigned i)
{
    return TEST_PRIO + 1 + i % 5;
}

CASE(tasks_wake_in_order_of_priority_then_first_come)
{
    unsigned next = 0;
    for (unsigned level = 5; level-- > 0;) {
        for (unsigned i = level; i < COUNT; i += 5) {
            expected_order[next++] = i;
        }
    }
    test_sem(&sem, 0, COUNT);
    create_all(take, five_priorities);
    for (unsigned i = 0; i < COUNT; i++) {
        CHECK_OK(kiln_sem_give(&sem));
    }
    CHECK_EQ(done, COUNT);
    free_all();
}
#endif

#define SPREAD 500U

static kiln_ticks_t start_ticks;

static kiln_ticks_t sleep_of(unsigned i)
{
    return SPREAD + i * 7919U % SPREAD;
}

static int sleep_and_check(void *arg)
{
    kiln_ticks_t wake = start_ticks;
    CHECK_OK(kiln_task_sleep_until(&wake, sleep_of((unsigned)ARG_INT(arg))));
    kiln_ticks_t late = kiln_ticks() - wake;
    CHECK_WITHIN((int32_t)late, 0, test_home() == TEST_HOST_VIRTUAL ? 0 : INT32_MAX);
    done++;
    return 0;
}

static unsigned below(unsigned i)
{
    (void)i;
    return TEST_PRIO - 1;
}

/* They begin when all are there. */
CASE(sleepers_wake_at_their_ticks)
{
    create_all(sleep_and_check, below);
    start_ticks = kiln_ticks() + 2000;
    while (done < COUNT && (int32_t)(kiln_ticks() - start_ticks) < 50000) {
        CHECK_OK(kiln_task_sleep(100));
    }
    CHECK_EQ(done, COUNT);
    free_all();
}

static int yield_once(void *arg)
{
    (void)arg;
    CHECK_OK(kiln_task_yield());
    done++;
    return 0;
}

CASE(ready_tasks_all_get_their_turn)
{
    create_all(yield_once, below);
    CHECK_EQ(done, 0);
    for (int i = 0; i < 500 && done < COUNT; i++) {
        CHECK_OK(kiln_task_sleep(100));
    }
    CHECK_EQ(done, COUNT);
    free_all();
}
