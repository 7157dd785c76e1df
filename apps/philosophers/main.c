/* Five philosophers share a round table and five forks; to eat, one needs the forks on both sides.
 *
 * A fork is a mutex. If everybody took the left fork first, all five could hold one and wait for
 * the other for ever. So everybody takes the fork with the lower number first: whoever holds the
 * highest fork that is taken waits for nobody, and a circle of waiting cannot close.
 *
 * Every change is one line with a picture of the table. The state of the table belongs to the
 * mutex `table`; who holds which fork is asked from the kernel. Each philosopher checks, while
 * eating, that both forks are his or hers and that no neighbour eats. */
#include <string.h>

#include "kiln/kiln.h"

#define COUNT 5
#define MEALS 4

/* What a preemption takes, and what kiln_printf() takes. */
#define STACK_BYTES (PORT_STACK_MIN + 576)

enum state { THINKING, HUNGRY, EATING, GONE };

struct philosopher {
    const char *name;
    enum state state;
    unsigned meals;
    kiln_ticks_t longest_wait_ticks; /* for both forks */
    uint32_t random;
};

/* All of it is protected by `table`. */
static struct philosopher philosophers[COUNT] = {{.name = "Hypatia", .random = 3},
                                                 {.name = "Laozi", .random = 14},
                                                 {.name = "Kant", .random = 15},
                                                 {.name = "Arendt", .random = 92},
                                                 {.name = "Averroes", .random = 65}};
static bool wrong;

KILN_MUTEX_DEFINE(table, KILN_MUTEX_PLAIN);
KILN_MUTEX_DEFINE(fork_0, KILN_MUTEX_PLAIN);
KILN_MUTEX_DEFINE(fork_1, KILN_MUTEX_PLAIN);
KILN_MUTEX_DEFINE(fork_2, KILN_MUTEX_PLAIN);
KILN_MUTEX_DEFINE(fork_3, KILN_MUTEX_PLAIN);
KILN_MUTEX_DEFINE(fork_4, KILN_MUTEX_PLAIN);

/* Philosopher i sits between fork i and fork i + 1; the last one's right fork is fork 0. */
static struct kiln_mutex *const forks[COUNT] = {&fork_0, &fork_1, &fork_2, &fork_3, &fork_4};

static int live(void *philosopher);

KILN_TASK_DEFINE(hypatia, live, &philosophers[0], 2, STACK_BYTES);
KILN_TASK_DEFINE(laozi, live, &philosophers[1], 2, STACK_BYTES);
KILN_TASK_DEFINE(kant, live, &philosophers[2], 2, STACK_BYTES);
KILN_TASK_DEFINE(arendt, live, &philosophers[3], 2, STACK_BYTES);
KILN_TASK_DEFINE(averroes, live, &philosophers[4], 2, STACK_BYTES);

static struct kiln_task *const tasks[COUNT] = {&hypatia, &laozi, &kant, &arendt, &averroes};

static unsigned right_of(unsigned seat)
{
    return (seat + 1) % COUNT;
}

static unsigned left_of(unsigned seat)
{
    return (seat + COUNT - 1) % COUNT;
}

/* ---- The picture ------------------------------------------------------------------------- */

/* The place between two seats: the fork lies in the middle, or at the side of who holds it. */
static const char *fork_text(unsigned fork, const struct kiln_task *left,
                             const struct kiln_task *right)
{
    const struct kiln_task *owner = kiln_mutex_owner(forks[fork]);
    if (owner == NULL) {
        return " Y ";
    }
    return owner == left ? "Y  " : owner == right ? "  Y" : "   ";
}

static const char *seat_text(unsigned seat)
{
    static const char *const texts[] = {
        [THINKING] = "  .   ", [HUNGRY] = "  ?   ", [EATING] = " EATS ", [GONE] = "      "};
    return texts[philosophers[seat].state];
}

#define FORK_WIDTH 3
#define SEAT_WIDTH 6

/* Called with `table` locked, which protects the line, too. The table is round: fork 0 is at both
 * ends of the line. */
static void draw(const char *name, const char *what)
{
    static char line[COUNT * (FORK_WIDTH + SEAT_WIDTH) + FORK_WIDTH + 1];
    char *at = line;
    unsigned ticks = (unsigned)kiln_ticks();
    for (unsigned seat = 0; seat < COUNT; seat++) {
        const struct kiln_task *left = seat == 0 ? NULL : tasks[seat - 1];
        memcpy(at, fork_text(seat, left, tasks[seat]), FORK_WIDTH);
        memcpy(at + FORK_WIDTH, seat_text(seat), SEAT_WIDTH);
        at += FORK_WIDTH + SEAT_WIDTH;
    }
    memcpy(at, fork_text(0, tasks[COUNT - 1], NULL), FORK_WIDTH + 1);
    kiln_printf("%2u.%03u s %s  %s %s\n", ticks / KILN_CFG_TICK_HZ,
                ticks % KILN_CFG_TICK_HZ * 1000U / KILN_CFG_TICK_HZ, line, name, what);
}

