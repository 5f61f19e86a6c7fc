/* test_store.c: what every store promises, on each kind; and faults where the hook wants them. */
#include "folder_fixture.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/os.h"
#include "store/store.h"

static lv_store *local(bool durable)
{
    lv_error err = LV_ERROR_INIT;
    lv_store *store = NULL;
    assert_ok(&err, lv_store_open(lv_path_join(&arena, dir, "deep/root"), durable, &store, &err));
    return store;
}

static lv_status put(lv_store *store, const char *name, const char *text, bool replace)
{
    return lv_store_put(store, name, text, strlen(text), replace, NULL);
}

static lv_str get(lv_store *store, const char *name)
{
    lv_error err = LV_ERROR_INIT;
    lv_sbuf text = LV_SBUF_INIT;
    assert_ok(&err, lv_store_get(store, name, &text, &err));
    lv_str kept = lv_str_dup(&arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return kept;
}

/* Names of a folder from `from` on, with blanks between. */
static lv_str list(lv_store *store, const char *folder, const char *from)
{
    lv_error err = LV_ERROR_INIT;
    lv_store_entry *entries;
    size_t count;
    lv_sbuf names = LV_SBUF_INIT;
    assert_ok(&err, lv_store_list(store, folder, lv_str_of(from), &arena, &entries, &count, &err));
    for (size_t i = 0; i < count; i++) {
        lv_sbuf_printf(&names, "%s%s", i ? " " : "", entries[i].name.ptr);
        assert_true(entries[i].modified_ms > 1600000000000);
    }
    lv_str kept = lv_str_dup(&arena, lv_sbuf_str(&names));
    lv_sbuf_release(&names);
    return kept;
}

static void check_puts(lv_store *store)
{
    lv_sbuf text = LV_SBUF_INIT;
    assert_int_equal(lv_store_get(store, "log/1", &text, NULL), LV_NOT_FOUND);
    assert_int_equal(put(store, "log/1", "one", false), LV_OK);
    assert_int_equal(put(store, "log/1", "other", false), LV_ALREADY_EXISTS);
    assert_str(get(store, "log/1"), "one");
    assert_int_equal(put(store, "log/1", "", true), LV_OK);
    assert_str(get(store, "log/1"), "");
    assert_int_equal(put(store, "log/3", "three", false), LV_OK);
    assert_int_equal(put(store, "log/2", "two", false), LV_OK);
    assert_int_equal(put(store, "log/deeper/9", "nine", false), LV_OK);
    assert_str(list(store, "log", ""), "1 2 3");
    assert_str(list(store, "log", "2"), "2 3");
    assert_str(list(store, "log", "2x"), "3");
    assert_int_equal(lv_store_remove(store, "log/2", NULL), LV_OK);
    assert_int_equal(lv_store_remove(store, "log/2", NULL), LV_OK);
    assert_str(list(store, "log", ""), "1 3");
}

static void check_files(lv_store *store)
{
    lv_error err = LV_ERROR_INIT;
    lv_store_writer *writer;
    lv_store_reader *reader;
    char bytes[4];
    assert_ok(&err, lv_store_create(store, "a=1/b=2/f", LV_STORE_IN_PLACE, &writer, &err));
    assert_ok(&err, lv_store_write(writer, "hello ", 6, &err));
    assert_ok(&err, lv_store_write(writer, "world", 5, &err));
    assert_ok(&err, lv_store_writer_finish(writer, &err));
    assert_ok(&err, lv_store_open_file(store, "a=1/b=2/f", &reader, &err));
    assert_int_equal(reader->size_bytes, 11);
    assert_ok(&err, lv_store_read(reader, 6, bytes, 4, &err));
    assert_memory_equal(bytes, "worl", 4);
    assert_int_equal(lv_store_read(reader, 9, bytes, 4, NULL), LV_CORRUPT);
    lv_store_reader_close(reader);
    assert_int_equal(lv_store_open_file(store, "a=1/none", &reader, NULL), LV_NOT_FOUND);

    assert_ok(&err, lv_store_create(store, "w/f", LV_STORE_WHOLE, &writer, &err));
    assert_ok(&err, lv_store_write(writer, "x", 1, &err));
    lv_sbuf text = LV_SBUF_INIT;
    assert_int_equal(lv_store_get(store, "w/f", &text, NULL), LV_NOT_FOUND);
    assert_ok(&err, lv_store_writer_finish(writer, &err));
    assert_str(get(store, "w/f"), "x");
    assert_ok(&err, lv_store_create(store, "w/f", LV_STORE_WHOLE, &writer, &err));
    assert_ok(&err, lv_store_writer_finish(writer, &err));
    assert_str(get(store, "w/f"), "");
    assert_ok(&err, lv_store_create(store, "w/g", LV_STORE_WHOLE, &writer, &err));
    assert_ok(&err, lv_store_write(writer, "x", 1, &err));
    lv_store_writer_abort(writer);
    assert_str(list(store, "w", ""), "f");
}

static void a_local_store_keeps_its_promises(void **state)
{
    for (int durable = 0; durable < 2; durable++) {
        lv_store *store = local(durable);
        check_puts(store);
        check_files(store);
        lv_store_close(store);
        char command[100];
        snprintf(command, sizeof command, "rm -rf %s/deep", dir);
        assert_int_equal(system(command), 0);
    }
}

static void so_does_one_in_memory(void **state)
{
    lv_store *store = lv_store_memory_new();
    check_puts(store);
    check_files(store);
    lv_store_close(store);
}

static void locations(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_store *store;
    assert_ok(&err,
              lv_store_open(lv_arena_printf(&arena, "file://%s/t", dir), false, &store, &err));
    assert_int_equal(put(store, "f", "x", false), LV_OK);
    assert_true(lv_path_exists(lv_path_join(&arena, dir, "t/f")));
    char *elsewhere = lv_path_join(&arena, dir, "elsewhere");
    assert_int_equal(put(store, elsewhere, "y", false), LV_OK);
    assert_true(lv_path_exists(elsewhere));
    lv_store_close(store);
    assert_int_equal(lv_store_open("abfss://c@a.dfs.core.windows.net/t", false, &store, NULL),
                     LV_UNSUPPORTED_FEATURE);
}

/* ---- races ----------------------------------------------------------------------------------- */

enum { RACERS = 4, NAMES = 200 };

typedef struct racer {
    lv_store *store;
    int won;
} racer;

/* Tries every name; counts those it got. */
static void *race(void *arg)
{
    racer *r = arg;
    char name[24];
    for (int i = 0; i < NAMES; i++) {
        snprintf(name, sizeof name, "race/%d", i);
        lv_status status = put(r->store, name, "x", false);
        r->won += status == LV_OK;
        if (status != LV_OK && status != LV_ALREADY_EXISTS)
            return arg;
    }
    return NULL;
}

static void check_race(lv_store *store)
{
    racer racers[RACERS];
    pthread_t threads[RACERS];
    int won = 0;
    for (int i = 0; i < RACERS; i++) {
        racers[i] = (racer){store, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < RACERS; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
        won += racers[i].won;
    }
    assert_int_equal(won, NAMES);
}

static void each_name_is_won_once_between_threads(void **state)
{
    lv_store *store = local(false);
    check_race(store);
    lv_store_close(store);
    store = lv_store_memory_new();
    check_race(store);
    lv_store_close(store);
}

static void each_name_is_won_once_between_processes(void **state)
{
    int won = 0;
    for (int i = 0; i < RACERS; i++) {
        if (fork() == 0) {
            racer r = {local(false), 0};
            _exit(race(&r) != NULL ? 255 : r.won);
        }
    }
    for (int i = 0; i < RACERS; i++) {
        int how;
        assert_true(wait(&how) > 0);
        assert_true(WIFEXITED(how) && WEXITSTATUS(how) <= NAMES);
        won += WEXITSTATUS(how);
    }
    assert_int_equal(won, NAMES);
}

/* ---- faults ---------------------------------------------------------------------------------- */

typedef struct wish {
    lv_store_op op;
    bool after;
} wish;

static lv_status fail_as_wished(void *context, lv_store_op op, const char *name, bool after,
                                lv_error *err)
{
    const wish *w = context;
    if (op != w->op || after != w->after)
        return LV_OK;
    return LV_FAIL(err, LV_IO, "broken on purpose: %s", name);
}

static void faults_strike_before_or_after(void **state)
{
    wish w = {LV_STORE_PUT, false};
    lv_store *store = lv_store_faulty_new(lv_store_memory_new(), fail_as_wished, &w);
    lv_sbuf text = LV_SBUF_INIT;
    assert_int_equal(put(store, "a", "x", false), LV_IO);
    assert_int_equal(lv_store_get(store, "a", &text, NULL), LV_NOT_FOUND);
    w.after = true;
    assert_int_equal(put(store, "a", "x", false), LV_IO);
    assert_str(get(store, "a"), "x");
    w = (wish){LV_STORE_READ, false};
    lv_store_reader *reader;
    char byte;
    assert_int_equal(lv_store_open_file(store, "a", &reader, NULL), LV_OK);
    assert_int_equal(lv_store_read(reader, 0, &byte, 1, NULL), LV_IO);
    lv_store_reader_close(reader);
    w = (wish){LV_STORE_FINISH, false};
    lv_store_writer *writer;
    assert_int_equal(lv_store_create(store, "b", LV_STORE_IN_PLACE, &writer, NULL), LV_OK);
    assert_int_equal(lv_store_write(writer, "x", 1, NULL), LV_OK);
    assert_int_equal(lv_store_writer_finish(writer, NULL), LV_IO);
    assert_int_equal(lv_store_get(store, "b", &text, NULL), LV_NOT_FOUND);
    lv_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_local_store_keeps_its_promises, setup, teardown),
        cmocka_unit_test_setup_teardown(so_does_one_in_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(locations, setup, teardown),
        cmocka_unit_test_setup_teardown(each_name_is_won_once_between_threads, setup, teardown),
        cmocka_unit_test_setup_teardown(each_name_is_won_once_between_processes, setup, teardown),
        cmocka_unit_test_setup_teardown(faults_strike_before_or_after, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
