/* parse.c: tokens to trees, statement by statement; decides which words are keywords.
 *
 * In Spark hardly any word is reserved: `SELECT id FROM FROM t` names a column FROM. An LALR(1)
 * grammar cannot express that, so the decision is made here, before a word reaches the grammar:
 *
 *   1. A word is a keyword if the grammar can take that keyword at this point and the word's rule
 *      in keywords.def allows it; else it is a name.
 *   2. If the statement then does not parse, keywords before the error are tried as names, nearest
 *      first; a change that moves the error further right (or away) stays. The number of trials is
 *      bounded, and a statement that parses at once pays nothing for it.
 *
 * Three more things are settled here because they depend on whether an operand or an operator is due:
 * `> >` without a blank is a shift, `-1` is a number, and EXCEPT after `*` lists columns. */
#include "grammar.h"
#include "sql_int.h"

#define CANDIDATES_MAX 12
/* Tokens pushed in trials of one statement, all together. */
#define TRIAL_TOKENS_MAX 200000

typedef struct statement_parser {
    lv_arena *arena;
    const lv_token *tokens; /* of one statement */
    size_t count;
    lv_token end;     /* what follows it: `;` or the end of the text */
    int begin;        /* BEGIN_STATEMENT, ... */
    bool *as_name;    /* words that are names although they could be keywords */
    bool *as_keyword; /* words that the last attempt took as keywords */
    size_t pushed;
} statement_parser;

typedef struct attempt {
    lv_ast *root; /* NULL: failed at token `at` */
    size_t at;
    bool too_complex;
    lv_str expected;
    const char *meant;
} attempt;

static const lv_token *token_at(const statement_parser *sp, size_t i)
{
    return i < sp->count ? &sp->tokens[i] : &sp->end;
}

static bool begins_query(int kind)
{
    return kind == LV_TK_SELECT || kind == LV_TK_WITH || kind == LV_TK_VALUES ||
           kind == LV_TK_TABLE || kind == LV_TK_LP;
}

static bool rule_allows(const statement_parser *sp, size_t i)
{
    const lv_token *next = token_at(sp, i + 1);
    bool paren = next->kind == LV_TK_LP;
    if (sp->tokens[i].kind == LV_TK_FROM && next->kind == LV_TK_FROM && i + 2 < sp->count)
        return false; /* id FROM FROM t: the first is an alias */
    switch (lv_keyword_find(sp->tokens[i].text)->rule) {
    case LV_KW_PAREN: return paren;
    case LV_KW_NO_PAREN: return !paren;
    case LV_KW_NOT_CALL: return !paren || begins_query(token_at(sp, i + 2)->kind);
    case LV_KW_ANY: break;
    }
    return true;
}

static bool is_unit_word(int kind)
{
    switch (kind) {
    case LV_TK_YEAR:
    case LV_TK_YEARS:
    case LV_TK_MONTH:
    case LV_TK_MONTHS:
    case LV_TK_WEEK:
    case LV_TK_WEEKS:
    case LV_TK_DAY:
    case LV_TK_DAYS:
    case LV_TK_HOUR:
    case LV_TK_HOURS:
    case LV_TK_MINUTE:
    case LV_TK_MINUTES:
    case LV_TK_SECOND:
    case LV_TK_SECONDS:
    case LV_TK_MILLISECOND:
    case LV_TK_MILLISECONDS:
    case LV_TK_MICROSECOND:
    case LV_TK_MICROSECONDS: return true;
    default: return false;
    }
}

/** Whether token `i` stands directly in the parentheses of position(...). */
static bool is_in_position_call(const statement_parser *sp, size_t i)
{
    enum { LOOK_BACK_MAX = 200 };
    for (int depth = 0, looked = 0; i-- > 0 && looked < LOOK_BACK_MAX; looked++) {
        int kind = sp->tokens[i].kind;
        if (kind == LV_TK_RP)
            depth++;
        else if (kind == LV_TK_LP && depth-- == 0)
            return i > 0 && lv_str_eq_nocase(sp->tokens[i - 1].text, LV_STR("position"));
    }
    return false;
}

