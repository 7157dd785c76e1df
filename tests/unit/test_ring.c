/* The trace ring: order, what a full one does, its text, and the way from the kernel's events. */
#include "unit.h"

#define CAPACITY 4

static struct kiln_ring_record records[CAPACITY];
static struct kiln_ring ring;

static void make_ring(enum kiln_ring_mode mode)
{
    assert_int_equal(kiln_ring_init(&ring, records, CAPACITY, mode), KILN_OK);
}

static void put(unsigned number)
{
    fake.cycles = 1000U * number;
    kiln_ring_put(&ring, KILN_TRACE_ISR_ENTER, NULL, number);
}

static void put_many(unsigned first, unsigned last)
{
    for (unsigned number = first; number <= last; number++) {
        put(number);
    }
}

/* All that the ring holds, oldest first. */
static void expect(unsigned first, unsigned last)
{
    struct kiln_ring_record record;
    for (unsigned number = first; number <= last; number++) {
        assert_true(kiln_ring_get(&ring, &record));
        assert_int_equal(record.value, number);
        assert_int_equal(record.stamp,
                         1000U * number | (uint64_t)KILN_TRACE_ISR_ENTER << KILN_RING_CYCLE_BITS);
    }
    assert_false(kiln_ring_get(&ring, &record));
}

static void bad_rings_are_refused(void **state)
{
    (void)state;
    assert_int_equal(kiln_ring_init(NULL, records, 1, KILN_RING_STOP), KILN_EINVAL);
    assert_int_equal(kiln_ring_init(&ring, NULL, 1, KILN_RING_STOP), KILN_EINVAL);
    assert_int_equal(kiln_ring_init(&ring, records, 0, KILN_RING_STOP), KILN_EINVAL);
    assert_int_equal(kiln_ring_init(&ring, records, 1, (enum kiln_ring_mode)2), KILN_EINVAL);
}

static void a_debugger_finds_its_way(void **state)
{
    (void)state;
    make_ring(KILN_RING_STOP);
    assert_memory_equal(&ring, "KRNG", 4);
    assert_int_equal(ring.version, 1);
    assert_int_equal(ring.pointer_bytes, sizeof(void *));
    assert_int_equal(ring.cycles_per_us, PORT_CYCLES_PER_US);
    assert_int_equal(offsetof(struct kiln_ring, records), 32);
    assert_int_equal(offsetof(struct kiln_ring_record, object), 8);
}

static void records_come_out_in_order(void **state)
{
    (void)state;
    make_ring(KILN_RING_OVERWRITE);
    for (unsigned first = 1; first < 40; first += 3) {
        put_many(first, first + 2);
        expect(first, first + 2);
    }
    assert_int_equal(kiln_ring_take_lost(&ring), 0);
}

static void a_full_ring_loses_the_oldest(void **state)
{
    (void)state;
    make_ring(KILN_RING_OVERWRITE);
    put_many(1, CAPACITY + 3);
    expect(4, CAPACITY + 3);
    assert_int_equal(kiln_ring_take_lost(&ring), 3);
    assert_int_equal(kiln_ring_take_lost(&ring), 0);
}

static void or_it_drops_the_newest(void **state)
{
    (void)state;
    make_ring(KILN_RING_STOP);
    put_many(1, CAPACITY + 3);
    expect(1, CAPACITY);
    assert_int_equal(kiln_ring_take_lost(&ring), 3);
    put(9);
    expect(9, 9);
}

static void the_count_of_lost_ones_does_not_wrap(void **state)
{
    (void)state;
    make_ring(KILN_RING_STOP);
    put_many(1, CAPACITY);
    ring.lost = UINT32_MAX - 1;
    put_many(1, 3);
    assert_int_equal(kiln_ring_take_lost(&ring), UINT32_MAX);
}

static void every_value_survives(void **state)
{
    (void)state;
    struct kiln_ring_record record;
    make_ring(KILN_RING_STOP);
    fake.cycles = UINT64_MAX;
    kiln_ring_put(&ring, (enum kiln_trace_event)255, &ring, UINTPTR_MAX);
    assert_true(kiln_ring_get(&ring, &record));
    assert_int_equal(record.stamp, UINT64_MAX);
    assert_ptr_equal(record.object, &ring);
    assert_int_equal(record.value, UINTPTR_MAX);
}

