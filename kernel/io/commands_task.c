/* Commands that show tasks, and that change what they do. */
#include "kiln/config.h"

#if KILN_CFG_SHELL

#include <string.h>

#include "io/shell.h"
#include "kiln/kiln.h"

/* ---- Tables --------------------------------------------------------------------------------- */

/* Tenths of a percent of the time since the start. */
static unsigned share_of(uint64_t cpu_us)
{
    uint64_t all = kiln_uptime_us();
    return all == 0 ? 0 : (unsigned)(cpu_us * 1000U / all);
}

/* A row is formatted under the lock, and written when that is gone: to write may block. */
static bool format_row(char *text, size_t size, unsigned index)
{
    struct kiln_task_info info;
    (void)kiln_sched_lock();
    const struct kiln_task *task = k_task_at(index);
    if (task != NULL) {
        (void)kiln_task_get_info(task, &info);
        unsigned share = share_of(info.cpu_us);
        (void)kiln_snprintf(text, size, "%3u %-12.12s %-10s %4u %3u.%u %8u  %s%s\n", index,
                            info.name, kiln_task_state_name(info.state), info.priority, share / 10U,
                            share % 10U, (unsigned)info.switches, k_wait_kind(&info),
                            k_wait_name(&info));
    }
    (void)kiln_sched_unlock();
    return task != NULL;
}

static int ps(struct kiln_shell_call *call)
{
    char text[KILN_SHELL_TEXT_MAX];
    kiln_shell_printf(call, "%3s %-12s %-10s %4s %5s %8s  %s\n", "id", "task", "state", "prio",
                      "cpu %", "switches", "waits for");
    for (unsigned index = 0; format_row(text, sizeof(text), index); index++) {
        kiln_shell_printf(call, "%s", text);
    }
    return 0;
}
KILN_SHELL_COMMAND(ps, "", "all tasks, and what each waits for", ps);

static const char *stack_text(char *text, size_t bytes)
{
    if (!PORT_STACK_IS_MEASURED) {
        return "-";
    }
    (void)kiln_snprintf(text, K_STACK_TEXT, "%zu", bytes);
    return text;
}

const char *k_stack_used(char *text, const struct kiln_task_info *info)
{
    return stack_text(text, info->stack_used_max_bytes);
}

static bool format_stack(char *text, size_t size, unsigned index)
{
    struct kiln_task_info info;
    char used[K_STACK_TEXT], left[K_STACK_TEXT];
    (void)kiln_sched_lock();
    const struct kiln_task *task = k_task_at(index);
    if (task != NULL) {
        (void)kiln_task_get_info(task, &info);
        (void)kiln_snprintf(text, size, "%3u %-12.12s %6zu %6s %6s\n", index, info.name,
                            info.stack_bytes, k_stack_used(used, &info),
                            stack_text(left, info.stack_bytes - info.stack_used_max_bytes));
    }
    (void)kiln_sched_unlock();
    return task != NULL;
}

static int stack(struct kiln_shell_call *call)
{
    char text[KILN_SHELL_TEXT_MAX];
    kiln_shell_printf(call, "%3s %-12s %6s %6s %6s\n", "id", "task", "bytes", "used", "left");
    for (unsigned index = 0; format_stack(text, sizeof(text), index); index++) {
        kiln_shell_printf(call, "%s", text);
    }
    return 0;
}
KILN_SHELL_COMMAND(stack, "", "each task's stack, and the most it used", stack);

/* ---- Changes -------------------------------------------------------------------------------- */

int k_shell_kill(const struct kiln_shell_call *call, struct kiln_task *task, int code)
{
    return task == call->shell->server ? KILN_EDEADLK : kiln_task_kill(task, code);
}

int k_shell_suspend(const struct kiln_shell_call *call, struct kiln_task *task)
{
    return task == call->shell->server ? KILN_EDEADLK : kiln_task_suspend(task);
}

const char *k_shell_refusal(int error)
{
    switch (error) {
    case KILN_EINVAL:
        return "not the idle task";
    case KILN_EDEADLK:
        return "not the task that serves this shell";
    case KILN_ESTATE:
        return "it is in no state for that";
    default:
        return kiln_error_name(error);
    }
}

/* Unlocks what k_shell_task() locked, and says how it went. */
static int done(struct kiln_shell_call *call, int error)
{
    (void)kiln_sched_unlock();
    return error == KILN_OK
               ? 0
               : kiln_shell_fail(call, "'%s': %s", call->argv[1], k_shell_refusal(error));
}

