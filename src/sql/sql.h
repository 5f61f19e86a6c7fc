/* sql.h: SQL text to syntax trees, and errors to what a user reads.
 *
 * A file is cut into tokens once, then parsed statement by statement, so that an error costs one
 * statement and the rest of the file is still checked. The tree is generic: a node has a kind, a
 * place, a text and children. It says what was written and nothing about what it means: names and
 * types are plan/'s business.
 *
 * The dialect is Spark's, in which hardly any word is reserved: a word is a keyword where the
 * grammar can use it as one, and a name elsewhere (see parse.c). */
#ifndef LV_SQL_SQL_H
#define LV_SQL_SQL_H

#include "base/status.h"
#include "base/str.h"

typedef enum lv_ast_kind {
#define X(kind, children) LV_AST_##kind,
#include "sql/ast.def"
#undef X
    LV_AST_COUNT
} lv_ast_kind;

/** A node of the tree; children are a list, in the order they were written. Immutable once parsed. */
typedef struct lv_ast {
    lv_ast_kind kind;
    int count;      /* children */
    int depth;      /* of the tree below; bounded by LV_SQL_DEPTH_MAX */
    int64_t offset; /* bytes of the text it stands for; -1 none */
    int64_t length;
    lv_str
        text; /* a name without its quotes, the value of a string, the digits of a number, an operator */
    struct lv_ast *first;
    struct lv_ast *last;
    struct lv_ast *next; /* sibling */
} lv_ast;

/** Trees are not deeper, so that whoever walks them may recurse. */
#define LV_SQL_DEPTH_MAX 1000
/** Texts are not longer. */
#define LV_SQL_TEXT_MAX (16 << 20)

/** Child `i`, or NULL. */
const lv_ast *lv_ast_child(const lv_ast *node, int i);
/** The first child of a kind, or NULL; also for NULL. */
const lv_ast *lv_ast_find(const lv_ast *node, lv_ast_kind kind);
/** "SELECT", "NAME": a kind's name in ast.def. */
const char *lv_ast_kind_name(lv_ast_kind kind);
/** The tree, one node a line, for tests: `(BINARY + (NAME a) (NUMBER 1))`. */
void lv_ast_print(const lv_ast *node, lv_sbuf *out);

/** A value for `:name` and `${name}`: the first is a string literal, the second is put in as SQL, also inside
 *  strings. */
typedef struct lv_sql_parameter {
    lv_str name;
    lv_str value;
} lv_sql_parameter;
typedef struct lv_sql_parameters {
    const lv_sql_parameter *items;
    int count;
} lv_sql_parameters;

/** `text` with each ${name} replaced that has a value. */
lv_str lv_sql_replace(lv_arena *arena, lv_str text, const lv_sql_parameters *parameters);

typedef void (*lv_sql_error_sink)(void *ctx, const lv_error *err);

/** Parses a whole file into statement nodes, in the arena. Each broken statement is told to `on_error` (may be
 *  NULL) and left out; the first error is also in *err and its status returned. `text` must outlive the tree. */
LV_MUST_USE lv_status lv_sql_parse(lv_arena *arena, lv_str text,
                                   const lv_sql_parameters *parameters, lv_sql_error_sink on_error,
                                   void *ctx, const lv_ast ***statements, size_t *count,
                                   lv_error *err);
/** Parses a type ("INT", "ARRAY<STRUCT<a: INT>>") or a list of columns ("a INT, b STRING": a TYPE struct). */
LV_MUST_USE lv_status lv_sql_parse_type(lv_arena *arena, lv_str text, const lv_ast **type,
                                        lv_error *err);
/** Parses one expression. */
LV_MUST_USE lv_status lv_sql_parse_expression(lv_arena *arena, lv_str text,
                                              const lv_ast **expression, lv_error *err);
/** Whether a text is whole statements: its last token is a `;`, or it has none. For reading line by line. */
bool lv_sql_is_complete(lv_str text);
/** The i-th keyword in upper case, in order; NULL beyond the last. */
const char *lv_sql_keyword(int i);
/** Whether a word can be written without backquotes: ASCII letters, digits and _. */
bool lv_sql_is_plain_name(lv_str name);
/** Adds `name`, backquoted if it has to be. */
void lv_sql_add_name(lv_sbuf *out, lv_str name);

/** Line and column (both from 1; columns count characters) of a byte of a text. */
void lv_sql_position(lv_str text, int64_t offset, int *line, int *column);
/** Writes an error for people: class, message, file:line:column, the line with a caret, hint, SQLSTATE. */
void lv_sql_diagnose(lv_sbuf *out, const char *file, lv_str text, const lv_error *err);
/** The same as one line of JSON: {"error":{"errorClass":...}}. */
void lv_sql_diagnose_json(lv_sbuf *out, const char *file, lv_str text, const lv_error *err);

#endif
