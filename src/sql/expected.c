/* expected.c: what could have stood where a syntax error is, in few words.
 *
 * Every terminal is asked of the automaton. The many that begin an expression, or go on after one,
 * are said in one word each; of the rest the first few are listed. */
#include "grammar.h"
#include "sql_int.h"

#define LISTED_MAX 8

/* Terminals that are told by a class. `probe` decides whether the class is named. */
static const struct {
    const char *name;
    int probe;
    int members[30];
} classes[] = {
    {"an expression",
     LV_TK_TILDE,
     {LV_TK_IDENT,    LV_TK_INTEGER,    LV_TK_NUMBER, LV_TK_STRING, LV_TK_LP,    LV_TK_NOT,
      LV_TK_BANG,     LV_TK_MINUS_SIGN, LV_TK_PLUS,   LV_TK_TILDE,  LV_TK_CASE,  LV_TK_CAST,
      LV_TK_TRY_CAST, LV_TK_EXISTS,     LV_TK_NULL,   LV_TK_TRUE,   LV_TK_FALSE, LV_TK_INTERVAL,
      LV_TK_COLON,    LV_TK_QUESTION,   LV_TK_STAR}},
    {"an operator", LV_TK_CONCAT, {LV_TK_EQ,         LV_TK_NULL_SAFE_EQ, LV_TK_NE,    LV_TK_LT,
                                   LV_TK_LE,         LV_TK_GT,           LV_TK_GE,    LV_TK_PLUS,
                                   LV_TK_MINUS_SIGN, LV_TK_STAR,         LV_TK_SLASH, LV_TK_MODULO,
                                   LV_TK_DIV,        LV_TK_AMPERSAND,    LV_TK_PIPE,  LV_TK_HAT,
                                   LV_TK_CONCAT,     LV_TK_SHL,          LV_TK_SHR,   LV_TK_USHR}},
    {NULL, /* what else goes on after an expression */
     LV_TK_CONCAT,
     {LV_TK_NOT,    LV_TK_IS,           LV_TK_IN,     LV_TK_BETWEEN,   LV_TK_LIKE,
      LV_TK_ILIKE,  LV_TK_RLIKE,        LV_TK_REGEXP, LV_TK_DOT,       LV_TK_LB,
      LV_TK_LP,     LV_TK_DOUBLE_COLON, LV_TK_COLON,  LV_TK_COLLATE,   LV_TK_FILTER,
      LV_TK_IGNORE, LV_TK_RESPECT,      LV_TK_OVER,   LV_TK_FAT_ARROW, LV_TK_ARROW,
      LV_TK_STRING, LV_TK_ESCAPE,       LV_TK_IDENT,  LV_TK_AND,       LV_TK_OR,
      LV_TK_TO}},
    {NULL, /* what else goes on after a query's clause */
     LV_TK_UNION,
     {LV_TK_UNION,       LV_TK_EXCEPT,         LV_TK_MINUS,   LV_TK_INTERSECT, LV_TK_CLUSTER,
      LV_TK_DISTRIBUTE,  LV_TK_SORT,           LV_TK_QUALIFY, LV_TK_WINDOW,    LV_TK_TABLESAMPLE,
      LV_TK_LATERAL,     LV_TK_NATURAL,        LV_TK_CROSS,   LV_TK_FULL,      LV_TK_SEMI,
      LV_TK_ANTI,        LV_TK_INNER,          LV_TK_LEFT,    LV_TK_RIGHT,     LV_TK_FOR,
      LV_TK_SYSTEM_TIME, LV_TK_SYSTEM_VERSION, LV_TK_OFFSET,  LV_TK_HAVING}},
    {"a type", LV_TK_STRUCT, {LV_TK_IDENT, LV_TK_ARRAY, LV_TK_MAP, LV_TK_STRUCT, LV_TK_INTERVAL}},
    {"a unit of time",
     LV_TK_HOURS,
     {LV_TK_YEAR,        LV_TK_YEARS,        LV_TK_MONTH,       LV_TK_MONTHS,
      LV_TK_WEEK,        LV_TK_WEEKS,        LV_TK_DAY,         LV_TK_DAYS,
      LV_TK_HOUR,        LV_TK_HOURS,        LV_TK_MINUTE,      LV_TK_MINUTES,
      LV_TK_SECOND,      LV_TK_SECONDS,      LV_TK_MILLISECOND, LV_TK_MILLISECONDS,
      LV_TK_MICROSECOND, LV_TK_MICROSECONDS, LV_TK_NANOSECOND,  LV_TK_NANOSECONDS}},
    {"a name", LV_TK_IDENT, {LV_TK_IDENT}},
    {"a string", LV_TK_STRING, {LV_TK_STRING}},
    {"a number", LV_TK_INTEGER, {LV_TK_INTEGER, LV_TK_NUMBER, LV_TK_MINUS_SIGN}},
    {"the end", 0, {0}},
};

