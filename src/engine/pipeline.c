/* pipeline.c: see pipeline.h. */
#include "engine/pipeline.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/interval.h"
#include "base/vec.h"
#include "os/os.h"

/* One CREATE STREAMING TABLE, ready to run. */
typedef struct flow {
    const lv_statement *statement;
    lv_plan *plan;
    lv_query_options options;
    lv_query *query; /* while it runs */
} flow;

struct lv_pipeline {
    const lv_pipeline_options *options;
    lv_session *session;
    LV_VEC(flow) flows;
    pthread_mutex_t mutex; /* guards stopped, and queries being started against stop */
    bool stopped;
    lv_query_profile profile;
};

/* The file that is being read, for lv_statements_parse's error sink. */
typedef struct file_context {
    lv_pipeline *pipeline;
    const char *name;
    lv_str text;
    int error_count;
} file_context;

static void report(void *context, const lv_error *err)
{
    file_context *file = context;
    const lv_pipeline_options *options = file->pipeline->options;
    file->error_count++;
    if (options->on_error != NULL)
        options->on_error(options->context, file->name, file->text, err);
}

/* ---- statements ------------------------------------------------------------------------------ */

/* The confs that Spark 4.2 records in offsets/N, with the values that a stateless query has there. */
static lv_str recorded_conf(lv_session *session)
{
    lv_str partitions = lv_session_get(session, "spark.sql.shuffle.partitions");
    return lv_str_of(
        lv_arena_printf(lv_session_arena(session),
                        "{\"spark.sql.streaming.stateStore.providerClass\":\"org.apache.spark.sql."
                        "execution.streaming.state.HDFSBackedStateStoreProvider\","
                        "\"spark.sql.streaming.stateStore.rocksdb.formatVersion\":\"5\",\"spark."
                        "sql.streaming.stateStore.encodingFormat\":\"unsaferow\","
                        "\"spark.sql.streaming.statefulOperator.useStrictDistribution\":\"true\","
                        "\"spark.sql.streaming.flatMapGroupsWithState.stateFormatVersion\":\"2\","
                        "\"spark.sql.streaming.multipleWatermarkPolicy\":\"min\","
                        "\"spark.sql.streaming.aggregation.stateFormatVersion\":\"2\",\"spark.sql."
                        "shuffle.partitions\":\"%.*s\","
                        "\"spark.sql.streaming.join.stateFormatVersion\":\"2\",\"spark.sql."
                        "streaming.stateStore.compression.codec\":\"lz4\"}",
                        LV_STR_ARG(partitions)));
}

static const char *table_path(lv_session *session, const lv_statement *statement)
{
    if (statement->location.len > 0)
        return lv_str_cstr(lv_session_arena(session), statement->location);
    return lv_session_table_path(session, statement->name);
}

/* A failed query takes the others with it: half a pipeline is nobody's wish. */
static void stop_all(void *pipeline)
{
    lv_pipeline_stop(pipeline);
}

static bool property_is_true(const lv_options *properties, const char *name)
{
    return lv_str_eq_nocase(lv_option_get(properties, name, LV_STR("false")), LV_STR("true"));
}

static lv_status add_flow(lv_pipeline *p, const lv_statement *s, lv_error *err)
{
    lv_session *session = p->session;
    lv_arena *arena = lv_session_arena(session);
    for (size_t i = 0; i < p->flows.count; i++)
        if (lv_str_eq_nocase(p->flows.at[i].statement->name, s->name))
            return LV_FAIL(err, LV_TABLE_OR_VIEW_ALREADY_EXISTS,
                           "the streaming table `%.*s` is defined twice", LV_STR_ARG(s->name));
    lv_plan *plan;
    LV_TRY(lv_session_plan(session, s->query, &plan, err));
    if (!plan->is_stream)
        return LV_FAIL(
            err, LV_WRITE_STREAM_NOT_ALLOWED,
            "the query of streaming table `%.*s` reads no stream; write STREAM before its source",
            LV_STR_ARG(s->name));
    int64_t polling_us = 10000, retain = 100;
    LV_TRY(lv_interval_parse(lv_session_get(session, "spark.sql.streaming.pollingDelay"),
                             &polling_us, err));
    lv_str_to_i64(lv_session_get(session, "spark.sql.streaming.minBatchesToRetain"), &retain);
    flow f = {.statement = s, .plan = plan};
    f.options = (lv_query_options){.name = lv_str_cstr(arena, s->name),
                                   .table_path = table_path(session, s),
                                   .checkpoint_dir = lv_session_checkpoint_path(session, s->name),
                                   .plan = plan,
                                   .partition_by = s->partition_by,
                                   .partition_by_count = s->partition_by_count,
                                   .properties = s->properties,
                                   .comment = s->comment,
                                   .merge_schema = property_is_true(&s->properties, "mergeSchema"),
                                   .trigger = p->options->trigger,
                                   .workers = p->options->workers,
                                   .durable = true,
                                   .zone = lv_session_zone(session),
                                   .ansi = lv_session_ansi(session),
                                   .conf = recorded_conf(session),
                                   .retain_batches = retain,
                                   .polling_delay_us = polling_us,
                                   .on_progress = p->options->on_progress,
                                   .context = p->options->context,
                                   .on_failure = stop_all,
                                   .owner = p};
    LV_VEC_PUSH(arena, p->flows, f);
    return LV_OK;
}

