/* qsweep: a QEMU plugin that says where the interrupts of an interrupt sweep land.
 *
 *   gcc -O2 -shared -fPIC -o qsweep.so qsweep.c        (needs no QEMU header; QEMU 6 to 8)
 *   qemu-system-arm ... -icount shift=6,sleep=off -plugin qsweep.so,out=FILE,flash=ADDRESS,...
 *
 * Options, addresses in hexadecimal: flash=ADDRESS and bytes=SIZE of the code; handler=ADDRESS, the
 * first instruction of the interrupt's handler; and the instructions by which the image talks,
 * each a load whose address says something:
 *   scenario=ADDRESS   flash + number: a scenario begins
 *   offset=ADDRESS     flash + number: a run of it begins
 *   go=ADDRESS         flash + n (any number of times): the interrupt is due when n + LEAD
 *                      instructions have been executed after this one and the next
 *   fired=ADDRESS      the handler was entered; the address is where it interrupted
 *   begun=ADDRESS, waking=ADDRESS  the handler's use of the kernel begins, and is about to wake a
 *                      task; what it does in between is the test's affair and is not counted
 *   woken=ADDRESS      that task runs
 *
 * With -icount, time is a count of instructions, and QEMU looks at its timers just then: it splits
 * its blocks of code there. So when a block starts and the count is right, its first instruction is
 * the one at which the interrupt became due: the handler's if nothing masked it, else the one that
 * kept it out.
 *
 * What comes out, at the end:
 *   at ADDRESS EXECUTED TAKEN DUE   for each instruction that was executed: interrupts taken there,
 *                                   and interrupts that became due there while masked
 *   runs N LATE ASLEEP              interrupts; not seen when they were due; that ended a sleep
 *   response SCENARIO N ADDRESS     longest from due to the woken task, instructions, and where
 *   last SCENARIO OFFSET DUE TAKEN  the last run
 * The run is ended with exit status 3 when the image goes on for long without a new interrupt.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "qplugin.h"

#define LEAD           1U /* as in tests/sweep/probe.c */
#define GOES_MAX       4
#define SCENARIOS_MAX  1024
#define CODE_BYTES_MAX (1U << 20)
#define HANG_LIMIT     UINT64_C(3000000) /* instructions */
#define EXIT_HANGS     3
#define NO_ADDRESS     UINT64_MAX

struct site {
    bool executed;
    uint32_t taken, due;
};

/* Instructions that are executed as one. */
struct block {
    uint64_t address;
    uint64_t bytes;
    bool executed;
    struct block *next;
};

static FILE *out;
static uint64_t flash, code_bytes = CODE_BYTES_MAX;
static uint64_t handler = NO_ADDRESS, scenario_at = NO_ADDRESS, fired_at = NO_ADDRESS;
static uint64_t offset_at = NO_ADDRESS, begun_at = NO_ADDRESS, waking_at = NO_ADDRESS,
                woken_at = NO_ADDRESS, goes[GOES_MAX];
static size_t go_count;

static struct site sites[CODE_BYTES_MAX / 2];
static struct block *blocks;

static uint64_t executed; /* instructions; counted inline, after the callbacks */
static uint64_t runs, late, asleep;

static struct {
    uint64_t scenario, offset;
    uint64_t started_at;
    uint64_t due_at;     /* value of `executed`; 0: not armed */
    uint64_t entered_at; /* likewise, when the handler began */
    uint64_t due, taken; /* addresses */
    uint64_t extra;  /* instructions that are the test's own; with their start, while it lasts */
    bool is_awaited; /* the woken task has not run */
    bool was_asleep;
} run;

/* The longest response of each scenario. */
static struct {
    uint64_t instructions, due;
} longest[SCENARIOS_MAX];

static bool is_code(uint64_t address)
{
    return address >= flash && address - flash < code_bytes;
}

static struct site *site_of(uint64_t address)
{
    return &sites[(address - flash) / 2];
}

/* ---- What the image says --------------------------------------------------------------------- */

