/* The clock of the simulated board: the host's date at the start; in virtual time always the same.
 */
#include "kiln/clock.h"

#include <time.h>

#include "kiln/board.h"
#include "kiln/sched.h"
#include "lab.h"
#include "posix.h"

#define US_PER_SECOND 1000000

/* The first second of the year 2000. */
#define VIRTUAL_START UINT64_C(946684800)

static struct kiln_clock host_clock;
static bool is_started POSIX_IN_CHIP; /* after a restart the date goes on; the uptime does not */

/* What comes from outside is an input. */
static uint64_t date_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    uint64_t us = (uint64_t)now.tv_sec * US_PER_SECOND + (uint64_t)now.tv_nsec / 1000U;
    (void)sim_outside(SIM_LINE_CLOCK, &us, sizeof(us), sizeof(us));
    return us;
}

struct kiln_clock *kiln_board_clock(void)
{
    if (!is_started) {
        is_started = true;
        host_clock.start_us = posix_options.virtual_time || posix_guard != NULL
                                  ? VIRTUAL_START * US_PER_SECOND + posix_source_ns() / 1000U
                                  : date_us();
        host_clock.start_us -= kiln_uptime_us();
    }
    return &host_clock;
}
