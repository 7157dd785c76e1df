/* A small pipe between a writer and a reader with timeouts, and an interrupt that brings bytes and,
 * the last time, closes it. Bytes come in order, once each, from each side; and a device whose
 * writer waits until an interrupt says that it has room. */
#include "explore.h"
#include "kiln/kiln.h"

#define BYTES 6U

KILN_PIPE_DEFINE(pipe, 3);
static uint8_t sent[2], received[2];
static bool is_over;

static size_t device_room = 1, device_taken;

static size_t device_write(struct kiln_stream *stream, const uint8_t *bytes, size_t size)
{
    size_t count = size < device_room ? size : device_room;
    (void)stream;
    (void)bytes;
    device_room -= count;
    device_taken += count;
    return count;
}

static const struct kiln_stream_driver driver = {.write = device_write};
KILN_STREAM_DEFINE(device, 1, &driver, NULL);

/* A byte names its side in bit 7, and has a number. */
static void on_line(void)
{
    uint8_t byte = (uint8_t)(0x80U | sent[1]);
    device_room = 3;
    kiln_stream_ready(&device);
    if (!is_over && kiln_stream_write(&pipe, &byte, 1, KILN_NO_WAIT) == 1) {
        sent[1]++;
    }
}

static int produce(void *arg)
{
    uint8_t bytes[BYTES];
    (void)arg;
    for (uint8_t n = 0; n < BYTES; n++) {
        bytes[n] = n;
    }
    while (sent[0] < BYTES) {
        int count = kiln_stream_write(&pipe, bytes + sent[0], BYTES - sent[0], 1);
        sent[0] = (uint8_t)(sent[0] + (count > 0 ? count : 0));
    }
    (void)kiln_task_sleep(3);
    is_over = true;
    kiln_stream_close(&pipe);
    return 0;
}

static int consume(void *arg)
{
    uint8_t bytes[2];
    int count;
    (void)arg;
    while ((count = kiln_stream_read(&pipe, bytes, sizeof(bytes), 2)) != 0) {
        for (int n = 0; n < count; n++) {
            unsigned side = bytes[n] >> 7;
            explore_require((bytes[n] & 0x7F) == received[side], "a byte is lost, or out of order");
            received[side]++;
        }
    }
    explore_require(received[0] == sent[0] && received[1] == sent[1], "the end has come too soon");
    return 0;
}

static int print(void *arg)
{
    (void)arg;
    int count = kiln_stream_write(&device, "abc", 3, KILN_FOREVER);
    explore_require(count == 3 && device_taken == 3, "the device did not take it all");
    return 0;
}

KILN_TASK_DEFINE(producer, produce, NULL, 5, 512);
KILN_TASK_DEFINE(consumer, consume, NULL, 4, 512);
KILN_TASK_DEFINE(printer, print, NULL, 6, 512);

int main(void)
{
    explore_line(0, on_line, 2);
    return kiln_start();
}
