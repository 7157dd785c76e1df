/* kiln_printf(): texts stay together, whoever interrupts whom and wherever; texts that have to
 * wait; texts that are lost; and the console at the end: a panic, a fault, kiln_stop(). */
#include "unit.h"

#if KILN_CFG_PRINT

#include <stdio.h>

#define TASK_LINE "the task's line, longer than the pieces it is written in: 12345\n"
/* Its 33 characters do not divide the ring, so that it gets to lie across the ring's end. */
#define ISR_LINE "the interrupt's line: 0x0000beef\n"

/* At character `when` of all that is written, an interrupt prints `times` lines. */
static unsigned written, when, times;

static int print_in_isr(void)
{
    int length = 0;
    for (unsigned n = 0; n < times; n++) {
        length = kiln_printf("the interrupt's line: 0x%08x\n", 0xBEEFU);
    }
    return length;
}

static void interrupt_at_character(void)
{
    if (++written == when) {
        assert_int_equal(in_interrupt(print_in_isr), strlen(ISR_LINE));
    }
}

static int print_line(void)
{
    return kiln_printf("the task's line, longer than the %s it is written in: %d\n", "pieces",
                       12345);
}

static void start_over(unsigned at, unsigned lines)
{
    fake_forget_text();
    written = 0;
    when = at;
    times = lines;
    fake.written = interrupt_at_character;
}

static void a_text_of_any_length_is_printed(void **state)
{
    (void)state;
    char wanted[401];
    memset(wanted, ' ', 400);
    (void)strcpy(wanted + 399, "1");
    assert_int_equal(kiln_printf("%400d", 1), 400);
    assert_string_equal(fake.text, wanted);
    assert_int_equal(kernel.locked, 0);
    fake_forget_text();
    assert_int_equal(kiln_printf("%c|", 0), 2);
    assert_memory_equal(fake.text, "\0|", 2);
}

static int print_with_list(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = kiln_vprintf(format, args);
    va_end(args);
    return length;
}

static void a_list_of_arguments_is_printed(void **state)
{
    (void)state;
    assert_int_equal(print_with_list("%d %s\n", 42, "tasks"), 9);
    assert_string_equal(fake.text, "42 tasks\n");
}

static void interrupts_print_at_once_when_nobody_does(void **state)
{
    (void)state;
    times = 1;
    assert_int_equal(in_interrupt(print_in_isr), strlen(ISR_LINE));
    assert_string_equal(fake.text, ISR_LINE);
}

static void the_line_of_an_interrupt_never_splits_a_tasks(void **state)
{
    (void)state;
    for (unsigned at = 1; at <= strlen(TASK_LINE); at++) {
        start_over(at, 1);
        assert_int_equal(print_line(), strlen(TASK_LINE));
        assert_string_equal(fake.text, TASK_LINE ISR_LINE);
        assert_int_equal(kernel.locked, 0);
    }
}

#define RING_LINE "ktr: 0.000000000 isr-enter 3\n"

static void print_ring(void)
{
    static struct kiln_ring_record records[1] = {
        {.stamp = (uint64_t)KILN_TRACE_ISR_ENTER << KILN_RING_CYCLE_BITS, .value = 3}};
    static struct kiln_ring ring;
    assert_int_equal(kiln_ring_init(&ring, records, 1, KILN_RING_STOP), KILN_OK);
    ring.count = 1;
    kiln_ring_print(&ring);
}

static void the_line_of_an_interrupt_never_splits_the_rings(void **state)
{
    (void)state;
    (void)kiln_printf("the first text\n");
    for (unsigned at = 1; at <= strlen(RING_LINE); at++) {
        start_over(at, 1);
        print_ring();
        assert_string_equal(fake.text, RING_LINE ISR_LINE);
        assert_int_equal(kernel.locked, 0);
    }
}

/* Nobody has printed before, so the ring holds the console itself; from the first text on, what
 * print.c knows of it is right. */
static void nor_does_the_first_text_of_all(void **state)
{
    for (unsigned at = 1; at <= strlen(RING_LINE); at++) {
        (void)unit_setup(state);
        start_over(at, 2);
        print_ring();
        assert_string_equal(fake.text, RING_LINE ISR_LINE ISR_LINE);
        assert_int_equal(kernel.locked, 0);
        start_over(at, 1);
        (void)print_line();
        assert_string_equal(fake.text, TASK_LINE ISR_LINE);
    }
}

