/* qcount: a QEMU plugin that counts, exactly, the instructions that a Cortex-M image executes.
 *
 *   gcc -O2 -shared -fPIC -o qcount.so qcount.c        (needs no QEMU header; QEMU 6 to 8)
 *   qemu-system-arm ... -icount shift=5,sleep=off -plugin qcount.so,out=FILE[,option]...
 *
 * Options, each any number of times (addresses in hexadecimal):
 *   span=NAME:FROM:LOW:HIGH  counts from the instruction at FROM to the next one in [LOW, HIGH)
 *   entry=ADDRESS            counts how often the instruction at ADDRESS is executed, for instance
 *                            the first of an interrupt handler
 *   masked=on                finds the longest stretches with interrupts masked
 *
 * The image marks a point with the 16-bit hint 0xBF50: a NOP on every Cortex-M, not counted.
 * What comes out, in the order of events:
 *   mark PC INSTRUCTIONS ENTRIES     running totals at a marker
 *   span NAME INSTRUCTIONS           a span ended: FROM counts, the one that ends it does not
 *   masked INSTRUCTIONS FROM TO      at the end, per masking instruction: the longest stretch
 *   unbalanced N                     at the end: unmasks that no mask explains; 0 is right
 *
 * A span that is open at a marker is forgotten, so none reaches over from one row into another.
 *
 * Callbacks of an instruction come before its inline counter, so a callback sees how many
 * instructions came before it. A loop of a thousand turns of two instructions, between markers,
 * counts 2001 (one sets it up); an empty interval counts 0.
 *
 * The plugin cannot read registers. What a write to BASEPRI or PRIMASK means therefore comes
 * from the code: a constant loaded into the register before, in the same block, is the value;
 * any other value is what the matching save has read, so the write goes one level back.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qplugin.h"

/* ---- State -------------------------------------------------------------------------------- */

struct span {
    char name[48];
    uint64_t from, low, high;
    bool open;
    uint64_t start; /* value of `executed` when it was opened */
};

/* The longest masked stretch that begins at one masking instruction. */
struct stretch {
    uint32_t from, to;
    uint64_t instructions;
};

#define SPANS_MAX     64
#define ENTRIES_MAX   16
#define STRETCHES_MAX 512

static FILE *out;
static uint64_t executed; /* instructions; counted inline */
static uint64_t entered;  /* executions of any `entry`; counted inline */
static struct span spans[SPANS_MAX];
static size_t span_count;
static uint64_t entries[ENTRIES_MAX];
static size_t entry_count;

static struct {
    bool on;
    unsigned basepri, primask; /* levels of masking */
    uint32_t from;             /* where the stretch under way began */
    uint64_t start;
    struct stretch longest[STRETCHES_MAX];
    size_t count;
    uint64_t unbalanced;
} masked;

/* ---- Markers and spans -------------------------------------------------------------------- */

static void at_marker(unsigned cpu, void *data)
{
    (void)cpu;
    (void)fprintf(out, "mark %lx %lu %lu\n", (unsigned long)(uintptr_t)data,
                  (unsigned long)executed, (unsigned long)entered);
    for (size_t i = 0; i < span_count; i++) {
        spans[i].open = false;
    }
}

static void at_span_end(unsigned cpu, void *data)
{
    struct span *span = (struct span *)data;
    (void)cpu;
    if (span->open) {
        span->open = false;
        (void)fprintf(out, "span %s %lu\n", span->name, (unsigned long)(executed - span->start));
    }
}

static void at_span_start(unsigned cpu, void *data)
{
    struct span *span = (struct span *)data;
    (void)cpu;
    span->open = true;
    span->start = executed;
}

static void watch_spans(struct qemu_plugin_insn *instruction, uint64_t address)
{
    for (size_t i = 0; i < span_count; i++) {
        struct span *span = &spans[i];
        if (address >= span->low && address < span->high) {
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, at_span_end, NO_REGISTERS, span);
        }
        if (address == span->from) {
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, at_span_start, NO_REGISTERS, span);
        }
    }
}

/* ---- Masked stretches --------------------------------------------------------------------- */

