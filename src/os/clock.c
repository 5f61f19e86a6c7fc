/* clock.c: time and randomness. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "os/os.h"

static int64_t clock_ns(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t lv_now_us(void)
{
    return clock_ns(CLOCK_REALTIME) / 1000;
}

int64_t lv_mono_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

int64_t lv_thread_cpu_ns(void)
{
    return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

void lv_sleep_us(int64_t us)
{
    struct timespec rest = {us / 1000000, us % 1000000 * 1000};
    while (us > 0 && nanosleep(&rest, &rest) != 0 && errno == EINTR)
        continue;
}

void lv_random_bytes(void *out, size_t len)
{
    char *p = out;
    while (len > 0) {
        ssize_t n = getrandom(p, len, 0);
        LV_ASSERT(n > 0 || errno == EINTR);
        if (n > 0) {
            p += n;
            len -= (size_t)n;
        }
    }
}

uint64_t lv_random_u64(void)
{
    uint64_t value;
    lv_random_bytes(&value, sizeof value);
    return value;
}

void lv_uuid_make(char out[37])
{
    unsigned char b[16];
    lv_random_bytes(b, sizeof b);
    b[6] = (unsigned char)((b[6] & 0x0F) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3F) | 0x80);
    snprintf(out, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
             b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
             b[14], b[15]);
}

const char *lv_user_name(lv_arena *arena)
{
    struct passwd entry, *found = NULL;
    char space[1024];
    if (getpwuid_r(geteuid(), &entry, space, sizeof space, &found) != 0 || found == NULL)
        return lv_arena_printf(arena, "%u", (unsigned)geteuid());
    return lv_arena_strndup(arena, found->pw_name, strlen(found->pw_name));
}