/** The terminal for token `i`, and how many tokens it takes. *token is replaced where several become one. */
static int classify(statement_parser *sp, const void *grammar, size_t i, const lv_token **token,
                    size_t *used)
{
    const lv_token *next = token_at(sp, i + 1);
    int kind = (*token)->kind;
    *used = 1;
    if ((*token)->is_keyword) {
        bool describes_query = (kind == LV_TK_DESC || kind == LV_TK_DESCRIBE) && i == 0;
        bool says_query = describes_query && lv_str_eq_nocase(next->text, LV_STR("QUERY")) &&
                          begins_query(token_at(sp, i + 2)->kind);
        if (says_query ||
            (describes_query && begins_query(next->kind) && next->kind != LV_TK_TABLE)) {
            *used = says_query ? 2 : 1;
            return LV_TK_DESCRIBE_QUERY;
        }
        bool except = kind == LV_TK_EXCEPT && i > 0 && sp->tokens[i - 1].kind == LV_TK_STAR &&
                      next->kind == LV_TK_LP;
        kind = except ? LV_TK_STAR_EXCEPT : kind;
        if (kind == LV_TK_IN && is_in_position_call(sp, i))
            kind = LV_TK_POSITION_IN;
        sp->as_keyword[i] =
            !sp->as_name[i] && rule_allows(sp, i) && lv_grammar_accepts(grammar, kind);
        return sp->as_keyword[i] ? kind : LV_TK_IDENT;
    }
    if (kind == LV_TK_GT && next->kind == LV_TK_GT && next->follows_closely &&
        lv_grammar_accepts(grammar, LV_TK_SHR)) {
        const lv_token *third = token_at(sp, i + 2);
        bool unsigned_shift = third->kind == LV_TK_GT && third->follows_closely;
        *used = unsigned_shift ? 3 : 2;
        return unsigned_shift ? LV_TK_USHR : LV_TK_SHR;
    }
    bool operand =
        lv_grammar_accepts(grammar, LV_TK_INTEGER) && !lv_grammar_accepts(grammar, LV_TK_CONCAT);
    bool listed = lv_grammar_accepts(grammar, LV_TK_INTEGER) && /* INTERVAL 1 DAY -2 HOURS */
                  is_unit_word(token_at(sp, i + 2)->kind);
    if (kind == LV_TK_MINUS_SIGN && (next->kind == LV_TK_INTEGER || next->kind == LV_TK_NUMBER) &&
        (operand || listed)) {
        lv_token *merged = lv_arena_alloc(sp->arena, sizeof *merged);
        *merged = *next;
        merged->length += next->offset - (*token)->offset;
        merged->offset = (*token)->offset;
        merged->text = lv_str_of(lv_arena_printf(sp->arena, "-%.*s", LV_STR_ARG(next->text)));
        *token = merged;
        *used = 2;
        return next->kind;
    }
    return kind;
}

static lv_str take_expected(statement_parser *sp, const void *grammar)
{
    lv_sbuf expected = LV_SBUF_INIT;
    lv_sql_expected(grammar, &expected);
    lv_str text = lv_str_dup(sp->arena, lv_sbuf_str(&expected));
    lv_sbuf_release(&expected);
    return text;
}

static attempt try_parse(statement_parser *sp)
{
    lv_sql_parser parser = {.arena = sp->arena};
    void *grammar = lv_grammar_new(&parser);
    attempt result = {.at = 0};
    size_t used = 1;
    lv_grammar_push(grammar, sp->begin, NULL);
    for (size_t i = 0; i <= sp->count; i += used) {
        const lv_token *token = i < sp->count ? &sp->tokens[i] : &sp->end;
        int kind = i < sp->count ? classify(sp, grammar, i, &token, &used) : 0;
        result.at = i;
        sp->pushed++;
        if (!lv_grammar_accepts(grammar, kind)) {
            result.expected = take_expected(sp, grammar);
            result.meant = lv_sql_meant(grammar, token, i > 0 ? &sp->tokens[i - 1] : NULL);
            break;
        }
        lv_grammar_push(grammar, kind, token);
        result.too_complex = parser.overflowed || parser.too_deep;
        if (parser.failed || result.too_complex)
            break;
        if (i == sp->count)
            result.root = parser.root;
    }
    lv_grammar_free(grammar);
    return result;
}

