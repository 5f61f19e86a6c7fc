/* kafka_options.c: see kafka_options.h. Option names are Spark's, without case. */
#include "conn/kafka_options.h"

#include <stdlib.h>

#include "base/vec.h"
#include "json/json.h"

/* ---- offsets --------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    const lv_topic_offset *x = a, *y = b;
    int c = lv_str_cmp(x->topic, y->topic);
    return c ? c : (x->partition > y->partition) - (x->partition < y->partition);
}

void lv_topic_offsets_sort(lv_topic_offsets *offsets)
{
    if (offsets->count > 1)
        qsort(offsets->at, (size_t)offsets->count, sizeof offsets->at[0], compare);
}

const lv_topic_offset *lv_topic_offsets_find(const lv_topic_offsets *offsets, lv_str topic,
                                             int32_t partition)
{
    lv_topic_offset key = {topic, partition, 0};
    return offsets->count ? bsearch(&key, offsets->at, (size_t)offsets->count, sizeof key, compare)
                          : NULL;
}

static lv_status bad_offsets(lv_str json, const char *what, lv_error *err)
{
    return LV_FAIL(
        err, LV_USAGE,
        "%s is not of the form {\"topicA\":{\"0\":23,\"1\":-1},\"topicB\":{\"0\":-2}}: %.*s", what,
        (int)LV_MIN(json.len, 200), json.ptr);
}

lv_status lv_topic_offsets_parse(lv_arena *arena, lv_str json, const char *what,
                                 lv_topic_offsets *offsets, lv_error *err)
{
    lv_json *root;
    LV_VEC(lv_topic_offset) found = {0};
    if (lv_json_parse(arena, json, &root, NULL) != LV_OK || root->kind != LV_JSON_OBJECT)
        return bad_offsets(json, what, err);
    for (int t = 0; t < root->count; t++) {
        const lv_json *partitions = &root->items[t];
        if (partitions->kind != LV_JSON_OBJECT)
            return bad_offsets(json, what, err);
        for (int p = 0; p < partitions->count; p++) {
            int64_t partition, offset;
            if (!lv_str_to_i64(partitions->keys[p], &partition) || partition < 0 ||
                partition > INT32_MAX || !lv_json_to_i64(&partitions->items[p], &offset))
                return bad_offsets(json, what, err);
            lv_topic_offset one = {lv_str_dup(arena, root->keys[t]), (int32_t)partition, offset};
            LV_VEC_PUSH(arena, found, one);
        }
    }
    offsets->at = found.at;
    offsets->count = (int)found.count;
    lv_topic_offsets_sort(offsets);
    return LV_OK;
}

void lv_topic_offsets_print(const lv_topic_offsets *offsets, lv_sbuf *out)
{
    lv_sbuf_add_char(out, '{');
    for (int i = 0; i < offsets->count; i++) {
        const lv_topic_offset *o = &offsets->at[i];
        bool first = i == 0 || !lv_str_eq(offsets->at[i - 1].topic, o->topic);
        if (first) {
            lv_sbuf_add_cstr(out, i ? "}," : "");
            lv_sbuf_add_json_string(out, o->topic);
            lv_sbuf_add_cstr(out, ":{");
        }
        lv_sbuf_printf(out, "%s\"%d\":%lld", first ? "" : ",", o->partition, (long long)o->offset);
    }
    lv_sbuf_add_cstr(out, offsets->count ? "}}" : "}");
}

/* ---- options --------------------------------------------------------------------------------- */

static lv_status unsupported(const char *name, lv_str value, const char *instead, lv_error *err)
{
    return LV_FAIL(err, LV_UNSUPPORTED_FEATURE,
                   "Kafka source option %s => '%.*s' is not supported yet%s%s", name,
                   LV_STR_ARG(value), *instead ? "; " : "", instead);
}