static void at_scenario(unsigned cpu, uint32_t info, uint64_t address, void *data)
{
    (void)cpu;
    (void)info;
    (void)data;
    run.scenario = address - flash;
    run.started_at = executed;
}

static void at_offset(unsigned cpu, uint32_t info, uint64_t address, void *data)
{
    (void)cpu;
    (void)info;
    (void)data;
    run.offset = address - flash;
}

static void at_go(unsigned cpu, uint32_t info, uint64_t address, void *data)
{
    (void)cpu;
    (void)info;
    (void)data;
    run.started_at = executed;
    run.due_at = executed + 1 + LEAD + (address - flash);
    run.due = NO_ADDRESS;
    run.taken = NO_ADDRESS;
    run.is_awaited = false;
}

/* An interrupt that ends a sleep comes after fewer instructions than it would have: no time is due
 * to them. */
static void at_fired(unsigned cpu, uint32_t info, uint64_t address, void *data)
{
    (void)cpu;
    (void)info;
    (void)data;
    runs++;
    run.taken = address;
    run.is_awaited = true;
    run.was_asleep = run.due == NO_ADDRESS && run.entered_at < run.due_at;
    asleep += run.was_asleep;
    late += run.due == NO_ADDRESS && !run.was_asleep;
    if (is_code(address)) {
        site_of(address)->taken++;
    }
    if (is_code(run.due) && run.due != handler) {
        site_of(run.due)->due++;
    }
}

/* Where the interrupt became due, or was taken if that is the same. */
static uint64_t due_address(void)
{
    return run.due == handler ? run.taken : run.due;
}

static void at_begun(unsigned cpu, uint32_t info, uint64_t address, void *data)
{
    (void)cpu;
    (void)info;
    (void)address;
    (void)data;
    run.extra = executed;
}

static void at_waking(unsigned cpu, uint32_t info, uint64_t address, void *data)
{
    (void)cpu;
    (void)info;
    (void)address;
    (void)data;
    run.extra = executed - run.extra;
}

static void at_woken(unsigned cpu, uint32_t info, uint64_t address, void *data)
{
    (void)cpu;
    (void)info;
    (void)address;
    (void)data;
    uint64_t instructions = executed - run.due_at - run.extra;
    if (run.is_awaited && !run.was_asleep && run.scenario < SCENARIOS_MAX &&
        instructions > longest[run.scenario].instructions) {
        longest[run.scenario].instructions = instructions;
        longest[run.scenario].due = due_address();
    }
    run.is_awaited = false;
}

/* ---- Output ---------------------------------------------------------------------------------- */

static void note_executed(const struct block *block)
{
    for (uint64_t at = block->address; at < block->address + block->bytes; at += 2) {
        site_of(at)->executed = true;
    }
}

static void write_out(void)
{
    for (const struct block *block = blocks; block != NULL; block = block->next) {
        if (block->executed) {
            note_executed(block);
        }
    }
    for (uint64_t at = 0; at < code_bytes; at += 2) {
        const struct site *site = &sites[at / 2];
        if (site->executed || site->taken != 0 || site->due != 0) {
            (void)fprintf(out, "at %lx %d %u %u\n", (unsigned long)(flash + at), site->executed,
                          site->taken, site->due);
        }
    }
    (void)fprintf(out, "runs %lu %lu %lu\n", (unsigned long)runs, (unsigned long)late,
                  (unsigned long)asleep);
    for (size_t i = 0; i < SCENARIOS_MAX; i++) {
        if (longest[i].instructions != 0) {
            (void)fprintf(out, "response %zu %lu %lx\n", i, (unsigned long)longest[i].instructions,
                          (unsigned long)longest[i].due);
        }
    }
    (void)fprintf(out, "last %lu %lu %lx %lx\n", (unsigned long)run.scenario,
                  (unsigned long)run.offset, (unsigned long)due_address(),
                  (unsigned long)run.taken);
    (void)fclose(out);
}

static void at_exit(qemu_plugin_id_t id, void *data)
{
    (void)id;
    (void)data;
    write_out();
}

/* ---- Translation ----------------------------------------------------------------------------- */

