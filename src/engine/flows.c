/* flows.c: streaming tables and the flows that fill them.
 *
 * A table's own query is a flow of its name; CREATE FLOW adds others. Each is a query by itself, with
 * its own checkpoint, and so its own txn in the table: every flow's rows come exactly once.
 *
 *     <storage>/checkpoints/readings              the table's own query, or the flow `readings`
 *     <storage>/checkpoints/readings.backfill     CREATE FLOW backfill AS INSERT INTO readings ...
 *
 * A table that one query fills is made by its first batch, as Spark does. One that several fill is made
 * before they start, with the columns it declares, or those of all flows together.
 * Source: the Spark Declarative Pipelines guide; SqlGraphRegistrationContext.scala. */
#include "base/check.h"
#include "base/interval.h"
#include "delta/delta.h"
#include "engine/pipeline_int.h"
#include "os/os.h"

/* ---- settings -------------------------------------------------------------------------------- */

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

static lv_status take_settings(lv_session *session, lv_flow_settings *out, lv_error *err)
{
    *out = (lv_flow_settings){.zone_name = lv_session_get(session, "spark.sql.session.timeZone"),
                              .zone = lv_session_zone(session),
                              .ansi = lv_session_ansi(session),
                              .map_last_wins = lv_session_map_last_wins(session),
                              .catalog = session->catalog_name,
                              .schema = session->schema_name,
                              .conf = recorded_conf(session),
                              .retain_batches = 100,
                              .polling_delay_us = 10000};
    lv_str_to_i64(lv_session_get(session, "spark.sql.streaming.minBatchesToRetain"),
                  &out->retain_batches);
    return lv_interval_parse(lv_session_get(session, "spark.sql.streaming.pollingDelay"),
                             &out->polling_delay_us, err);
}

/* <checkpoints>/<table>, of a flow by another name <checkpoints>/<table>.<flow>. */
static const char *checkpoint_of(lv_pipeline *p, const lv_flow *f)
{
    const char *checkpoint = f->dataset->checkpoint_dir;
    if (lv_str_eq_nocase(f->statement->name, f->dataset->name.name))
        return checkpoint;
    return lv_arena_printf(lv_session_arena(p->session), "%s.%.*s", checkpoint,
                           LV_STR_ARG(f->statement->name));
}

/* Whether the run begins the table anew, so that schemas inferred before do not count. */
static bool is_refilled(const lv_pipeline *p, const lv_flow *f)
{
    lv_str rest = p->options->full_refresh, name;
    bool found = p->options->full_refresh_all;
    while (!found && rest.ptr != NULL && lv_str_split(&rest, ',', &name)) {
        ptrdiff_t dot = lv_str_find(name, '.', 0);
        found = lv_str_eq_nocase(lv_str_trim(lv_str_after(name, (size_t)(dot + 1))),
                                 f->dataset->name.name);
    }
    return found;
}

/* Plans as the session was where the flow stands. */
static lv_status plan_query(lv_pipeline *p, const lv_flow *f, const lv_plan *query, lv_plan **plan,
                            lv_error *err)
{
    lv_session *session = p->session;
    const lv_flow_settings *s = &f->settings;
    lv_str catalog = session->catalog_name, schema = session->schema_name;
    lv_plan_conf conf = {.ansi = s->ansi,
                         .map_last_wins = s->map_last_wins,
                         .session_zone = s->zone_name,
                         .catalog = s->catalog,
                         .schema = s->schema};
    session->catalog_name = s->catalog;
    session->schema_name = s->schema;
    session->sources_dir =
        is_refilled(p, f) ? NULL : lv_path_join(&session->arena, checkpoint_of(p, f), "sources");
    session->source_count = 0;
    lv_status status = lv_plan_analyze(&session->arena, query, &session->catalog, &conf, plan, err);
    if (status == LV_OK)
        status = lv_plan_optimize(&session->arena, *plan, &conf, plan, err);
    session->catalog_name = catalog;
    session->schema_name = schema;
    session->sources_dir = NULL;
    return status;
}

/* ---- tables ---------------------------------------------------------------------------------- */

static bool same_name(const lv_full_name *a, const lv_full_name *b)
{
    return lv_str_eq_nocase(a->name, b->name) && lv_str_eq_nocase(a->schema, b->schema) &&
           lv_str_eq_nocase(a->catalog, b->catalog);
}

static lv_dataset *find_dataset(const lv_pipeline *p, const lv_full_name *name)
{
    for (size_t i = 0; i < p->datasets.count; i++)
        if (same_name(&p->datasets.at[i]->name, name))
            return p->datasets.at[i];
    return NULL;
}

