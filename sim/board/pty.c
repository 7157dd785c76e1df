/* A pseudo-terminal in place of a UART's plug: see pty.h. */
#define _GNU_SOURCE
#include "pty.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static int fail(const char *what)
{
    perror(what);
    exit(1);
}

/* What is attached sets modes for itself; `cat` does not, and must not have its input echoed. Once
 * the far end has been open and is closed, the near end tells whether it is. */
static void make_raw(const char *path)
{
    struct termios modes;
    int far = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (far < 0 || tcgetattr(far, &modes) != 0) {
        (void)fail("kiln: --uart pty");
    }
    cfmakeraw(&modes);
    (void)tcsetattr(far, TCSANOW, &modes);
    (void)close(far);
}

int pty_open(void)
{
    int file = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (file < 0 || grantpt(file) != 0 || unlockpt(file) != 0 || ptsname(file) == NULL) {
        return fail("kiln: --uart pty");
    }
    make_raw(ptsname(file));
    (void)fprintf(stderr, "kiln: uart: %s\n", ptsname(file));
    return file;
}

bool pty_is_attached(int file)
{
    struct pollfd far = {.fd = file};
    return poll(&far, 1, 0) == 0 || (far.revents & POLLHUP) == 0;
}

#define FINISH_MS 1000

void pty_finish(int file)
{
    int unread = 1;
    int far = pty_is_attached(file) ? open(ptsname(file), O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
    for (int ms = 0; far >= 0 && unread != 0 && ms < FINISH_MS; ms++) {
        if (ioctl(far, FIONREAD, &unread) != 0) {
            return;
        }
        (void)usleep(1000);
    }
}
