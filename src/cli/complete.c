/* complete.c: what the Tab key offers; see shell.h.
 *
 * No attempt is made to parse half a statement: all words that begin alike are offered, and the
 * columns are those of the tables whose names stand anywhere in the text. */
#include <ctype.h>
#include <stdlib.h>

#include "cli/shell.h"
#include "os/os.h"
#include "sql/sql.h"

typedef struct completion {
    lv_shell *shell;
    lv_arena *arena;
    lv_str text;
    lv_str word;
    bool upper; /* the word was begun in upper case: keywords and functions follow */
    lv_words *words;
} completion;

static bool is_word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static void offer(completion *c, lv_str candidate)
{
    lv_str begin = lv_str_sub(candidate, 0, LV_MIN(candidate.len, c->word.len));
    if (candidate.len <= c->word.len || !lv_str_eq_nocase(begin, c->word))
        return;
    LV_VEC_PUSH(c->arena, *c->words, lv_str_dup(c->arena, candidate));
}

/* In the case in which the word was begun. */
static void offer_cased(completion *c, const char *candidate)
{
    char *copy = lv_arena_printf(c->arena, "%s", candidate);
    for (char *p = copy; *p; p++)
        *p = (char)(c->upper ? toupper((unsigned char)*p) : tolower((unsigned char)*p));
    offer(c, lv_str_of(copy));
}

static void offer_language(completion *c)
{
    int count;
    const lv_function *functions = lv_function_table(&count);
    for (int i = 0; lv_sql_keyword(i) != NULL; i++)
        offer_cased(c, lv_sql_keyword(i));
    for (int i = 0; i < count; i++)
        if (!(functions[i].flags & LV_FN_OPERATOR))
            offer_cased(c, functions[i].name);
}

/* ---- tables and their columns ---------------------------------------------------------------- */

static bool mentions(const completion *c, lv_str name)
{
    for (size_t i = 0; i + name.len <= c->text.len; i++)
        if (lv_str_eq_nocase(lv_str_sub(c->text, i, name.len), name) &&
            (i == 0 || !is_word_char(c->text.ptr[i - 1])) &&
            (i + name.len == c->text.len || !is_word_char(c->text.ptr[i + name.len])))
            return true;
    return false;
}

/* What SELECT * FROM name would give. */
static const lv_type *schema_of(completion *c, lv_str name)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_sbuf_add_cstr(&text, "SELECT * FROM ");
    lv_sql_add_name(&text, name);
    lv_statement *statements;
    size_t count;
    lv_options none = {0};
    lv_plan *plan;
    lv_arena *arena = lv_session_arena(c->shell->session);
    bool ok = lv_statements_parse(arena, lv_str_dup(arena, lv_sbuf_str(&text)), &none, NULL, NULL,
                                  &statements, &count, NULL) == LV_OK &&
              count == 1 &&
              lv_session_plan(c->shell->session, statements[0].query, &plan, NULL) == LV_OK;
    lv_sbuf_release(&text);
    return ok ? plan->schema : NULL;
}

static void offer_name(completion *c, lv_str name)
{
    lv_sbuf quoted = LV_SBUF_INIT;
    lv_sql_add_name(&quoted, name);
    offer(c, lv_sbuf_str(&quoted));
    lv_sbuf_release(&quoted);
}

static void offer_relation(completion *c, lv_str name)
{
    offer_name(c, name);
    const lv_type *schema = mentions(c, name) ? schema_of(c, name) : NULL;
    for (int i = 0; schema != NULL && i < schema->field_count; i++)
        offer_name(c, schema->fields[i].name);
}

/* Each name of SHOW TABLES, which has views too. */
static void offer_relations(completion *c)
{
    enum { NAME_COLUMN = 1 };
    lv_rows *rows = NULL;
    lv_statement *statements;
    size_t count;
    lv_options none = {0};
    lv_batch batch;
    bool done = false;
    if (lv_statements_parse(lv_session_arena(c->shell->session), LV_STR("SHOW TABLES"), &none, NULL,
                            NULL, &statements, &count, NULL) != LV_OK ||
        lv_session_run(c->shell->session, &statements[0], &rows, NULL) != LV_OK)
        return;
    while (!done && lv_rows_next(rows, &batch, &done, NULL) == LV_OK)
        for (int64_t i = 0; i < batch.length; i++)
            offer_relation(c, lv_vector_str(&batch.columns[NAME_COLUMN], i));
    lv_rows_free(rows);
}

/* ---- files, inside backquotes or after a dot command ----------------------------------------- */

static void offer_files(completion *c, lv_str path)
{
    size_t slash = path.len;
    while (slash > 0 && path.ptr[slash - 1] != '/')
        slash--;
    const char *folder = slash > 0 ? lv_str_cstr(c->arena, lv_str_sub(path, 0, slash)) : ".";
    lv_dir_entry *entries;
    size_t count = 0;
    c->word = lv_str_sub(path, slash, path.len - slash);
    if (lv_dir_list(folder, c->arena, &entries, &count, NULL) != LV_OK)
        return;
    for (size_t i = 0; i < count; i++)
        if (entries[i].name.ptr[0] != '.')
            offer(c, entries[i].is_dir
                         ? lv_str_of(lv_arena_printf(c->arena, "%s/", entries[i].name.ptr))
                         : entries[i].name);
}

/* ---- all ------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return lv_str_cmp(*(const lv_str *)a, *(const lv_str *)b);
}

static void sort_once(lv_words *words)
{
    size_t kept = 0;
    if (words->count > 1)
        qsort(words->at, words->count, sizeof *words->at, by_text);
    for (size_t i = 0; i < words->count; i++)
        if (kept == 0 || !lv_str_eq(words->at[i], words->at[kept - 1]))
            words->at[kept++] = words->at[i];
    words->count = kept;
}

/* The path that a text ends with, if it ends inside backquotes. */
static bool open_backquote(lv_str text, lv_str *path)
{
    size_t open = 0;
    bool inside = false;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '`') {
            inside = !inside;
            open = i + 1;
        }
    *path = lv_str_sub(text, open, text.len - open);
    return inside;
}

void lv_complete(lv_shell *shell, lv_arena *arena, lv_str text, lv_str *word, lv_words *words)
{
    completion c = {.shell = shell, .arena = arena, .text = text, .words = words};
    lv_str path;
    size_t start = text.len;
    while (start > 0 && is_word_char(text.ptr[start - 1]))
        start--;
    c.word = lv_str_sub(text, start, text.len - start);
    c.upper = c.word.len > 0 && isupper((unsigned char)c.word.ptr[0]);
    ptrdiff_t blank = lv_str_find(text, ' ', 0);
    if (text.len > 0 && text.ptr[0] == '.' && blank < 0) {
        c.word = text;
        for (int i = 0; lv_repl_dot_name(i) != NULL; i++)
            offer(&c, lv_str_of(lv_repl_dot_name(i)));
    } else if (text.len > 0 && text.ptr[0] == '.') {
        offer_files(&c, lv_str_sub(text, (size_t)blank + 1, text.len - (size_t)blank - 1));
    } else if (open_backquote(text, &path)) {
        offer_files(&c, path);
    } else {
        offer_language(&c);
        offer_relations(&c);
    }
    sort_once(words);
    *word = c.word;
}
