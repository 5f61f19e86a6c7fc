/* file_partitions.c: columns that the names of folders give: /data/year=2024/city=Bonn/a.json.
 *
 * All files must lie below folders of the same columns; the type of a column is the narrowest that all its values
 * fit. Source: PartitioningUtils. */
#include <math.h>

#include "base/datetime.h"
#include "base/double.h"
#include "base/path.h"
#include "base/vec.h"
#include "column/decimal.h"
#include "compute/compute.h"
#include "files/files_int.h"

#define DEFAULT_PARTITION "__HIVE_DEFAULT_PARTITION__"

/* ---- the folders of one file ----------------------------------------------------------------- */

/* Whether a folder's name is k=v; false also for a name without =. */
static bool split_name(lv_arena *arena, lv_str name, lv_folder_value *out)
{
    ptrdiff_t at = lv_str_find(name, '=', 0);
    if (at < 0)
        return false;
    lv_str value = lv_str_sub(name, (size_t)at + 1, name.len - (size_t)at - 1);
    out->name = lv_hive_unescape(arena, lv_str_sub(name, 0, (size_t)at));
    out->value = lv_str_is(value, DEFAULT_PARTITION) ? LV_STR_NONE : lv_hive_unescape(arena, value);
    return true;
}

/* Cuts the last folder off a path. */
static lv_str take_folder(lv_str *path)
{
    size_t begin = path->len;
    while (begin > 0 && path->ptr[begin - 1] != '/')
        begin--;
    lv_str name = lv_str_sub(*path, begin, path->len - begin);
    path->len = begin > 1 ? begin - 1 : begin;
    return name;
}

/* From the innermost folder up to the root; a folder without = above one with it ends them. */
lv_status lv_folder_values(lv_arena *arena, const lv_file *file, lv_folder_value **values,
                           int *count, lv_str *base, lv_error *err)
{
    LV_VEC(lv_folder_value) found = {0};
    lv_str folder = file->path;
    take_folder(&folder);
    *base = folder;
    while (folder.len > file->root.len) {
        lv_folder_value value;
        lv_str up = folder;
        bool has_value = split_name(arena, take_folder(&up), &value);
        if (!has_value && found.count > 0)
            break;
        if (has_value && (value.name.len == 0 || (value.value.ptr != NULL && value.value.len == 0)))
            return LV_FAIL(err, LV_CONFLICTING_PARTITION_COLUMNS,
                           "an empty name or value of a partition column in %.*s",
                           LV_STR_ARG(file->path));
        if (has_value)
            LV_VEC_PUSH(arena, found, value);
        folder = up;
    }
    if (found.count > 0)
        *base = folder;
    for (size_t i = 0; i < found.count / 2; i++) {
        lv_folder_value swap = found.at[i];
        found.at[i] = found.at[found.count - 1 - i];
        found.at[found.count - 1 - i] = swap;
    }
    *values = found.at;
    *count = (int)found.count;
    return LV_OK;
}

/* ---- types ----------------------------------------------------------------------------------- */

/* yyyy-MM-dd or, `time`, yyyy-MM-dd HH:mm:ss[.S...]. */
static bool has_form(lv_str s, bool time)
{
    static const char form[] = "dddd-dd-dd dd:dd:dd";
    size_t len = time ? sizeof form - 1 : 10;
    if (s.len < len || (!time && s.len > len))
        return false;
    for (size_t i = 0; i < s.len; i++) {
        bool digit = s.ptr[i] >= '0' && s.ptr[i] <= '9';
        bool want_digit = i < len ? form[i] == 'd' : i > len;
        if (want_digit ? !digit : s.ptr[i] != (i < len ? form[i] : '.'))
            return false;
    }
    return s.len != len + 1;
}

/* A text that Java's Double.parseDouble takes: blanks around it and a letter behind it do not matter. */
static bool parse_double(lv_str s, double *out)
{
    s = lv_str_trim(s);
    if (lv_str_is(s, "NaN") || lv_str_is(s, "Infinity") || lv_str_is(s, "-Infinity")) {
        *out = s.ptr[0] == 'N' ? (double)NAN : s.ptr[0] == '-' ? -HUGE_VAL : HUGE_VAL;
        return true;
    }
    if (s.len > 1 && strchr("dDfF", s.ptr[s.len - 1]) != NULL)
        s.len--;
    if (s.len > 1 && s.ptr[s.len - 1] == '.')
        s.len--;
    return lv_double_parse(s, out);
}

