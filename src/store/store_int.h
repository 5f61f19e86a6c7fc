/* store_int.h: the kinds of stores, for store.c. Private to store/. */
#ifndef LV_STORE_STORE_INT_H
#define LV_STORE_STORE_INT_H

#include "store/store.h"

/** A folder of the local disk. */
lv_store *lv_store_local_new(const char *root, bool durable);

#endif
