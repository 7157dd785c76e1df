/* top: all tasks on a screen of ANSI sequences, again and again; keys act on the selected one.
 *
 * It costs little, because a row of the screen is written only when it differs from what is there:
 * of each row a hash is kept, not the text. What it has to remember between two refreshes is
 * static, so there is one top at a time: a mutex, which a killed task gives back. */
#include "kiln/config.h"

#if KILN_CFG_SHELL

#include <string.h>

#include "io/shell.h"
#include "kiln/kiln.h"

#define TASKS_MOST 24U
#define ROWS_MOST  50U
#define HEAD_ROWS  2U
#define ROW_TEXT   80U
#define CTRL_C     3

enum order { BY_CPU, BY_ID, BY_NAME, BY_STACK, BY_PRIORITY, BY_SWITCHES, ORDERS };

/* A task that was there at the last refresh. */
struct sample {
    const struct kiln_task *task; /* to be compared, and used while the scheduler is locked */
    const char *name;
    uint32_t cpu_us; /* up to now; differences are right though it wraps */
    uint32_t share;  /* tenths of a percent of the last interval */
    uint32_t key;    /* what to sort by, the greatest first */
    uint16_t id;     /* place in the list of tasks */
    bool is_alive;
};

static struct top {
    struct kiln_shell_call *call;
    struct sample samples[TASKS_MOST];
    unsigned count;
    uint32_t shown[ROWS_MOST]; /* hashes of the screen's rows; 0: not known */
    unsigned rows, interval_ms, times_left;
    uint64_t sampled_us;
    const struct kiln_task *selected;
    unsigned tasks; /* also those that found no room */
    uint32_t idle_share;
    enum order order;
    uint8_t escape;      /* how far into ESC [ */
    const char *refusal; /* of what the last key was to do; NULL: none */
    bool is_over;
} top;

#if KILN_CFG_MUTEX
/* Not a static object: an app that has no top has no such mutex either. */
static struct kiln_mutex mutex;
static bool has_mutex;

static bool begin(void)
{
    (void)kiln_sched_lock();
    if (!has_mutex) {
        has_mutex = kiln_mutex_init(&mutex, KILN_MUTEX_PLAIN) == KILN_OK;
        kiln_set_name(&mutex, "top");
    }
    (void)kiln_sched_unlock();
    return kiln_mutex_lock(&mutex, KILN_NO_WAIT) == KILN_OK;
}

static void end(void)
{
    (void)kiln_mutex_unlock(&mutex);
}
#else
static bool begin(void)
{
    return true;
}

static void end(void)
{
}
#endif

/* ---- Samples -------------------------------------------------------------------------------- */

static struct sample *sample_of(const struct kiln_task *task)
{
    for (unsigned i = 0; i < top.count; i++) {
        if (top.samples[i].task == task) {
            return &top.samples[i];
        }
    }
    if (top.count == TASKS_MOST) {
        return NULL;
    }
    top.samples[top.count] = (struct sample){.task = task};
    return &top.samples[top.count++];
}

static uint32_t key_of(const struct sample *sample, const struct kiln_task_info *info)
{
    switch (top.order) {
    case BY_CPU:
        return sample->share;
    case BY_STACK:
        return info->stack_bytes == 0 || !PORT_STACK_IS_MEASURED
                   ? (uint32_t)info->stack_bytes
                   : (uint32_t)(info->stack_used_max_bytes * 1000U / info->stack_bytes);
    case BY_PRIORITY:
        return info->priority;
    case BY_SWITCHES:
        return info->switches;
    default:
        return UINT32_MAX - sample->id;
    }
}

static void measure(struct sample *sample, unsigned id, uint32_t interval_us)
{
    struct kiln_task_info info;
    (void)kiln_task_get_info(sample->task, &info);
    if (interval_us != 0) {
        uint32_t used_us = (uint32_t)info.cpu_us - sample->cpu_us;
        uint32_t share = (uint32_t)((uint64_t)used_us * 1000U / interval_us);
        sample->share = share > 1000U ? 1000U : share;
        sample->cpu_us = (uint32_t)info.cpu_us;
    }
    sample->name = info.name;
    sample->id = (uint16_t)id;
    sample->key = key_of(sample, &info);
    sample->is_alive = true;
}