/* DECIMAL(p,0) of a number without places behind the point; NULL: it is none or has more than 38 digits. */
static const lv_type *whole_decimal(lv_arena *arena, lv_str s)
{
    __int128 value;
    lv_str digits = s;
    ptrdiff_t point = lv_str_find(s, '.', 0);
    if (point == 0 || (point > 0 && (size_t)point + 1 != s.len))
        return NULL;
    digits.len -= point > 0;
    if (!lv_decimal_parse(digits, 38, 0, &value))
        return NULL;
    __int128 with_places;
    if (lv_decimal_parse(digits, 38, 1, &with_places) && with_places != value * 10)
        return NULL;
    int precision = 1;
    while (precision < 38 && !lv_decimal_fits(value, precision))
        precision++;
    return lv_type_decimal(arena, precision, 0);
}

static const lv_type *type_of_value(lv_arena *arena, lv_str s)
{
    int64_t number;
    int32_t days;
    double real;
    if (s.ptr == NULL)
        return lv_type_of(LV_TYPE_VOID);
    if (lv_str_to_i64(s, &number))
        return lv_type_of(number == (int32_t)number ? LV_TYPE_INT : LV_TYPE_BIGINT);
    const lv_type *decimal = whole_decimal(arena, s);
    if (decimal != NULL)
        return decimal;
    if (parse_double(s, &real))
        return lv_type_of(LV_TYPE_DOUBLE);
    if (has_form(s, true) && lv_timestamp_parse(s, lv_timezone_utc(), 0, &number))
        return lv_type_of(LV_TYPE_TIMESTAMP);
    if (has_form(s, false) && lv_date_parse(s, &days))
        return lv_type_of(LV_TYPE_DATE);
    return lv_type_of(LV_TYPE_STRING);
}

/* The type of a column with values of both. */
static const lv_type *wider(lv_arena *arena, const lv_type *a, const lv_type *b)
{
    if (a->kind == LV_TYPE_VOID || b->kind == LV_TYPE_VOID)
        return a->kind == LV_TYPE_VOID ? b : a;
    if (a->kind == b->kind && a->kind != LV_TYPE_DECIMAL)
        return a;
    bool times = a->kind >= LV_TYPE_DATE && b->kind >= LV_TYPE_DATE;
    if (times)
        return lv_type_of(LV_TYPE_TIMESTAMP);
    if (!lv_type_is_numeric(a) || !lv_type_is_numeric(b))
        return lv_type_of(LV_TYPE_STRING);
    if (a->kind == LV_TYPE_DOUBLE || b->kind == LV_TYPE_DOUBLE)
        return lv_type_of(LV_TYPE_DOUBLE);
    if (a->kind == LV_TYPE_DECIMAL || b->kind == LV_TYPE_DECIMAL) {
        int digits = 0;
        const lv_type *both[] = {a, b};
        for (int i = 0; i < 2; i++)
            digits = LV_MAX(digits, both[i]->kind == LV_TYPE_INT      ? 10
                                    : both[i]->kind == LV_TYPE_BIGINT ? 20
                                                                      : both[i]->precision);
        return lv_type_decimal(arena, digits, 0);
    }
    return lv_type_of(LV_TYPE_BIGINT);
}

void lv_folder_value_make(lv_arena *arena, const lv_type *type, const lv_timezone *zone,
                          lv_str value, int64_t rows, lv_vector *out)
{
    lv_vector text, cast;
    lv_vector_init_null(out, arena, type, rows);
    if (value.ptr == NULL)
        return;
    lv_vector_init_flat(&text, arena, lv_type_of(LV_TYPE_STRING), 1);
    *(lv_str *)text.data = lv_str_dup(arena, value);
    if (type->kind == LV_TYPE_DOUBLE) {
        lv_vector_init_flat(&cast, arena, type, 1);
        if (!parse_double(value, cast.data))
            return;
    } else {
        lv_eval eval = {.arena = arena, .zone = zone};
        if (!lv_cast_allowed(text.type, type, false) ||
            lv_cast(&eval, &text, type, LV_CAST_TRY, LV_STR_NONE, &cast, NULL) != LV_OK ||
            lv_vector_is_null(&cast, 0))
            return;
    }
    *out = cast;
    out->encoding = LV_CONSTANT;
    out->length = rows;
}

