/* arena.h: memory by lifetime.
 *
 * An arena hands out memory that is freed all at once: by lv_arena_reset (keeps the first block for
 * reuse) or lv_arena_release. Nobody frees inside an arena. One arena per lifetime: process,
 * session, query, micro-batch, one call's scratch. Running out of memory aborts: what may be
 * large is bounded by its owner (batch size, queue length), not by hope.
 *
 * An arena belongs to one thread at a time. */
#ifndef LV_BASE_ARENA_H
#define LV_BASE_ARENA_H

#include "base/compiler.h"

typedef struct lv_arena {
    struct lv_arena_block *blocks; /* newest first; allocation is from the newest */
    char *next;
    char *end;
    size_t size_bytes; /* in all blocks */
} lv_arena;

/** An empty arena in the caller's storage; the first allocation gets its first block. */
void lv_arena_init(lv_arena *arena);
/** Frees everything; the arena is as after lv_arena_init. */
void lv_arena_release(lv_arena *arena);
/** Forgets all allocations; keeps one block (the largest up to 1 MiB) for reuse. */
void lv_arena_reset(lv_arena *arena);
/** Uninitialised memory, aligned to 16 bytes (64 from 256 bytes on). Never NULL, also for size 0. */
void *lv_arena_alloc(lv_arena *arena, size_t size);
/** Zeroed memory, aligned as lv_arena_alloc. */
void *lv_arena_zalloc(lv_arena *arena, size_t size);
/** Grows an allocation: in place if it was the last one, else by copy. `old` may be NULL. */
void *lv_arena_grow(lv_arena *arena, void *old, size_t old_size, size_t new_size);
/** A NUL-terminated copy of `len` bytes. */
char *lv_arena_strndup(lv_arena *arena, const char *text, size_t len);
/** A NUL-terminated formatted string. */
LV_PRINTF(2, 3) char *lv_arena_printf(lv_arena *arena, const char *fmt, ...);

#define LV_NEW(arena, type) ((type *)lv_arena_zalloc((arena), sizeof(type)))
#define LV_NEW_ARRAY(arena, type, count)                                                           \
    ((type *)lv_arena_zalloc((arena), sizeof(type) * (size_t)(count)))

#endif
