/* The flash of the simulated board: --storage FILE, or memory that begins erased.
 *
 * What is read from a file is an input. So a replay has it from the log, and leaves the file alone.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kiln/block.h"
#include "kiln/board.h"
#include "lab.h"
#include "posix.h"

#define SIZE_BYTES    (256U * 1024U)
#define PROGRAM_BYTES 16U
#define ERASE_BYTES   4096U
#define ERASED        0xFF

static const char *path;
static int file = -1;
static uint8_t *memory;

/* ---- In memory ------------------------------------------------------------------------------- */

static int read_memory(struct kiln_block *block, uint32_t offset, void *bytes, uint32_t size)
{
    (void)block;
    memcpy(bytes, memory + offset, size);
    return KILN_OK;
}

static int program_memory(struct kiln_block *block, uint32_t offset, const void *bytes,
                          uint32_t size)
{
    (void)block;
    for (uint32_t n = 0; n < size; n++) {
        memory[offset + n] &= ((const uint8_t *)bytes)[n];
    }
    return KILN_OK;
}

static int erase_memory(struct kiln_block *block, uint32_t offset, uint32_t size)
{
    (void)block;
    memset(memory + offset, ERASED, size);
    return KILN_OK;
}

static int sync_memory(struct kiln_block *block)
{
    (void)block;
    return KILN_OK;
}

static const struct kiln_block_driver memory_driver = {
    .read = read_memory, .program = program_memory, .erase = erase_memory, .sync = sync_memory};

static void open_memory(struct kiln_block *block)
{
    static uint8_t flash[SIZE_BYTES]; /* the image's: an explorer puts it back */
    memset(flash, ERASED, sizeof(flash));
    memory = flash;
    block->driver = &memory_driver;
}

/* ---- In a file ------------------------------------------------------------------------------- */

/* Whether a call of the host's failed is an input, too. */
static int outcome(bool failed)
{
    (void)sim_outside(SIM_LINE_STORAGE, &failed, sizeof(failed), sizeof(failed));
    return failed ? KILN_EIO : KILN_OK;
}

static bool read_all(uint32_t offset, void *bytes, size_t size)
{
    return file >= 0 && pread(file, bytes, size, (off_t)offset) == (ssize_t)size;
}

static bool write_all(uint32_t offset, const void *bytes, size_t size)
{
    return file >= 0 && pwrite(file, bytes, size, (off_t)offset) == (ssize_t)size;
}

static int read_file(struct kiln_block *block, uint32_t offset, void *bytes, uint32_t size)
{
    uint8_t *to = (uint8_t *)bytes;
    (void)block;
    int result = outcome(!read_all(offset, bytes, size));
    for (uint32_t done = 0; done < size && result == KILN_OK; done += SIM_OUTSIDE_MAX) {
        size_t piece = size - done < SIM_OUTSIDE_MAX ? size - done : SIM_OUTSIDE_MAX;
        (void)sim_outside(SIM_LINE_STORAGE, to + done, piece, piece);
    }
    return result;
}

static int program_file(struct kiln_block *block, uint32_t offset, const void *bytes, uint32_t size)
{
    (void)block;
    bool failed = false;
    for (uint32_t done = 0; done < size && !failed; done += PROGRAM_BYTES) {
        uint8_t unit[PROGRAM_BYTES];
        failed = !read_all(offset + done, unit, sizeof(unit));
        for (uint32_t n = 0; n < PROGRAM_BYTES; n++) {
            unit[n] &= ((const uint8_t *)bytes)[done + n];
        }
        failed = failed || !write_all(offset + done, unit, sizeof(unit));
    }
    return outcome(failed);
}

static int erase_file(struct kiln_block *block, uint32_t offset, uint32_t size)
{
    static uint8_t erased[ERASE_BYTES];
    (void)block;
    bool failed = false;
    memset(erased, ERASED, sizeof(erased));
    for (uint32_t done = 0; done < size && !failed; done += ERASE_BYTES) {
        failed = !write_all(offset + done, erased, sizeof(erased));
    }
    return outcome(failed);
}

static int sync_file(struct kiln_block *block)
{
    (void)block;
    return outcome(file < 0 || fsync(file) != 0);
}

static const struct kiln_block_driver file_driver = {
    .read = read_file, .program = program_file, .erase = erase_file, .sync = sync_file};

static void refuse(const char *why)
{
    (void)fprintf(stderr, "kiln: --storage: '%s': %s\n", path, why);
    exit(2);
}

/* A new file is an erased device of the usual size; another one keeps its own. */
static uint32_t size_of_file(void)
{
    struct stat status;
    if (fstat(file, &status) != 0) {
        refuse(strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        refuse("it is no regular file, which would keep what is written");
    }
    if (status.st_size == 0) {
        (void)erase_file(NULL, 0, SIZE_BYTES);
        return SIZE_BYTES;
    }
    if (status.st_size % ERASE_BYTES != 0 || status.st_size > UINT32_MAX) {
        refuse("its size must be a multiple of 4096 bytes, and below 4 GiB");
    }
    return (uint32_t)status.st_size;
}

static void open_file(struct kiln_block *block)
{
    if (sim_outside_is_live()) {
        file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (file < 0) {
            refuse(strerror(errno));
        }
        block->size_bytes = size_of_file();
    }
    (void)sim_outside(SIM_LINE_STORAGE, &block->size_bytes, sizeof(block->size_bytes),
                      sizeof(block->size_bytes));
    block->driver = &file_driver;
}

static void set_storage(const char *value)
{
    path = value;
}
POSIX_FLAG(storage, "FILE",
           "the board's flash is FILE, which is made when there is\n"
           "none; without it, it is erased at each start",
           set_storage);

/* The explorer's runs begin alike. */
struct kiln_block *kiln_board_storage(void)
{
    static struct kiln_block block = {.size_bytes = SIZE_BYTES,
                                      .read_bytes = 1,
                                      .program_bytes = PROGRAM_BYTES,
                                      .erase_bytes = ERASE_BYTES};
    if (block.driver == NULL && path != NULL && posix_guard == NULL) {
        open_file(&block);
    } else if (block.driver == NULL) {
        open_memory(&block);
    }
    return &block;
}
