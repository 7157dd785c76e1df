/* Linux port, inside: what its files share, and what a host program may use beside Kiln. */
#ifndef POSIX_H
#define POSIX_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "kiln/task.h"
#include "kiln/trace.h"
#include "port.h"
#include "port_arch.h"

/* ---- Options (options.c) ----------------------------------------------------------------- */

struct posix_options {
    bool virtual_time;
    double speed; /* of the real clock; 1 is real time */
    bool speed_given;
    uint64_t until_ticks;     /* stop after so many; UINT64_MAX: never */
    uint64_t until_block;     /* stop at this instrumented block; UINT64_MAX: never */
    uint64_t until_end_ticks; /* a debugger stops at --until, and may go on up to here */
    const char *log_path;     /* of --record or --replay; a trace must not destroy it; NULL: none */
    const char *trace_path;   /* NULL: no trace */
};
extern struct posix_options posix_options;

/* A flag of the process. Whoever has one defines it, at file level:
 *     POSIX_FLAG(speed, "X", "one line\nor several for the usage", set_speed);
 * `set` gets the value, NULL for a flag without one, while the flags are read: nothing else of the
 * port has started. */
struct posix_flag {
    const char *name;
    const char *value; /* what the usage calls it; NULL: there is none */
    const char *help;
    void (*set)(const char *value);
};
#define POSIX_FLAG(name_, ...) \
    static const struct posix_flag flag_##name_ KILN_SECTION(posix_flags) = {#name_, __VA_ARGS__}

/* Names a bad value, prints the usage and ends the process with status 2. */
void posix_reject_option(const char *what, const char *value) __attribute__((noreturn));

/* Reads a decimal number from text; the rest of it is at *end. Negative: there is none. */
double posix_parse_number(const char *text, char **end);

/* Reads a time, like 10, 500ms, 250us, 2min or 5ticks: rounded up to ticks, but not to 0 unless it
 * is 0. Returns false when it is none. */
bool posix_parse_ticks(const char *text, uint64_t *ticks);

/* Reads the process's flags; a bad one ends the process with status 2. */
void posix_parse_options(int argc, char **argv);

/* ---- Interrupts (irq.c) ------------------------------------------------------------------ */

#define POSIX_LINES 32

/* Numbers of interrupts in the trace: the tick has SysTick's, the lines follow, as on a board. */
#define POSIX_TICK_NUMBER 15U

/* Lines are more urgent than the tick, and interrupt its handler where that is not masked. Without
 * it, they wait for its end. */
extern bool posix_lines_nest;

/* Installs the handler of a simulated interrupt line, 0 to POSIX_LINES - 1; aborts on another, as
 * posix_irq_raise() does. */
void posix_irq_connect(unsigned line, void (*handler)(void));

/* The lines that have a handler. */
uint32_t posix_connected_lines(void);

/* Raises a line: its handler runs as an interrupt, at once when called from a task that is
 * not masked. Any thread, any context. */
void posix_irq_raise(unsigned line);

/* Makes the calling thread the kernel's. */
void posix_irq_claim_thread(void);

/* Raises lines as seen by the kernel thread: they are handled when interrupts next are. */
void posix_post_lines(uint32_t lines);

/* Those that are still to be handled. */
uint32_t posix_posted_lines(void);

/* What goes wrong on their way: --faults, sim/faults.c. NULL: nothing. Kernel thread only. */
struct posix_faults {
    uint32_t (*raised)(uint32_t lines);  /* these are; returns those that get through now */
    uint32_t (*later)(void);             /* lines have been handled; returns others, raised now */
    uint64_t (*ticks)(uint64_t counted); /* the kernel knows of so many; returns up to where it may
                                            hear of those that are posted */
    uint64_t (*idle)(uint64_t ticks);    /* returns for how many of these nothing comes by itself */
    void (*report)(void);                /* the run is over */
};
extern const struct posix_faults *posix_faults;

/* Takes what other threads have raised, and what is scheduled up to this tick: the caller posts it.
 */
uint32_t posix_take_raised(uint64_t tick);

/* True when another thread has raised a line that nobody has taken, or Ctrl-C came. */
bool posix_is_asked_for(void);

/* Posts all of that. */
void posix_post_outside(void);

/* Asks for the end of the run, as Ctrl-C does. Another thread. */
void posix_ask_to_stop(void);

/* Inputs that are known beforehand, each at a tick. Kernel thread only. */
struct posix_schedule {
    uint64_t (*next_tick)(void);     /* of the next; UINT64_MAX: there is none */
    uint32_t (*take)(uint64_t tick); /* delivers those up to this tick: the lines they raise */
};
extern const struct posix_schedule *posix_schedule; /* NULL: there are none */

