/* Commands about the system as a whole. */
#include "kiln/config.h"

#if KILN_CFG_SHELL

#include "core/kernel.h"
#include "io/shell.h"
#include "kiln/kiln.h"

/* ---- The shell itself ----------------------------------------------------------------------- */

static int help_on(struct kiln_shell_call *call, const char *name)
{
    const struct kiln_shell_command *command = kiln_shell_find(name);
    if (command == NULL) {
        return kiln_shell_fail(call, "there is no command '%s'", name);
    }
    kiln_shell_printf(call, "%s %s\n    %s\n", command->name, command->usage, command->help);
    return 0;
}

static const struct kiln_shell_command *next_command(const struct kiln_shell_command *command)
{
    return kiln_shell_next(command != NULL ? command->name : NULL);
}

/* Two commands a row, so that the list fits on a display of 25 rows. */
static void list_on_terminal(struct kiln_shell_call *call)
{
    static const struct kiln_shell_command none = {.name = "", .usage = ""};
    const struct kiln_shell_command *left = NULL, *right;
    while ((left = next_command(left)) != NULL) {
        right = next_command(left);
        right = right != NULL ? right : &none;
        kiln_shell_printf(call, "%-9s%-30.29s%-9s%.29s\n", left->name, left->usage, right->name,
                          right->usage);
        if (right == &none) {
            break;
        }
        left = right;
    }
    kiln_shell_printf(call, "help COMMAND says what one does; help | grep TEXT finds one\n");
}

/* Somebody may look for a word. */
static void list_with_help(struct kiln_shell_call *call)
{
    const struct kiln_shell_command *command = NULL;
    while ((command = next_command(command)) != NULL) {
        kiln_shell_printf(call, "%-8s %-22s %s\n", command->name, command->usage, command->help);
    }
}

static int help(struct kiln_shell_call *call)
{
    if (!k_shell_arguments(call, 0, 1)) {
        return 1;
    }
    if (call->argc == 2) {
        return help_on(call, call->argv[1]);
    }
    if (call->out == call->shell->terminal) {
        list_on_terminal(call);
    } else {
        list_with_help(call);
    }
    return 0;
}
KILN_SHELL_COMMAND(help, "[COMMAND]", "lists the commands, or says how to use one", help);

static int clear(struct kiln_shell_call *call)
{
    kiln_shell_printf(call, "\033[H\033[2J");
    return 0;
}
KILN_SHELL_COMMAND(clear, "", "clears the screen", clear);

static int status(struct kiln_shell_call *call)
{
    kiln_shell_printf(call, "%d\n", call->shell->status);
    return 0;
}
KILN_SHELL_COMMAND(status, "", "the last line's exit status", status);

static int exit_command(struct kiln_shell_call *call)
{
    call->shell->is_over = true;
    return call->shell->status;
}
KILN_SHELL_COMMAND(exit, "", "ends the shell", exit_command);

/* ---- Time, memory, interrupts --------------------------------------------------------------- */

static int uptime(struct kiln_shell_call *call)
{
    uint64_t us = kiln_uptime_us();
    unsigned minutes = (unsigned)(us / 60000000U), ms = (unsigned)(us / 1000U % 60000U);
    kiln_shell_printf(call, "%u:%02u:%02u.%03u, %llu ticks at %u Hz; last reset: %s\n",
                      minutes / 60U, minutes % 60U, ms / 1000U, ms % 1000U,
                      (unsigned long long)kiln_uptime_ticks(), (unsigned)KILN_CFG_TICK_HZ,
                      kiln_reset_cause_name(kiln_reset_cause()));
    return 0;
}
KILN_SHELL_COMMAND(uptime, "", "time since the start, and what that was for", uptime);

static void print_part(struct kiln_shell_call *call, const char *name, size_t bytes)
{
    kiln_shell_printf(call, "%-8s %8zu\n", name, bytes);
}

static size_t stack_bytes(unsigned *tasks)
{
    struct kiln_task_info info;
    size_t bytes = 0;
    *tasks = 0;
    (void)kiln_sched_lock();
    for (struct kiln_task *task = kiln_task_next(NULL); task != NULL; task = kiln_task_next(task)) {
        (void)kiln_task_get_info(task, &info);
        bytes += info.stack_bytes;
        (*tasks)++;
    }
    (void)kiln_sched_unlock();
    return bytes;
}

/* Where the linker put things: it knows all memory, because there is no heap. */
static int mem(struct kiln_shell_call *call)
{
    unsigned tasks;
    struct port_memory memory;
    size_t stacks = stack_bytes(&tasks);
    port_memory(&memory);
    print_part(call, "text", memory.text);
    print_part(call, "data", memory.data);
    print_part(call, "bss", memory.bss);
    print_part(call, "pools", k_pool_bytes());
    kiln_shell_printf(call, "%-8s %8zu, of %u tasks\n", "stacks", stacks, tasks);
    return 0;
}
KILN_SHELL_COMMAND(mem, "", "bytes of code, data and stacks", mem);

static int irq(struct kiln_shell_call *call)
{
    struct port_irq_info info;
    kiln_shell_printf(call, "%3s %8s   %s\n", "irq", "priority", "state");
    for (unsigned number = 0; port_irq_info(number, &info); number++) {
        if (info.is_enabled || info.is_pending) {
            kiln_shell_printf(call, "%3u %8u   %s%s\n", number, info.priority,
                              info.is_enabled ? "enabled" : "disabled",
                              info.is_pending ? ", pending" : "");
        }
    }
    return 0;
}
KILN_SHELL_COMMAND(irq, "", "the interrupts that are enabled or pending", irq);

/* ---- Reboot --------------------------------------------------------------------------------- */

static int reboot(struct kiln_shell_call *call)
{
    (void)call;
    kiln_reboot();
}
KILN_SHELL_COMMAND(reboot, "", "starts the app anew", reboot);

#endif
