/* expr_print.c: expressions as Spark prints them, which is also how it names columns without AS.
 *
 * `temp * 2` is "(temp * 2)", `UPPER(name)` "upper(name)", `a <> 1` "(NOT (a = 1))", strings stand
 * without quotes, casts that the analyzer put in are left out (Source: toPrettySQL). */
#include "base/datetime.h"
#include "column/decimal.h"
#include "plan_int.h"
#include "json/extract.h"

/* Functions that are printed in a way of their own. */
typedef enum print_form {
    FORM_INFIX,
    FORM_PREFIX,
    FORM_IS,
    FORM_NOT_EQUAL,
    FORM_IN,
    FORM_LIKE,
    FORM_CASE,
    FORM_IF,
    FORM_INDEX,
    FORM_FIELD
} print_form;

static const struct {
    const char *name;
    print_form form;
    const char *text;
} forms[] = {
    {"+", FORM_INFIX, "+"},
    {"-", FORM_INFIX, "-"},
    {"*", FORM_INFIX, "*"},
    {"/", FORM_INFIX, "/"},
    {"%", FORM_INFIX, "%"},
    {"div", FORM_INFIX, "div"},
    {"&", FORM_INFIX, "&"},
    {"|", FORM_INFIX, "|"},
    {"^", FORM_INFIX, "^"},
    {"<<", FORM_INFIX, "<<"},
    {">>", FORM_INFIX, ">>"},
    {">>>", FORM_INFIX, ">>>"},
    {"=", FORM_INFIX, "="},
    {"<=>", FORM_INFIX, "<=>"},
    {"<", FORM_INFIX, "<"},
    {"<=", FORM_INFIX, "<="},
    {">", FORM_INFIX, ">"},
    {">=", FORM_INFIX, ">="},
    {"and", FORM_INFIX, "AND"},
    {"or", FORM_INFIX, "OR"},
    {"not", FORM_PREFIX, "(NOT "},
    {"-", FORM_PREFIX, "(- "},
    {"positive", FORM_PREFIX, "(+ "},
    {"~", FORM_PREFIX, "~"},
    {"isnull", FORM_IS, "IS NULL"},
    {"isnotnull", FORM_IS, "IS NOT NULL"},
    {"<>", FORM_NOT_EQUAL, ""},
    {"in", FORM_IN, ""},
    {"like", FORM_LIKE, ""},
    {"when", FORM_CASE, ""},
    {"if", FORM_IF, ""},
    {"[]", FORM_INDEX, ""},
    {".", FORM_FIELD, ""},
};

/* Functions whose printed name is not their lower-case name. */
static const char *const printed_names[][2] = {
    {"acos", "ACOS"},
    {"asin", "ASIN"},
    {"atan", "ATAN"},
    {"atan2", "ATAN2"},
    {"acosh", "ACOSH"},
    {"asinh", "ASINH"},
    {"atanh", "ATANH"},
    {"cbrt", "CBRT"},
    {"curdate", "current_date"},
    {"dateadd", "date_add"},
    {"cos", "COS"},
    {"cosh", "COSH"},
    {"cot", "COT"},
    {"csc", "CSC"},
    {"degrees", "DEGREES"},
    {"exp", "EXP"},
    {"expm1", "EXPM1"},
    {"hypot", "HYPOT"},
    {"log10", "LOG10"},
    {"log1p", "LOG1P"},
    {"log2", "LOG2"},
    {"power", "POWER"},
    {"radians", "RADIANS"},
    {"regexp", "REGEXP"},
    {"regexp_like", "REGEXP_LIKE"},
    {"rlike", "RLIKE"},
    {"sec", "SEC"},
    {"signum", "SIGNUM"},
    {"sin", "SIN"},
    {"sinh", "SINH"},
    {"sqrt", "SQRT"},
    {"tan", "TAN"},
    {"tanh", "TANH"},
    {"pi", "PI"},
    {"e", "E"},
    {"spark_partition_id", "SPARK_PARTITION_ID"},
    {"random", "rand"},
    {"current_database", "current_schema"},
    {"user", "user"},
    {"to_varchar", "to_char"},
};

