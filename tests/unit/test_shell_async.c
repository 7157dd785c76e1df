/* A shell that a coroutine serves: it never blocks the executor's task, and a cancel leaves nothing
 * behind. */
#include "unit.h"

#if KILN_CFG_SHELL && KILN_CFG_ASYNC && KILN_CFG_PRIORITIES >= 8

#include "shell_server.h"

#define COMMANDS (KILN_CFG_SHELL_STAGES > 1 ? 2U : 1U)

static struct kiln_async other;
static char written[512];
static size_t written_length, room;
static unsigned turns;

static size_t write_terminal(struct kiln_stream *stream, const uint8_t *bytes, size_t size)
{
    size_t count = size < room ? size : room;
    (void)stream;
    assert_true(written_length + count < sizeof(written));
    memcpy(written + written_length, bytes, count);
    written_length += count;
    written[written_length] = '\0';
    room -= count;
    return count;
}

static const struct kiln_stream_driver driver = {.write = write_terminal};

static int setup(void **state)
{
    server_setup(state, &driver);
    memset(&other, 0, sizeof(other));
    written_length = 0;
    room = sizeof(written) - 1;
    turns = 0;
    return 0;
}

static void type(struct kiln_task *task, const char *text)
{
    assert_int_equal(kiln_stream_received(&terminal, text, strlen(text)), strlen(text));
    assert_running(task);
}

static int result_of(struct kiln_async *async)
{
    int result = 77;
    assert_int_equal(kiln_async_join(async, &result, KILN_NO_WAIT), KILN_OK);
    return result;
}

static enum kiln_async_step take_turns(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    for (; turns < 5; turns++) {
        KILN_AWAIT(async, kiln_await_sleep(async, 1));
    }
    KILN_ASYNC_END(async);
}

/* One byte a time. */
static void a_slow_terminal_keeps_nobody_waiting(void **state)
{
    (void)state;
    room = 1;
    assert_int_equal(kiln_async_start(&other, &executor, take_turns, "other"), KILN_OK);
    struct kiln_task *task = server_start();
    assert_string_equal(written, "k");
    for (unsigned n = 1; n <= 5; n++) {
        fake_tick(1);
        assert_int_equal(play_return(task), BLOCKED);
        assert_int_equal(turns, n);
    }
    assert_string_equal(written, "k");
    while (strstr(written, "kiln> ") == NULL) {
        room = 1;
        kiln_stream_ready(&terminal);
        if (k_is_ready(task)) {
            assert_int_equal(play_return(task), BLOCKED);
        }
    }
    assert_int_equal(kiln_async_cancel(&server.async), KILN_OK);
    assert_int_equal(play_return(task), KILN_OK);
}

static void a_cancel_ends_the_commands(void **state)
{
    (void)state;
    struct kiln_task *task = server_start();
    type(task, COMMANDS > 1 ? "wait idle|wc\r" : "wait idle\r");
    assert_int_equal(play_return(task), BLOCKED);
    assert_int_equal(def.shell->stage_count, COMMANDS);
    assert_int_equal(kiln_async_cancel(&server.async), KILN_OK);
    assert_int_equal(play_return(task), KILN_OK);
    assert_int_equal(result_of(&server.async), KILN_ECANCELED);
    for (unsigned n = 0; n < COMMANDS; n++) {
        assert_int_equal(state_of(&def.shell->stages[n].task), KILN_TASK_TERMINATED);
    }
    assert_null(terminal.changed);
    assert_int_equal(kiln_stream_destroy(&terminal), KILN_OK);
}

static void the_end_of_the_terminal_is_the_shells(void **state)
{
    (void)state;
    struct kiln_task *task = server_start();
    type(task, "nonsense\r");
    assert_int_equal(play_return(task), BLOCKED);
    assert_non_null(
        strstr(written, "\r\nthere is no command 'nonsense': help lists them\r\nkiln> "));
    kiln_stream_close(&terminal);
    assert_int_equal(play_return(task), KILN_OK);
    assert_int_equal(result_of(&server.async), 1);
}

static void a_line_that_is_cancelled_does_not_run(void **state)
{
    (void)state;
    struct kiln_task *task = server_start();
    type(task, "nonsense\003");
    assert_int_equal(play_return(task), BLOCKED);
    assert_non_null(strstr(written, "nonsense\r\nkiln> "));
    assert_int_equal(def.shell->status, 0);
}

static void bad_servers_are_refused(void **state)
{
    (void)state;
    assert_int_equal(kiln_shell_start(NULL, &executor, &def, &terminal), KILN_EINVAL);
    assert_int_equal(kiln_shell_start(&server, &executor, NULL, &terminal), KILN_EINVAL);
    assert_int_equal(kiln_shell_start(&server, &executor, &def, NULL), KILN_EINVAL);
    (void)server_start();
#if KILN_CFG_CHECKS
    assert_int_equal(kiln_shell_start(&server, &executor, &def, &terminal), KILN_ESTATE);
#endif
}

/* Its stack is too small, say. */
static void a_command_that_cannot_be_started_is_told(void **state)
{
    struct kiln_shell_def cramped = def;
    (void)state;
    cramped.stack_bytes = 8;
    struct kiln_task *task = create(0, 3);
    assert_int_equal(kiln_shell_start(&server, &executor, &cramped, &terminal), KILN_OK);
    assert_int_equal(play_executor(&executor), BLOCKED);
    type(task, COMMANDS > 1 ? "echo|wc\r" : "echo\r");
    assert_int_equal(play_return(task), BLOCKED);
    assert_non_null(strstr(written, COMMANDS > 1 ? "\r\ncannot start 'wc'\r\nkiln> "
                                                 : "\r\ncannot start 'echo'\r\nkiln> "));
    assert_int_equal(def.shell->status, 1);
}

/* `prio` may make the server so. */
static void the_least_urgent_server_still_runs_commands(void **state)
{
    (void)state;
    struct kiln_task *task = server_start();
    assert_int_equal(kiln_task_set_priority(task, KILN_PRIORITY_MIN), KILN_OK);
    assert_int_equal(kiln_stream_received(&terminal, "wc\r", 3), 3);
    assert_int_equal(kiln_task_yield(), KILN_OK);
    assert_int_equal(play_return(task), BLOCKED);
    assert_int_equal(kiln_task_priority(&def.shell->stages[0].task), KILN_PRIORITY_MIN);
    assert_int_equal(kiln_async_cancel(&server.async), KILN_OK);
}

/* No priority is left for the commands: the test plays the idle task. */
static void the_least_urgent_task_serves_no_shell(void **state)
{
    (void)state;
    assert_int_equal(kiln_shell_start(&server, &executor, &def, &terminal), KILN_OK);
    assert_int_equal(play_executor(&executor), KILN_OK);
    assert_int_equal(result_of(&server.async), KILN_EINVAL);
}

#define SETUP setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_slow_terminal_keeps_nobody_waiting),
        TEST(a_cancel_ends_the_commands),
        TEST(the_end_of_the_terminal_is_the_shells),
        TEST(a_line_that_is_cancelled_does_not_run),
        TEST(bad_servers_are_refused),
        TEST(the_least_urgent_task_serves_no_shell),
        TEST(a_command_that_cannot_be_started_is_told),
        TEST(the_least_urgent_server_still_runs_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
NO_TESTS("a shell in a coroutine")
#endif