static void note_stretch(uint32_t to)
{
    uint64_t length = executed - masked.start;
    size_t i = 0;
    while (i < masked.count && masked.longest[i].from != masked.from) {
        i++;
    }
    if (i == masked.count) {
        if (masked.count == STRETCHES_MAX) {
            return;
        }
        masked.longest[masked.count++] = (struct stretch){.from = masked.from};
    }
    if (length > masked.longest[i].instructions) {
        masked.longest[i].instructions = length;
        masked.longest[i].to = to;
    }
}

/* One of the two masks changes. The unmasking instruction counts, the masking one does not. */
static void change_mask(unsigned *level, unsigned to_level, uint32_t address)
{
    bool was_masked = (masked.basepri | masked.primask) != 0;
    *level = to_level;
    bool is_masked = (masked.basepri | masked.primask) != 0;
    if (!was_masked && is_masked) {
        masked.from = address;
        masked.start = executed;
    } else if (was_masked && !is_masked) {
        note_stretch(address);
    }
}

static uint32_t address_of(const void *data)
{
    return (uint32_t)(uintptr_t)data;
}

/* PRIMASK and BASEPRI work alike: saved and raised one level, back one level, all or none. */
#define DEFINE_MASK_CALLBACKS(mask)                                                          \
    static void mask##_up(unsigned cpu, void *data)                                          \
    {                                                                                        \
        (void)cpu;                                                                           \
        change_mask(&masked.mask, masked.mask + 1, address_of(data));                        \
    }                                                                                        \
    static void mask##_back(unsigned cpu, void *data)                                        \
    {                                                                                        \
        (void)cpu;                                                                           \
        masked.unbalanced += masked.mask == 0;                                               \
        change_mask(&masked.mask, masked.mask == 0 ? 0 : masked.mask - 1, address_of(data)); \
    }                                                                                        \
    static void mask##_set(unsigned cpu, void *data)                                         \
    {                                                                                        \
        (void)cpu;                                                                           \
        change_mask(&masked.mask, 1, address_of(data));                                      \
    }                                                                                        \
    static void mask##_clear(unsigned cpu, void *data)                                       \
    {                                                                                        \
        (void)cpu;                                                                           \
        change_mask(&masked.mask, 0, address_of(data));                                      \
    }
DEFINE_MASK_CALLBACKS(basepri)
DEFINE_MASK_CALLBACKS(primask)

/* Sleeping keeps nobody waiting: the stretch that matters begins with the wake-up. */
static void at_wfi(unsigned cpu, void *data)
{
    (void)cpu;
    masked.from = address_of(data);
    masked.start = executed;
}

/* What is known of the low registers within one block: the constant last loaded, or -1. */
struct constants {
    int of[16];
};

static uint32_t code_of(const struct qemu_plugin_insn *instruction)
{
    const uint8_t *bytes = (const uint8_t *)qemu_plugin_insn_data(instruction);
    uint32_t code = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8;
    if (thumb_size(instruction) == 4) {
        code = code << 16 | (uint32_t)bytes[2] | (uint32_t)bytes[3] << 8;
    }
    return code;
}

/* The callback for MSR to a mask register, SYSm 16 to 18; NULL for any other. BASEPRI_MAX (18)
 * only ever raises. */
static execute_callback msr_callback(uint32_t code, const struct constants *constants)
{
    unsigned special = code & 0xFFU;
    int value = constants->of[code >> 16 & 15U];
    if ((code & 0xFFF0FF00U) != 0xF3808800U || special < 16 || special > 18) {
        return NULL;
    }
    if (special == 18) {
        return basepri_up;
    }
    if (value < 0) {
        return special == 16 ? primask_back : basepri_back;
    }
    if (special == 16) {
        return value != 0 ? primask_set : primask_clear;
    }
    return value != 0 ? basepri_set : basepri_clear;
}

static execute_callback mask_callback(uint32_t code, size_t size, uint32_t code_before,
                                      const struct constants *constants)
{
    if (size == 4) {
        return msr_callback(code, constants);
    }
    switch (code) {
    case 0xB672U: /* cpsid i: after `mrs rN, primask` it is the second half of a save */
        return (code_before & 0xFFFFF0FFU) == 0xF3EF8010U ? primask_up : primask_set;
    case 0xB662U: /* cpsie i */
        return primask_clear;
    case 0xBF30U: /* wfi */
        return at_wfi;
    default:
        return NULL;
    }
}

