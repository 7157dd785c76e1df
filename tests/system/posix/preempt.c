/* True preemption of host programs: of an empty loop, of the C library, of registers.
 *
 * The long cases take SYSTEM_SECONDS of the environment, 3 unless it says otherwise.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "posix.h"

#define GROUP "host"

static int64_t ns_of(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t wall_ns(void)
{
    return ns_of(CLOCK_MONOTONIC);
}

/* What the process got of the processor: other processes do not count. */
static int64_t cpu_ns(void)
{
    return ns_of(CLOCK_PROCESS_CPUTIME_ID);
}

#define NS_PER_TICK (1000000000 / KILN_CFG_TICK_HZ)

static kiln_ticks_t long_run_ticks(void)
{
    const char *text = getenv("SYSTEM_SECONDS");
    long seconds = text != NULL ? strtol(text, NULL, 10) : 3;
    return seconds > 0 && seconds <= 3600 ? KILN_MS(1000 * (uint64_t)seconds) : KILN_MS(3000);
}

/* ---- An empty endless loop ----------------------------------------------------------------- */

static int loop_for_ever(void *arg)
{
    (void)arg;
    for (;;) {
    }
    return 0;
}

CASE(empty_endless_loop_is_preempted)
{
    struct kiln_task *task = test_task(loop_for_ever, NULL, TEST_PRIO - 1);
    for (int i = 0; i < 20; i++) {
        CHECK_OK(kiln_task_sleep(2));
        CHECK_EQ(test_state(task), KILN_TASK_READY);
    }
    CHECK_OK(kiln_task_kill(task, 0));
}

#if KILN_CFG_SLICE
static unsigned switches_of(const struct kiln_task *task)
{
    struct kiln_task_info info;
    CHECK_OK(kiln_task_get_info(task, &info));
    return KILN_CFG_STATS ? info.switches : 3;
}

/* Where the host holds the process up, many ticks come as one, and end one slice. */
CASE(two_empty_endless_loops_share_the_processor)
{
    struct kiln_task *tasks[2];
    for (int i = 0; i < 2; i++) {
        tasks[i] = test_sliced_task(loop_for_ever, NULL, TEST_PRIO - 1, 2);
    }
    for (int i = 0; i < 400 && (switches_of(tasks[0]) < 3 || switches_of(tasks[1]) < 3); i++) {
        CHECK_OK(kiln_task_sleep(50));
    }
    for (int i = 0; i < 2; i++) {
        CHECK(switches_of(tasks[i]) >= 3);
        CHECK_OK(kiln_task_kill(tasks[i], 0));
    }
}
#endif

/* ---- The C library ------------------------------------------------------------------------- */

#define WRITERS    3
#define BLOCKS     64
#define FILE_BYTES (2L * 1024 * 1024)
#define LINES_MIN  400 /* of each, also where the host lets the time pass without running us */

static struct {
    FILE *file;
    kiln_ticks_t end;
    unsigned long next[WRITERS];    /* line number each writes next */
    unsigned long checked[WRITERS]; /* line number that is to come next in the file */
    unsigned long blocks_checked;
} libc_test;

/* Reads the file back. No task is within the C library while another runs: that is the point. */
static void check_file(void)
{
    char line[128], text[64];
    unsigned long number;
    unsigned who;
    rewind(libc_test.file);
    while (fgets(line, sizeof(line), libc_test.file) != NULL) {
        int fields = sscanf(line, "%u %lu %63s", &who, &number, text);
        CHECK_EQ(fields, 3);
        CHECK(who < WRITERS);
        if (fields == 3 && who < WRITERS) {
            CHECK_EQ(number, libc_test.checked[who]);
            libc_test.checked[who] = number + 1;
            CHECK(strcmp(text, "kiln-kiln-kiln-kiln") == 0);
        }
    }
    rewind(libc_test.file);
    CHECK_EQ(ftruncate(fileno(libc_test.file), 0), 0);
}

static void print_line(unsigned who)
{
    (void)fprintf(libc_test.file, "%u %lu %s-%s\n", who, libc_test.next[who], "kiln-kiln",
                  "kiln-kiln");
    libc_test.next[who]++;
    kiln_sched_lock();
    if (ftell(libc_test.file) > FILE_BYTES) {
        check_file();
    }
    (void)kiln_sched_unlock();
}