/* Calls that Spark prints with arguments it has filled in, or in a way that depends on how many there
 * are: $1, $2 are arguments, $* all of them. */
#define V "namedlambdavariable()"
static const struct {
    const char *name;
    int arg_count;
    const char *text;
} templates[] = {
    {"aggregate", 3, "aggregate($*, lambdafunction(" V ", " V "))"},
    {"array_sort", 1,
     "array_sort($1, lambdafunction((IF(((" V " IS NULL) AND (" V " IS NULL)), 0, (IF((" V
     " IS NULL), 1, (IF((" V " IS NULL), -1, (IF((" V " < " V "), -1, (IF((" V " > " V
     "), 1, 0)))))))))), " V ", " V "))"},
    {"extract", 2, "extract($1 FROM $2)"},
    {"datepart", 2, "datepart($1 FROM $2)"},
    {"assert_true", 1, "assert_true($1, '$1' is not true!)"},
    {"bround", 1, "bround($1, 0)"},
    {"ceil", 1, "CEIL($1)"},
    {"floor", 1, "FLOOR($1)"},
    {"locate", 2, "locate($*, 1)"},
    {"log", 1, "LOG(E(), $1)"},
    {"log", 2, "LOG($*)"},
    {"lpad", 2, "lpad($*,  )"},
    {"ltrim", 2, "TRIM(LEADING $1 FROM $2)"},
    {"mask", 1, "mask($*, X, x, n, NULL)"},
    {"mask", 2, "mask($*, x, n, NULL)"},
    {"mask", 3, "mask($*, n, NULL)"},
    {"mask", 4, "mask($*, NULL)"},
    {"overlay", 3, "overlay($*, -1)"},
    {"position", 2, "position($*, 1)"},
    {"raise_error", 1, "raise_error(USER_RAISED_EXCEPTION, map(errorMessage, $1))"},
    {"reduce", 3, "reduce($*, lambdafunction(" V ", " V "))"},
    {"regexp_extract", 2, "regexp_extract($*, 1)"},
    {"regexp_extract_all", 2, "regexp_extract_all($*, 1)"},
    {"regexp_instr", 2, "regexp_instr($*, 0)"},
    {"regexp_replace", 3, "regexp_replace($*, 1)"},
    {"replace", 2, "replace($*, )"},
    {"round", 1, "round($1, 0)"},
    {"rpad", 2, "rpad($*,  )"},
    {"rtrim", 2, "TRIM(TRAILING $1 FROM $2)"},
    {"sort_array", 1, "sort_array($1, true)"},
    {"split", 2, "split($*, -1)"},
    {"str_to_map", 1, "str_to_map($1, ,, :)"},
    {"str_to_map", 2, "str_to_map($*, :)"},
    {"substr", 2, "substr($*, 2147483647)"},
    {"substring", 2, "substring($*, 2147483647)"},
    {"trim", 2, "TRIM(BOTH $1 FROM $2)"},
};
#undef V

typedef struct printer {
    const lv_type *schema;
    lv_sbuf *out;
} printer;

static void print(const printer *p, const lv_expr *expr);

static void print_list(const printer *p, lv_expr *const *args, int count)
{
    for (int i = 0; i < count; i++) {
        if (i > 0)
            lv_sbuf_add_cstr(p->out, ", ");
        print(p, args[i]);
    }
}

static void print_literal(const printer *p, const lv_expr *expr)
{
    const char *before = "";
    if (lv_expr_is_null_literal(expr)) {
        lv_sbuf_add_cstr(p->out, "NULL");
        return;
    }
    switch (expr->type->kind) {
    case LV_TYPE_DATE: before = "DATE '"; break;
    case LV_TYPE_TIMESTAMP: before = "TIMESTAMP '"; break;
    case LV_TYPE_TIMESTAMP_NTZ: before = "TIMESTAMP_NTZ '"; break;
    case LV_TYPE_BINARY: {
        lv_str bytes = lv_vector_str(expr->literal, 0);
        lv_sbuf_add_cstr(p->out, "X'");
        for (size_t i = 0; i < bytes.len; i++)
            lv_sbuf_printf(p->out, "%02X", (unsigned char)bytes.ptr[i]);
        lv_sbuf_add_char(p->out, '\'');
        return;
    }
    case LV_TYPE_DECIMAL:
        lv_decimal_print_short(LV_AT(__int128, expr->literal, 0), expr->type->scale, p->out);
        return;
    default: break;
    }
    lv_sbuf_add_cstr(p->out, before);
    if (expr->name_count > 0) /* a time of the session's zone */
        lv_sbuf_add_str(p->out, expr->names[0]);
    else
        lv_print_value(expr->literal, 0, lv_timezone_utc(), p->out);
    if (before[0])
        lv_sbuf_add_char(p->out, '\'');
}

