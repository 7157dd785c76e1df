/* Keyboards: every code, modifiers, codes of several bytes, and keys that nobody reads. */
#include "unit.h"

#include "kiln/keyboard.h"

#if KILN_CFG_QUEUE

#define KEYS 4U

static struct kiln_keyboard keyboard;
static struct kiln_key buffer[KEYS];

static int setup(void **state)
{
    (void)unit_setup(state);
    memset(&keyboard, 0, sizeof(keyboard));
    assert_int_equal(kiln_keyboard_init(&keyboard, buffer, KEYS), KILN_OK);
    return 0;
}

static void scan(const char *codes)
{
    for (; *codes != '\0'; codes++) {
        kiln_keyboard_scanned(&keyboard, (uint8_t)*codes);
    }
}

static struct kiln_key next(void)
{
    struct kiln_key key;
    assert_int_equal(kiln_keyboard_read(&keyboard, &key, KILN_NO_WAIT), KILN_OK);
    return key;
}

/* What the last of these codes types; the others are only held. */
static char typed(const char *held, uint8_t code)
{
    struct kiln_key key;
    scan(held);
    while (kiln_keyboard_read(&keyboard, &key, KILN_NO_WAIT) == KILN_OK) {
    }
    kiln_keyboard_scanned(&keyboard, code);
    return next().character;
}

#define assert_no_key()                                                                      \
    do {                                                                                     \
        struct kiln_key no_key;                                                              \
        assert_int_equal(kiln_keyboard_read(&keyboard, &no_key, KILN_NO_WAIT), KILN_EAGAIN); \
    } while (0)

static void init_rejects_bad_arguments(void **state)
{
    (void)state;
    struct kiln_keyboard other;
    memset(&other, 0, sizeof(other));
    assert_int_equal(kiln_keyboard_init(NULL, buffer, KEYS), KILN_EINVAL);
    assert_int_equal(kiln_keyboard_init(&other, NULL, KEYS), KILN_EINVAL);
    assert_int_equal(kiln_keyboard_init(&other, buffer, 0), KILN_EINVAL);
}

static void a_key_goes_down_and_up(void **state)
{
    (void)state;
    scan("\x1E\x9E");
    struct kiln_key key = next();
    assert_int_equal(key.code, 0x1E);
    assert_int_equal(key.character, 'a');
    assert_false(key.is_released);
    assert_false(key.is_extended);
    key = next();
    assert_int_equal(key.code, 0x1E);
    assert_int_equal(key.character, 0);
    assert_true(key.is_released);
    assert_no_key();
}

/* Each character is where a US keyboard has it; nothing else types anything. */
static void every_code_types_what_it_says(void **state)
{
    static const char plain[] = "\x1B"
                                "1234567890-=\b\tqwertyuiop[]\n.asdfghjkl;'`.\\zxcvbnm,./.*. ";
    static const char shifted[] = "\x1B"
                                  "!@#$%^&*()_+\b\tQWERTYUIOP{}\n.ASDFGHJKL:\"~.|ZXCVBNM<>?.*. ";
    (void)state;
    for (unsigned code = 1; code <= 0x39; code++) {
        bool types = code != 0x1D && code != 0x2A && code != 0x36 && code != 0x38;
        if (types) {
            assert_int_equal(typed("\xAA", (uint8_t)code), plain[code - 1]);
            assert_int_equal(typed("\x2A", (uint8_t)code), shifted[code - 1]);
        }
    }
    (void)typed("", 0xAA);
    for (unsigned code = 0x3B; code <= 0x46; code++) {
        assert_int_equal(typed("", (uint8_t)code), 0);
    }
    for (unsigned code = 0x57; code < 0x80; code++) {
        assert_int_equal(typed("", (uint8_t)code), 0);
    }
    assert_int_equal(typed("", 0x47), '7'); /* of the keypad */
    assert_int_equal(typed("", 0x53), '.');
    assert_int_equal(typed("", 0x56), '\\');
    kiln_keyboard_scanned(&keyboard, 0); /* what a keyboard says that has lost keys */
    assert_int_equal(next().character, 0);
}

