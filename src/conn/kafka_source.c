/* kafka_source.c: Spark's Kafka source: offsets, limits, splits, and readers that hand out columns.
 */
#include <math.h>
#include <stdlib.h>

#include "base/check.h"
#include "conn/conn_int.h"
#include "conn/kafka_options.h"
#include "kafka/fetcher.h"
#include "os/os.h"

enum {
    METADATA_AGE_MAX_NS = 1000000000, /* new partitions are seen within a second */
    UNKNOWN_TOPIC_PAUSE_US = 50000,
};

typedef struct kafka_source {
    lv_source base;
    lv_arena arena; /* options */
    lv_kafka_source_options options;
    lv_kafka_client *client;
    lv_kafka_client *waiter; /* its connections are held by long polls */
    lv_arena work;           /* of one call */
    lv_arena topics_arena;
    lv_topic_offsets partitions; /* known partitions; offsets unused */
    int64_t partitions_ns;       /* when they were asked for */
    lv_arena frozen_arena;
    lv_topic_offsets frozen; /* available now: the newest offsets there will be */
    bool is_frozen;
    bool no_limit;
} kafka_source;

/* ---- schema and life ------------------------------------------------------------------------- */

enum {
    COLUMN_KEY,
    COLUMN_VALUE,
    COLUMN_TOPIC,
    COLUMN_PARTITION,
    COLUMN_OFFSET,
    COLUMN_TIMESTAMP,
    COLUMN_TIMESTAMP_TYPE,
    COLUMN_COUNT
};

static const lv_type *kafka_schema(lv_arena *arena)
{
    const lv_field fields[COLUMN_COUNT] = {
        [COLUMN_KEY] = {LV_STR("key"), lv_type_of(LV_TYPE_BINARY), true, LV_STR_NONE},
        [COLUMN_VALUE] = {LV_STR("value"), lv_type_of(LV_TYPE_BINARY), true, LV_STR_NONE},
        [COLUMN_TOPIC] = {LV_STR("topic"), lv_type_of(LV_TYPE_STRING), true, LV_STR_NONE},
        [COLUMN_PARTITION] = {LV_STR("partition"), lv_type_of(LV_TYPE_INT), true, LV_STR_NONE},
        [COLUMN_OFFSET] = {LV_STR("offset"), lv_type_of(LV_TYPE_BIGINT), true, LV_STR_NONE},
        [COLUMN_TIMESTAMP] = {LV_STR("timestamp"), lv_type_of(LV_TYPE_TIMESTAMP), true,
                              LV_STR_NONE},
        [COLUMN_TIMESTAMP_TYPE] = {LV_STR("timestampType"), lv_type_of(LV_TYPE_INT), true,
                                   LV_STR_NONE}};
    return lv_type_struct(arena, fields, COLUMN_COUNT);
}

static lv_status kafka_schema_of(lv_arena *arena, const lv_options *options, const char *log_dir,
                                 const lv_type **schema, lv_error *err)
{
    lv_kafka_source_options checked;
    LV_TRY(lv_kafka_source_options_read(arena, options, &checked, err));
    *schema = kafka_schema(arena);
    return LV_OK;
}

static void kafka_close(lv_source *base);

static lv_status kafka_open(const lv_options *options, const lv_source_context *context,
                            lv_source **source, lv_error *err)
{
    kafka_source *s = calloc(1, sizeof *s);
    LV_ASSERT(s != NULL);
    lv_arena_init(&s->arena);
    lv_arena_init(&s->work);
    lv_arena_init(&s->topics_arena);
    lv_arena_init(&s->frozen_arena);
    lv_status status = lv_kafka_source_options_read(&s->arena, options, &s->options, err);
    if (status != LV_OK) {
        kafka_close(&s->base);
        return status;
    }
    s->client = lv_kafka_client_new(&s->options.client);
    s->waiter = lv_kafka_client_new(&s->options.client);
    *source = &s->base;
    return LV_OK;
}

static void kafka_close(lv_source *base)
{
    kafka_source *s = (kafka_source *)base;
    lv_kafka_client_free(s->client);
    lv_kafka_client_free(s->waiter);
    lv_arena_release(&s->frozen_arena);
    lv_arena_release(&s->topics_arena);
    lv_arena_release(&s->work);
    lv_arena_release(&s->arena);
    free(s);
}

