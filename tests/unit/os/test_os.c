/* test_os.c: files that are published whole or not at all, folders, threads. */
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "os/os.h"

static char dir[] = "/tmp/levada-test-os-XXXXXX";

static int setup(void **state)
{
    return mkdtemp(dir) == NULL;
}

static int teardown(void **state)
{
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command);
}

static void publish_never_replaces_unless_asked(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_arena arena;
    lv_arena_init(&arena);
    char *sub = lv_path_join(&arena, dir, "a/b/c");
    assert_ok(&err, lv_dir_make(sub, &err));
    assert_ok(&err, lv_dir_make(sub, &err));
    char *path = lv_path_join(&arena, sub, "file");
    assert_ok(&err, lv_file_publish(path, "one", 3, false, true, &err));
    assert_int_equal(lv_file_publish(path, "two", 3, false, true, &err), LV_ALREADY_EXISTS);
    lv_sbuf text = LV_SBUF_INIT;
    lv_error_clear(&err);
    assert_ok(&err, lv_file_read_all(path, &text, &err));
    assert_str(lv_sbuf_str(&text), "one");
    assert_ok(&err, lv_file_publish(path, "three", 5, true, false, &err));
    lv_sbuf_clear(&text);
    assert_ok(&err, lv_file_read_all(path, &text, &err));
    assert_str(lv_sbuf_str(&text), "three");
    lv_dir_entry *entries;
    size_t count;
    assert_ok(&err, lv_dir_list(sub, &arena, &entries, &count, &err));
    assert_int_equal(count, 1); /* no temporary file is left */
    assert_str(entries[0].name, "file");
    assert_int_equal(lv_file_read_all("/nonexistent/x", &text, &err), LV_NOT_FOUND);
    assert_non_null(strstr(err.message, "/nonexistent/x"));
    assert_ok(&err, lv_file_remove(path, NULL));
    assert_ok(&err, lv_file_remove(path, NULL));
    lv_sbuf_release(&text);
    lv_arena_release(&arena);
}

static void *race(void *arg)
{
    lv_arena arena;
    lv_arena_init(&arena);
    intptr_t won = 0;
    for (int i = 0; i < 50; i++)
        won += lv_file_publish(lv_arena_printf(&arena, "%s/race-%d", dir, i), "x", 1, false, false,
                               NULL) == LV_OK;
    lv_arena_release(&arena);
    return (void *)won;
}

static void publish_has_exactly_one_winner(void **state)
{
    pthread_t threads[4];
    intptr_t total = 0;
    for (int i = 0; i < 4; i++)
        assert_int_equal(lv_thread_start(&threads[i], "racer", race, NULL, NULL), LV_OK);
    for (int i = 0; i < 4; i++) {
        void *won;
        pthread_join(threads[i], &won);
        total += (intptr_t)won;
    }
    assert_int_equal(total, 50);
}

static void uuids_are_version_4(void **state)
{
    char a[37], b[37];
    lv_uuid_make(a);
    lv_uuid_make(b);
    assert_string_not_equal(a, b);
    assert_int_equal(strlen(a), 36);
    assert_int_equal(a[14], '4');
    assert_non_null(strchr("89ab", a[19]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(publish_never_replaces_unless_asked),
                                       cmocka_unit_test(publish_has_exactly_one_winner),
                                       cmocka_unit_test(uuids_are_version_4)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
