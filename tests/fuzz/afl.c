/* AFL++ learns of each block by a function of its own, with a number for the block: the port is
 * told, too. */
#include <stdint.h>

void __sanitizer_cov_trace_pc(void);
void __real___sanitizer_cov_trace_pc_guard(uint32_t *guard);
void __wrap___sanitizer_cov_trace_pc_guard(uint32_t *guard);

void __wrap___sanitizer_cov_trace_pc_guard(uint32_t *guard)
{
    __real___sanitizer_cov_trace_pc_guard(guard);
    __sanitizer_cov_trace_pc();
}