/* Installs the signal handlers. */
void posix_irq_init(void);

/* No signal touches the kernel thread from here on. */
void posix_irq_stop(void);

/* As a processor is after a reset, but masked: no line has a handler, and nothing is pending but
 * what other threads have raised. The contexts that ran are left for good. */
void posix_irq_reset(void);

/* Counts signals and what other threads raise. To wait for more of them: read the count, look at
 * what has come, then wait; it returns at once when the count is no longer `seen`. */
uint32_t posix_irq_requests(void);
void posix_irq_wait(uint32_t seen);

/* ---- Where interrupts come from (clock.c) -------------------------------------------------- */

/* With fixed priorities on one core, all that makes two runs of a program differ is where
 * interrupts land. A source decides that: the wall clock (real.c), the program's own progress
 * (virtual.c), a log of an earlier run, or an explorer (sim/). Kernel thread only. */
enum posix_place {
    POSIX_IN_PLACE,  /* an unmasked task, in the image's own code */
    POSIX_SPINNING,  /* that, in an empty endless loop, in which no block is executed */
    POSIX_ELSEWHERE, /* where no interrupt can be handled */
};

struct posix_source {
    void (*start)(void);
    void (*stop)(void);
    /* `blocks` has got to `next_block`: sets the next one, and posts what is due. Any context,
     * masked or not. */
    void (*block_due)(void);
    /* A signal came: SIGALRM from a timer or from posix_irq_raise(), or SIGINT. Returns true when
     * an interrupt is to be handled now, which it can be in place, or as soon as it can. */
    bool (*signalled)(enum posix_place place);
    /* All tasks wait, for `ticks` at most: waits too, or lets the time pass at once; then posts
     * what ended the wait. Masked. */
    void (*idle)(uint32_t ticks);
    /* Interrupts are about to be handled, and have been. Interrupt context. */
    void (*collect)(void);
    void (*handled)(void);
    uint64_t (*now_ns)(void); /* kernel time */
};

/* A flag may set it; otherwise --clock does, once all flags are read. */
extern const struct posix_source *posix_source;
extern const struct posix_source posix_real, posix_virtual;

#define POSIX_NS_PER_SECOND UINT64_C(1000000000)
#define POSIX_NS_PER_TICK   (POSIX_NS_PER_SECOND / KILN_CFG_TICK_HZ)

/* A made-up processor that executes a hundred million basic blocks a second: where time follows
 * the program's progress, and in between two ticks of a recorded run. */
#define POSIX_NS_PER_BLOCK    10U
#define POSIX_BLOCKS_PER_TICK (POSIX_NS_PER_TICK / POSIX_NS_PER_BLOCK)

/* So many ticks pass now; they are counted when interrupts are next handled. With 0, only that. */
void posix_post_ticks(uint64_t ticks);

/* The source wants to be asked at this block, or sooner: the process's flags may have a say. */
void posix_set_next_block(uint64_t block);

/* What looks at a run is no part of it, even when it is the image's own code: in between these two
 * no block is counted, and none is due. Masked, or in an interrupt. */
uint64_t posix_pause_blocks(void);
void posix_resume_blocks(uint64_t paused);

/* The run's own blocks so far: in between those two, the count does not move. */
uint64_t posix_own_blocks(void);

/* Ticks posted so far, and the value of the block count when the last one was. */
uint64_t posix_posted_ticks(void);
uint64_t posix_tick_block(void);

/* Kernel time for sources that do not look at a clock: never goes back, and stays short of the
 * next tick until that is posted. */
uint64_t posix_block_time_ns(void);

/* Starts and stops the tick. To start it again after a reset is to start kernel time anew: the
 * source's goes on. */
void posix_clock_start(void);
void posix_clock_stop(void);
bool posix_clock_is_running(void);

/* The app starts over: until the next posix_clock_start() kernel time is 0. */
void posix_clock_reset(void);

/* The source's time: since the process's first start, whatever restarts since. */
uint64_t posix_source_ns(void);

/* Counts the ticks that are due. Interrupt context. */
void posix_clock_interrupt(void);

/* In virtual time every task waits for ever: returns when something comes from outside; time stands
 * still until then. With no line connected nothing can come: reports the deadlock. */
void posix_virtual_wait_outside(void);

/* Every task waits for ever, and so would the process: says so, and ends it with status 1. */
void posix_report_deadlock(void) __attribute__((noreturn));

/* ---- The wall clock (real.c) -------------------------------------------------------------- */

/* Ticks that are due by the wall clock, since posix_real_start(). */
uint64_t posix_real_ticks_due(void);

