/* Floating point in tasks that preempt each other gives what it gives alone. On every home: with
 * registers of its own, or in software. */
#include "harness.h"

#define GROUP "float"

#define STEPS 300

/* Chaotic, so that one wrong bit anywhere shows at the end. */
static double iterate(double x, double rate)
{
    float sum = 0.0F;
    for (int i = 0; i < STEPS; i++) {
        x = rate * x * (1.0 - x);
        sum += (float)x;
    }
    return x + (double)sum;
}

static double rate_of(int who)
{
    return 3.7 + 0.05 * who;
}

static double alone[3];
static kiln_ticks_t end;
static unsigned rounds[3];

static int compute(void *arg)
{
    int who = ARG_INT(arg);
    do {
        double value = iterate(0.4, rate_of(who));
        CHECK(value == alone[who]);
        rounds[who]++;
        if (who == 2) {
            CHECK_OK(kiln_task_sleep(1));
        }
    } while ((int32_t)(kiln_ticks() - end) < 0);
    return 0;
}

CASE(results_do_not_depend_on_preemption)
{
    for (int i = 0; i < 3; i++) {
        alone[i] = iterate(0.4, rate_of(i));
        rounds[i] = 0;
    }
    end = kiln_ticks() + 100;
    for (int i = 0; i < 3; i++) {
        (void)test_sliced_task(compute, ARG(i), i == 2 ? TEST_PRIO + 1 : TEST_PRIO - 1, 1);
    }
    test_join_all();
    CHECK(rounds[0] > 0 && rounds[1] > 0 && rounds[2] > 2);
}