static void print_case(const printer *p, const lv_expr *expr)
{
    lv_sbuf_add_cstr(p->out, "CASE");
    for (int i = 0; i + 1 < expr->arg_count; i += 2) {
        lv_sbuf_add_cstr(p->out, " WHEN ");
        print(p, expr->args[i]);
        lv_sbuf_add_cstr(p->out, " THEN ");
        print(p, expr->args[i + 1]);
    }
    if (expr->arg_count % 2) {
        lv_sbuf_add_cstr(p->out, " ELSE ");
        print(p, expr->args[expr->arg_count - 1]);
    }
    lv_sbuf_add_cstr(p->out, " END");
}

static void print_around(const printer *p, const char *before, const lv_expr *a,
                         const char *between, const lv_expr *b, const char *after)
{
    lv_sbuf_add_cstr(p->out, before);
    print(p, a);
    lv_sbuf_add_cstr(p->out, between);
    if (b != NULL)
        print(p, b);
    lv_sbuf_add_cstr(p->out, after);
}

static void print_form_of(const printer *p, const lv_expr *expr, print_form form, const char *text)
{
    lv_expr *const *args = expr->args;
    switch (form) { /* dispatch */
    case FORM_INFIX:
        lv_sbuf_add_char(p->out, '(');
        print(p, args[0]);
        lv_sbuf_printf(p->out, " %s ", text);
        print(p, args[1]);
        lv_sbuf_add_char(p->out, ')');
        break;
    case FORM_PREFIX: print_around(p, text, args[0], text[0] == '(' ? ")" : "", NULL, ""); break;
    case FORM_IS:
        print_around(p, "(", args[0], " ", NULL, text);
        lv_sbuf_add_char(p->out, ')');
        break;
    case FORM_NOT_EQUAL: print_around(p, "(NOT (", args[0], " = ", args[1], "))"); break;
    case FORM_IN:
        print_around(p, "(", args[0], " IN (", NULL, "");
        print_list(p, args + 1, expr->arg_count - 1);
        lv_sbuf_add_cstr(p->out, "))");
        break;
    case FORM_LIKE:
        print_around(p, "", args[0], " LIKE ", args[1], "");
        if (expr->arg_count == 3)
            print_around(p, " ESCAPE '", args[2], "'", NULL, "");
        break;
    case FORM_CASE: print_case(p, expr); break;
    case FORM_IF:
        lv_sbuf_add_cstr(p->out, "(IF(");
        print_list(p, args, expr->arg_count);
        lv_sbuf_add_cstr(p->out, "))");
        break;
    case FORM_INDEX: print_around(p, "", args[0], "[", args[1], "]"); break;
    case FORM_FIELD: print_around(p, "", args[0], ".", args[1], ""); break;
    }
}

/* ---- sums of times, multiples of intervals ------------------------------------------------------ */

/* The type before the analyzer's casts. */
static const lv_type *written_type(const lv_expr *expr)
{
    while (expr->kind == LV_EXPR_CAST && expr->implicit)
        expr = expr->args[0];
    return expr->type;
}

static bool is_time(const lv_type *type)
{
    return type->kind == LV_TYPE_DATE || type->kind == LV_TYPE_TIMESTAMP ||
           type->kind == LV_TYPE_TIMESTAMP_NTZ;
}

