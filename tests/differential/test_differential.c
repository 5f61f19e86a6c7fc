/* test_differential.c: every statement of answers/ gives what Spark gave: rows, types, column names,
 * error class.
 *
 *     test_differential [--list] [FILE...]
 *
 * A statement that differs must match a pattern of docs/differences.md (its indented lines, globs
 * over the statement's text), which says why; patterns that nothing needs any more are named at the
 * end. --list prints all that differs. How the answers look: record.py. */
#include <fnmatch.h>
#include <stdio.h>

#include "base/vec.h"
#include "compute/compute.h"
#include "engine/rows.h"
#include "os/os.h"
#include "json/json.h"

/* Plans stay in their session's arena, so now and then a new session takes over. */
enum { STATEMENTS_PER_SESSION = 400 };

typedef struct pattern {
    const char *text;
    int matched;
} pattern;

typedef struct run {
    lv_arena arena; /* of one file: its text and its lines */
    lv_arena rules; /* of the patterns */
    lv_session *session;
    int age;                 /* statements the session has run */
    LV_VEC(lv_str) prepared; /* what a new session must run first */
    LV_VEC(pattern) patterns;
    bool list;
    int total, same, excused;
} run;

/* ---- running --------------------------------------------------------------------------------- */

static void add_cell(const lv_vector *text, bool hex, int64_t i, lv_sbuf *out)
{
    if (lv_vector_is_null(text, i)) {
        lv_sbuf_add_cstr(out, "null");
        return;
    }
    lv_str bytes = lv_vector_str(text, i);
    if (!hex) {
        lv_sbuf_add_json_string(out, bytes);
        return;
    }
    lv_sbuf_add_char(out, '"');
    for (size_t b = 0; b < bytes.len; b++)
        lv_sbuf_printf(out, "%02X", (unsigned char)bytes.ptr[b]);
    lv_sbuf_add_char(out, '"');
}

/* Adds the rows as JSON, as record.py writes them: `,["cell",null]` each. */
LV_MUST_USE static lv_status add_rows(lv_session *session, lv_rows *rows, lv_sbuf *out,
                                      lv_error *err)
{
    lv_batch batch;
    lv_eval eval = {.arena = lv_session_arena(session),
                    .zone = lv_session_zone(session),
                    .ansi = lv_session_ansi(session)};
    for (bool done = false; !done;) {
        LV_TRY(lv_rows_next(rows, &batch, &done, err));
        int width = batch.schema->field_count;
        lv_vector *texts = LV_NEW_ARRAY(eval.arena, lv_vector, width + 1);
        for (int c = 0; c < width; c++)
            LV_TRY(lv_cast(&eval, &batch.columns[c], lv_type_of(LV_TYPE_STRING), LV_CAST_EXPLICIT,
                           LV_STR_NONE, &texts[c], err));
        for (int64_t i = 0; i < batch.length; i++) {
            lv_sbuf_add_cstr(out, ",[");
            for (int c = 0; c < width; c++) {
                lv_sbuf_add_cstr(out, c > 0 ? "," : "");
                add_cell(&texts[c], batch.columns[c].type->kind == LV_TYPE_BINARY, i, out);
            }
            lv_sbuf_add_char(out, ']');
        }
    }
    return LV_OK;
}

static void add_header(const lv_type *schema, lv_sbuf *out)
{
    lv_sbuf_add_cstr(out, ",[");
    for (int c = 0; c < schema->field_count; c++) {
        lv_sbuf type = LV_SBUF_INIT;
        lv_type_print_simple(schema->fields[c].type, &type);
        lv_sbuf_add_cstr(out, c > 0 ? "," : "");
        lv_sbuf_add_json_string(out, schema->fields[c].name);
        lv_sbuf_add_char(out, ',');
        lv_sbuf_add_json_string(out, lv_sbuf_str(&type));
        lv_sbuf_release(&type);
    }
    lv_sbuf_add_char(out, ']');
}