/* Replaces one block by another, after a look at what is in it. */
static void exchange_block(uint8_t **block, size_t *size, uint8_t pattern, size_t new_size)
{
    for (size_t i = 0; i < *size; i++) {
        if ((*block)[i] != pattern) {
            CHECK_EQ((*block)[i], pattern);
            break;
        }
    }
    free(*block);
    *block = (uint8_t *)malloc(new_size);
    *size = new_size;
    memset(*block, pattern, new_size);
    (void)__atomic_add_fetch(&libc_test.blocks_checked, 1, __ATOMIC_RELAXED);
}

/* The more urgent two sleep now and then, at other ticks each; the least urgent never does. */
static int print_and_allocate(void *arg)
{
    uint8_t *blocks[BLOCKS] = {NULL};
    size_t sizes[BLOCKS] = {0};
    unsigned who = (unsigned)ARG_INT(arg);
    for (unsigned i = 1; (int32_t)(kiln_ticks() - libc_test.end) < 0 || i <= LINES_MIN; i++) {
        unsigned slot = i * 31U % BLOCKS;
        print_line(who);
        exchange_block(&blocks[slot], &sizes[slot], (uint8_t)(who * BLOCKS + slot),
                       i * 137U % 3000U + 1U);
        if (who != 0 && i % 64 == 0) {
            CHECK_OK(kiln_task_sleep(who));
        }
    }
    for (unsigned i = 0; i < BLOCKS; i++) {
        free(blocks[i]);
    }
    return 0;
}

CASE(three_tasks_print_and_allocate_flat_out)
{
    kiln_ticks_t ticks = test_home() == TEST_HOST_REAL ? long_run_ticks() : KILN_MS(100);
    test_allow(ticks + KILN_MS(60000));
    memset(&libc_test, 0, sizeof(libc_test));
    libc_test.file = tmpfile();
    CHECK(libc_test.file != NULL);
    libc_test.end = kiln_ticks() + ticks;
    for (unsigned i = 0; i < WRITERS; i++) {
        (void)test_task(print_and_allocate, ARG(i), TEST_PRIO - WRITERS + i);
    }
    CHECK_OK(kiln_task_sleep(ticks));
    test_join_all();
    check_file();
    for (unsigned i = 0; i < WRITERS; i++) {
        CHECK_EQ(libc_test.checked[i], libc_test.next[i]);
        CHECK(libc_test.next[i] >= LINES_MIN);
    }
    CHECK(libc_test.blocks_checked >= (unsigned long)WRITERS * LINES_MIN);
    (void)fclose(libc_test.file);
}

static int errno_spoiled; /* atomic */

static int spoil_errno(void *arg)
{
    (void)arg;
    CHECK_OK(kiln_task_sleep(2));
    errno = ERANGE;
    __atomic_store_n(&errno_spoiled, 1, __ATOMIC_RELAXED);
    return 0;
}

/* Preempted at an instrumented block in virtual time, by the signal in real time. */
CASE(errno_survives_preemption_by_a_task_that_sets_it)
{
    volatile int *mine = &errno; /* or the compiler knows what it stored */
    errno_spoiled = 0;
    (void)test_task(spoil_errno, NULL, TEST_PRIO + 1);
    *mine = EDOM;
    /* No call: nothing but a preemption ends this loop. */
    while (!__atomic_load_n(&errno_spoiled, __ATOMIC_RELAXED)) {
    }
    CHECK_EQ(*mine, EDOM);
}

/* ---- Registers and the red zone ------------------------------------------------------------ */

#if defined(__x86_64__)

/* What a task keeps in the processor while it is preempted. */
struct registers {
    uint64_t xmm[16][2];
    uint64_t red_zone[16];
    double x87;
    uint32_t mxcsr;
    uint16_t control;
};

/* Loads everything, counts for a while, stores everything: whatever changed in between was
 * changed by a preemption. The stack pointer moves first, so that the red zone that it fills is
 * not one of the compiler's. */