static lv_status read_bool(const lv_options *o, const char *name, bool otherwise, bool *out,
                           lv_error *err)
{
    lv_str text = lv_option_get(o, name, otherwise ? LV_STR("true") : LV_STR("false"));
    bool yes = lv_str_eq_nocase(text, LV_STR("true"));
    if (!yes && !lv_str_eq_nocase(text, LV_STR("false")))
        return LV_FAIL(err, LV_USAGE, "Kafka source option %s is true or false, not '%.*s'", name,
                       LV_STR_ARG(text));
    *out = yes;
    return LV_OK;
}

/* The value of key="..." in a JAAS configuration; \" and \\ stand for themselves. */
static lv_str jaas_value(lv_arena *arena, lv_str jaas, const char *key)
{
    lv_str name = lv_str_of(lv_arena_printf(arena, "%s=\"", key));
    for (size_t i = 0; i + name.len < jaas.len; i++) {
        if (!lv_str_starts(lv_str_sub(jaas, i, jaas.len - i), name))
            continue;
        char *value = lv_arena_alloc(arena, jaas.len);
        size_t n = 0;
        for (size_t k = i + name.len; k < jaas.len && jaas.ptr[k] != '"'; k++) {
            if (jaas.ptr[k] == '\\' && k + 1 < jaas.len)
                k++;
            value[n++] = jaas.ptr[k];
        }
        return (lv_str){value, n};
    }
    return LV_STR_NONE;
}

/* kafka.security.protocol, kafka.sasl.mechanism and kafka.sasl.jaas.config, in their Java form. */
static lv_status read_security(lv_arena *arena, const lv_options *o, lv_kafka_options *client,
                               lv_error *err)
{
    lv_str protocol = lv_option_get(o, "kafka.security.protocol", LV_STR("PLAINTEXT"));
    if (lv_str_eq_nocase(protocol, LV_STR("PLAINTEXT")))
        return LV_OK;
    if (!lv_str_eq_nocase(protocol, LV_STR("SASL_PLAINTEXT")))
        return unsupported("kafka.security.protocol", protocol, "PLAINTEXT and SASL_PLAINTEXT are",
                           err);
    lv_str mechanism = lv_option_get(o, "kafka.sasl.mechanism", LV_STR("GSSAPI"));
    if (!lv_str_eq_nocase(mechanism, LV_STR("PLAIN")))
        return unsupported("kafka.sasl.mechanism", mechanism, "PLAIN is", err);
    lv_str jaas = lv_option_get(o, "kafka.sasl.jaas.config", LV_STR_NONE);
    client->sasl_plain = true;
    client->sasl_username = jaas_value(arena, jaas, "username");
    client->sasl_password = jaas_value(arena, jaas, "password");
    if (client->sasl_username.ptr == NULL || client->sasl_password.ptr == NULL)
        return LV_FAIL(err, LV_USAGE,
                       "kafka.sasl.jaas.config must hold PlainLoginModule required "
                       "username=\"...\" password=\"...\";");
    return LV_OK;
}

/* Transactions are not looked at, so only what Spark does by default can be had. */
static lv_status read_isolation(const lv_options *o, lv_error *err)
{
    lv_str level = lv_option_get(o, "kafka.isolation.level", LV_STR("read_uncommitted"));
    if (lv_str_eq_nocase(level, LV_STR("read_uncommitted")))
        return LV_OK;
    return unsupported("kafka.isolation.level", level, "read_uncommitted is", err);
}

static lv_status read_subscribe(lv_arena *arena, lv_str list, lv_kafka_source_options *out,
                                lv_error *err)
{
    LV_VEC(lv_str) topics = {0};
    lv_str part;
    while (lv_str_split(&list, ',', &part)) {
        lv_str topic = lv_str_trim(part);
        bool is_new = topic.len > 0;
        for (size_t i = 0; i < topics.count && is_new; i++)
            is_new = !lv_str_eq(topics.at[i], topic);
        if (is_new)
            LV_VEC_PUSH(arena, topics, lv_str_dup(arena, topic));
    }
    if (topics.count == 0)
        return LV_FAIL(err, LV_USAGE, "no topics to subscribe to: option subscribe is empty");
    out->topics = topics.at;
    out->topic_count = (int)topics.count;
    return LV_OK;
}

