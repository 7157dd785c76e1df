/* Bytes from outside as a device: see input.h. */
#define _GNU_SOURCE
#include "input.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "lab.h"
#include "posix.h"
#include "thread.h"

static unsigned fill(const struct sim_input *input)
{
    return input->head - input->tail;
}

/* Reads as many as lie next to each other in the ring. Returns what read() does. */
static ssize_t read_some(struct sim_input *input)
{
    unsigned at = input->head % SIM_INPUT_BYTES, to_end = SIM_INPUT_BYTES - at;
    unsigned room = SIM_INPUT_BYTES - fill(input);
    ssize_t got = read(input->file, &input->bytes[at], room < to_end ? room : to_end);
    if (got > 0) {
        input->head += (unsigned)got;
    }
    return got;
}

#define COME_BACK_US 20000U

/* Another process may have made the file one that does not wait. */
static bool can_try_again(const struct sim_input *input)
{
    struct pollfd wait = {.fd = input->file, .events = POLLIN};
    if (errno == EIO && input->comes_back) {
        return usleep(COME_BACK_US) == 0;
    }
    return errno == EINTR || (errno == EAGAIN && poll(&wait, 1, -1) >= 0);
}

static void *read_all(void *arg)
{
    struct sim_input *input = (struct sim_input *)arg;
    ssize_t got = 1;
    while (got > 0 || (got < 0 && can_try_again(input))) {
        while (fill(input) == SIM_INPUT_BYTES) {
            (void)usleep(1000);
        }
        got = read_some(input);
        if (got > 0) {
            posix_irq_raise(input->line);
        }
    }
    input->has_ended = true;
    posix_irq_raise(input->line);
    return NULL;
}

void sim_input_open(struct sim_input *input, int file, unsigned line, unsigned device)
{
    if (input->is_open) {
        posix_irq_raise(line); /* whether there is something or not: only a log may know that */
        return;
    }
    input->is_open = true;
    input->file = file;
    input->line = line;
    input->device = device;
    if (sim_outside_is_live()) {
        sim_thread_start(read_all, input);
    }
}

size_t sim_input_take(struct sim_input *input, char *bytes, size_t size)
{
    size_t length = 0;
    size = size < SIM_OUTSIDE_MAX ? size : SIM_OUTSIDE_MAX;
    for (; length < size && fill(input) != 0; length++) {
        bytes[length] = input->bytes[input->tail % SIM_INPUT_BYTES];
        input->tail++;
    }
    length = sim_outside(input->device, bytes, size, length);
    if (length == size) {
        posix_irq_raise(input->line);
    }
    return sim_faults_data(input->device, bytes, length);
}

bool sim_input_has_ended(struct sim_input *input)
{
    char answer = input->has_ended && fill(input) == 0;
    return sim_outside(input->device, &answer, 1, 1) == 1 && answer != 0;
}
