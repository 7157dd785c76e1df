/* Bytes to the outside as a device: see output.h.
 *
 * How much the helper thread has written by now is an input like any other. So the program is told
 * of it only by the line's handler, through sim_outside(); what it may put in depends on that
 * alone.
 */
#define _GNU_SOURCE
#include "output.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lab.h"
#include "posix.h"
#include "thread.h"

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Those that lie next to each other, from the oldest. */
static uint32_t next_piece(const struct sim_output *output, const char **piece)
{
    uint32_t at = output->tail % SIM_OUTPUT_BYTES;
    *piece = &output->bytes[at];
    return smaller(output->head - output->tail, SIM_OUTPUT_BYTES - at);
}

#define WAIT_MS 100

/* Returns how many bytes are done with: written, or nobody is there to read them. */
static uint32_t write_piece(const struct sim_output *output, const char *piece, uint32_t size)
{
    struct pollfd room = {.fd = output->file, .events = POLLOUT};
    if (output->is_heard != NULL && !output->is_heard(output->file)) {
        return size;
    }
    (void)poll(&room, 1, WAIT_MS);
    ssize_t done = write(output->file, piece, size);
    if (done < 0) {
        return errno == EAGAIN || errno == EINTR ? 0 : size;
    }
    return (uint32_t)done;
}

static void *write_all(void *arg)
{
    struct sim_output *output = (struct sim_output *)arg;
    const char *piece;
    for (;;) {
        (void)sem_wait(&output->wanted);
        for (uint32_t size; (size = next_piece(output, &piece)) != 0;) {
            output->tail += write_piece(output, piece, size);
            posix_irq_raise(output->line);
        }
    }
    return NULL;
}

void sim_output_open(struct sim_output *output, int file, unsigned line, unsigned device)
{
    output->file = file;
    output->line = line;
    output->device = device;
    (void)sem_init(&output->wanted, 0, 0);
    if (sim_outside_is_live()) {
        sim_thread_start(write_all, output);
    }
}

static void put(struct sim_output *output, const char *bytes, uint32_t size)
{
    uint32_t at = output->head % SIM_OUTPUT_BYTES;
    uint32_t to_end = smaller(size, SIM_OUTPUT_BYTES - at);
    memcpy(&output->bytes[at], bytes, to_end);
    memcpy(output->bytes, bytes + to_end, size - to_end);
    output->head += size;
    (void)sem_post(&output->wanted);
}

/* In a replay nobody writes: the room is what it is, whatever the log makes the program know. */
static void replay(struct sim_output *output, const char *bytes, size_t size)
{
    (void)fwrite(bytes, 1, size, stdout);
    (void)fflush(stdout);
    output->head += (uint32_t)size;
}

/* There may be more than the ring holds, by what the program knows, after sim_output_force(). */
static uint32_t known_room(const struct sim_output *output)
{
    uint32_t fill = output->head - output->known_tail;
    return fill < SIM_OUTPUT_BYTES ? SIM_OUTPUT_BYTES - fill : 0;
}

size_t sim_output_put(struct sim_output *output, const char *bytes, size_t size)
{
    uint32_t room = known_room(output);
    size = size < room ? size : room;
    if (sim_outside_is_live()) {
        put(output, bytes, (uint32_t)size);
    } else {
        replay(output, bytes, size);
    }
    return size;
}

void sim_output_force(struct sim_output *output, const char *bytes, size_t size)
{
    if (!sim_outside_is_live()) {
        replay(output, bytes, size);
        return;
    }
    while (size != 0) {
        uint32_t room = SIM_OUTPUT_BYTES - (output->head - output->tail);
        uint32_t count = size < room ? (uint32_t)size : room;
        put(output, bytes, count);
        bytes += count;
        size -= count;
        if (count == 0) {
            (void)usleep(1000);
        }
    }
}

void sim_output_note_written(struct sim_output *output)
{
    uint32_t tail = output->tail;
    if (sim_outside(output->device, &tail, sizeof(tail), sizeof(tail)) == sizeof(tail)) {
        output->known_tail = tail;
    }
}

#define FINISH_MS 1000

void sim_output_finish(struct sim_output *output)
{
    for (int ms = 0; ms < FINISH_MS && output->head != output->tail && sim_outside_is_live();
         ms++) {
        (void)usleep(1000);
    }
}
