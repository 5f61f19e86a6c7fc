/* dictionary.h: distinct values of a column chunk that is being written, with dense codes.
 *
 * The values lie in `body` as the dictionary page will have them: numbers as an array, strings as
 * {u32le length, bytes}. Codes of DICTIONARY vectors are translated by a table per lv_dict, so a
 * string that came with a code is looked up once per chunk, not once per row; and not even then as
 * long as all strings came from one lv_dict, where they are different already. */
#ifndef LV_PARQUET_DICTIONARY_H
#define LV_PARQUET_DICTIONARY_H

#include "column/vector.h"

enum { LV_PQ_REMAP_COUNT = 8, LV_PQ_EXTREMES = 8 };
#define LV_PQ_NO_CODE UINT32_MAX

/** From codes of one lv_dict to ours. */
typedef struct lv_pq_remap {
    uint64_t dict_id; /* 0: free */
    uint32_t *codes;  /* LV_PQ_NO_CODE where not yet known */
    uint32_t capacity;
    uint32_t *used; /* codes that are known, so that clearing costs what filling did */
    uint32_t used_count;
    uint32_t used_capacity;
} lv_pq_remap;

typedef struct lv_pq_dictionary {
    unsigned value_size; /* 4 or 8; 0: strings */
    uint32_t count;
    lv_sbuf body;
    uint32_t *slots; /* open addressing, at most a third full */
    uint32_t slot_mask;
    uint32_t slot_capacity;
    uint32_t last_count; /* of the chunk before, to grow in one step to what will be needed */
    uint32_t *offsets;   /* strings: of the bytes in body */
    uint32_t *hashes;    /* strings, of the first hashed_count */
    uint32_t entry_capacity;
    uint32_t hashed_count; /* strings that are in the slots */
    uint64_t source_id;    /* strings: the lv_dict that all of them came from; 0: several */
    /* strings: codes of the least and the greatest, the extreme first */
    uint32_t least[LV_PQ_EXTREMES], greatest[LV_PQ_EXTREMES];
    uint32_t extreme_count; /* of either */
    lv_pq_remap remaps[LV_PQ_REMAP_COUNT];
    unsigned remap_next;
} lv_pq_dictionary;

void lv_pq_dictionary_init(lv_pq_dictionary *dictionary, unsigned value_size);
void lv_pq_dictionary_release(lv_pq_dictionary *dictionary);
/** Forgets the values, keeps the memory; costs what was in it, not what fits. */
void lv_pq_dictionary_reset(lv_pq_dictionary *dictionary);

/** Codes of numbers of the dictionary's size (by their bits), added if new. */
void lv_pq_dictionary_add(lv_pq_dictionary *dictionary, const void *values, size_t count,
                          uint32_t *codes);
/** Code of a string, added (copied) if new. */
uint32_t lv_pq_dictionary_add_str(lv_pq_dictionary *dictionary, lv_str value);
/** The translation of `from`, with room for all its codes. */
lv_pq_remap *lv_pq_dictionary_remap(lv_pq_dictionary *dictionary, const lv_dict *from);
/** Fills in the translation of one code that is LV_PQ_NO_CODE. */
uint32_t lv_pq_dictionary_remap_add(lv_pq_dictionary *dictionary, lv_pq_remap *remap,
                                    const lv_dict *from, uint32_t code);

/** A string by its code; valid until the next one is added. */
static inline lv_str lv_pq_dictionary_str(const lv_pq_dictionary *dictionary, uint32_t code)
{
    const char *at = dictionary->body.ptr + dictionary->offsets[code];
    uint32_t len;
    memcpy(&len, at - 4, 4);
    return (lv_str){at, len};
}

#endif
