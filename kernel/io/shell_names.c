/* Commands and devices by name. */
#include "kiln/config.h"

#if KILN_CFG_SHELL

#include "io/shell.h"

const struct kiln_shell_command *kiln_shell_next(const char *name)
{
    const struct kiln_shell_command *next = NULL;
    for (size_t i = 0; i < K_SECTION_COUNT(kiln_shell_commands); i++) {
        const struct kiln_shell_command *at = &__start_kiln_shell_commands[i];
        if ((name == NULL || k_compare(at->name, name) > 0) &&
            (next == NULL || k_compare(at->name, next->name) < 0)) {
            next = at;
        }
    }
    return next;
}

const struct kiln_shell_command *kiln_shell_find(const char *name)
{
    for (size_t i = 0; i < K_SECTION_COUNT(kiln_shell_commands); i++) {
        const struct kiln_shell_command *at = &__start_kiln_shell_commands[i];
        if (k_compare(at->name, name) == 0) {
            return at;
        }
    }
    return NULL;
}

struct kiln_stream *k_shell_device(const char *name)
{
    for (size_t i = 0; i < K_SECTION_COUNT(kiln_shell_devices); i++) {
        const struct kiln_shell_device *at = &__start_kiln_shell_devices[i];
        if (k_compare(at->name, name) == 0) {
            return at->get(); /* calls: kiln_board_console, kiln_board_terminal */
        }
    }
    for (size_t i = 0; i < K_SECTION_COUNT(kiln_streams); i++) {
        struct kiln_stream *at = &__start_kiln_streams[i];
        if (k_compare(kiln_name(at), name) == 0) {
            return at;
        }
    }
    return NULL;
}

#endif
