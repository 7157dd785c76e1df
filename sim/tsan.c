/* ThreadSanitizer for tasks: fibers, and order between them. See tsan.h. */
#include "tsan.h"

#if defined(SIM_TSAN)

#include <errno.h>
#include <sanitizer/tsan_interface.h>
#include <stdlib.h>
#include <string.h>

#include "posix.h"

#if !KILN_CFG_TRACE
#error "ThreadSanitizer is told by the kernel's trace: it needs KILN_CFG_TRACE"
#endif

struct sim_tsan_fiber {
    void *handle; /* TSan's */
    struct sim_tsan_fiber *next;
    struct sim_tsan_fiber *interrupted; /* of an interrupt that is being handled, or NULL */
    const void *argument;
    char told, said; /* keys: what others told it, and what it said to others */
};

static struct sim_tsan_fiber main_fiber, isr_fibers[1 + POSIX_LINES]; /* the tick's is first */
static struct sim_tsan_fiber *fibers;                                 /* all of them */
static struct sim_tsan_fiber *running = &main_fiber;
static unsigned report_count;

/* ---- What TSan asks for ---------------------------------------------------------------------- */

const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "history_size=7:atexit_sleep_ms=0:report_thread_leaks=0";
}

void AnnotateBenignRaceSized(const char *file, int line, const volatile void *address, size_t bytes,
                             const char *why);

void __tsan_on_report(void *report);
void __tsan_on_report(void *report)
{
    (void)report;
    report_count++;
}

static void print_result(void)
{
    (void)fflush(stdout);
    if (report_count == 0) {
        (void)fprintf(stderr, "tsan: no data race\n");
    } else {
        (void)fprintf(stderr, "tsan: %u data race%s\n", report_count, report_count > 1 ? "s" : "");
    }
}

/* In real time the tick's signal reads the clock, which TSan takes part in, and could find TSan in
 * the middle of its own work. Before the flags are read. */
__attribute__((constructor(101))) static void prefer_virtual_time(void)
{
    posix_options.virtual_time = true;
}

static void start(void)
{
    if (posix_source == &posix_real) {
        (void)fprintf(stderr, "kiln: with ThreadSanitizer there is no real time: use "
                              "--clock virtual\n");
        exit(2);
    }
    main_fiber.handle = __tsan_get_current_fiber();
    AnnotateBenignRaceSized(__FILE__, __LINE__, &errno, sizeof(errno), "each task has its own");
    (void)atexit(print_result);
    sim_tsan_listen();
}

/* ---- Fibers ---------------------------------------------------------------------------------- */

static const char end_key; /* what happened before the kernel's end */

static void become(struct sim_tsan_fiber *fiber)
{
    if (fiber != running) {
        running = fiber;
        __tsan_switch_to_fiber(fiber->handle, __tsan_switch_to_fiber_no_sync);
    }
}

/* TSan orders a new fiber after the one that creates it. */
static void create(struct sim_tsan_fiber *fiber)
{
    fiber->handle = __tsan_create_fiber(0);
    fiber->next = fibers;
    fibers = fiber;
}

struct sim_tsan_fiber *sim_tsan_fiber_new(struct sim_tsan_fiber *old)
{
    if (main_fiber.handle == NULL) {
        start();
    }
    if (old != NULL) {
        sim_tsan_release_as(old, &end_key);
        __tsan_destroy_fiber(old->handle);
        old->handle = __tsan_create_fiber(0);
        old->argument = NULL;
        return old;
    }
    struct sim_tsan_fiber *fiber = (struct sim_tsan_fiber *)calloc(1, sizeof(*fiber));
    if (fiber == NULL) {
        perror("kiln: no memory for a task's fiber");
        exit(1);
    }
    create(fiber);
    return fiber;
}

static void leave_main(void)
{
    for (struct sim_tsan_fiber *fiber = fibers; fiber != NULL; fiber = fiber->next) {
        sim_tsan_tell(fiber);
    }
}

static void return_to_main(void)
{
    for (struct sim_tsan_fiber *fiber = fibers; fiber != NULL; fiber = fiber->next) {
        sim_tsan_release_as(fiber, &end_key);
    }
    become(&main_fiber);
    sim_tsan_acquire(&end_key);
}

