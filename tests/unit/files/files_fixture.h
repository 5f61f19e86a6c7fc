/* files_fixture.h: a folder of small files, and relations over it as text. */
#ifndef LV_TESTS_FILES_FIXTURE_H
#define LV_TESTS_FILES_FIXTURE_H

#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/vec.h"
#include "compute/compute.h"
#include "files/files_int.h"
#include "os/os.h"

static char dir[64];
static lv_arena arena;

static int files_setup(void **state)
{
    snprintf(dir, sizeof dir, "/tmp/levada-test-files-XXXXXX");
    lv_arena_init(&arena);
    return mkdtemp(dir) == NULL;
}

static int files_teardown(void **state)
{
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    lv_arena_release(&arena);
    return system(command);
}

/* Writes dir/name. */
static inline void put_file(const char *name, const char *text)
{
    lv_error err = LV_ERROR_INIT;
    char *path = lv_path_join(&arena, dir, name);
    char *folder = lv_arena_strndup(&arena, path, (size_t)(strrchr(path, '/') - path));
    assert_ok(&err, lv_dir_make(folder, &err));
    assert_ok(&err, lv_file_publish(path, text, strlen(text), true, false, &err));
}

/* Options of "name=value;name=value", and path => dir/name. */
static inline lv_options make_options(const char *name, const char *text)
{
    LV_VEC(lv_option) items = {0};
    lv_str rest = lv_str_of(text), part, key;
    lv_option path = {LV_STR("path"), lv_str_of(lv_path_join(&arena, dir, name)), -1};
    LV_VEC_PUSH(&arena, items, path);
    while (lv_str_split(&rest, ';', &part)) {
        lv_str value = part;
        if (!lv_str_split(&value, '=', &key))
            continue;
        lv_option option = {key, value, -1};
        LV_VEC_PUSH(&arena, items, option);
    }
    return (lv_options){items.at, (int)items.count};
}

static inline void add_rows(const lv_batch *batch, lv_sbuf *out)
{
    int shown = batch->schema->field_count;
    while (shown > 0 && lv_str_is(batch->schema->fields[shown - 1].metadata, LV_HIDDEN_COLUMN))
        shown--;
    for (int64_t i = 0; i < batch->length; i++) {
        for (int c = 0; c < shown; c++) {
            lv_sbuf_add_cstr(out, c > 0 ? "|" : "");
            lv_print_value(&batch->columns[c], i, lv_timezone_utc(), out);
        }
        lv_sbuf_add_char(out, '\n');
    }
}

/* "struct<a:bigint>\n1\n2\n" of a relation: its schema without _metadata, and its rows; or an error's class. */
static inline const char *read_relation(const char *format, const char *name, const char *options)
{
    lv_sbuf out = LV_SBUF_INIT;
    lv_error err = LV_ERROR_INIT;
    lv_options all = make_options(name, options);
    lv_file_relation *relation = NULL;
    lv_file_reader *reader = NULL;
    lv_status status =
        lv_file_relation_open(lv_str_of(format), &all, NULL, LV_FILES_BATCH, &relation, &err);
    if (status == LV_OK) {
        const lv_type *schema = lv_file_relation_schema(relation);
        lv_type_print_simple(lv_type_struct(&arena, schema->fields, schema->field_count - 1), &out);
        lv_sbuf_add_char(&out, '\n');
        status = lv_file_reader_new(relation, NULL, NULL, &reader, &err);
    }
    if (status == LV_OK) {
        int count;
        const lv_file *files = lv_file_relation_files(relation, &count);
        lv_file_reader_open(reader, files, count);
    }
    for (bool done = status != LV_OK; !done && status == LV_OK;) {
        lv_batch batch;
        status = lv_file_reader_next(reader, &arena, &batch, &done, &err);
        if (status == LV_OK)
            add_rows(&batch, &out);
    }
    if (status != LV_OK)
        lv_sbuf_add_cstr(&out, lv_status_class(status));
    lv_file_reader_free(reader);
    lv_file_relation_close(relation);
    lv_str text = lv_str_dup(&arena, lv_sbuf_str(&out));
    lv_sbuf_release(&out);
    return lv_str_cstr(&arena, text);
}

#endif