static attempt parse_with_trials(statement_parser *sp)
{
    attempt best = try_parse(sp);
    sp->pushed = 0;
    while (best.root == NULL && !best.too_complex) {
        bool improved = false;
        bool *could = lv_arena_alloc(sp->arena, sp->count + 1);
        memcpy(could, sp->as_keyword, sp->count);
        int candidates = 0;
        for (size_t i = best.at; i-- > 0 && candidates < CANDIDATES_MAX &&
                                 sp->pushed < TRIAL_TOKENS_MAX && !improved;) {
            if (!could[i])
                continue;
            candidates++;
            sp->as_name[i] = true;
            attempt trial = try_parse(sp);
            improved = trial.root != NULL || (trial.at > best.at && !trial.too_complex);
            if (improved)
                best = trial;
            else
                sp->as_name[i] = false;
        }
        if (!improved)
            break;
    }
    return best;
}

/* ---- errors ---------------------------------------------------------------------------------- */

static bool is_word(const lv_token *token)
{
    return token->kind == LV_TK_IDENT || token->is_keyword;
}

/* Clauses that Spark or Databricks know and this grammar does not: the words that begin them, what they
 * are called, and the first word of the statements that have them (NULL: any). */
static const char *const other_clauses[][4] = {
    {"PIVOT", "(", "PIVOT"},
    {"UNPIVOT", NULL, "UNPIVOT"},
    {"|", ">", "the pipe syntax |>"},
    {"TRANSFORM", "(", "SELECT TRANSFORM"},
    {"BUCKET", NULL, "TABLESAMPLE"},
    {"REPEATABLE", "(", "TABLESAMPLE"},
    {"GROUPING", "SETS", "GROUP BY"},
    {"SORT", "BY", "SORT BY"},
    {"CHANGES", "FROM", "CHANGES"},
    {"MATCH_RECOGNIZE", "(", "MATCH_RECOGNIZE"},
    {"IDENTIFIER", "(", "IDENTIFIER here"},
    {"PARTITION", "BY", "PARTITION BY of a table argument"},
    {"AUTO", "CDC", "AUTO CDC", "CREATE"},
    {"REPLACE", "WHERE", "FLOW REPLACE WHERE", "CREATE"},
    {"MASK", NULL, "MASK of a column", "CREATE"},
    {"WITH", "ROW", "WITH ROW FILTER", "CREATE"},
    {"USING", NULL, "USING in a view", "CREATE"},
    {"->", NULL, "a lambda function outside a function"},
};

static bool is_text(const lv_token *token, lv_str text, const char *word)
{
    return word == NULL ||
           (!token->is_quoted && token->kind != 0 &&
            lv_str_eq_nocase(lv_str_sub(text, token->offset, token->length), lv_str_of(word)));
}

/* The clause that begins at the error or a little before it; NULL if it is none that anybody knows. */
static const char *find_clause(const statement_parser *sp, size_t failed_at, lv_str text,
                               const lv_token **begin)
{
    enum { LOOK_BACK = 8 };
    size_t from = failed_at > LOOK_BACK ? failed_at - LOOK_BACK : 0;
    for (size_t i = LV_MIN(failed_at, sp->count); i-- > from;)
        for (size_t c = 0; c < LV_COUNT_OF(other_clauses); c++)
            if (is_text(token_at(sp, i), text, other_clauses[c][0]) &&
                is_text(token_at(sp, i + 1), text, other_clauses[c][1]) &&
                is_text(token_at(sp, 0), text, other_clauses[c][3])) {
                *begin = token_at(sp, i);
                return other_clauses[c][2];
            }
    return NULL;
}

