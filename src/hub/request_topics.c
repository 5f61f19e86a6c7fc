/* request_topics.c: Metadata and the administration of topics. */
#include <inttypes.h>

#include "base/check.h"
#include "base/log.h"
#include "base/vec.h"
#include "hub/broker_int.h"

enum { RESOURCE_TOPIC = 2, RESOURCE_BROKER = 4 };
enum { SOURCE_TOPIC = 1, SOURCE_STATIC_BROKER = 4 };

/* The error's text in the arena, for answers; null when there is none. */
static lv_str error_text(lv_arena *arena, const lv_error *err)
{
    return err->status == LV_OK ? LV_STR_NONE : lv_str_dup(arena, lv_str_of(err->message));
}

/* ---- Metadata -------------------------------------------------------------------------------- */

static void describe_topic(lv_arena *arena, const lv_topic *topic, lv_kafka_metadata_topic *out)
{
    lv_kafka_metadata_partition *partitions =
        LV_NEW_ARRAY(arena, lv_kafka_metadata_partition, topic->partition_count);
    int32_t *this_node = LV_NEW(arena, int32_t);
    *this_node = LV_BROKER_NODE_ID;
    for (int32_t i = 0; i < topic->partition_count; i++)
        partitions[i] = (lv_kafka_metadata_partition){
            .partition = i,
            .leader_id = LV_BROKER_NODE_ID,
            .leader_epoch = LV_BROKER_LEADER_EPOCH,
            .replicas = {this_node, 1},
            .isr = {this_node, 1},
        };
    *out = lv_kafka_metadata_topic_default();
    out->name = lv_str_of(topic->name);
    out->partitions.at = partitions;
    out->partitions.count = topic->partition_count;
}

/* A topic that a client asks for by name; made if it may be. */
static void find_topic(const lv_exchange *exchange, lv_str name, bool may_create,
                       lv_kafka_metadata_topic *out)
{
    lv_topics *topics = &exchange->broker->topics;
    lv_error err = LV_ERROR_INIT;
    *out = lv_kafka_metadata_topic_default();
    out->name = name;
    if (!lv_topic_name_is_valid(name)) {
        out->error_code = LV_KAFKA_ERROR_INVALID_TOPIC_EXCEPTION;
        return;
    }
    if (may_create && lv_topics_get(topics, name) == NULL) {
        out->error_code = lv_topics_create(topics, name, exchange->broker->options.partitions,
                                           &topics->defaults, 0, &err);
        if (out->error_code != LV_KAFKA_ERROR_NONE)
            lv_log(LV_LOG_ERROR, "hub", "cannot make topic %.*s: %s", LV_STR_ARG(name),
                   err.message);
    }
    const lv_topic *topic = lv_topics_get(topics, name);
    if (topic)
        describe_topic(exchange->arena, topic, out);
    else if (out->error_code == LV_KAFKA_ERROR_NONE)
        out->error_code = LV_KAFKA_ERROR_UNKNOWN_TOPIC_OR_PARTITION;
}

lv_served lv_handle_metadata(const lv_exchange *exchange)
{
    const lv_kafka_metadata_request *request = exchange->request;
    const lv_topics *topics = &exchange->broker->topics;
    lv_kafka_metadata_broker broker = {.node_id = LV_BROKER_NODE_ID,
                                       .host = lv_str_of(exchange->session->host),
                                       .port = exchange->session->port};
    lv_kafka_metadata_response response = lv_kafka_metadata_response_default();
    response.brokers.at = &broker;
    response.brokers.count = 1;
    response.cluster_id = lv_str_of(topics->cluster_id);
    response.controller_id = LV_BROKER_NODE_ID;
    bool all = request->topics.count < 0 ||
               (request->topics.count == 0 && exchange->header.api_version == 0);
    int32_t count = all ? (int32_t)topics->count : request->topics.count;
    response.topics.at = LV_NEW_ARRAY(exchange->arena, lv_kafka_metadata_topic, count);
    response.topics.count = count;
    for (int32_t i = 0; i < count; i++) {
        if (all)
            describe_topic(exchange->arena, topics->at[i], &response.topics.at[i]);
        else
            find_topic(exchange, request->topics.at[i].name,
                       exchange->broker->options.auto_create && request->allow_auto_topic_creation,
                       &response.topics.at[i]);
    }
    lv_exchange_answer(exchange, &response);
    return LV_SERVED;
}

/* ---- CreateTopics, DeleteTopics -------------------------------------------------------------- */

