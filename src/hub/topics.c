/* topics.c: the registry of topics and its file. */
#include "hub/topics.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/check.h"
#include "base/log.h"
#include "kafka/protocol.h"
#include "os/os.h"

#define META_NAME      "hub.meta"
#define META_HEADER    "levada-hub 1"
#define LOCK_NAME      "hub.lock"
#define CLEAN_NAME     "hub.clean"
#define DELETED_SUFFIX ".deleted"
enum { PRODUCER_ID_BLOCK = 1000 };

/* ---- settings -------------------------------------------------------------------------------- */

static const lv_topic_setting settings[] = {
    {"max.message.bytes", offsetof(lv_topic_config, max_message_bytes), 0, false},
    {"message.timestamp.type", offsetof(lv_topic_config, append_time), 0, true},
    {"retention.bytes", offsetof(lv_topic_config, retention_bytes), -1, false},
    {"retention.ms", offsetof(lv_topic_config, retention_ms), -1, false},
    {"segment.bytes", offsetof(lv_topic_config, segment_bytes), 1024 * 1024, false},
};

/* Settings with a single possible value, so that tools may state it. */
static const struct fixed_setting {
    const char *name;
    const char *value;
} fixed_settings[] = {
    {"cleanup.policy", "delete"},
    {"compression.type", "producer"},
    {"min.insync.replicas", "1"},
};

const lv_topic_setting *lv_topic_settings(size_t *count)
{
    *count = LV_COUNT_OF(settings);
    return settings;
}

static bool parse_value(const lv_topic_setting *setting, lv_str value, char *field)
{
    if (setting->is_timestamp_type) {
        *(bool *)field = lv_str_is(value, "LogAppendTime");
        return *(bool *)field || lv_str_is(value, "CreateTime");
    }
    int64_t number;
    if (!lv_str_to_i64(value, &number) || number < setting->min)
        return false;
    *(int64_t *)field = number;
    return true;
}

int16_t lv_topic_config_set(lv_topic_config *config, uint32_t *config_set, lv_str name,
                            lv_str value)
{
    for (size_t i = 0; i < LV_COUNT_OF(settings); i++) {
        if (!lv_str_is(name, settings[i].name))
            continue;
        if (value.ptr == NULL ||
            !parse_value(&settings[i], value, (char *)config + settings[i].offset))
            return LV_KAFKA_ERROR_INVALID_CONFIG;
        *config_set |= 1u << i;
        config->segment_bytes = LV_MIN(config->segment_bytes, (int64_t)INT32_MAX / 2);
        return LV_KAFKA_ERROR_NONE;
    }
    for (size_t i = 0; i < LV_COUNT_OF(fixed_settings); i++) {
        if (lv_str_is(name, fixed_settings[i].name) && lv_str_is(value, fixed_settings[i].value))
            return LV_KAFKA_ERROR_NONE;
    }
    return LV_KAFKA_ERROR_INVALID_CONFIG;
}

void lv_topic_setting_print(const lv_topic_config *config, const lv_topic_setting *setting,
                            lv_sbuf *out)
{
    const char *field = (const char *)config + setting->offset;
    if (setting->is_timestamp_type)
        lv_sbuf_add_cstr(out, *(const bool *)field ? "LogAppendTime" : "CreateTime");
    else
        lv_sbuf_printf(out, "%" PRId64, *(const int64_t *)field);
}

bool lv_topic_name_is_valid(lv_str name)
{
    if (name.ptr == NULL || name.len == 0 || name.len > LV_TOPIC_NAME_MAX || lv_str_is(name, ".") ||
        lv_str_is(name, ".."))
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '.' || c == '_' || c == '-';
        if (!fine)
            return false;
    }
    return true;
}

/* ---- the meta file --------------------------------------------------------------------------- */

