/* folder_fixture.h: a folder and an arena for each test, gone after it. */
#ifndef LV_TESTS_FOLDER_FIXTURE_H
#define LV_TESTS_FOLDER_FIXTURE_H

#include "unit.h"

#include <stdlib.h>

#include "base/arena.h"

static char dir[64];
static lv_arena arena;

static inline int setup(void **state)
{
    snprintf(dir, sizeof dir, "/tmp/levada-test-XXXXXX");
    lv_arena_init(&arena);
    return mkdtemp(dir) == NULL;
}

static inline int teardown(void **state)
{
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    lv_arena_release(&arena);
    return system(command);
}

#endif
