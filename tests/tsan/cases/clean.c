/* Cases without a race, one for each promise of the kernel: "left" touches, "right" touches later.
 * A report in one of these is a false one. Objects have a file of their own. */
#include <stdlib.h>

#include "cases.h"
#include "posix.h"

static int touch_only(void *arg)
{
    (void)arg;
    touch();
    return 0;
}

/* ---- Tasks ----------------------------------------------------------------------------------- */

static int touch_and_spawn(void *arg)
{
    (void)arg;
    touch();
    spawn("right", touch_only, 3);
    return 0;
}

CLEAN(creation)
{
    touch();
    spawn("left", touch_and_spawn, 2);
}

static struct kiln_task *left;

static int join_and_touch(void *arg)
{
    (void)arg;
    check(kiln_task_join(left, NULL, KILN_FOREVER) == KILN_OK);
    touch();
    return 0;
}

static int nap_and_touch(void *arg)
{
    (void)arg;
    nap(5);
    touch();
    return 0;
}

CLEAN(join_that_waits)
{
    left = spawn("left", nap_and_touch, 2);
    spawn("right", join_and_touch, 2);
}

CLEAN(join_of_an_ended_task)
{
    left = spawn("left", touch_only, 4);
    spawn("right", join_and_touch, 2);
}

static int touch_for_ever(void *arg)
{
    (void)arg;
    for (;;) {
        touch();
    }
    return 0;
}

static int kill_and_touch(void *arg)
{
    (void)arg;
    nap(5);
    check(kiln_task_kill(left, 0) == KILN_OK);
    touch();
    return 0;
}

CLEAN(kill)
{
    left = spawn("left", touch_for_ever, 2);
    may_stay();
    spawn("right", kill_and_touch, 3);
}

static int suspend_touch_resume(void *arg)
{
    (void)arg;
    for (int i = 0; i < 5; i++) {
        nap(3);
        check(kiln_task_suspend(left) == KILN_OK);
        touch();
        nap(3);
        touch();
        check(kiln_task_resume(left) == KILN_OK);
    }
    return 0;
}

CLEAN(suspension_by_another)
{
    left = spawn("left", touch_for_ever, 2);
    may_stay();
    spawn("right", suspend_touch_resume, 3);
}

static int touch_suspended(void *arg)
{
    (void)arg;
    for (int i = 0; i < 5; i++) {
        touch();
        check(kiln_task_suspend(kiln_task_self()) == KILN_OK);
    }
    return 0;
}

static int resume_and_touch(void *arg)
{
    (void)arg;
    for (int i = 0; i < 5; i++) {
        nap(3);
        check(kiln_task_resume(left) == KILN_OK);
        nap(3);
    }
    touch();
    return 0;
}

CLEAN(resumption_of_who_suspended_itself)
{
    left = spawn("left", touch_suspended, 3);
    spawn("right", resume_and_touch, 2);
}

/* Below the frame of whoever calls this, where an interrupt would have its frames, too. */
static __attribute__((noinline)) void use_stack(void)
{
    volatile char memory[8000];
    for (size_t i = 0; i < sizeof(memory); i += 8) {
        memory[i] = 1;
    }
    __asm__ volatile("" : : "r"(memory) : "memory");
}

static int use_stack_in_turn(void *arg)
{
    (void)arg;
    for (int i = 0; i < 5; i++) {
        kiln_ticks_t start = kiln_ticks();
        use_stack();
        while (kiln_ticks() == start) {
        }
    }
    return 0;
}

/* The second task on a stack does not race with the first, dead one's frames. */
static int spawn_in_turn(void *arg)
{
    (void)arg;
    spawn("first", use_stack_in_turn, 3);
    nap(20);
    spawn("second", use_stack_in_turn, 3);
    return 0;
}

CLEAN(stack_that_is_used_again)
{
    spawn("other", spawn_in_turn, 2);
}

/* ---- Locks ----------------------------------------------------------------------------------- */

static int touch_locked(void *arg)
{
    (void)arg;
    for (int i = 0; i < 5; i++) {
        check(kiln_mutex_lock(&mutex, KILN_FOREVER) == KILN_OK);
        touch();
        check(kiln_mutex_lock(&mutex, KILN_FOREVER) == KILN_OK);
        nap(2);
        check(kiln_mutex_unlock(&mutex) == KILN_OK);
        touch();
        check(kiln_mutex_unlock(&mutex) == KILN_OK);
        nap(1);
    }
    return 0;
}

CLEAN(mutex_of_three)
{
    spawn("left", touch_locked, 2);
    spawn("middle", touch_locked, 3);
    spawn("right", touch_locked, 4);
}

static int lock_and_end(void *arg)
{
    (void)arg;
    check(kiln_mutex_lock(&mutex, KILN_FOREVER) == KILN_OK);
    touch();
    return 0;
}

static int nap_and_touch_locked(void *arg)
{
    nap(5);
    return touch_locked(arg);
}

