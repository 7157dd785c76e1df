/* Interrupt sweep: the tasks, and the loop over scenarios, kinds of interrupt and offsets.
 *
 * Prints a line "pass SCENARIO KIND OFFSETS" or "fail ..." for each scenario and kind. A failure
 * ends the image, because nothing can be trusted after it; sweep.py goes on with the next scenario
 * in a new one.
 */
#include <string.h>

#include "core/kernel.h"
#include "diag/check.h"
#include "harness.h"

#define STACK_BYTES 640
#define OFFSETS_MAX 40000U /* more than any scenario has instructions */
#define ECHOES      96U    /* longer than the way from one interrupt through the switch's code */

#if defined(__ARM_FP)
#define FP 1
#else
#define FP 0
#endif
#if defined(__ARM_ARCH_6M__)
#define MASKS_ALL 1 /* PRIMASK masks the urgent ones as well */
#else
#define MASKS_ALL 0
#endif

/* Those with floating point come last: a task that has used it once keeps such a context. */
enum { KIND_KERNEL, KIND_URGENT, KIND_KERNEL_FP, KIND_URGENT_FP, KINDS };
static const char *const kind_names[] = {"kernel", "urgent", "kernel-fp", "urgent-fp"};

/* What to run: written by the emulator before the reset, and by nobody else. */
struct plan {
    uint32_t first;      /* number of the first scenario and kind: kind * scenarios + scenario */
    uint32_t is_one;     /* that only, ... */
    uint32_t has_offset; /* ... with that offset only */
    uint32_t offset;
    uint32_t stride; /* 0 or 1: every offset */
};
extern volatile struct plan sweep_plan;
volatile struct plan sweep_plan OUTLIVES_RESTART;

static struct {
    unsigned number; /* of the scenario and kind */
    unsigned offset;
    bool in_pairs; /* an offset is two: first interrupt * ECHOES + echo */
    bool is_startup;
} now OUTLIVES_RESTART;

static struct {
    const char *file, *what;
    long actual, expected;
    int line;
    bool failed;
} failure;

static unsigned woken_count;
static volatile bool is_owed; /* woken, and has not run */

KILN_SEM_DEFINE(woken_sem, 0, 4);

extern const uint8_t __flash_start[];

/* ---- Checks ---------------------------------------------------------------------------------- */

void sweep_check(const char *file, int line, const char *what, long actual, long expected)
{
    unsigned key = kiln_irq_lock();
    if (actual != expected && !failure.failed) {
        failure.file = file;
        failure.line = line;
        failure.what = what;
        failure.actual = actual;
        failure.expected = expected;
        failure.failed = true;
    }
    kiln_irq_unlock(key);
}

void sweep_check_kernel(void)
{
    const char *what = "";
    unsigned key = kiln_irq_lock();
    bool sound = k_check(&what);
    kiln_irq_unlock(key);
    if (!sound) {
        sweep_check(__FILE__, __LINE__, what, 0, 1);
    }
}

/* ---- Floating point -------------------------------------------------------------------------- */

#if FP
static void fp_pattern(uint32_t *words, unsigned who)
{
    for (unsigned i = 0; i < 16; i++) {
        words[i] = 0x3F800000U + (who << 16) + i;
    }
    words[16] = (who & 3U) << 22; /* rounding mode */
}

void fp_hold(unsigned who)
{
    uint32_t words[17];
    if (probe.spoils_fp) {
        fp_pattern(words, who);
        fp_load(words);
    }
}

void fp_check(unsigned who)
{
    uint32_t found[17], words[17];
    if (probe.spoils_fp) {
        fp_store(found);
        fp_pattern(words, who);
        CHECK_EQ(memcmp(found, words, sizeof(words)), 0);
    }
}
#else
void fp_hold(unsigned who)
{
    (void)who;
}

void fp_check(unsigned who)
{
    (void)who;
}
#endif

/* ---- The woken task -------------------------------------------------------------------------- */

void sweep_wake(void)
{
    is_owed = true;
    CHECK_OK(kiln_sem_give(&woken_sem));
}

static int woken_entry(void *arg)
{
    (void)arg;
    for (;;) {
        CHECK_OK(kiln_sem_take(&woken_sem, KILN_FOREVER));
        sweep_tell_woken(__flash_start);
        is_owed = false;
        woken_count++;
        fp_hold(3);
    }
    return 0;
}

KILN_TASK_DEFINE(woken, woken_entry, NULL, WOKEN_PRIO, STACK_BYTES);

/* ---- Helpers --------------------------------------------------------------------------------- */

struct helper {
    struct kiln_task *task;
    struct kiln_sem go, done;
    void (*fn)(void);
    unsigned who;
};