#if KILN_CFG_NAMES
#define NAME(name) name
#else
#define NAME(name) "?"
#endif

static const char *text_of(uint64_t cycles, enum kiln_trace_event event, const void *object)
{
    static char line[80];
    struct kiln_ring_record record = {
        .stamp = cycles | (uint64_t)event << KILN_RING_CYCLE_BITS, .object = object, .value = 7};
    size_t length = kiln_ring_format(line, sizeof(line), &record);
    assert_int_equal(length, strlen(line));
    return line;
}

static void records_read_like_a_trace_file(void **state)
{
    (void)state;
    const struct kiln_task *task = create(0, 0);
    uint64_t second = UINT64_C(1000000) * PORT_CYCLES_PER_US;
    assert_string_equal(text_of(0, KILN_TRACE_SWITCH, task), "0.000000000 switch " NAME("task0"));
    assert_string_equal(text_of(12 * second + PORT_CYCLES_PER_US, KILN_TRACE_TASK_START, task),
                        "12.000001000 start " NAME("task0") " 7");
    assert_string_equal(text_of(second - 1, KILN_TRACE_ISR_EXIT, NULL), "0.999999900 isr-exit 7");
}

static void lines_are_cut_to_fit(void **state)
{
    (void)state;
    char line[16] = "untouched";
    const struct kiln_ring_record record = {
        .stamp = (uint64_t)KILN_TRACE_ISR_EXIT << KILN_RING_CYCLE_BITS, .value = 12};
    assert_int_equal(kiln_ring_format(line, 0, &record), 0);
    assert_string_equal(line, "untouched");
    assert_int_equal(kiln_ring_format(line, sizeof(line), &record), 15);
    assert_string_equal(line, "0.000000000 isr");
    (void)kiln_ring_format(line, 6, &record);
    assert_string_equal(line, "? 0");
}

#if KILN_CFG_CHECKS
static void an_object_that_is_gone_has_no_name(void **state)
{
    (void)state;
    static struct kiln_task gone;
    memset(&gone, 0xA5, sizeof(gone));
    assert_non_null(strstr(text_of(0, KILN_TRACE_SWITCH, &gone), " switch @0x"));
}
#endif

static void printing_empties_the_ring(void **state)
{
    (void)state;
    make_ring(KILN_RING_OVERWRITE);
    put_many(1, CAPACITY + 2);
    fake_forget_text();
    kiln_ring_print(&ring);
    assert_memory_equal(fake.text, "ktr: lost 2\nktr: 0.00", 21);
    assert_non_null(strstr(fake.text, " isr-enter 3\nktr: "));
    assert_non_null(strstr(fake.text, " isr-enter 6\n"));
    fake_forget_text();
    kiln_ring_print(&ring);
    assert_string_equal(fake.text, "");
    assert_int_equal(kernel.locked, 0);
}

#if KILN_CFG_TRACE
static void events_go_where_they_are_sent(void **state)
{
    (void)state;
    make_ring(KILN_RING_STOP);
    kiln_ring_start(NULL);
    kiln_ring_event(KILN_TRACE_ISR_ENTER, NULL, 1);
    kiln_ring_start(&ring);
    fake.cycles = 2000;
    kiln_ring_event(KILN_TRACE_ISR_ENTER, NULL, 2);
    kiln_ring_start(NULL);
    kiln_ring_event(KILN_TRACE_ISR_ENTER, NULL, 3);
    expect(2, 2);
}
#endif

#define SETUP unit_setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(bad_rings_are_refused),
        TEST(a_debugger_finds_its_way),
        TEST(records_come_out_in_order),
        TEST(a_full_ring_loses_the_oldest),
        TEST(or_it_drops_the_newest),
        TEST(the_count_of_lost_ones_does_not_wrap),
        TEST(every_value_survives),
        TEST(records_read_like_a_trace_file),
        TEST(lines_are_cut_to_fit),
#if KILN_CFG_CHECKS
        TEST(an_object_that_is_gone_has_no_name),
#endif
        TEST(printing_empties_the_ring),
#if KILN_CFG_TRACE
        TEST(events_go_where_they_are_sent),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
