/* fault.c: places where a test may break the program. Costs one getenv at start, one load after. */
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "os/os.h"

/* What LEVADA_FAULT asks for, parsed once before threads start asking. */
static struct {
    pthread_once_t once;
    bool armed;
    bool error;
    char name[64];
    atomic_int passes_left;
} fault = {.once = PTHREAD_ONCE_INIT};

static void read_wish(void)
{
    lv_str wish = lv_str_of(getenv("LEVADA_FAULT")), name, count;
    if (wish.len == 0 || !lv_str_split(&wish, ':', &name))
        return;
    int64_t n = 1;
    if (lv_str_split(&wish, ':', &count) && !lv_str_to_i64(count, &n))
        return;
    ptrdiff_t equals = lv_str_find(name, '=', 0);
    if (equals >= 0) {
        fault.error = true;
        name.len = (size_t)equals;
    }
    if (name.len >= sizeof fault.name)
        return;
    memcpy(fault.name, name.ptr, name.len);
    atomic_store(&fault.passes_left, (int)n);
    fault.armed = true;
}

lv_status lv_fault_point(const char *name, lv_error *err)
{
    pthread_once(&fault.once, read_wish);
    if (LV_LIKELY(!fault.armed) || strcmp(fault.name, name) != 0)
        return LV_OK;
    if (atomic_fetch_sub(&fault.passes_left, 1) != 1)
        return LV_OK;
    if (fault.error)
        return LV_FAIL(err, LV_IO, "injected fault at %s", name);
    kill(getpid(), SIGKILL);
    return LV_OK;
}