/* assign: {"topic":[0,1]} */
static lv_status read_assign(lv_arena *arena, lv_str json, lv_kafka_source_options *out,
                             lv_error *err)
{
    lv_json *root;
    LV_VEC(lv_topic_offset) assigned = {0};
    LV_VEC(lv_str) topics = {0};
    bool ok = lv_json_parse(arena, lv_str_dup(arena, json), &root, NULL) == LV_OK &&
              root->kind == LV_JSON_OBJECT;
    for (int t = 0; ok && t < root->count; t++) {
        LV_VEC_PUSH(arena, topics, root->keys[t]);
        ok = root->items[t].kind == LV_JSON_ARRAY;
        for (int p = 0; ok && p < root->items[t].count; p++) {
            int64_t partition;
            ok = lv_json_to_i64(&root->items[t].items[p], &partition) && partition >= 0 &&
                 partition <= INT32_MAX;
            if (ok)
                LV_VEC_PUSH(arena, assigned,
                            (lv_topic_offset){root->keys[t], (int32_t)partition, 0});
        }
    }
    if (!ok || assigned.count == 0)
        return LV_FAIL(err, LV_USAGE,
                       "option assign is not of the form {\"topicA\":[0,1],\"topicB\":[2,4]}: %.*s",
                       (int)LV_MIN(json.len, 200), json.ptr);
    out->is_assign = true;
    out->assigned = (lv_topic_offsets){assigned.at, (int)assigned.count};
    lv_topic_offsets_sort(&out->assigned);
    out->topics = topics.at;
    out->topic_count = (int)topics.count;
    return LV_OK;
}

