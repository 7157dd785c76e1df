/* Three producers and two consumers share a bounded buffer: a message queue of eight places.
 *
 * Together the producers are faster than the consumers, so the buffer fills up and holds the
 * producers back; towards the end it empties and the consumers wait. Nothing is lost or made up
 * on the way: each side counts its messages and adds up their contents, each consumer watches
 * that the numbers of one producer only grow, and the chief compares.
 *
 * Each book has one writer, the task that it belongs to, and is read by the chief when that task
 * has ended; only the counts are read earlier, for the picture, and so they are atomic. */
#include "kiln/kiln.h"

#define PRODUCERS 3
#define CONSUMERS 2
#define MESSAGES  120 /* of each producer */
#define PLACES    8

/* What a preemption takes, and what the functions below take; kiln_printf() is the larger one. */
#define WORKER_STACK (PORT_STACK_MIN + 256)
#define CHIEF_STACK  (PORT_STACK_MIN + 640)

/* A message; with `number` == NO_MORE it sends its consumer home. */
struct message {
    uint16_t producer;
    uint16_t number;
    uint32_t content;
};
#define NO_MORE 0xFFFFU

struct tally {
    uint32_t count;
    uint32_t sum; /* of the contents, modulo 2^32: the order does not matter */
};

struct producer {
    struct tally made;
    uint16_t index;
    uint16_t burst; /* messages in a row, and then a pause */
    uint32_t pause_ms;
    kiln_ticks_t blocked_ticks, end_ticks;
};

struct consumer {
    struct tally taken[PRODUCERS];
    uint16_t next[PRODUCERS]; /* the least number that may come */
    bool disorder;
    uint32_t work_ms; /* for each message */
    kiln_ticks_t blocked_ticks, end_ticks;
};

static struct producer producers[PRODUCERS] = {{.index = 0, .burst = 1, .pause_ms = 9},
                                               {.index = 1, .burst = 6, .pause_ms = 70},
                                               {.index = 2, .burst = 2, .pause_ms = 25}};
static struct consumer consumers[CONSUMERS] = {{.work_ms = 7}, {.work_ms = 12}};

KILN_QUEUE_DEFINE(buffer, sizeof(struct message), PLACES);

static void add(struct tally *tally, uint32_t content)
{
    tally->sum += content;
    __atomic_store_n(&tally->count, tally->count + 1U, __ATOMIC_RELAXED);
}

static uint32_t count_of(const struct tally *tally)
{
    return __atomic_load_n(&tally->count, __ATOMIC_RELAXED);
}

/* ---- Producers ---------------------------------------------------------------------------- */

static void send(struct producer *self, uint16_t number)
{
    uint32_t content = (self->index * 0x10000U + number) * 2654435761U;
    struct message message = {self->index, number, content};
    kiln_ticks_t before_ticks = kiln_ticks();
    (void)kiln_queue_send(&buffer, &message, KILN_FOREVER);
    self->blocked_ticks += kiln_ticks() - before_ticks;
    add(&self->made, content);
}

static int produce(void *producer)
{
    struct producer *self = (struct producer *)producer;
    for (uint16_t number = 0; number < MESSAGES; number++) {
        send(self, number);
        if ((number + 1U) % self->burst == 0) {
            (void)kiln_task_sleep(KILN_MS(self->pause_ms));
        }
    }
    self->end_ticks = kiln_ticks();
    return 0;
}

/* ---- Consumers ---------------------------------------------------------------------------- */

static void receive(struct consumer *self, struct message *message)
{
    kiln_ticks_t before_ticks = kiln_ticks();
    (void)kiln_queue_receive(&buffer, message, KILN_FOREVER);
    self->blocked_ticks += kiln_ticks() - before_ticks;
}

static void book(struct consumer *self, const struct message *message)
{
    unsigned from = message->producer;
    if (from >= PRODUCERS || message->number < self->next[from]) {
        self->disorder = true;
        return;
    }
    self->next[from] = (uint16_t)(message->number + 1U);
    add(&self->taken[from], message->content);
}

static int consume(void *consumer)
{
    struct consumer *self = (struct consumer *)consumer;
    struct message message;
    for (;;) {
        receive(self, &message);
        if (message.number == NO_MORE) {
            break;
        }
        book(self, &message);
        (void)kiln_task_sleep(KILN_MS(self->work_ms));
    }
    self->end_ticks = kiln_ticks();
    return 0;
}

KILN_TASK_DEFINE(producer_0, produce, &producers[0], 2, WORKER_STACK);
KILN_TASK_DEFINE(producer_1, produce, &producers[1], 2, WORKER_STACK);
KILN_TASK_DEFINE(producer_2, produce, &producers[2], 2, WORKER_STACK);
KILN_TASK_DEFINE(consumer_0, consume, &consumers[0], 3, WORKER_STACK);
KILN_TASK_DEFINE(consumer_1, consume, &consumers[1], 3, WORKER_STACK);

static struct kiln_task *const producer_tasks[PRODUCERS] = {&producer_0, &producer_1, &producer_2};
static struct kiln_task *const consumer_tasks[CONSUMERS] = {&consumer_0, &consumer_1};