void sim_tsan_switch(struct sim_tsan_fiber *to)
{
    if (running == &main_fiber) {
        leave_main();
    }
    if (to != NULL) {
        become(to);
    } else {
        return_to_main();
    }
}

struct sim_tsan_fiber *sim_tsan_running(void)
{
    return running;
}

void sim_tsan_set_name(struct sim_tsan_fiber *fiber, const char *name)
{
    __tsan_set_fiber_name(fiber->handle, name);
}

bool sim_tsan_on_kernel_thread(void)
{
    return __tsan_get_current_fiber() == running->handle;
}

void sim_tsan_set_argument(const void *argument)
{
    running->argument = argument;
}

const void *sim_tsan_argument(void)
{
    return running->argument;
}

/* Not with snprintf(): that it writes, to a stack that all interrupts share, would count as done by
 * the interrupted task. */
static void name_line(char name[12], unsigned line)
{
    char *at = name + 9;
    memcpy(name, "isr line ", 9);
    if (line >= 10) {
        *at++ = (char)('0' + line / 10);
    }
    *at++ = (char)('0' + line % 10);
    *at = '\0';
}

/* Created by main(), which got no further than to start the kernel: so all that it did before comes
 * before the interrupt, but nothing of what the interrupted task did. */
static void create_isr(struct sim_tsan_fiber *fiber, unsigned number)
{
    char name[12] = "isr tick";
    if (number != POSIX_TICK_NUMBER) {
        name_line(name, number - POSIX_TICK_NUMBER - 1);
    }
    become(&main_fiber);
    create(fiber);
    sim_tsan_set_name(fiber, name);
}

void sim_tsan_isr_enter(unsigned number)
{
    struct sim_tsan_fiber *fiber = &isr_fibers[number - POSIX_TICK_NUMBER];
    fiber->interrupted = running;
    if (fiber->handle == NULL) {
        create_isr(fiber, number);
    }
    become(fiber);
}

void sim_tsan_isr_exit(void)
{
    become(running->interrupted);
}

/* ---- Order ----------------------------------------------------------------------------------- */

const char sim_tsan_irq_lock_key, sim_tsan_sched_lock_key;
static const char raised_keys[POSIX_LINES], handled_keys[POSIX_LINES];

const void *sim_tsan_raised_key(unsigned line)
{
    return &raised_keys[line];
}

const void *sim_tsan_handled_key(unsigned line)
{
    return &handled_keys[line];
}

void sim_tsan_acquire(const void *key)
{
    __tsan_acquire((void *)(uintptr_t)key);
}

void sim_tsan_release(const void *key)
{
    __tsan_release((void *)(uintptr_t)key);
}

void sim_tsan_release_as(struct sim_tsan_fiber *fiber, const void *key)
{
    struct sim_tsan_fiber *self = running;
    if (fiber == NULL) {
        return;
    }
    become(fiber);
    sim_tsan_release(key);
    become(self);
}

/* The keys are the other fiber's own, so nobody else is ordered. */
void sim_tsan_tell(struct sim_tsan_fiber *to)
{
    struct sim_tsan_fiber *self = running;
    if (to == NULL) {
        return;
    }
    sim_tsan_release(&to->told);
    become(to);
    sim_tsan_acquire(&to->told);
    become(self);
}

void sim_tsan_learn(struct sim_tsan_fiber *from)
{
    sim_tsan_release_as(from, &from->said);
    sim_tsan_acquire(&from->said);
}

/* ---- For tsan_kernel.h ----------------------------------------------------------------------- */

void *sim_tsan_memcpy(void *to, const void *from, size_t bytes);
void *sim_tsan_memcpy(void *to, const void *from, size_t bytes)
{
    volatile uint8_t *target = (volatile uint8_t *)to; /* or the compiler makes it memcpy() */
    for (size_t i = 0; i < bytes; i++) {
        target[i] = ((const uint8_t *)from)[i];
    }
    return to;
}

void *sim_tsan_memset(void *to, int value, size_t bytes);
void *sim_tsan_memset(void *to, int value, size_t bytes)
{
    volatile uint8_t *target = (volatile uint8_t *)to;
    for (size_t i = 0; i < bytes; i++) {
        target[i] = (uint8_t)value;
    }
    return to;
}

#endif
