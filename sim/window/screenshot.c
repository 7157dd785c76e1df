/* A picture of the board as a PNG: see screenshot.h.
 *
 * A task may have died in malloc() or with a lock of the C library. So what the picture takes is
 * set aside at the start: its pixels, and memory that libpng (and zlib, through it) gets piece by
 * piece. The rest is arithmetic and system calls: no lock, no malloc(), no stdio.
 */
#define _GNU_SOURCE
#include "screenshot.h"

#include <errno.h>
#include <fcntl.h>
#include <png.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "face.h"
#include "posix.h"

#define MEMORY_BYTES (1024U * 1024U) /* zlib takes 270 KB, libpng some */
#define ALIGNMENT    16U
#define COMPRESSION  3 /* of 9: larger levels take longer than they save */

static struct {
    const char *path; /* NULL: there is to be none */
    struct face *face;
    uint8_t *memory;
    size_t used;
    int file;
    jmp_buf failed;
} shot;

/* ---- What libpng asks for -------------------------------------------------------------------- */

static png_voidp allocate(png_structp png, png_alloc_size_t size)
{
    (void)png;
    size_t bytes = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (size > MEMORY_BYTES || bytes > MEMORY_BYTES - shot.used) {
        return NULL;
    }
    shot.used += bytes;
    return shot.memory + (shot.used - bytes);
}

/* There is one picture, and memory for it. */
static void release(png_structp png, png_voidp memory)
{
    (void)png;
    (void)memory;
}

static void say(const char *text)
{
    (void)!write(STDERR_FILENO, text, strlen(text));
}

static __attribute__((noreturn)) void fail(png_structp png, png_const_charp why)
{
    (void)png;
    say("kiln: --screenshot: cannot write to '");
    say(shot.path);
    say("': ");
    say(why);
    say("\n");
    longjmp(shot.failed, 1);
}

static void warn(png_structp png, png_const_charp why)
{
    (void)png;
    (void)why;
}

static void write_bytes(png_structp png, png_bytep bytes, size_t length)
{
    while (length != 0) {
        ssize_t count = write(shot.file, bytes, length);
        if (count > 0) {
            bytes += count;
            length -= (size_t)count;
        } else if (count == 0 || errno != EINTR) {
            fail(png, strerrordesc_np(errno));
        }
    }
}

static void flush(png_structp png)
{
    (void)png;
}

/* ---- The picture ----------------------------------------------------------------------------- */

/* Blue is in the lowest byte, which comes first in memory; the highest one is none of a colour. */
static void write_rows(png_structp png, png_infop info)
{
    png_set_compression_level(png, COMPRESSION);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
    png_set_IHDR(png, info, FACE_WIDTH, FACE_HEIGHT, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
    png_write_info(png, info);
    png_set_bgr(png);
    png_set_filler(png, 0, PNG_FILLER_AFTER);
    for (int row = 0; row < FACE_HEIGHT; row++) {
        png_write_row(png, (png_const_bytep)&shot.face->drawn[row * FACE_WIDTH]);
    }
    png_write_end(png, info);
}

static void write_file(void)
{
    int first, rows;
    shot.file = open(shot.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (shot.file < 0) {
        fail(NULL, strerrordesc_np(errno));
    }
    (void)face_update(shot.face, true, &first, &rows);
    png_structp png =
        png_create_write_struct_2(PNG_LIBPNG_VER_STRING, NULL, fail, warn, NULL, allocate, release);
    png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
    if (info == NULL) {
        fail(png, "libpng does not work");
    }
    png_set_write_fn(png, NULL, write_bytes, flush);
    write_rows(png, info);
    (void)close(shot.file);
}

bool screenshot_write(void)
{
    static atomic_flag has_begun = ATOMIC_FLAG_INIT;
    if (shot.face == NULL || atomic_flag_test_and_set(&has_begun)) {
        return true;
    }
    if (setjmp(shot.failed) != 0) {
        return false;
    }
    write_file();
    return true;
}

/* ---- Before -------------------------------------------------------------------------------- */

bool screenshot_is_wanted(void)
{
    return shot.path != NULL;
}

void screenshot_prepare(void)
{
    if (screenshot_is_wanted()) {
        shot.face = face_new();
        shot.memory = (uint8_t *)malloc(MEMORY_BYTES);
        if (shot.memory == NULL) {
            perror("kiln: --screenshot");
            exit(1);
        }
    }
}

static void set_screenshot(const char *value)
{
    FILE *file = fopen(value, "a"); /* rather now than at the end of a long run */
    if (file == NULL) {
        posix_reject_option("--screenshot cannot write to", value);
    }
    (void)fclose(file);
    shot.path = value;
}
POSIX_FLAG(screenshot, "FILE", "at the end, write a picture of the board to FILE: a PNG",
           set_screenshot);
