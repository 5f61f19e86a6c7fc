/* write.c: values of a record as Spark's to_csv writes them. */
#include "csv/csv.h"

static bool is_blank(char c)
{
    return (unsigned char)c <= ' ';
}

static lv_str without_blanks(const lv_csv_options *o, lv_str s)
{
    while (!o->keep_leading_written && s.len > 0 && is_blank(s.ptr[0]))
        s = lv_str_sub(s, 1, s.len - 1);
    while (!o->keep_trailing_written && s.len > 0 && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

static bool must_quote(const lv_csv_options *o, lv_str s, bool first)
{
    bool is_comment = first && o->comment != '\0' && s.ptr[0] == o->comment;
    bool has_quote = lv_str_find(s, o->quote, 0) >= 0;
    return o->quote_all || is_comment ||
           (has_quote && (!o->no_quote_escapes || s.ptr[0] == o->quote)) ||
           memmem(s.ptr, s.len, o->sep.ptr, o->sep.len) != NULL || lv_str_find(s, '\n', 0) >= 0 ||
           lv_str_find(s, '\r', 0) >= 0 ||
           (o->line_sep.len > 0 && memmem(s.ptr, s.len, o->line_sep.ptr, o->line_sep.len) != NULL);
}

void lv_csv_write_value(lv_sbuf *out, const lv_csv_options *o, lv_str value, bool first)
{
    if (!first)
        lv_sbuf_add_str(out, o->sep);
    lv_str s = value.ptr == NULL ? o->null_value : without_blanks(o, value);
    if (value.ptr != NULL && s.len == 0) {
        lv_sbuf_add_str(out, o->empty_written);
        return;
    }
    if (s.len == 0 ? !o->quote_all : !must_quote(o, s, first)) {
        lv_sbuf_add_str(out, s);
        return;
    }
    char escape_of_escape = (char)(o->escape_of_escape >= 0 ? o->escape_of_escape : o->escape);
    lv_sbuf_add_char(out, o->quote);
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == o->quote && o->escape != '\0')
            lv_sbuf_add_char(out, o->escape);
        else if (s.ptr[i] == o->escape && o->escape != '\0')
            lv_sbuf_add_char(out, escape_of_escape);
        lv_sbuf_add_char(out, s.ptr[i]);
    }
    lv_sbuf_add_char(out, o->quote);
}
