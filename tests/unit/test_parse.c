/* The shell's parser: words, quotes, pipes, a device; and what is wrong with a line, and where. */
#include "unit.h"

#include <stdio.h>

#if KILN_CFG_SHELL

#include "io/parse.h"

#define JOINED_SIZE 256

static char text[128];
static struct k_parse parse;

static bool parse_text(const char *line)
{
    assert_true(strlen(line) < sizeof(text));
    (void)strcpy(text, line);
    return k_parse(&parse, text);
}

/* What a line says, as "[word][word]|[word]>[device]". */
static const char *said(void)
{
    static char joined[JOINED_SIZE];
    size_t length = 0;
    for (unsigned stage = 0; stage < parse.stages; stage++) {
        joined[length] = '|';
        length += stage != 0;
        for (unsigned i = parse.first[stage]; i < parse.first[stage + 1]; i++) {
            length += (size_t)sprintf(joined + length, "[%s]", parse.words[i]);
        }
    }
    if (parse.device != NULL) {
        length += (size_t)sprintf(joined + length, ">[%s]", parse.device);
    }
    joined[length] = '\0';
    return joined;
}

static void expect(const char *line, const char *wanted)
{
    if (!parse_text(line)) {
        fail_msg("%s: %s at %u", line, parse.error, parse.error_at);
    }
    assert_string_equal(said(), wanted);
}

static void expect_error(const char *line, const char *error, unsigned at)
{
    assert_false(parse_text(line));
    assert_string_equal(parse.error, error);
    assert_int_equal(parse.error_at, at);
}

static void words_are_separated_by_spaces(void **state)
{
    (void)state;
    expect("", "");
    expect("   ", "");
    expect("ps", "[ps]");
    expect("  kill  worker 3  ", "[kill][worker][3]");
}

static void quotes_make_words_literal(void **state)
{
    (void)state;
    expect("echo 'a  b' \"c | > d\"", "[echo][a  b][c | > d]");
    expect("echo a'b'\"c\"d", "[echo][abcd]");
    expect("echo '' \"\"", "[echo][][]");
    expect("echo 'a\\b' \"a\\\\b\\\"c\" a\\ b\\|\\'", "[echo][a\\b][a\\b\"c][a b|']");
    expect("echo '\"' \"'\"", "[echo][\"][']");
}

#if KILN_CFG_SHELL_STAGES >= 3
static void pipes_connect_commands(void **state)
{
    (void)state;
    expect("ps|grep a", "[ps]|[grep][a]");
    expect("ps | grep a | head", "[ps]|[grep][a]|[head]");
    expect("ps|grep 'x'|wc>uart", "[ps]|[grep][x]|[wc]>[uart]");
    expect_error("a|b|c|d", "this is a command too many", 5);
}
#endif

static void a_device_comes_last(void **state)
{
    (void)state;
    expect("ps > uart", "[ps]>[uart]");
    expect("ps>'a b' ", "[ps]>[a b]");
    expect_error("ps > uart x", "nothing may follow the device's name", 10);
    expect_error("ps > uart | wc", "nothing may follow the device's name", 10);
    expect_error("ps > a > b", "nothing may follow the device's name", 7);
    expect_error("ps >> a", "nothing may follow the device's name", 4);
    expect_error("ps >", "no device's name follows this", 3);
}

static void errors_say_where(void **state)
{
    (void)state;
    expect_error("echo 'a", "this quote is not closed", 5);
    expect_error("echo a\"b\\\"", "this quote is not closed", 6);
    expect_error("echo \"a\\", "this quote is not closed", 5);
    expect_error("echo a\\", "nothing follows this backslash", 6);
    expect_error("> a", "there is no command before this", 0);
    expect_error("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", "this is a word too many", 39);
#if KILN_CFG_SHELL_STAGES >= 2
    expect_error("|", "there is no command before this", 0);
    expect_error("a || b", "there is no command before this", 3);
    expect_error("a | b |", "no command follows this", 6);
    expect_error("a |  > b", "there is no command before this", 5);
#endif
}

/* Whatever the line is: words lie within it, end within it and do not overlap; an error's place
 * does, too. */
static void check_inside(size_t length)
{
    const char *end = text;
    for (unsigned stage = 0; stage < parse.stages; stage++) {
        assert_true(parse.first[stage] < parse.first[stage + 1]);
        for (unsigned i = parse.first[stage]; i < parse.first[stage + 1]; i++) {
            assert_true(parse.words[i] >= end);
            end = parse.words[i] + strlen(parse.words[i]) + 1;
        }
    }
    assert_true(parse.device == NULL || parse.device >= end);
    end = parse.device != NULL ? parse.device + strlen(parse.device) + 1 : end;
    assert_true(end <= text + length + 1);
}

static void random_lines_stay_inside(void **state)
{
    (void)state;
    static const char likely[] = "  ||>>''\"\"\\\\ab";
    random_start();
    for (unsigned step = 0; step < 100000; step++) {
        char *copy = test_malloc(40); /* so that a step beyond its end is seen */
        size_t length = random_below(40);
        for (size_t i = 0; i < length; i++) {
            copy[i] = random_below(20) == 0 ? (char)(1 + random_below(255))
                                            : likely[random_below(sizeof(likely) - 1)];
        }
        copy[length] = '\0';
        (void)strcpy(text, copy);
        bool ok = k_parse(&parse, copy);
        assert_int_equal(k_parse(&parse, text), ok);
        test_free(copy);
        if (ok) {
            check_inside(length);
        } else {
            assert_true(parse.error != NULL && parse.error_at < length);
        }
    }
}

#define SETUP unit_setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(words_are_separated_by_spaces),
        TEST(quotes_make_words_literal),
#if KILN_CFG_SHELL_STAGES >= 3
        TEST(pipes_connect_commands),
#endif
        TEST(a_device_comes_last),
        TEST(errors_say_where),
        TEST(random_lines_stay_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
NO_TESTS("the parser")
#endif