/* A time and an interval, or days: Spark prints what it makes of them, the time first. */
static bool print_time_sum(const printer *p, const lv_expr *expr, bool subtract)
{
    const lv_expr *time = expr->args[0], *by = expr->args[1];
    bool interval = lv_type_is_interval(written_type(by));
    if (!subtract && (lv_type_is_interval(written_type(time)) ||
                      (!interval && is_time(written_type(by)) && !is_time(written_type(time))))) {
        time = expr->args[1];
        by = expr->args[0];
        interval = lv_type_is_interval(written_type(by));
    }
    const lv_type *of = written_type(time), *step = written_type(by);
    if (lv_type_is_interval(of) || (!interval && (!is_time(of) || is_time(step))))
        return false;
    bool is_date = of->kind == LV_TYPE_DATE;
    if (is_date && lv_type_is_integral(step))
        print_around(p, subtract ? "date_sub(" : "date_add(", time, ", ", by, ")");
    else if (is_date && step->kind == LV_TYPE_MICROS && step->scale == LV_UNIT_DAY)
        print_around(p, "date_add(", time,
                     subtract ? ", (- extractansiintervaldays(" : ", extractansiintervaldays(", by,
                     subtract ? ")))" : "))");
    else if (interval)
        print_around(p, "", time, subtract ? " - " : " + ", by, "");
    else
        return false;
    return true;
}

static bool print_multiple(const printer *p, const lv_expr *expr, bool divide)
{
    const lv_expr *of = expr->args[0], *by = expr->args[1];
    if (!lv_type_is_interval(written_type(of))) {
        of = expr->args[1];
        by = expr->args[0];
    }
    const lv_type *type = written_type(of);
    if (type->kind == LV_TYPE_INTERVAL)
        print_around(p, divide ? "divide_interval(" : "multiply_interval(", of, ", ", by, ")");
    else if (lv_type_is_interval(type) && !divide)
        print_around(p, "(", of, " * ", by, ")");
    return lv_type_is_interval(type) && (type->kind == LV_TYPE_INTERVAL || !divide);
}

/* Whether the operator is one of those, printed here. */
static bool print_time_operator(const printer *p, const lv_expr *expr, lv_str name)
{
    if (expr->kind != LV_EXPR_CALL || expr->arg_count != 2 || name.len != 1)
        return false;
    switch (name.ptr[0]) {
    case '+':
    case '-': return print_time_sum(p, expr, name.ptr[0] == '-');
    case '*':
    case '/': return print_multiple(p, expr, name.ptr[0] == '/');
    default: return false;
    }
}

/* ---- other forms --------------------------------------------------------------------------------- */

/* json:a.b[0], a call of ":" with the path as $.a.b[0]. */
static bool is_path(const lv_expr *expr)
{
    return expr->kind == LV_EXPR_CALL && strcmp(expr->call->function->name, ":") == 0;
}

/* A schema and options are no children of these functions in Spark. */
static bool has_one_child(lv_str name)
{
    static const char *const names[] = {"from_json", "to_json", "schema_of_json",
                                        "from_csv",  "to_csv",  "schema_of_csv"};
    for (size_t i = 0; i < LV_COUNT_OF(names); i++)
        if (lv_str_eq_nocase(name, lv_str_of(names[i])))
            return true;
    return false;
}

/* to_char of a time is date_format, and of bytes is base64, hex or decode; Spark gives it those names, and keeps the
 * name to_varchar for bytes. false for numbers. */
static bool print_to_char(const printer *p, const lv_expr *expr, lv_str name)
{
    bool varchar = lv_str_eq_nocase(name, LV_STR("to_varchar"));
    if (expr->kind != LV_EXPR_CALL || (!varchar && !lv_str_eq_nocase(name, LV_STR("to_char"))))
        return false;
    lv_type_kind kind = expr->call->arg_types[0]->kind;
    const lv_vector *format = expr->args[1]->literal;
    bool bytes = kind == LV_TYPE_BINARY && format != NULL;
    if (!bytes && kind != LV_TYPE_TIMESTAMP)
        return false;
    bool charset = bytes && lv_str_eq_nocase(lv_vector_str(format, 0), LV_STR("utf-8"));
    if (!bytes)
        lv_sbuf_add_cstr(p->out, "date_format");
    else if (varchar)
        lv_sbuf_add_cstr(p->out, "to_varchar");
    else if (charset)
        lv_sbuf_add_cstr(p->out, "decode");
    else
        lv_sbuf_add_cstr(
            p->out, lv_str_eq_nocase(lv_vector_str(format, 0), LV_STR("hex")) ? "hex" : "base64");
    lv_sbuf_add_char(p->out, '(');
    print_list(p, expr->args, bytes && !charset ? 1 : 2);
    lv_sbuf_add_char(p->out, ')');
    return true;
}

