/* The shell's commands, each called with streams of the test's own on the fake port: what they say
 * of tasks that the test plays, and what they do to them. */
#include "unit.h"

#include <stdio.h>

#if KILN_CFG_SHELL

#include "kiln/shell.h"

#define ARGUMENTS_MAX 4
#define SHELL_PRIO    6U

static struct kiln_shell shell;
static struct kiln_shell_call call;
static struct kiln_stream terminal, other;
static uint8_t terminal_buffer[64], other_buffer[16];
static char written[4096];
static size_t written_length, torn; /* torn: writes that end no row */

/* A terminal that remembers. */
static size_t write_terminal(struct kiln_stream *stream, const uint8_t *bytes, size_t size)
{
    (void)stream;
    assert_true(written_length + size < sizeof(written));
    memcpy(written + written_length, bytes, size);
    written_length += size;
    written[written_length] = '\0';
    torn += bytes[size - 1] != '\n';
    return size;
}

static const struct kiln_stream_driver driver = {.write = write_terminal};

/* Counts torn rows from now on. As the console, or the terminal would be asked for a chunk at a
 * time.
 */
static void watch_rows(void)
{
    kiln_stream_is_console(&terminal);
    torn = 0;
}

static int setup(void **state)
{
    (void)unit_setup(state);
    memset(&terminal, 0, sizeof(terminal));
    memset(&other, 0, sizeof(other));
    memset(&shell, 0, sizeof(shell));
    (void)kiln_stream_init(&terminal, terminal_buffer, sizeof(terminal_buffer), &driver, NULL);
    (void)kiln_stream_init(&other, other_buffer, sizeof(other_buffer), NULL, NULL);
    (void)kiln_sem_init(&shell.wake, 0, 1);
    shell.terminal = &terminal;
    written_length = 0;
    written[0] = '\0';
    return 0;
}

/* Runs a line of words as the running task; its exit status. */
static int run(const char *line)
{
    static char text[80];
    static char *words[ARGUMENTS_MAX];
    int count = 0;
    (void)strcpy(text, line);
    for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " ")) {
        words[count++] = word;
    }
    call = (struct kiln_shell_call){
        .argc = count, .argv = words, .in = &terminal, .out = &terminal, .shell = &shell};
    written_length = 0;
    written[0] = '\0';
    const struct kiln_shell_command *command = kiln_shell_find(words[0]);
    assert_non_null(command);
    return command->function(&call);
}

static void expect_says(const char *line, int status, const char *wanted)
{
    assert_int_equal(run(line), status);
    assert_string_equal(written, wanted);
}

static void expect_holds(const char *line, const char *wanted)
{
    assert_int_equal(run(line), 0);
    if (strstr(written, wanted) == NULL) {
        fail_msg("%s: no '%s' in:\n%s", line, wanted, written);
    }
}

static void commands_are_in_the_order_of_their_names(void **state)
{
    (void)state;
    const struct kiln_shell_command *last = kiln_shell_next(NULL), *next;
    unsigned count = 1;
    for (; (next = kiln_shell_next(last->name)) != NULL; last = next, count++) {
        assert_true(strcmp(last->name, next->name) < 0);
        assert_ptr_equal(kiln_shell_find(next->name), next);
    }
    assert_true(count > 20);
    assert_null(kiln_shell_find("nonsense"));
}

static void numbers_have_limits(void **state)
{
    (void)state;
    static const char *const good[] = {"0", "31", "0x1f", "0X1F", "00031"};
    static const char *const bad[] = {"32", "-1", "1x", "0x", "0x20", "x", "99999999999999999999",
                                      "1.5"};
    NEED_PRIORITIES(32);
    (void)create(0, 0);
    for (unsigned i = 0; i < COUNT_OF(good) && KILN_PRIORITY_MAX == 31; i++) {
        char line[40];
        (void)snprintf(line, sizeof(line), "prio task0 %s", good[i]);
        expect_says(line, 0, "");
        (void)kiln_task_set_priority(&tasks[0], 0);
    }
    for (unsigned i = 0; i < COUNT_OF(bad) && KILN_PRIORITY_MAX == 31; i++) {
        char line[40], wanted[80];
        (void)snprintf(line, sizeof(line), "prio task0 %s", bad[i]);
        (void)snprintf(wanted, sizeof(wanted), "prio: '%s' is no number from 0 to 31\r\n", bad[i]);
        expect_says(line, 1, wanted);
    }
}

