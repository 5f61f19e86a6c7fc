/* session.c: see session.h. */
#include "engine/session_int.h"

#include <stdlib.h>

#include "base/check.h"
#include "conn/conn.h"
#include "delta/delta.h"
#include "files/files.h"
#include "os/os.h"

/* Keys whose value something depends on, with Spark's defaults. */
static const struct {
    const char *key;
    const char *value;
} defaults[] = {
    {"spark.sql.mapKeyDedupPolicy", "EXCEPTION"},
    {"spark.sql.ansi.enabled", "true"},
    {"spark.sql.session.timeZone", "UTC"},
    {"spark.sql.shuffle.partitions", "200"},
    {"spark.sql.streaming.minBatchesToRetain", "100"},
    {"spark.sql.streaming.pollingDelay", "10ms"},
    {"spark.sql.columnNameOfCorruptRecord", "_corrupt_record"},
};

static lv_option *find_setting(lv_session *session, lv_str key)
{
    for (size_t i = 0; i < session->settings.count; i++)
        if (lv_str_eq(session->settings.at[i].name, key))
            return &session->settings.at[i];
    return NULL;
}

lv_str lv_session_get(const lv_session *session, const char *key)
{
    const lv_option *setting = find_setting((lv_session *)session, lv_str_of(key));
    if (setting != NULL)
        return setting->value;
    for (size_t i = 0; i < LV_COUNT_OF(defaults); i++)
        if (strcmp(defaults[i].key, key) == 0)
            return lv_str_of(defaults[i].value);
    return LV_STR_NONE;
}

const lv_option *lv_session_settings(const lv_session *session, int *count)
{
    *count = (int)session->settings.count;
    return session->settings.at;
}

bool lv_session_ansi(const lv_session *session)
{
    return lv_str_eq_nocase(lv_session_get(session, "spark.sql.ansi.enabled"), LV_STR("true"));
}

bool lv_session_map_last_wins(const lv_session *session)
{
    return lv_str_eq_nocase(lv_session_get(session, "spark.sql.mapKeyDedupPolicy"),
                            LV_STR("LAST_WIN"));
}

const lv_timezone *lv_session_zone(const lv_session *session)
{
    return session->zone;
}

lv_plan_conf lv_session_plan_conf(const lv_session *session)
{
    return (lv_plan_conf){.ansi = lv_session_ansi(session),
                          .map_last_wins = lv_session_map_last_wins(session),
                          .session_zone = lv_session_get(session, "spark.sql.session.timeZone"),
                          .corrupt_column =
                              lv_session_get(session, "spark.sql.columnNameOfCorruptRecord"),
                          .catalog = session->catalog_name,
                          .schema = session->schema_name};
}

/* Zones are kept for the session's life: plans of statements before a SET TIME ZONE go on using theirs. */
static lv_status set_zone(lv_session *session, lv_str name, lv_error *err)
{
    lv_timezone *zone;
    LV_TRY(lv_timezone_load(&session->arena, name, &zone, err));
    session->zone = zone;
    return LV_OK;
}

static lv_status check_setting(lv_session *session, lv_str key, lv_str value, lv_error *err)
{
    if (lv_str_is(key, "spark.sql.session.timeZone"))
        return set_zone(session, value, err);
    bool is_bool =
        lv_str_eq_nocase(value, LV_STR("true")) || lv_str_eq_nocase(value, LV_STR("false"));
    if (lv_str_is(key, "spark.sql.ansi.enabled") && !is_bool)
        return LV_FAIL(
            err, LV_INVALID_CONF_TYPE,
            "the value '%.*s' in the config \"%.*s\" is no boolean; expected true or false",
            LV_STR_ARG(value), LV_STR_ARG(key));
    return LV_OK;
}

lv_status lv_session_set(lv_session *session, lv_str key, lv_str value, lv_error *err)
{
    LV_TRY(check_setting(session, key, value, err));
    lv_option *setting = find_setting(session, key);
    if (setting == NULL) {
        lv_option added = {lv_str_dup(&session->arena, key), LV_STR_NONE, -1};
        LV_VEC_PUSH(&session->arena, session->settings, added);
        setting = &session->settings.at[session->settings.count - 1];
    }
    setting->value = lv_str_dup(&session->arena, value);
    return LV_OK;
}

void lv_session_reset(lv_session *session, lv_str key)
{
    size_t kept = 0;
    for (size_t i = 0; i < session->settings.count; i++)
        if (key.len > 0 && !lv_str_eq(session->settings.at[i].name, key))
            session->settings.at[kept++] = session->settings.at[i];
    session->settings.count = kept;
    lv_status status =
        set_zone(session, lv_session_get(session, "spark.sql.session.timeZone"), NULL);
    LV_ASSERT(status == LV_OK);
}

lv_session_mark lv_session_keep(lv_session *session)
{
    size_t count = session->settings.count;
    lv_option *settings = LV_NEW_ARRAY(&session->arena, lv_option, LV_MAX(count, (size_t)1));
    if (count > 0)
        memcpy(settings, session->settings.at, sizeof *settings * count);
    return (lv_session_mark){settings, count, session->catalog_name, session->schema_name};
}

void lv_session_back_to(lv_session *session, lv_session_mark mark)
{
    session->settings.count = 0;
    for (size_t i = 0; i < mark.count; i++)
        LV_VEC_PUSH(&session->arena, session->settings, mark.settings[i]);
    session->catalog_name = mark.catalog_name;
    session->schema_name = mark.schema_name;
    lv_status status =
        set_zone(session, lv_session_get(session, "spark.sql.session.timeZone"), NULL);
    LV_ASSERT(status == LV_OK); /* it was checked when it was set */
}