static void print_template(const printer *p, const lv_expr *expr, const char *text)
{
    for (; *text; text++) {
        if (*text != '$')
            lv_sbuf_add_char(p->out, *text);
        else if (*++text == '*')
            print_list(p, expr->args, expr->arg_count);
        else
            print(p, expr->args[*text - '1']);
    }
}

/* a LIKE ANY (...): the label, and a. */
static void print_like_many(const printer *p, const lv_expr *expr)
{
    const lv_expr *like = expr;
    lv_str name = like->names[0];
    while (!lv_str_is(name, "like") && !lv_str_is(name, "ilike")) {
        like = like->args[0];
        name = like->names[0];
    }
    bool caseless = lv_str_is(name, "ilike");
    lv_sbuf_printf(p->out, "%.*s(", LV_STR_ARG(expr->label));
    print_around(p, caseless ? "lower(" : "", like->args[0], caseless ? "))" : ")", NULL, "");
}

/* struct(a, b AS c), which is a named_struct: each name that was written with AS has that label. */
static void print_struct(const printer *p, const lv_expr *expr)
{
    lv_sbuf_add_cstr(p->out, "struct(");
    for (int i = 0; i + 1 < expr->arg_count; i += 2) {
        lv_sbuf_add_cstr(p->out, i > 0 ? ", " : "");
        print(p, expr->args[i + 1]);
        if (lv_str_is(expr->args[i]->label, "as")) {
            lv_sbuf_add_cstr(p->out, " AS ");
            print(p, expr->args[i]);
        }
    }
    lv_sbuf_add_char(p->out, ')');
}

/* decode(a, b, result, ...), which is CASE WHEN a <=> b THEN result ... */
static void print_decode(const printer *p, const lv_expr *expr)
{
    print_around(p, "decode(", expr->args[0]->args[0], "", NULL, "");
    for (int i = 0; i + 1 < expr->arg_count; i += 2)
        print_around(p, ", ", expr->args[i]->args[1], ", ", expr->args[i + 1], "");
    if (expr->arg_count % 2)
        print_around(p, ", ", expr->args[expr->arg_count - 1], "", NULL, "");
    lv_sbuf_add_char(p->out, ')');
}

/* What was written in a form of its own is printed in it: the label says which. */
static bool print_labelled(const printer *p, const lv_expr *expr)
{
    if (lv_str_is(expr->label, "struct")) {
        print_struct(p, expr);
    } else if (lv_str_is(expr->label, "nullif")) {
        lv_sbuf_add_cstr(p->out, "nullif(");
        print_list(p, expr->args[0]->args, 2);
        lv_sbuf_add_char(p->out, ')');
    } else if (lv_str_is(expr->label, "between")) {
        lv_sbuf_add_cstr(p->out, "between(");
        print_list(p, expr->args[0]->args, 2);
        lv_sbuf_add_cstr(p->out, ", ");
        print(p, expr->args[1]->args[1]);
        lv_sbuf_add_char(p->out, ')');
    } else if (lv_str_is(expr->label, "decode")) {
        print_decode(p, expr);
    } else if (lv_str_ends(expr->label, LV_STR("likeany")) ||
               lv_str_ends(expr->label, LV_STR("likeall"))) {
        print_like_many(p, expr);
    } else {
        return false;
    }
    return true;
}

/* By the tables above. */
static bool print_by_table(const printer *p, const lv_expr *expr, lv_str name)
{
    for (size_t i = 0; i < LV_COUNT_OF(templates); i++)
        if (expr->arg_count == templates[i].arg_count &&
            lv_str_eq_nocase(name, lv_str_of(templates[i].name))) {
            print_template(p, expr, templates[i].text);
            return true;
        }
    for (size_t i = 0; i < LV_COUNT_OF(forms); i++)
        if (lv_str_eq_nocase(name, lv_str_of(forms[i].name)) &&
            (expr->arg_count > 1 || forms[i].form != FORM_INFIX)) {
            print_form_of(p, expr, forms[i].form, forms[i].text);
            return true;
        }
    return false;
}