static void a_ring_that_nobody_interrupts_leaves_no_trace(void **state)
{
    (void)state;
    print_ring();
    assert_string_equal(fake.text, RING_LINE);
    assert_null(kernel.console);
}

static void panic_at_character(void)
{
    if (++written == 4) {
        kiln_panic("enough", NULL, NULL);
    }
}

static void a_panic_breaks_the_rings_line_off(void **state)
{
    (void)state;
    written = 0;
    fake.written = panic_at_character;
    FAKE_CATCH(print_ring());
    assert_memory_equal(fake.text, "ktr:\n\nkiln: panic: enough, in task ", 35);
}

/* At the first character, and again at `when`. */
static void interrupt_twice(void)
{
    if (++written == 1 || written == when) {
        (void)in_interrupt(print_in_isr);
    }
}

static void an_interrupt_while_what_waited_is_written_waits_too(void **state)
{
    (void)state;
    for (unsigned at = 2; at <= strlen(TASK_LINE ISR_LINE); at++) {
        start_over(at, 1);
        fake.written = interrupt_twice;
        (void)print_line();
        assert_string_equal(fake.text, TASK_LINE ISR_LINE ISR_LINE);
    }
}

/* A more urgent interrupt in the middle of another's text. */
static int print_urgent(void)
{
    return kiln_printf("urgent\n");
}

static void interrupt_the_interrupt(void)
{
    if (++written == when) {
        assert_int_equal(in_interrupt(print_urgent), 7);
    }
}

static void nested_interrupts_do_not_split_each_others_lines(void **state)
{
    (void)state;
    times = 1;
    for (unsigned at = 1; at <= strlen(ISR_LINE); at++) {
        start_over(at, 1);
        fake.written = interrupt_the_interrupt;
        assert_int_equal(in_interrupt(print_in_isr), strlen(ISR_LINE));
        assert_string_equal(fake.text, ISR_LINE "urgent\n");
    }
}

/* Again and again, so that what waits begins at every place of the ring. */
static void what_waits_may_wrap(void **state)
{
    (void)state;
    for (int n = 0; n < 3 * KILN_CFG_PRINT_LATER; n++) {
        start_over(1, 2);
        (void)print_line();
        assert_string_equal(fake.text, TASK_LINE ISR_LINE ISR_LINE);
    }
}

static void what_does_not_fit_is_lost_whole_and_told(void **state)
{
    (void)state;
    const unsigned fit = KILN_CFG_PRINT_LATER / strlen(ISR_LINE);
    char wanted[1024] = TASK_LINE;
    start_over(5, fit + 3);
    (void)print_line();
    for (unsigned n = 0; n < fit; n++) {
        (void)strcat(wanted, ISR_LINE);
    }
    (void)strcat(wanted, "kiln: 3 printed texts lost\n");
    assert_string_equal(fake.text, wanted);
    start_over(0, 0); /* and it is told once */
    (void)print_line();
    assert_string_equal(fake.text, TASK_LINE);
}

/* An argument that is not the same when it is looked at again. */
static char changing[40];
static unsigned looks;

static void change(void)
{
    (void)strcpy(changing, ++looks % 2 == 0 ? "longer than before" : "short");
}

static int print_changing(void)
{
    (void)strcpy(changing, "short");
    fake.gap = change; /* each unmask: for the second time when the place has been reserved */
    int length = kiln_printf("<%s>\n", changing);
    fake.gap = NULL;
    return length;
}

static void interrupt_with_a_changing_argument(void)
{
    if (++written == when) {
        (void)in_interrupt(print_changing);
    }
}

static void an_argument_that_changes_does_no_harm(void **state)
{
    (void)state;
    start_over(1, 1);
    fake.written = interrupt_with_a_changing_argument;
    looks = 0;
    (void)print_line();
    assert_string_equal(fake.text, TASK_LINE "<longer ");
    start_over(1, 1);
    fake.written = interrupt_with_a_changing_argument;
    looks = 1; /* and the other way round */
    (void)print_line();
    assert_string_equal(fake.text, TASK_LINE "<short>\n             ");
    start_over(1, 1);
    (void)print_line();
    assert_string_equal(fake.text, TASK_LINE ISR_LINE);
}