static lv_str kafka_description(const lv_source *base)
{
    const kafka_source *s = (const kafka_source *)base;
    return s->options.description;
}

/* ---- offsets --------------------------------------------------------------------------------- */

/* The topics as the cluster has them now. One that is not there may be about to be made, so it is asked
 * for again for a while, as KafkaOffsetReaderAdmin.withRetries does. */
static lv_status find_topics(kafka_source *s, lv_kafka_topic *topics, lv_error *err)
{
    const lv_kafka_source_options *o = &s->options;
    int64_t deadline_ns = lv_mono_ns() + o->patience_ms * 1000000;
    for (;;) {
        lv_error own = LV_ERROR_INIT;
        lv_status status = lv_kafka_get_topics(s->client, &s->work, o->topics, o->topic_count,
                                               false, topics, &own);
        if (status == LV_UNKNOWN_TOPIC && lv_mono_ns() < deadline_ns) {
            lv_sleep_us(UNKNOWN_TOPIC_PAUSE_US);
            continue;
        }
        if (status != LV_OK && err != NULL && err->status == LV_OK)
            *err = own;
        return status;
    }
}

/* The partitions to read. */
static lv_status find_partitions(kafka_source *s, lv_error *err)
{
    if (s->partitions_ns > 0 && lv_mono_ns() - s->partitions_ns < METADATA_AGE_MAX_NS)
        return LV_OK;
    const lv_kafka_source_options *o = &s->options;
    lv_kafka_topic *topics = LV_NEW_ARRAY(&s->work, lv_kafka_topic, o->topic_count);
    LV_TRY(find_topics(s, topics, err));
    int total = 0;
    for (int t = 0; t < o->topic_count; t++)
        total += topics[t].count;
    lv_arena_reset(&s->topics_arena);
    s->partitions = (lv_topic_offsets){LV_NEW_ARRAY(&s->topics_arena, lv_topic_offset, total), 0};
    for (int t = 0; t < o->topic_count; t++)
        for (int p = 0; p < topics[t].count; p++) {
            int32_t partition = topics[t].partitions[p].partition;
            if (!o->is_assign ||
                lv_topic_offsets_find(&o->assigned, o->topics[t], partition) != NULL)
                s->partitions.at[s->partitions.count++] =
                    (lv_topic_offset){o->topics[t], partition, 0};
        }
    lv_topic_offsets_sort(&s->partitions);
    s->partitions_ns = lv_mono_ns();
    return LV_OK;
}

/* Offsets of all partitions at a time (-1 latest, -2 earliest), in `arena`. */
static lv_status list_offsets(kafka_source *s, lv_arena *arena, int64_t timestamp,
                              lv_topic_offsets *out, lv_error *err)
{
    int n = s->partitions.count;
    lv_kafka_position *positions = LV_NEW_ARRAY(&s->work, lv_kafka_position, n);
    for (int i = 0; i < n; i++)
        positions[i] = (lv_kafka_position){s->partitions.at[i].topic, s->partitions.at[i].partition,
                                           timestamp, -1};
    LV_TRY(lv_kafka_list_offsets(s->client, positions, n, err));
    *out = (lv_topic_offsets){LV_NEW_ARRAY(arena, lv_topic_offset, n), n};
    for (int i = 0; i < n; i++)
        out->at[i] = (lv_topic_offset){lv_str_dup(arena, positions[i].topic),
                                       positions[i].partition, positions[i].offset};
    return LV_OK;
}

/* startingOffsets as JSON: every partition must be named; -1 and -2 are resolved. */
static lv_status start_at_offsets(kafka_source *s, lv_topic_offsets *start, lv_error *err)
{
    lv_topic_offsets latest, earliest;
    LV_TRY(list_offsets(s, &s->work, -1, &latest, err));
    LV_TRY(list_offsets(s, &s->work, -2, &earliest, err));
    const lv_topic_offsets *wish = &s->options.start_offsets;
    if (wish->count != start->count)
        return LV_FAIL(err, LV_USAGE,
                       "startingOffsets must name every partition: it names %d, the topics have %d",
                       wish->count, start->count);
    for (int i = 0; i < start->count; i++) {
        const lv_topic_offset *o =
            lv_topic_offsets_find(wish, start->at[i].topic, start->at[i].partition);
        if (o == NULL)
            return LV_FAIL(err, LV_USAGE, "startingOffsets lacks topic %.*s, partition %d",
                           LV_STR_ARG(start->at[i].topic), start->at[i].partition);
        start->at[i].offset = o->offset == -1   ? latest.at[i].offset
                              : o->offset == -2 ? earliest.at[i].offset
                                                : o->offset;
    }
    return LV_OK;
}

