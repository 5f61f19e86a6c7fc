/* show.c: SHOW and DESCRIBE: what there is, in rows with Spark's columns.
 *
 * Nothing keeps a list of tables: they are the folders below <storage>/tables that have a Delta log,
 * and schemas and catalogs the folders around those (names.c draws them). */
#include <stdlib.h>

#include "base/check.h"
#include "delta/delta.h"
#include "engine/rows_int.h"
#include "engine/session_int.h"
#include "os/os.h"
#include "json/json.h"

typedef LV_VEC(lv_str) cell_list;

typedef struct listing {
    lv_session *session;
    lv_arena *arena; /* the session's */
    const lv_statement *statement;
    cell_list cells;
} listing;

#define NONE LV_STR_NONE

static void add(listing *l, lv_str cell)
{
    LV_VEC_PUSH(l->arena, l->cells, cell);
}

static void add_row(listing *l, lv_str a, lv_str b, lv_str c)
{
    add(l, a);
    add(l, b);
    add(l, c);
}

static lv_rows *finish(const listing *l, const char *const *names, int columns)
{
    return lv_rows_of_text(names, columns, l->cells.at, (int)l->cells.count / columns);
}

/* ---- patterns -------------------------------------------------------------------------------- */

static bool matches_one(lv_str pattern, lv_str name)
{
    size_t p = 0, n = 0, star = SIZE_MAX, mark = 0;
    while (n < name.len) {
        bool same = p < pattern.len && (pattern.ptr[p] | 32) == (name.ptr[n] | 32);
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            mark = n;
        } else if (same) {
            p++;
            n++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            n = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}

/* Spark's LIKE of SHOW: `*` is anything, `|` parts alternatives, case does not count. */
static bool matches(lv_str pattern, lv_str name)
{
    if (pattern.ptr == NULL)
        return true;
    for (lv_str one; lv_str_split(&pattern, '|', &one);)
        if (matches_one(lv_str_trim(one), name))
            return true;
    return false;
}

/* ---- names ----------------------------------------------------------------------------------- */

/* The schema of SHOW ... IN [catalog.]schema; the current one without IN. */
static lv_status take_schema(const listing *l, lv_str *catalog, lv_str *schema, lv_error *err)
{
    const lv_statement *s = l->statement;
    if (s->name_count > 2)
        return LV_FAIL(err, LV_REQUIRES_SINGLE_PART_NAMESPACE,
                       "%.*s requires a single-part namespace, but got identifier %.*s",
                       LV_STR_ARG(l->session->catalog_name),
                       LV_STR_ARG(lv_quote_names(l->arena, s->names, s->name_count)));
    *catalog = s->name_count == 2 ? s->names[0] : l->session->catalog_name;
    *schema = s->name_count > 0 ? s->names[s->name_count - 1] : l->session->schema_name;
    bool is_there = lv_str_eq_nocase(*schema, LV_STR(LV_DEFAULT_SCHEMA)) ||
                    lv_str_eq_nocase(*schema, l->session->schema_name) ||
                    lv_path_exists(lv_names_folder(l->session, "tables", *catalog, *schema)) ||
                    lv_path_exists(lv_names_folder(l->session, "views", *catalog, *schema));
    if (is_there)
        return LV_OK;
    lv_str parts[] = {*catalog, *schema};
    return LV_FAIL(
        err, LV_SCHEMA_NOT_FOUND,
        "The schema %.*s cannot be found. Verify the spelling and correctness of the "
        "schema and catalog.\nIf you did not qualify the name with a catalog, verify the "
        "current_schema() output, or qualify the name with the correct catalog.\nTo "
        "tolerate the error on drop use DROP SCHEMA IF EXISTS",
        LV_STR_ARG(lv_quote_names(l->arena, parts, 2)));
}

/* Names of a folder that end with `suffix`, without it; none if the folder is not there. */
static void list_folder(const listing *l, const char *folder, const char *suffix, cell_list *names)
{
    lv_dir_entry *entries;
    size_t count = 0;
    if (lv_dir_list(folder, l->arena, &entries, &count, NULL) != LV_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        lv_str name = entries[i].name;
        if (!lv_str_ends(name, lv_str_of(suffix)))
            continue;
        name.len -= strlen(suffix);
        LV_VEC_PUSH(l->arena, *names, name);
    }
}

static void add_name(listing *l, lv_str schema, lv_str name, bool temporary)
{
    if (matches(l->statement->pattern, name))
        add_row(l, schema, name, temporary ? LV_STR("true") : LV_STR("false"));
}

static void list_tables(listing *l, lv_str catalog, lv_str schema)
{
    cell_list names = {0};
    const char *folder = lv_names_folder(l->session, "tables", catalog, schema);
    list_folder(l, folder, "", &names);
    for (size_t i = 0; i < names.count; i++) {
        const char *table = lv_path_join(l->arena, folder, lv_str_cstr(l->arena, names.at[i]));
        if (lv_path_exists(lv_path_join(l->arena, table, "_delta_log")))
            add_name(l, schema, names.at[i], false);
    }
}

/* Those that are kept and those of the session, or the temporary ones. */
static void list_views(listing *l, lv_str catalog, lv_str schema, bool temporary)
{
    cell_list names = {0};
    const char *folder = lv_names_folder(l->session, "views", catalog, schema);
    if (!temporary)
        list_folder(l, folder, ".sql", &names);
    for (size_t i = 0; i < names.count; i++)
        add_name(l, schema, names.at[i], false);
    for (size_t i = 0; i < l->session->views.count; i++) {
        const lv_full_name *view = &l->session->views.at[i].name;
        lv_str wanted = temporary ? LV_STR("") : schema;
        bool kept = !temporary && lv_path_exists(lv_names_path(l->session, "views", view, ".sql"));
        if (!kept && lv_str_eq_nocase(view->schema, wanted) &&
            (temporary || lv_str_eq_nocase(view->catalog, catalog)))
            add_name(l, wanted, view->name, temporary);
    }
}

static int by_text(const void *a, const void *b)
{
    const lv_str *x = a, *y = b;
    int order = memcmp(x->ptr, y->ptr, LV_MIN(x->len, y->len));
    return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

static int by_relation(const void *a, const void *b)
{
    return by_text((const lv_str *)a + 1, (const lv_str *)b + 1);
}

static lv_status show_relations(listing *l, lv_rows **rows, lv_error *err)
{
    static const char *const tables[] = {"namespace", "tableName", "?isTemporary"};
    static const char *const views[] = {"namespace", "viewName", "?isTemporary"};
    bool only_views = lv_str_is(l->statement->value, "VIEWS");
    lv_str catalog, schema;
    LV_TRY(take_schema(l, &catalog, &schema, err));
    if (!only_views)
        list_tables(l, catalog, schema);
    list_views(l, catalog, schema, false);
    if (l->cells.count > 0)
        qsort(l->cells.at, l->cells.count / 3, 3 * sizeof l->cells.at[0], by_relation);
    list_views(l, catalog, schema, true);
    *rows = finish(l, only_views ? views : tables, 3);
    return LV_OK;
}

static lv_rows *show_schemas(listing *l)
{
    static const char *const columns[] = {"namespace"};
    cell_list names = {0};
    lv_str catalog =
        l->statement->name_count > 0 ? l->statement->names[0] : l->session->catalog_name;
    bool own = lv_str_eq_nocase(catalog, LV_STR(LV_DEFAULT_CATALOG));
    const char *base = lv_names_folder(l->session, "tables", catalog, LV_STR(LV_DEFAULT_SCHEMA));
    if (!own)
        base = lv_arena_printf(l->arena, "%s/..", base);
    LV_VEC_PUSH(l->arena, names, LV_STR(LV_DEFAULT_SCHEMA));
    list_folder(l, base, ".db", &names);
    for (size_t i = 0; i < names.count; i++)
        if (matches(l->statement->pattern, names.at[i]) &&
            (i == 0 || !lv_str_is(names.at[i], LV_DEFAULT_SCHEMA)))
            add(l, names.at[i]);
    return finish(l, columns, 1);
}

static lv_rows *show_catalogs(listing *l)
{
    static const char *const columns[] = {"catalog"};
    cell_list names = {0};
    LV_VEC_PUSH(l->arena, names, LV_STR(LV_DEFAULT_CATALOG));
    list_folder(l, lv_arena_printf(l->arena, "%s/tables", l->session->storage), ".catalog", &names);
    for (size_t i = 0; i < names.count; i++)
        if (matches(l->statement->pattern, names.at[i]))
            add(l, names.at[i]);
    return finish(l, columns, 1);
}

static lv_rows *show_functions(listing *l)
{
    static const char *const columns[] = {"function"};
    int count;
    const lv_function *functions = lv_function_table(&count);
    for (int i = 0; i < count && !lv_str_is(l->statement->value, "USER FUNCTIONS"); i++)
        if (matches(l->statement->pattern, lv_str_of(functions[i].name)))
            add(l, lv_str_of(functions[i].name));
    if (l->cells.count > 0)
        qsort(l->cells.at, l->cells.count, sizeof l->cells.at[0], by_text);
    return finish(l, columns, 1);
}

static lv_rows *show_namespace(listing *l)
{
    static const char *const columns[] = {"catalog", "namespace"};
    add(l, l->session->catalog_name);
    add(l, l->session->schema_name);
    return finish(l, columns, 2);
}

/* ---- relations ------------------------------------------------------------------------------- */

/* The plan that a name stands for. */
static lv_status plan_relation(const listing *l, lv_plan **plan, lv_error *err)
{
    const lv_statement *s = l->statement;
    lv_plan relation = {.kind = LV_PLAN_RELATION,
                        .sql_offset = s->target_offset,
                        .sql_length = s->target_length,
                        .names = s->names,
                        .name_count = s->name_count};
    lv_plan_conf conf = lv_session_plan_conf(l->session);
    return lv_plan_analyze(l->arena, &relation, lv_session_catalog(l->session), &conf, plan, err);
}

static lv_status show_columns(listing *l, lv_rows **rows, lv_error *err)
{
    static const char *const columns[] = {"col_name"};
    lv_plan *plan;
    LV_TRY(plan_relation(l, &plan, err));
    for (int i = 0; i < plan->schema->field_count; i++)
        add(l, plan->schema->fields[i].name);
    *rows = finish(l, columns, 1);
    return LV_OK;
}

static lv_status show_properties(listing *l, lv_rows **rows, lv_error *err)
{
    static const char *const columns[] = {"key", "value"};
    lv_delta_table *table;
    lv_plan *plan;
    lv_str key = l->statement->pattern;
    LV_TRY(plan_relation(l, &plan, err));
    if (plan->kind == LV_PLAN_TABLE && lv_str_is(plan->format, "delta")) {
        LV_TRY(lv_delta_table_open(lv_str_cstr(l->arena, plan->path), &table, err));
        lv_options all = lv_delta_table_properties(table, l->arena);
        lv_delta_table_close(table);
        for (int i = 0; i < all.count; i++)
            if (key.ptr == NULL || lv_str_eq(all.items[i].name, key)) {
                add(l, all.items[i].name);
                add(l, all.items[i].value);
            }
    }
    if (key.ptr != NULL && l->cells.count == 0) {
        lv_full_name full;
        LV_TRY(lv_names_resolve(l->session, l->statement->names, l->statement->name_count, &full,
                                err));
        add(l, key);
        add(l,
            lv_str_of(lv_arena_printf(l->arena, "Table %.*s.%.*s.%.*s does not have property: %.*s",
                                      LV_STR_ARG(full.catalog), LV_STR_ARG(full.schema),
                                      LV_STR_ARG(full.name), LV_STR_ARG(key))));
    }
    *rows = finish(l, columns, 2);
    return LV_OK;
}

lv_status lv_session_show(lv_session *session, const lv_statement *s, lv_rows **rows, lv_error *err)
{
    listing l = {.session = session, .arena = &session->arena, .statement = s};
    if (lv_str_is(s->value, "TABLES") || lv_str_is(s->value, "VIEWS"))
        return show_relations(&l, rows, err);
    if (lv_str_is(s->value, "COLUMNS"))
        return show_columns(&l, rows, err);
    if (lv_str_is(s->value, "TBLPROPERTIES"))
        return show_properties(&l, rows, err);
    *rows = lv_str_is(s->value, "SCHEMAS")     ? show_schemas(&l)
            : lv_str_is(s->value, "CATALOGS")  ? show_catalogs(&l)
            : lv_str_is(s->value, "NAMESPACE") ? show_namespace(&l)
                                               : show_functions(&l);
    return LV_OK;
}

/* ---- DESCRIBE -------------------------------------------------------------------------------- */

static lv_str simple_type(const listing *l, const lv_type *type)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_type_print_simple(type, &text);
    lv_str kept = lv_str_dup(l->arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return kept;
}

static lv_str comment_of(const listing *l, const lv_field *field)
{
    lv_json *metadata;
    if (field->metadata.len == 0 ||
        lv_json_parse(l->arena, field->metadata, &metadata, NULL) != LV_OK)
        return NONE;
    return lv_json_get_str(metadata, "comment");
}

static void describe_field(listing *l, const lv_field *field)
{
    add_row(l, field->name, simple_type(l, field->type), comment_of(l, field));
}

static void describe_partitions(listing *l, const lv_delta_table *table, const lv_type *schema)
{
    int count;
    const lv_str *names = lv_delta_table_partition_columns(table, &count);
    if (count == 0)
        return;
    add_row(l, LV_STR("# Partition Information"), LV_STR(""), LV_STR(""));
    add_row(l, LV_STR("# col_name"), LV_STR("data_type"), LV_STR("comment"));
    for (int i = 0; i < count; i++) {
        int at = lv_type_field(schema, names[i]);
        if (at >= 0)
            describe_field(l, &schema->fields[at]);
    }
}

static void describe_details(listing *l, const lv_delta_table *table)
{
    lv_full_name full;
    const lv_statement *s = l->statement;
    lv_options properties = lv_delta_table_properties(table, l->arena);
    lv_str comment = lv_delta_table_comment(table);
    lv_sbuf text = LV_SBUF_INIT;
    const lv_str none = LV_STR("");
    if (lv_names_resolve(l->session, s->names, s->name_count, &full, NULL) != LV_OK)
        return;
    add_row(l, none, none, none);
    add_row(l, LV_STR("# Detailed Table Information"), none, none);
    add_row(l, LV_STR("Catalog"), full.catalog, none);
    add_row(l, LV_STR("Namespace"), full.schema, none);
    add_row(l, LV_STR("Database"), full.schema, none);
    add_row(l, LV_STR("Table"), full.name, none);
    add_row(l, LV_STR("Type"), LV_STR("MANAGED"), none);
    if (comment.ptr != NULL)
        add_row(l, LV_STR("Comment"), lv_str_dup(l->arena, comment), none);
    add_row(l, LV_STR("Location"),
            lv_str_of(lv_arena_printf(l->arena, "%s", lv_delta_table_path(table))), none);
    add_row(l, LV_STR("Provider"), LV_STR("delta"), none);
    for (int i = 0; i < properties.count; i++)
        lv_sbuf_printf(&text, "%s%.*s=%.*s", i > 0 ? "," : "[",
                       LV_STR_ARG(properties.items[i].name), LV_STR_ARG(properties.items[i].value));
    lv_sbuf_add_char(&text, ']');
    add_row(l, LV_STR("Table Properties"), lv_str_dup(l->arena, lv_sbuf_str(&text)), none);
    lv_sbuf_release(&text);
}

/* DESCRIBE t col */
static lv_status describe_column(listing *l, const lv_type *schema, lv_rows **rows, lv_error *err)
{
    static const char *const columns[] = {"info_name", "info_value"};
    lv_str wanted = l->statement->pattern;
    int at = lv_type_field(schema, wanted);
    if (at < 0) {
        lv_sbuf names = LV_SBUF_INIT;
        for (int i = 0; i < schema->field_count; i++)
            lv_sbuf_printf(&names, "%s`%.*s`", i > 0 ? ", " : "",
                           LV_STR_ARG(schema->fields[i].name));
        lv_status status =
            LV_FAIL(err, LV_UNRESOLVED_COLUMN,
                    "A column, variable, or function parameter with name `%.*s` cannot "
                    "be resolved. Did you mean one of the following? [%.*s]",
                    LV_STR_ARG(wanted), LV_STR_ARG(lv_sbuf_str(&names)));
        lv_sbuf_release(&names);
        return status;
    }
    lv_str comment = comment_of(l, &schema->fields[at]);
    lv_str cells[] = {LV_STR("col_name"),  schema->fields[at].name,
                      LV_STR("data_type"), simple_type(l, schema->fields[at].type),
                      LV_STR("comment"),   comment.ptr != NULL ? comment : LV_STR("NULL")};
    *rows = lv_rows_of_text(columns, 2, cells, 3);
    return LV_OK;
}

static lv_status describe_relation(listing *l, lv_rows **rows, lv_error *err)
{
    static const char *const columns[] = {"col_name", "data_type", "comment"};
    const lv_statement *s = l->statement;
    lv_plan *plan;
    lv_delta_table *table = NULL;
    LV_TRY(plan_relation(l, &plan, err));
    if (s->pattern.ptr != NULL)
        return describe_column(l, plan->schema, rows, err);
    if (plan->kind == LV_PLAN_TABLE && lv_str_is(plan->format, "delta"))
        LV_TRY(lv_delta_table_open(lv_str_cstr(l->arena, plan->path), &table, err));
    for (int i = 0; i < plan->schema->field_count; i++)
        describe_field(l, &plan->schema->fields[i]);
    if (table != NULL)
        describe_partitions(l, table, plan->schema);
    if (table != NULL && s->extended)
        describe_details(l, table);
    lv_delta_table_close(table);
    *rows = finish(l, columns, 3);
    return LV_OK;
}

static lv_status describe_query(listing *l, lv_rows **rows, lv_error *err)
{
    static const char *const columns[] = {"col_name", "data_type", "comment"};
    lv_plan *plan;
    LV_TRY(lv_session_plan(l->session, l->statement->query, &plan, err));
    for (int i = 0; i < plan->schema->field_count; i++)
        describe_field(l, &plan->schema->fields[i]);
    *rows = finish(l, columns, 3);
    return LV_OK;
}

static lv_status describe_function(listing *l, lv_rows **rows, lv_error *err)
{
    static const char *const columns[] = {"function_desc"};
    const lv_statement *s = l->statement;
    const lv_function *function = lv_function_find(s->name);
    if (function == NULL) {
        const char *near = lv_function_suggest(s->name);
        if (near != NULL)
            lv_error_hint(err, "did you mean %s?", near);
        lv_error_at(err, s->target_offset, s->target_length);
        return LV_FAIL(err, LV_UNRESOLVED_ROUTINE,
                       "Cannot resolve routine %.*s on search path [`system`.`builtin`, "
                       "`system`.`session`, `%.*s`.`%.*s`]",
                       LV_STR_ARG(lv_quote_names(l->arena, s->names, s->name_count)),
                       LV_STR_ARG(l->session->catalog_name), LV_STR_ARG(l->session->schema_name));
    }
    add(l, lv_str_of(lv_arena_printf(l->arena, "Function: %s", function->name)));
    add(l, lv_str_of(lv_arena_printf(l->arena, "Usage: %s - %s.", function->signature,
                                     function->summary)));
    *rows = finish(l, columns, 1);
    return LV_OK;
}

static lv_status describe_schema(listing *l, lv_rows **rows, lv_error *err)
{
    static const char *const columns[] = {"info_name", "info_value"};
    lv_str catalog, schema;
    LV_TRY(take_schema(l, &catalog, &schema, err));
    lv_str cells[] = {LV_STR("Catalog Name"),
                      catalog,
                      LV_STR("Namespace Name"),
                      schema,
                      LV_STR("Comment"),
                      LV_STR(""),
                      LV_STR("Location"),
                      lv_str_of(lv_names_folder(l->session, "tables", catalog, schema))};
    *rows = lv_rows_of_text(columns, 2, cells, 4);
    return LV_OK;
}

lv_status lv_session_describe(lv_session *session, const lv_statement *s, lv_rows **rows,
                              lv_error *err)
{
    listing l = {.session = session, .arena = &session->arena, .statement = s};
    if (lv_str_is(s->value, "QUERY"))
        return describe_query(&l, rows, err);
    if (lv_str_is(s->value, "FUNCTION"))
        return describe_function(&l, rows, err);
    if (lv_str_is(s->value, "SCHEMA"))
        return describe_schema(&l, rows, err);
    return describe_relation(&l, rows, err);
}