static void locked_interrupts_are_no_obstacle(void **state)
{
    (void)state;
    unsigned key = kiln_irq_lock();
    assert_int_equal(print_line(), strlen(TASK_LINE));
    kiln_irq_unlock(key);
    assert_string_equal(fake.text, TASK_LINE);
}

/* ---- The end ----------------------------------------------------------------------------- */

static int print_and_panic(void)
{
    (void)print_in_isr();
    kiln_panic("in an interrupt", NULL, NULL);
}

static void interrupt_that_panics(void)
{
    if (++written == when) {
        (void)in_interrupt(print_and_panic);
    }
}

static void panic_while_printing(void)
{
    start_over(33, 1);
    fake.written = interrupt_that_panics;
    (void)print_line();
}

static void a_panic_begins_a_line_and_what_waited_comes_first(void **state)
{
    (void)state;
    assert_panics("panic: in an interrupt", panic_while_printing());
    const char *rest = strchr(fake.text, '\n');
    assert_non_null(rest);
    assert_true(strncmp(fake.text, TASK_LINE, (size_t)(rest - fake.text)) == 0);
    assert_true(strncmp(rest + 1, ISR_LINE "\nkiln: panic", strlen(ISR_LINE) + 12) == 0);
}

static void after_last_words_everybody_prints_at_once(void **state)
{
    (void)state;
    start_over(3, 1);
    (void)print_line();
    fake_forget_text();
    kernel.locked = 0;
    kiln_print_last_words();
    start_over(3, 1);
    (void)print_line();
    (void)in_interrupt(print_in_isr);
    assert_string_equal(fake.text, TASK_LINE ISR_LINE);
}

/* Also when they are the first words of all, or in the middle of the ring's line. */
static void the_first_words_may_be_the_last(void **state)
{
    (void)state;
    kiln_print_last_words();
    start_over(3, 1);
    (void)print_line();
    (void)in_interrupt(print_in_isr);
    assert_string_equal(fake.text, TASK_LINE ISR_LINE);
}

static int last_words_in_isr(void)
{
    kiln_print_last_words();
    return kiln_printf("over\n");
}

static void last_words_at_character(void)
{
    if (++written == 4) {
        (void)in_interrupt(last_words_in_isr);
    }
}

static void last_words_break_the_rings_line_off(void **state)
{
    (void)state;
    written = 0;
    fake.written = last_words_at_character;
    print_ring();
    assert_memory_equal(fake.text, "ktr:\nover\n", 10);
    assert_int_equal(kernel.locked, 0);
    start_over(3, 1);
    (void)print_line();
    assert_string_equal(fake.text, TASK_LINE);
}

static int print_and_stop(void)
{
    (void)print_in_isr();
    kiln_stop(3);
}

static void interrupt_that_stops(void)
{
    if (++written == when) {
        (void)in_interrupt(print_and_stop);
    }
}

static void stop_while_printing(void)
{
    start_over(33, 1);
    fake.written = interrupt_that_stops;
    (void)print_line();
}

static void the_end_writes_what_waits(void **state)
{
    (void)state;
    FAKE_CATCH(stop_while_printing());
    assert_non_null(strstr(fake.text, ISR_LINE));
}

#define SETUP unit_setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_text_of_any_length_is_printed),
        TEST(a_list_of_arguments_is_printed),
        TEST(interrupts_print_at_once_when_nobody_does),
        TEST(the_line_of_an_interrupt_never_splits_a_tasks),
        TEST(the_line_of_an_interrupt_never_splits_the_rings),
        TEST(nor_does_the_first_text_of_all),
        TEST(a_ring_that_nobody_interrupts_leaves_no_trace),
        TEST(a_panic_breaks_the_rings_line_off),
        TEST(an_interrupt_while_what_waited_is_written_waits_too),
        TEST(nested_interrupts_do_not_split_each_others_lines),
        TEST(what_waits_may_wrap),
        TEST(what_does_not_fit_is_lost_whole_and_told),
        TEST(an_argument_that_changes_does_no_harm),
        TEST(locked_interrupts_are_no_obstacle),
        TEST(a_panic_begins_a_line_and_what_waited_comes_first),
        TEST(after_last_words_everybody_prints_at_once),
        TEST(the_first_words_may_be_the_last),
        TEST(last_words_break_the_rings_line_off),
        TEST(the_end_writes_what_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
NO_TESTS("printing functions")
#endif