static void become(struct philosopher *self, enum state state, const char *what)
{
    (void)kiln_mutex_lock(&table, KILN_FOREVER);
    self->state = state;
    draw(self->name, what);
    (void)kiln_mutex_unlock(&table);
}

/* ---- A philosopher's life ---------------------------------------------------------------- */

/* A time between `ms` and twice that. The generator is Numerical Recipes' "quick and dirty" one. */
static kiln_ticks_t about(struct philosopher *self, unsigned ms)
{
    self->random = self->random * 1664525U + 1013904223U;
    return KILN_MS(ms + (self->random >> 16) % ms);
}

/* The meal counts if the forks were this philosopher's alone. They are still held. */
static void finish_meal(struct philosopher *self, unsigned seat)
{
    unsigned left = left_of(seat), right = right_of(seat);
    (void)kiln_mutex_lock(&table, KILN_FOREVER);
    if (kiln_mutex_owner(forks[seat]) != tasks[seat] ||
        kiln_mutex_owner(forks[right]) != tasks[seat] || philosophers[left].state == EATING ||
        philosophers[right].state == EATING) {
        wrong = true;
    }
    self->state = THINKING;
    self->meals++;
    (void)kiln_mutex_unlock(&table);
}

/* The lower number first: this is what keeps the dinner going. Between the two forks the others
 * have time to take theirs, or else no order could ever go wrong. */
static void take_forks(unsigned seat)
{
    unsigned left = seat, right = right_of(seat);
    (void)kiln_mutex_lock(forks[left < right ? left : right], KILN_FOREVER);
    (void)kiln_task_sleep(KILN_MS(30));
    (void)kiln_mutex_lock(forks[left < right ? right : left], KILN_FOREVER);
}

static void put_forks_down(unsigned seat)
{
    (void)kiln_mutex_unlock(forks[seat]);
    (void)kiln_mutex_unlock(forks[right_of(seat)]);
}

static void eat_once(struct philosopher *self, unsigned seat)
{
    kiln_ticks_t hungry_ticks = kiln_ticks();
    become(self, HUNGRY, "gets hungry");
    take_forks(seat);
    kiln_ticks_t waited_ticks = kiln_ticks() - hungry_ticks;
    if (waited_ticks > self->longest_wait_ticks) {
        self->longest_wait_ticks = waited_ticks;
    }
    become(self, EATING, "eats");
    (void)kiln_task_sleep(about(self, 200));
    finish_meal(self, seat);
    put_forks_down(seat);
}

static int live(void *philosopher)
{
    struct philosopher *self = (struct philosopher *)philosopher;
    unsigned seat = (unsigned)(self - philosophers);
    while (self->meals < MEALS) {
        (void)kiln_task_sleep(about(self, 250));
        eat_once(self, seat);
        bool done = self->meals == MEALS;
        become(self, done ? GONE : THINKING, done ? "is full" : "thinks");
    }
    return 0;
}

/* ---- The end ----------------------------------------------------------------------------- */

static void print_summary(void)
{
    unsigned meals = 0;
    kiln_printf("\n  %-10s %5s   longest wait for forks\n", "", "meals");
    for (unsigned i = 0; i < COUNT; i++) {
        const struct philosopher *one = &philosophers[i];
        unsigned ms = (unsigned)one->longest_wait_ticks * 1000U / KILN_CFG_TICK_HZ;
        kiln_printf("  %-10s %5u   %4u ms\n", one->name, one->meals, ms);
        meals += one->meals;
    }
    wrong = wrong || meals != COUNT * MEALS;
    kiln_printf(wrong ? "\nSomething went wrong: a fork was in two hands, or a meal is missing.\n"
                      : "\nAll have eaten, nobody used a neighbour's fork, and nobody is stuck.\n");
}

/* Waits for the last guest. */
static int keep_house(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < COUNT; i++) {
        (void)kiln_task_join(tasks[i], NULL, KILN_FOREVER);
    }
    print_summary();
    kiln_stop(wrong ? 1 : 0);
}

KILN_TASK_DEFINE(housekeeper, keep_house, NULL, 1, STACK_BYTES);

int main(void)
{
    kiln_printf("Five philosophers sit around a table, with a fork (Y) between each two.\n");
    kiln_printf("They think (.), get hungry (?), and can eat only with the forks of both sides.\n");
    kiln_printf("Each is a task, each fork a mutex; a fork in use is drawn next to its user.\n");
    kiln_printf("The table is round: the fork at the left end is the one at the right.\n\n");
    kiln_printf("%13s", "");
    for (unsigned i = 0; i < COUNT; i++) {
        kiln_printf("  %-7s", philosophers[i].name);
    }
    kiln_printf("\n");
    return kiln_start();
}