static lv_status save_meta(const lv_topics *topics, lv_error *err)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_sbuf_printf(&text, META_HEADER "\ncluster-id %s\nnext-producer-id %" PRId64 "\n",
                   topics->cluster_id, topics->producer_ids_end);
    for (size_t i = 0; i < topics->count; i++) {
        const lv_topic *topic = topics->at[i];
        lv_sbuf_printf(&text, "topic %s %" PRId32, topic->name, topic->partition_count);
        for (size_t s = 0; s < LV_COUNT_OF(settings); s++) {
            if (!(topic->config_set >> s & 1))
                continue;
            lv_sbuf_printf(&text, " %s=", settings[s].name);
            lv_topic_setting_print(&topic->config, &settings[s], &text);
        }
        lv_sbuf_add_char(&text, '\n');
    }
    lv_arena arena;
    lv_arena_init(&arena);
    lv_status status = lv_file_publish(lv_path_join(&arena, topics->dir, META_NAME), text.ptr,
                                       text.len, true, true, err);
    lv_arena_release(&arena);
    lv_sbuf_release(&text);
    return status;
}

static void free_topic(lv_topic *topic, bool clean)
{
    for (int32_t i = 0; i < topic->partition_count; i++)
        lv_partition_close(topic->partitions[i], clean);
    free(topic->partitions);
    free(topic->name);
    free(topic);
}

static lv_topic *new_topic(lv_str name, int32_t partition_count, const lv_topic_config *config,
                           uint32_t config_set)
{
    lv_topic *topic = calloc(1, sizeof *topic);
    LV_ASSERT(topic != NULL);
    topic->name = strndup(name.ptr, name.len);
    topic->partition_count = partition_count;
    topic->partitions = calloc((size_t)partition_count, sizeof *topic->partitions);
    topic->config = *config;
    topic->config_set = config_set;
    LV_ASSERT(topic->name != NULL && topic->partitions != NULL);
    return topic;
}

