/* A queue of two places between a fast sender, a receiver with a timeout and an interrupt that
 * sends without waiting. Items come in order, once each, from each sender. */
#include "explore.h"
#include "kiln/kiln.h"

#define ITEMS 4U

KILN_QUEUE_DEFINE(queue, sizeof(uint32_t), 2);
static uint32_t sent[2], received[2];
static bool is_over;

/* An item names its sender, 0 or 1, and its number. */
static bool send(uint32_t sender, kiln_ticks_t timeout_ticks)
{
    uint32_t item = sender << 16 | sent[sender];
    if (kiln_queue_send(&queue, &item, timeout_ticks) != KILN_OK) {
        return false;
    }
    sent[sender]++;
    return true;
}

static void on_line(void)
{
    if (!is_over) {
        (void)send(1, KILN_NO_WAIT);
    }
}

static int produce(void *arg)
{
    (void)arg;
    while (sent[0] < ITEMS) {
        (void)send(0, 1);
    }
    (void)kiln_task_sleep(5);
    is_over = true;
    return 0;
}

static int consume(void *arg)
{
    (void)arg;
    uint32_t item = 0;
    for (;;) {
        bool was_over = is_over;
        int result = kiln_queue_receive(&queue, &item, 2);
        if (result == KILN_OK) {
            explore_require(item >> 16 < 2 && (item & 0xFFFF) == received[item >> 16],
                            "an item came twice, or out of order, or not at all");
            received[item >> 16]++;
        } else if (was_over) {
            explore_require(received[0] == sent[0] && received[1] == sent[1], "an item is lost");
            return 0;
        }
    }
}

KILN_TASK_DEFINE(producer, produce, NULL, 5, 512);
KILN_TASK_DEFINE(consumer, consume, NULL, 4, 512);

int main(void)
{
    explore_line(0, on_line, 2);
    return kiln_start();
}