static __attribute__((noinline)) void hold_registers(const struct registers *in,
                                                     struct registers *out, unsigned long count)
{
    __asm__ volatile("sub $512, %%rsp\n\t"
                     "ldmxcsr %c[mxcsr](%[in])\n\t"
                     "fldcw %c[control](%[in])\n\t"
                     "fldl %c[x87](%[in])\n\t"
                     ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n\t"
                     "movups %c[xmm]+16*\\n(%[in]), %%xmm\\n\n\t"
                     "mov %c[red]+8*\\n(%[in]), %%rax\n\t"
                     "mov %%rax, -128+8*\\n(%%rsp)\n\t"
                     ".endr\n"
                     "1:\tdec %[count]\n\t"
                     "jnz 1b\n\t"
                     ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n\t"
                     "movups %%xmm\\n, %c[xmm]+16*\\n(%[out])\n\t"
                     "mov -128+8*\\n(%%rsp), %%rax\n\t"
                     "mov %%rax, %c[red]+8*\\n(%[out])\n\t"
                     ".endr\n\t"
                     "fstpl %c[x87](%[out])\n\t"
                     "fnstcw %c[control](%[out])\n\t"
                     "stmxcsr %c[mxcsr](%[out])\n\t"
                     "add $512, %%rsp\n\t"
                     : [count] "+r"(count)
                     : [in] "r"(in), [out] "r"(out), [xmm] "i"(offsetof(struct registers, xmm)),
                       [red] "i"(offsetof(struct registers, red_zone)),
                       [x87] "i"(offsetof(struct registers, x87)),
                       [mxcsr] "i"(offsetof(struct registers, mxcsr)),
                       [control] "i"(offsetof(struct registers, control))
                     : "rax", "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5",
                       "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14",
                       "xmm15", "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)",
                       "st(7)");
}

#define MXCSR_DEFAULT   0x1F80U
#define MXCSR_ROUNDING  13 /* lowest bit of the field */
#define X87_DEFAULT     0x037FU
#define X87_ROUNDING    10
#define PREEMPTIBLE_FOR 200000UL /* counts: some tenth of a tick */

static kiln_ticks_t registers_end;
static unsigned long corruptions, rounds[4];

/* Each task has its own pattern and its own rounding mode. */
static int keep_registers(void *arg)
{
    struct registers in = {.x87 = 1.0 / 3.0 + ARG_INT(arg)}, out;
    unsigned who = (unsigned)ARG_INT(arg);
    memset(in.xmm, 0x11 * (int)(who + 1), sizeof(in.xmm));
    memset(in.red_zone, 0xA0 + (int)who, sizeof(in.red_zone));
    in.mxcsr = MXCSR_DEFAULT | who << MXCSR_ROUNDING;
    in.control = (uint16_t)(X87_DEFAULT | who << X87_ROUNDING);
    while ((int32_t)(kiln_ticks() - registers_end) < 0) {
        memset(&out, 0, sizeof(out));
        hold_registers(&in, &out, who == 3 ? 100 : PREEMPTIBLE_FOR);
        corruptions += memcmp(in.xmm, out.xmm, sizeof(in.xmm)) != 0;
        corruptions += memcmp(in.red_zone, out.red_zone, sizeof(in.red_zone)) != 0;
        corruptions += memcmp(&in.x87, &out.x87, sizeof(in.x87)) != 0;
        corruptions += (in.mxcsr ^ out.mxcsr) >> MXCSR_ROUNDING != 0; /* below: sticky flags */
        corruptions += in.control != out.control;
        rounds[who]++;
        if (who == 3) {
            CHECK_OK(kiln_task_sleep(1)); /* out of the others' rounds, at every tick */
        }
    }
    return 0;
}

CASE_IF(registers_and_red_zone_survive_preemption, TEST_REAL)
{
    kiln_ticks_t ticks = long_run_ticks();
    test_allow(ticks + KILN_MS(60000));
    corruptions = 0;
    memset(rounds, 0, sizeof(rounds));
    int64_t start_ns = cpu_ns();
    registers_end = kiln_ticks() + ticks;
    for (unsigned i = 0; i < 4; i++) {
        (void)test_sliced_task(keep_registers, ARG(i), i == 3 ? TEST_PRIO + 1 : TEST_PRIO - 1, 1);
    }
    CHECK_OK(kiln_task_sleep(ticks));
    test_join_all();
    CHECK_EQ(corruptions, 0);
    CHECK((int64_t)rounds[3] > (cpu_ns() - start_ns) / NS_PER_TICK / 4); /* preempted, and often */
    CHECK(rounds[0] > 10);
}

/* The rounding modes of both units, as `who` sets them. */
static void set_rounding(unsigned who)
{
    uint32_t mxcsr = MXCSR_DEFAULT | who << MXCSR_ROUNDING;
    uint16_t control = (uint16_t)(X87_DEFAULT | who << X87_ROUNDING);
    __asm__ volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(mxcsr), "m"(control));
}

static unsigned rounding(void)
{
    uint32_t mxcsr;
    uint16_t control;
    __asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(mxcsr), "=m"(control));
    return (mxcsr >> MXCSR_ROUNDING & 3U) | (control >> X87_ROUNDING & 3U) << 4;
}

