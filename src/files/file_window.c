/* file_window.c: a window over a file's bytes, and lines in it.
 *
 * The window grows only where one line or value needs it. What it hands out are slices, so that a payload is decoded
 * where it was read to. */
#include <stdlib.h>

#include "base/check.h"
#include "files/files_int.h"

enum { WINDOW_BYTES = 1 << 20 };
static const size_t window_max = (size_t)1 << 31;

lv_status lv_file_window_open(lv_file_window *w, lv_str path, lv_error *err)
{
    LV_TRY(lv_file_input_open(path, &w->input, err));
    w->begin = w->end = 0;
    w->ended = false;
    LV_TRY(lv_file_window_more(w, err));
    if (w->end >= 3 && memcmp(w->buffer, "\xEF\xBB\xBF", 3) == 0)
        w->begin = 3; /* a byte order mark */
    return LV_OK;
}

void lv_file_window_close(lv_file_window *w)
{
    lv_file_input_close(w->input);
    w->input = NULL;
}

void lv_file_window_release(lv_file_window *w)
{
    lv_file_window_close(w);
    free(w->buffer);
    *w = (lv_file_window){0};
}

static lv_status make_room(lv_file_window *w, lv_error *err)
{
    size_t left = w->end - w->begin;
    if (w->begin > 0 && left > 0)
        memmove(w->buffer, w->buffer + w->begin, left);
    w->begin = 0;
    w->end = left;
    if (w->capacity - left >= WINDOW_BYTES / 2 && w->capacity > 0)
        return LV_OK;
    size_t capacity = LV_MAX(w->capacity * 2, (size_t)WINDOW_BYTES);
    if (capacity > window_max)
        return LV_FAIL(err, LV_CORRUPT, "a line or value is longer than %zu MiB", window_max >> 21);
    w->buffer = realloc(w->buffer, capacity + LV_STRING_PADDING);
    LV_ASSERT(w->buffer != NULL);
    w->capacity = capacity;
    return LV_OK;
}

lv_status lv_file_window_more(lv_file_window *w, lv_error *err)
{
    size_t got = 0;
    if (w->ended)
        return LV_OK;
    LV_TRY(make_room(w, err));
    LV_TRY(lv_file_input_read(w->input, w->buffer + w->end, w->capacity - w->end, &got, err));
    w->end += got;
    w->ended = got == 0;
    memset(w->buffer + w->end, 0, LV_STRING_PADDING);
    return LV_OK;
}

lv_status lv_file_window_all(lv_file_window *w, lv_error *err)
{
    while (!w->ended)
        LV_TRY(lv_file_window_more(w, err));
    return LV_OK;
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* Cuts the line at *at; false: its end is not there yet. */
static bool cut_any(const lv_file_window *w, size_t *at, lv_str *line)
{
    const char *p = w->buffer + *at, *end = w->buffer + w->end;
    if (p == end)
        return false;
    const char *feed = memchr(p, '\n', (size_t)(end - p)), *stop = feed ? feed : end;
    const char *back = memchr(p, '\r', (size_t)(stop - p));
    if (back != NULL) {
        if (back + 1 == end && !w->ended)
            return false; /* whether a \n follows is not known yet */
        stop = back;
        feed = back + 1 < end && back[1] == '\n' ? back + 1 : back;
    } else if (feed == NULL && !w->ended) {
        return false;
    }
    *line = (lv_str){p, (size_t)(stop - p)};
    *at = feed != NULL ? (size_t)(feed - w->buffer) + 1 : w->end;
    return true;
}

static bool cut_at(const lv_file_window *w, lv_str separator, size_t *at, lv_str *line)
{
    const char *p = w->buffer + *at;
    size_t left = w->end - *at;
    if (left == 0)
        return false;
    const char *found = memmem(p, left, separator.ptr, separator.len);
    if (found == NULL && !w->ended)
        return false;
    *line = (lv_str){p, found != NULL ? (size_t)(found - p) : left};
    *at = found != NULL ? (size_t)(found - w->buffer) + separator.len : w->end;
    return true;
}

lv_status lv_file_window_lines(lv_file_window *w, lv_str separator, lv_str *lines, int max,
                               int *count, lv_error *err)
{
    int n = 0;
    for (;;) {
        size_t at = w->begin;
        while (n < max && (separator.len > 0 ? cut_at(w, separator, &at, &lines[n])
                                             : cut_any(w, &at, &lines[n])))
            n++;
        w->begin = at;
        if (n > 0 || w->ended)
            break;
        LV_TRY(lv_file_window_more(w, err));
    }
    *count = n;
    return LV_OK;
}