/* For another source that follows the wall clock: as in posix_real. */
void posix_real_start(void);
void posix_real_stop(void);
void posix_real_arm(void); /* a signal at the next tick */

/* Sleeps for so many ticks, less when something is asked for, and perhaps for no reason. `seen` is
 * posix_irq_requests() before the caller looked. */
void posix_real_wait(uint32_t ticks, uint32_t seen);

/* Where the clock is not the wall's: sleeps until so many ticks, at --speed, have passed since the
 * first call; less when Ctrl-C comes. */
void posix_real_pace(uint64_t ticks);

/* Only a signal every so often, from now on. */
void posix_real_arm_check(uint64_t ns);

/* ---- Contexts (context.c) ---------------------------------------------------------------- */

/* Calls a function that handles interrupts: on the stack of the interrupted task, like a signal.
 * Only with ThreadSanitizer it has one of its own, or it would seem to write to that task's. */
#if defined(SIM_TSAN)
void posix_call_isr(void (*handle)(void));
#else
static inline void posix_call_isr(void (*handle)(void))
{
    handle();
}
#endif

/* True when a fault came of the end of the host stack of a task; *ctx says which. `address` is what
 * it accessed, or that the host's kernel does not know; `context` is the handler's. */
#define POSIX_NO_ADDRESS ((const void *)UINTPTR_MAX)
bool posix_has_overflowed(const struct port_ctx *ctx, const void *address, const void *context);

/* Every host stack that was ever made, as a list; and makes all of them free: none of their
 * contexts will run again. For whoever puts the image's memory back to how it was. */
struct stack *posix_stacks(void);
void posix_free_stacks(struct stack *stacks);

/* ---- The image's memory (image.c) -------------------------------------------------------- */

/* Keeps a copy of the image's data as they are now. Before main(); a later copy replaces it. */
void posix_image_keep(void);

/* Puts the data back to what they were then, and makes all host stacks free. */
enum posix_image_part {
    POSIX_IMAGE_ALL,  /* all that the image has */
    POSIX_IMAGE_CHIP, /* the app's, the kernel's, and what is marked with POSIX_IN_CHIP */
};
void posix_image_restore(enum posix_image_part part);

/* A variable of ports/posix or sim that starts anew with the app, such as the kernel objects of a
 * driver; all others there outlive it. */
#define POSIX_IN_CHIP __attribute__((section(".data_in_chip")))

/* ---- Everything else (port.c) ------------------------------------------------------------ */

/* Prints every task with its state, on stderr. */
void posix_print_summary(void);

/* What a task waits for, in words; "" when it does not. */
const char *posix_wait_text(enum kiln_wait kind);

/* The running task's name, and its context. */
const char *posix_running_name(void);
const struct port_ctx *posix_running_ctx(void);

/* True under a debugger. */
bool posix_is_debugged(void);

/* Called, when it is not NULL, when interrupts are about to be handled, with 0, and when all tasks
 * wait, with the ticks until the first timeout. The kernel's state is whole there, and is not to be
 * changed; what it does takes blocks and time, unless it pauses them. Interrupt context, or
 * masked. */
extern void (*posix_look)(uint32_t idle_ticks);

/* Called, when it is not NULL, after the flags and the kernel's reset, and before main(). */
extern void (*posix_before_main)(int argc, char **argv);

/* Who outlives the runs that die: when there is one, it is told of last words and of the end,
 * which the running task comes to. `died` does not return. */
struct posix_guard {
    void (*panic_putc)(char c);
    __attribute__((noreturn)) void (*died)(const char *how);
};
extern const struct posix_guard *posix_guard;

/* Has a function called before the port ends the process without exit(): at a second Ctrl-C, a
 * fault, or a panic. That may be in the handler of a signal that came anywhere, so the function
 * does only what is safe there. Four at most; the last one first. */
void posix_at_last(void (*act)(void));

/* Calls them. */
void posix_act_last(void);

/* Where kiln_printf() goes; NULL: to stdout. Any context, and not masked for long. */
extern void (*posix_console)(const char *text, size_t length);

/* Ctrl-C came. */
extern volatile int posix_stop_asked;

/* The run ends when interrupts are next handled: an input like any other, which the source posts.
 */
extern volatile int posix_stop_requested;

/* ---- Trace (trace.c) --------------------------------------------------------------------- */

/* Has kernel events told to one more listener, in order. Masked, or before the start. */
typedef void (*posix_listener)(enum kiln_trace_event event, const void *object, uintptr_t value);
void posix_trace_listen(posix_listener listener);

void posix_trace_open(const char *path);
/* Returns false when the trace could not be written to its end. */
bool posix_trace_close(void);

#endif
