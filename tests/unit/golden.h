/* golden.h: tests whose expected output lies beside their input.
 *
 * For each FOLDER/NAME.sql the output of a function is compared with FOLDER/NAME.out.
 * LEVADA_GOLDEN=update writes the .out files instead: read the diff before you commit it. */
#ifndef LV_TESTS_GOLDEN_H
#define LV_TESTS_GOLDEN_H

#include <stdlib.h>

#include "os/os.h"
#include "unit.h"

typedef void (*golden_run)(const char *name, lv_str input, lv_sbuf *output);

static inline void golden_compare(const char *path, const lv_sbuf *got)
{
    lv_sbuf want = LV_SBUF_INIT;
    lv_error err = LV_ERROR_INIT;
    const char *update = getenv("LEVADA_GOLDEN");
    if (update != NULL && strcmp(update, "update") == 0) {
        assert_ok(&err, lv_file_publish(path, got->ptr, got->len, true, false, &err));
        return;
    }
    assert_ok(&err, lv_file_read_all(path, &want, &err));
    if (!lv_str_eq(lv_sbuf_str(&want), lv_sbuf_str(got))) {
        size_t at = 0;
        while (at < want.len && at < got->len && want.ptr[at] == got->ptr[at])
            at++;
        while (at > 0 && got->ptr[at - 1] != '\n')
            at--;
        fail_msg("%s differs at byte %zu\nexpected: %.300s\ngot:      %.300s", path, at,
                 want.len > at ? want.ptr + at : "", got->len > at ? got->ptr + at : "");
    }
    lv_sbuf_release(&want);
}

/** Runs every NAME.sql of a folder. */
static inline void golden_folder(const char *folder, golden_run run)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_error err = LV_ERROR_INIT;
    lv_dir_entry *entries;
    size_t count;
    int files = 0;
    assert_ok(&err, lv_dir_list(folder, &arena, &entries, &count, &err));
    for (size_t i = 0; i < count; i++) {
        if (!lv_str_ends(entries[i].name, LV_STR(".sql")))
            continue;
        lv_sbuf input = LV_SBUF_INIT;
        lv_sbuf output = LV_SBUF_INIT;
        const char *path = lv_path_join(&arena, folder, entries[i].name.ptr);
        assert_ok(&err, lv_file_read_all(path, &input, &err));
        run(entries[i].name.ptr, lv_sbuf_str(&input), &output);
        golden_compare(lv_arena_printf(&arena, "%.*s.out", (int)strlen(path) - 4, path), &output);
        lv_sbuf_release(&input);
        lv_sbuf_release(&output);
        files++;
    }
    assert_true(files > 0);
    lv_arena_release(&arena);
}

#endif
