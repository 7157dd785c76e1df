/* The pipes between the commands of a line; none when a line is one command. */
#include "kiln/config.h"

#if KILN_CFG_SHELL

#include "io/shell.h"

#if KILN_CFG_SHELL_STAGES > 1
#define PIPES (KILN_CFG_SHELL_STAGES - 1U)

struct kiln_stream *k_shell_pipe(struct kiln_shell *shell, unsigned index)
{
    return &shell->pipes[index];
}

void k_shell_init_pipes(struct kiln_shell *shell)
{
    for (unsigned i = 0; i < PIPES; i++) {
        (void)kiln_stream_init(&shell->pipes[i], shell->pipe_bytes[i], KILN_CFG_SHELL_PIPE, NULL,
                               NULL);
        kiln_set_name(&shell->pipes[i], "pipe");
    }
}

void k_shell_destroy_pipes(struct kiln_shell *shell)
{
    for (unsigned i = 0; i < PIPES; i++) {
        (void)kiln_stream_destroy(&shell->pipes[i]);
    }
}
#else
struct kiln_stream *k_shell_pipe(struct kiln_shell *shell, unsigned index)
{
    (void)index;
    return shell->terminal;
}

void k_shell_init_pipes(struct kiln_shell *shell)
{
    (void)shell;
}

void k_shell_destroy_pipes(struct kiln_shell *shell)
{
    (void)shell;
}
#endif

#endif