/* The first records not older than the times given. */
static lv_status start_at_times(kafka_source *s, lv_topic_offsets *start, lv_error *err)
{
    lv_topic_offsets latest;
    lv_kafka_position *positions = LV_NEW_ARRAY(&s->work, lv_kafka_position, start->count);
    LV_TRY(list_offsets(s, &s->work, -1, &latest, err));
    for (int i = 0; i < start->count; i++) {
        const lv_topic_offset *o = lv_topic_offsets_find(
            &s->options.start_offsets, start->at[i].topic, start->at[i].partition);
        int64_t time_ms = s->options.start_time_ms >= 0 ? s->options.start_time_ms
                          : o                           ? o->offset
                                                        : -1;
        if (time_ms < 0)
            return LV_FAIL(err, LV_USAGE,
                           "startingOffsetsByTimestamp lacks topic %.*s, partition %d",
                           LV_STR_ARG(start->at[i].topic), start->at[i].partition);
        positions[i] = (lv_kafka_position){start->at[i].topic, start->at[i].partition, time_ms, -1};
    }
    LV_TRY(lv_kafka_list_offsets(s->client, positions, start->count, err));
    for (int i = 0; i < start->count; i++) {
        if (positions[i].offset < 0 && !s->options.latest_without_match)
            return LV_FAIL(err, LV_USAGE,
                           "topic %.*s, partition %d has no record from timestamp %lld on; set "
                           "startingOffsetsByTimestampStrategy to latest to begin at its end",
                           LV_STR_ARG(positions[i].topic), positions[i].partition,
                           (long long)positions[i].timestamp);
        start->at[i].offset = positions[i].offset < 0 ? latest.at[i].offset : positions[i].offset;
    }
    return LV_OK;
}

static lv_status kafka_initial_offset(lv_source *base, lv_sbuf *json, lv_error *err)
{
    kafka_source *s = (kafka_source *)base;
    lv_topic_offsets start;
    lv_arena_reset(&s->work);
    LV_TRY(find_partitions(s, err));
    LV_TRY(list_offsets(s, &s->work, s->options.start == LV_KAFKA_START_EARLIEST ? -2 : -1, &start,
                        err));
    if (s->options.start == LV_KAFKA_START_OFFSETS)
        LV_TRY(start_at_offsets(s, &start, err));
    if (s->options.start == LV_KAFKA_START_TIMES)
        LV_TRY(start_at_times(s, &start, err));
    lv_topic_offsets_print(&start, json);
    return LV_OK;
}

static lv_status kafka_prepare_available_now(lv_source *base, bool no_limit, lv_error *err)
{
    kafka_source *s = (kafka_source *)base;
    lv_arena_reset(&s->work);
    s->partitions_ns = 0;
    LV_TRY(find_partitions(s, err));
    LV_TRY(list_offsets(s, &s->frozen_arena, -1, &s->frozen, err));
    s->is_frozen = true;
    s->no_limit = no_limit;
    return LV_OK;
}

static lv_status data_loss(kafka_source *s, lv_status status, const lv_topic_offset *o,
                           const char *what, lv_error *err)
{
    if (!s->options.fail_on_data_loss)
        return LV_OK;
    return LV_FAIL(err, status,
                   "some data may have been lost: topic %.*s, partition %d, offset %lld: %s. To go "
                   "on set failOnDataLoss to false",
                   LV_STR_ARG(o->topic), o->partition, (long long)o->offset, what);
}

