/* names.c: catalogs, schemas and views: what a name stands for, and where it lies.
 *
 *     <storage>/tables/readings                          spark_catalog.default.readings
 *     <storage>/tables/iot.db/readings                   spark_catalog.iot.readings
 *     <storage>/tables/main.catalog/iot.db/readings      main.iot.readings
 *     <storage>/views/iot.db/latest.sql                  the view spark_catalog.iot.latest
 *
 * checkpoints/ is laid out as tables/ is. Schemas and catalogs come into being with what is in them. */
#include "base/check.h"
#include "engine/session_int.h"
#include "os/os.h"
#include "sql/sql.h"

bool lv_names_is_plain(lv_str name)
{
    return name.len > 0 && lv_sql_is_plain_name(name);
}

lv_status lv_names_resolve(lv_session *session, const lv_str *names, int count, lv_full_name *full,
                           lv_error *err)
{
    if (count > 3)
        return LV_FAIL(err, LV_REQUIRES_SINGLE_PART_NAMESPACE,
                       "%.*s requires a single-part namespace, but got identifier %.*s",
                       LV_STR_ARG(session->catalog_name),
                       LV_STR_ARG(lv_quote_names(&session->arena, names, count)));
    *full = (lv_full_name){.catalog = count == 3 ? names[0] : session->catalog_name,
                           .schema = count >= 2 ? names[count - 2] : session->schema_name,
                           .name = names[count - 1]};
    return LV_OK;
}

const char *lv_names_folder(lv_session *session, const char *kind, lv_str catalog, lv_str schema)
{
    bool own = lv_str_eq_nocase(catalog, LV_STR(LV_DEFAULT_CATALOG));
    lv_arena *arena = &session->arena;
    const char *base = own ? lv_arena_printf(arena, "%s/%s", session->storage, kind)
                           : lv_arena_printf(arena, "%s/%s/%.*s.catalog", session->storage, kind,
                                             LV_STR_ARG(catalog));
    if (own && lv_str_eq_nocase(schema, LV_STR(LV_DEFAULT_SCHEMA)))
        return base;
    return lv_arena_printf(arena, "%s/%.*s.db", base, LV_STR_ARG(schema));
}

const char *lv_names_path(lv_session *session, const char *kind, const lv_full_name *full,
                          const char *suffix)
{
    return lv_arena_printf(&session->arena, "%s/%.*s%s",
                           lv_names_folder(session, kind, full->catalog, full->schema),
                           LV_STR_ARG(full->name), suffix);
}

lv_status lv_session_use(lv_session *session, const lv_statement *s, lv_error *err)
{
    bool is_catalog = lv_str_is(s->value, "CATALOG");
    if (s->name_count > 2 || (is_catalog && s->name_count > 1))
        return LV_FAIL(err, LV_REQUIRES_SINGLE_PART_NAMESPACE,
                       "%.*s requires a single-part namespace, but got identifier %.*s",
                       LV_STR_ARG(session->catalog_name),
                       LV_STR_ARG(lv_quote_names(&session->arena, s->names, s->name_count)));
    for (int i = 0; i < s->name_count; i++)
        if (!lv_names_is_plain(s->names[i]))
            return LV_FAIL(
                err, LV_INVALID_SCHEMA_OR_RELATION_NAME,
                "`%.*s` is not a valid name for tables/schemas. Valid names only contain "
                "alphabet characters, numbers and _",
                LV_STR_ARG(s->names[i]));
    if (is_catalog || s->name_count == 2)
        session->catalog_name = s->names[0];
    session->schema_name = is_catalog ? LV_STR(LV_DEFAULT_SCHEMA) : s->names[s->name_count - 1];
    return LV_OK;
}

lv_str lv_session_current_catalog(const lv_session *session)
{
    return session->catalog_name;
}

lv_str lv_session_current_schema(const lv_session *session)
{
    return session->schema_name;
}

/* ---- views ----------------------------------------------------------------------------------- */

static lv_named_view *find(lv_session *session, const lv_full_name *full)
{
    for (size_t i = 0; i < session->views.count; i++) {
        lv_named_view *view = &session->views.at[i];
        if (lv_str_eq_nocase(view->name.name, full->name) &&
            lv_str_eq_nocase(view->name.schema, full->schema) &&
            lv_str_eq_nocase(view->name.catalog, full->catalog))
            return view;
    }
    return NULL;
}