/* Index of the first topic whose name is not below `name`. */
static size_t lower_bound(const lv_topics *topics, lv_str name)
{
    size_t low = 0;
    size_t high = topics->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (lv_str_cmp(lv_str_of(topics->at[middle]->name), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void insert_topic(lv_topics *topics, lv_topic *topic)
{
    if (topics->count == topics->capacity) {
        topics->capacity = LV_MAX(topics->capacity * 2, 16u);
        topics->at = realloc(topics->at, topics->capacity * sizeof topics->at[0]);
        LV_ASSERT(topics->at != NULL);
    }
    size_t i = lower_bound(topics, lv_str_of(topic->name));
    memmove(topics->at + i + 1, topics->at + i, (topics->count - i) * sizeof topics->at[0]);
    topics->at[i] = topic;
    topics->count++;
}

static void erase_topic(lv_topics *topics, const lv_topic *topic)
{
    size_t i = lower_bound(topics, lv_str_of(topic->name));
    topics->count--;
    memmove(topics->at + i, topics->at + i + 1, (topics->count - i) * sizeof topics->at[0]);
}

static bool parse_topic_line(lv_topics *topics, lv_str rest)
{
    lv_str name;
    lv_str part;
    int64_t partition_count;
    if (!lv_str_split(&rest, ' ', &name) || !lv_topic_name_is_valid(name) ||
        lv_topics_get(topics, name) || !lv_str_split(&rest, ' ', &part) ||
        !lv_str_to_i64(part, &partition_count) || partition_count < 1 ||
        partition_count > LV_TOPIC_PARTITIONS_MAX)
        return false;
    lv_topic_config config = topics->defaults;
    uint32_t config_set = 0;
    while (lv_str_split(&rest, ' ', &part)) {
        ptrdiff_t equals = lv_str_find(part, '=', 0);
        if (equals < 0)
            return false;
        size_t split = (size_t)equals;
        if (lv_topic_config_set(&config, &config_set, lv_str_sub(part, 0, split),
                                lv_str_sub(part, split + 1, part.len - split - 1)) !=
            LV_KAFKA_ERROR_NONE)
            return false;
    }
    insert_topic(topics, new_topic(name, (int32_t)partition_count, &config, config_set));
    return true;
}

static bool parse_meta_line(lv_topics *topics, lv_str line)
{
    lv_str word;
    if (!lv_str_split(&line, ' ', &word))
        return true;
    if (lv_str_is(word, "topic"))
        return parse_topic_line(topics, line);
    if (lv_str_is(word, "next-producer-id"))
        return lv_str_to_i64(line, &topics->next_producer_id) && topics->next_producer_id >= 0;
    if (lv_str_is(word, "cluster-id") && line.len > 0 && line.len < LV_CLUSTER_ID_SIZE) {
        memcpy(topics->cluster_id, line.ptr, line.len);
        topics->cluster_id[line.len] = '\0';
        return true;
    }
    return false;
}

static lv_status parse_meta(lv_topics *topics, const char *path, lv_str text, lv_error *err)
{
    lv_str line;
    if (!lv_str_split(&text, '\n', &line) || !lv_str_is(line, META_HEADER))
        return LV_FAIL(err, LV_CORRUPT, "%s does not begin with '" META_HEADER "'", path);
    while (lv_str_split(&text, '\n', &line)) {
        if (line.len > 0 && !parse_meta_line(topics, line))
            return LV_FAIL(err, LV_CORRUPT, "%s: cannot read the line '%.*s'", path,
                           LV_STR_ARG(line));
    }
    return LV_OK;
}

/* A cluster id looks as Kafka's do: 22 characters of base64url. */
static void make_cluster_id(char out[LV_CLUSTER_ID_SIZE])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint8_t random[LV_CLUSTER_ID_SIZE - 1];
    lv_random_bytes(random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++)
        out[i] = digits[random[i] & 63];
    out[sizeof random] = '\0';
}

static lv_status load_meta(lv_topics *topics, lv_error *err)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_sbuf text = LV_SBUF_INIT;
    const char *path = lv_path_join(&arena, topics->dir, META_NAME);
    lv_status status;
    if (lv_path_exists(path)) {
        status = lv_file_read_all(path, &text, err);
        if (status == LV_OK)
            status = parse_meta(topics, path, lv_sbuf_str(&text), err);
        topics->producer_ids_end = topics->next_producer_id;
    } else {
        make_cluster_id(topics->cluster_id);
        status = save_meta(topics, err);
    }
    lv_sbuf_release(&text);
    lv_arena_release(&arena);
    return status;
}

/* ---- folders --------------------------------------------------------------------------------- */

static char *partition_dir(lv_arena *arena, const lv_topics *topics, const lv_topic *topic,
                           int32_t partition)
{
    return lv_arena_printf(arena, "%s/%s-%" PRId32, topics->dir, topic->name, partition);
}

/* Removes a folder of files, as far as it goes. */
static void remove_dir(lv_arena *arena, const char *path)
{
    lv_dir_entry *entries;
    size_t count;
    if (lv_dir_list(path, arena, &entries, &count, NULL) != LV_OK)
        return;
    for (size_t i = 0; i < count; i++)
        unlink(lv_path_join(arena, path, entries[i].name.ptr));
    rmdir(path);
}

static void remove_deleted(const lv_topics *topics)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_dir_entry *entries;
    size_t count;
    if (lv_dir_list(topics->dir, &arena, &entries, &count, NULL) == LV_OK) {
        for (size_t i = 0; i < count; i++) {
            if (entries[i].is_dir && lv_str_ends(entries[i].name, LV_STR(DELETED_SUFFIX)))
                remove_dir(&arena, lv_path_join(&arena, topics->dir, entries[i].name.ptr));
        }
    }
    lv_arena_release(&arena);
}

