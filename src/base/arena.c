/* arena.c: a chain of malloc'd blocks, each at least twice as large as the one before (to 1 MiB). */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum { BLOCK_MIN = 4096, BLOCK_MAX = 1 << 20, ALIGN_SMALL = 16, ALIGN_LARGE = 64 };

typedef struct lv_arena_block {
    struct lv_arena_block *next;
    size_t size; /* of the whole block, header included */
} lv_arena_block;

void lv_arena_init(lv_arena *arena)
{
    *arena = (lv_arena){0};
}

void lv_arena_release(lv_arena *arena)
{
    for (lv_arena_block *b = arena->blocks, *next; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    lv_arena_init(arena);
}

static void start_block(lv_arena *arena, lv_arena_block *block)
{
    arena->next = (char *)block + sizeof *block;
    arena->end = (char *)block + block->size;
}

void lv_arena_reset(lv_arena *arena)
{
    lv_arena_block *keep = NULL;
    for (lv_arena_block *b = arena->blocks, *next; b != NULL; b = next) {
        next = b->next;
        lv_arena_block *drop = b;
        if (b->size <= BLOCK_MAX && (keep == NULL || b->size > keep->size)) {
            drop = keep;
            keep = b;
        }
        free(drop);
    }
    lv_arena_init(arena);
    if (keep != NULL) {
        keep->next = NULL;
        arena->blocks = keep;
        arena->size_bytes = keep->size;
        start_block(arena, keep);
    }
}

static void add_block(lv_arena *arena, size_t need)
{
    size_t size =
        arena->blocks == NULL ? BLOCK_MIN : LV_MIN(arena->blocks->size * 2, (size_t)BLOCK_MAX);
    size = LV_MAX(size, need + sizeof(lv_arena_block) + ALIGN_LARGE);
    lv_arena_block *block = malloc(size);
    if (block == NULL) {
        fprintf(stderr, "levada: out of memory (arena block of %zu bytes)\n", size);
        abort();
    }
    block->next = arena->blocks;
    block->size = size;
    arena->blocks = block;
    arena->size_bytes += size;
    start_block(arena, block);
}

static char *align_up(char *p, size_t to)
{
    return (char *)(((uintptr_t)p + to - 1) & ~(uintptr_t)(to - 1));
}

void *lv_arena_alloc(lv_arena *arena, size_t size)
{
    size_t align = size >= 256 ? ALIGN_LARGE : ALIGN_SMALL;
    char *p = align_up(arena->next, align);
    if (arena->next == NULL || p > arena->end || (size_t)(arena->end - p) < size) {
        add_block(arena, size);
        p = align_up(arena->next, align);
    }
    arena->next = p + size;
    return p;
}

void *lv_arena_zalloc(lv_arena *arena, size_t size)
{
    return memset(lv_arena_alloc(arena, size), 0, size);
}

void *lv_arena_grow(lv_arena *arena, void *old, size_t old_size, size_t new_size)
{
    LV_ASSERT(new_size >= old_size);
    if (old != NULL && (char *)old + old_size == arena->next &&
        (size_t)(arena->end - (char *)old) >= new_size) {
        arena->next = (char *)old + new_size;
        return old;
    }
    void *new = lv_arena_alloc(arena, new_size);
    if (old_size > 0)
        memcpy(new, old, old_size);
    return new;
}

char *lv_arena_strndup(lv_arena *arena, const char *text, size_t len)
{
    char *copy = lv_arena_alloc(arena, len + 1);
    if (len > 0)
        memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *lv_arena_printf(lv_arena *arena, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    LV_ASSERT(len >= 0);
    char *text = lv_arena_alloc(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, fmt, again);
    va_end(again);
    return text;
}
