/* datetime_pattern_int.h: a pattern as the files datetime_pattern*.c share it: a list of items. */
#ifndef LV_BASE_DATETIME_PATTERN_INT_H
#define LV_BASE_DATETIME_PATTERN_INT_H

#include "base/datetime_pattern.h"

typedef struct lv_pattern_item {
    char letter; /* 0: a literal character; '[': an optional part */
    char literal;
    int count;    /* letters in a row; '[': items in the part */
    int reserved; /* digits that belong to the fixed-width numbers right behind this one */
} lv_pattern_item;

struct lv_datetime_pattern {
    lv_pattern_item *items;
    int count;
    bool has_zone;
    bool has_era;
    bool fits_nothing;
};

/** Whether an item is digits, not a name. */
static inline bool lv_pattern_is_number(const lv_pattern_item *it)
{
    return it->letter != 0 && strchr("yMLdDHhkKms", it->letter) != NULL &&
           (it->letter == 'y' ? it->count != 3 : it->count < 3 || it->letter == 'D');
}

#endif
