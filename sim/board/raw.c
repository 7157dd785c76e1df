/* The host's terminal, raw: see raw.h.
 *
 * A process can end in many ways. exit() and return call what atexit() knows; the port calls
 * restore() before it ends by itself (a second Ctrl-C, a fault, a panic); abort() and other
 * processes send signals, which are caught here and sent again. AddressSanitizer has a call of its
 * own.
 */
#define _GNU_SOURCE
#include "raw.h"

#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "posix.h"

static struct termios before;

/* Safe in a signal handler. From the background it would stop the process: the signal that does so
 * is blocked. */
static void restore(void)
{
    sigset_t stop, mask;
    (void)sigemptyset(&stop);
    (void)sigaddset(&stop, SIGTTOU);
    (void)pthread_sigmask(SIG_BLOCK, &stop, &mask);
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
    (void)pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

/* The handler was for once: now the signal does what it does by default. */
static void on_signal(int signal)
{
    restore();
    (void)raise(signal);
}

static void catch_ends(void)
{
    static const int ends[] = {SIGABRT, SIGTERM, SIGHUP, SIGQUIT};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        (void)sigaction(ends[i], &action, NULL);
    }
    (void)atexit(restore);
    posix_at_last(restore);
}

#if defined(__SANITIZE_ADDRESS__)
void __sanitizer_set_death_callback(void (*callback)(void));

static void catch_sanitizer(void)
{
    __sanitizer_set_death_callback(restore);
}
#else
static void catch_sanitizer(void)
{
}
#endif

/* Ctrl-Z would leave the terminal raw for the shell. */
void raw_terminal(void)
{
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &before) != 0) {
        return;
    }
    struct termios raw = before;
    catch_ends();
    catch_sanitizer();
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ECHONL | IEXTEN);
    raw.c_iflag &= ~(tcflag_t)(IXON | INLCR);
    raw.c_cc[VSUSP] = _POSIX_VDISABLE;
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}
