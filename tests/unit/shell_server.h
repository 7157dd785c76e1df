/* What the tests of shells that a coroutine serves share: the shell, its executor and its terminal.
 */
#ifndef SHELL_SERVER_H
#define SHELL_SERVER_H

#include "kiln/shell.h"
#include "unit.h"

KILN_EXECUTOR_DEFINE(executor);
KILN_SHELL_DEFINE(def, 4096);
static struct kiln_shell_server server;
static struct kiln_stream terminal;
static uint8_t terminal_buffer[64];

/* Nothing of the last test is left. The device behind the terminal is the test's. */
static inline void server_setup(void **state, const struct kiln_stream_driver *driver)
{
    (void)unit_setup(state);
    memset(&executor, 0, sizeof(executor));
    memset(&server, 0, sizeof(server));
    memset(&terminal, 0, sizeof(terminal));
    memset(def.shell, 0, sizeof(*def.shell));
    assert_int_equal(kiln_executor_init(&executor), KILN_OK);
    assert_int_equal(
        kiln_stream_init(&terminal, terminal_buffer, sizeof(terminal_buffer), driver, NULL),
        KILN_OK);
}

/* A task that runs the executor, up to the shell's first wait. */
static inline struct kiln_task *server_start(void)
{
    struct kiln_task *task = create(0, 3);
    assert_int_equal(kiln_shell_start(&server, &executor, &def, &terminal), KILN_OK);
    assert_int_equal(play_executor(&executor), BLOCKED);
    return task;
}

#endif
