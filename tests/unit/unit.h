/* unit.h: what every unit test includes: cmocka and checks on lv_status. */
#ifndef LV_TESTS_UNIT_H
#define LV_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
/* after the four above */
#include <cmocka.h>

#include "base/status.h"
#include "base/str.h"

/** Fails the test with the error's text unless the call succeeds. */
#define assert_ok(err, call)                                                                       \
    do {                                                                                           \
        if ((call) != LV_OK)                                                                       \
            fail_msg("%s: [%s] %s", #call, lv_status_class((err)->status), (err)->message);        \
    } while (0)

#define assert_str(s, expected)                                                                    \
    do {                                                                                           \
        lv_str unit_s_ = (s);                                                                      \
        if (!lv_str_is(unit_s_, (expected)))                                                       \
            fail_msg("'%.*s' is not '%s'", LV_STR_ARG(unit_s_), (expected));                       \
    } while (0)

#endif
