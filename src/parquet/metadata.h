/* metadata.h: the structs of Parquet's parquet.thrift, as far as we read or write them.
 *
 * Source: apache/parquet-format, src/main/thrift/parquet.thrift. A struct's `has` tells which
 * fields are present by their Thrift ids, which the comments give; see thrift_compact.h. */
#ifndef LV_PARQUET_METADATA_H
#define LV_PARQUET_METADATA_H

#include "parquet/thrift_compact.h"

typedef enum lv_pq_physical {
    LV_PQ_BOOLEAN,
    LV_PQ_INT32,
    LV_PQ_INT64,
    LV_PQ_INT96,
    LV_PQ_FLOAT,
    LV_PQ_DOUBLE,
    LV_PQ_BYTE_ARRAY,
    LV_PQ_FIXED,
    LV_PQ_PHYSICAL_COUNT
} lv_pq_physical;

enum { LV_PQ_REQUIRED, LV_PQ_OPTIONAL, LV_PQ_REPEATED };

typedef enum lv_pq_encoding {
    LV_PQ_PLAIN = 0,
    LV_PQ_PLAIN_DICTIONARY = 2,
    LV_PQ_RLE = 3,
    LV_PQ_BIT_PACKED = 4,
    LV_PQ_DELTA_BINARY_PACKED = 5,
    LV_PQ_DELTA_LENGTH_BYTE_ARRAY = 6,
    LV_PQ_DELTA_BYTE_ARRAY = 7,
    LV_PQ_RLE_DICTIONARY = 8,
    LV_PQ_BYTE_STREAM_SPLIT = 9,
} lv_pq_encoding;

enum { LV_PQ_PAGE_DATA, LV_PQ_PAGE_INDEX, LV_PQ_PAGE_DICTIONARY, LV_PQ_PAGE_DATA_V2 };

/* Codecs that we read but do not offer for writing. */
enum { LV_PQ_CODEC_LZO = 3, LV_PQ_CODEC_BROTLI = 4, LV_PQ_CODEC_LZ4_HADOOP = 5 };

enum {
    LV_PQ_CONVERTED_UTF8 = 0,
    LV_PQ_CONVERTED_MAP = 1,
    LV_PQ_CONVERTED_MAP_KEY_VALUE = 2,
    LV_PQ_CONVERTED_LIST = 3,
    LV_PQ_CONVERTED_ENUM = 4,
    LV_PQ_CONVERTED_DECIMAL = 5,
    LV_PQ_CONVERTED_DATE = 6,
    LV_PQ_CONVERTED_TIME_MILLIS = 7,
    LV_PQ_CONVERTED_TIME_MICROS = 8,
    LV_PQ_CONVERTED_TIMESTAMP_MILLIS = 9,
    LV_PQ_CONVERTED_TIMESTAMP_MICROS = 10,
    LV_PQ_CONVERTED_UINT_8 = 11,
    LV_PQ_CONVERTED_UINT_16 = 12,
    LV_PQ_CONVERTED_UINT_32 = 13,
    LV_PQ_CONVERTED_UINT_64 = 14,
    LV_PQ_CONVERTED_INT_8 = 15,
    LV_PQ_CONVERTED_INT_16 = 16,
    LV_PQ_CONVERTED_INT_32 = 17,
    LV_PQ_CONVERTED_INT_64 = 18,
    LV_PQ_CONVERTED_JSON = 19,
    LV_PQ_CONVERTED_BSON = 20,
    LV_PQ_CONVERTED_INTERVAL = 21,
};

typedef struct lv_pq_decimal_type {
    uint64_t has;
    int32_t scale;     /* 1 */
    int32_t precision; /* 2 */
} lv_pq_decimal_type;

/** A union: 1 millis, 2 micros, 3 nanos. */
typedef struct lv_pq_time_unit {
    uint64_t has;
} lv_pq_time_unit;
enum { LV_PQ_MILLIS = 1, LV_PQ_MICROS = 2, LV_PQ_NANOS = 3 };

