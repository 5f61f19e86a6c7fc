/* module: hub
 *
 * fuzz_kafka_requests.c: frames of a hostile client, against the decoder and the hub's handlers.
 * The input is a row of frames, each behind two bytes of length; a folder in memory holds the data.
 * One bit of the first byte asks for authentication. */
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/log.h"
#include "hub/broker.h"
#include "os/os.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static lv_broker broker;
static char dir[] = "/dev/shm/levada-fuzz-XXXXXX";
static int64_t runs;

static void answered(lv_session *session)
{
}

static void remove_data(void)
{
    char command[80];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    if (system(command) != 0)
        abort();
}

static void open_broker(void)
{
    lv_hub_options options = lv_hub_options_default();
    options.data_dir = dir;
    options.partitions = 2;
    options.segment_bytes = 1024 * 1024;
    options.retention_bytes = 4 * 1024 * 1024;
    lv_status status = lv_broker_open(&broker, &options, NULL);
    LV_ASSERT(status == LV_OK);
    int16_t error_code =
        lv_topics_create(&broker.topics, LV_STR("t"), 2, &broker.topics.defaults, 0, NULL);
    LV_ASSERT(error_code == 0 || error_code == LV_KAFKA_ERROR_TOPIC_ALREADY_EXISTS);
}

/* A fresh hub now and then, so that topics made by one input do not pile up. */
static void prepare(void)
{
    enum { RUNS = 5000 };
    if (runs == 0) {
        char *made = mkdtemp(dir);
        LV_ASSERT(made != NULL);
        atexit(remove_data);
        lv_log_set_level(LV_LOG_ERROR);
        open_broker();
    } else if (runs % RUNS == 0) {
        lv_broker_close(&broker, true);
        remove_data();
        open_broker();
    }
    runs++;
}

static void serve(lv_session *session, lv_rd *rd)
{
    while (lv_rd_left(rd) >= 2 && session->fetch == NULL) {
        size_t len = (size_t)(uint16_t)lv_rd_i16be(rd);
        len = LV_MIN(len, lv_rd_left(rd));
        /* Memory of exactly this size, so that reads behind the frame are seen. */
        uint8_t *frame = malloc(len);
        memcpy(frame, lv_rd_bytes(rd, len), len);
        lv_served served = lv_broker_serve(&broker, session, frame, len);
        free(frame);
        lv_broker_settle(&broker, answered);
        if (served == LV_SERVED_HANG_UP)
            break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    prepare();
    lv_broker_tick(&broker);
    broker.options.sasl = data[0] & 1 ? "Endpoint=sb://x/;SharedAccessKey=k" : NULL;
    lv_session session;
    lv_session_init(&session, &broker, "127.0.0.1", 9092, NULL);
    lv_rd rd = lv_rd_of(data + 1, size - 1);
    serve(&session, &rd);
    /* Time passes for a fetch that waits. */
    broker.mono_ms = broker.next_deadline_ms;
    lv_broker_settle(&broker, answered);
    lv_session_release(&session);
    if (runs % 64 == 0)
        lv_broker_tend(&broker);
    return 0;
}