static lv_str quoted(lv_pipeline *p, const lv_full_name *name)
{
    lv_str parts[] = {name->catalog, name->schema, name->name};
    return lv_quote_names(lv_session_arena(p->session), parts, 3);
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

static lv_query_options options_of(lv_pipeline *p, const lv_flow *f)
{
    const lv_statement *table = f->dataset->statement;
    const lv_flow_settings *s = &f->settings;
    lv_arena *arena = lv_session_arena(p->session);
    return (lv_query_options){.name = lv_str_cstr(arena, f->statement->name),
                              .dataset = lv_str_cstr(arena, f->dataset->name.name),
                              .table_path = f->dataset->table_path,
                              .checkpoint_dir = checkpoint_of(p, f),
                              .plan = f->plan,
                              .partition_by = table->partition_by,
                              .partition_by_count = table->partition_by_count,
                              .properties = table->properties,
                              .comment = table->comment,
                              .declared = table->columns,
                              .merge_schema = property_is_true(&table->properties, "mergeSchema"),
                              .trigger = f->statement->once ? (lv_trigger){LV_TRIGGER_ONCE, 0}
                                                            : p->options->trigger,
                              .workers = f->statement->once ? 1 : p->options->workers,
                              .durable = true,
                              .zone = s->zone,
                              .ansi = s->ansi,
                              .conf = s->conf,
                              .retain_batches = s->retain_batches,
                              .polling_delay_us = s->polling_delay_us,
                              .on_progress = p->options->on_progress,
                              .context = p->options->context,
                              .on_failure = stop_all,
                              .owner = p};
}

/* Plans a flow into its table. `lenient`: it may lack columns. */
static lv_status plan_flow(lv_pipeline *p, lv_flow *f, bool lenient, lv_error *err)
{
    lv_dataset *d = f->dataset;
    lv_plan *query = lv_plan_into_table(lv_session_arena(p->session), d->statement,
                                        f->statement->query, d->columns, lenient);
    LV_TRY(plan_query(p, f, query, &f->plan, err));
    if (!f->plan->is_stream && !f->statement->once) {
        lv_error_hint(err, "write STREAM before its source");
        return LV_FAIL(
            err, LV_BATCH_FOR_STREAMING_TABLE,
            "Flow `%.*s` returns an invalid relation type. Streaming tables may only be "
            "defined by streaming relations, but the flow `%.*s` attempts to write a "
            "batch relation to the streaming table %.*s. Consider using the STREAM "
            "operator in Spark-SQL to convert the batch relation into a streaming "
            "relation, or populating the streaming table with an append once-flow instead",
            LV_STR_ARG(f->statement->name), LV_STR_ARG(f->statement->name),
            LV_STR_ARG(quoted(p, &d->name)));
    }
    if (f->plan->is_stream && f->statement->once) {
        lv_error_hint(err, "leave out ONCE, or STREAM");
        return LV_FAIL(
            err, LV_STREAM_FOR_ONCE_FLOW,
            "Flow `%.*s` returns an invalid relation type. `%.*s` is an append once-flow "
            "that is defined by a streaming relation. Append once-flows may only be "
            "defined by or return a batch relation",
            LV_STR_ARG(f->statement->name), LV_STR_ARG(f->statement->name));
    }
    f->options = options_of(p, f);
    return LV_OK;
}

static lv_status check_name(lv_str name, lv_error *err)
{
    if (lv_names_is_plain(name))
        return LV_OK;
    return LV_FAIL(err, LV_INVALID_SCHEMA_OR_RELATION_NAME,
                   "`%.*s` is not a valid name for tables/schemas. Valid names only contain "
                   "alphabet characters, numbers and _",
                   LV_STR_ARG(name));
}

lv_status lv_pipeline_add_table(lv_pipeline *p, const lv_pipeline_file *file, const lv_statement *s,
                                lv_error *err)
{
    lv_arena *arena = lv_session_arena(p->session);
    lv_full_name name;
    LV_TRY(lv_names_resolve(p->session, s->names, s->name_count, &name, err));
    LV_TRY(check_name(name.name, err));
    if (find_dataset(p, &name) != NULL)
        return LV_FAIL(err, LV_DUPLICATE_OUTPUT,
                       "A duplicate identifier was found for elements registered in the pipeline's "
                       "dataflow graph. Attempted to register a TABLE with identifier %.*s, but a "
                       "TABLE has already been registered with that identifier. Please ensure all "
                       "outputs created within this pipeline have unique identifiers",
                       LV_STR_ARG(quoted(p, &name)));
    lv_dataset *d = LV_NEW(arena, lv_dataset);
    *d = (lv_dataset){.statement = s,
                      .file = file,
                      .name = name,
                      .table_path = s->location.len > 0
                                        ? lv_str_cstr(arena, s->location)
                                        : lv_names_path(p->session, "tables", &name, ""),
                      .checkpoint_dir = lv_names_path(p->session, "checkpoints", &name, ""),
                      .columns = s->columns};
    LV_VEC_PUSH(arena, p->datasets, d);
    if (s->query == NULL)
        return LV_OK;
    lv_flow f = {.statement = s, .file = file, .dataset = d};
    d->flow_count = 1;
    LV_TRY(take_settings(p->session, &f.settings, err));
    LV_TRY(plan_flow(p, &f, false, err));
    LV_VEC_PUSH(arena, p->flows, f);
    return LV_OK;
}

/* ---- flows ----------------------------------------------------------------------------------- */

lv_status lv_pipeline_add_flow(lv_pipeline *p, const lv_pipeline_file *file, const lv_statement *s,
                               lv_error *err)
{
    lv_flow f = {.statement = s, .file = file};
    LV_TRY(check_name(s->name, err));
    LV_TRY(take_settings(p->session, &f.settings, err));
    LV_VEC_PUSH(lv_session_arena(p->session), p->flows, f);
    return LV_OK;
}

/* Flows of one name would share a checkpoint. */
static lv_status check_unique(lv_pipeline *p, size_t i, lv_error *err)
{
    for (size_t k = 0; k < p->flows.count; k++)
        if (k != i && (k < i || p->flows.at[k].statement->target == NULL) &&
            p->flows.at[k].dataset == p->flows.at[i].dataset &&
            lv_str_eq_nocase(p->flows.at[k].statement->name, p->flows.at[i].statement->name))
            return LV_FAIL(err, LV_DUPLICATE_FLOW,
                           "A duplicate identifier was found for elements registered in the "
                           "pipeline's dataflow graph. Flow `%.*s` was found in multiple datasets: "
                           "%.*s",
                           LV_STR_ARG(p->flows.at[i].statement->name),
                           LV_STR_ARG(quoted(p, &p->flows.at[i].dataset->name)));
    return LV_OK;
}

static lv_status find_target(lv_pipeline *p, size_t i, lv_error *err)
{
    lv_flow *f = &p->flows.at[i];
    const lv_statement *s = f->statement;
    lv_full_name name;
    lv_str catalog = p->session->catalog_name, schema = p->session->schema_name;
    p->session->catalog_name = f->settings.catalog;
    p->session->schema_name = f->settings.schema;
    lv_status status = lv_names_resolve(p->session, s->target, s->target_count, &name, err);
    p->session->catalog_name = catalog;
    p->session->schema_name = schema;
    LV_TRY(status);
    f->dataset = find_dataset(p, &name);
    if (f->dataset == NULL) {
        lv_error_hint(err, "add CREATE STREAMING TABLE %.*s", LV_STR_ARG(name.name));
        return LV_FAIL(
            err, LV_TABLE_OR_VIEW_NOT_FOUND,
            "The table or view %.*s cannot be found. Verify the spelling and correctness of the "
            "schema and catalog: no file of the pipeline defines a streaming table of this name",
            LV_STR_ARG(lv_quote_names(lv_session_arena(p->session), s->target, s->target_count)));
    }
    f->dataset->flow_count++;
    return check_unique(p, i, err);
}

/* Adds the columns of a flow to those of the flows before it: by name, with a type for both. */
static lv_status merge_columns(lv_arena *arena, const lv_type *with, const lv_type **columns,
                               bool ansi, lv_error *err)
{
    int count = *columns != NULL ? (*columns)->field_count : 0;
    lv_field *fields = LV_NEW_ARRAY(arena, lv_field, count + with->field_count + 1);
    for (int i = 0; i < count; i++)
        fields[i] = (*columns)->fields[i];
    for (int i = 0; i < with->field_count; i++) {
        const lv_field *field = &with->fields[i];
        int at = *columns != NULL ? lv_type_field(*columns, field->name) : -1;
        if (at < 0) {
            fields[count] = *field;
            fields[count++].nullable = true;
            continue;
        }
        fields[at].type = lv_type_common(arena, fields[at].type, field->type, ansi);
        if (fields[at].type == NULL)
            return LV_FAIL(err, LV_DELTA_FAILED_TO_MERGE_FIELDS,
                           "Failed to merge fields '%.*s' and '%.*s' of two flows: they have no "
                           "type in common",
                           LV_STR_ARG(field->name), LV_STR_ARG(field->name));
    }
    *columns = lv_type_struct(arena, fields, count);
    return LV_OK;
}

/* The columns of a table that declares none and has CREATE FLOWs. */
static lv_status infer_columns(lv_pipeline *p, lv_flow *f, lv_error *err)
{
    lv_plan *plan;
    if (f->dataset->statement->columns != NULL)
        return LV_OK;
    LV_TRY(plan_query(p, f, f->statement->query, &plan, err));
    return merge_columns(lv_session_arena(p->session), plan->schema, &f->dataset->columns,
                         f->settings.ansi, err);
}

static void note(const lv_pipeline_file *file, const lv_statement *place, lv_error *own)
{
    lv_error_at(own, place->sql_offset, place->sql_length);
    lv_pipeline_report(file, own);
}

static bool has_created_flows(const lv_pipeline *p, const lv_dataset *d)
{
    for (size_t i = 0; i < p->flows.count; i++)
        if (p->flows.at[i].dataset == d && p->flows.at[i].statement->target != NULL)
            return true;
    return false;
}

void lv_pipeline_finish(lv_pipeline *p)
{
    bool *ok = LV_NEW_ARRAY(lv_session_arena(p->session), bool, p->flows.count + 1);
    for (size_t i = 0; i < p->flows.count; i++) {
        lv_error own = LV_ERROR_INIT;
        ok[i] = p->flows.at[i].statement->target == NULL || find_target(p, i, &own) == LV_OK;
        if (!ok[i])
            note(p->flows.at[i].file, p->flows.at[i].statement, &own);
    }
    for (size_t i = 0; i < p->flows.count; i++) {
        lv_flow *f = &p->flows.at[i];
        lv_error own = LV_ERROR_INIT;
        if (!ok[i] || !has_created_flows(p, f->dataset))
            continue;
        ok[i] = infer_columns(p, f, &own) == LV_OK;
        if (!ok[i])
            note(f->file, f->statement, &own);
    }
    for (size_t i = 0; i < p->flows.count; i++) {
        lv_flow *f = &p->flows.at[i];
        lv_error own = LV_ERROR_INIT;
        if (ok[i] && has_created_flows(p, f->dataset) && plan_flow(p, f, true, &own) != LV_OK)
            note(f->file, f->statement, &own);
    }
    for (size_t i = 0; i < p->datasets.count; i++) {
        lv_dataset *d = p->datasets.at[i];
        lv_error own = LV_ERROR_INIT;
        if (d->flow_count > 0)
            continue;
        lv_status status = LV_FAIL(
            &own, LV_DATASET_WITHOUT_FLOW,
            "Pipeline dataset %.*s does not have any defined flows. Please attach a query with "
            "the dataset's definition, or explicitly define at least one flow that writes to "
            "the dataset",
            LV_STR_ARG(quoted(p, &d->name)));
        (void)status;
        note(d->file, d->statement, &own);
    }
}

/* ---- making tables --------------------------------------------------------------------------- */

static lv_status create_table(lv_pipeline *p, const lv_flow *f, lv_error *err)
{
    const lv_query_options *o = &f->options;
    lv_delta_table *table;
    lv_delta_write_plan *plan;
    lv_delta_write_options write = {.partition_by = o->partition_by,
                                    .partition_by_count = o->partition_by_count,
                                    .properties = o->properties,
                                    .comment = o->comment,
                                    .declared = o->declared};
    LV_TRY(lv_delta_table_open_or_new(o->table_path, o->durable, &table, err));
    lv_status status = LV_OK;
    if (lv_delta_table_version(table) < 0)
        status =
            lv_delta_plan_write(table, lv_session_arena(p->session), f->plan, &write, &plan, err);
    if (status == LV_OK && lv_delta_table_version(table) < 0)
        status = lv_delta_create(table, plan, err);
    lv_delta_table_close(table);
    return status;
}

lv_status lv_pipeline_create_tables(lv_pipeline *p, lv_error *err)
{
    for (size_t i = 0; i < p->flows.count; i++) {
        const lv_flow *f = &p->flows.at[i];
        if (f->dataset->selected && f->dataset->flow_count > 1)
            LV_TRY(create_table(p, f, err));
    }
    return LV_OK;
}
