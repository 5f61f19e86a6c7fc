/* plan_print.c: plans as an indented tree, as EXPLAIN shows them.
 *
 *     Project [upper(name) AS name, offset]
 *     +- Filter (temp > 1.5)
 *        +- Source 0 kafka [value, offset] subscribe=telemetry */
#include "plan_int.h"

static void print_typed_list(const lv_plan *plan, const lv_type *input, lv_sbuf *out)
{
    lv_sbuf_add_char(out, '[');
    for (int i = 0; i < plan->expr_count; i++) {
        size_t start = out->len + (i > 0 ? 2 : 0);
        lv_sbuf_add_cstr(out, i ? ", " : "");
        lv_expr_print(plan->exprs[i], input, out);
        bool named = plan->schema != NULL && i < plan->schema->field_count;
        lv_str text = {out->ptr + start, out->len - start};
        if (named && !lv_str_eq(text, plan->schema->fields[i].name)) {
            lv_sbuf_add_cstr(out, " AS ");
            lv_sql_add_name(out, plan->schema->fields[i].name);
        }
    }
    lv_sbuf_add_char(out, ']');
}

static void print_columns(const lv_plan *plan, lv_sbuf *out)
{
    bool first = true;
    lv_sbuf_add_cstr(out, " [");
    for (int i = 0; plan->schema && i < plan->schema->field_count; i++) {
        if (plan->used && !plan->used[i])
            continue;
        lv_sbuf_add_cstr(out, first ? "" : ", ");
        lv_sql_add_name(out, plan->schema->fields[i].name);
        first = false;
    }
    lv_sbuf_add_char(out, ']');
}

/** Options whose value may hold a secret. */
static bool is_secret(lv_str name)
{
    static const char *const parts[] = {"password",   "secret",          "jaas", "token", "key",
                                        "credential", "connectionstring"};
    for (size_t p = 0; p < LV_COUNT_OF(parts); p++) {
        size_t length = strlen(parts[p]);
        for (size_t i = 0; i + length <= name.len; i++)
            if (lv_str_eq_nocase(lv_str_sub(name, i, length), lv_str_of(parts[p])))
                return true;
    }
    return false;
}

static void print_options(const lv_options *options, lv_sbuf *out)
{
    for (int i = 0; i < options->count; i++)
        lv_sbuf_printf(out, " %.*s=%.*s", LV_STR_ARG(options->items[i].name),
                       LV_STR_ARG(is_secret(options->items[i].name) ? LV_STR("***")
                                                                    : options->items[i].value));
}

static void print_keys(const lv_plan *plan, const lv_type *input, lv_sbuf *out)
{
    lv_sbuf_add_char(out, '[');
    for (int i = 0; i < plan->expr_count; i++) {
        lv_sbuf_add_cstr(out, i ? ", " : "");
        lv_expr_print(plan->exprs[i], input, out);
        lv_sbuf_printf(out, " %s NULLS %s", plan->sort[i].descending ? "DESC" : "ASC",
                       plan->sort[i].nulls_first ? "FIRST" : "LAST");
    }
    lv_sbuf_add_char(out, ']');
}

static void print_limit(const lv_plan *plan, lv_sbuf *out)
{
    lv_sbuf_add_cstr(out, "Limit");
    if (plan->limit >= 0)
        lv_sbuf_printf(out, " %lld", (long long)plan->limit);
    if (plan->offset > 0)
        lv_sbuf_printf(out, " offset %lld", (long long)plan->offset);
}

static void print_expectations(const lv_plan *plan, const lv_type *input, lv_sbuf *out)
{
    static const char *const actions[] = {"", " DROP ROW", " FAIL UPDATE"};
    lv_sbuf_add_cstr(out, "Expect [");
    for (int i = 0; i < plan->expr_count; i++) {
        lv_sbuf_add_cstr(out, i ? ", " : "");
        lv_sql_add_name(out, plan->names[i]);
        lv_sbuf_add_char(out, ' ');
        lv_expr_print(plan->exprs[i], input, out);
        lv_sbuf_add_cstr(out, actions[plan->violations[i]]);
    }
    lv_sbuf_add_char(out, ']');
}

