/* Linux port: the image's memory, and how it is put back to where main() began.
 *
 * Between __data_start and _end lie .data and .bss. What belongs to the port and the laboratory, to
 * the C library and to KILN_NOINIT variables is gathered there in two sections of its own, by
 * ports/posix/image.ld: that is outside of the chip, and outlives a restart of the app. Helper
 * threads write to it at any time.
 */
#include <stdlib.h>
#include <string.h>

#include "posix.h"

extern char __data_start[], _end[];
extern char __posix_outside_data_start[], __posix_outside_data_end[];
extern char __posix_outside_bss_start[], __posix_outside_bss_end[];

static char *image_copy;

#if defined(__SANITIZE_ADDRESS__)
/* memcpy() would be told off for the fences between variables. */
__attribute__((no_sanitize_address)) static void copy(char *to, const char *from, size_t bytes)
{
    for (volatile char *at = to; bytes > 0; bytes--) {
        *at++ = *from++;
    }
}
#else
static void copy(char *to, const char *from, size_t bytes)
{
    memcpy(to, from, bytes);
}
#endif

static size_t bytes_between(const char *start, const char *end)
{
    return (size_t)((uintptr_t)end - (uintptr_t)start);
}

void posix_image_keep(void)
{
    size_t bytes = bytes_between(__data_start, _end);
    if (image_copy == NULL) {
        image_copy = (char *)malloc(bytes);
    }
    if (image_copy == NULL) {
        perror("kiln: no memory for a copy of the image's data");
        exit(1);
    }
    copy(image_copy, __data_start, bytes);
}

static void put_back(char *start, const char *end)
{
    copy(start, image_copy + bytes_between(__data_start, start), bytes_between(start, end));
}

void posix_image_restore(enum posix_image_part part)
{
    struct stack *stacks = posix_stacks();
    if (part == POSIX_IMAGE_ALL) {
        put_back(__data_start, _end);
    } else {
        put_back(__data_start, __posix_outside_data_start);
        put_back(__posix_outside_data_end, __posix_outside_bss_start);
        put_back(__posix_outside_bss_end, _end);
    }
    posix_free_stacks(stacks);
}