static int helper_entry(void *arg)
{
    struct helper *helper = (struct helper *)arg;
    for (;;) {
        CHECK_OK(kiln_sem_take(&helper->go, KILN_FOREVER));
        fp_hold(helper->who);
        helper->fn();
        fp_check(helper->who);
        CHECK_OK(kiln_sem_give(&helper->done));
    }
    return 0;
}

extern struct kiln_task high_task, low_task;
struct helper high = {.task = &high_task, .who = 1};
struct helper low = {.task = &low_task, .who = 2};
KILN_TASK_DEFINE(high_task, helper_entry, &high, HIGH_PRIO, STACK_BYTES);
KILN_TASK_DEFINE(low_task, helper_entry, &low, LOW_PRIO, STACK_BYTES);

void helper_start(struct helper *helper, void (*fn)(void))
{
    helper->fn = fn;
    CHECK_OK(kiln_sem_give(&helper->go));
}

void helper_wait(struct helper *helper)
{
    CHECK_OK(kiln_sem_take(&helper->done, KILN_FOREVER));
}

bool helper_is_done(struct helper *helper)
{
    return kiln_sem_count(&helper->done) == 1;
}

struct kiln_task *helper_task(struct helper *helper)
{
    return helper->task;
}

static void helper_init(struct helper *helper)
{
    CHECK_OK(kiln_sem_init(&helper->go, 0, 1));
    CHECK_OK(kiln_sem_init(&helper->done, 0, 1));
}

struct kiln_task victim;
KILN_STACK_DEFINE(victim_stack, STACK_BYTES);

void victim_init(int (*entry)(void *), unsigned priority)
{
    struct kiln_task_def def = {.entry = entry,
                                .stack = victim_stack,
                                .stack_bytes = sizeof(victim_stack),
                                .name = "victim",
                                .priority = (uint8_t)priority};
    CHECK_OK(kiln_task_init(&victim, &def));
}

void victim_ended(int code)
{
    int found = -1;
    CHECK_OK(kiln_task_join(&victim, &found, KILN_NO_WAIT));
    CHECK_EQ(found, code);
}

/* ---- One run --------------------------------------------------------------------------------- */

bool sweep_interrupted(void)
{
    return probe.fired != 0;
}

void sweep_open(void)
{
    fp_hold(0);
    sweep_tell_offset(__flash_start + now.offset);
    probe.echo = now.in_pairs ? now.offset % ECHOES : 0;
    probe_arm(now.in_pairs ? now.offset / ECHOES : now.offset);
}

void sweep_close(void)
{
    probe_disarm();
    CHECK(!is_owed);
    fp_check(0);
}

/* What must hold between runs, whatever the scenario. */
static void check_rest(void)
{
    CHECK(probe.fired <= (probe.echo != 0 ? 2 : 1));
    CHECK_EQ(woken_count, probe.fired);
    CHECK_EQ(kiln_sem_count(&woken_sem), 0);
    CHECK(kernel.timeouts == NULL);
    CHECK_EQ(kernel.locked, 0);
    CHECK_EQ(kiln_task_priority(kiln_task_self()), SWEEP_PRIO);
    CHECK_EQ(kiln_task_priority(&high_task), HIGH_PRIO);
    CHECK_EQ(kiln_task_priority(&low_task), LOW_PRIO);
    CHECK_EQ(kiln_sem_count(&high.done) + kiln_sem_count(&low.done), 0);
    sweep_check_kernel();
}

/* Begins just after a tick, so that the next one is far away. */
static void run_once(const struct scenario *scenario)
{
    CHECK_OK(kiln_task_sleep(1));
    woken_count = 0;
    scenario->run();
    check_rest();
}

static void report(const char *result, const char *name, const char *kind)
{
    (void)kiln_printf("%s %s %s %u\n", result, name, kind, now.offset);
}

static void fail(const char *name, const char *kind)
{
    report("fail", name, kind);
    (void)kiln_printf("# %s:%d: %s\n", failure.file, failure.line, failure.what);
    (void)kiln_printf("# is %ld, expected %ld\n", failure.actual, failure.expected);
    kiln_stop(1);
}

/* ---- The sweep of one scenario --------------------------------------------------------------- */

static unsigned stride(void)
{
    return sweep_plan.stride != 0 ? sweep_plan.stride : 1;
}

static bool is_over(const struct scenario *scenario)
{
    return sweep_plan.has_offset || !sweep_interrupted() ||
           (scenario->offsets_max != 0 && now.offset + stride() >= scenario->offsets_max);
}

/* PendSV_Handler() and what it returns to lie between these. */
extern const uint8_t preempted[], port_task_start[];

static bool is_in_switch(uint32_t pc)
{
    return pc >= (uint32_t)preempted && pc < (uint32_t)port_task_start;
}