/* json:a.b and from_json of a map. */
static bool print_json(const printer *p, const lv_expr *expr, lv_str name)
{
    if (is_path(expr) && expr->args[1]->literal != NULL) {
        lv_str path = lv_vector_str(expr->args[1]->literal, 0);
        size_t skip = lv_str_starts(path, LV_STR("$.")) ? 2 : 1;
        print(p, expr->args[0]);
        lv_sbuf_add_char(p->out, ':');
        lv_sbuf_add_str(p->out, lv_str_sub(path, skip, path.len - skip));
        return true;
    }
    bool of_map = expr->kind == LV_EXPR_CALL && expr->type->kind == LV_TYPE_MAP &&
                  lv_str_eq_nocase(name, LV_STR("from_json"));
    if (of_map)
        lv_sbuf_add_cstr(p->out, "entries");
    return of_map;
}

static void print_name(const printer *p, lv_str name)
{
    for (size_t i = 0; i < LV_COUNT_OF(printed_names); i++)
        if (lv_str_eq_nocase(name, lv_str_of(printed_names[i][0]))) {
            lv_sbuf_add_cstr(p->out, printed_names[i][1]);
            return;
        }
    for (size_t i = 0; i < name.len; i++)
        lv_sbuf_add_char(p->out, (char)(name.ptr[i] >= 'A' && name.ptr[i] <= 'Z' ? name.ptr[i] + 32
                                                                                 : name.ptr[i]));
}

static void print_call(const printer *p, const lv_expr *expr)
{
    lv_str name = expr->name_count > 0 ? expr->names[0] : lv_str_of(expr->call->function->name);
    if (print_labelled(p, expr) || print_time_operator(p, expr, name) ||
        print_to_char(p, expr, name) || print_by_table(p, expr, name) || print_json(p, expr, name))
        return;
    print_name(p, name);
    lv_sbuf_add_cstr(p->out, expr->distinct ? "(DISTINCT " : "(");
    print_list(p, expr->args, has_one_child(name) ? 1 : expr->arg_count);
    lv_sbuf_add_char(p->out, ')');
}

static void print_cast(const printer *p, const lv_expr *expr)
{
    bool in_name = p->schema == NULL && lv_str_is(expr->label, "call"); /* double(x) is called x */
    if (expr->implicit || in_name || lv_type_is_nested(expr->type)) {   /* Spark leaves these out */
        print(p, expr->args[0]);
        return;
    }
    lv_sbuf_add_cstr(p->out, expr->cast_mode == LV_CAST_TRY ? "TRY_CAST(" : "CAST(");
    print(p, expr->args[0]);
    lv_sbuf_add_cstr(p->out, " AS ");
    lv_type_print_sql(expr->type, p->out);
    lv_sbuf_add_char(p->out, ')');
}

static void print_column(const printer *p, const lv_expr *expr)
{
    if (p->schema != NULL && expr->index < p->schema->field_count)
        lv_sbuf_add_str(p->out, p->schema->fields[expr->index].name);
    else if (lv_str_is(expr->label, "lateral"))
        lv_sbuf_printf(p->out, "lateralAliasReference(%.*s)", LV_STR_ARG(expr->names[0]));
    else if (expr->name_count > 0)
        lv_sbuf_add_str(p->out, expr->names[0]);
    else
        lv_sbuf_printf(p->out, "#%d", expr->index);
}

/* Resolved parameters have no names, as in Spark. */
static void print_lambda(const printer *p, const lv_expr *expr)
{
    lv_sbuf_add_cstr(p->out, "lambdafunction(");
    print(p, expr->args[0]);
    for (int i = 0; i < expr->name_count; i++)
        if (expr->type != NULL)
            lv_sbuf_add_cstr(p->out, ", namedlambdavariable()");
        else
            lv_sbuf_printf(p->out, ", %.*s", LV_STR_ARG(expr->names[i]));
    lv_sbuf_add_char(p->out, ')');
}

