/* lexer.c: SQL text to tokens, by Spark's rules (Source: SqlBaseLexer.g4).
 *
 * What is less than obvious:
 *   - `>` is always one token, with a flag that it touches the one before; the parser joins them to
 *     `>>` where a shift can be. So ARRAY<ARRAY<INT>> needs no counter here.
 *   - A word may begin with digits (1a); 10L, 1e3, 1.5 are numbers; in `t.1.5x` nothing is a decimal,
 *     because a decimal may not be followed by a letter.
 *   - Letters outside ASCII are lexed as part of a word and then refused, which makes a better error.
 *   - ${name} is replaced here: outside quotes by the tokens of its value, inside quotes by its text.
 *     All those tokens stand at the place of ${name}, so that errors point into the user's file.
 *   - What is no token becomes an ILLEGAL one that carries its error: it breaks one statement. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "grammar.h"
#include "sql_int.h"

const lv_keyword lv_keywords[] = {
#define X(word, rule) {#word, LV_TK_##word, LV_KW_##rule},
#include "keywords.def"
#undef X
};
const int lv_keyword_count = LV_COUNT_OF(lv_keywords);

#define KEYWORD_LENGTH_MAX 16

const lv_keyword *lv_keyword_find(lv_str word)
{
    char upper[KEYWORD_LENGTH_MAX + 1];
    if (word.len == 0 || word.len > KEYWORD_LENGTH_MAX)
        return NULL;
    for (size_t i = 0; i < word.len; i++)
        upper[i] = (char)toupper((unsigned char)word.ptr[i]);
    upper[word.len] = 0;
    int low = 0;
    int high = lv_keyword_count - 1;
    while (low <= high) {
        int middle = (low + high) / 2;
        int order = strcmp(upper, lv_keywords[middle].name);
        if (order == 0)
            return &lv_keywords[middle];
        if (order < 0)
            high = middle - 1;
        else
            low = middle + 1;
    }
    return NULL;
}

typedef struct lexer {
    lv_arena *arena;
    lv_str text;
    size_t at;
    const lv_sql_parameters *parameters;
    lv_tokens *tokens;
    lv_error *err;
    size_t token_start;
    size_t last_end;   /* of the token before */
    bool in_parameter; /* the text is the value of a ${parameter} at place_offset */
    uint32_t place_offset;
    uint32_t place_length;
    int illegal_count;
} lexer;

#define ILLEGAL_MAX 100

static char peek(const lexer *lx, size_t ahead)
{
    return lx->at + ahead < lx->text.len ? lx->text.ptr[lx->at + ahead] : 0;
}

static lv_status fail_at(lexer *lx, size_t from, size_t to, lv_status status)
{
    if (lx->in_parameter)
        lv_error_at(lx->err, lx->place_offset, lx->place_length);
    else
        lv_error_at(lx->err, (int64_t)from, (int64_t)(to - from));
    return status;
}

static bool is_word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static void push(lexer *lx, int kind, lv_str text)
{
    lv_token token = {.kind = (uint16_t)kind,
                      .follows_closely = lx->token_start == lx->last_end,
                      .offset = lx->in_parameter ? lx->place_offset : (uint32_t)lx->token_start,
                      .length = lx->in_parameter ? lx->place_length
                                                 : (uint32_t)(lx->at - lx->token_start),
                      .text = text};
    LV_VEC_PUSH(lx->arena, *lx->tokens, token);
    lx->last_end = lx->at;
}

/* ---- blanks and comments --------------------------------------------------------------------- */