/** TIME and TIMESTAMP. */
typedef struct lv_pq_time_type {
    uint64_t has;
    bool utc;             /* 1 */
    lv_pq_time_unit unit; /* 2 */
} lv_pq_time_type;

typedef struct lv_pq_integer_type {
    uint64_t has;
    int8_t bits;    /* 1 */
    bool is_signed; /* 2 */
} lv_pq_integer_type;

/** A union; those without parameters are bits of `has` only. */
typedef struct lv_pq_logical {
    uint64_t has;
    lv_pq_decimal_type decimal;
    lv_pq_time_type time;
    lv_pq_time_type timestamp;
    lv_pq_integer_type integer;
} lv_pq_logical;
enum {
    LV_PQ_LOGICAL_STRING = 1,
    LV_PQ_LOGICAL_MAP = 2,
    LV_PQ_LOGICAL_LIST = 3,
    LV_PQ_LOGICAL_ENUM = 4,
    LV_PQ_LOGICAL_DECIMAL = 5,
    LV_PQ_LOGICAL_DATE = 6,
    LV_PQ_LOGICAL_TIME = 7,
    LV_PQ_LOGICAL_TIMESTAMP = 8,
    LV_PQ_LOGICAL_INTEGER = 10,
    LV_PQ_LOGICAL_UNKNOWN = 11,
    LV_PQ_LOGICAL_JSON = 12,
    LV_PQ_LOGICAL_BSON = 13,
    LV_PQ_LOGICAL_UUID = 14,
    LV_PQ_LOGICAL_FLOAT16 = 15,
};

typedef struct lv_pq_element {
    uint64_t has;
    int32_t type;           /* 1, lv_pq_physical */
    int32_t type_length;    /* 2 */
    int32_t repetition;     /* 3 */
    lv_str name;            /* 4 */
    int32_t child_count;    /* 5 */
    int32_t converted_type; /* 6 */
    int32_t scale;          /* 7 */
    int32_t precision;      /* 8 */
    int32_t field_id;       /* 9 */
    lv_pq_logical logical;  /* 10 */
} lv_pq_element;

typedef struct lv_pq_statistics {
    uint64_t has;
    lv_str max;         /* 1, deprecated */
    lv_str min;         /* 2, deprecated */
    int64_t null_count; /* 3 */
    lv_str max_value;   /* 5 */
    lv_str min_value;   /* 6 */
    bool is_max_exact;  /* 7 */
    bool is_min_exact;  /* 8 */
} lv_pq_statistics;

typedef struct lv_pq_key_value {
    uint64_t has;
    lv_str key;   /* 1 */
    lv_str value; /* 2 */
} lv_pq_key_value;

typedef struct lv_pq_encoding_stats {
    uint64_t has;
    int32_t page_type; /* 1 */
    int32_t encoding;  /* 2 */
    int32_t count;     /* 3 */
} lv_pq_encoding_stats;

typedef struct lv_pq_column_meta {
    uint64_t has;
    int32_t type;                                        /* 1 */
    LV_THRIFT_LIST(int32_t) encodings;                   /* 2 */
    LV_THRIFT_LIST(lv_str) path;                         /* 3 */
    int32_t codec;                                       /* 4 */
    int64_t value_count;                                 /* 5, nulls included */
    int64_t uncompressed_bytes;                          /* 6, page headers included */
    int64_t compressed_bytes;                            /* 7, likewise */
    int64_t data_page_offset;                            /* 9 */
    int64_t dictionary_page_offset;                      /* 11 */
    lv_pq_statistics statistics;                         /* 12 */
    LV_THRIFT_LIST(lv_pq_encoding_stats) encoding_stats; /* 13 */
} lv_pq_column_meta;

typedef struct lv_pq_chunk {
    uint64_t has;
    lv_str file_path;            /* 1 */
    int64_t file_offset;         /* 2 */
    lv_pq_column_meta meta;      /* 3 */
    int64_t offset_index_offset; /* 4 */
    int32_t offset_index_length; /* 5 */
    int64_t column_index_offset; /* 6 */
    int32_t column_index_length; /* 7 */
    /* 8 crypto_metadata: marker */
} lv_pq_chunk;