static lv_status fail_parse(const statement_parser *sp, const attempt *failed, lv_str text,
                            lv_error *err)
{
    const lv_token *token = token_at(sp, failed->at);
    const lv_token *before = failed->at > 0 ? token_at(sp, failed->at - 1) : NULL;
    const lv_token *after = token_at(sp, failed->at + 1);
    if (failed->too_complex) {
        lv_error_at(err, token->offset, token->length);
        return LV_FAIL(
            err, LV_PARSE_TOO_COMPLEX,
            "The statement is nested too deeply to be parsed; please divide it into smaller ones");
    }
    if (token->kind == LV_TK_MINUS_SIGN && before && is_word(before) && is_word(after) &&
        token->follows_closely && after->follows_closely) {
        lv_error_at(err, before->offset, (int64_t)after->offset + after->length - before->offset);
        return LV_FAIL(err, LV_INVALID_IDENTIFIER,
                       "The unquoted identifier %.*s-%.*s is invalid and must be back quoted as: "
                       "`%.*s-%.*s`. Unquoted "
                       "identifiers can only contain ASCII letters ('a' - 'z', 'A' - 'Z'), digits "
                       "('0' - '9'), and "
                       "underbar ('_')",
                       LV_STR_ARG(before->text), LV_STR_ARG(after->text), LV_STR_ARG(before->text),
                       LV_STR_ARG(after->text));
    }
    const lv_token *begin = token;
    const char *clause = find_clause(sp, failed->at + 1, text, &begin);
    lv_error_at(err, begin->offset, begin->length);
    if (clause != NULL && failed->meant == NULL)
        return LV_FAIL(err, LV_UNSUPPORTED_FEATURE, "The feature is not supported: %s", clause);
    if (failed->meant)
        lv_error_hint(err, "did you mean %s?", failed->meant);
    else if (failed->expected.len > 0)
        lv_error_hint(err, "expected %.*s", LV_STR_ARG(failed->expected));
    if (failed->at >= sp->count)
        return LV_FAIL(err, LV_PARSE_SYNTAX_ERROR, "Syntax error at or near end of input");
    lv_str near = lv_str_sub(text, token->offset, token->length);
    near.len = LV_MIN(near.len, 60);
    return LV_FAIL(err, LV_PARSE_SYNTAX_ERROR, "Syntax error at or near '%.*s'", LV_STR_ARG(near));
}

/* ---- statements that are not the grammar's --------------------------------------------------- */

/** The text of tokens from..to, as written, with parameters put in; one token alone is its value. */
static lv_str written(const statement_parser *sp, size_t from, size_t to, lv_str text,
                      const lv_sql_parameters *parameters)
{
    if (from >= to)
        return LV_STR("");
    if (to - from == 1 && sp->tokens[from].error == NULL)
        return sp->tokens[from].text;
    const lv_token *last = &sp->tokens[to - 1];
    size_t begin = sp->tokens[from].offset;
    return lv_sql_replace(sp->arena, lv_str_sub(text, begin, last->offset + last->length - begin),
                          parameters);
}

/* SET takes anything up to the `;` as its value, so it never reaches the grammar. */
static lv_status parse_set(statement_parser *sp, lv_str text, const lv_sql_parameters *parameters,
                           const lv_ast **set, lv_error *err)
{
    lv_sql_parser parser = {.arena = sp->arena};
    lv_ast *node = lv_ast_new(&parser, LV_AST_SET, &sp->tokens[0], &sp->tokens[sp->count - 1]);
    bool zone = sp->count > 3 && lv_str_eq_nocase(sp->tokens[1].text, LV_STR("TIME")) &&
                sp->tokens[2].kind == LV_TK_ZONE;
    size_t value_at = 3;
    *set = node;
    if (zone) {
        node->text = LV_STR("spark.sql.session.timeZone");
    } else {
        size_t eq = 1;
        while (eq < sp->count && sp->tokens[eq].kind != LV_TK_EQ)
            eq++;
        if (eq == 1 && sp->count > 1) {
            lv_error_at(err, sp->tokens[1].offset, sp->tokens[1].length);
            lv_error_hint(err, "expected a key");
            return LV_FAIL(err, LV_PARSE_SYNTAX_ERROR, "Syntax error at or near '='");
        }
        if (sp->count > 1)
            node->text = written(sp, 1, eq, text, parameters);
        value_at = eq + 1;
    }
    if (value_at > sp->count)
        return LV_OK; /* SET, SET key */
    lv_ast *value = lv_ast_new(&parser, LV_AST_STRING, NULL, NULL);
    value->text = written(sp, value_at, sp->count, text, parameters);
    lv_ast_add(&parser, node, value);
    return LV_OK;
}