/** Length of the blank at the reading position, 0 if there is none. Unicode blanks count, as in Spark. */
static size_t blank_length(const lexer *lx)
{
    unsigned char c = (unsigned char)peek(lx, 0);
    if (c == ' ' || (c >= '\t' && c <= '\r') || c == 0x1C || c == 0x1D || c == 0x1E || c == 0x1F)
        return lx->at < lx->text.len;
    if (c < 0xC2)
        return 0;
    size_t length = lv_utf8_valid_prefix(lx->text.ptr + lx->at, lx->text.len - lx->at);
    if (length == 0)
        return 0;
    uint32_t code = lv_utf8_decode(lx->text.ptr + lx->at, &length);
    bool blank = code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) ||
                 code == 0x2028 || code == 0x2029 || code == 0x202F || code == 0x205F ||
                 code == 0x3000 || code == 0xFEFF;
    return blank ? length : 0;
}

static void skip_line_comment(lexer *lx)
{
    while (lx->at < lx->text.len && peek(lx, 0) != '\n') {
        if (peek(lx, 0) == '\\' && peek(lx, 1) == '\n')
            lx->at++;
        lx->at++;
    }
}

static lv_status skip_block_comment(lexer *lx)
{
    size_t start = lx->at;
    size_t depth = 0;
    do {
        if (peek(lx, 0) == '/' && peek(lx, 1) == '*') {
            depth++;
            lx->at += 2;
        } else if (peek(lx, 0) == '*' && peek(lx, 1) == '/') {
            depth--;
            lx->at += 2;
        } else if (lx->at < lx->text.len) {
            lx->at++;
        } else {
            return fail_at(lx, start, start + 2,
                           LV_FAIL(lx->err, LV_UNCLOSED_BRACKETED_COMMENT,
                                   "Found an unclosed bracketed comment. Please, append */ at the "
                                   "end of the comment"));
        }
    } while (depth > 0);
    return LV_OK;
}

static lv_status skip_blanks(lexer *lx)
{
    for (;;) {
        size_t blank = blank_length(lx);
        if (blank > 0)
            lx->at += blank;
        else if (peek(lx, 0) == '-' && peek(lx, 1) == '-')
            skip_line_comment(lx);
        else if (peek(lx, 0) == '/' && peek(lx, 1) == '*')
            LV_TRY(skip_block_comment(lx));
        else
            return LV_OK;
    }
}

/* ---- parameters ------------------------------------------------------------------------------ */

/** Whether ${name} stands here; its name goes to *name and its length with braces to *length. */
static bool at_parameter(const lexer *lx, lv_str *name, size_t *length)
{
    if (peek(lx, 0) != '$' || peek(lx, 1) != '{')
        return false;
    ptrdiff_t close = lv_str_find(lx->text, '}', lx->at);
    if (close < 0)
        return false;
    *name = lv_str_trim(lv_str_sub(lx->text, lx->at + 2, (size_t)close - lx->at - 2));
    *length = (size_t)close + 1 - lx->at;
    return name->len > 0;
}

static const lv_sql_parameter *find_parameter(const lexer *lx, lv_str name)
{
    for (int i = 0; lx->parameters != NULL && i < lx->parameters->count; i++)
        if (lv_str_eq(lx->parameters->items[i].name, name))
            return &lx->parameters->items[i];
    return NULL;
}

lv_str lv_sql_replace(lv_arena *arena, lv_str text, const lv_sql_parameters *parameters)
{
    lv_sbuf out = LV_SBUF_INIT;
    lexer lx = {.text = text, .parameters = parameters};
    lv_str name;
    size_t length;
    while (lx.at < text.len) {
        const lv_sql_parameter *parameter =
            at_parameter(&lx, &name, &length) ? find_parameter(&lx, name) : NULL;
        if (parameter != NULL)
            lv_sbuf_add_str(&out, parameter->value);
        else
            lv_sbuf_add_char(&out, text.ptr[lx.at]);
        lx.at += parameter ? length : 1;
    }
    lv_str replaced = lv_str_dup(arena, lv_sbuf_str(&out));
    lv_sbuf_release(&out);
    return replaced;
}

static lv_status lex_all(lexer *lx);