/* Those that ended are left out. */
static void drop_ended(void)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < top.count; i++) {
        if (top.samples[i].is_alive) {
            top.samples[kept++] = top.samples[i];
        }
    }
    top.count = kept;
}

static bool goes_before(const struct sample *one, const struct sample *other)
{
    if (top.order == BY_NAME) {
        return k_compare(one->name, other->name) < 0;
    }
    return one->key > other->key || (one->key == other->key && one->id < other->id);
}

static void sort(void)
{
    for (unsigned i = 1; i < top.count; i++) {
        struct sample sample = top.samples[i];
        unsigned at = i;
        for (; at > 0 && goes_before(&sample, &top.samples[at - 1]); at--) {
            top.samples[at] = top.samples[at - 1];
        }
        top.samples[at] = sample;
    }
}

/* Looks at all tasks, with the scheduler locked; `interval_us`: since the last time. */
static void sample_all(uint32_t interval_us)
{
    struct kiln_task *task = kiln_task_next(NULL);
    for (unsigned i = 0; i < top.count; i++) {
        top.samples[i].is_alive = false;
    }
    for (top.tasks = 0; task != NULL; task = kiln_task_next(task), top.tasks++) {
        struct sample *sample = sample_of(task);
        if (sample != NULL) {
            measure(sample, top.tasks, interval_us);
            top.idle_share = top.tasks == 0 ? sample->share : top.idle_share;
        }
    }
    drop_ended();
    sort();
}

/* ---- The screen ----------------------------------------------------------------------------- */

/* Never 0. */
static uint32_t hash_of(const char *text)
{
    uint32_t hash = UINT32_C(2166136261);
    while (*text != '\0') {
        hash = (hash ^ (uint8_t)*text++) * UINT32_C(16777619);
    }
    return hash | 1U;
}

static void put(const char *text)
{
    kiln_shell_printf(top.call, "%s", text);
}

/* Rows count from 0. One is one write, place and all: nothing that is printed comes in between. */
static void show(unsigned row, const char *text, bool reverse)
{
    char whole[ROW_TEXT + 20];
    uint32_t hash = hash_of(text) ^ (reverse ? 2U : 0U);
    if (row < top.rows && top.shown[row] != hash) {
        top.shown[row] = hash;
        int length = kiln_snprintf(whole, sizeof(whole), "\033[%uH%s%.79s\033[0m\033[K", row + 1U,
                                   reverse ? "\033[7m" : "", text);
        k_shell_write_rows(top.call, whole, (size_t)length);
    }
}

static const char *order_name(void)
{
    static const char *const names[] = {"cpu", "id", "name", "stack", "priority", "switches"};
    return names[top.order];
}

static void show_head(void)
{
    char text[ROW_TEXT];
    unsigned busy = 1000U - (unsigned)top.idle_share;
    uint64_t seconds = top.sampled_us / 1000000U; /* 32 bits of ms are 50 days */
    unsigned tenths = (unsigned)(top.sampled_us - seconds * 1000000U) / 100000U;
    (void)kiln_snprintf(text, sizeof(text), "up %u.%u s, %u tasks, cpu %u.%u %%, by %s",
                        (unsigned)seconds, tenths, top.tasks, busy / 10U, busy % 10U, order_name());
    show(0, text, false);
    (void)kiln_snprintf(text, sizeof(text), "%3s %-12s %-10s %5s %11s %4s %8s  %s", "id", "task",
                        "state", "cpu %", "stack", "prio", "switches", "waits for");
    show(1, text, true);
}

