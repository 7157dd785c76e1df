/* What --record and --replay have in common: see tape.h. */
#include "tape.h"

#include "lab.h"

#include <stdlib.h>

static tape_outside outside;
static bool is_live = true;

void tape_use(const struct posix_source *source, tape_outside new_outside, bool live,
              const char *path)
{
    if (posix_source != NULL) {
        (void)fprintf(stderr, "kiln: --record, --replay and --explore go one at a time\n");
        exit(2);
    }
    outside = new_outside;
    is_live = live;
    posix_source = source;
    posix_options.log_path = path;
}

void tape_post(const struct log_record *record)
{
    if (record->ticks != 0) {
        posix_post_ticks(record->ticks);
    }
    posix_post_lines(record->lines);
    if (record->stop) {
        posix_stop_requested = 1;
        posix_post_ticks(0);
    }
}

void tape_require_blocks(const char *flag)
{
    if (posix_port.blocks == 0) {
        (void)fprintf(stderr, "kiln: %s: this program was built without instrumented blocks\n",
                      flag);
        exit(2);
    }
}

void tape_nothing(void)
{
}

size_t sim_outside(unsigned device, void *data, size_t size, size_t length)
{
    return outside != NULL ? outside(device, data, size, length) : length;
}

/* The explorer has a guard. */
bool sim_outside_is_live(void)
{
    return is_live && posix_guard == NULL;
}
