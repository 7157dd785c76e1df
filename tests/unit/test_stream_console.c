/* Printed texts and writes to the console's stream do not split each other, whoever interrupts
 * whom: the device takes what it has room for, and shows it where printed texts are shown. */
#include "unit.h"

#if KILN_CFG_STREAM && KILN_CFG_PRINT && KILN_CFG_PRIORITIES >= 8

#include "kiln/print.h"
#include "kiln/stream.h"
#include "port.h"

#define ROW  "a row of a command, longer than a chunk is: 12345\r\n"
#define TEXT "a printed text\n"

static struct kiln_stream stream;
static uint8_t buffer[8];
static size_t room, asked_max;

static size_t device_write(struct kiln_stream *of, const uint8_t *bytes, size_t size)
{
    size_t count = size < room ? size : room;
    (void)of;
    for (size_t i = 0; i < count; i++) {
        port_panic_putc((char)bytes[i]);
    }
    room -= count;
    asked_max = size > asked_max ? size : asked_max;
    return count;
}

static const struct kiln_stream_driver driver = {.write = device_write};

static int setup(void **state)
{
    (void)unit_setup(state);
    memset(&stream, 0, sizeof(stream));
    assert_int_equal(kiln_stream_init(&stream, buffer, sizeof(buffer), &driver, NULL), KILN_OK);
    kiln_stream_is_console(&stream);
    room = asked_max = 0;
    return 0;
}

static int print_text(void)
{
    return kiln_printf(TEXT);
}

static int device_is_ready(void)
{
    room = 1;
    kiln_stream_ready(&stream);
    return 0;
}

static int write_now(void)
{
    return kiln_stream_write(&stream, "?", 1, KILN_NO_WAIT);
}

/* A task is at its row, of which so much is out. */
static struct kiln_task *write_half(unsigned n, size_t count)
{
    struct kiln_task *task = create(n, n + 1);
    room = count;
    assert_int_equal(play_write(&stream, ROW, strlen(ROW), KILN_FOREVER), BLOCKED);
    return task;
}

/* The device says at each character of the text that it has room. */
static void say_ready(void)
{
    (void)in_interrupt(device_is_ready);
}

static void a_text_comes_behind_the_row_that_is_half_out(void **state)
{
    (void)state;
    for (size_t count = 1; count < strlen(ROW); count++) {
        for (unsigned interrupts = 0; interrupts < 4; interrupts++) {
            (void)setup(state);
            struct kiln_task *task = write_half(0, count);
            fake.written = (interrupts & 1U) != 0 ? say_ready : NULL;
            assert_int_equal((interrupts & 2U) != 0 ? in_interrupt(print_text) : print_text(),
                             strlen(TEXT));
            fake.written = NULL;
            assert_string_equal(fake.text, ROW TEXT);
            assert_int_equal(play_return(task), strlen(ROW));
            assert_int_equal(kernel.locked, 0);
        }
    }
}

static void a_row_comes_behind_the_text_that_is_half_out(void **state)
{
    (void)state;
    struct kiln_task *task = write_half(0, 0);
    fake.written = say_ready;
    (void)print_text();
    fake.written = NULL;
    assert_memory_equal(fake.text, TEXT "a", sizeof(TEXT)); /* it goes on, with the room there is */
    room = strlen(ROW);
    kiln_stream_ready(&stream);
    assert_string_equal(fake.text, TEXT ROW);
    assert_int_equal(play_return(task), strlen(ROW));
}

static void interrupt_that_writes(void)
{
    room = 100;
    assert_int_equal(in_interrupt(write_now), KILN_EAGAIN);
}

static void an_interrupt_does_not_write_into_a_text(void **state)
{
    (void)state;
    fake.written = interrupt_that_writes;
    (void)print_text();
    fake.written = NULL;
    assert_string_equal(fake.text, TEXT);
    assert_int_equal(in_interrupt(write_now), 1);
}

/* The one that is not begun waits on, behind the text. */
static void of_two_rows_one_is_finished(void **state)
{
    (void)state;
    struct kiln_task *first = write_half(1, 7), *second = write_half(0, 100);
    room = 0;
    (void)print_text();
    assert_string_equal(fake.text, ROW TEXT);
    assert_int_equal(play_return(first), strlen(ROW));
    room = 100;
    assert_int_equal(play_suspend(first), BLOCKED);
    kiln_stream_ready(&stream);
    assert_string_equal(fake.text, ROW TEXT ROW);
    assert_int_equal(play_return(second), strlen(ROW));
}

/* Whoever prints does not wait for as long as somebody writes. */
static void a_long_write_is_split(void **state)
{
    static char text[KILN_STREAM_WHOLE * 3];
    (void)state;
    memset(text, 'x', sizeof(text));
    (void)create(0, 1);
    room = KILN_STREAM_WHOLE + 2;
    assert_int_equal(play_write(&stream, text, sizeof(text), KILN_FOREVER), BLOCKED);
    assert_int_equal(asked_max, KILN_STREAM_WHOLE);
    (void)print_text();
    assert_int_equal(strstr(fake.text, TEXT) - fake.text, KILN_STREAM_WHOLE * 2 + 2);
    room = 1000;
    kiln_stream_ready(&stream);
    assert_int_equal(play_return(&tasks[0]), sizeof(text));
    assert_int_equal(strlen(fake.text), sizeof(text) + strlen(TEXT));
}

/* Its memory may be anybody's by now. */
static void what_a_killed_task_did_not_write_is_gone(void **state)
{
    (void)state;
    struct kiln_task *task = write_half(0, 5);
    assert_int_equal(kiln_task_kill(task, 0), KILN_OK);
    (void)print_text();
    assert_string_equal(fake.text, "a row" TEXT);
}

#define SETUP setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_text_comes_behind_the_row_that_is_half_out),
        TEST(a_row_comes_behind_the_text_that_is_half_out),
        TEST(an_interrupt_does_not_write_into_a_text),
        TEST(of_two_rows_one_is_finished),
        TEST(a_long_write_is_split),
        TEST(what_a_killed_task_did_not_write_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
NO_TESTS("printing on the console's stream")
#endif
