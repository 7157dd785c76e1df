/* The laboratory: what a simulated device owes to it.
 *
 * Everything that comes from outside the process goes through here, so that a log can keep it and
 * a replay can put the log's in its place. Raising a line from another thread (posix.h) does so by
 * itself; what the line's handler then reads from the device does with sim_outside().
 */
#ifndef SIM_LAB_H
#define SIM_LAB_H

#include <stddef.h>

/* A handler has read `length` bytes from outside into `data`, which holds `size`. Returns how many
 * there are: the same bytes; in a replay, those of the recorded run in their place. At most
 * SIM_OUTSIDE_MAX at a time. Kernel thread only, in an interrupt or a task. */
#define SIM_OUTSIDE_MAX 256U
size_t sim_outside(unsigned device, void *data, size_t size, size_t length);

#endif