/* movs rN, #constant; anything else that might write a low register is taken to do so only
 * when it is `mrs`, which is where saved masks come from. */
static void learn_constant(uint32_t code, size_t size, struct constants *constants)
{
    if (size == 2 && code >> 11 == 4U) {
        constants->of[code >> 8 & 7U] = (int)(code & 0xFFU);
    } else if (size == 4 && code >> 16 == 0xF3EFU) {
        constants->of[code >> 8 & 15U] = -1;
    } else if (size == 4 && (code & 0xFBEF8000U) == 0xF04F0000U) { /* mov.w rN, #constant */
        constants->of[code >> 8 & 15U] = (int)(code & 0xFFU);
    }
}

/* ---- Translation -------------------------------------------------------------------------- */

static void watch_entries(struct qemu_plugin_insn *instruction, uint64_t address)
{
    for (size_t i = 0; i < entry_count; i++) {
        if (address == entries[i]) {
            qemu_plugin_register_vcpu_insn_exec_inline(instruction, INLINE_ADD_U64, &entered, 1);
        }
    }
}

static void on_block(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
    struct constants constants;
    uint32_t code_before = 0;
    (void)id;
    memset(&constants, 0xFF, sizeof(constants));
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
        uint64_t address = qemu_plugin_insn_vaddr(instruction);
        size_t size = thumb_size(instruction);
        uint32_t code = code_of(instruction);
        void *data = (void *)(uintptr_t)address;
        if (size == 2 && code == 0xBF50U) {
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, at_marker, NO_REGISTERS, data);
            continue;
        }
        execute_callback change = mask_callback(code, size, code_before, &constants);
        if (masked.on && change != NULL) {
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, change, NO_REGISTERS, data);
        }
        learn_constant(code, size, &constants);
        watch_entries(instruction, address);
        watch_spans(instruction, address);
        qemu_plugin_register_vcpu_insn_exec_inline(instruction, INLINE_ADD_U64, &executed, 1);
        code_before = code;
    }
}

static void at_exit(qemu_plugin_id_t id, void *data)
{
    (void)id;
    (void)data;
    for (size_t i = 0; i < masked.count; i++) {
        const struct stretch *stretch = &masked.longest[i];
        (void)fprintf(out, "masked %lu %lx %lx\n", (unsigned long)stretch->instructions,
                      (unsigned long)stretch->from, (unsigned long)stretch->to);
    }
    (void)fprintf(out, "unbalanced %lu\n", (unsigned long)masked.unbalanced);
    (void)fclose(out);
}

/* ---- Options ------------------------------------------------------------------------------ */

static bool parse_span(const char *text)
{
    struct span *span = &spans[span_count];
    unsigned long from, low, high;
    if (span_count == SPANS_MAX ||
        sscanf(text, "%47[^:]:%lx:%lx:%lx", span->name, &from, &low, &high) != 4) {
        return false;
    }
    span->from = from;
    span->low = low;
    span->high = high;
    span_count++;
    return true;
}

static bool parse_entry(const char *text)
{
    if (entry_count == ENTRIES_MAX) {
        return false;
    }
    entries[entry_count++] = strtoul(text, NULL, 16);
    return true;
}

static bool parse_option(const char *option)
{
    if (strncmp(option, "out=", 4) == 0) {
        out = fopen(option + 4, "w");
        return out != NULL;
    }
    if (strncmp(option, "span=", 5) == 0) {
        return parse_span(option + 5);
    }
    if (strncmp(option, "entry=", 6) == 0) {
        return parse_entry(option + 6);
    }
    masked.on = strcmp(option, "masked=on") == 0;
    return masked.on;
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (!parse_option(argv[i])) {
            (void)fprintf(stderr, "qcount: cannot use '%s'\n", argv[i]);
            return 1;
        }
    }
    out = out != NULL ? out : stderr;
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_block);
    qemu_plugin_register_atexit_cb(id, at_exit, NULL);
    return 0;
}