static lv_status read_strategy(lv_arena *arena, const lv_options *o, lv_kafka_source_options *out,
                               lv_error *err)
{
    lv_str subscribe = lv_option_get(o, "subscribe", LV_STR_NONE),
           assign = lv_option_get(o, "assign", LV_STR_NONE);
    lv_str pattern = lv_option_get(o, "subscribePattern", LV_STR_NONE);
    int given = (subscribe.ptr != NULL) + (assign.ptr != NULL) + (pattern.ptr != NULL);
    if (given == 0)
        return LV_FAIL(err, LV_REQUIRED_PARAMETER_NOT_FOUND,
                       "one of the options subscribe, subscribePattern and assign must be given "
                       "for a Kafka source");
    if (given > 1)
        return LV_FAIL(err, LV_USAGE,
                       "only one of the options subscribe, subscribePattern and assign can be "
                       "given for a Kafka source");
    if (pattern.ptr != NULL)
        return unsupported("subscribePattern", pattern, "name the topics with subscribe", err);
    LV_TRY(subscribe.ptr ? read_subscribe(arena, subscribe, out, err)
                         : read_assign(arena, assign, out, err));
    lv_sbuf text = LV_SBUF_INIT;
    lv_sbuf_add_cstr(&text, subscribe.ptr ? "KafkaV2[Subscribe[" : "KafkaV2[Assign[");
    for (int i = 0; i < out->topic_count; i++)
        lv_sbuf_printf(&text, "%s%.*s", i ? ", " : "", LV_STR_ARG(out->topics[i]));
    lv_sbuf_add_cstr(&text, "]]");
    out->description = lv_str_dup(arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return LV_OK;
}

/* startingTimestamp, then startingOffsetsByTimestamp, then startingOffsets: the first that is given
 * counts. */
static lv_status read_start(lv_arena *arena, const lv_options *o, lv_kafka_source_options *out,
                            lv_error *err)
{
    lv_str time = lv_option_get(o, "startingTimestamp", LV_STR_NONE),
           times = lv_option_get(o, "startingOffsetsByTimestamp", LV_STR_NONE);
    lv_str offsets = lv_option_get(o, "startingOffsets", LV_STR("latest"));
    lv_str strategy = lv_option_get(o, "startingOffsetsByTimestampStrategy", LV_STR("error"));
    out->latest_without_match = lv_str_eq_nocase(strategy, LV_STR("latest"));
    if (!out->latest_without_match && !lv_str_eq_nocase(strategy, LV_STR("error")))
        return LV_FAIL(err, LV_USAGE,
                       "startingOffsetsByTimestampStrategy is error or latest, not '%.*s'",
                       LV_STR_ARG(strategy));
    out->start_time_ms = -1;
    if (time.ptr != NULL) {
        out->start = LV_KAFKA_START_TIMES;
        if (!lv_str_to_i64(lv_str_trim(time), &out->start_time_ms) || out->start_time_ms < 0)
            return LV_FAIL(err, LV_USAGE,
                           "startingTimestamp is a number of milliseconds, not '%.*s'",
                           LV_STR_ARG(time));
        return LV_OK;
    }
    if (times.ptr != NULL) {
        out->start = LV_KAFKA_START_TIMES;
        return lv_topic_offsets_parse(arena, lv_str_dup(arena, times), "startingOffsetsByTimestamp",
                                      &out->start_offsets, err);
    }
    out->start = lv_str_eq_nocase(lv_str_trim(offsets), LV_STR("earliest"))
                     ? LV_KAFKA_START_EARLIEST
                     : LV_KAFKA_START_LATEST;
    if (out->start == LV_KAFKA_START_EARLIEST ||
        lv_str_eq_nocase(lv_str_trim(offsets), LV_STR("latest")))
        return LV_OK;
    out->start = LV_KAFKA_START_OFFSETS;
    LV_TRY(lv_topic_offsets_parse(arena, lv_str_dup(arena, offsets), "startingOffsets",
                                  &out->start_offsets, err));
    for (int i = 0; i < out->start_offsets.count; i++)
        if (out->start_offsets.at[i].offset < -2)
            return bad_offsets(offsets, "startingOffsets", err);
    return LV_OK;
}

/* Options that only mean something for the Java client or for batch queries, and are harmless here.
 */
static bool is_ignorable(lv_str name)
{
    static const char *const known[] = {"bootstrapServers",
                                        "kafka.bootstrap.servers",
                                        "subscribe",
                                        "assign",
                                        "subscribePattern",
                                        "startingOffsets",
                                        "startingTimestamp",
                                        "startingOffsetsByTimestamp",
                                        "startingOffsetsByTimestampStrategy",
                                        "maxOffsetsPerTrigger",
                                        "failOnDataLoss",
                                        "includeHeaders",
                                        "minPartitions",
                                        "groupIdPrefix",
                                        "fetchOffset.numRetries",
                                        "fetchOffset.retryIntervalMs",
                                        "kafkaConsumer.pollTimeoutMs",
                                        "maxRecordsPerPartition"};
    for (size_t i = 0; i < LV_COUNT_OF(known); i++)
        if (lv_str_eq_nocase(name, lv_str_of(known[i])))
            return true;
    return name.len > 6 && lv_str_eq_nocase(lv_str_sub(name, 0, 6), LV_STR("kafka."));
}

static lv_status refuse_others(const lv_options *o, lv_error *err)
{
    static const char *const later[] = {
        "minOffsetsPerTrigger", "maxTriggerDelay",          "endingOffsets",
        "endingTimestamp",      "endingOffsetsByTimestamp", "serviceCredential"};
    static const char *const never[] = {"kafka.auto.offset.reset", "kafka.key.deserializer",
                                        "kafka.value.deserializer", "kafka.enable.auto.commit",
                                        "kafka.interceptor.classes"};
    for (int i = 0; i < o->count; i++) {
        lv_str name = o->items[i].name;
        for (size_t k = 0; k < LV_COUNT_OF(later); k++)
            if (lv_str_eq_nocase(name, lv_str_of(later[k])))
                return unsupported(later[k], o->items[i].value, "", err);
        for (size_t k = 0; k < LV_COUNT_OF(never); k++)
            if (lv_str_eq_nocase(name, lv_str_of(never[k])))
                return LV_FAIL(err, LV_USAGE,
                               "Kafka option '%s' is not supported: the source sets it itself",
                               never[k] + 6);
        if (!is_ignorable(name)) {
            lv_status status = LV_FAIL(err, LV_UNRECOGNIZED_PARAMETER_NAME,
                                       "read_kafka has no option '%.*s'", LV_STR_ARG(name));
            lv_error_at(err, o->items[i].sql_offset, (int64_t)name.len);
            return status;
        }
    }
    return LV_OK;
}

/* A number that may be 0. */
static lv_status read_count(const lv_options *o, const char *name, int64_t otherwise, int64_t *out,
                            lv_error *err)
{
    lv_str text = lv_option_get(o, name, LV_STR_NONE);
    *out = otherwise;
    if (text.ptr == NULL)
        return LV_OK;
    if (!lv_str_to_i64(lv_str_trim(text), out) || *out < 0 || *out > INT32_MAX)
        return LV_FAIL(err, LV_USAGE, "option %s is a number, not '%.*s'", name, LV_STR_ARG(text));
    return LV_OK;
}

static lv_status read_patience(const lv_options *o, int64_t *patience_ms, lv_error *err)
{
    int64_t retries, interval_ms;
    LV_TRY(read_count(o, "fetchOffset.numRetries", 3, &retries, err));
    LV_TRY(read_count(o, "fetchOffset.retryIntervalMs", 1000, &interval_ms, err));
    *patience_ms = LV_MIN(retries * interval_ms, INT32_MAX);
    return LV_OK;
}

lv_status lv_kafka_source_options_read(lv_arena *arena, const lv_options *o,
                                       lv_kafka_source_options *out, lv_error *err)
{
    *out = (lv_kafka_source_options){0};
    LV_TRY(refuse_others(o, err));
    lv_str servers = lv_option_get(o, "bootstrapServers",
                                   lv_option_get(o, "kafka.bootstrap.servers", LV_STR_NONE));
    if (servers.len == 0)
        return LV_FAIL(
            err, LV_REQUIRED_PARAMETER_NOT_FOUND,
            "option bootstrapServers (kafka.bootstrap.servers) must be given for a Kafka source");
    out->client.bootstrap_servers = lv_str_dup(arena, servers);
    out->client.client_id = lv_str_dup(arena, lv_option_get(o, "kafka.client.id", LV_STR("")));
    LV_TRY(read_security(arena, o, &out->client, err));
    LV_TRY(read_isolation(o, err));
    LV_TRY(read_strategy(arena, o, out, err));
    LV_TRY(read_start(arena, o, out, err));
    LV_TRY(read_patience(o, &out->patience_ms, err));
    LV_TRY(read_bool(o, "failOnDataLoss", true, &out->fail_on_data_loss, err));
    LV_TRY(read_bool(o, "includeHeaders", false, &out->include_headers, err));
    if (out->include_headers)
        return unsupported("includeHeaders", LV_STR("true"), "", err);
    lv_str limit = lv_option_get(o, "maxOffsetsPerTrigger", LV_STR_NONE);
    if (limit.ptr != NULL && (!lv_str_to_i64(lv_str_trim(limit), &out->max_offsets_per_trigger) ||
                              out->max_offsets_per_trigger <= 0))
        return LV_FAIL(err, LV_USAGE, "maxOffsetsPerTrigger is a number above 0, not '%.*s'",
                       LV_STR_ARG(limit));
    return LV_OK;
}