static void at_block(unsigned cpu, void *data)
{
    struct block *block = (struct block *)data;
    (void)cpu;
    block->executed = true;
    if (executed == run.due_at && run.due == NO_ADDRESS) {
        run.due = block->address;
    }
    if (block->address == handler) {
        run.entered_at = executed;
    }
    if (executed - run.started_at > HANG_LIMIT) {
        write_out();
        _exit(EXIT_HANGS);
    }
}

static void listen(struct qemu_plugin_insn *instruction, memory_callback callback)
{
    qemu_plugin_register_vcpu_mem_cb(instruction, callback, NO_REGISTERS, MEMORY_ANY, NULL);
}

static void watch(struct qemu_plugin_insn *instruction)
{
    const struct {
        uint64_t address;
        memory_callback callback;
    } tellers[] = {{scenario_at, at_scenario}, {offset_at, at_offset}, {fired_at, at_fired},
                   {begun_at, at_begun},       {waking_at, at_waking}, {woken_at, at_woken}};
    uint64_t address = qemu_plugin_insn_vaddr(instruction);
    for (size_t i = 0; i < sizeof(tellers) / sizeof(tellers[0]); i++) {
        if (address == tellers[i].address) {
            listen(instruction, tellers[i].callback);
        }
    }
    for (size_t i = 0; i < go_count; i++) {
        if (address == goes[i]) {
            listen(instruction, at_go);
        }
    }
}

/* Has the block's first execution noted, and the interrupt that becomes due at it. */
static void remember(struct qemu_plugin_tb *tb, size_t count)
{
    struct qemu_plugin_insn *last = qemu_plugin_tb_get_insn(tb, count - 1);
    uint64_t first = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0));
    uint64_t end = qemu_plugin_insn_vaddr(last) + thumb_size(last);
    struct block *block = calloc(1, sizeof(*block));
    if (block == NULL || !is_code(first) || !is_code(end)) {
        (void)fprintf(stderr, "qsweep: cannot follow the code at %lx\n", (unsigned long)first);
        exit(1);
    }
    *block = (struct block){.address = first, .bytes = end - first, .next = blocks};
    blocks = block;
    qemu_plugin_register_vcpu_tb_exec_cb(tb, at_block, NO_REGISTERS, block);
}

static void on_block(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    size_t count = qemu_plugin_tb_n_insns(tb);
    (void)id;
    remember(tb, count);
    for (size_t i = 0; i < count; i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(tb, i);
        watch(instruction);
        qemu_plugin_register_vcpu_insn_exec_inline(instruction, INLINE_ADD_U64, &executed, 1);
    }
}

/* ---- Options --------------------------------------------------------------------------------- */

static bool parse_option(const char *option)
{
    static const struct {
        const char *name;
        uint64_t *value;
    } names[] = {{"flash", &flash},          {"bytes", &code_bytes}, {"handler", &handler},
                 {"scenario", &scenario_at}, {"fired", &fired_at},   {"offset", &offset_at},
                 {"begun", &begun_at},       {"waking", &waking_at}, {"woken", &woken_at}};
    const char *value = strchr(option, '=');
    size_t length = value == NULL ? 0 : (size_t)(value++ - option);
    if (length == 3 && strncmp(option, "out", 3) == 0) {
        out = fopen(value, "w");
        return out != NULL;
    }
    if (length == 2 && strncmp(option, "go", 2) == 0 && go_count < GOES_MAX) {
        goes[go_count++] = strtoul(value, NULL, 16);
        return true;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strlen(names[i].name) == length && strncmp(option, names[i].name, length) == 0) {
            *names[i].value = strtoul(value, NULL, 16);
            return code_bytes <= CODE_BYTES_MAX;
        }
    }
    return false;
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (!parse_option(argv[i])) {
            (void)fprintf(stderr, "qsweep: cannot use '%s'\n", argv[i]);
            return 1;
        }
    }
    if (out == NULL) {
        (void)fprintf(stderr, "qsweep: no out=FILE\n");
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_block);
    qemu_plugin_register_atexit_cb(id, at_exit, NULL);
    return 0;
}