static void print_node(const lv_plan *plan, lv_sbuf *out)
{
    const lv_type *input = plan->input_count > 0 ? plan->inputs[0]->schema : NULL;
    switch (plan->kind) { /* dispatch */
    case LV_PLAN_SOURCE:
        lv_sbuf_printf(out, "Source %d %.*s", plan->source_index, LV_STR_ARG(plan->format));
        print_columns(plan, out);
        print_options(&plan->options, out);
        break;
    case LV_PLAN_TABLE:
        lv_sbuf_printf(out, "Table %.*s", LV_STR_ARG(plan->format));
        print_columns(plan, out);
        lv_sbuf_printf(out, " %.*s", LV_STR_ARG(plan->path));
        break;
    case LV_PLAN_FEED:
        lv_sbuf_add_cstr(out, "Feed");
        print_columns(plan, out);
        break;
    case LV_PLAN_VALUES:
        lv_sbuf_printf(out, "Values %d rows",
                       plan->schema && plan->schema->field_count
                           ? plan->expr_count / plan->schema->field_count
                           : 1);
        print_columns(plan, out);
        break;
    case LV_PLAN_PROJECT:
        lv_sbuf_add_cstr(out, "Project ");
        print_typed_list(plan, input, out);
        break;
    case LV_PLAN_FILTER:
        lv_sbuf_add_cstr(out, "Filter ");
        lv_expr_print(plan->exprs[0], input, out);
        break;
    case LV_PLAN_AGGREGATE:
        lv_sbuf_add_cstr(out, "Aggregate ");
        print_typed_list(plan, input, out);
        break;
    case LV_PLAN_SORT:
        lv_sbuf_add_cstr(out, "Sort ");
        print_keys(plan, input, out);
        break;
    case LV_PLAN_LIMIT: print_limit(plan, out); break;
    case LV_PLAN_UNION: lv_sbuf_add_cstr(out, "Union"); break;
    case LV_PLAN_SET: lv_sbuf_printf(out, "Set %s", lv_set_op_name(plan->set_op)); break;
    case LV_PLAN_EXPECT: print_expectations(plan, input, out); break;
    case LV_PLAN_GENERATE:
        lv_sbuf_add_cstr(out, plan->outer ? "Generate outer " : "Generate ");
        lv_expr_print(plan->exprs[0], input, out);
        print_columns(plan, out);
        break;
    case LV_PLAN_RANGE:
        lv_sbuf_printf(out, "Range %lld to %lld by %lld", (long long)plan->range[0],
                       (long long)plan->range[1], (long long)plan->range[2]);
        break;
    case LV_PLAN_RELATION:
        lv_sbuf_printf(out, "Relation %s", plan->is_stream ? "STREAM " : "");
        for (int i = 0; i < plan->name_count; i++)
            lv_sbuf_printf(out, "%s%.*s", i ? "." : "", LV_STR_ARG(plan->names[i]));
        break;
    case LV_PLAN_FIT: lv_sbuf_add_cstr(out, "Fit"); break;
    case LV_PLAN_ALIAS: lv_sbuf_printf(out, "Alias %.*s", LV_STR_ARG(plan->names[0])); break;
    }
}

static void print_tree(const lv_plan *plan, int depth, lv_sbuf *out)
{
    for (int i = 1; i < depth; i++)
        lv_sbuf_add_cstr(out, "   ");
    if (depth > 0)
        lv_sbuf_add_cstr(out, "+- ");
    print_node(plan, out);
    lv_sbuf_add_char(out, '\n');
    for (int i = 0; i < plan->input_count; i++)
        print_tree(plan->inputs[i], depth + 1, out);
}

void lv_plan_print(const lv_plan *plan, lv_sbuf *out)
{
    print_tree(plan, 0, out);
}