/* ---- the folders of all files ---------------------------------------------------------------- */

typedef struct folders {
    lv_arena *arena;
    lv_field *columns;
    int count; /* -1: no file has any yet */
    lv_str base;
} folders;

static lv_status add_values(folders *f, const lv_file *file, const lv_folder_value *values,
                            int count, lv_error *err)
{
    if (f->count < 0) {
        f->count = count;
        f->columns = LV_NEW_ARRAY(f->arena, lv_field, count);
        for (int i = 0; i < count; i++) {
            f->columns[i] = (lv_field){values[i].name, lv_type_of(LV_TYPE_VOID), true, LV_STR_NONE};
            for (int k = 0; k < i; k++)
                if (lv_str_eq_nocase(values[k].name, values[i].name))
                    return LV_FAIL(err, LV_COLUMN_ALREADY_EXISTS,
                                   "The column `%.*s` already exists. Choose another name or "
                                   "rename the existing column",
                                   LV_STR_ARG(values[i].name));
        }
    }
    bool same = f->count == count;
    for (int i = 0; same && i < count; i++) {
        same = lv_str_eq_nocase(f->columns[i].name, values[i].name);
        f->columns[i].type =
            wider(f->arena, f->columns[i].type, type_of_value(f->arena, values[i].value));
    }
    if (!same)
        return LV_FAIL(err, LV_CONFLICTING_PARTITION_COLUMNS,
                       "Conflicting partition column names detected: the folders of %.*s do not "
                       "have the columns of the others",
                       LV_STR_ARG(file->path));
    return LV_OK;
}

/* The folder of a file, without a / at the end. */
static lv_str folder_of(const lv_file *file)
{
    lv_str folder = file->path;
    take_folder(&folder);
    return folder;
}

static lv_status scan_folders(folders *f, const lv_file_list *list, bool *conflict, lv_error *err)
{
    lv_str last = LV_STR_NONE;
    for (int i = 0; i < list->count; i++) {
        lv_folder_value *values;
        int count;
        lv_str base;
        if (last.ptr != NULL && lv_str_eq(folder_of(&list->at[i]), last))
            continue; /* sorted by path: mostly the folder of the one before */
        last = folder_of(&list->at[i]);
        LV_TRY(lv_folder_values(f->arena, &list->at[i], &values, &count, &base, err));
        *conflict = *conflict || (f->base.ptr != NULL && !lv_str_eq(base, f->base));
        f->base = base;
        if (count > 0)
            LV_TRY(add_values(f, &list->at[i], values, count, err));
    }
    return LV_OK;
}

/* Keeps the files that have columns, or, where no file has any, those that lie directly in a root. */
static lv_status keep_members(folders *f, lv_file_list *list, lv_error *err)
{
    int kept = 0;
    for (int i = 0; i < list->count; i++) {
        bool keep = lv_str_eq(folder_of(&list->at[i]), list->at[i].root);
        if (f->count >= 0) {
            lv_folder_value *values;
            int count;
            lv_str base;
            LV_TRY(lv_folder_values(f->arena, &list->at[i], &values, &count, &base, err));
            keep = count > 0;
        }
        if (keep)
            list->at[kept++] = list->at[i];
    }
    list->count = kept;
    return LV_OK;
}

lv_status lv_find_partitions(lv_arena *arena, const lv_file_options *options, lv_file_list *list,
                             const lv_type **columns, lv_error *err)
{
    folders f = {.arena = arena, .count = -1};
    bool conflict = false;
    *columns = lv_type_struct(arena, NULL, 0);
    if (options->recursive)
        return LV_OK;
    LV_TRY(scan_folders(&f, list, &conflict, err));
    if (f.count >= 0 && conflict)
        return LV_FAIL(err, LV_CONFLICTING_DIRECTORY_STRUCTURES,
                       "Conflicting directory structures detected: there are files below %.*s and "
                       "elsewhere. If provided paths are partition directories, please set "
                       "\"basePath\" in the options of the data source to specify the root "
                       "directory of the table",
                       LV_STR_ARG(f.base));
    LV_TRY(keep_members(&f, list, err));
    for (int i = 0; i < f.count; i++)
        if (f.columns[i].type->kind == LV_TYPE_VOID)
            f.columns[i].type = lv_type_of(LV_TYPE_STRING);
    if (f.count > 0)
        *columns = lv_type_struct(arena, f.columns, f.count);
    return LV_OK;
}
