/* pipeline.c: see pipeline.h. */
#include "engine/pipeline.h"

#include <stdlib.h>

#include "base/check.h"
#include "engine/pipeline_int.h"
#include "os/os.h"

enum { ERRORS_MAX = 1000 };

/* ---- errors ---------------------------------------------------------------------------------- */

void lv_pipeline_report(const lv_pipeline_file *file, const lv_error *err)
{
    lv_pipeline *p = file->pipeline;
    lv_pipeline_error kept = {file, err->sql_offset, p->errors.count, NULL};
    if (p->errors.count >= ERRORS_MAX)
        return;
    kept.error = lv_arena_alloc(lv_session_arena(p->session), sizeof *kept.error);
    *kept.error = *err;
    LV_VEC_PUSH(lv_session_arena(p->session), p->errors, kept);
}

static void report(void *file, const lv_error *err)
{
    lv_pipeline_report(file, err);
}

static int by_place(const void *a, const void *b)
{
    const lv_pipeline_error *x = a, *y = b;
    if (x->file->index != y->file->index)
        return x->file->index < y->file->index ? -1 : 1;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* Tells of all errors, file by file, from top to bottom; returns the first. */
static lv_status tell(lv_pipeline *p, lv_error *err)
{
    const lv_pipeline_options *o = p->options;
    if (p->errors.count == 0)
        return LV_OK;
    qsort(p->errors.at, p->errors.count, sizeof p->errors.at[0], by_place);
    for (size_t i = 0; i < p->errors.count && o->on_error != NULL; i++)
        o->on_error(o->context, p->errors.at[i].file->name, p->errors.at[i].file->text,
                    p->errors.at[i].error);
    if (err != NULL)
        *err = *p->errors.at[0].error;
    return p->errors.at[0].error->status;
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

static lv_pipeline_file *read_file(lv_pipeline *p, const char *name, int index)
{
    lv_arena *arena = lv_session_arena(p->session);
    lv_sbuf buffer = LV_SBUF_INIT;
    lv_error own = LV_ERROR_INIT;
    lv_pipeline_file *file = LV_NEW(arena, lv_pipeline_file);
    lv_status status = lv_file_read_all(name, &buffer, &own);
    *file = (lv_pipeline_file){.pipeline = p, .name = name, .index = index};
    file->text = lv_str_dup(arena, lv_sbuf_str(&buffer));
    lv_sbuf_release(&buffer);
    if (status != LV_OK)
        lv_pipeline_report(file, &own);
    else if (lv_statements_parse(arena, file->text, &p->options->parameters, report, file,
                                 &file->statements, &file->count, &own) != LV_OK)
        lv_error_clear(&own); /* reported */
    for (size_t i = 0; i < file->count; i++)
        lv_session_foresee(p->session, &file->statements[i]);
    return file;
}

/* What Spark's own pipelines do not have. */
static void find_extras(const lv_pipeline_file *file, const lv_statement *s)
{
    for (int i = 0; i < s->extra_count; i++) {
        lv_error own = LV_ERROR_INIT;
        lv_error_at(&own, s->extras[i].sql_offset, s->extras[i].sql_length);
        lv_status status = LV_FAIL(&own, LV_NOT_IN_SPARK_PIPELINES,
                                   "Spark's spark-pipelines does not accept %s", s->extras[i].what);
        (void)status;
        lv_pipeline_report(file, &own);
    }
}

/* SET and USE act on what follows them in their file; the next one begins with the pipeline's. */
static void apply_file(lv_pipeline *p, const lv_pipeline_file *file)
{
    lv_session_mark mark = lv_session_keep(p->session);
    for (size_t i = 0; i < file->count; i++) {
        const lv_statement *s = &file->statements[i];
        lv_error own = LV_ERROR_INIT;
        if (p->options->strict_sdp)
            find_extras(file, s);
        if (apply(p, file, s, &own) == LV_OK)
            continue;
        lv_error_at(&own, s->sql_offset, s->sql_length);
        lv_pipeline_report(file, &own);
    }
    lv_session_back_to(p->session, mark);
}

static void apply_settings(lv_pipeline *p, const lv_pipeline_file *none)
{
    const lv_pipeline_options *o = p->options;
    if (o->catalog.len > 0)
        p->session->catalog_name = o->catalog;
    if (o->schema.len > 0)
        p->session->schema_name = o->schema;
    for (int i = 0; i < o->conf.count; i++) {
        lv_error own = LV_ERROR_INIT;
        const lv_option *setting = &o->conf.items[i];
        if (lv_session_set(p->session, setting->name, setting->value, &own) != LV_OK)
            lv_pipeline_report(none, &own);
    }
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
    lv_pipeline_file none = {.pipeline = p, .index = -1};
    lv_error own = LV_ERROR_INIT;
    apply_settings(p, &none);
    lv_pipeline_file **read =
        LV_NEW_ARRAY(lv_session_arena(p->session), lv_pipeline_file *, LV_MAX(file_count, 1));
    for (int i = 0; i < file_count; i++)
        read[i] = read_file(p, files[i], i);
    for (int i = 0; i < file_count; i++)
        apply_file(p, read[i]);
    lv_pipeline_finish(p);
    if (p->errors.count == 0 && p->datasets.count == 0 &&
        LV_FAIL(&own, LV_USAGE, "the pipeline defines no streaming table") != LV_OK)
        lv_pipeline_report(&none, &own);
    if (p->errors.count == 0 && lv_pipeline_select(p, &own) != LV_OK)
        lv_pipeline_report(&none, &own);
    lv_status status = tell(p, err);
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

int lv_pipeline_flow_count(const lv_pipeline *p)
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