static lv_named_view *find_temporary(lv_session *session, const lv_str *names, int count)
{
    lv_full_name full = {LV_STR(""), LV_STR(""), names[count - 1]};
    if (count == 2 && lv_str_eq_nocase(names[0], LV_STR("global_temp")))
        full.schema = LV_STR("global_temp");
    else if (count > 1)
        return NULL;
    return find(session, &full);
}

/* What a view reads keeps its meaning when the session moves on to another schema. */
static void qualify(lv_session *session, lv_plan *plan)
{
    for (int i = 0; i < plan->input_count; i++)
        qualify(session, plan->inputs[i]);
    lv_full_name full;
    bool is_name = plan->kind == LV_PLAN_RELATION && plan->name_count == 1 &&
                   find_temporary(session, plan->names, 1) == NULL &&
                   lv_names_resolve(session, plan->names, 1, &full, NULL) == LV_OK;
    if (!is_name)
        return;
    lv_str *names = LV_NEW_ARRAY(&session->arena, lv_str, 3);
    names[0] = full.catalog;
    names[1] = full.schema;
    names[2] = full.name;
    plan->names = names;
    plan->name_count = 3;
}

static lv_status view_name(lv_session *session, const lv_statement *s, lv_full_name *full,
                           lv_error *err)
{
    *full = (lv_full_name){LV_STR(""), s->global ? LV_STR("global_temp") : LV_STR(""), s->name};
    return s->temporary ? LV_OK : lv_names_resolve(session, s->names, s->name_count, full, err);
}

static lv_status fail_exists(lv_session *session, const lv_statement *s, lv_error *err)
{
    lv_error_hint(err, "write CREATE OR REPLACE");
    return LV_FAIL(
        err, LV_TABLE_OR_VIEW_ALREADY_EXISTS,
        "Cannot create table or view %.*s because it already exists.\nChoose a different "
        "name, drop or replace the existing object, or add the IF NOT EXISTS clause to "
        "tolerate pre-existing objects",
        LV_STR_ARG(lv_quote_names(&session->arena, s->names, s->name_count)));
}

lv_status lv_session_add_view(lv_session *session, const lv_statement *s, lv_error *err)
{
    lv_full_name full;
    LV_TRY(view_name(session, s, &full, err));
    lv_named_view *view = find(session, &full);
    if (view != NULL && s->if_not_exists)
        return LV_OK;
    if (view != NULL && !s->or_replace)
        return fail_exists(session, s, err);
    if (view == NULL) {
        LV_VEC_PUSH(&session->arena, session->views, (lv_named_view){.name = full});
        view = &session->views.at[session->views.count - 1];
    }
    qualify(session, s->query);
    view->global = s->global;
    view->plan = s->query;
    return LV_OK;
}

void lv_session_add_feed(lv_session *session, lv_str name, const lv_feed *feed,
                         const lv_type *schema)
{
    const lv_statement view = {.kind = LV_STMT_CREATE_VIEW,
                               .name = lv_str_dup(&session->arena, name),
                               .temporary = true,
                               .or_replace = true,
                               .query = lv_plan_feed(&session->arena, feed, schema)};
    lv_status status = lv_session_add_view(session, &view, NULL);
    LV_ASSERT(status == LV_OK); /* only a view that must not be replaced is refused */
}

lv_status lv_views_store(lv_session *session, const lv_statement *s, lv_error *err)
{
    lv_full_name full;
    lv_plan *checked;
    LV_TRY(view_name(session, s, &full, err));
    if (!lv_names_is_plain(full.name))
        return LV_FAIL(err, LV_INVALID_SCHEMA_OR_RELATION_NAME,
                       "`%.*s` is not a valid name for tables/schemas. Valid names only contain "
                       "alphabet characters, numbers and _",
                       LV_STR_ARG(full.name));
    const char *path = lv_names_path(session, "views", &full, ".sql");
    if (lv_path_exists(path) && s->if_not_exists)
        return LV_OK;
    if (lv_path_exists(path) && !s->or_replace)
        return fail_exists(session, s, err);
    LV_TRY(lv_session_plan(session, s->query, &checked, err));
    LV_TRY(lv_session_add_view(session, s, err));
    lv_sbuf text = LV_SBUF_INIT;
    lv_sbuf_printf(&text, "USE `%.*s`.`%.*s`;\n%.*s;\n", LV_STR_ARG(session->catalog_name),
                   LV_STR_ARG(session->schema_name), LV_STR_ARG(s->text));
    lv_status status =
        lv_dir_make(lv_names_folder(session, "views", full.catalog, full.schema), err);
    if (status == LV_OK)
        status = lv_file_publish(path, text.ptr, text.len, true, true, err);
    lv_sbuf_release(&text);
    return status;
}

