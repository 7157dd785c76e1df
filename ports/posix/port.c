/* Linux port: start, stop, console and last words. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/kernel.h"
#include "kiln/kiln.h"
#include "posix.h"

static struct port_ctx main_ctx; /* of main(), while the kernel runs */
static bool started;
static int stop_code;
static bool rebooting;
static jmp_buf again; /* below every main() but the first */
static bool has_again;
static unsigned long restarts;
static int main_argc;
static char **main_argv;
void (*posix_before_main)(int argc, char **argv);
void (*posix_look)(uint32_t idle_ticks);
const struct posix_guard *posix_guard;
void (*posix_console)(const char *text, size_t length);

/* Before main(): flags first, so that a bad one stops the process before it does anything. */
__attribute__((constructor)) static void before_main(int argc, char **argv)
{
    posix_parse_options(argc, argv);
    port_init();
    kernel_init();
    main_argc = argc;
    main_argv = argv;
    posix_image_keep();
    if (posix_before_main != NULL) {
        posix_before_main(argc, argv);
    }
}

void port_init(void)
{
    posix_irq_claim_thread();
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    if (posix_options.trace_path != NULL) {
        posix_trace_open(posix_options.trace_path);
    }
}

/* ---- Starting over ------------------------------------------------------------------------ */

int main(int argc, char **argv);

/* A main() that was entered here has returned, or has called kiln_stop() before the start. */
static __attribute__((noreturn)) void end_process(int status)
{
    posix_clock_stop();
    (void)posix_trace_close();
    exit(status);
}

/* Enters main() again, on its own stack. The frames of the first main() stay: they are the C
 * library's way out. Those of every later one are left here, so that the stack does not grow. */
static __attribute__((noreturn)) void run_again(void)
{
    if (has_again) {
        _longjmp(again, 1);
    }
    has_again = true;
    (void)_setjmp(again);
    rebooting = false;
    restarts++;
    posix_irq_reset();
    posix_clock_reset();
    posix_image_restore(POSIX_IMAGE_CHIP);
    kernel_init();
    end_process(main(main_argc, main_argv));
}

#if defined(SIM_TSAN)
static void refuse_tsan(void)
{
    (void)fprintf(stderr, "kiln: kiln_reboot(): not in a program built with ThreadSanitizer, whose "
                          "notes of the memory cannot be put back\n");
    end_process(1);
}
#else
static void refuse_tsan(void)
{
}
#endif

/* Leaves the running context, an interrupt's or a fault's too, for good. */
void port_reboot(void)
{
    refuse_tsan();
    if (posix_guard != NULL) {
        posix_guard->died("restarted the system");
    }
    if (started) {
        struct port_ctx left = kernel.current->ctx;
        rebooting = true;
        port_switch(&left, &main_ctx);
    }
    run_again();
}

int port_watchdog_start(uint32_t timeout_ms)
{
    (void)timeout_ms;
    return KILN_ESTATE;
}

void port_watchdog_feed(void)
{
}

bool port_watchdog_fired(void)
{
    return false;
}

/* ---- Start and stop ----------------------------------------------------------------------- */

int port_start(struct port_ctx *first)
{
    posix_irq_init();
    posix_clock_start();
    started = true;
    port_switch(&main_ctx, first);
    started = false;
    if (rebooting) {
        run_again();
    }
    posix_clock_stop();
    posix_irq_stop();
    return posix_trace_close() || stop_code != 0 ? stop_code : 1;
}

/* Leaves the running context, an interrupt's too, for good. */
void port_stop(int code)
{
    (void)port_irq_save();
    stop_code = code;
    if (!started) {
        end_process(code);
    }
    struct port_ctx left = kernel.current->ctx;
    port_switch(&left, &main_ctx);
    abort();
}

#define LAST_ACTS_MAX 4U
static void (*last_acts[LAST_ACTS_MAX])(void);
static volatile unsigned last_act_count;

void posix_at_last(void (*act)(void))
{
    if (last_act_count == LAST_ACTS_MAX) {
        abort();
    }
    last_acts[last_act_count] = act;
    last_act_count++; /* not before: a fault may come in between */
}

void posix_act_last(void)
{
    for (unsigned i = last_act_count; i != 0; i--) {
        last_acts[i - 1]();
    }
}

void port_halt(void)
{
    if (posix_guard != NULL) {
        posix_guard->died("halted");
    }
    posix_act_last();
    (void)fflush(stdout);
    (void)posix_trace_close();
    abort();
}

void port_console_write(const char *text, size_t length)
{
    if (posix_console != NULL) {
        posix_console(text, length);
    } else {
        (void)fwrite(text, 1, length, stdout);
    }
}

void port_panic_putc(char c)
{
    if (posix_guard != NULL) {
        posix_guard->panic_putc(c);
    } else {
        (void)!write(STDERR_FILENO, &c, 1);
    }
}

bool posix_is_debugged(void)
{
    char line[128];
    long tracer = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof(line), status) != NULL) {
        if (strncmp(line, "TracerPid:", 10) == 0) {
            tracer = strtol(line + 10, NULL, 10);
        }
    }
    if (status != NULL) {
        (void)fclose(status);
    }
    return tracer != 0;
}

const char *posix_running_name(void)
{
    return kiln_name(kernel.current);
}

const struct port_ctx *posix_running_ctx(void)
{
    return &kernel.current->ctx;
}

/* ---- Summary ------------------------------------------------------------------------------ */

static void print_time(void)
{
    (void)fprintf(stderr, "stopped after %.3f s", (double)kiln_uptime_us() / 1e6);
    if (restarts != 0) {
        (void)fprintf(stderr, ", restarted %lu times before", restarts);
    }
    (void)fputc('\n', stderr);
}

const char *posix_wait_text(enum kiln_wait kind)
{
    static const char *const texts[] = {
        [KILN_WAIT_NONE] = "",
        [KILN_WAIT_SLEEP] = "sleep",
        [KILN_WAIT_SEM] = "semaphore",
        [KILN_WAIT_MUTEX] = "mutex",
        [KILN_WAIT_QUEUE_SEND] = "queue, to send",
        [KILN_WAIT_QUEUE_RECEIVE] = "queue, to receive",
        [KILN_WAIT_FLAGS] = "flags",
        [KILN_WAIT_POOL] = "pool",
        [KILN_WAIT_JOIN] = "join",
        [KILN_WAIT_EXECUTOR] = "coroutines",
        [KILN_WAIT_ASYNC] = "end of a coroutine",
        [KILN_WAIT_WAKER] = "waker",
        [KILN_WAIT_STREAM_READ] = "stream, to read",
        [KILN_WAIT_STREAM_WRITE] = "stream, to write",
    };
    return texts[kind];
}

#if KILN_CFG_TASK_LIST
void posix_print_summary(void)
{
    (void)fprintf(stderr, "\n%-16s %-10s %4s %9s %12s %8s  %s\n", "task", "state", "prio",
                  "switches", "cpu ms", "stack", "waits for");
    for (struct kiln_task *task = kiln_task_next(NULL); task != NULL; task = kiln_task_next(task)) {
        struct kiln_task_info info;
        (void)kiln_task_get_info(task, &info);
        (void)fprintf(stderr, "%-16s %-10s %4u %9u %12.3f %8zu  %s\n", info.name,
                      kiln_task_state_name(info.state), info.priority, (unsigned)info.switches,
                      (double)info.cpu_us / 1000.0, info.stack_bytes,
                      posix_wait_text(info.wait_kind));
    }
    print_time();
}
#else
void posix_print_summary(void)
{
    (void)fputc('\n', stderr);
    print_time();
}
#endif