static void both_shifts_count(void **state)
{
    (void)state;
    assert_int_equal(typed("\x2A\x36\xAA", 0x1E), 'A');
    assert_int_equal(typed("\xB6", 0x1E), 'a');
}

static void caps_lock_turns_letters_around(void **state)
{
    (void)state;
    assert_int_equal(typed("\x3A\x3A\xBA", 0x1E), 'A'); /* held: it repeats */
    assert_int_equal(typed("", 0x02), '1');
    assert_int_equal(typed("\x2A", 0x1E), 'a');
    assert_int_equal(typed("", 0x02), '!');
    assert_int_equal(typed("\xAA\x3A\xBA", 0x1E), 'a');
    scan("\x3A");
    assert_int_equal(next().modifiers, KILN_KEY_CAPS);
}

static void ctrl_makes_control_characters(void **state)
{
    (void)state;
    assert_int_equal(typed("\x1D", 0x2E), 3);  /* C */
    assert_int_equal(typed("", 0x1A), 27);     /* [ */
    assert_int_equal(typed("", 0x02), '1');    /* has none */
    assert_int_equal(typed("\x2A", 0x0C), 31); /* _ */
    assert_int_equal(typed("\xAA\x9D\xE0\x1D", 0x1E), 1);
    assert_int_equal(typed("\xE0\x9D", 0x1E), 'a');
}

static void modifiers_are_told(void **state)
{
    (void)state;
    (void)typed("\x1D\x2A\xE0\x38", 0x3B);
    scan("\x3C");
    assert_int_equal(next().modifiers, KILN_KEY_SHIFT | KILN_KEY_CTRL | KILN_KEY_ALT);
    (void)typed("\x9D\xAA\xE0\xB8", 0x3B);
    scan("\x3C");
    assert_int_equal(next().modifiers, 0);
}

static void extended_keys_are_told_apart(void **state)
{
    (void)state;
    scan("\xE0\x48\x48");
    struct kiln_key key = next();
    assert_int_equal(key.code, KILN_KEY_UP);
    assert_true(key.is_extended);
    assert_int_equal(key.character, 0);
    key = next();
    assert_false(key.is_extended);
    assert_int_equal(key.character, '8');
    scan("\xE0\x1C\xE0\x35");
    assert_int_equal(next().character, '\n');
    assert_int_equal(next().character, '/');
}

static void pretended_shifts_and_pause_are_no_keys(void **state)
{
    (void)state;
    scan("\xE0\x2A\xE0\xAA\xE0\xB6\xE0\x36");
    scan("\xE1\x1D\x45\xE1\x9D\xC5");
    assert_no_key();
    assert_int_equal(typed("", 0x1E), 'a'); /* neither Shift nor Ctrl */
}

static void keys_that_nobody_reads_are_counted(void **state)
{
    (void)state;
    scan("\x02\x03\x04\x05\x06\x07");
    assert_int_equal(keyboard.lost, 2);
    assert_int_equal(next().character, '1');
    scan("\x08");
    assert_int_equal(keyboard.lost, 2);
}

static unsigned heard;

static void listen(struct kiln_keyboard *from, const struct kiln_key *key)
{
    assert_ptr_equal(from, &keyboard);
    heard = heard << 8 | key->code;
}

static void a_listener_gets_keys_in_place_of_the_queue(void **state)
{
    (void)state;
    heard = 0;
    keyboard.typed = listen;
    scan("\x1E\x30");
    assert_int_equal(heard, 0x1E30);
    assert_no_key();
}

#define SETUP setup
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(init_rejects_bad_arguments),
        TEST(a_key_goes_down_and_up),
        TEST(every_code_types_what_it_says),
        TEST(both_shifts_count),
        TEST(caps_lock_turns_letters_around),
        TEST(ctrl_makes_control_characters),
        TEST(modifiers_are_told),
        TEST(extended_keys_are_told_apart),
        TEST(pretended_shifts_and_pause_are_no_keys),
        TEST(keys_that_nobody_reads_are_counted),
        TEST(a_listener_gets_keys_in_place_of_the_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
#else
NO_TESTS("queues")
#endif
