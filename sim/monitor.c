/* --monitor FD:MS: sends snapshots of all tasks, for tools/monitor.py to draw.
 *
 * The kernel thread takes them itself, where the kernel's state is whole: when interrupts are about
 * to be handled, and when all tasks wait. So a snapshot needs no lock, and shows what was before
 * the tick and not whom the tick has just woken. Blocks are paused meanwhile: in virtual time, and
 * for a replay, the run is the same to the block with and without it.
 *
 * FD is a socket that keeps messages apart. In real time a message that finds it full is dropped:
 * the run does not wait for its viewer. Other runs do: they have all the time.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/kernel.h"
#include "diag/names.h"
#include "kiln/kiln.h"
#include "posix.h"

#if KILN_CFG_TASK_LIST

static int viewer = -1;
static uint64_t every_ticks;
static uint64_t next_ticks; /* when the next one is due */

/* ---- A snapshot ----------------------------------------------------------------------------- */

/* A line for the time, then one for each task; fields are kept apart by tabs. The tasks that have
 * no room are left out. */
#define MESSAGE_BYTES (48U * 1024U)
#define LINE_BYTES    512U

static size_t line_of(const struct kiln_task *task, char *line)
{
    static const enum kiln_type types[] = {
        [KILN_WAIT_SEM] = KILN_TYPE_SEM,
        [KILN_WAIT_MUTEX] = KILN_TYPE_MUTEX,
        [KILN_WAIT_QUEUE_SEND] = KILN_TYPE_QUEUE,
        [KILN_WAIT_QUEUE_RECEIVE] = KILN_TYPE_QUEUE,
        [KILN_WAIT_FLAGS] = KILN_TYPE_FLAGS,
        [KILN_WAIT_POOL] = KILN_TYPE_POOL,
        [KILN_WAIT_JOIN] = KILN_TYPE_TASK,
        [KILN_WAIT_EXECUTOR] = KILN_TYPE_EXECUTOR,
        [KILN_WAIT_ASYNC] = KILN_TYPE_ASYNC,
        [KILN_WAIT_WAKER] = KILN_TYPE_WAKER,
        [KILN_WAIT_STREAM_READ] = KILN_TYPE_STREAM,
        [KILN_WAIT_STREAM_WRITE] = KILN_TYPE_STREAM,
    };
    struct kiln_task_info info;
    (void)kiln_task_get_info(task, &info);
    const char *object =
        info.wait_object != NULL ? k_object_name(info.wait_object, types[info.wait_kind]) : NULL;
    int length =
        snprintf(line, LINE_BYTES, "%p\t%.80s\t%s\t%u\t%u\t%" PRIu64 "\t%zu\t%zu\t%s\t%.80s\n",
                 (const void *)task, info.name, kiln_task_state_name(info.state), info.priority,
                 (unsigned)info.switches, info.cpu_us, info.stack_used_max_bytes, info.stack_bytes,
                 posix_wait_text(info.wait_kind), object != NULL ? object : "");
    return (size_t)length;
}

static void send_snapshot(void)
{
    static char message[MESSAGE_BYTES];
    int flags = MSG_NOSIGNAL | (posix_source == &posix_real ? MSG_DONTWAIT : 0);
    size_t length = (size_t)snprintf(message, LINE_BYTES, "%" PRIu64 "\n", port_cycles());
    for (struct kiln_task *task = kiln_task_next(NULL);
         task != NULL && length + LINE_BYTES <= MESSAGE_BYTES; task = kiln_task_next(task)) {
        length += line_of(task, message + length);
    }
    (void)send(viewer, message, length, flags); /* nobody looks any more: no matter */
}

/* ---- When ----------------------------------------------------------------------------------- */

/* With all tasks waiting for longer than it takes to the next one, this is what there is to see
 * until then. Virtual time does not stay there. */
static bool is_due(uint64_t idle_ticks)
{
    return posix_posted_ticks() >= next_ticks ||
           (posix_source == &posix_real && idle_ticks >= every_ticks);
}

static void look(uint32_t idle_ticks)
{
    if (!is_due(idle_ticks)) {
        return;
    }
    uint64_t blocks = posix_pause_blocks();
    uint64_t now = posix_posted_ticks();
    if (posix_options.virtual_time && posix_options.speed_given) {
        posix_real_pace(now);
    }
    send_snapshot();
    next_ticks = now - now % every_ticks + every_ticks;
    posix_resume_blocks(blocks);
}

/* ---- The flag ------------------------------------------------------------------------------- */

static void set_monitor(const char *value)
{
    char *end, *ms_end;
    long fd = strtol(value, &end, 10);
    double ms = *end == ':' ? posix_parse_number(end + 1, &ms_end) : -1.0;
    if (fd < 0 || fd > 1000000 || ms < 1.0 || ms > 1e6 || *ms_end != '\0') {
        posix_reject_option("--monitor must be a socket and milliseconds, like 3:100", value);
    }
    viewer = (int)fd;
    every_ticks = (uint64_t)(ms * KILN_CFG_TICK_HZ / 1000.0);
    every_ticks = every_ticks != 0 ? every_ticks : 1;
    next_ticks = every_ticks;
    posix_look = look;
}

#else

static void set_monitor(const char *value)
{
    (void)value;
    (void)fprintf(stderr, "kiln: --monitor: this program was built with KILN_CFG_TASK_LIST 0\n");
    exit(2);
}

#endif

POSIX_FLAG(monitor, "FD:MS", "for tools/monitor.py: snapshots, to a socket", set_monitor);
