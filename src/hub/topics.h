/* topics.h: the topics of a data folder, and what else must outlive the hub.
 *
 *   <data dir>/hub.meta    text, replaced as a whole:
 *                            levada-hub 1
 *                            cluster-id 3Tk...
 *                            next-producer-id 2000
 *                            topic sensors 8 retention.ms=3600000
 *   <data dir>/hub.lock    held by the hub that serves the folder
 *   <data dir>/hub.clean   there only between a clean stop and the next start
 *   <data dir>/<topic>-<partition>/   partition.h; with the suffix .deleted it only waits for removal
 *
 * The meta file comes first: a topic exists once it is named there, and folders are made to fit.
 *
 * @thread the hub's loop. */
#ifndef LV_HUB_TOPICS_H
#define LV_HUB_TOPICS_H

#include "hub/hub.h"
#include "hub/partition.h"

enum { LV_TOPIC_NAME_MAX = 249, LV_TOPIC_PARTITIONS_MAX = 10000, LV_CLUSTER_ID_SIZE = 23 };

typedef struct lv_topic {
    char *name; /* owned */
    int32_t partition_count;
    lv_partition **partitions; /* owned */
    lv_topic_config config;
    uint32_t config_set; /* bit i: row i of lv_topic_settings was given for this topic */
} lv_topic;

typedef struct lv_topics {
    char *dir; /* owned */
    int lock_fd;
    lv_topic **at; /* owned, ascending by name */
    size_t count;
    size_t capacity;
    char cluster_id[LV_CLUSTER_ID_SIZE];
    int64_t next_producer_id;
    int64_t producer_ids_end; /* below it ids may be handed out without writing the meta file */
    lv_topic_config defaults;
    bool sync_always;
    lv_syncer *syncer; /* borrowed */
} lv_topics;

/** A topic setting of Kafka's that the hub has; `offset` is in lv_topic_config. */
typedef struct lv_topic_setting {
    const char *name;
    size_t offset;
    int64_t min;
    bool is_timestamp_type; /* a bool, written CreateTime or LogAppendTime */
} lv_topic_setting;

/** Ascending by name. */
const lv_topic_setting *lv_topic_settings(size_t *count);
/** Sets one setting from its text; the rows that only have one possible value accept that. Returns NONE
 *  or INVALID_CONFIG. */
int16_t lv_topic_config_set(lv_topic_config *config, uint32_t *config_set, lv_str name,
                            lv_str value);
/** Appends a setting's value as text. */
void lv_topic_setting_print(const lv_topic_config *config, const lv_topic_setting *setting,
                            lv_sbuf *out);

/** Locks the folder (made if missing) and opens all topics in it. Status UNAVAILABLE when locked. */
LV_MUST_USE lv_status lv_topics_open(lv_topics *topics, const lv_hub_options *options,
                                     lv_syncer *syncer, lv_error *err);
/** Closes all logs, marks the folder clean if `clean`, and unlocks it. */
void lv_topics_close(lv_topics *topics, bool clean);
/** NULL if there is none of this name. */
lv_topic *lv_topics_get(const lv_topics *topics, lv_str name);
/** NULL if there is no such topic or partition. */
lv_partition *lv_topics_get_partition(const lv_topics *topics, lv_str name, int32_t partition);
/** Whether Kafka allows the name: letters, digits and . _ -, not . or .. */
bool lv_topic_name_is_valid(lv_str name);
/** Makes a topic. `config` starts as lv_topics.defaults. Returns an error code: INVALID_TOPIC_EXCEPTION,
 *  TOPIC_ALREADY_EXISTS, INVALID_PARTITIONS, KAFKA_STORAGE_ERROR (`err` says more). */
int16_t lv_topics_create(lv_topics *topics, lv_str name, int32_t partition_count,
                         const lv_topic_config *config, uint32_t config_set, lv_error *err);
/** Deletes a topic with its data. No waiter may be left. Returns an error code. */
int16_t lv_topics_delete(lv_topics *topics, lv_str name, lv_error *err);
/** An id that no producer had before, over restarts too; -1 when that cannot be made sure. */
int64_t lv_topics_take_producer_id(lv_topics *topics, lv_error *err);

#endif
