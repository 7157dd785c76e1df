/* System tests on a board with floating point: its registers survive preemption. */
#include "harness.h"

#if defined(__ARM_FP)

#include <string.h>

#define GROUP "fpu"

#define FPSCR_ROUNDING 22 /* lowest bit of the field */

struct registers {
    uint32_t s[32];
    uint32_t fpscr;
};

/* Loads all 32 registers and the rounding mode, counts for a while, and stores them. */
static __attribute__((noinline)) void hold_registers(const struct registers *in,
                                                     struct registers *out, unsigned count)
{
    __asm__ volatile("vldmia %[in]!, {s0-s31}\n\t"
                     "ldr r3, [%[in]]\n\t"
                     "vmsr fpscr, r3\n"
                     "1:\tsubs %[count], #1\n\t"
                     "bne 1b\n\t"
                     "vstmia %[out]!, {s0-s31}\n\t"
                     "vmrs r3, fpscr\n\t"
                     "str r3, [%[out]]\n\t"
                     "mov r3, #0\n\t"
                     "vmsr fpscr, r3\n\t"
                     : [in] "+r"(in), [out] "+r"(out), [count] "+r"(count)
                     :
                     : "r3", "memory", "cc", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8",
                       "s9", "s10", "s11", "s12", "s13", "s14", "s15", "s16", "s17", "s18", "s19",
                       "s20", "s21", "s22", "s23", "s24", "s25", "s26", "s27", "s28", "s29", "s30",
                       "s31");
}

static kiln_ticks_t end;
static unsigned corruptions, rounds[4];
static struct registers in[4], out[4];

/* Each task has its own pattern and its own rounding mode. */
static int keep_registers(void *arg)
{
    unsigned who = (unsigned)ARG_INT(arg);
    for (unsigned i = 0; i < 32; i++) {
        in[who].s[i] = 0x3F800000U + (who << 16) + i;
    }
    in[who].fpscr = who << FPSCR_ROUNDING;
    while ((int32_t)(kiln_ticks() - end) < 0) {
        hold_registers(&in[who], &out[who], who == 3 ? 10 : 20000);
        if (memcmp(&in[who], &out[who], sizeof(in[who])) != 0) {
            corruptions++;
        }
        rounds[who]++;
        if (who == 3) {
            CHECK_OK(kiln_task_sleep(1)); /* out of the others' rounds, at every tick */
        } else if (rounds[who] % 5 == 0) {
            CHECK_OK(kiln_task_yield()); /* a switch of the other kind, in between */
        }
    }
    return 0;
}

/* A task that leaves floating point alone, among those that do not. */
static int leave_them_alone(void *arg)
{
    (void)arg;
    while ((int32_t)(kiln_ticks() - end) < 0) {
        CHECK_OK(kiln_task_sleep(3));
        test_spin(1);
    }
    return 0;
}

CASE(registers_survive_preemption)
{
    corruptions = 0;
    memset(rounds, 0, sizeof(rounds));
    end = kiln_ticks() + 200;
    (void)test_task(leave_them_alone, NULL, TEST_PRIO + 2);
    for (unsigned i = 0; i < 4; i++) {
        (void)test_sliced_task(keep_registers, ARG(i), i == 3 ? TEST_PRIO + 1 : TEST_PRIO - 1, 2);
    }
    test_join_all();
    CHECK_EQ(corruptions, 0);
    CHECK(rounds[3] > 50);
    CHECK(rounds[0] > 5 && rounds[1] > 5 && rounds[2] > 5);
}

static float shared_input = 1.5F;

static void compute_in_interrupt(void)
{
    volatile float value = shared_input;
    for (int i = 0; i < 10; i++) {
        value = value * 1.25F + 0.5F;
    }
    shared_input = value > 100.0F ? 1.5F : value;
}

static int keep_while_interrupted(void *arg)
{
    (void)arg;
    for (int i = 0; i < 20; i++) {
        test_irq_after(1, compute_in_interrupt);
        hold_registers(&in[0], &out[0], 20000); /* longer than a tick */
        corruptions += memcmp(&in[0], &out[0], sizeof(in[0])) != 0;
        test_align();
    }
    return 0;
}

CASE(registers_survive_an_interrupt_that_computes)
{
    corruptions = 0;
    for (unsigned i = 0; i < 32; i++) {
        in[0].s[i] = 0x40000000U + i;
    }
    in[0].fpscr = 1U << FPSCR_ROUNDING;
    (void)test_task(keep_while_interrupted, NULL, TEST_PRIO + 1);
    test_join_all();
    CHECK_EQ(corruptions, 0);
}

/* A function keeps s16-s31 and the rounding mode for its caller, and so must a switch. */
static __attribute__((noinline)) void hold_over_a_yield(const struct registers *from,
                                                        struct registers *to)
{
    int (*yield)(void) = kiln_task_yield;
    __asm__ volatile("add r4, %[from], #64\n\t"
                     "vldmia r4!, {s16-s31}\n\t"
                     "ldr r3, [r4]\n\t"
                     "vmsr fpscr, r3\n\t"
                     "blx %[yield]\n\t"
                     "add r4, %[to], #64\n\t"
                     "vstmia r4!, {s16-s31}\n\t"
                     "vmrs r3, fpscr\n\t"
                     "str r3, [r4]\n\t"
                     "mov r3, #0\n\t"
                     "vmsr fpscr, r3\n\t"
                     :
                     : [from] "r"(from), [to] "r"(to), [yield] "r"(yield)
                     : "r0", "r1", "r2", "r3", "r4", "r12", "lr", "memory", "cc", "s0", "s1", "s2",
                       "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "s12", "s13", "s14",
                       "s15", "s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23", "s24", "s25",
                       "s26", "s27", "s28", "s29", "s30", "s31");
}

static int keep_over_yields(void *arg)
{
    unsigned who = (unsigned)ARG_INT(arg);
    for (unsigned i = 0; i < 32; i++) {
        in[who].s[i] = 0x41000000U + (who << 16) + i;
    }
    in[who].fpscr = who << FPSCR_ROUNDING;
    for (int i = 0; i < 20; i++) {
        hold_over_a_yield(&in[who], &out[who]);
        corruptions += memcmp(&in[who].s[16], &out[who].s[16], 16 * sizeof(uint32_t)) != 0;
        corruptions += in[who].fpscr != out[who].fpscr;
    }
    return 0;
}

CASE(registers_survive_a_voluntary_switch)
{
    corruptions = 0;
    for (unsigned i = 0; i < 4; i++) {
        (void)test_task(keep_over_yields, ARG(i), TEST_PRIO - 1);
    }
    test_join_all();
    CHECK_EQ(corruptions, 0);
}

#endif