/* The answer to one statement in the form of record.py, without the statement. */
static void answer(lv_session *session, lv_str sql, lv_sbuf *out, lv_error *err)
{
    lv_statement *statements;
    size_t count;
    lv_rows *rows = NULL;
    lv_status status = lv_statements_parse(lv_session_arena(session), sql, &(lv_options){NULL, 0},
                                           NULL, NULL, &statements, &count, err);
    for (size_t i = 0; i < count && status == LV_OK; i++)
        status = lv_session_run(session, &statements[i], &rows, err);
    if (status == LV_OK && rows != NULL) {
        add_header(lv_rows_schema(rows), out);
        size_t header = out->len;
        status = add_rows(session, rows, out, err);
        if (status != LV_OK)
            out->len = header;
    }
    lv_rows_free(rows);
    if (status != LV_OK) {
        lv_sbuf_add_char(out, ',');
        lv_sbuf_add_json_string(out, lv_str_of(lv_status_class(status)));
    }
    lv_sbuf_add_char(out, ']');
}

static void prepare(run *r, lv_str sql)
{
    lv_sbuf out = LV_SBUF_INIT;
    lv_error err = LV_ERROR_INIT;
    answer(r->session, sql, &out, &err);
    if (err.status != LV_OK) {
        printf("cannot prepare: %.*s\n  [%s] %s\n", LV_STR_ARG(sql), lv_status_class(err.status),
               err.message);
        r->total++;
    }
    lv_sbuf_release(&out);
}

static void renew(run *r)
{
    lv_session_free(r->session);
    r->session = lv_session_new("/nonexistent");
    r->age = 0;
    for (size_t i = 0; i < r->prepared.count; i++)
        prepare(r, r->prepared.at[i]);
}

/* ---- comparing ------------------------------------------------------------------------------- */

static bool excused(run *r, lv_str sql)
{
    const char *text = lv_str_cstr(&r->arena, sql);
    bool found = false;
    for (size_t i = 0; i < r->patterns.count; i++)
        if (fnmatch(r->patterns.at[i].text, text, 0) == 0) {
            r->patterns.at[i].matched++;
            found = true;
        }
    return found;
}

static bool is_same_value(const lv_json *a, const lv_json *b)
{
    if (a->kind != b->kind || a->count != b->count || !lv_str_eq(a->str, b->str))
        return false;
    for (int i = 0; i < a->count; i++)
        if (!is_same_value(&a->items[i], &b->items[i]))
            return false;
    return true;
}

/* Texts that only escape characters in other ways. Both lack the bracket before them. */
static bool is_same_json(lv_arena *arena, lv_str want, lv_str got)
{
    lv_json *a, *b;
    lv_str texts[2] = {want, got};
    for (int i = 0; i < 2; i++)
        texts[i] =
            lv_str_of(lv_arena_printf(arena, "[%.*s", (int)texts[i].len - 1, texts[i].ptr + 1));
    return memchr(want.ptr, '\\', want.len) != NULL &&
           lv_json_parse(arena, texts[0], &a, NULL) == LV_OK &&
           lv_json_parse(arena, texts[1], &b, NULL) == LV_OK && is_same_value(a, b);
}

/* An error of analysis may come before Spark's error of the same class, which it gives when the statement runs. */
static bool is_same(lv_arena *arena, lv_str want, lv_str got, lv_str want_class)
{
    if (lv_str_eq(want, got) || is_same_json(arena, want, got))
        return true;
    return want_class.len > 0 && got.len > 3 && got.ptr[1] == '"' &&
           lv_str_eq(lv_str_sub(got, 2, got.len - 4), want_class);
}

