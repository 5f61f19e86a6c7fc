/* sql_int.h: what lexer, grammar and parser share. */
#ifndef LV_SQL_SQL_INT_H
#define LV_SQL_SQL_INT_H

#include "base/vec.h"
#include "sql/sql.h"

/** One token. `kind` is a terminal of grammar.y; for a keyword it is the keyword's, and the parser
 *  decides whether it stands for a name. */
typedef struct lv_token {
    uint16_t kind;
    bool is_keyword;
    bool is_quoted;       /* a name in backquotes: never a keyword */
    bool follows_closely; /* nothing between it and the token before */
    uint32_t offset;
    uint32_t length;
    lv_str text;           /* as lv_ast.text */
    const lv_error *error; /* of an ILLEGAL token */
} lv_token;

typedef struct lv_tokens {
    lv_token *at;
    size_t count;
    size_t capacity;
} lv_tokens;

/** Cuts a text into tokens; the last one has kind 0 (end). What is no token becomes an ILLEGAL one with its error;
 *  fails only for a text that is too long or has more than a hundred of those. */
LV_MUST_USE lv_status lv_sql_lex(lv_arena *arena, lv_str text, const lv_sql_parameters *parameters,
                                 lv_tokens *tokens, lv_error *err);

/* ---- keywords -------------------------------------------------------------------------------- */

/** When a keyword is one, beyond what the grammar says. */
typedef enum lv_keyword_rule {
    LV_KW_ANY,      /* wherever the grammar takes it */
    LV_KW_PAREN,    /* only before `(` */
    LV_KW_NO_PAREN, /* only where no `(` follows */
    LV_KW_NOT_CALL, /* anywhere but before a `(` that does not begin a query */
} lv_keyword_rule;

typedef struct lv_keyword {
    const char *name;
    uint16_t kind;
    lv_keyword_rule rule;
} lv_keyword;

extern const lv_keyword lv_keywords[];
extern const int lv_keyword_count;
/** The keyword spelled `word` in any case, or NULL. */
const lv_keyword *lv_keyword_find(lv_str word);

/* ---- the parser's state while the grammar's actions run -------------------------------------- */

typedef struct lv_sql_parser {
    lv_arena *arena;
    lv_ast *root;
    bool too_deep;
    bool overflowed; /* the automaton's stack */
    bool failed;
} lv_sql_parser;

/** A node over a range; `from` and `to` are the first and last token, either may be NULL. */
lv_ast *lv_ast_new(lv_sql_parser *parser, lv_ast_kind kind, const lv_token *from,
                   const lv_token *to);
/** Adds a child (NULL is skipped) and widens the node's place to cover it; returns the node. */
lv_ast *lv_ast_add(lv_sql_parser *parser, lv_ast *node, lv_ast *child);
/** Widens the node's place to cover a token; returns the node. */
lv_ast *lv_ast_cover(lv_ast *node, const lv_token *token);
/** Moves the children of `list` to the end of `node`. */
lv_ast *lv_ast_adopt(lv_sql_parser *parser, lv_ast *node, const lv_ast *list);
/** A leaf whose text is the token's. */
lv_ast *lv_ast_leaf(lv_sql_parser *parser, lv_ast_kind kind, const lv_token *token);
/** A node with a constant text. */
lv_ast *lv_ast_word(lv_sql_parser *parser, lv_ast_kind kind, const char *text, const lv_token *from,
                    const lv_token *to);

/* ---- the tables of the grammar (at the end of grammar.y) ------------------------------------- */

void *lv_grammar_new(lv_sql_parser *parser);
void lv_grammar_free(void *grammar);
void lv_grammar_push(void *grammar, int kind, const lv_token *token);
/** Whether the grammar could take this token next: a dry run of the LALR automaton. */
bool lv_grammar_accepts(const void *grammar, int kind);
/** The greatest terminal. */
int lv_grammar_terminal_max(void);

/** Adds what the grammar could take next, in words: "an expression, FROM or ,". */
void lv_sql_expected(const void *grammar, lv_sbuf *out);
/** The keyword that `token`, or the name before it, was probably meant to be; NULL if none is near. */
const char *lv_sql_meant(const void *grammar, const lv_token *token, const lv_token *before);
/** A terminal as it is written, NULL for classes such as names and numbers. */
const char *lv_sql_terminal_text(int kind);

#endif