/* ---- names ----------------------------------------------------------------------------------- */

static lv_status find_view(void *self, const lv_str *names, int count, const lv_plan **view,
                           lv_error *err)
{
    return lv_session_find_view(self, names, count, view, err);
}

const char *lv_session_table_path(lv_session *session, lv_str name)
{
    lv_full_name full = {session->catalog_name, session->schema_name, name};
    return lv_names_path(session, "tables", &full, "");
}

const char *lv_session_checkpoint_path(lv_session *session, lv_str name)
{
    lv_full_name full = {session->catalog_name, session->schema_name, name};
    return lv_names_path(session, "checkpoints", &full, "");
}

static lv_status find_table(void *self, lv_arena *arena, lv_str format, const lv_str *names,
                            int count, lv_str *path, const lv_type **schema, lv_error *err)
{
    lv_session *session = self;
    lv_full_name full = {0};
    *path = lv_str_dup(arena, names[count - 1]);
    if (format.len == 0) {
        LV_TRY(lv_names_resolve(session, names, count, &full, err));
        if (!lv_names_is_plain(full.name))
            return LV_FAIL(err, LV_NOT_FOUND, "a table cannot be called so");
        *path = lv_str_of(lv_names_path(session, "tables", &full, ""));
    }
    const char *path_text = lv_str_cstr(arena, *path);
    if (format.len == 0 && !lv_path_exists(path_text) &&
        lv_session_foresees_table(session, full.name)) {
        lv_error_hint(err, "put what it reads into a view, and read that in both");
        return LV_FAIL(err, LV_UNSUPPORTED_FEATURE,
                       "The feature is not supported: reading the streaming table `%.*s` in the "
                       "pipeline that fills it",
                       LV_STR_ARG(full.name));
    }
    if (format.len == 0 && !lv_path_exists(path_text))
        return LV_FAIL(err, LV_NOT_FOUND, "there is no table at %s", path_text);
    lv_delta_table *table = NULL;
    LV_TRY(lv_delta_table_open(path_text, &table, err));
    *schema = lv_type_copy(arena, lv_delta_table_schema(table));
    lv_delta_table_close(table);
    return LV_OK;
}

static lv_status source_schema(void *self, lv_arena *arena, lv_str format,
                               const lv_options *options, const lv_type **schema, lv_error *err)
{
    lv_session *session = self;
    const char *log_dir = NULL;
    if (session->sources_dir != NULL)
        log_dir = lv_arena_printf(arena, "%s/%d", session->sources_dir, session->source_count++);
    return lv_source_schema(arena, format, options, log_dir, schema, err);
}

static lv_status files_schema(void *self, lv_arena *arena, lv_str format, const lv_options *options,
                              const lv_type **schema, lv_error *err)
{
    lv_file_relation *relation;
    LV_TRY(lv_file_options_check(options, err));
    LV_TRY(lv_file_relation_open(format, options, NULL, LV_FILES_BATCH, &relation, err));
    *schema = lv_type_copy(arena, lv_file_relation_schema(relation));
    lv_file_relation_close(relation);
    return LV_OK;
}

static lv_str suggest(void *self, const lv_str *names, int count)
{
    return lv_session_suggest(self, names, count);
}

const lv_catalog *lv_session_catalog(lv_session *session)
{
    return &session->catalog;
}

/* ---- statements ------------------------------------------------------------------------------ */

lv_status lv_session_apply(lv_session *session, const lv_statement *s, lv_error *err)
{
    switch (s->kind) {
    case LV_STMT_SET:
        return s->value.ptr != NULL ? lv_session_set(session, s->name, s->value, err) : LV_OK;
    case LV_STMT_RESET: lv_session_reset(session, s->name); return LV_OK;
    case LV_STMT_USE: return lv_session_use(session, s, err);
    case LV_STMT_CREATE_VIEW: return lv_session_add_view(session, s, err);
    default: break;
    }
    return LV_FAIL(err, LV_INTERNAL,
                   "a statement that changes no session came to be applied to one");
}

lv_status lv_session_plan(lv_session *session, const lv_plan *query, lv_plan **plan, lv_error *err)
{
    lv_plan_conf conf = lv_session_plan_conf(session);
    LV_TRY(lv_plan_analyze(&session->arena, query, &session->catalog, &conf, plan, err));
    return lv_plan_optimize(&session->arena, *plan, &conf, plan, err);
}

/* ---- life ------------------------------------------------------------------------------------ */

lv_session *lv_session_new(const char *storage)
{
    lv_session *session = calloc(1, sizeof *session);
    LV_ASSERT(session != NULL);
    lv_arena_init(&session->arena);
    session->storage = lv_arena_strndup(&session->arena, storage, strlen(storage));
    session->catalog_name = LV_STR(LV_DEFAULT_CATALOG);
    session->schema_name = LV_STR(LV_DEFAULT_SCHEMA);
    session->catalog =
        (lv_catalog){session, find_view, find_table, source_schema, files_schema, suggest};
    lv_session_reset(session, LV_STR_NONE);
    return session;
}

void lv_session_free(lv_session *session)
{
    if (session == NULL)
        return;
    lv_arena_release(&session->arena);
    free(session);
}

lv_exec_watch *lv_session_watch(lv_session *session)
{
    return &session->watch;
}

lv_arena *lv_session_arena(lv_session *session)
{
    return &session->arena;
}
