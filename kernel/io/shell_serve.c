/* Who serves a shell: a task, or a coroutine. See kernel/io/shell.h.
 *
 * Both do what the shell wants, and know no more of it. So the shell is the same on both, and what
 * blocks in the one is an await in the other.
 */
#include "kiln/config.h"

#if KILN_CFG_SHELL

#include "io/shell.h"

/* Commands need a priority below the server's. */
static bool may_serve(void)
{
    return kiln_task_priority(kiln_task_self()) != KILN_PRIORITY_MIN;
}

static kiln_ticks_t wait_ticks(enum k_shell_wants wants)
{
    return wants == K_SHELL_TYPED ? KILN_FOREVER : K_SHELL_LOOK_AGAIN;
}

/* ---- A task --------------------------------------------------------------------------------- */

static void serve(struct kiln_shell *shell, enum k_shell_wants wants)
{
    switch (wants) {
    case K_SHELL_WRITE:
        (void)kiln_stream_write(shell->terminal, shell->output.text, shell->output.length,
                                KILN_FOREVER);
        break;
    case K_SHELL_JOIN:
        (void)kiln_task_join(k_shell_returned(shell), NULL, KILN_FOREVER);
        break;
    default:
        (void)kiln_sem_take(&shell->wake, wait_ticks(wants));
        break;
    }
}

int kiln_shell_run(const struct kiln_shell_def *def, struct kiln_stream *terminal)
{
    enum k_shell_wants wants;
    if (def == NULL || terminal == NULL || !may_serve()) {
        return KILN_EINVAL;
    }
    k_shell_open(def, terminal);
    while ((wants = k_shell_step(def->shell)) != K_SHELL_END) {
        serve(def->shell, wants);
    }
    k_shell_close(def->shell);
    return def->shell->status;
}

/* ---- A coroutine ---------------------------------------------------------------------------- */

#if KILN_CFG_ASYNC
static int await_wanted(struct kiln_shell_server *server)
{
    struct kiln_shell *shell = server->def->shell;
    switch (server->wants) {
    case K_SHELL_WRITE:
        return kiln_await_stream_write(&server->async, server->terminal, &server->transfer,
                                       shell->output.text, shell->output.length, KILN_FOREVER);
    case K_SHELL_JOIN:
        return kiln_await_task(&server->async, k_shell_returned(shell), NULL, KILN_FOREVER);
    default:
        return kiln_await_sem(&server->async, &shell->wake,
                              wait_ticks((enum k_shell_wants)server->wants));
    }
}

static enum kiln_async_step serve_async(struct kiln_async *async)
{
    struct kiln_shell_server *self = KILN_ASYNC_FRAME(async, struct kiln_shell_server, async);
    struct kiln_shell *shell = self->def->shell;
    KILN_ASYNC_BEGIN(async);
    k_shell_open(self->def, self->terminal);
    if (!may_serve()) {
        KILN_ASYNC_RETURN(async, KILN_EINVAL);
    }
    while ((self->wants = (uint8_t)k_shell_step(shell)) != K_SHELL_END) {
        KILN_AWAIT(async, await_wanted(self));
    }
    KILN_ASYNC_RETURN(async, shell->status);
    KILN_ASYNC_CLEANUP(async);
    k_shell_close(shell);
    KILN_ASYNC_END(async);
}

int kiln_shell_start(struct kiln_shell_server *server, struct kiln_executor *executor,
                     const struct kiln_shell_def *def, struct kiln_stream *terminal)
{
    if (server == NULL || def == NULL || terminal == NULL) {
        return KILN_EINVAL;
    }
    /* The coroutine may run before the call returns. */
    bool is_alive = KILN_CFG_CHECKS && kiln_async_is_alive(&server->async);
    if (!is_alive) {
        server->def = def;
        server->terminal = terminal;
    }
    return kiln_async_start(&server->async, executor, serve_async, "shell");
}
#endif

#endif