static void tasks_are_found_by_name_and_number(void **state)
{
    (void)state;
    (void)create(0, 0);
    (void)create(1, 0);
    expect_says("suspend task1", 0, "");
    assert_int_equal(state_of(&tasks[1]), KILN_TASK_SUSPENDED);
    expect_says("resume 2", 0, "");
    assert_int_equal(state_of(&tasks[1]), KILN_TASK_READY);
    expect_says("resume 2", 1, "resume: '2': it is in no state for that\r\n");
    expect_says("kill 3", 1, "kill: there is no task '3': ps lists them\r\n");
    kiln_set_name(&tasks[1], "task0");
    expect_says("kill task0", 1, "kill: several tasks are named 'task0': take a number of ps\r\n");
    expect_says("kill 0", 1, "kill: '0': not the idle task\r\n");
    expect_says("kill 1 7", 0, "");
    assert_int_equal(state_of(&tasks[0]), KILN_TASK_TERMINATED);
    assert_int_equal(kernel.locked, 0);
}

static void the_shells_own_task_is_left_alone(void **state)
{
    (void)state;
    (void)create(0, 0);
    shell.server = &tasks[0];
    expect_says("kill task0", 1, "kill: 'task0': not the task that serves this shell\r\n");
    expect_says("suspend task0", 1, "suspend: 'task0': not the task that serves this shell\r\n");
    assert_int_equal(state_of(&tasks[0]), KILN_TASK_READY);
    assert_int_equal(kernel.locked, 0);
}

static void wait_tells_the_exit_code(void **state)
{
    (void)state;
    (void)create(0, 0);
    expect_says("wait task0 0", 1, "wait: 'task0' has not ended\r\n");
    expect_says("wait task1", 1, "wait: there is no task 'task1': ps lists them\r\n");
    expect_says("wait idle", 1, "wait: cannot wait for 'idle': it is this command\r\n");
    (void)kiln_sched_lock();
    expect_says("wait task0", 1, "wait: cannot wait for 'task0': KILN_ELOCKED\r\n");
    (void)kiln_sched_unlock();
}

#if KILN_CFG_ASYNC
KILN_EXECUTOR_DEFINE(crew);
KILN_WAKER_DEFINE(bell);
KILN_WAKER_DEFINE(rung);

static enum kiln_async_step lend_a_hand(struct kiln_async *async)
{
    KILN_ASYNC_BEGIN(async);
    KILN_AWAIT(async, kiln_await_waker(async, &bell, KILN_FOREVER));
    KILN_ASYNC_END(async);
}

static void objects_lists_executors_and_wakers(void **state)
{
    static struct kiln_async hand;
    (void)state;
    (void)kiln_async_start(&hand, &crew, lend_a_hand, "hand");
    (void)kiln_waker_wake(&rung);
    expect_holds("objects", KILN_CFG_NAMES ? "executor  crew           1" : "executor  ");
    expect_holds("objects",
                 KILN_CFG_NAMES ? "waker     bell                             \r" : "waker ");
    expect_holds("objects", KILN_CFG_NAMES ? "waker     rung           woken" : "woken");
}
#endif

static void arguments_are_counted(void **state)
{
    (void)state;
    expect_says("kill", 1, "kill: something is missing: usage: kill TASK [CODE]\r\n");
    expect_says("kill a 1 2", 1, "kill: that is too much: usage: kill TASK [CODE]\r\n");
}

#if KILN_CFG_STATS
static void ps_shows_each_task(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    (void)create(0, 3);
    assert_int_equal(play_sleep(5), BLOCKED);
    expect_holds("ps", "  1 task0        blocked       3   0.0        1  sleep\r\n");
    expect_holds("ps", "  0 idle         running       0 ");
}
#endif

#if KILN_CFG_MUTEX
/* Tasks 0 to n - 1 lock a mutex each, and then the next one's; the last, the first's. */
static void make_circle(struct kiln_mutex *mutexes, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        memset(&mutexes[i], 0, sizeof(mutexes[i]));
        (void)kiln_mutex_init(&mutexes[i], KILN_MUTEX_PLAIN);
        kiln_set_name(&mutexes[i], "m");
    }
    for (unsigned i = 0; i < count; i++) {
        (void)create(i, i + 1);
        assert_int_equal(play_mutex_lock(&mutexes[i], 0), KILN_OK);
    }
    for (unsigned left = count; left != 0; left--) { /* each in turn inherits */
        unsigned i = (unsigned)(kiln_task_self() - tasks);
        assert_int_equal(play_mutex_lock(&mutexes[(i + 1) % count], KILN_FOREVER), BLOCKED);
    }
}

static void chain_names_a_circle(void **state)
{
    (void)state;
    static struct kiln_mutex mutexes[3];
    NEED_PRIORITIES(8);
    expect_says("chain", 0, "no task waits for another one\r\n");
    make_circle(mutexes, 3);
    expect_says("chain", 0,
                "task0: mutex m -> task1: mutex m -> task2: mutex m\r\n"
                "DEADLOCK of task0 task1 task2\r\n");
    expect_holds("chain task1", "DEADLOCK of task1 task2 task0\r\n");
    (void)kiln_task_kill(&tasks[2], 0);
    expect_holds("chain", "task0: mutex m -> task1: ");
    assert_null(strstr(written, "DEADLOCK"));
}

