/* A pool of two blocks, three tasks and an interrupt that want one. No block is in two hands. */
#include "explore.h"
#include "kiln/kiln.h"

KILN_POOL_DEFINE(pool, 16, 2);

/* Marks a block as its own, and looks whether it stays so. */
static void use(void *block, uintptr_t mark)
{
    *(volatile uintptr_t *)block = mark;
    (void)kiln_task_sleep(1);
    explore_require(*(volatile uintptr_t *)block == mark, "a block is in two hands");
}

static int work(void *arg)
{
    for (int i = 0; i < 2; i++) {
        void *block = NULL;
        if (kiln_pool_alloc(&pool, &block, 2) == KILN_OK) {
            use(block, (uintptr_t)arg);
            explore_require(kiln_pool_free(&pool, block) == KILN_OK, "a block was refused");
        }
    }
    return 0;
}

KILN_TASK_DEFINE(worker_1, work, (void *)1, 3, 512);
KILN_TASK_DEFINE(worker_2, work, (void *)2, 4, 512);
KILN_TASK_DEFINE(worker_3, work, (void *)3, 4, 512);

static void *held;
static bool is_over;

/* Takes a block the first time, and gives it back the second. */
static void on_line(void)
{
    if (is_over) {
        return;
    }
    if (held != NULL) {
        explore_require(*(volatile uintptr_t *)held == 9, "the interrupt's block is in two hands");
        (void)kiln_pool_free(&pool, held);
        held = NULL;
    } else if (kiln_pool_alloc(&pool, &held, KILN_NO_WAIT) == KILN_OK) {
        *(volatile uintptr_t *)held = 9;
    }
}

static int give_back(void *arg)
{
    (void)arg;
    (void)kiln_task_join(&worker_1, NULL, KILN_FOREVER);
    (void)kiln_task_join(&worker_2, NULL, KILN_FOREVER);
    (void)kiln_task_join(&worker_3, NULL, KILN_FOREVER);
    is_over = true;
    if (held != NULL) {
        (void)kiln_pool_free(&pool, held);
    }
    explore_done();
}

KILN_TASK_DEFINE(last, give_back, NULL, 2, 512);

int main(void)
{
    explore_line(0, on_line, 2);
    return kiln_start();
}