/* Each partition's part of the limit is its share of the backlog (KafkaOffsetReader, rateLimit). */
static void apply_limit(const kafka_source *s, const lv_topic_offsets *begin, lv_topic_offsets *end)
{
    double total = 0;
    int64_t limit = s->options.max_offsets_per_trigger;
    for (int i = 0; i < end->count; i++)
        total += (double)LV_MAX(end->at[i].offset - begin->at[i].offset, (int64_t)0);
    if (limit == 0 || s->no_limit || total < 1)
        return;
    for (int i = 0; i < end->count; i++) {
        int64_t size = end->at[i].offset - begin->at[i].offset;
        if (size <= 0)
            continue;
        double share = (double)limit * ((double)size / total);
        if (share >= (double)size)
            continue;
        int64_t take = (int64_t)(share < 1 ? ceil(share) : floor(share));
        end->at[i].offset = LV_MIN(end->at[i].offset, begin->at[i].offset + take);
    }
}

/* Where each partition of `latest` begins: in `start`, or at its first offset if it is new. */
static lv_status find_begin(kafka_source *s, const lv_topic_offsets *start,
                            const lv_topic_offsets *latest, lv_topic_offsets *begin, lv_error *err)
{
    lv_topic_offsets earliest = {0};
    *begin =
        (lv_topic_offsets){LV_NEW_ARRAY(&s->work, lv_topic_offset, latest->count), latest->count};
    for (int i = 0; i < latest->count; i++) {
        const lv_topic_offset *at =
            lv_topic_offsets_find(start, latest->at[i].topic, latest->at[i].partition);
        begin->at[i] = latest->at[i];
        if (at != NULL) {
            begin->at[i].offset = at->offset;
            continue;
        }
        if (earliest.count == 0)
            LV_TRY(list_offsets(s, &s->work, -2, &earliest, err));
        const lv_topic_offset *first =
            lv_topic_offsets_find(&earliest, latest->at[i].topic, latest->at[i].partition);
        begin->at[i].offset = first ? first->offset : 0;
        if (begin->at[i].offset > 0)
            LV_TRY(data_loss(s, LV_KAFKA_DATA_LOSS_START, &begin->at[i],
                             "a new partition does not begin at offset 0", err));
    }
    return LV_OK;
}

static lv_status kafka_end_offset(lv_source *base, lv_str start_json, lv_sbuf *end_json,
                                  lv_sbuf *latest_json, lv_error *err)
{
    kafka_source *s = (kafka_source *)base;
    lv_topic_offsets start, latest, begin;
    lv_arena_reset(&s->work);
    LV_TRY(lv_topic_offsets_parse(&s->work, lv_str_dup(&s->work, start_json), "the recorded offset",
                                  &start, err));
    LV_TRY(find_partitions(s, err));
    if (s->is_frozen) {
        latest = (lv_topic_offsets){LV_NEW_ARRAY(&s->work, lv_topic_offset, s->frozen.count),
                                    s->frozen.count};
        if (s->frozen.count > 0)
            memcpy(latest.at, s->frozen.at, sizeof latest.at[0] * (size_t)latest.count);
    } else {
        LV_TRY(list_offsets(s, &s->work, -1, &latest, err));
    }
    lv_topic_offsets_print(&latest, latest_json);
    for (int i = 0; i < start.count; i++) {
        const lv_topic_offset *now =
            lv_topic_offsets_find(&latest, start.at[i].topic, start.at[i].partition);
        if (now == NULL)
            LV_TRY(data_loss(s, LV_KAFKA_DATA_LOSS_PARTITION, &start.at[i], "the partition is gone",
                             err));
        else if (now->offset < start.at[i].offset)
            LV_TRY(data_loss(s, LV_KAFKA_DATA_LOSS_OFFSET_CHANGED, &start.at[i],
                             "the partition ends before it", err));
    }
    LV_TRY(find_begin(s, &start, &latest, &begin, err));
    apply_limit(s, &begin, &latest);
    lv_topic_offsets_print(&latest, end_json);
    return LV_OK;
}

static lv_status kafka_wait_for_data(lv_source *base, lv_str position, int64_t timeout_ms,
                                     lv_error *err)
{
    kafka_source *s = (kafka_source *)base;
    lv_topic_offsets at;
    lv_arena_reset(&s->work);
    LV_TRY(
        lv_topic_offsets_parse(&s->work, lv_str_dup(&s->work, position), "the offset", &at, err));
    lv_kafka_position *positions = LV_NEW_ARRAY(&s->work, lv_kafka_position, at.count);
    for (int i = 0; i < at.count; i++)
        positions[i] = (lv_kafka_position){at.at[i].topic, at.at[i].partition, 0, at.at[i].offset};
    return lv_kafka_wait_for_data(s->waiter, positions, at.count, timeout_ms, err);
}