static void chain_follows_joins_and_ends(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    (void)create(0, 1);
    assert_int_equal(play_sleep(100), BLOCKED);
    (void)create(1, 2);
    assert_int_equal(play_join(&tasks[0], NULL, KILN_FOREVER), BLOCKED);
    (void)create(2, 3);
    assert_int_equal(play_join(&tasks[1], NULL, 50), BLOCKED);
    expect_says("chain", 0, "task2: end of task1 -> task1: end of task0 -> task0: sleep\r\n");
    expect_says("chain task0", 0, "task0: sleep\r\n");
}

static void a_circle_with_a_timeout_is_no_dead_end(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    (void)create(0, 1);
    (void)create(1, 2);
    assert_int_equal(play_join(&tasks[0], NULL, 9), BLOCKED);
    assert_running(&tasks[0]);
    assert_int_equal(play_join(&tasks[1], NULL, KILN_FOREVER), BLOCKED);
    expect_holds("chain", "deadlock until a timeout of task0 task1\r\n");
}

static void a_long_chain_is_cut_off(void **state)
{
    (void)state;
    NEED_PRIORITIES(16);
    (void)create(0, 1);
    assert_int_equal(play_sleep(100), BLOCKED);
    for (unsigned i = 1; i < 10; i++) {
        (void)create(i, i + 1);
        assert_int_equal(play_join(&tasks[i - 1], NULL, KILN_FOREVER), BLOCKED);
    }
    watch_rows();
    expect_holds("chain", " -> task2: end of task1 -> ...\r\n");
    expect_holds("chain", " -> task5: end of task4\r\n -> task4: end of task3 -> "); /* no room */
    assert_int_equal(torn, 0);
}

/* A name that alone is too long for a row. */
static void a_long_name_is_cut_off(void **state)
{
    (void)state;
    NEED_PRIORITIES(2);
    char name[2 * KILN_SHELL_TEXT_MAX];
    memset(name, 'x', sizeof(name) - 1U);
    name[sizeof(name) - 1U] = '\0';
    (void)create(0, 1);
    kiln_set_name(&tasks[0], name);
    watch_rows();
    assert_int_equal(run("chain 1"), 0);
    assert_int_equal(written_length, KILN_SHELL_TEXT_MAX + 1); /* CR, LF for the closing zero */
    assert_int_equal(torn, 0);
}
#endif

static void top_has_been_up_for_long(void **state)
{
    (void)state;
    fake.cycles = UINT64_C(60) * 86400 * 1000000 * PORT_CYCLES_PER_US;
    expect_holds("top 4 1000 1", "up 5184000.0 s, ");
}

static void memory_is_dumped_where_there_is_some(void **state)
{
    (void)state;
    static const char bytes[20] = "0123456789abcdef\001xyz";
    char line[40], wanted[160];
    (void)snprintf(line, sizeof(line), "dump %p 18", (const void *)bytes);
    (void)snprintf(wanted, sizeof(wanted),
                   "%p: 30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66 0123456789abcdef\r\n"
                   "%p: 01 78%*s .x\r\n",
                   (const void *)bytes, (const void *)(bytes + 16), 42, "");
    expect_says(line, 0, wanted);
    expect_says("dump 0x10", 1, "dump: there is no memory at 0x10\r\n");
    expect_says("dump nobody", 1, "dump: there is no task 'nobody': ps lists them\r\n");
    expect_says("dump 0x10 5000", 1, "dump: '5000' is no number from 0 to 4096\r\n");
}

static void the_port_is_shown(void **state)
{
    (void)state;
    expect_says("irq", 0,
                "irq priority   state\r\n  1       16   enabled\r\n"
                "  2       32   enabled, pending\r\n");
    expect_holds("mem", "text         3000\r\ndata          200\r\nbss          1000\r\n");
}

/* ---- Streams of a command -------------------------------------------------------------------- */

static void line_ends_are_for_terminals_only(void **state)
{
    (void)state;
    char bytes[8];
    (void)run("echo");
    call.out = &other;
    kiln_shell_write(&call, "a\n\nb", 4);
    assert_int_equal(kiln_stream_read(&other, bytes, sizeof(bytes), KILN_NO_WAIT), 4);
    assert_memory_equal(bytes, "a\n\nb", 4);
    call.out = &terminal;
    written_length = 0;
    kiln_shell_write(&call, "a\n\nb", 4);
    assert_string_equal(written, "a\r\n\r\nb");
    kiln_shell_write(&call, "", 0);
    assert_int_equal(kiln_shell_fail(&call, "%s", "so"), 1);
    assert_string_equal(written, "a\r\n\r\nbecho: so\r\n");
}