/* Replicas can only be on this node, in whichever way they are asked for. */
static int16_t check_placement(const lv_kafka_create_topics_topic *topic)
{
    if (topic->assignments.count > 0 &&
        (topic->num_partitions != -1 || topic->replication_factor != -1))
        return LV_KAFKA_ERROR_INVALID_REQUEST;
    for (int32_t i = 0; i < topic->assignments.count; i++) {
        const lv_kafka_create_topics_assignment *assignment = &topic->assignments.at[i];
        if (assignment->partition != i || assignment->broker_ids.count != 1 ||
            assignment->broker_ids.at[0] != LV_BROKER_NODE_ID)
            return LV_KAFKA_ERROR_INVALID_REPLICA_ASSIGNMENT;
    }
    if (topic->replication_factor != 1 && topic->replication_factor != -1)
        return LV_KAFKA_ERROR_INVALID_REPLICATION_FACTOR;
    return LV_KAFKA_ERROR_NONE;
}

static int16_t create_topic(const lv_exchange *exchange, const lv_kafka_create_topics_topic *topic,
                            bool validate_only, lv_error *err)
{
    lv_topics *topics = &exchange->broker->topics;
    lv_topic_config config = topics->defaults;
    uint32_t config_set = 0;
    if (!lv_topic_name_is_valid(topic->name))
        return LV_KAFKA_ERROR_INVALID_TOPIC_EXCEPTION;
    int16_t error_code = check_placement(topic);
    for (int32_t i = 0; i < topic->configs.count && error_code == LV_KAFKA_ERROR_NONE; i++) {
        lv_str name = topic->configs.at[i].name;
        lv_str value = topic->configs.at[i].value;
        error_code = lv_topic_config_set(&config, &config_set, name, value);
        if (error_code != LV_KAFKA_ERROR_NONE)
            lv_error_set(err, LV_USAGE, __FILE__, __LINE__, "the hub has no setting %.*s=%.*s",
                         LV_STR_ARG(name), LV_STR_ARG(value));
    }
    if (error_code != LV_KAFKA_ERROR_NONE)
        return error_code;
    int32_t count = topic->assignments.count > 0  ? topic->assignments.count
                    : topic->num_partitions == -1 ? exchange->broker->options.partitions
                                                  : topic->num_partitions;
    if (validate_only)
        return lv_topics_get(topics, topic->name) ? LV_KAFKA_ERROR_TOPIC_ALREADY_EXISTS
                                                  : LV_KAFKA_ERROR_NONE;
    return lv_topics_create(topics, topic->name, count, &config, config_set, err);
}

lv_served lv_handle_create_topics(const lv_exchange *exchange)
{
    const lv_kafka_create_topics_request *request = exchange->request;
    int32_t count = LV_MAX(request->topics.count, 0);
    lv_kafka_create_topics_result *results =
        LV_NEW_ARRAY(exchange->arena, lv_kafka_create_topics_result, count);
    for (int32_t i = 0; i < count; i++) {
        lv_error err = LV_ERROR_INIT;
        results[i].name = request->topics.at[i].name;
        results[i].error_code =
            create_topic(exchange, &request->topics.at[i], request->validate_only, &err);
        results[i].error_message = error_text(exchange->arena, &err);
    }
    lv_kafka_create_topics_response response = {.topics = {results, count}};
    lv_exchange_answer(exchange, &response);
    return LV_SERVED;
}

/* Takes the topic's partitions out of everything that points to them. */
static void forget_topic(lv_broker *broker, const lv_topic *topic)
{
    for (int32_t i = 0; i < topic->partition_count; i++) {
        lv_broker_forget(broker, topic->partitions[i]);
        lv_fetches_wake(broker, topic->partitions[i]);
    }
}

lv_served lv_handle_delete_topics(const lv_exchange *exchange)
{
    const lv_kafka_delete_topics_request *request = exchange->request;
    lv_topics *topics = &exchange->broker->topics;
    int32_t count = LV_MAX(request->topic_names.count, 0);
    lv_kafka_delete_topics_result *results =
        LV_NEW_ARRAY(exchange->arena, lv_kafka_delete_topics_result, count);
    for (int32_t i = 0; i < count; i++) {
        lv_error err = LV_ERROR_INIT;
        results[i].name = request->topic_names.at[i];
        const lv_topic *topic = lv_topics_get(topics, results[i].name);
        if (topic)
            forget_topic(exchange->broker, topic);
        results[i].error_code = lv_topics_delete(topics, results[i].name, &err);
        if (err.status != LV_OK)
            lv_log(LV_LOG_ERROR, "hub", "%s", err.message);
    }
    lv_kafka_delete_topics_response response = {.responses = {results, count}};
    lv_exchange_answer(exchange, &response);
    return LV_SERVED;
}

