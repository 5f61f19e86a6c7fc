/* ast.c: making, finding and printing syntax nodes. */
#include "sql_int.h"

static const struct {
    const char *name;
} kinds[LV_AST_COUNT] = {
#define X(kind, children) [LV_AST_##kind] = {#kind},
#include "sql/ast.def"
#undef X
};

const char *lv_ast_kind_name(lv_ast_kind kind)
{
    return kinds[kind].name;
}

const lv_ast *lv_ast_child(const lv_ast *node, int i)
{
    const lv_ast *child = node ? node->first : NULL;
    while (child != NULL && i-- > 0)
        child = child->next;
    return child;
}

const lv_ast *lv_ast_find(const lv_ast *node, lv_ast_kind kind)
{
    const lv_ast *child = node ? node->first : NULL;
    while (child != NULL && child->kind != kind)
        child = child->next;
    return child;
}

static void widen(lv_ast *node, int64_t offset, int64_t length)
{
    if (offset < 0)
        return;
    int64_t begin = node->offset < 0 ? offset : LV_MIN(node->offset, offset);
    int64_t end = LV_MAX(node->offset < 0 ? 0 : node->offset + node->length, offset + length);
    node->offset = begin;
    node->length = end - begin;
}

lv_ast *lv_ast_cover(lv_ast *node, const lv_token *token)
{
    if (node != NULL && token != NULL)
        widen(node, token->offset, token->length);
    return node;
}

lv_ast *lv_ast_new(lv_sql_parser *parser, lv_ast_kind kind, const lv_token *from,
                   const lv_token *to)
{
    lv_ast *node = LV_NEW(parser->arena, lv_ast);
    node->kind = kind;
    node->depth = 1;
    node->offset = -1;
    lv_ast_cover(node, from);
    return lv_ast_cover(node, to);
}

lv_ast *lv_ast_word(lv_sql_parser *parser, lv_ast_kind kind, const char *text, const lv_token *from,
                    const lv_token *to)
{
    lv_ast *node = lv_ast_new(parser, kind, from, to);
    node->text = lv_str_of(text);
    return node;
}

lv_ast *lv_ast_leaf(lv_sql_parser *parser, lv_ast_kind kind, const lv_token *token)
{
    lv_ast *node = lv_ast_new(parser, kind, token, NULL);
    node->text = token->text;
    return node;
}

lv_ast *lv_ast_add(lv_sql_parser *parser, lv_ast *node, lv_ast *child)
{
    if (child == NULL)
        return node;
    child->next = NULL;
    if (node->last)
        node->last->next = child;
    else
        node->first = child;
    node->last = child;
    node->count++;
    node->depth = LV_MAX(node->depth, child->depth + 1);
    parser->too_deep |= node->depth > LV_SQL_DEPTH_MAX;
    widen(node, child->offset, child->length);
    return node;
}

lv_ast *lv_ast_adopt(lv_sql_parser *parser, lv_ast *node, const lv_ast *list)
{
    lv_ast *child = list ? list->first : NULL;
    while (child != NULL) {
        lv_ast *next = child->next;
        lv_ast_add(parser, node, child);
        child = next;
    }
    return node;
}

void lv_ast_print(const lv_ast *node, lv_sbuf *out)
{
    lv_sbuf_printf(out, "(%s", lv_ast_kind_name(node->kind));
    if (node->text.ptr != NULL) {
        lv_sbuf_add_char(out, ' ');
        if (lv_sql_is_plain_name(node->text) && node->kind != LV_AST_STRING)
            lv_sbuf_add_str(out, node->text);
        else
            lv_sbuf_add_json_string(out, node->text);
    }
    for (const lv_ast *child = node->first; child; child = child->next) {
        lv_sbuf_add_char(out, ' ');
        lv_ast_print(child, out);
    }
    lv_sbuf_add_char(out, ')');
}

bool lv_sql_is_plain_name(lv_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (!letter && c != '_' && !(c >= '0' && c <= '9'))
            return false;
    }
    return name.len > 0;
}

void lv_sql_add_name(lv_sbuf *out, lv_str name)
{
    if (lv_sql_is_plain_name(name)) {
        lv_sbuf_add_str(out, name);
        return;
    }
    lv_sbuf_add_char(out, '`');
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '`')
            lv_sbuf_add_char(out, '`');
        lv_sbuf_add_char(out, name.ptr[i]);
    }
    lv_sbuf_add_char(out, '`');
}
