/* A program for process.py: does the wrong that the environment's MISUSE names. A bug must end
 * the process with a message that names the object, if it has a name, and the task. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kiln/kiln.h"

KILN_SEM_DEFINE(wrong_sem, 0, 1);
KILN_MUTEX_DEFINE(wrong_mutex, KILN_MUTEX_PLAIN);
KILN_QUEUE_DEFINE(wrong_queue, 4, 2);
KILN_FLAGS_DEFINE(wrong_flags);
KILN_POOL_DEFINE(wrong_pool, 8, 2);

static void on_timer(struct kiln_timer *timer);
KILN_TIMER_DEFINE(wrong_timer, on_timer);

static uint32_t other_buffer[8];

static void init_sem_twice(void)
{
    (void)kiln_sem_init(&wrong_sem, 0, 1);
}

static void init_mutex_twice(void)
{
    (void)kiln_mutex_init(&wrong_mutex, KILN_MUTEX_PLAIN);
}

static void init_queue_twice(void)
{
    (void)kiln_queue_init(&wrong_queue, other_buffer, 4, 2);
}

static void init_flags_twice(void)
{
    (void)kiln_flags_init(&wrong_flags);
}

static void init_pool_twice(void)
{
    (void)kiln_pool_init(&wrong_pool, other_buffer, 8, 2);
}

static void init_timer_twice(void)
{
    (void)kiln_timer_init(&wrong_timer, on_timer);
}

static void use_uninitialised(void)
{
    static struct kiln_sem never_made;
    (void)kiln_sem_give(&never_made);
}

static void use_of_wrong_type(void)
{
    (void)kiln_sem_give((struct kiln_sem *)(void *)&wrong_queue);
}

static void use_destroyed(void)
{
    (void)kiln_flags_destroy(&wrong_flags);
    (void)kiln_flags_set(&wrong_flags, 1);
}

static void use_null(void)
{
    struct kiln_sem *volatile sem = NULL;
    (void)kiln_sem_give(sem);
}

static void on_timer(struct kiln_timer *timer)
{
    (void)timer;
    kiln_task_exit(1);
}

static void exit_in_interrupt(void)
{
    kiln_ticks_t start = kiln_ticks();
    (void)kiln_timer_start(&wrong_timer, 1, 0);
    while (kiln_ticks() - start < KILN_MS(1000)) {
    }
}

static int overflow(int depth)
{
    volatile char frame[1024];
    frame[0] = (char)depth;
    return depth == 1000000 ? 0 : overflow(depth + 1) + frame[0];
}

static void overflow_stack(void)
{
    (void)overflow(0);
}

static void on_signal(int signal)
{
    (void)signal;
}

/* Each time the signal's frame, on the same stack, reaches further down than anything else. */
static int overflow_slowly(int depth)
{
    volatile char frame[64];
    frame[0] = (char)depth;
    (void)raise(SIGUSR1);
    return depth == 1000000 ? 0 : overflow_slowly(depth + 1) + frame[0];
}

static void overflow_by_signal(void)
{
    (void)signal(SIGUSR1, on_signal);
    (void)overflow_slowly(0);
}

static void deadlock(void)
{
    (void)kiln_sem_take(&wrong_sem, KILN_FOREVER);
}

static const struct {
    const char *name;
    void (*run)(void);
} misuses[] = {
    {"init_sem_twice", init_sem_twice},         {"init_mutex_twice", init_mutex_twice},
    {"init_queue_twice", init_queue_twice},     {"init_flags_twice", init_flags_twice},
    {"init_pool_twice", init_pool_twice},       {"init_timer_twice", init_timer_twice},
    {"use_uninitialised", use_uninitialised},   {"use_of_wrong_type", use_of_wrong_type},
    {"use_destroyed", use_destroyed},           {"use_null", use_null},
    {"exit_in_interrupt", exit_in_interrupt},   {"overflow_stack", overflow_stack},
    {"overflow_by_signal", overflow_by_signal}, {"deadlock", deadlock},
};

static int misbehave(void *arg)
{
    const char *name = getenv("MISUSE");
    (void)arg;
    for (size_t i = 0; name != NULL && i < sizeof(misuses) / sizeof(misuses[0]); i++) {
        if (strcmp(name, misuses[i].name) == 0) {
            misuses[i].run();
            (void)printf("%s went unnoticed\n", name);
            kiln_stop(3);
        }
    }
    kiln_stop(4);
    return 0;
}

KILN_TASK_DEFINE(guilty_task, misbehave, NULL, 5, 1024);

int main(void)
{
    return kiln_start();
}
