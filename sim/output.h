/* Bytes to the outside as a device with a buffer of its own, like a UART with a FIFO: a helper
 * thread writes to a file descriptor, and raises an interrupt line when it has written some; the
 * line's handler takes note. Tasks never wait for the outside. Works with --record and --replay: in
 * a replay the bytes go to standard output.
 */
#ifndef SIM_OUTPUT_H
#define SIM_OUTPUT_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_OUTPUT_BYTES 4096U /* a power of two */

/* One device. The caller's, for good; the fields belong to sim/output.c, but for is_heard. */
struct sim_output {
    /* Says whether somebody reads the file; otherwise what is written is thrown away. NULL: always.
     * On the helper thread. */
    bool (*is_heard)(int file);
    int file;
    unsigned line, device;
    sem_t wanted;
    _Atomic uint32_t head, tail; /* bytes put in, by the kernel's thread; written, by the helper */
    uint32_t known_tail;         /* as the line's handler knows it: all that the program may know */
    char bytes[SIM_OUTPUT_BYTES];
};

/* Starts to write to `file`, which does not block. `device` is the number by which a log knows it.
 */
void sim_output_open(struct sim_output *output, int file, unsigned line, unsigned device);

/* Puts in up to `size` bytes and returns how many found room, as far as the program may know. */
size_t sim_output_put(struct sim_output *output, const char *bytes, size_t size);

/* Puts in all of them; waits for the outside while there is no room. */
void sim_output_force(struct sim_output *output, const char *bytes, size_t size);

/* Takes note of what has been written. From the line's handler. */
void sim_output_note_written(struct sim_output *output);

/* Waits until all is written, but not for long. At the end of the process. */
void sim_output_finish(struct sim_output *output);

#endif
