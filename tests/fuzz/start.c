/* An input of one byte is not a program: it says what happens before kiln_start(). The driver is
 * not created then; the task that KILN_TASK_DEFINE makes, which is part of this image, is alone
 * with the idle task. No model: what has to come of each case stands here. */
#include "start.h"
#include "core/kernel.h"
#include "model/model.h"
#include "posix.h"

#define STACK_BYTES 1024

static unsigned runs;

static int run_and_end(void *arg)
{
    (void)arg;
    runs++;
    return 0;
}

KILN_TASK_DEFINE(defined, run_and_end, NULL, PROGRAM_PRIORITY_MAX + 1, STACK_BYTES);

static void require(bool condition, const char *what)
{
    if (!condition) {
        model_disagrees(what);
    }
}

static void start(void *object)
{
    (void)object;
    (void)kiln_start();
}

/* ---- Cases: each returns whether the kernel can start then ------------------------------------
 */

static bool nothing(void)
{
    return true;
}

static bool lock_mutex(void)
{
    static struct kiln_mutex mutex;
    mutex = (struct kiln_mutex){.owner = NULL};
    require(kiln_mutex_init(&mutex, KILN_MUTEX_PLAIN) == KILN_OK, "init before the start");
    require(kiln_mutex_lock(&mutex, KILN_NO_WAIT) == KILN_ESTATE, "lock before the start");
    require(kiln_mutex_unlock(&mutex) == KILN_EPERM, "unlock before the start");
    return true;
}

static bool wait(void)
{
    require(kiln_task_sleep(1) == KILN_ELOCKED, "sleep before the start");
    require(kiln_task_yield() == KILN_ELOCKED, "yield before the start");
    require(kiln_sched_unlock() == KILN_ESTATE, "unlock nothing before the start");
    require(kiln_sched_lock() == KILN_OK, "lock before the start");
    require(kiln_sched_unlock() == KILN_OK, "unlock before the start");
    return true;
}

/* The definition's task exists already. */
static bool create_twice(void)
{
    struct program_outcome outcome;
    require(kiln_task_create(&defined, &defined_def) == KILN_OK, "create before the start");
    program_panic(start, NULL, &outcome);
    require(outcome.result == KILN_OK &&
                outcome.value == program_hash_text("\nkiln: panic: a KILN_TASK_DEFINE that "
                                                   "kiln_task_init() refuses: object defined at "
                                                   "0x, in task idle\n"),
            "a definition whose task lives");
    return false;
}

/* ---- All --------------------------------------------------------------------------------------
 */

/* Outside of programs the idle task sleeps when all that is to run has run. */
void fuzz_idle(uint32_t ticks)
{
    require(program.driver.tag == NULL, "the kernel idles, though the driver is ready");
    require(runs == 1, "runs of the defined task");
    require(ticks == KILN_FOREVER, "ticks to idle with nothing to wait for");
    kiln_stop(0);
}

void fuzz_start(uint8_t which)
{
    static bool (*const cases[])(void) = {nothing, lock_mutex, wait, create_twice};
    if (cases[which % (sizeof(cases) / sizeof(cases[0]))]()) {
        require(kiln_start() == 0, "the kernel stops as it was told");
    }
}

void fuzz_forget_start(void)
{
    runs = 0;
    if (defined.tag != NULL && (defined.flags & K_TASK_TERMINATED) == 0) {
        port_ctx_free(&defined.ctx);
    }
    defined = (struct kiln_task){.next = NULL};
}
