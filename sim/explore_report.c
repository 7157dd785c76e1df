/* The explorer: a failing schedule, as text for people and as a log for --replay. */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "explorer.h"

void schedule_print(FILE *out, const struct schedule *schedule)
{
    for (unsigned i = 0; i < schedule->count; i++) {
        const struct interrupt *at = &schedule->at[i];
        (void)fprintf(out, "%s%" PRIu64 ":", i > 0 ? "," : "", at->block);
        if (at->source == EXPLORE_TICK) {
            (void)fprintf(out, "tick");
        } else {
            (void)fprintf(out, "line%u", at->source - 1);
        }
    }
}

/* ---- Places in the source ----------------------------------------------------------------- */

extern const char __executable_start[], etext[];

/* What the image's file calls an address: less where it was loaded, unless it stays put. */
static uintptr_t address_in_file(uintptr_t address)
{
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)(const void *)__executable_start;
    return header->e_type == ET_DYN ? address - (uintptr_t)__executable_start : address;
}

/* Only what is the app's or the kernel's is worth a line: not the port, the laboratory, or libc. */
static bool is_worth_showing(const char *file)
{
    return strstr(file, "ports/posix/") == NULL && strstr(file, "sim/") == NULL &&
           strncmp(file, "??", 2) != 0;
}

static const char *relative(const char *path)
{
    static char here[4096];
    if (here[0] == '\0' && getcwd(here, sizeof(here)) == NULL) {
        return path;
    }
    size_t length = strlen(here);
    return strncmp(path, here, length) == 0 && path[length] == '/' ? path + length + 1 : path;
}

#define FRAMES_SHOWN 4U
#define INDENT       34

/* What has been shown of one stack. */
struct shown {
    unsigned frames;
    char function[256]; /* the last one; the compiler may split it in two */
};

static void cut_at(char *text, const char *ends)
{
    text[strcspn(text, ends)] = '\0';
}

static void show_frame(struct shown *shown, char *function, char *place)
{
    cut_at(function, "\n");
    cut_at(place, " \n");
    if (!is_worth_showing(place) || shown->frames == FRAMES_SHOWN ||
        strcmp(function, shown->function) == 0) {
        return;
    }
    (void)fprintf(explorer->out, "%*s%s (%s)\n", shown->frames > 0 ? INDENT : 0, "", function,
                  relative(place));
    (void)snprintf(shown->function, sizeof(shown->function), "%s", function);
    shown->frames++;
}

/* addr2line, of the binutils, prints two lines a frame, function and place, those inlined
 * included. */
static unsigned show_with_addr2line(const uintptr_t *frames)
{
    char command[4096 + 64 + INPUT_FRAMES * 20], image[4096] = "", function[256], place[4096];
    struct shown shown = {0, ""};
    if (readlink("/proc/self/exe", image, sizeof(image) - 1) < 0) {
        return 0;
    }
    int length = snprintf(command, sizeof(command), "addr2line -i -f -e '%s'", image);
    for (unsigned i = 0; frames[i] != 0; i++) {
        if (frames[i] >= (uintptr_t)__executable_start && frames[i] < (uintptr_t)etext) {
            length += snprintf(command + length, sizeof(command) - (size_t)length, " 0x%" PRIxPTR,
                               address_in_file(frames[i]) - 1);
        }
    }
    FILE *lines = popen(command, "r");
    while (lines != NULL && fgets(function, sizeof(function), lines) != NULL &&
           fgets(place, sizeof(place), lines) != NULL) {
        show_frame(&shown, function, place);
    }
    if (lines != NULL) {
        (void)pclose(lines);
    }
    return shown.frames;
}

static void show_frames(const uintptr_t *frames)
{
    (void)fflush(explorer->out);
    if (show_with_addr2line(frames) == 0) {
        (void)fprintf(explorer->out, "0x%" PRIxPTR " (no addr2line)\n", address_in_file(frames[2]));
    }
}

/* ---- The schedule ------------------------------------------------------------------------- */

static void show_input(const struct input *input)
{
    const struct log_record *record = &input->record;
    char what[24];
    if (record->ticks != 0) {
        (void)snprintf(what, sizeof(what), record->ticks == 1 ? "tick" : "%" PRIu64 " ticks",
                       record->ticks);
    } else {
        (void)snprintf(what, sizeof(what), "line %d", __builtin_ctz(record->lines));
    }
    (void)fprintf(explorer->out, "%8" PRIu64 "  %-10s", record->block, what);
    if (!input->scheduled) {
        (void)fprintf(explorer->out, "  %s\n",
                      record->kind == LOG_IDLE ? "(all tasks wait)" : "(time passes)");
        return;
    }
    (void)fprintf(explorer->out, "  %-10s%s", input->task,
                  input->deferred ? "  masked, in " : "  ");
    show_frames(input->frames);
}

static void show_command(const struct schedule *schedule)
{
    (void)fprintf(explorer->out, "repeat: %s --schedule '", explorer->argv[0]);
    schedule_print(explorer->out, schedule);
    (void)fprintf(explorer->out, "'");
    if (explorer->options.ticks_max != EXPLORE_TICKS_MAX) {
        (void)fprintf(explorer->out, " --ticks %" PRIu64, explorer->options.ticks_max);
    }
    if (explorer->options.blocks_max != EXPLORE_BLOCKS_MAX) {
        (void)fprintf(explorer->out, " --blocks %" PRIu64, explorer->options.blocks_max);
    }
    if (explorer->options.check != CHECK_AT_INTERRUPT) {
        (void)fprintf(explorer->out, " --check %s",
                      explorer->options.check == CHECK_AT_BLOCK ? "block" : "end");
    }
    (void)fprintf(explorer->out, "%s\n", explorer->must_end ? "" : " --endless");
}

void report_failure(const struct schedule *schedule, const struct outcome *outcome)
{
    (void)fprintf(explorer->out, "FAILED: %s\n\n   block  interrupt   task        where\n",
                  outcome->text);
    for (unsigned i = 0; i < explorer->inputs_n; i++) {
        show_input(&explorer->inputs[i]);
    }
    (void)fprintf(explorer->out, "%8" PRIu64 "  failed      %s\n\n", outcome->last_block,
                  outcome->task);
    show_command(schedule);
    if (explorer->options.log_path != NULL) {
        explore_write_log(explorer->options.log_path);
    }
}

/* ---- The log ------------------------------------------------------------------------------ */

static bool write_records(int file)
{
    struct log_header header = {
        .build = log_build(), .tick_hz = KILN_CFG_TICK_HZ, .until_ticks = UINT64_MAX};
    bool written = log_write_header(file, &header);
    for (unsigned i = 0; i < explorer->inputs_n; i++) {
        written = written && log_write(file, &explorer->inputs[i].record);
    }
    return written;
}

/* Without an end, like that of a run that died: the replay goes on until it fails, too. */
void explore_write_log(const char *path)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0 || !write_records(file) || close(file) != 0) {
        (void)fprintf(explorer->out, "explore: --keep: cannot write '%s': %s\n", path,
                      strerror(errno));
        return;
    }
    (void)fprintf(explorer->out, "log:    %s --nest --replay %s\n", explorer->argv[0], path);
}
