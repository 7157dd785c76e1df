/* Footprint: the smallest program that uses what field.md's table lists: two tasks, a semaphore,
 * a mutex, a queue and a timer. tools/bench.py takes the kernel's share from the linker map, and
 * the sizes of the objects from the symbol table by the names that they have here.
 */
#include "kiln/kiln.h"

static void on_timer(struct kiln_timer *timer)
{
    (void)timer;
}

KILN_SEM_DEFINE(size_sem, 0, 1);
KILN_MUTEX_DEFINE(size_mutex, KILN_MUTEX_PLAIN);
KILN_QUEUE_DEFINE(size_queue, 4, 4);
KILN_TIMER_DEFINE(size_timer, on_timer);

static int first_entry(void *arg)
{
    (void)arg;
    (void)kiln_timer_start(&size_timer, 10, 10);
    for (uint32_t item = 0;; item++) {
        (void)kiln_mutex_lock(&size_mutex, KILN_FOREVER);
        (void)kiln_mutex_unlock(&size_mutex);
        (void)kiln_queue_send(&size_queue, &item, KILN_FOREVER);
        (void)kiln_sem_give(&size_sem);
        (void)kiln_task_sleep(1);
    }
    return 0;
}

static int second_entry(void *arg)
{
    uint32_t item;
    (void)arg;
    for (;;) {
        (void)kiln_sem_take(&size_sem, KILN_FOREVER);
        (void)kiln_queue_receive(&size_queue, &item, 10);
    }
    return 0;
}

KILN_TASK_DEFINE(size_tcb, first_entry, NULL, 2, 256);
KILN_TASK_DEFINE(second, second_entry, NULL, 1, 256);

int main(void)
{
    return kiln_start();
}