static lv_status kafka_split(lv_source *base, lv_str start_json, lv_str end_json, lv_arena *arena,
                             lv_split **splits, int *count, lv_error *err)
{
    kafka_source *s = (kafka_source *)base;
    lv_topic_offsets start, end, begin;
    lv_arena_reset(&s->work);
    LV_TRY(lv_topic_offsets_parse(&s->work, lv_str_dup(&s->work, start_json), "the start offset",
                                  &start, err));
    LV_TRY(lv_topic_offsets_parse(&s->work, lv_str_dup(&s->work, end_json), "the end offset", &end,
                                  err));
    LV_TRY(find_begin(s, &start, &end, &begin, err));
    *splits = LV_NEW_ARRAY(arena, lv_split, end.count);
    *count = 0;
    for (int i = 0; i < end.count; i++)
        if (begin.at[i].offset < end.at[i].offset)
            (*splits)[(*count)++] =
                (lv_split){lv_str_dup(arena, end.at[i].topic), end.at[i].partition,
                           begin.at[i].offset, end.at[i].offset};
    return LV_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct kafka_reader {
    lv_source_reader base;
    lv_arena arena; /* schema */
    const lv_type *schema;
    lv_kafka_fetcher *fetcher;
    lv_arena split_arena;
    const lv_split *splits;
    int split_count;
} kafka_reader;

static lv_status kafka_reader_new(lv_source *base, lv_source_reader **reader, lv_error *err)
{
    kafka_source *s = (kafka_source *)base;
    kafka_reader *r = calloc(1, sizeof *r);
    LV_ASSERT(r != NULL);
    lv_arena_init(&r->arena);
    lv_arena_init(&r->split_arena);
    r->schema = kafka_schema(&r->arena);
    lv_kafka_fetcher_options options = {.skip_lost = !s->options.fail_on_data_loss};
    r->fetcher = lv_kafka_fetcher_new(lv_kafka_client_new(&s->options.client), &options);
    *reader = &r->base;
    return LV_OK;
}

static void kafka_reader_free(lv_source_reader *base)
{
    kafka_reader *r = (kafka_reader *)base;
    lv_kafka_fetcher_free(r->fetcher);
    lv_arena_release(&r->split_arena);
    lv_arena_release(&r->arena);
    free(r);
}

static lv_status kafka_reader_open(lv_source_reader *base, const lv_split *splits, int count,
                                   lv_error *err)
{
    kafka_reader *r = (kafka_reader *)base;
    lv_arena_reset(&r->split_arena);
    lv_split *kept = LV_NEW_ARRAY(&r->split_arena, lv_split, count);
    lv_kafka_range *ranges = LV_NEW_ARRAY(&r->split_arena, lv_kafka_range, count);
    for (int i = 0; i < count; i++) {
        kept[i] = splits[i];
        kept[i].name = lv_str_dup(&r->split_arena, splits[i].name);
        ranges[i] = (lv_kafka_range){kept[i].name, kept[i].partition, kept[i].from, kept[i].until};
    }
    r->splits = kept;
    r->split_count = count;
    lv_kafka_fetcher_open(r->fetcher, ranges, count);
    return LV_OK;
}

_Static_assert(LV_KAFKA_PADDING >= LV_STRING_PADDING, "records have less behind them");

/* A constant column; `value` has the C type of `type`. */
static void make_constant(lv_arena *arena, const lv_type *type, const void *value, int64_t rows,
                          lv_vector *out)
{
    lv_vector_init_flat(out, arena, type, 1);
    memcpy(out->data, value, lv_type_value_size(type));
    out->encoding = LV_CONSTANT;
    out->length = rows;
}

/* Validity of slices: null where ptr is NULL. */
static uint64_t *slice_validity(lv_arena *arena, const lv_str *slices, int64_t rows)
{
    uint64_t *validity = NULL;
    for (int64_t i = 0; i < rows; i++) {
        if (LV_LIKELY(slices[i].ptr != NULL))
            continue;
        if (validity == NULL)
            validity = lv_validity_new(arena, rows, true);
        lv_bit_clear(validity, i);
    }
    return validity;
}

static void make_flat(lv_arena *arena, const lv_type *type, void *data, int64_t rows, bool slices,
                      lv_vector *out)
{
    *out = (lv_vector){.type = type, .encoding = LV_FLAT, .length = rows, .data = data};
    out->padded = slices; /* the fetcher promises LV_KAFKA_PADDING */
    if (slices)
        out->validity = slice_validity(arena, data, rows);
}

static void make_columns(kafka_reader *r, lv_arena *arena, const bool *wanted,
                         const lv_record_slices *s, const lv_split *split, int64_t rows,
                         lv_vector *columns)
{
    int32_t timestamp_type = 0;
    for (int c = 0; c < COLUMN_COUNT; c++) {
        const lv_type *type = r->schema->fields[c].type;
        lv_vector *out = &columns[c];
        if (wanted != NULL && !wanted[c]) {
            lv_vector_init_null(out, arena, type, rows);
            continue;
        }
        switch (c) {
        case COLUMN_KEY: make_flat(arena, type, s->keys, rows, true, out); break;
        case COLUMN_VALUE: make_flat(arena, type, s->values, rows, true, out); break;
        case COLUMN_TOPIC: make_constant(arena, type, &split->name, rows, out); break;
        case COLUMN_PARTITION: make_constant(arena, type, &split->partition, rows, out); break;
        case COLUMN_OFFSET: make_flat(arena, type, s->offsets, rows, false, out); break;
        case COLUMN_TIMESTAMP:
            for (int64_t i = 0; i < rows; i++)
                s->timestamps_ms[i] *= 1000; /* to microseconds, in place */
            make_flat(arena, type, s->timestamps_ms, rows, false, out);
            break;
        default: make_constant(arena, type, &timestamp_type, rows, out); break;
        }
    }
}

static lv_status kafka_reader_next(lv_source_reader *base, lv_arena *arena, const bool *wanted,
                                   lv_batch *batch, bool *done, lv_error *err)
{
    kafka_reader *r = (kafka_reader *)base;
    bool keys = wanted == NULL || wanted[COLUMN_KEY],
         offsets = wanted == NULL || wanted[COLUMN_OFFSET];
    bool times = wanted == NULL || wanted[COLUMN_TIMESTAMP];
    lv_record_slices slices = {
        .values = lv_arena_alloc(arena, LV_BATCH_ROWS * sizeof(lv_str)),
        .keys = keys ? lv_arena_alloc(arena, LV_BATCH_ROWS * sizeof(lv_str)) : NULL,
        .offsets = offsets ? lv_arena_alloc(arena, LV_BATCH_ROWS * sizeof(int64_t)) : NULL,
        .timestamps_ms = times ? lv_arena_alloc(arena, LV_BATCH_ROWS * sizeof(int64_t)) : NULL};
    lv_kafka_chunk chunk;
    LV_TRY(lv_kafka_fetch_next(r->fetcher, &slices, LV_BATCH_ROWS, &chunk, err));
    static const lv_split nothing = {{"", 0}, 0, 0, 0};
    const lv_split *split = chunk.count > 0 ? &r->splits[chunk.range] : &nothing;
    *batch = (lv_batch){.schema = r->schema,
                        .length = chunk.count,
                        .columns = LV_NEW_ARRAY(arena, lv_vector, COLUMN_COUNT)};
    make_columns(r, arena, wanted, &slices, split, chunk.count, batch->columns);
    *done = chunk.count == 0;
    return LV_OK;
}

const lv_source_class lv_source_kafka = {.format = "kafka",
                                         .schema = kafka_schema_of,
                                         .open = kafka_open,
                                         .close = kafka_close,
                                         .description = kafka_description,
                                         .initial_offset = kafka_initial_offset,
                                         .prepare_available_now = kafka_prepare_available_now,
                                         .end_offset = kafka_end_offset,
                                         .wait_for_data = kafka_wait_for_data,
                                         .split = kafka_split,
                                         .reader_new = kafka_reader_new,
                                         .reader_free = kafka_reader_free,
                                         .reader_open = kafka_reader_open,
                                         .reader_next = kafka_reader_next};