static int keep_rounding(void *arg)
{
    unsigned who = (unsigned)ARG_INT(arg);
    set_rounding(who);
    for (int i = 0; i < 20; i++) {
        CHECK_OK(i % 2 == 0 ? kiln_task_yield() : kiln_task_sleep(1));
        CHECK_EQ(rounding(), who * 0x11);
    }
    set_rounding(0);
    return 0;
}

CASE(control_words_survive_a_voluntary_switch)
{
    for (unsigned i = 0; i < 4; i++) {
        (void)test_task(keep_rounding, ARG(i), TEST_PRIO - 1);
    }
    test_join_all();
    CHECK_EQ(rounding(), 0);
}
#endif

/* ---- Time ---------------------------------------------------------------------------------- */

static int load_end;

static int print_under_load(void *arg)
{
    char text[64];
    (void)arg;
    while (!*(volatile int *)&load_end) {
        (void)snprintf(text, sizeof(text), "%d %s %f", load_end, "load", 1.5);
        free(malloc(100));
    }
    return 0;
}

/* The wall is read first, so that being held up in between looks like no lag. */
static int64_t lag_ticks(kiln_ticks_t start, int64_t start_ns)
{
    int64_t wall = (wall_ns() - start_ns) / NS_PER_TICK;
    return wall - (int64_t)(kiln_ticks() - start);
}

/* A signal can be late, where the host was held up itself. What it brings is soon made up for; what
 * is lost stays away, however long the process runs. */
static int64_t lasting_lag_ticks(kiln_ticks_t start, int64_t start_ns)
{
    int64_t begun_ns = cpu_ns();
    int64_t lag = lag_ticks(start, start_ns);
    while (lag > 1 && cpu_ns() - begun_ns < NS_PER_TICK) {
        lag = lag_ticks(start, start_ns);
    }
    return lag;
}

/* Read before the wall, so that being held up in between looks like no lead. */
static int64_t lead_ticks(void)
{
    uint64_t ticks = kiln_uptime_ticks() - KILN_CFG_START_TICKS;
    return (int64_t)(ticks - posix_real_ticks_due());
}

CASE_IF(ticks_under_load_lag_the_wall_by_one_at_most, TEST_REAL)
{
    int64_t worst_lag = 0, worst_lead = INT64_MIN;
    load_end = 0;
    (void)test_task(print_under_load, NULL, TEST_PRIO - 1);
    kiln_ticks_t before = kiln_ticks();
    while (kiln_ticks() == before) {
    }
    kiln_ticks_t start = kiln_ticks();
    int64_t start_ns = wall_ns();
    while (wall_ns() - start_ns < 1000000000) {
        int64_t lag = lasting_lag_ticks(start, start_ns), lead = lead_ticks();
        worst_lag = lag > worst_lag ? lag : worst_lag;
        worst_lead = lead > worst_lead ? lead : worst_lead;
        if (kiln_ticks() % 8 == 0) {
            CHECK_OK(kiln_task_sleep(1));
        }
    }
    load_end = 1;
    test_join_all();
    CHECK_WITHIN(worst_lag, 0, 1);
    CHECK_WITHIN(worst_lead, -1000, 0);
}

/* Neither does it wait busily, which would take 2000 ms, nor tick by tick, which would be 2000
 * switches; `make bench` has the figure. */
CASE_IF(idle_uses_no_processor_time, TEST_REAL)
{
    struct rusage before, after;
    int64_t start_ns = cpu_ns();
    (void)getrusage(RUSAGE_SELF, &before);
    CHECK_OK(kiln_task_sleep(KILN_MS(2000)));
    (void)getrusage(RUSAGE_SELF, &after);
    CHECK_WITHIN((cpu_ns() - start_ns) / 1000000, 0, 100);
    CHECK_WITHIN(after.ru_nvcsw - before.ru_nvcsw, 0, 100);
}

/* How late a sleep ends depends on the host; but not all of them are late. */
CASE_IF(sleep_follows_the_wall, TEST_REAL)
{
    int64_t start_ns = wall_ns(), best_ns = INT64_MAX;
    for (int i = 0; i < 200; i++) {
        int64_t from_ns = wall_ns();
        CHECK_OK(kiln_task_sleep(1));
        int64_t ns = wall_ns() - from_ns;
        best_ns = ns < best_ns ? ns : best_ns;
    }
    CHECK(wall_ns() - start_ns >= INT64_C(199) * NS_PER_TICK);
    CHECK_WITHIN(best_ns, 0, 2 * NS_PER_TICK);
}