static lv_status open_partitions(const lv_topics *topics, lv_topic *topic, bool trusted,
                                 lv_error *err)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_status status = LV_OK;
    for (int32_t i = 0; i < topic->partition_count && status == LV_OK; i++) {
        const char *dir = partition_dir(&arena, topics, topic, i);
        int64_t torn = 0;
        status = lv_partition_open(dir, &topic->config, topics->syncer, trusted,
                                   &topic->partitions[i], &torn, err);
        if (status == LV_OK && topics->sync_always) {
            topic->partitions[i]->sync_on_roll = true;
            status = lv_dir_sync(dir, err);
        }
        if (torn > 0)
            lv_log(LV_LOG_WARN, "hub", "%s: cut off a torn end of %" PRId64 " bytes", dir, torn);
    }
    if (status == LV_OK && topics->sync_always)
        status = lv_dir_sync(topics->dir, err);
    lv_arena_release(&arena);
    return status;
}

static lv_status lock_dir(lv_topics *topics, lv_error *err)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_status status = lv_dir_make(topics->dir, err);
    if (status == LV_OK)
        status = lv_file_open(lv_path_join(&arena, topics->dir, LOCK_NAME), O_RDWR | O_CREAT,
                              &topics->lock_fd, err);
    if (status == LV_OK && flock(topics->lock_fd, LOCK_EX | LOCK_NB) != 0)
        status = LV_FAIL(err, LV_UNAVAILABLE, "the data folder %s is in use by another hub",
                         topics->dir);
    lv_arena_release(&arena);
    return status;
}

lv_status lv_topics_open(lv_topics *topics, const lv_hub_options *options, lv_syncer *syncer,
                         lv_error *err)
{
    *topics = (lv_topics){
        .dir = strdup(options->data_dir),
        .lock_fd = -1,
        .syncer = syncer,
        .sync_always = options->fsync == LV_HUB_FSYNC_ALWAYS,
        .defaults = {.retention_ms = options->retention_ms,
                     .retention_bytes = options->retention_bytes,
                     .segment_bytes = options->segment_bytes,
                     .max_message_bytes = options->max_message_bytes,
                     .append_time = options->append_time},
    };
    LV_ASSERT(topics->dir != NULL);
    lv_arena arena;
    lv_arena_init(&arena);
    lv_status status = lock_dir(topics, err);
    if (status == LV_OK)
        status = load_meta(topics, err);
    if (status != LV_OK)
        goto out;
    const char *clean_path = lv_path_join(&arena, topics->dir, CLEAN_NAME);
    bool trusted = lv_path_exists(clean_path);
    if ((status = lv_file_remove(clean_path, err)) != LV_OK)
        goto out;
    remove_deleted(topics);
    for (size_t i = 0; i < topics->count && status == LV_OK; i++)
        status = open_partitions(topics, topics->at[i], trusted, err);
out:
    lv_arena_release(&arena);
    if (status != LV_OK)
        lv_topics_close(topics, false);
    return status;
}

void lv_topics_close(lv_topics *topics, bool clean)
{
    for (size_t i = 0; i < topics->count; i++)
        free_topic(topics->at[i], clean);
    if (clean) {
        lv_arena arena;
        lv_arena_init(&arena);
        lv_error err = LV_ERROR_INIT;
        if (lv_file_publish(lv_path_join(&arena, topics->dir, CLEAN_NAME), "", 0, true, true,
                            &err) != LV_OK)
            lv_log(LV_LOG_WARN, "hub", "%s", err.message);
        lv_arena_release(&arena);
    }
    if (topics->lock_fd >= 0)
        close(topics->lock_fd);
    free(topics->at);
    free(topics->dir);
    *topics = (lv_topics){.lock_fd = -1};
}

/* ---- use ------------------------------------------------------------------------------------- */

lv_topic *lv_topics_get(const lv_topics *topics, lv_str name)
{
    size_t i = lower_bound(topics, name);
    return i < topics->count && lv_str_is(name, topics->at[i]->name) ? topics->at[i] : NULL;
}