static void print(const printer *p, const lv_expr *expr)
{
    switch (expr->kind) {
    case LV_EXPR_COLUMN: print_column(p, expr); break;
    case LV_EXPR_LITERAL:
        if (lv_str_starts(expr->label, LV_STR("current_")))
            lv_sbuf_add_str(p->out, expr->label);
        else
            print_literal(p, expr);
        break;
    case LV_EXPR_CALL:
    case LV_EXPR_APPLY: print_call(p, expr); break;
    case LV_EXPR_CAST: print_cast(p, expr); break;
    case LV_EXPR_FIELD:
        print(p, expr->args[0]);
        lv_sbuf_add_char(p->out, '.');
        lv_sbuf_add_str(p->out, expr->name_count > 0
                                    ? expr->names[0]
                                    : expr->args[0]->type->fields[expr->index].name);
        break;
    case LV_EXPR_STRUCT:
        lv_sbuf_add_cstr(p->out, "struct(");
        print_list(p, expr->args, expr->arg_count);
        lv_sbuf_add_char(p->out, ')');
        break;
    case LV_EXPR_NAME:
    case LV_EXPR_TYPED:
        for (int i = 0; i < expr->name_count; i++)
            lv_sbuf_printf(p->out, "%s%.*s", i ? "." : "", LV_STR_ARG(expr->names[i]));
        break;
    case LV_EXPR_STAR: lv_sbuf_add_char(p->out, '*'); break;
    case LV_EXPR_LAMBDA: print_lambda(p, expr); break;
    case LV_EXPR_VARIABLE: lv_sbuf_add_cstr(p->out, "namedlambdavariable()"); break;
    case LV_EXPR_ALIAS:
        print(p, expr->args[0]);
        lv_sbuf_printf(p->out, " AS %.*s", LV_STR_ARG(expr->names[0]));
        break;
    }
}

void lv_expr_print(const lv_expr *expr, const lv_type *schema, lv_sbuf *out)
{
    print(&(printer){schema, out}, expr);
}

lv_str lv_expr_text(lv_arena *arena, const lv_expr *expr)
{
    lv_sbuf out = LV_SBUF_INIT;
    lv_expr_print(expr, NULL, &out);
    lv_str text = lv_str_dup(arena, lv_sbuf_str(&out));
    lv_sbuf_release(&out);
    return text;
}

/* The last name of json:a.b[0]. */
static lv_str path_name(lv_arena *arena, const lv_expr *expr)
{
    lv_json_path path;
    lv_str name = LV_STR_NONE;
    if (expr->args[1]->literal == NULL ||
        !lv_json_path_parse(arena, lv_vector_str(expr->args[1]->literal, 0), true, &path))
        return name;
    for (int i = 0; i < path.count; i++)
        if (path.steps[i].kind == LV_STEP_NAME)
            name = path.steps[i].name;
    return name;
}

lv_str lv_expr_output_name(lv_arena *arena, const lv_expr *expr, const lv_expr *resolved)
{
    if (expr->kind == LV_EXPR_NAME && lv_expr_is_access(resolved))
        return expr->names[expr->name_count - 1];
    const lv_expr *inner = resolved->kind == LV_EXPR_CAST ? resolved->args[0] : resolved;
    if (is_path(inner) && path_name(arena, inner).len > 0)
        return path_name(arena, inner);
    bool user_cast = resolved->kind == LV_EXPR_CAST && !resolved->implicit;
    if (user_cast && resolved->args[0]->kind == LV_EXPR_COLUMN)
        return resolved->args[0]->names[0]; /* Spark names CAST(a AS INT) a */
    return lv_expr_text(arena, resolved);
}

lv_str lv_quote_names(lv_arena *arena, const lv_str *names, int count)
{
    lv_sbuf out = LV_SBUF_INIT;
    for (int i = 0; i < count; i++) {
        lv_sbuf_add_cstr(&out, i ? ".`" : "`");
        for (size_t c = 0; c < names[i].len; c++)
            lv_sbuf_printf(&out, names[i].ptr[c] == '`' ? "``" : "%c", names[i].ptr[c]);
        lv_sbuf_add_char(&out, '`');
    }
    lv_str text = lv_str_dup(arena, lv_sbuf_str(&out));
    lv_sbuf_release(&out);
    return text;
}