static void compare(run *r, lv_str sql, const lv_json *line)
{
    lv_sbuf got = LV_SBUF_INIT;
    lv_error err = LV_ERROR_INIT;
    if (r->session == NULL || r->age++ > STATEMENTS_PER_SESSION)
        renew(r);
    answer(r->session, sql, &got, &err);
    const lv_json *last = &line->items[line->count - 1];
    lv_str want = line->text, want_class = last->kind == LV_JSON_STRING ? last->str : LV_STR_NONE;
    size_t before = (size_t)(line->items[0].text.ptr + line->items[0].text.len - want.ptr);
    want = lv_str_sub(want, before, want.len - before);
    r->total++;
    if (is_same(&r->arena, want, lv_sbuf_str(&got), want_class)) {
        r->same++;
    } else {
        bool known = excused(r, sql);
        r->excused += known;
        if (!known || r->list)
            printf("%.*s\n  Spark  %.*s\n  Levada %.*s%s%s\n", LV_STR_ARG(sql), LV_STR_ARG(want),
                   LV_STR_ARG(lv_sbuf_str(&got)), err.status != LV_OK ? "  " : "",
                   err.status != LV_OK ? err.message : "");
    }
    lv_sbuf_release(&got);
}

static lv_status run_line(run *r, lv_str text, lv_error *err)
{
    lv_json *line;
    LV_TRY(lv_json_parse(&r->arena, text, &line, err));
    lv_str first = line->items[0].str;
    if (!lv_str_is(first, "!")) {
        compare(r, first, line);
        return LV_OK;
    }
    LV_VEC_PUSH(&r->arena, r->prepared, line->items[1].str);
    if (r->session == NULL)
        renew(r);
    else
        prepare(r, line->items[1].str);
    return LV_OK;
}

static lv_status run_file(run *r, const char *path, lv_error *err)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_arena_init(&r->arena);
    lv_status status = lv_file_read_all(path, &text, err);
    lv_str rest = lv_sbuf_str(&text);
    int total = r->total, same = r->same, known = r->excused;
    while (status == LV_OK && rest.len > 0) {
        ptrdiff_t end = lv_str_find(rest, '\n', 0);
        size_t length = end < 0 ? rest.len : (size_t)end;
        status = run_line(r, lv_str_sub(rest, 0, length), err);
        length = LV_MIN(length + 1, rest.len);
        rest = lv_str_sub(rest, length, rest.len - length);
    }
    printf("%s: %d of %d as Spark, %d known to differ\n", path, r->same - same, r->total - total,
           r->excused - known);
    lv_session_free(r->session);
    r->session = NULL;
    memset(&r->prepared, 0, sizeof r->prepared);
    lv_sbuf_release(&text);
    lv_arena_release(&r->arena);
    return status;
}

/* The indented lines of docs/differences.md. */
static lv_status read_patterns(run *r, const char *path, lv_error *err)
{
    lv_sbuf text = LV_SBUF_INIT;
    LV_TRY(lv_file_read_all(path, &text, err));
    for (size_t at = 0; at < text.len;) {
        ptrdiff_t end = lv_str_find(lv_sbuf_str(&text), '\n', at);
        size_t stop = end < 0 ? text.len : (size_t)end;
        lv_str line = lv_str_sub(lv_sbuf_str(&text), at, stop - at);
        if (lv_str_starts(line, LV_STR("    ")))
            LV_VEC_PUSH(&r->rules, r->patterns,
                        (pattern){lv_str_cstr(&r->rules, lv_str_trim(line)), 0});
        at = stop + 1;
    }
    lv_sbuf_release(&text);
    return LV_OK;
}

int main(int argc, char **argv)
{
    run r = {.list = argc > 1 && strcmp(argv[1], "--list") == 0};
    lv_error err = LV_ERROR_INIT;
    lv_arena_init(&r.rules);
    lv_status status = read_patterns(&r, "docs/differences.md", &err);
    for (int i = 1 + r.list; i < argc && status == LV_OK; i++)
        status = run_file(&r, argv[i], &err);
    for (size_t i = 0; i < r.patterns.count && !r.list; i++)
        if (r.patterns.at[i].matched == 0)
            printf("docs/differences.md: nothing differs by: %s\n", r.patterns.at[i].text);
    if (status != LV_OK)
        printf("[%s] %s\n", lv_status_class(status), err.message);
    printf("differential: %d of %d\n", r.same + r.excused, r.total + (status != LV_OK));
    lv_arena_release(&r.rules);
    return status == LV_OK && r.same + r.excused == r.total ? 0 : 1;
}