/* Takes a stored view into the session; names in it are those of the schema it was made in. */
static lv_status load(lv_session *session, const char *path, const lv_full_name *full,
                      lv_error *err)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_status status = lv_file_read_all(path, &text, err);
    lv_str kept = lv_str_dup(&session->arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    LV_TRY(status);
    lv_str catalog = session->catalog_name, schema = session->schema_name;
    lv_statement *statements;
    size_t count;
    status = lv_statements_parse(&session->arena, kept, NULL, NULL, NULL, &statements, &count, err);
    for (size_t i = 0; i < count && status == LV_OK; i++) {
        if (statements[i].kind == LV_STMT_USE)
            status = lv_session_use(session, &statements[i], err);
        else if (statements[i].kind == LV_STMT_CREATE_VIEW && find(session, full) == NULL)
            status = lv_session_add_view(session, &statements[i], err);
    }
    session->catalog_name = catalog;
    session->schema_name = schema;
    if (status != LV_OK)
        lv_error_context(err, "view %s", path);
    return status;
}

void lv_session_foresee(lv_session *session, const lv_statement *s)
{
    if (s->kind == LV_STMT_CREATE_VIEW || s->kind == LV_STMT_CREATE_STREAMING_TABLE)
        LV_VEC_PUSH(&session->arena, session->foreseen, s);
}

static const lv_statement *foreseen(const lv_session *session, lv_statement_kind kind, lv_str name)
{
    for (size_t i = 0; i < session->foreseen.count; i++)
        if (session->foreseen.at[i]->kind == kind &&
            lv_str_eq_nocase(session->foreseen.at[i]->name, name))
            return session->foreseen.at[i];
    return NULL;
}

bool lv_session_foresees_table(const lv_session *session, lv_str name)
{
    return foreseen(session, LV_STMT_CREATE_STREAMING_TABLE, name) != NULL;
}

/* Keeps the nearer of two names. */
static void consider(lv_str wanted, lv_str name, int *nearest, lv_str *best)
{
    int distance = lv_str_distance(wanted, name);
    if (distance < *nearest && distance > 0 && (size_t)distance < wanted.len) {
        *nearest = distance;
        *best = name;
    }
}

lv_str lv_session_suggest(lv_session *session, const lv_str *names, int count)
{
    enum { NEAR = 3 };
    int nearest = NEAR;
    lv_str best = LV_STR_NONE;
    lv_full_name full;
    lv_dir_entry *entries;
    size_t entry_count = 0;
    if (lv_names_resolve(session, names, count, &full, NULL) != LV_OK)
        return LV_STR_NONE;
    for (size_t i = 0; i < session->views.count; i++)
        consider(full.name, session->views.at[i].name.name, &nearest, &best);
    for (size_t i = 0; i < session->foreseen.count; i++)
        consider(full.name, session->foreseen.at[i]->name, &nearest, &best);
    const char *folder = lv_names_folder(session, "tables", full.catalog, full.schema);
    if (lv_dir_list(folder, &session->arena, &entries, &entry_count, NULL) == LV_OK)
        for (size_t i = 0; i < entry_count; i++)
            consider(full.name, entries[i].name, &nearest, &best);
    return best;
}

lv_status lv_session_find_view(lv_session *session, const lv_str *names, int count,
                               const lv_plan **view, lv_error *err)
{
    lv_full_name full;
    const lv_named_view *found = find_temporary(session, names, count);
    *view = found != NULL ? found->plan : NULL;
    if (found != NULL || lv_names_resolve(session, names, count, &full, NULL) != LV_OK)
        return LV_OK;
    found = find(session, &full);
    if (found == NULL && lv_names_is_plain(full.name)) {
        const char *path = lv_names_path(session, "views", &full, ".sql");
        if (lv_path_exists(path))
            LV_TRY(load(session, path, &full, err));
        found = find(session, &full);
    }
    const lv_statement *later = foreseen(session, LV_STMT_CREATE_VIEW, full.name);
    *view = found != NULL ? found->plan : later != NULL ? later->query : NULL;
    return LV_OK;
}
