/* Bytes from outside as a device: see input.h. */
#define _GNU_SOURCE
#include "input.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lab.h"
#include "posix.h"

static unsigned fill(const struct sim_input *input)
{
    return input->head - input->tail;
}

static void *read_all(void *arg)
{
    struct sim_input *input = (struct sim_input *)arg;
    char byte;
    for (;;) {
        ssize_t got = read(input->file, &byte, 1);
        if (got == 0 || (got < 0 && errno != EINTR)) {
            return NULL;
        }
        while (fill(input) == SIM_INPUT_BYTES) {
            (void)usleep(1000);
        }
        input->bytes[input->head % SIM_INPUT_BYTES] = byte;
        input->head++;
        posix_irq_raise(input->line);
    }
}

void sim_input_open(struct sim_input *input, int file, unsigned line, unsigned device)
{
    pthread_t thread;
    sigset_t all, before;
    input->file = file;
    input->line = line;
    input->device = device;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &before);
    int error = pthread_create(&thread, NULL, read_all, input);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0) {
        errno = error;
        perror("kiln: a device's thread");
        exit(1);
    }
    (void)pthread_detach(thread);
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
    return length;
}
