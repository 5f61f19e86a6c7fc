/* hub.h: the local event hub, a durable server of the Kafka protocol.
 *
 * One thread runs everything: an epoll loop over all connections that owns topics, logs and
 * sessions, so nothing is locked. It does no work per record: a produced batch is checked (header,
 * CRC), stamped and written as it came, and a fetch is answered by sendfile from the page cache.
 * Each turn of the loop takes what all connections sent, appends it, with fsync `always` syncs every
 * touched log once (the group commit), then wakes waiting readers and sends all answers.
 * A second thread syncs sealed segments behind the loop's back. */
#ifndef LV_HUB_HUB_H
#define LV_HUB_HUB_H

#include "base/status.h"

typedef enum lv_hub_fsync {
    LV_HUB_FSYNC_NEVER,    /* acknowledged writes survive a crash of the hub, not of the machine */
    LV_HUB_FSYNC_INTERVAL, /* at most a second is lost with the machine */
    LV_HUB_FSYNC_ALWAYS,   /* acknowledged means on disk */
} lv_hub_fsync;

/** Strings are the caller's and must live as long as the hub. */
typedef struct lv_hub_options {
    const char *listen;    /* HOST:PORT; port 0 takes a free one */
    const char *advertise; /* HOST:PORT that clients are told; NULL: the address they came to */
    const char *data_dir;
    const char *sasl;     /* connection string that clients must present; NULL: no authentication */
    int32_t partitions;   /* of topics made without a number */
    int64_t retention_ms; /* -1: for ever */
    int64_t retention_bytes; /* of a partition; -1: no limit */
    int64_t segment_bytes;
    int64_t max_message_bytes; /* of a record batch */
    lv_hub_fsync fsync;
    bool auto_create; /* make topics that a client asks for, if the client allows it */
    bool append_time; /* LogAppendTime as Event Hubs has it, else CreateTime */
} lv_hub_options;

typedef struct lv_hub lv_hub;

/** 127.0.0.1:9092, ./hub-data, 8 partitions, 7 days, 128 MiB segments, 1 MiB batches, fsync never,
 *  auto-create, LogAppendTime. */
lv_hub_options lv_hub_options_default(void);
/** Takes the data folder (no second hub can), recovers the logs and listens. Status USAGE for options
 *  that cannot be, UNAVAILABLE when the folder or the address is taken. */
LV_MUST_USE lv_status lv_hub_open(const lv_hub_options *options, lv_hub **hub, lv_error *err);
/** "127.0.0.1:9092" as bound, borrowed. */
const char *lv_hub_address(const lv_hub *hub);
int lv_hub_port(const lv_hub *hub);
/** Serves until lv_hub_stop. Status IO when the disk refuses what was promised. */
LV_MUST_USE lv_status lv_hub_run(lv_hub *hub, lv_error *err);
/** Ends lv_hub_run. @thread any, also signal handlers */
void lv_hub_stop(lv_hub *hub);
/** Closes connections and logs; NULL is fine. */
void lv_hub_close(lv_hub *hub);

#endif
