/* engine_fixture.h: a folder, a session in it, and the rows of statements as text. */
#ifndef LV_TESTS_ENGINE_FIXTURE_H
#define LV_TESTS_ENGINE_FIXTURE_H

#include "unit.h"

#include <stdlib.h>

#include "compute/compute.h"
#include "engine/rows.h"
#include "os/os.h"

static char dir[64];
static lv_arena arena;
static lv_session *session;

static inline int fixture_setup(void **state)
{
    snprintf(dir, sizeof dir, "/tmp/levada-test-engine-XXXXXX");
    lv_arena_init(&arena);
    if (mkdtemp(dir) == NULL)
        return -1;
    session = lv_session_new(dir);
    return 0;
}

static inline int fixture_teardown(void **state)
{
    char command[100];
    lv_session_free(session);
    lv_arena_release(&arena);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command);
}

#define fixture_test(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

/** A path in the test's folder. */
static inline char *in_dir(const char *name)
{
    return lv_path_join(&arena, dir, name);
}

/** Writes a file into the test's folder; its path. */
static inline const char *file_of(const char *name, const char *text)
{
    lv_error err = LV_ERROR_INIT;
    const char *path = in_dir(name);
    assert_ok(&err, lv_file_publish(path, text, strlen(text), true, false, &err));
    return path;
}

/* The rows with '|' between columns and a line each. */
static inline lv_status add_rows(lv_rows *rows, lv_sbuf *text, lv_error *err)
{
    lv_batch batch;
    for (bool done = false; !done;) {
        LV_TRY(lv_rows_next(rows, &batch, &done, err));
        for (int64_t i = 0; i < batch.length; i++) {
            if (text->len > 0)
                lv_sbuf_add_char(text, '\n');
            for (int c = 0; c < batch.schema->field_count; c++) {
                if (c > 0)
                    lv_sbuf_add_char(text, '|');
                lv_print_value(&batch.columns[c], i, lv_session_zone(session), text);
            }
        }
    }
    return LV_OK;
}

/** Runs statements until one fails; *rows is the text of the last one's rows. */
static inline lv_status run_sql(const char *sql, lv_str *rows, lv_error *err)
{
    lv_statement *statements;
    size_t count;
    lv_options none = {0};
    lv_sbuf text = LV_SBUF_INIT;
    lv_status status = lv_statements_parse(lv_session_arena(session), lv_str_of(sql), &none, NULL,
                                           NULL, &statements, &count, err);
    for (size_t i = 0; status == LV_OK && i < count; i++) {
        lv_rows *made;
        lv_sbuf_clear(&text);
        status = lv_session_run(session, &statements[i], &made, err);
        if (status == LV_OK && made != NULL)
            status = add_rows(made, &text, err);
        lv_rows_free(made);
    }
    *rows = lv_str_dup(&arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return status;
}

/** The rows of statements that succeed. */
static inline lv_str rows_of_sql(const char *sql)
{
    lv_error err = LV_ERROR_INIT;
    lv_str rows;
    assert_ok(&err, run_sql(sql, &rows, &err));
    return rows;
}

/** The error of statements of which one fails. */
static inline lv_error error_of_sql(const char *sql, lv_status expected)
{
    lv_error err = LV_ERROR_INIT;
    lv_str rows;
    lv_status status = run_sql(sql, &rows, &err);
    if (status != expected)
        fail_msg("%s: [%s] %s", sql, lv_status_class(status), err.message);
    return err;
}

#endif