/* True when the sample's task is still there: then the text has its row. */
static bool format(char *text, const struct sample *sample)
{
    struct kiln_task_info info;
    char used[K_STACK_TEXT];
    (void)kiln_sched_lock();
    const struct kiln_task *task = k_task_at(sample->id);
    bool found = task == sample->task;
    if (found) {
        (void)kiln_task_get_info(task, &info);
        (void)kiln_snprintf(text, ROW_TEXT, "%3u %-12.12s %-10s %3u.%u %5s/%-5zu %4u %8u  %s%s",
                            sample->id, info.name, kiln_task_state_name(info.state),
                            (unsigned)sample->share / 10U, (unsigned)sample->share % 10U,
                            k_stack_used(used, &info), info.stack_bytes, info.priority,
                            (unsigned)info.switches, k_wait_kind(&info), k_wait_name(&info));
    }
    (void)kiln_sched_unlock();
    return found;
}

/* Where the selected task is among the samples; 0 when none is. */
static unsigned selected_at(void)
{
    unsigned at = top.count;
    while (at != 0 && top.samples[--at].task != top.selected) {
    }
    return at;
}

/* From the first task on, or as far down that the selected one is in the last row. */
static void show_tasks(void)
{
    char text[ROW_TEXT];
    unsigned row = HEAD_ROWS, room = top.rows - HEAD_ROWS - 1U, at = selected_at();
    for (unsigned i = at < room ? 0 : at - room + 1U; i < top.count && row + 1U < top.rows; i++) {
        if (format(text, &top.samples[i])) {
            show(row++, text, top.samples[i].task == top.selected);
        }
    }
    for (; row + 1U < top.rows; row++) {
        show(row, "", false);
    }
}

static void forget_screen(void)
{
    memset(top.shown, 0, sizeof(top.shown));
    put("\033[2J");
}

/* `interval_us`: what the shares are of; 0 leaves them as they are. */
static void refresh(uint32_t interval_us)
{
    (void)kiln_sched_lock();
    sample_all(interval_us);
    (void)kiln_sched_unlock();
    show_head();
    show_tasks();
    show(top.rows - 1U,
         top.refusal != NULL
             ? top.refusal
             : "q quit  o order  arrows select  k end  s suspend  +- priority  c chain  d dump",
         false);
}

/* ---- Keys ----------------------------------------------------------------------------------- */

/* Selects the row above or below; the first when none is. */
static void select(int by)
{
    int at = (int)selected_at(), last = (int)top.count - 1;
    if (top.samples[at].task == top.selected) {
        at += by;
        at = at < 0 ? 0 : at > last ? last : at;
    }
    top.selected = top.samples[at].task;
    show_tasks();
}

/* The selected task if it is still there, with the scheduler locked; else NULL, and nothing is. */
static struct kiln_task *lock_selected(void)
{
    (void)kiln_sched_lock();
    for (struct kiln_task *task = kiln_task_next(NULL); task != NULL; task = kiln_task_next(task)) {
        if (task == top.selected) {
            return task;
        }
    }
    (void)kiln_sched_unlock();
    return NULL;
}

static void change_priority(struct kiln_task *task, int by)
{
    struct kiln_task_info info;
    (void)kiln_task_get_info(task, &info);
    (void)kiln_task_set_priority(task, (unsigned)((int)info.base_priority + by)); /* or refuses */
}

static void act(char key)
{
    struct kiln_task *task = lock_selected();
    int error = KILN_OK;
    if (task == NULL) {
        return;
    }
    switch (key) {
    case 'k':
        error = k_shell_kill(top.call, task, 0);
        break;
    case 's':
        if (kiln_task_resume(task) != KILN_OK) {
            error = k_shell_suspend(top.call, task);
        }
        break;
    default:
        change_priority(task, key == '+' ? 1 : -1);
        break;
    }
    (void)kiln_sched_unlock();
    top.refusal = error != KILN_OK ? k_shell_refusal(error) : NULL;
    refresh(0);
}