static unsigned next_offset(void)
{
    if (now.in_pairs && !(is_in_switch(probe.pc) && now.offset % ECHOES < ECHOES - 1)) {
        return (now.offset / ECHOES + 1) * ECHOES;
    }
    return now.offset + (now.in_pairs ? 1 : stride());
}

/* The offsets of a stride greater than 1 begin elsewhere in each scenario. */
static void sweep(const struct scenario *scenario, unsigned kind)
{
    sweep_tell_scenario(__flash_start + now.number);
    now.in_pairs = scenario->in_pairs;
    probe.in_isr = scenario->in_isr;
    probe.kernel_is_ready = true;
    probe_init();
    now.offset = sweep_plan.has_offset ? sweep_plan.offset
                 : scenario->in_pairs  ? 0
                                       : now.number % stride();
    for (;;) {
        run_once(scenario);
        /* A sweep without an interrupt proves nothing. */
        CHECK(now.offset >= stride() || sweep_interrupted() || sweep_plan.has_offset);
        if (failure.failed) {
            fail(scenario->name, kind_names[kind]);
        }
        if (is_over(scenario)) {
            break;
        }
        now.offset = next_offset();
        CHECK(now.offset < OFFSETS_MAX * (now.in_pairs ? ECHOES : 1));
    }
    report("pass", scenario->name, kind_names[kind]);
}

static bool is_kind_here(unsigned kind)
{
    return (FP || kind < KIND_KERNEL_FP) && !(MASKS_ALL && kind == KIND_URGENT);
}

/* ---- Start-up -------------------------------------------------------------------------------- */

static void __attribute__((noreturn)) restart(void)
{
    sweep_tell_offset(__flash_start + now.offset);
    probe_restart(now.offset);
}

static unsigned early_count;

static int early_entry(void *arg)
{
    (void)arg;
    early_count++;
    return 0;
}

/* What the interrupt does besides waking: it starts a task more urgent than all, before or after
 * kiln_start() has chosen the first to run. */
static void start_early(void)
{
    CHECK_OK(kiln_task_start(&victim));
}

/* Before main() an interrupt of either kind does nothing but be there; from then on it uses the
 * kernel. Where the kernel cannot mask the urgent one, that has a sweep of its own. */
static void startup_begins(unsigned number, bool urgent)
{
    now.number = number;
    now.offset = sweep_plan.has_offset ? sweep_plan.offset : 0;
    now.is_startup = true;
    probe.urgent = urgent;
    probe.spoils_fp = false;
    probe.in_isr = start_early;
    probe.echo = 0;
    sweep_tell_scenario(__flash_start + number);
    restart();
}

static void startup_ends(const char *kind)
{
    report("pass", "reset", kind);
    if (!probe.urgent && !MASKS_ALL && !sweep_plan.is_one) {
        startup_begins(now.number + 1, true);
    }
    kiln_stop(0);
}

/* After each restart: the interrupt may have come anywhere from the reset to here. */
static void startup_goes_on(void)
{
    const char *kind = probe.urgent ? "startup-urgent" : "startup";
    bool came = sweep_interrupted();
    probe_disarm();
    CHECK(!is_owed);
    CHECK(probe.fired <= 1);
    CHECK(woken_count <= probe.fired);
    CHECK_EQ(early_count, woken_count);
    sweep_check_kernel();
    if (failure.failed) {
        fail("reset", kind);
    }
    if (!came || sweep_plan.has_offset) {
        startup_ends(kind);
    }
    now.offset += stride();
    restart();
}

/* ---- The controller -------------------------------------------------------------------------- */

static void sweep_kind(unsigned kind, unsigned first, unsigned count)
{
    probe.urgent = kind == KIND_URGENT || kind == KIND_URGENT_FP;
    probe.spoils_fp = kind >= KIND_KERNEL_FP;
    for (unsigned i = first; i < count; i++) {
        now.number = kind * count + i;
        sweep(&__start_sweep_cases[i], kind);
        if (sweep_plan.is_one) {
            kiln_stop(0);
        }
    }
}

static int controller_entry(void *arg)
{
    unsigned count = (unsigned)(__stop_sweep_cases - __start_sweep_cases);
    unsigned kind = sweep_plan.first / count, first = sweep_plan.first % count;
    (void)arg;
    if (now.is_startup) {
        startup_goes_on();
    }
    for (; kind < KINDS; kind++, first = 0) {
        if (is_kind_here(kind)) {
            sweep_kind(kind, first, count);
        }
    }
    startup_begins(KINDS * count + first, first != 0);
    return 0;
}

KILN_TASK_DEFINE(controller, controller_entry, NULL, SWEEP_PRIO, 1280);

int main(void)
{
    helper_init(&high);
    helper_init(&low);
    if (now.is_startup) {
        victim_init(early_entry, KILN_PRIORITY_MAX);
    }
    probe_init();
    probe.kernel_is_ready = true;
    return kiln_start();
}