typedef struct lv_pq_row_group {
    uint64_t has;
    LV_THRIFT_LIST(lv_pq_chunk) chunks; /* 1 */
    int64_t uncompressed_bytes;         /* 2 */
    int64_t row_count;                  /* 3 */
    int64_t file_offset;                /* 5 */
    int64_t compressed_bytes;           /* 6 */
    int16_t ordinal;                    /* 7 */
} lv_pq_row_group;

/** A union: 1 the type's own order, 2 IEEE 754 total order. */
typedef struct lv_pq_column_order {
    uint64_t has;
} lv_pq_column_order;

typedef struct lv_pq_file_meta {
    uint64_t has;
    int32_t version;                                  /* 1 */
    LV_THRIFT_LIST(lv_pq_element) schema;             /* 2 */
    int64_t row_count;                                /* 3 */
    LV_THRIFT_LIST(lv_pq_row_group) row_groups;       /* 4 */
    LV_THRIFT_LIST(lv_pq_key_value) key_values;       /* 5 */
    lv_str created_by;                                /* 6 */
    LV_THRIFT_LIST(lv_pq_column_order) column_orders; /* 7 */
    /* 8 encryption_algorithm: marker */
} lv_pq_file_meta;

typedef struct lv_pq_data_header {
    uint64_t has;
    int32_t value_count;  /* 1, nulls included */
    int32_t encoding;     /* 2 */
    int32_t def_encoding; /* 3 */
    int32_t rep_encoding; /* 4 */
} lv_pq_data_header;

typedef struct lv_pq_dictionary_header {
    uint64_t has;
    int32_t value_count; /* 1 */
    int32_t encoding;    /* 2 */
} lv_pq_dictionary_header;

typedef struct lv_pq_data_header_v2 {
    uint64_t has;
    int32_t value_count; /* 1 */
    int32_t null_count;  /* 2 */
    int32_t row_count;   /* 3 */
    int32_t encoding;    /* 4 */
    int32_t def_bytes;   /* 5 */
    int32_t rep_bytes;   /* 6 */
    bool is_compressed;  /* 7, true when absent */
} lv_pq_data_header_v2;

typedef struct lv_pq_page_header {
    uint64_t has;
    int32_t type;                       /* 1 */
    int32_t uncompressed_bytes;         /* 2 */
    int32_t compressed_bytes;           /* 3 */
    int32_t crc;                        /* 4 */
    lv_pq_data_header data;             /* 5 */
    lv_pq_dictionary_header dictionary; /* 7 */
    lv_pq_data_header_v2 data_v2;       /* 8 */
} lv_pq_page_header;

typedef struct lv_pq_page_location {
    uint64_t has;
    int64_t offset;           /* 1 */
    int32_t compressed_bytes; /* 2, header included */
    int64_t first_row;        /* 3 */
} lv_pq_page_location;

typedef struct lv_pq_offset_index {
    uint64_t has;
    LV_THRIFT_LIST(lv_pq_page_location) pages; /* 1 */
} lv_pq_offset_index;

enum { LV_PQ_UNORDERED, LV_PQ_ASCENDING, LV_PQ_DESCENDING };

typedef struct lv_pq_column_index {
    uint64_t has;
    LV_THRIFT_LIST(bool) null_pages;     /* 1 */
    LV_THRIFT_LIST(lv_str) min_values;   /* 2 */
    LV_THRIFT_LIST(lv_str) max_values;   /* 3 */
    int32_t boundary_order;              /* 4 */
    LV_THRIFT_LIST(int64_t) null_counts; /* 5 */
} lv_pq_column_index;

extern const lv_thrift_struct lv_pq_file_meta_type;
extern const lv_thrift_struct lv_pq_page_header_type;
extern const lv_thrift_struct lv_pq_offset_index_type;
extern const lv_thrift_struct lv_pq_column_index_type;

#endif