/* ---- DescribeConfigs ------------------------------------------------------------------------- */

typedef LV_VEC(lv_kafka_describe_configs_entry) entry_list;

static bool is_wanted(const lv_kafka_describe_configs_resource *resource, lv_str name)
{
    for (int32_t i = 0; i < resource->configuration_keys.count; i++) {
        if (lv_str_eq(resource->configuration_keys.at[i], name))
            return true;
    }
    return resource->configuration_keys.count < 0;
}

static void describe_topic_configs(const lv_exchange *exchange,
                                   const lv_kafka_describe_configs_resource *resource,
                                   const lv_topic *topic, entry_list *entries)
{
    lv_sbuf text = LV_SBUF_INIT;
    size_t count;
    const lv_topic_setting *settings = lv_topic_settings(&count);
    for (size_t i = 0; i < count; i++) {
        if (!is_wanted(resource, lv_str_of(settings[i].name)))
            continue;
        lv_sbuf_clear(&text);
        lv_topic_setting_print(&topic->config, &settings[i], &text);
        lv_kafka_describe_configs_entry entry = lv_kafka_describe_configs_entry_default();
        entry.name = lv_str_of(settings[i].name);
        entry.value = lv_str_dup(exchange->arena, lv_sbuf_str(&text));
        entry.source = topic->config_set >> i & 1 ? SOURCE_TOPIC : SOURCE_STATIC_BROKER;
        entry.is_default = entry.source != SOURCE_TOPIC;
        LV_VEC_PUSH(exchange->arena, *entries, entry);
    }
    lv_sbuf_release(&text);
}

static void describe_broker_configs(const lv_exchange *exchange,
                                    const lv_kafka_describe_configs_resource *resource,
                                    entry_list *entries)
{
    const lv_hub_options *options = &exchange->broker->options;
    const struct {
        const char *name;
        const char *value;
    } rows[] = {
        {"auto.create.topics.enable", options->auto_create ? "true" : "false"},
        {"default.replication.factor", "1"},
        {"num.partitions", lv_arena_printf(exchange->arena, "%" PRId32, options->partitions)},
    };
    for (size_t i = 0; i < LV_COUNT_OF(rows); i++) {
        if (!is_wanted(resource, lv_str_of(rows[i].name)))
            continue;
        lv_kafka_describe_configs_entry entry = lv_kafka_describe_configs_entry_default();
        entry.name = lv_str_of(rows[i].name);
        entry.value = lv_str_of(rows[i].value);
        entry.source = SOURCE_STATIC_BROKER;
        entry.read_only = true;
        LV_VEC_PUSH(exchange->arena, *entries, entry);
    }
}

static void describe_resource(const lv_exchange *exchange,
                              const lv_kafka_describe_configs_resource *resource,
                              lv_kafka_describe_configs_result *result)
{
    entry_list entries = {0};
    result->resource_type = resource->resource_type;
    result->resource_name = resource->resource_name;
    const lv_topic *topic = lv_topics_get(&exchange->broker->topics, resource->resource_name);
    if (resource->resource_type == RESOURCE_TOPIC && topic)
        describe_topic_configs(exchange, resource, topic, &entries);
    else if (resource->resource_type == RESOURCE_TOPIC)
        result->error_code = LV_KAFKA_ERROR_UNKNOWN_TOPIC_OR_PARTITION;
    else if (resource->resource_type == RESOURCE_BROKER)
        describe_broker_configs(exchange, resource, &entries);
    else
        result->error_code = LV_KAFKA_ERROR_INVALID_REQUEST;
    result->configs.at = entries.at;
    result->configs.count = (int32_t)entries.count;
}

lv_served lv_handle_describe_configs(const lv_exchange *exchange)
{
    const lv_kafka_describe_configs_request *request = exchange->request;
    int32_t count = LV_MAX(request->resources.count, 0);
    lv_kafka_describe_configs_result *results =
        LV_NEW_ARRAY(exchange->arena, lv_kafka_describe_configs_result, count);
    for (int32_t i = 0; i < count; i++)
        describe_resource(exchange, &request->resources.at[i], &results[i]);
    lv_kafka_describe_configs_response response = {.results = {results, count}};
    lv_exchange_answer(exchange, &response);
    return LV_SERVED;
}
