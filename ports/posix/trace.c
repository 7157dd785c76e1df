/* Linux port: --trace FILE, one line an event: seconds since the first start, then the event.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/kernel.h"
#include "kiln/ring.h"
#include "kiln/trace.h"
#include "posix.h"

#if KILN_CFG_TRACE

static FILE *file;
static int write_error; /* errno of the first write that failed; 0: none did */

#define LISTENERS 4
static posix_listener listeners[LISTENERS];
static unsigned listener_count;

void posix_trace_listen(posix_listener listener)
{
    if (listener_count == LISTENERS) {
        abort(); /* one more than anybody thought of */
    }
    listeners[listener_count++] = listener;
}

static void write_event(enum kiln_trace_event event, const void *object, uintptr_t value)
{
    char line[128];
    if (file == NULL) {
        return;
    }
    uint64_t ns = posix_source_ns();
    (void)kiln_trace_format(line, sizeof(line), event, object, value);
    int written = fprintf(file, "%llu.%09llu %s\n", (unsigned long long)(ns / 1000000000U),
                          (unsigned long long)(ns % 1000000000U), line);
    if (written < 0 && write_error == 0) {
        write_error = errno;
    }
}

static bool is_same_file(const char *path, const char *other)
{
    struct stat one, two;
    return other != NULL && stat(path, &one) == 0 && stat(other, &two) == 0 &&
           S_ISREG(one.st_mode) && one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

void posix_trace_open(const char *path)
{
    if (is_same_file(path, posix_options.log_path)) {
        posix_reject_option("--trace would destroy the log", path);
    }
    file = fopen(path, "w");
    if (file == NULL) {
        (void)fprintf(stderr, "kiln: --trace: %s\n", strerror(errno));
        posix_reject_option("--trace cannot write to", path);
    }
    posix_trace_listen(write_event);
}

bool posix_trace_close(void)
{
    if (file != NULL && fclose(file) != 0 && write_error == 0) {
        write_error = errno;
    }
    file = NULL;
    if (write_error != 0) {
        (void)fprintf(stderr, "kiln: --trace: '%s' is incomplete: %s\n", posix_options.trace_path,
                      strerror(write_error));
    }
    return write_error == 0;
}

void kiln_trace_hook(enum kiln_trace_event event, const void *object, uintptr_t value)
{
    if (listener_count == 0 && kernel.ring == NULL) {
        return;
    }
    uint64_t blocks = posix_pause_blocks();
    kiln_ring_event(event, object, value);
    for (unsigned i = 0; i < listener_count; i++) {
        listeners[i](event, object, value);
    }
    posix_resume_blocks(blocks);
}

#else

void posix_trace_listen(posix_listener listener)
{
    (void)listener;
}

void posix_trace_open(const char *path)
{
    (void)fprintf(stderr, "kiln: --trace %s: this program was built with KILN_CFG_TRACE 0\n", path);
    exit(2);
}

bool posix_trace_close(void)
{
    return true;
}

#endif
