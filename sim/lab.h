/* The laboratory: what a simulated device owes to it.
 *
 * Everything that comes from outside the process goes through here, so that a log can keep it and
 * a replay can put the log's in its place. Raising a line from another thread (posix.h) does so by
 * itself; what the line's handler then reads from the device does with sim_outside().
 */
#ifndef SIM_LAB_H
#define SIM_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
    SIM_LINE_BOARD,
};

/* The board's buttons, from 0. */
#define SIM_BUTTONS 4

/* What --faults makes of bytes that a device has received, after sim_outside(): noise flips bits,
 * an overrun loses the last byte. Returns how many are left. `device` is as for sim_outside(). */
size_t sim_faults_data(unsigned device, void *data, size_t length);

/* What --faults makes of the state of pins, bit n for button n, after sim_outside(): those that are
 * stuck are down, or up. At both ends of that the line of the same number as `device` is raised. */
uint32_t sim_faults_pins(unsigned device, uint32_t down);

/* True while a pin of the device has yet to get stuck, or free. */
bool sim_faults_move_pins(unsigned device);

/* False in a replay and under the explorer: what is outside has no say then, and a device need not
 * open it. */
bool sim_outside_is_live(void);

#endif