lv_partition *lv_topics_get_partition(const lv_topics *topics, lv_str name, int32_t partition)
{
    lv_topic *topic = lv_topics_get(topics, name);
    return topic && partition >= 0 && partition < topic->partition_count
               ? topic->partitions[partition]
               : NULL;
}

/* Data under the name of a topic that the meta file does not know is somebody's: leave it. */
static lv_status refuse_foreign_data(const lv_topics *topics, const lv_topic *topic, lv_error *err)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_status status = LV_OK;
    for (int32_t i = 0; i < topic->partition_count && status == LV_OK; i++) {
        lv_dir_entry *entries;
        size_t count;
        const char *dir = partition_dir(&arena, topics, topic, i);
        if (lv_path_exists(dir) &&
            (lv_dir_list(dir, &arena, &entries, &count, NULL) != LV_OK || count > 0))
            status = LV_FAIL(err, LV_ALREADY_EXISTS,
                             "%s has files of a topic that is not in " META_NAME, dir);
    }
    lv_arena_release(&arena);
    return status;
}

int16_t lv_topics_create(lv_topics *topics, lv_str name, int32_t partition_count,
                         const lv_topic_config *config, uint32_t config_set, lv_error *err)
{
    if (!lv_topic_name_is_valid(name))
        return LV_KAFKA_ERROR_INVALID_TOPIC_EXCEPTION;
    if (lv_topics_get(topics, name))
        return LV_KAFKA_ERROR_TOPIC_ALREADY_EXISTS;
    if (partition_count < 1 || partition_count > LV_TOPIC_PARTITIONS_MAX)
        return LV_KAFKA_ERROR_INVALID_PARTITIONS;
    lv_topic *topic = new_topic(name, partition_count, config, config_set);
    if (refuse_foreign_data(topics, topic, err) != LV_OK) {
        free_topic(topic, false);
        return LV_KAFKA_ERROR_KAFKA_STORAGE_ERROR;
    }
    insert_topic(topics, topic);
    if (save_meta(topics, err) == LV_OK && open_partitions(topics, topic, false, err) == LV_OK)
        return LV_KAFKA_ERROR_NONE;
    erase_topic(topics, topic);
    free_topic(topic, false);
    if (save_meta(topics, NULL) != LV_OK)
        lv_log(LV_LOG_ERROR, "hub", "cannot take back topic %.*s in " META_NAME, LV_STR_ARG(name));
    return LV_KAFKA_ERROR_KAFKA_STORAGE_ERROR;
}

int16_t lv_topics_delete(lv_topics *topics, lv_str name, lv_error *err)
{
    lv_topic *topic = lv_topics_get(topics, name);
    if (topic == NULL)
        return LV_KAFKA_ERROR_UNKNOWN_TOPIC_OR_PARTITION;
    lv_arena arena;
    lv_arena_init(&arena);
    for (int32_t i = 0; i < topic->partition_count; i++) {
        const char *dir = partition_dir(&arena, topics, topic, i);
        const char *deleted = lv_arena_printf(&arena, "%s" DELETED_SUFFIX, dir);
        remove_dir(&arena, deleted);
        if (rename(dir, deleted) != 0)
            lv_log(LV_LOG_ERROR, "hub", "cannot rename %s: %s", dir, strerrordesc_np(errno));
    }
    erase_topic(topics, topic);
    free_topic(topic, false);
    lv_status status = save_meta(topics, err);
    remove_deleted(topics);
    lv_arena_release(&arena);
    return status == LV_OK ? LV_KAFKA_ERROR_NONE : LV_KAFKA_ERROR_KAFKA_STORAGE_ERROR;
}

int64_t lv_topics_take_producer_id(lv_topics *topics, lv_error *err)
{
    if (topics->next_producer_id == topics->producer_ids_end) {
        topics->producer_ids_end += PRODUCER_ID_BLOCK;
        if (save_meta(topics, err) != LV_OK) {
            topics->producer_ids_end -= PRODUCER_ID_BLOCK;
            return -1;
        }
    }
    return topics->next_producer_id++;
}