typedef struct listing {
    const char *words[LISTED_MAX];
    int count;
    bool more;
} listing;

static void list(listing *words, const char *word)
{
    if (words->count < LISTED_MAX)
        words->words[words->count++] = word;
    else
        words->more = true;
}

void lv_sql_expected(const void *grammar, lv_sbuf *out)
{
    int terminals = lv_grammar_terminal_max() + 1;
    bool possible[512] = {false};
    listing words = {.count = 0};
    for (int kind = 0; kind < terminals; kind++)
        possible[kind] = lv_grammar_accepts(grammar, kind);
    for (size_t c = 0; c < LV_COUNT_OF(classes); c++) {
        bool named = classes[c].name != NULL;
        if (named ? !possible[classes[c].probe] : !lv_grammar_accepts(grammar, classes[c].probe))
            continue;
        if (named)
            list(&words, classes[c].name);
        for (size_t m = 0;
             m < LV_COUNT_OF(classes[c].members) && (m == 0 || classes[c].members[m] != 0); m++)
            possible[classes[c].members[m]] = false;
    }
    for (int kind = 1; kind < terminals; kind++)
        if (possible[kind] && lv_sql_terminal_text(kind) != NULL)
            list(&words, lv_sql_terminal_text(kind));
    for (int i = 0; i < words.count; i++) {
        bool last = i == words.count - 1 && !words.more;
        const char *quote =
            lv_sql_is_plain_name(lv_str_of(words.words[i])) || strchr(words.words[i], ' ') ? ""
                                                                                           : "'";
        lv_sbuf_printf(out, "%s%s%s%s",
                       i == 0 ? ""
                       : last ? " or "
                              : ", ",
                       quote, words.words[i], quote);
    }
    if (words.more)
        lv_sbuf_add_cstr(out, ", ...");
}

/** Whether `word` is a slip of the pen for `keyword`; two letters the wrong way round are one slip. */
static bool is_near(lv_str word, const char *keyword)
{
    size_t length = strlen(keyword);
    if (length < 4 || word.len > 16 || lv_str_eq_nocase(word, lv_str_of(keyword)))
        return false;
    char swapped[17];
    for (size_t i = 0; i + 1 < word.len; i++) {
        memcpy(swapped, word.ptr, word.len);
        swapped[i] = word.ptr[i + 1];
        swapped[i + 1] = word.ptr[i];
        if (lv_str_eq_nocase((lv_str){swapped, word.len}, lv_str_of(keyword)))
            return true;
    }
    return lv_str_distance(word, lv_str_of(keyword)) <= (length >= 5 ? 2 : 1);
}

const char *lv_sql_meant(const void *grammar, const lv_token *token, const lv_token *before)
{
    static const char *const clauses[] = {"FROM",  "WHERE", "GROUP",     "ORDER", "HAVING",
                                          "LIMIT", "UNION", "WATERMARK", "SELECT"};
    const char *best = NULL;
    int best_distance = INT32_MAX;
    for (int i = 0; token->kind == LV_TK_IDENT && !token->is_quoted && i < lv_keyword_count; i++)
        if (is_near(token->text, lv_keywords[i].name) &&
            lv_grammar_accepts(grammar, lv_keywords[i].kind) &&
            lv_str_distance(token->text, lv_str_of(lv_keywords[i].name)) < best_distance) {
            best = lv_keywords[i].name;
            best_distance = lv_str_distance(token->text, lv_str_of(best));
        }
    /* FORM t: the misspelt clause became an alias, and what follows it is the error */
    for (size_t i = 0;
         best == NULL && before != NULL && before->kind == LV_TK_IDENT && i < LV_COUNT_OF(clauses);
         i++)
        if (is_near(before->text, clauses[i]))
            best = clauses[i];
    return best;
}
