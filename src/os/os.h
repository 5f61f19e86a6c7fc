/* os.h: everything Levada asks of the operating system but sockets: time, randomness, files,
 * threads, the processor. Behind one header, so that tests can freeze, seed and break it. */
#ifndef LV_OS_OS_H
#define LV_OS_OS_H

#include <pthread.h>

#include "base/status.h"
#include "base/str.h"

/* ---- time ------------------------------------------------------------------------------------ */

/** Wall clock, microseconds since 1970 UTC. */
int64_t lv_now_us(void);
/** Monotonic clock, nanoseconds. */
int64_t lv_mono_ns(void);
/** CPU time of the calling thread, nanoseconds. */
int64_t lv_thread_cpu_ns(void);
void lv_sleep_us(int64_t us);

/** The name of the user who runs this, in the arena. */
const char *lv_user_name(lv_arena *arena);

/* ---- randomness ------------------------------------------------------------------------------ */

/** Unpredictable bytes of the kernel. */
void lv_random_bytes(void *out, size_t len);
uint64_t lv_random_u64(void);
/** A version 4 UUID as 36 characters and NUL. */
void lv_uuid_make(char out[37]);

/* ---- files ----------------------------------------------------------------------------------- */
/* Paths are NUL-terminated. Errors carry the path and errno's text; status NOT_FOUND for ENOENT,
 * ALREADY_EXISTS for EEXIST, IO else. */

/** Reads a whole file into `out` (appended). */
LV_MUST_USE lv_status lv_file_read_all(const char *path, lv_sbuf *out, lv_error *err);
/** Reads exactly `len` bytes at `offset`; a shorter file is status CORRUPT. */
LV_MUST_USE lv_status lv_file_pread(int fd, const char *path, void *out, size_t len, int64_t offset,
                                    lv_error *err);
/** Writes all of it at the file's position. */
LV_MUST_USE lv_status lv_file_write(int fd, const char *path, const void *bytes, size_t len,
                                    lv_error *err);
/** open(2) with O_CLOEXEC; `flags` as there, mode 0644. */
LV_MUST_USE lv_status lv_file_open(const char *path, int flags, int *fd, lv_error *err);
LV_MUST_USE lv_status lv_file_size(int fd, const char *path, int64_t *size_bytes, lv_error *err);
/** fdatasync(2). */
LV_MUST_USE lv_status lv_file_sync(int fd, const char *path, lv_error *err);
/** fsync of the folder, so that new names in it last. */
LV_MUST_USE lv_status lv_dir_sync(const char *path, lv_error *err);
/** mkdir -p. */
LV_MUST_USE lv_status lv_dir_make(const char *path, lv_error *err);
/** Makes `path` with this content or not at all: temporary file beside it, fdatasync, link(2)
 *  (rename(2) if `replace`), folder sync when `durable`. Without `replace` an existing file is
 *  ALREADY_EXISTS: this is put-if-absent, also between processes. */
LV_MUST_USE lv_status lv_file_publish(const char *path, const void *bytes, size_t len, bool replace,
                                      bool durable, lv_error *err);
/** rm -rf; a folder that is not there is no error. Links are removed, not followed. */
LV_MUST_USE lv_status lv_dir_remove(const char *path, lv_error *err);
typedef struct lv_dir_entry {
    lv_str name; /* in the arena, NUL-terminated */
    bool is_dir;
} lv_dir_entry;
/** Names in a folder (without . and ..), sorted by bytes, in the arena. */
LV_MUST_USE lv_status lv_dir_list(const char *path, lv_arena *arena, lv_dir_entry **entries,
                                  size_t *count, lv_error *err);
/** unlink(2); a file that is not there is no error. */
LV_MUST_USE lv_status lv_file_remove(const char *path, lv_error *err);
bool lv_path_exists(const char *path);
/** "dir/name" in the arena. */
char *lv_path_join(lv_arena *arena, const char *dir, const char *name);

/* ---- threads --------------------------------------------------------------------------------- */

/** Starts a thread named `name` (at most 15 characters) with all signals blocked. */
LV_MUST_USE lv_status lv_thread_start(pthread_t *thread, const char *name, void *(*run)(void *),
                                      void *arg, lv_error *err);
/** Processors this process may run on (sched_getaffinity). */
int lv_cpu_count(void);
/** Whether AVX2 and BMI2 kernels may run. LEVADA_CPU=baseline turns them off, for tests. */
bool lv_cpu_has_avx2(void);

/* ---- fault points ---------------------------------------------------------------------------- */

/** A named place where tests may break the program: LEVADA_FAULT="name[:n]" kills it (SIGKILL) at
 *  the n-th pass (first by default), "name=error[:n]" makes that pass return status IO. */
LV_MUST_USE lv_status lv_fault_point(const char *name, lv_error *err);

#endif