/* What is printed on the same console comes between two writes. */
static void a_row_is_one_write(void **state)
{
    static const char *const lines[] = {"help",        "echo a b", "dump task0",
                                        "chain task0", "chain",    "kill nobody"};
    (void)state;
    NEED_PRIORITIES(8);
    (void)create(0, 1);
    (void)create(1, 2);
    assert_int_equal(play_join(&tasks[0], NULL, KILN_FOREVER), BLOCKED);
    watch_rows();
    for (unsigned i = 0; i < COUNT_OF(lines); i++) {
        (void)run(lines[i]);
    }
    assert_non_null(strstr(written, "kill: there is no task"));
    kiln_shell_printf(&call, "a\n\nb%c", '\n');
    kiln_shell_write(&call, "c\n", 2);
    (void)kiln_stream_write(&other, "one\ntwo\n", 8, KILN_NO_WAIT);
    kiln_stream_close(&other);
    char *words[] = {"head"};
    call = (struct kiln_shell_call){
        .argc = 1, .argv = words, .in = &other, .out = &terminal, .shell = &shell};
    assert_int_equal(kiln_shell_find("head")->function(&call), 0);
    assert_non_null(strstr(written, "a\r\n\r\nb\r\nc\r\none\r\ntwo\r\n"));
    assert_int_equal(torn, 0);
}

/* A command whose reader has gone. */
static int write_to_nobody(void *arg)
{
    (void)arg;
    kiln_shell_write(&call, "x", 1);
    fail_msg("it goes on");
    return 0;
}

static void a_command_ends_when_nobody_reads(void **state)
{
    (void)state;
    NEED_PRIORITIES(8);
    int result;
    (void)run("echo");
    call.out = &other;
    kiln_stream_close(&other);
    struct kiln_task_def def = def_of(0, SHELL_PRIO);
    shell.stage_count = 1;
    assert_int_equal(kiln_task_create(&shell.stages[0].task, &def), KILN_OK);
    assert_false(fake_call(write_to_nobody, NULL, &result));
    assert_int_equal(state_of(&shell.stages[0].task), KILN_TASK_TERMINATED);
    assert_true(shell.stages[0].has_returned);
    assert_int_equal(kiln_sem_count(&shell.wake), 1);
}

/* Typed input, up to its end. */
static void filters_read_the_terminal(void **state)
{
    (void)state;
    static const char typed[] = "one two\rthree\r\004rest";
    (void)kiln_stream_received(&terminal, typed, sizeof(typed) - 1);
    expect_says("wc", 0, "one two\r\nthree\r\n2 3 14\r\n");
    assert_int_equal(kiln_stream_count(&terminal), 4); /* for the next line */
    (void)kiln_stream_received(&terminal, "\rno\rrest again\r\004", 16);
    expect_says("grep rest", 0, "rest\r\nrest\r\nno\r\nrest again\r\nrest again\r\n");
    (void)kiln_stream_received(&terminal, "a\rb\rc\r", 6);
    expect_says("head 2", 0, "a\r\na\r\nb\r\nb\r\n");
}

static void ctrl_c_is_told_to_the_shell(void **state)
{
    (void)state;
    (void)kiln_stream_received(&terminal, "ab\003", 3);
    expect_says("wc", 0, "ab0 1 2\r\n"); /* the test plays the shell, which does not run */
    assert_true(shell.interrupted);
    assert_int_equal(kiln_sem_count(&shell.wake), 1);
}

#undef SETUP
#define SETUP setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(commands_are_in_the_order_of_their_names),
        TEST(numbers_have_limits),
        TEST(tasks_are_found_by_name_and_number),
        TEST(the_shells_own_task_is_left_alone),
        TEST(wait_tells_the_exit_code),
        TEST(arguments_are_counted),
#if KILN_CFG_ASYNC
        TEST(objects_lists_executors_and_wakers),
#endif
#if KILN_CFG_STATS
        TEST(ps_shows_each_task),
#endif
#if KILN_CFG_MUTEX
        TEST(chain_names_a_circle),
        TEST(chain_follows_joins_and_ends),
        TEST(a_circle_with_a_timeout_is_no_dead_end),
        TEST(a_long_chain_is_cut_off),
        TEST(a_long_name_is_cut_off),
#endif
        TEST(top_has_been_up_for_long),
        TEST(memory_is_dumped_where_there_is_some),
        TEST(the_port_is_shown),
        TEST(line_ends_are_for_terminals_only),
        TEST(a_row_is_one_write),
        TEST(a_command_ends_when_nobody_reads),
        TEST(filters_read_the_terminal),
        TEST(ctrl_c_is_told_to_the_shell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
NO_TESTS("the shell")
#endif