static lv_status lex_parameter(lexer *lx, lv_str name, size_t length)
{
    const lv_sql_parameter *parameter = find_parameter(lx, name);
    if (parameter == NULL || lx->in_parameter) {
        lv_error_hint(lx->err, "give it a value with --param %.*s=...", LV_STR_ARG(name));
        return fail_at(lx, lx->at, lx->at + length,
                       LV_FAIL(lx->err, LV_UNBOUND_SQL_PARAMETER,
                               "Found the unbound parameter: %.*s", LV_STR_ARG(name)));
    }
    lexer inner = {.arena = lx->arena,
                   .text = parameter->value,
                   .parameters = lx->parameters,
                   .tokens = lx->tokens,
                   .err = lx->err,
                   .last_end = SIZE_MAX,
                   .in_parameter = true,
                   .place_offset = (uint32_t)lx->at,
                   .place_length = (uint32_t)length};
    LV_TRY(lex_all(&inner));
    lx->at += length;
    lx->last_end = lx->at;
    return LV_OK;
}

/* ---- words and numbers ----------------------------------------------------------------------- */

static size_t digits_at(const lexer *lx, size_t ahead)
{
    size_t n = 0;
    while (isdigit((unsigned char)peek(lx, ahead + n)))
        n++;
    return n;
}

/** Length of an exponent (e+10) at `ahead`, or 0. */
static size_t exponent_at(const lexer *lx, size_t ahead)
{
    if ((peek(lx, ahead) | 0x20) != 'e')
        return 0;
    size_t sign = peek(lx, ahead + 1) == '+' || peek(lx, ahead + 1) == '-';
    size_t digits = digits_at(lx, ahead + 1 + sign);
    return digits ? 1 + sign + digits : 0;
}

/** Length of the number at the reading position, and its terminal. 0 if there is none. */
static size_t number_length(const lexer *lx, int *kind)
{
    size_t whole = digits_at(lx, 0);
    size_t length = whole;
    bool dotted = false;
    if (peek(lx, whole) == '.' && (whole > 0 || isdigit((unsigned char)peek(lx, whole + 1)))) {
        dotted = true;
        length += 1 + digits_at(lx, whole + 1);
    }
    if (length == 0)
        return 0;
    size_t exponent = exponent_at(lx, length);
    length += exponent;
    bool decimal = dotted || exponent > 0;
    char suffix = (char)(peek(lx, length) & ~0x20);
    size_t suffix_length = suffix == 'F' || suffix == 'D' ||
                           (!decimal && (suffix == 'L' || suffix == 'S' || suffix == 'Y'));
    if (suffix == 'B' && (peek(lx, length + 1) & ~0x20) == 'D')
        suffix_length = 2;
    if (suffix_length > 0 && is_word_char(peek(lx, length + suffix_length)))
        suffix_length = 0;
    *kind = decimal || suffix_length > 0 ? LV_TK_NUMBER : LV_TK_INTEGER;
    length += suffix_length;
    if (dotted && is_word_char(peek(lx, length))) {
        *kind = LV_TK_INTEGER; /* 1.5x: the integer 1, then what follows the dot */
        return whole;
    }
    return length;
}

static lv_status lex_word(lexer *lx)
{
    size_t length = 0;
    bool plain = true;
    while (is_word_char(peek(lx, length)) && lx->at + length < lx->text.len) {
        if ((unsigned char)peek(lx, length) >= 0x80) {
            lexer probe = *lx;
            probe.at += length;
            if (blank_length(&probe) > 0)
                break;
            plain = false;
        }
        length++;
    }
    lv_str word = lv_str_sub(lx->text, lx->at, length);
    size_t start = lx->at;
    lx->at += length;
    if (!plain)
        return fail_at(lx, start, lx->at,
                       LV_FAIL(lx->err, LV_INVALID_IDENTIFIER,
                               "The unquoted identifier %.*s is invalid and must be back quoted "
                               "as: `%.*s`. Unquoted "
                               "identifiers can only contain ASCII letters ('a' - 'z', 'A' - 'Z'), "
                               "digits ('0' - '9'), "
                               "and underbar ('_')",
                               LV_STR_ARG(word), LV_STR_ARG(word)));
    const lv_keyword *keyword = lv_keyword_find(word);
    push(lx, keyword ? keyword->kind : LV_TK_IDENT, word);
    lx->tokens->at[lx->tokens->count - 1].is_keyword = keyword != NULL;
    return LV_OK;
}