static int kill_task(struct kiln_shell_call *call)
{
    uintptr_t code = 0;
    if (!k_shell_arguments(call, 1, 2) ||
        (call->argc == 3 && !k_shell_number(call, 2, INT32_MAX, &code))) {
        return 1;
    }
    struct kiln_task *task = k_shell_task(call, 1);
    return task == NULL ? 1 : done(call, k_shell_kill(call, task, (int)code));
}
KILN_SHELL_COMMAND(kill, "TASK [CODE]", "ends a task", kill_task);

static int suspend(struct kiln_shell_call *call)
{
    struct kiln_task *task = k_shell_arguments(call, 1, 1) ? k_shell_task(call, 1) : NULL;
    return task == NULL ? 1 : done(call, k_shell_suspend(call, task));
}
KILN_SHELL_COMMAND(suspend, "TASK", "keeps a task from running", suspend);

static int resume(struct kiln_shell_call *call)
{
    struct kiln_task *task = k_shell_arguments(call, 1, 1) ? k_shell_task(call, 1) : NULL;
    return task == NULL ? 1 : done(call, kiln_task_resume(task));
}
KILN_SHELL_COMMAND(resume, "TASK", "lets a suspended task run on", resume);

static int prio(struct kiln_shell_call *call)
{
    uintptr_t priority;
    if (!k_shell_arguments(call, 2, 2) || !k_shell_number(call, 2, KILN_PRIORITY_MAX, &priority)) {
        return 1;
    }
    struct kiln_task *task = k_shell_task(call, 1);
    return task == NULL ? 1 : done(call, kiln_task_set_priority(task, (unsigned)priority));
}
KILN_SHELL_COMMAND(prio, "TASK PRIORITY", "sets a task's base priority", prio);

/* The task may end, and its memory become something else, between the look-up and the join: whoever
 * reuses the storage of tasks waits for them elsewhere. */
static int wait_for(struct kiln_shell_call *call)
{
    uintptr_t ms = 0;
    int code = 0;
    if (!k_shell_arguments(call, 1, 2) ||
        (call->argc == 3 && !k_shell_number(call, 2, INT32_MAX / KILN_CFG_TICK_HZ, &ms))) {
        return 1;
    }
    struct kiln_task *task = k_shell_task(call, 1);
    if (task == NULL) {
        return 1;
    }
    (void)kiln_sched_unlock();
    int error = kiln_task_join(task, &code, call->argc == 3 ? KILN_MS(ms) : KILN_FOREVER);
    if (error == KILN_EAGAIN || error == KILN_ETIMEOUT) {
        return kiln_shell_fail(call, "'%s' has not ended", call->argv[1]);
    }
    if (error != KILN_OK) {
        return kiln_shell_fail(call, "cannot wait for '%s': %s", call->argv[1],
                               error == KILN_EDEADLK ? "it is this command"
                                                     : kiln_error_name(error));
    }
    kiln_shell_printf(call, "%s ended with code %d\n", call->argv[1], code);
    return 0;
}
KILN_SHELL_COMMAND(wait, "TASK [MS]", "waits for a task's end", wait_for);

/* ---- Entries -------------------------------------------------------------------------------- */

static size_t entry_count(void)
{
    return K_SECTION_COUNT(kiln_run_entries);
}

static const struct kiln_task_def *entry_named(const char *name)
{
    for (size_t i = 0; i < entry_count(); i++) {
        if (k_compare(__start_kiln_run_entries[i].name, name) == 0) {
            return &__start_kiln_run_entries[i];
        }
    }
    return NULL;
}

static int list_entries(struct kiln_shell_call *call)
{
    if (entry_count() == 0) {
        return kiln_shell_fail(call, "this app has nothing to run");
    }
    for (size_t i = 0; i < entry_count(); i++) {
        kiln_shell_printf(call, "%s\n", __start_kiln_run_entries[i].name);
    }
    return 0;
}

static int run(struct kiln_shell_call *call)
{
    if (!k_shell_arguments(call, 0, 1)) {
        return 1;
    }
    if (call->argc == 1) {
        return list_entries(call);
    }
    const struct kiln_task_def *entry = entry_named(call->argv[1]);
    if (entry == NULL) {
        return kiln_shell_fail(call, "there is no entry '%s': run lists them", call->argv[1]);
    }
    if (kiln_task_create(entry->task, entry) != KILN_OK) {
        return kiln_shell_fail(call, "'%s' runs already", entry->name);
    }
    return 0;
}
KILN_SHELL_COMMAND(run, "[ENTRY]", "starts an entry of the app, or lists them", run);

#endif