/* ---- The chief: a picture now and then, and the comparison at the end ---------------------- */

static unsigned made_count(void)
{
    unsigned count = 0;
    for (unsigned i = 0; i < PRODUCERS; i++) {
        count += count_of(&producers[i].made);
    }
    return count;
}

static unsigned taken_count(void)
{
    unsigned count = 0;
    for (unsigned i = 0; i < CONSUMERS; i++) {
        for (unsigned from = 0; from < PRODUCERS; from++) {
            count += count_of(&consumers[i].taken[from]);
        }
    }
    return count;
}

static struct tally taken_by(const struct consumer *consumer)
{
    struct tally all = {0, 0};
    for (unsigned i = 0; i < PRODUCERS; i++) {
        all.count += consumer->taken[i].count;
        all.sum += consumer->taken[i].sum;
    }
    return all;
}

static void draw(void)
{
    char bar[PLACES + 1];
    unsigned ticks = (unsigned)kiln_ticks();
    size_t fill = kiln_queue_count(&buffer);
    for (size_t i = 0; i < PLACES; i++) {
        bar[i] = i < fill ? '#' : '.';
    }
    bar[PLACES] = '\0';
    kiln_printf("%2u.%03u s   %3u made   [%s]   %3u taken\n", ticks / KILN_CFG_TICK_HZ,
                ticks % KILN_CFG_TICK_HZ * 1000U / KILN_CFG_TICK_HZ, made_count(), bar,
                taken_count());
}

static void await(struct kiln_task *task)
{
    while (kiln_task_join(task, NULL, KILN_MS(200)) == KILN_ETIMEOUT) {
        draw();
    }
}

static void run_to_the_end(void)
{
    static const struct message no_more = {.number = NO_MORE};
    for (unsigned i = 0; i < PRODUCERS; i++) {
        await(producer_tasks[i]);
    }
    for (unsigned i = 0; i < CONSUMERS; i++) {
        (void)kiln_queue_send(&buffer, &no_more, KILN_FOREVER);
    }
    for (unsigned i = 0; i < CONSUMERS; i++) {
        await(consumer_tasks[i]);
    }
    draw();
}

static void print_row(const struct kiln_task *task, struct tally tally, kiln_ticks_t end_ticks,
                      kiln_ticks_t blocked_ticks)
{
    struct kiln_task_info info;
    unsigned ticks = end_ticks != 0 ? (unsigned)end_ticks : 1U;
    (void)kiln_task_get_info(task, &info);
    kiln_printf("  %-10s %8u %12u   0x%08x %9u ms\n", info.name, (unsigned)tally.count,
                (unsigned)tally.count * KILN_CFG_TICK_HZ / ticks, (unsigned)tally.sum,
                (unsigned)blocked_ticks * 1000U / KILN_CFG_TICK_HZ);
}

static void print_table(void)
{
    kiln_printf("\n  %-10s %8s %12s   %-10s %12s\n", "task", "messages", "per second", "checksum",
                "held up for");
    for (unsigned i = 0; i < PRODUCERS; i++) {
        const struct producer *one = &producers[i];
        print_row(producer_tasks[i], one->made, one->end_ticks, one->blocked_ticks);
    }
    for (unsigned i = 0; i < CONSUMERS; i++) {
        const struct consumer *one = &consumers[i];
        print_row(consumer_tasks[i], taken_by(one), one->end_ticks, one->blocked_ticks);
    }
}

/* What one producer made against what all consumers took of it. */
static bool is_complete(const struct producer *producer)
{
    struct tally taken = {0, 0};
    for (unsigned i = 0; i < CONSUMERS; i++) {
        taken.count += consumers[i].taken[producer->index].count;
        taken.sum += consumers[i].taken[producer->index].sum;
    }
    return producer->made.count == MESSAGES && taken.count == MESSAGES &&
           taken.sum == producer->made.sum;
}

static bool is_right(void)
{
    for (unsigned i = 0; i < PRODUCERS; i++) {
        if (!is_complete(&producers[i])) {
            return false;
        }
    }
    for (unsigned i = 0; i < CONSUMERS; i++) {
        if (consumers[i].disorder) {
            return false;
        }
    }
    return kiln_queue_count(&buffer) == 0;
}

static int lead(void *arg)
{
    (void)arg;
    run_to_the_end();
    print_table();
    bool right = is_right();
    kiln_printf(right ? "\nAll %u messages arrived, each once, in order, with their contents.\n"
                      : "\nSomething went wrong: of %u messages some were lost or changed.\n",
                PRODUCERS * MESSAGES);
    kiln_stop(right ? 0 : 1);
}

KILN_TASK_DEFINE(chief, lead, NULL, 4, CHIEF_STACK);

int main(void)
{
    kiln_printf("Three producers fill a buffer of %u places, two consumers empty it.\n", PLACES);
    kiln_printf("Producers are faster at first: when the buffer is full, they have to wait.\n\n");
    return kiln_start();
}