static char await_key(kiln_ticks_t ticks)
{
    char key = 0;
    int count = kiln_stream_read(top.call->in, &key, 1, ticks);
    if (count == 0 || key == CTRL_C) {
        return 'q'; /* the input has ended */
    }
    return count == 1 ? key : 0;
}

/* Shows the selected task's chain or dump until a key is pressed. */
static void show_more(char key)
{
    const struct kiln_task *task = lock_selected();
    if (task == NULL) {
        return;
    }
    (void)kiln_sched_unlock();
    put("\033[2J\033[H");
    if (key == 'c') {
        k_chain_print(top.call, task);
    } else {
        k_dump_task(top.call, task);
    }
    put("press a key\n");
    top.is_over = await_key(KILN_FOREVER) == 'q';
    forget_screen();
    refresh(0);
}

static void act_on_key(char key)
{
    switch (key) {
    case 'q':
        top.is_over = true;
        break;
    case 'o':
        top.order = (enum order)((top.order + 1U) % ORDERS);
        refresh(0);
        break;
    case 'k':
    case 's':
    case '+':
    case '-':
        act(key);
        break;
    case 'c':
    case 'd':
        show_more(key);
        break;
    default:
        break;
    }
}

/* ESC [ A and B are the arrows. */
static void take_key(char key)
{
    top.refusal = NULL;
    if (key == '\033') {
        top.escape = 1;
    } else if (top.escape == 1) {
        top.escape = key == '[' || key == 'O' ? 2 : 0;
    } else if (top.escape == 2) {
        top.escape = 0;
        if (key == 'A' || key == 'B') {
            select(key == 'A' ? -1 : 1);
        }
    } else {
        act_on_key(key);
    }
}

/* ---- The command ---------------------------------------------------------------------------- */

/* Takes keys until the next refresh is due. */
static void pause(void)
{
    kiln_ticks_t start = kiln_ticks(), whole = KILN_MS(top.interval_ms), past;
    while (!top.is_over && (past = kiln_ticks() - start) < whole) {
        char key = await_key(whole - past);
        if (key != 0) {
            take_key(key);
        }
    }
}

static void run(void)
{
    forget_screen();
    put("\033[?25l");
    while (!top.is_over) {
        uint64_t now_us = kiln_uptime_us();
        uint32_t interval_us = (uint32_t)(now_us - top.sampled_us);
        top.sampled_us = now_us;
        refresh(interval_us);
        if (top.times_left != 0 && --top.times_left == 0) {
            break;
        }
        pause();
    }
    kiln_shell_printf(top.call, "\033[%uH\033[?25h\n", top.rows);
}

static bool parse(struct kiln_shell_call *call, uintptr_t *rows, uintptr_t *ms, uintptr_t *times)
{
    return k_shell_arguments(call, 0, 3) &&
           (call->argc < 2 || k_shell_number(call, 1, ROWS_MOST, rows)) &&
           (call->argc < 3 || k_shell_number(call, 2, 60000, ms)) &&
           (call->argc < 4 || k_shell_number(call, 3, UINT16_MAX, times));
}

static int top_command(struct kiln_shell_call *call)
{
    uintptr_t rows = 25, ms = 1000, times = 0;
    if (!parse(call, &rows, &ms, &times)) {
        return 1;
    }
    if (call->in != call->shell->terminal) {
        return kiln_shell_fail(call, "it has its keys from the terminal, not from a pipe");
    }
    if (rows < HEAD_ROWS + 2U || ms == 0) {
        return kiln_shell_fail(call, "it needs at least %u rows and 1 ms", HEAD_ROWS + 2U);
    }
    if (!begin()) {
        return kiln_shell_fail(call, "another one runs already");
    }
    top = (struct top){.call = call,
                       .rows = (unsigned)rows,
                       .interval_ms = (unsigned)ms,
                       .times_left = (unsigned)times};
    run();
    end();
    return 0;
}
KILN_SHELL_COMMAND(top, "[ROWS [MS [TIMES]]]", "tasks on the whole screen, again and again",
                   top_command);

#endif
