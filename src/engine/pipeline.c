/* pipeline.c: see pipeline.h. */
#include "engine/pipeline.h"

#include <stdlib.h>

#include "base/check.h"
#include "engine/pipeline_int.h"
#include "os/os.h"

void lv_pipeline_report(const lv_pipeline_file *file, const lv_error *err)
{
    const lv_pipeline_options *options = file->pipeline->options;
    file->pipeline->error_count++;
    if (options->on_error != NULL)
        options->on_error(options->context, file->name, file->text, err);
}

static void report(void *file, const lv_error *err)
{
    lv_pipeline_report(file, err);
}

/* ---- statements ------------------------------------------------------------------------------ */

static lv_status apply(lv_pipeline *p, const lv_pipeline_file *file, const lv_statement *s,
                       lv_error *err)
{
    switch (s->kind) {
    case LV_STMT_CREATE_STREAMING_TABLE: return lv_pipeline_add_table(p, file, s, err);
    case LV_STMT_CREATE_FLOW: return lv_pipeline_add_flow(p, file, s, err);
    case LV_STMT_QUERY:
    case LV_STMT_EXPLAIN:
    case LV_STMT_SHOW:
    case LV_STMT_DESCRIBE:
        lv_error_hint(err, "use levada sql");
        return LV_FAIL(err, LV_UNSUPPORTED_FEATURE,
                       "The feature is not supported: a statement that gives rows, in a pipeline "
                       "file");
    default: return lv_session_apply(p->session, s, err);
    }
}

static lv_status read_file(lv_pipeline *p, const char *name, lv_error *err)
{
    lv_arena *arena = lv_session_arena(p->session);
    lv_sbuf buffer = LV_SBUF_INIT;
    lv_status status = lv_file_read_all(name, &buffer, err);
    lv_pipeline_file *file = LV_NEW(arena, lv_pipeline_file);
    *file = (lv_pipeline_file){p, name, lv_str_dup(arena, lv_sbuf_str(&buffer))};
    lv_sbuf_release(&buffer);
    if (status != LV_OK) {
        lv_pipeline_report(file, err);
        return status;
    }
    lv_statement *statements;
    size_t count;
    status = lv_statements_parse(arena, file->text, &p->options->parameters, report, file,
                                 &statements, &count, err);
    for (size_t i = 0; i < count; i++) {
        lv_error own = LV_ERROR_INIT;
        lv_status applied = apply(p, file, &statements[i], &own);
        if (applied == LV_OK)
            continue;
        lv_error_at(&own, statements[i].sql_offset, statements[i].sql_length);
        lv_pipeline_report(file, &own);
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
    lv_pipeline_file none = {.pipeline = p};
    lv_status status = LV_OK;
    for (int i = 0; i < options->conf.count && status == LV_OK; i++) {
        const lv_option *setting = &options->conf.items[i];
        status = lv_session_set(p->session, setting->name, setting->value, err);
        if (status != LV_OK)
            lv_pipeline_report(&none, err);
    }
    for (int i = 0; i < file_count; i++) {
        lv_error own = LV_ERROR_INIT;
        lv_status read = read_file(p, files[i], &own);
        if (read != LV_OK && status == LV_OK) {
            status = read;
            *err = own;
        }
    }
    lv_error own = LV_ERROR_INIT;
    lv_status finished = lv_pipeline_finish(p, &own);
    if (finished != LV_OK && status == LV_OK) {
        status = finished;
        *err = own;
    }
    if (status == LV_OK && (status = lv_pipeline_select(p, err)) != LV_OK)
        lv_pipeline_report(&none, err);
    if (status == LV_OK && p->datasets.count == 0) {
        status = LV_FAIL(err, LV_USAGE, "the pipeline defines no streaming table");
        lv_pipeline_report(&none, err);
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
    return (int)p->datasets.count;
}

void lv_pipeline_explain(const lv_pipeline *p, lv_sbuf *out)
{
    for (size_t i = 0; i < p->flows.count; i++) {
        lv_sbuf_printf(out, "== %s ==\n", p->flows.at[i].options.name);
        lv_plan_print(p->flows.at[i].plan, out);
    }
}

/* ---- running --------------------------------------------------------------------------------- */

static lv_status start_flow(lv_pipeline *p, lv_flow *f, lv_error *err)
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
    lv_status status = lv_pipeline_reset(p, err);
    if (status == LV_OK)
        status = lv_pipeline_create_tables(p, err);
    for (size_t i = 0; i < p->flows.count && status == LV_OK; i++)
        if (p->flows.at[i].dataset->selected)
            status = start_flow(p, &p->flows.at[i], err);
    if (status != LV_OK)
        lv_pipeline_stop(p);
    for (size_t i = 0; i < p->flows.count; i++) {
        lv_flow *f = &p->flows.at[i];
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
