/* The laboratory: what a simulated device owes to it.
 *
 * Everything that comes from outside the process goes through here, so that a log can keep it and
 * a replay can put the log's in its place. Raising a line from another thread (posix.h) does so by
 * itself; what the line's handler then reads from the device does with sim_outside().
 */
#ifndef SIM_LAB_H
#define SIM_LAB_H

#include <stdbool.h>
#include <stdbool.h>
#include <stddef.h>

/* A handler has read `length` bytes from outside into `data`, which holds `size`. Returns how many
 * there are: the same bytes; in a replay, those of the recorded run in their place. At most
 * SIM_OUTSIDE_MAX at a time. Kernel thread only, in an interrupt or a task. */
#define SIM_OUTSIDE_MAX 256U
size_t sim_outside(unsigned device, void *data, size_t size, size_t length);

/* The interrupt lines of the devices of the simulated board; in a log, their numbers as well.
 * Scenarios and tests have those from 0. */
enum sim_line {
    SIM_LINE_UART_RECEIVE = 16,
    SIM_LINE_UART_SENT,
    SIM_LINE_KEYBOARD,
    SIM_LINE_BUTTONS,
    SIM_LINE_CLOCK,
    SIM_LINE_STORAGE,
};

/* False in a replay and under the explorer: what is outside has no say then, and a device need not
 * open it. */
bool sim_outside_is_live(void);

#endif