static lv_ast *parse_reset(statement_parser *sp, lv_str text, const lv_sql_parameters *parameters)
{
    lv_sql_parser parser = {.arena = sp->arena};
    lv_ast *node = lv_ast_new(&parser, LV_AST_RESET, &sp->tokens[0], &sp->tokens[sp->count - 1]);
    if (sp->count > 1)
        node->text = written(sp, 1, sp->count, text, parameters);
    return node;
}

/* Statements that Spark, Delta or Databricks know and we do not parse, by their first words. */
static const char *const other_statements[] = {
    "ADD",
    "ALTER",
    "ANALYZE",
    "APPLY",
    "BEGIN",
    "CACHE",
    "CALL",
    "CLEAR",
    "COMMENT ON",
    "CONVERT",
    "COPY",
    "CREATE CATALOG",
    "CREATE INDEX",
    "CREATE NAMESPACE",
    "CREATE DATABASE",
    "CREATE FUNCTION",
    "CREATE SCHEMA",
    "CREATE TABLE",
    "CREATE VOLUME",
    "CREATE OR REPLACE TABLE",
    "CREATE OR REPLACE FUNCTION",
    "CREATE EXTERNAL TABLE",
    "CREATE TEMPORARY FUNCTION",
    "DECLARE",
    "DELETE",
    "DESC DETAIL",
    "DESC HISTORY",
    "DESCRIBE DETAIL",
    "DESCRIBE HISTORY",
    "DROP",
    "END",
    "EXECUTE",
    "EXPLAIN ANALYZE",
    "EXPLAIN CODEGEN",
    "EXPLAIN COST",
    "EXPLAIN CREATE",
    "EXPLAIN INSERT",
    "FROM",
    "GENERATE",
    "GRANT",
    "INSERT",
    "LIST",
    "LOAD",
    "MERGE",
    "MSCK",
    "OPTIMIZE",
    "REFRESH",
    "REORG",
    "REPAIR",
    "REPLACE TABLE",
    "RESTORE",
    "REVOKE",
    "SET VAR",
    "SET VARIABLE",
    "SHOW CREATE",
    "SHOW GRANTS",
    "SHOW LOCKS",
    "SHOW PARTITIONS",
    "SHOW PROCEDURES",
    "SHOW TABLE",
    "TRUNCATE",
    "UNCACHE",
    "UNDROP",
    "UPDATE",
    "VACUUM",
};

static lv_ast *parse_other(statement_parser *sp)
{
    for (size_t i = 0; i < LV_COUNT_OF(other_statements); i++) {
        lv_str rest = lv_str_of(other_statements[i]);
        lv_str word;
        size_t at = 0;
        while (lv_str_split(&rest, ' ', &word) && at < sp->count && !sp->tokens[at].is_quoted &&
               lv_str_eq_nocase(word, sp->tokens[at].text))
            at++;
        if (at > 0 && rest.ptr == NULL && lv_str_ends(lv_str_of(other_statements[i]), word) &&
            lv_str_eq_nocase(word, sp->tokens[at - 1].text)) {
            lv_sql_parser parser = {.arena = sp->arena};
            return lv_ast_word(&parser, LV_AST_OTHER, other_statements[i], &sp->tokens[0],
                               &sp->tokens[at - 1]);
        }
    }
    return NULL;
}

/** A character that is no token, such as @: an error in SQL, but not in the value of SET. */
static bool is_odd_character(const lv_token *token, lv_str text)
{
    return token->length == 1 && strchr("'\"`", text.ptr[token->offset]) == NULL &&
           token->error->status == LV_PARSE_SYNTAX_ERROR;
}