static lv_status apply(lv_pipeline *p, const lv_statement *s, lv_error *err)
{
    switch (s->kind) {
    case LV_STMT_CREATE_STREAMING_TABLE: return add_flow(p, s, err);
    case LV_STMT_QUERY:
    case LV_STMT_EXPLAIN:
        return LV_FAIL(err, LV_UNSUPPORTED_FEATURE,
                       "a query by itself has no place in a pipeline file; use levada sql");
    default: return lv_session_apply(p->session, s, err);
    }
}

static lv_status read_file(lv_pipeline *p, const char *name, lv_error *err)
{
    lv_arena *arena = lv_session_arena(p->session);
    lv_sbuf buffer = LV_SBUF_INIT;
    lv_status status = lv_file_read_all(name, &buffer, err);
    file_context file = {p, name, lv_str_dup(arena, lv_sbuf_str(&buffer)), 0};
    lv_sbuf_release(&buffer);
    if (status != LV_OK) {
        report(&file, err);
        return status;
    }
    lv_statement *statements;
    size_t count;
    status = lv_statements_parse(arena, file.text, &p->options->parameters, report, &file,
                                 &statements, &count, err);
    for (size_t i = 0; i < count; i++) {
        lv_error own = LV_ERROR_INIT;
        lv_status applied = apply(p, &statements[i], &own);
        if (applied == LV_OK)
            continue;
        lv_error_at(&own, statements[i].sql_offset, statements[i].sql_length);
        report(&file, &own);
        if (status == LV_OK) {
            status = applied;
            if (err != NULL)
                *err = own;
        }
    }
    return status;
}

lv_status lv_pipeline_open(const char *const *files, int file_count,
                           const lv_pipeline_options *options, lv_pipeline **pipeline,
                           lv_error *err)
{
    lv_pipeline *p = calloc(1, sizeof *p);
    LV_ASSERT(p != NULL);
    p->options = options;
    p->session = lv_session_new(options->storage);
    pthread_mutex_init(&p->mutex, NULL);
    file_context none = {.pipeline = p};
    lv_status status = LV_OK;
    for (int i = 0; i < options->conf.count && status == LV_OK; i++) {
        const lv_option *setting = &options->conf.items[i];
        status = lv_session_set(p->session, setting->name, setting->value, err);
        if (status != LV_OK)
            report(&none, err);
    }
    for (int i = 0; i < file_count; i++) {
        lv_error own = LV_ERROR_INIT;
        lv_status read = read_file(p, files[i], &own);
        if (read != LV_OK && status == LV_OK) {
            status = read;
            *err = own;
        }
    }
    if (status == LV_OK && p->flows.count == 0) {
        status = LV_FAIL(err, LV_USAGE, "the pipeline defines no streaming table");
        report(&none, err);
    }
    if (status != LV_OK) {
        lv_pipeline_free(p);
        return status;
    }
    *pipeline = p;
    return LV_OK;
}

int lv_pipeline_table_count(const lv_pipeline *p)
{
    return (int)p->flows.count;
}

void lv_pipeline_explain(const lv_pipeline *p, lv_sbuf *out)
{
    for (size_t i = 0; i < p->flows.count; i++) {
        lv_sbuf_printf(out, "== %s ==\n", p->flows.at[i].options.name);
        lv_plan_print(p->flows.at[i].plan, out);
    }
}

/* ---- running --------------------------------------------------------------------------------- */

static lv_status start_flow(lv_pipeline *p, flow *f, lv_error *err)
{
    lv_query *query;
    LV_TRY(lv_query_start(&f->options, &query, err));
    pthread_mutex_lock(&p->mutex);
    f->query = query;
    if (p->stopped)
        lv_query_stop(query);
    pthread_mutex_unlock(&p->mutex);
    return LV_OK;
}

void lv_pipeline_stop(lv_pipeline *p)
{
    pthread_mutex_lock(&p->mutex);
    p->stopped = true;
    for (size_t i = 0; i < p->flows.count; i++)
        if (p->flows.at[i].query != NULL)
            lv_query_stop(p->flows.at[i].query);
    pthread_mutex_unlock(&p->mutex);
}

static void add_profile(lv_query_profile *sum, lv_query_profile one)
{
    sum->source_ns += one.source_ns;
    sum->compute_ns += one.compute_ns;
    sum->write_ns += one.write_ns;
    sum->commit_ns += one.commit_ns;
    sum->rows += one.rows;
}

lv_status lv_pipeline_run(lv_pipeline *p, lv_error *err)
{
    lv_status status = LV_OK;
    for (size_t i = 0; i < p->flows.count && status == LV_OK; i++)
        status = start_flow(p, &p->flows.at[i], err);
    if (status != LV_OK)
        lv_pipeline_stop(p);
    for (size_t i = 0; i < p->flows.count; i++) {
        flow *f = &p->flows.at[i];
        if (f->query == NULL)
            continue;
        lv_status ended = lv_query_await(f->query, err);
        if (ended != LV_OK && status == LV_OK) {
            status = ended;
            lv_pipeline_stop(p);
        }
        add_profile(&p->profile, lv_query_get_profile(f->query));
    }
    return status;
}

lv_query_profile lv_pipeline_profile(const lv_pipeline *p)
{
    return p->profile;
}

void lv_pipeline_free(lv_pipeline *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->flows.count; i++)
        lv_query_free(p->flows.at[i].query);
    pthread_mutex_destroy(&p->mutex);
    lv_session_free(p->session);
    free(p);
}