static lv_status lex_operator(lexer *lx);

static lv_status lex_word_or_number(lexer *lx)
{
    int kind = 0;
    size_t number = number_length(lx, &kind);
    size_t word = 0;
    if (peek(lx, 0) != '.')
        while (is_word_char(peek(lx, word)) && lx->at + word < lx->text.len)
            word++;
    if (word > number)
        return lex_word(lx);
    if (number == 0)
        return lex_operator(lx); /* the dot of t.1b */
    lv_str text = lv_str_sub(lx->text, lx->at, number);
    lx->at += number;
    push(lx, kind, text);
    return LV_OK;
}

/* ---- quoted texts ---------------------------------------------------------------------------- */

static int hex_value(char c)
{
    return isdigit((unsigned char)c)    ? c - '0'
           : isxdigit((unsigned char)c) ? (c | 0x20) - 'a' + 10
                                        : -1;
}

/** Reads `digits` hex digits at `ahead`; -1 if there are not so many. */
static int64_t hex_at(const lexer *lx, size_t ahead, size_t digits)
{
    int64_t value = 0;
    for (size_t i = 0; i < digits; i++) {
        int digit = hex_value(peek(lx, ahead + i));
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

static void add_codepoint(lv_sbuf *out, int64_t code)
{
    char utf8[4];
    bool valid = code <= 0x10FFFF && !(code >= 0xD800 && code < 0xE000);
    lv_sbuf_add(out, utf8, lv_utf8_encode(valid ? (uint32_t)code : 0xFFFD, utf8));
}

/** Adds what the escape at the reading position (a backslash) means; returns its length. */
static size_t lex_escape(const lexer *lx, lv_sbuf *out)
{
    static const char plain[][2] = {{'0', 0},    {'b', '\b'}, {'n', '\n'},
                                    {'r', '\r'}, {'t', '\t'}, {'Z', 0x1A}};
    char c = peek(lx, 1);
    if (c == 'u' || c == 'U') {
        size_t digits = c == 'u' ? 4 : 8;
        int64_t code = hex_at(lx, 2, digits);
        if (code >= 0xD800 && code < 0xDC00 && peek(lx, 6) == '\\' && peek(lx, 7) == 'u') {
            int64_t low = hex_at(lx, 8, 4);
            if (low >= 0xDC00 && low < 0xE000) {
                add_codepoint(out, 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00));
                return 12;
            }
        }
        if (code >= 0) {
            add_codepoint(out, code);
            return 2 + digits;
        }
    }
    if ((c == '0' || c == '1') && peek(lx, 2) >= '0' && peek(lx, 2) <= '7' && peek(lx, 3) >= '0' &&
        peek(lx, 3) <= '7') {
        add_codepoint(out, (c - '0') * 64 + (peek(lx, 2) - '0') * 8 + (peek(lx, 3) - '0'));
        return 4;
    }
    if (c == '%' || c == '_')
        lv_sbuf_add_char(out, '\\'); /* kept for LIKE */
    for (size_t i = 0; i < LV_COUNT_OF(plain); i++)
        if (plain[i][0] == c)
            c = plain[i][1];
    lv_sbuf_add_char(out, c);
    return 2;
}

static lv_status unclosed(lexer *lx, const char *what)
{
    lv_error_hint(lx->err, "%s begins here and does not end", what);
    return fail_at(lx, lx->token_start, lx->token_start + 1,
                   LV_FAIL(lx->err, LV_PARSE_SYNTAX_ERROR, "Syntax error at or near '%c'",
                           lx->text.ptr[lx->token_start]));
}

/** A string or a name in backquotes; the reading position is at the opening quote. */
static lv_status lex_quoted(lexer *lx, bool raw)
{
    char quote = peek(lx, 0);
    lv_sbuf value = LV_SBUF_INIT;
    lv_str name;
    size_t parameter_length;
    for (lx->at++;;) {
        char c = peek(lx, 0);
        if (lx->at >= lx->text.len) {
            lv_sbuf_release(&value);
            return unclosed(lx, quote == '`' ? "a name in backquotes" : "a string");
        }
        if (c == quote && peek(lx, 1) == quote && !raw) {
            lv_sbuf_add_char(&value, quote);
            lx->at += 2;
        } else if (c == quote) {
            break;
        } else if (c == '\\' && quote != '`' && !raw && lx->at + 1 < lx->text.len) {
            lx->at += lex_escape(lx, &value);
        } else if (at_parameter(lx, &name, &parameter_length) && find_parameter(lx, name) != NULL) {
            lv_sbuf_add_str(&value, find_parameter(lx, name)->value);
            lx->at += parameter_length;
        } else {
            lv_sbuf_add_char(&value, c);
            lx->at++;
        }
    }
    lx->at++;
    push(lx, quote == '`' ? LV_TK_IDENT : LV_TK_STRING, lv_str_dup(lx->arena, lv_sbuf_str(&value)));
    lx->tokens->at[lx->tokens->count - 1].is_quoted = true;
    lv_sbuf_release(&value);
    return LV_OK;
}

/* ---- operators ------------------------------------------------------------------------------- */

static const struct {
    char text[4];
    int kind;
} operators[] = {
    /* longer ones first */
    {"<=>", LV_TK_NULL_SAFE_EQ},
    {"==", LV_TK_EQ},
    {"<>", LV_TK_NE},
    {"!=", LV_TK_NE},
    {"<=", LV_TK_LE},
    {"!>", LV_TK_LE},
    {">=", LV_TK_GE},
    {"!<", LV_TK_GE},
    {"<<", LV_TK_SHL},
    {"||", LV_TK_CONCAT},
    {"::", LV_TK_DOUBLE_COLON},
    {"->", LV_TK_ARROW},
    {"=>", LV_TK_FAT_ARROW},
    {"=", LV_TK_EQ},
    {"<", LV_TK_LT},
    {">", LV_TK_GT},
    {"+", LV_TK_PLUS},
    {"-", LV_TK_MINUS_SIGN},
    {"*", LV_TK_STAR},
    {"/", LV_TK_SLASH},
    {"%", LV_TK_MODULO},
    {"~", LV_TK_TILDE},
    {"&", LV_TK_AMPERSAND},
    {"|", LV_TK_PIPE},
    {"^", LV_TK_HAT},
    {":", LV_TK_COLON},
    {"?", LV_TK_QUESTION},
    {"!", LV_TK_BANG},
    {"(", LV_TK_LP},
    {")", LV_TK_RP},
    {"[", LV_TK_LB},
    {"]", LV_TK_RB},
    {",", LV_TK_COMMA},
    {".", LV_TK_DOT},
    {";", LV_TK_SEMICOLON},
};

const char *lv_sql_terminal_text(int kind)
{
    for (size_t i = 0; i < LV_COUNT_OF(operators); i++)
        if (operators[i].kind == kind)
            return kind == LV_TK_EQ ? "=" : operators[i].text;
    for (int i = 0; i < lv_keyword_count; i++)
        if (lv_keywords[i].kind == kind)
            return lv_keywords[i].name;
    return NULL;
}

static lv_status lex_operator(lexer *lx)
{
    for (size_t i = 0; i < LV_COUNT_OF(operators); i++) {
        size_t length = strlen(operators[i].text);
        if (lx->text.len - lx->at >= length &&
            memcmp(lx->text.ptr + lx->at, operators[i].text, length) == 0) {
            lv_str text = lv_str_sub(lx->text, lx->at, length);
            lx->at += length;
            push(lx, operators[i].kind, text);
            return LV_OK;
        }
    }
    char c = peek(lx, 0);
    if (c == '{' && peek(lx, 1) == '{')
        lv_error_hint(
            lx->err,
            "{{...}} is left to a bundle's templates; here write ${name} or :name, and --param name=...");
    return fail_at(lx, lx->at, lx->at + 1,
                   isprint((unsigned char)c)
                       ? LV_FAIL(lx->err, LV_PARSE_SYNTAX_ERROR, "Syntax error at or near '%c'", c)
                       : LV_FAIL(lx->err, LV_PARSE_SYNTAX_ERROR,
                                 "Syntax error at or near byte 0x%02X", (unsigned char)c));
}

static lv_status lex_one(lexer *lx)
{
    char c = peek(lx, 0);
    char next = peek(lx, 1);
    lv_str name;
    size_t length;
    if ((c == 'r' || c == 'R') && (next == '\'' || next == '"')) {
        lx->at++;
        return lex_quoted(lx, true);
    }
    if (c == '\'' || c == '"' || c == '`')
        return lex_quoted(lx, false);
    if (is_word_char(c) || (c == '.' && isdigit((unsigned char)next)))
        return lex_word_or_number(lx);
    if (at_parameter(lx, &name, &length))
        return lex_parameter(lx, name, length);
    return lex_operator(lx);
}

/** Puts the error where the token would be and goes on behind it. */
static void push_illegal(lexer *lx)
{
    lv_error *kept = lv_arena_alloc(lx->arena, sizeof *kept);
    *kept = *lx->err;
    lv_error_clear(lx->err);
    if (lx->at == lx->token_start)
        lx->at++;
    push(lx, LV_TK_ILLEGAL, LV_STR_NONE);
    lx->tokens->at[lx->tokens->count - 1].error = kept;
}

static lv_status lex_all(lexer *lx)
{
    for (;;) {
        lx->token_start = lx->at;
        lv_status status = skip_blanks(lx);
        if (status == LV_OK && lx->at >= lx->text.len)
            return LV_OK;
        if (status == LV_OK) {
            lx->token_start = lx->at;
            status = lex_one(lx);
        }
        if (status != LV_OK && lx->in_parameter)
            return status;
        if (status != LV_OK && lx->illegal_count++ >= ILLEGAL_MAX)
            return status;
        if (status != LV_OK)
            push_illegal(lx);
    }
}

lv_status lv_sql_lex(lv_arena *arena, lv_str text, const lv_sql_parameters *parameters,
                     lv_tokens *tokens, lv_error *err)
{
    if (text.len > LV_SQL_TEXT_MAX)
        return LV_FAIL(err, LV_PARSE_TOO_COMPLEX, "The text of %zu bytes is longer than %d",
                       text.len, LV_SQL_TEXT_MAX);
    lv_error illegal = LV_ERROR_INIT;
    lexer lx = {.arena = arena,
                .text = text,
                .parameters = parameters,
                .tokens = tokens,
                .err = &illegal,
                .last_end = SIZE_MAX};
    lv_status status = lex_all(&lx);
    if (status != LV_OK) {
        if (err != NULL && err->status == LV_OK)
            *err = illegal;
        return status;
    }
    lx.token_start = lx.at;
    push(&lx, 0, LV_STR_NONE);
    return LV_OK;
}

bool lv_sql_is_complete(lv_str text)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_tokens tokens = {0};
    const lv_sql_parameters none = {0};
    bool complete = lv_sql_lex(&arena, text, &none, &tokens, NULL) != LV_OK || tokens.count < 2 ||
                    tokens.at[tokens.count - 2].kind == LV_TK_SEMICOLON;
    lv_arena_release(&arena);
    return complete;
}

const char *lv_sql_keyword(int i)
{
    return i < lv_keyword_count ? lv_keywords[i].name : NULL;
}