static lv_status parse_statement(statement_parser *sp, lv_str text,
                                 const lv_sql_parameters *parameters, const lv_ast **statement,
                                 lv_error *err)
{
    lv_str first = sp->tokens[0].is_quoted ? LV_STR_NONE : sp->tokens[0].text;
    bool is_set = sp->begin == LV_TK_BEGIN_STATEMENT && lv_str_eq_nocase(first, LV_STR("SET"));
    for (size_t i = 0; i < sp->count; i++) {
        const lv_token *token = &sp->tokens[i];
        if (token->error != NULL && !(is_set && is_odd_character(token, text))) {
            *err = *token->error;
            return err->status;
        }
    }
    if (sp->begin == LV_TK_BEGIN_STATEMENT) {
        *statement = parse_other(sp);
        if (*statement == NULL && is_set)
            return parse_set(sp, text, parameters, statement, err);
        if (*statement == NULL && lv_str_eq_nocase(first, LV_STR("RESET")))
            *statement = parse_reset(sp, text, parameters);
        if (*statement != NULL)
            return LV_OK;
    }
    sp->as_name = lv_arena_zalloc(sp->arena, sp->count + 1);
    sp->as_keyword = lv_arena_zalloc(sp->arena, sp->count + 1);
    attempt result = parse_with_trials(sp);
    if (result.root == NULL)
        return fail_parse(sp, &result, text, err);
    *statement = result.root;
    return LV_OK;
}

lv_status lv_sql_parse(lv_arena *arena, lv_str text, const lv_sql_parameters *parameters,
                       lv_sql_error_sink on_error, void *ctx, const lv_ast ***statements,
                       size_t *count, lv_error *err)
{
    lv_tokens tokens = {0};
    lv_status first = lv_sql_lex(arena, text, parameters, &tokens, err);
    if (first != LV_OK && on_error && err)
        on_error(ctx, err);
    LV_VEC(const lv_ast *) found = {0};
    for (size_t from = 0, to; first != LV_PARSE_TOO_COMPLEX && from < tokens.count; from = to + 1) {
        for (to = from; to + 1 < tokens.count && tokens.at[to].kind != LV_TK_SEMICOLON; to++)
            ;
        if (to == from)
            continue;
        lv_error own = LV_ERROR_INIT;
        const lv_ast *statement = NULL;
        statement_parser sp = {.arena = arena,
                               .tokens = tokens.at + from,
                               .count = to - from,
                               .end = tokens.at[to],
                               .begin = LV_TK_BEGIN_STATEMENT};
        lv_status status = parse_statement(&sp, text, parameters, &statement, &own);
        if (status == LV_OK) {
            LV_VEC_PUSH(arena, found, statement);
            continue;
        }
        if (on_error)
            on_error(ctx, &own);
        if (err && first == LV_OK)
            *err = own;
        first = first == LV_OK ? status : first;
    }
    *statements = found.at;
    *count = found.count;
    return first;
}

static lv_status parse_one(lv_arena *arena, lv_str text, int begin, const lv_ast **node,
                           lv_error *err)
{
    lv_tokens tokens = {0};
    lv_error own = LV_ERROR_INIT;
    lv_error *out = err ? err : &own;
    LV_TRY(lv_sql_lex(arena, text, NULL, &tokens, out));
    statement_parser sp = {.arena = arena,
                           .tokens = tokens.at,
                           .count = tokens.count - 1,
                           .end = tokens.at[tokens.count - 1],
                           .begin = begin};
    return parse_statement(&sp, text, NULL, node, out);
}

lv_status lv_sql_parse_type(lv_arena *arena, lv_str text, const lv_ast **type, lv_error *err)
{
    return parse_one(arena, text, LV_TK_BEGIN_TYPE, type, err);
}

lv_status lv_sql_parse_expression(lv_arena *arena, lv_str text, const lv_ast **expression,
                                  lv_error *err)
{
    return parse_one(arena, text, LV_TK_BEGIN_EXPRESSION, expression, err);
}
