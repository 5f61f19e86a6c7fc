/* session.c: see session.h. */
#include "engine/session.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/vec.h"
#include "conn/conn.h"
#include "delta/delta.h"
#include "os/os.h"

typedef struct named_view {
    lv_str name;
    const lv_plan *plan;
} named_view;

struct lv_session {
    lv_arena arena;
    const char *storage;
    LV_VEC(lv_option) settings;
    LV_VEC(named_view) views;
    lv_timezone *zone;
    lv_catalog catalog;
    lv_exec_watch watch;
};

/* Keys whose value something depends on, with Spark's defaults. */
static const struct {
    const char *key;
    const char *value;
} defaults[] = {
    {"spark.sql.ansi.enabled", "true"},           {"spark.sql.session.timeZone", "UTC"},
    {"spark.sql.shuffle.partitions", "200"},      {"spark.sql.streaming.minBatchesToRetain", "100"},
    {"spark.sql.streaming.pollingDelay", "10ms"},
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

const lv_timezone *lv_session_zone(const lv_session *session)
{
    return session->zone;
}

lv_plan_conf lv_session_plan_conf(const lv_session *session)
{
    return (lv_plan_conf){lv_session_ansi(session),
                          lv_session_get(session, "spark.sql.session.timeZone")};
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

/* ---- names ----------------------------------------------------------------------------------- */

static named_view *get_view(lv_session *session, lv_str name)
{
    for (size_t i = 0; i < session->views.count; i++)
        if (lv_str_eq_nocase(session->views.at[i].name, name))
            return &session->views.at[i];
    return NULL;
}

lv_status lv_session_add_view(lv_session *session, const lv_statement *statement, lv_error *err)
{
    named_view *view = get_view(session, statement->name);
    if (view != NULL && statement->if_not_exists)
        return LV_OK;
    if (view != NULL && !statement->or_replace)
        return LV_FAIL(err, LV_TABLE_OR_VIEW_ALREADY_EXISTS,
                       "cannot create view `%.*s`: it already exists", LV_STR_ARG(statement->name));
    if (view == NULL) {
        LV_VEC_PUSH(&session->arena, session->views, (named_view){statement->name, NULL});
        view = &session->views.at[session->views.count - 1];
    }
    view->plan = statement->query;
    return LV_OK;
}

void lv_session_add_feed(lv_session *session, lv_str name, const lv_feed *feed,
                         const lv_type *schema)
{
    const lv_statement view = {.kind = LV_STMT_CREATE_VIEW,
                               .name = lv_str_dup(&session->arena, name),
                               .or_replace = true,
                               .query = lv_plan_feed(&session->arena, feed, schema)};
    lv_status status = lv_session_add_view(session, &view, NULL);
    LV_ASSERT(status == LV_OK); /* only a view that must not be replaced is refused */
}

lv_str lv_session_view_name(const lv_session *session, int i)
{
    return (size_t)i < session->views.count ? session->views.at[i].name : LV_STR_NONE;
}

static lv_status find_view(void *self, const lv_str *names, int count, const lv_plan **view,
                           lv_error *err)
{
    named_view *found = count == 1 ? get_view(self, names[0]) : NULL;
    *view = found ? found->plan : NULL;
    return LV_OK;
}

const char *lv_session_table_path(lv_session *session, lv_str name)
{
    return lv_arena_printf(&session->arena, "%s/tables/%.*s", session->storage, LV_STR_ARG(name));
}

const char *lv_session_checkpoint_path(lv_session *session, lv_str name)
{
    return lv_arena_printf(&session->arena, "%s/checkpoints/%.*s", session->storage,
                           LV_STR_ARG(name));
}

static lv_status find_table(void *self, lv_arena *arena, lv_str format, const lv_str *names,
                            int count, lv_str *path, const lv_type **schema, lv_error *err)
{
    lv_session *session = self;
    if (format.len > 0 && !lv_str_is(format, "delta"))
        return LV_FAIL(err, LV_UNSUPPORTED_FEATURE,
                       "reading format '%.*s' is not supported yet; delta is", LV_STR_ARG(format));
    lv_str name = names[count - 1];
    *path =
        lv_str_dup(arena, format.len > 0 ? name : lv_str_of(lv_session_table_path(session, name)));
    const char *path_text = lv_str_cstr(arena, *path);
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
    return lv_source_schema(arena, format, options, schema, err);
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
    case LV_STMT_USE: return LV_OK; /* one catalog, one schema: names have one part */
    case LV_STMT_CREATE_VIEW: return lv_session_add_view(session, s, err);
    case LV_STMT_CREATE_STREAMING_TABLE:
    case LV_STMT_QUERY:
    case LV_STMT_EXPLAIN: break;
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
    session->catalog = (lv_catalog){session, find_view, find_table, source_schema};
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
