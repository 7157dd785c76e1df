/* The log of a run: every input, and the point at which it came. Text, one record a line, each
 * written whole before the run goes on, so that a process that is killed leaves a good log.
 *
 *     kiln-log 1
 *     build 5f1b3c2a9d8e7f60          of the image
 *     tick-hz 1000
 *     until 5000                      ticks; absent: no end
 *     faults lose=uart:0.01,seed=7    as by --faults; absent: none
 *     1234 block ticks 1 lines 0x0 stop 0 seen 57 89abcdef01234567 laozi
 *     1250 data 3 6869 seen 60 ...    device 3 had the bytes 0x68 0x69
 *     9000 end seen 812 ...
 *
 * The first number is the count of instrumented blocks. Ticks and lines come when that block is
 * entered ("block"), while all tasks wait ("idle"), or in an empty endless loop ("spin").
 * "seen" is a witness, and may be left out: how many kernel events there were so far, a hash of
 * them, and the running task. A replay that finds another has diverged.
 */
#ifndef SIM_LOG_H
#define SIM_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "lab.h"

enum log_kind { LOG_BLOCK, LOG_IDLE, LOG_SPIN, LOG_DATA, LOG_END, LOG_KINDS };

#define LOG_TASK_MAX 40

struct log_witness {
    uint64_t events; /* UINT64_MAX: there is none */
    uint64_t hash;
    char task[LOG_TASK_MAX];
};

struct log_record {
    enum log_kind kind;
    uint64_t block;
    uint64_t ticks;  /* LOG_BLOCK, LOG_IDLE, LOG_SPIN: how many pass */
    uint32_t lines;  /* and which lines are raised */
    bool stop;       /* and whether the run is to end */
    unsigned device; /* LOG_DATA */
    size_t length;
    uint8_t data[SIM_OUTSIDE_MAX];
    struct log_witness witness;
};

#define LOG_FAULTS_MAX 1000U
struct log_header {
    uint64_t build;
    unsigned tick_hz;
    uint64_t until_ticks;
    char faults[LOG_FAULTS_MAX];
};

/* Writes to a file descriptor; false when it cannot. */
bool log_write_header(int file, const struct log_header *header);
bool log_write(int file, const struct log_record *record);

/* Reads a header, or the next record. Returns NULL when there is one, LOG_OVER when the log has
 * come to its end or to a line that was not finished, or else what is wrong. *line counts lines. */
extern const char LOG_OVER[];
const char *log_read_header(FILE *file, unsigned *line, struct log_header *header);
const char *log_read(FILE *file, unsigned *line, struct log_record *record);

/* Starts to watch kernel events, for witnesses; then says what there was up to now. */
void log_watch(void);
void log_bear_witness(struct log_witness *witness);

/* This image, as a number that another build has not. */
uint64_t log_build(void);

#endif