CLEAN(mutex_of_a_task_that_ended)
{
    spawn("left", lock_and_end, 2);
    spawn("right", nap_and_touch_locked, 2);
}

CLEAN(mutex_that_passes_on_when_its_owner_ends)
{
    spawn("left", lock_and_end, 2);
    spawn("right", touch_locked, 2);
}

static int touch_sched_locked(void *arg)
{
    (void)arg;
    for (int i = 0; i < 20; i++) {
        check(kiln_sched_lock() == KILN_OK);
        touch();
        check(kiln_sched_lock() == KILN_OK);
        check(kiln_sched_unlock() == KILN_OK);
        touch();
        check(kiln_sched_unlock() == KILN_OK);
        nap(1);
    }
    return 0;
}

CLEAN(scheduler_lock)
{
    spawn("left", touch_sched_locked, 2);
    spawn("right", touch_sched_locked, 3);
}

static int touch_irq_locked(void *arg)
{
    (void)arg;
    for (int i = 0; i < 20; i++) {
        unsigned key = kiln_irq_lock();
        touch();
        unsigned inner = kiln_irq_lock();
        kiln_irq_unlock(inner);
        touch();
        kiln_irq_unlock(key);
        nap(1);
    }
    return 0;
}

CLEAN(interrupt_lock)
{
    spawn("left", touch_irq_locked, 2);
    spawn("right", touch_irq_locked, 3);
}

CLEAN(interrupt_lock_and_scheduler_lock_among_tasks)
{
    spawn("left", touch_irq_locked, 2);
    spawn("right", touch_sched_locked, 3);
}

/* ---- Interrupts ------------------------------------------------------------------------------ */

CLEAN(interrupt_lock_against_the_tick)
{
    check(kiln_timer_start(&ticker, 1, 1) == KILN_OK);
    spawn("left", touch_irq_locked, 2);
}

static int touch_and_start_timer(void *arg)
{
    (void)arg;
    touch();
    check(kiln_timer_start(&ticker, 2, 3) == KILN_OK);
    nap(10);
    check(kiln_timer_stop(&ticker) == KILN_OK);
    touch();
    return 0;
}

CLEAN(timer_started_and_stopped)
{
    spawn("left", touch_and_start_timer, 2);
}

static int take_and_touch(void *arg)
{
    (void)arg;
    check(kiln_sem_take(&sem, KILN_FOREVER) == KILN_OK);
    touch();
    return 0;
}

static void give_on_line(void)
{
    touch();
    check(kiln_sem_give(&sem) == KILN_OK);
}

static int raise_line(void *arg)
{
    (void)arg;
    nap(5);
    posix_irq_raise(LINE);
    return 0;
}

CLEAN(interrupt_gives)
{
    posix_irq_connect(LINE, give_on_line);
    spawn("right", take_and_touch, 2);
    spawn("raiser", raise_line, 2);
}

static int touch_raise_and_touch(void *arg)
{
    (void)arg;
    touch();
    posix_irq_raise(LINE);
    touch();
    return 0;
}

CLEAN(line_that_a_task_raises)
{
    posix_irq_connect(LINE, touch);
    spawn("left", touch_raise_and_touch, 2);
}

CLEAN(interrupts_do_not_interrupt_each_other)
{
    posix_irq_connect(LINE, touch);
    check(kiln_timer_start(&ticker, 5, 1) == KILN_OK);
    spawn("raiser", raise_line, 2);
}

static void use_stack_on_timer(struct kiln_timer *timer)
{
    (void)timer;
    use_stack();
}

KILN_TIMER_DEFINE(stack_user, use_stack_on_timer);

CLEAN(frames_of_interrupts_and_of_tasks)
{
    check(kiln_timer_start(&stack_user, 1, 1) == KILN_OK);
    spawn("left", use_stack_in_turn, 2);
}

/* ---- The C library, and atomic variables ----------------------------------------------------- */

static int print_and_allocate(void *arg)
{
    (void)arg;
    for (int i = 0; i < 300; i++) {
        char *text = (char *)malloc(100);
        check(text != NULL);
        (void)snprintf(text, 100, "line %d of %s\n", i, kiln_name(kiln_task_self()));
        kiln_printf("%s", text);
        (void)printf("%s", text);
        free(text);
        if (i % 50 == 0) {
            nap(1);
        }
    }
    return 0;
}

CLEAN(printing_and_allocating)
{
    spawn("left", print_and_allocate, 2);
    spawn("right", print_and_allocate, 2);
    spawn("above", print_and_allocate, 3);
}

static int atomic_count;

static int count_atomically(void *arg)
{
    (void)arg;
    for (int i = 0; i < 20; i++) {
        (void)__atomic_add_fetch(&atomic_count, 1, __ATOMIC_RELAXED);
        nap(1);
    }
    return 0;
}

CLEAN(atomic_variable)
{
    spawn("left", count_atomically, 2);
    spawn("right", count_atomically, 2);
}
