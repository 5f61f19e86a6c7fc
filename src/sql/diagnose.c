/* diagnose.c: an error as a user reads it.
 *
 *     error[UNRESOLVED_COLUMN.WITH_SUGGESTION]: A column ... with name `tmp` cannot be resolved
 *       --> gold.sql:4:21
 *      4 | SELECT device, avg(tmp) AS avg_temp
 *        |                    ^^^
 *      help: did you mean `temp`?
 *      SQLSTATE: 42703 */
#include <stdio.h>

#include "base/utf8.h"
#include "sql/sql.h"

/* Longer lines are cut to a window around the caret. */
#define LINE_WIDTH_MAX 160

static size_t char_length(lv_str text, size_t at)
{
    size_t length = lv_utf8_valid_prefix(text.ptr + at, text.len - at);
    return length ? length : 1;
}

static size_t line_start(lv_str text, size_t at)
{
    while (at > 0 && text.ptr[at - 1] != '\n')
        at--;
    return at;
}

void lv_sql_position(lv_str text, int64_t offset, int *line, int *column)
{
    size_t end = LV_MIN((size_t)LV_MAX(offset, 0), text.len);
    *line = 1;
    *column = 1;
    for (size_t i = 0; i < end; i++)
        *line += text.ptr[i] == '\n';
    for (size_t i = line_start(text, end); i < end; i += char_length(text, i))
        ++*column;
}

/** The first line of the place, with carets under it. */
static void show_line(lv_sbuf *out, lv_str text, const lv_error *err, int line)
{
    size_t at = LV_MIN((size_t)err->sql_offset, text.len);
    size_t begin = line_start(text, at);
    ptrdiff_t newline = lv_str_find(text, '\n', at);
    size_t end = newline < 0 ? text.len : (size_t)newline;
    bool cut_left = at - begin > LINE_WIDTH_MAX * 3 / 4;
    bool cut_right = false;
    if (cut_left)
        begin = at - LINE_WIDTH_MAX / 2;
    while (begin < at && ((unsigned char)text.ptr[begin] & 0xC0) == 0x80)
        begin++;
    if (end - begin > LINE_WIDTH_MAX) {
        end = begin + LINE_WIDTH_MAX;
        cut_right = true;
    }
    while (end > at && end > begin && (text.ptr[end - 1] == '\r'))
        end--;
    int width = snprintf(NULL, 0, "%d", line);
    lv_sbuf_printf(out, " %d | %s", line, cut_left ? "..." : "");
    lv_sbuf_add(out, text.ptr + begin, end - begin);
    lv_sbuf_printf(out, "%s\n %*s | %s", cut_right ? "..." : "", width, "", cut_left ? "   " : "");
    for (size_t i = begin; i < at; i += char_length(text, i))
        lv_sbuf_add_char(out, text.ptr[i] == '\t' ? '\t' : ' ');
    size_t stop = LV_MIN(at + (size_t)LV_MAX(err->sql_length, 1), LV_MAX(end, at + 1));
    for (size_t i = at; i < stop; i += i < text.len ? char_length(text, i) : 1)
        lv_sbuf_add_char(out, '^');
    lv_sbuf_add_char(out, '\n');
}

void lv_sql_diagnose(lv_sbuf *out, const char *file, lv_str text, const lv_error *err)
{
    /* What Spark writes on further lines is advice for everybody; the hint is for this error. */
    int first_line = (int)strcspn(err->message, "\n");
    lv_sbuf_printf(out, "error[%s]: %.*s\n", lv_status_class(err->status), first_line,
                   err->message);
    if (err->sql_offset >= 0 && text.ptr != NULL) {
        int line;
        int column;
        lv_sql_position(text, err->sql_offset, &line, &column);
        lv_sbuf_printf(out, "  --> %s:%d:%d\n", file != NULL ? file : "<sql>", line, column);
        show_line(out, text, err, line);
    } else if (file != NULL && file[0] != 0) {
        lv_sbuf_printf(out, "  --> %s\n", file);
    }
    if (err->context[0])
        lv_sbuf_printf(out, " in: %s\n", err->context);
    if (err->hint[0])
        lv_sbuf_printf(out, " help: %s\n", err->hint);
    lv_sbuf_printf(out, " SQLSTATE: %s\n", lv_status_sqlstate(err->status));
}

static void add_member(lv_sbuf *out, const char *name, const char *value)
{
    lv_sbuf_printf(out, ",\"%s\":", name);
    lv_sbuf_add_json_string(out, lv_str_of(value));
}

void lv_sql_diagnose_json(lv_sbuf *out, const char *file, lv_str text, const lv_error *err)
{
    lv_sbuf_add_cstr(out, "{\"error\":{\"errorClass\":");
    lv_sbuf_add_json_string(out, lv_str_of(lv_status_class(err->status)));
    add_member(out, "sqlState", lv_status_sqlstate(err->status));
    add_member(out, "message", err->message);
    if (file != NULL && file[0] != 0)
        add_member(out, "file", file);
    if (err->sql_offset >= 0 && text.ptr != NULL) {
        int line;
        int column;
        lv_sql_position(text, err->sql_offset, &line, &column);
        size_t at = LV_MIN((size_t)err->sql_offset, text.len);
        size_t length = LV_MIN((size_t)LV_MAX(err->sql_length, 0), text.len - at);
        int end_line, end_column; /* behind the place; of the line where that ends */
        lv_sql_position(text, (int64_t)(at + length), &end_line, &end_column);
        lv_sbuf_printf(
            out,
            ",\"line\":%d,\"column\":%d,\"endColumn\":%d,\"queryContext\":[{\"startIndex\":%zu,"
            "\"stopIndex\":%zu,\"fragment\":",
            line, column, end_column, at + 1, at + length);
        lv_sbuf_add_json_string(out, lv_str_sub(text, at, length));
        lv_sbuf_add_cstr(out, "}]");
    }
    if (err->context[0])
        add_member(out, "context", err->context);
    if (err->hint[0])
        add_member(out, "hint", err->hint);
    lv_sbuf_add_cstr(out, "}}\n");
}
