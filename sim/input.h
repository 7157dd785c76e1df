/* Bytes from outside as a device: a helper thread reads a file descriptor, and raises an interrupt
 * line when there is something; the line's handler takes it. Works with --record and --replay.
 *
 * Code that runs on a helper thread must not be instrumented: the count of blocks is the kernel
 * thread's. Files of sim/ are not; elsewhere, __attribute__((no_sanitize_coverage)) does it.
 */
#ifndef SIM_INPUT_H
#define SIM_INPUT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#define SIM_INPUT_BYTES 1024U /* a power of two */

/* One device. The caller's, for good: where the app may restart (kiln_reboot()), in memory that
 * outlives that, KILN_NOINIT. The fields belong to sim/input.c, but for comes_back. */
struct sim_input {
    bool comes_back; /* a pty, which programs attach to and detach from: an error is not its end */
    bool is_open;
    int file;
    unsigned line, device;
    _Atomic unsigned head, tail; /* written by the helper thread; by the kernel's */
    _Atomic bool has_ended;
    char bytes[SIM_INPUT_BYTES];
};

/* Starts to read `file`, but not in a replay. `device` is the number by which a log knows it.
 * Before kiln_start(), or from a task. The thread waits while nobody takes what it has read. After
 * a restart of the app, one that is open already raises its line, for what has come meanwhile. */
void sim_input_open(struct sim_input *input, int file, unsigned line, unsigned device);

/* Takes up to `size` bytes, SIM_OUTSIDE_MAX at most, and returns how many there were. When there
 * are more, the line is raised again. From the line's handler. */
size_t sim_input_take(struct sim_input *input, char *bytes, size_t size);

/* True when there is nothing more to come: to be asked when sim_input_take() got fewer than it was
 * asked for. The line is raised for that, too. From the line's handler. */
bool sim_input_has_ended(struct sim_input *input);

#endif
