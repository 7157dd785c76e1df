/* A program for process.py: tasks are killed in the middle of making tasks, again and again, and
 * the app is restarted. It says what the process has of the host, at the beginning and at the end
 * of each of its lives. */
#include <dirent.h>
#include <malloc.h>
#include <stdio.h>

#include "kiln/kiln.h"

#define BOOTS  4U
#define ROUNDS 400U

#define MAGIC UINT32_C(0x1EA4B007)

static struct {
    uint32_t magic;
    uint32_t boots; /* since the process began */
} survivor KILN_NOINIT;

static struct kiln_task creator, child;
static volatile bool has_made; /* the creator, a child */
static uint64_t stack[64];     /* unused by the host's tasks, so that they can share it */

/* ---- What the process has of the host -------------------------------------------------------- */

static unsigned count_lines(const char *path)
{
    FILE *file = fopen(path, "r");
    unsigned lines = 0;
    for (int c = 0; file != NULL && (c = fgetc(file)) != EOF;) {
        lines += c == '\n';
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return lines;
}

static unsigned count_entries(const char *path)
{
    DIR *folder = opendir(path);
    unsigned count = 0;
    while (folder != NULL && readdir(folder) != NULL) {
        count++;
    }
    if (folder != NULL) {
        (void)closedir(folder);
    }
    return count;
}

static void tell(const char *when)
{
    unsigned mappings = count_lines("/proc/self/maps"), timers = count_lines("/proc/self/timers");
    unsigned files = count_entries("/proc/self/fd"), threads = count_entries("/proc/self/task");
    size_t heap_bytes = mallinfo2().uordblks;
    kiln_printf("boot %u %s: %u %u %u %u %zu\n", (unsigned)survivor.boots, when, mappings, timers,
                files, threads, heap_bytes);
}

/* ---- Tasks that come and go ------------------------------------------------------------------ */

static int do_nothing(void *arg)
{
    (void)arg;
    return 0;
}

static const struct kiln_task_def child_def = {.entry = do_nothing,
                                               .stack = stack,
                                               .stack_bytes = sizeof(stack),
                                               .name = "child",
                                               .priority = 1};

static int create_for_ever(void *arg)
{
    (void)arg;
    for (;;) {
        (void)kiln_task_init(&child, &child_def);
        has_made = true; /* so all rounds need as many stacks */
        (void)kiln_task_kill(&child, 0);
    }
    return 0;
}

static const struct kiln_task_def creator_def = {.entry = create_for_ever,
                                                 .stack = stack,
                                                 .stack_bytes = sizeof(stack),
                                                 .name = "creator",
                                                 .priority = 1};

/* A tick comes anywhere in the creation of a task, and the creator goes on no more. */
static void kill_the_creator(void)
{
    has_made = false;
    (void)kiln_task_create(&creator, &creator_def);
    do {
        (void)kiln_task_sleep(1);
    } while (!has_made);
    (void)kiln_task_kill(&creator, 0);
    (void)kiln_task_init(&child, &child_def); /* or it is there already */
    (void)kiln_task_kill(&child, 0);
}

static int run(void *arg)
{
    (void)arg;
    kiln_printf("mappings, timers, files, threads, bytes of the heap\n");
    kill_the_creator(); /* now there is what every round needs */
    tell("begin");
    for (unsigned round = 0; round < ROUNDS; round++) {
        kill_the_creator();
    }
    tell("end");
    if (++survivor.boots == BOOTS) {
        kiln_stop(0);
    }
    kiln_reboot();
    return 0;
}

KILN_TASK_DEFINE(runner, run, NULL, 5, 1024);

int main(void)
{
    if (survivor.magic != MAGIC) {
        survivor.magic = MAGIC;
        survivor.boots = 0;
    }
    return kiln_start();
}
