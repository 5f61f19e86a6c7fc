/* metadata.c: the field tables of metadata.h. */
#include "parquet/metadata.h"

#define STRUCT(name_, ctype, table)                                                                \
    const lv_thrift_struct name_ = {#ctype, sizeof(ctype), LV_COUNT_OF(table), table}
#define ROW(id, kind, list, needed, at, of)                                                        \
    {                                                                                              \
        id, LV_THRIFT_##kind, list, needed, at, of                                                 \
    }
#define FIELD(id, kind, ctype, member)  ROW(id, kind, false, false, offsetof(ctype, member), NULL)
#define NEEDED(id, kind, ctype, member) ROW(id, kind, false, true, offsetof(ctype, member), NULL)
#define LIST(id, kind, ctype, member)   ROW(id, kind, true, false, offsetof(ctype, member), NULL)
#define NEEDED_LIST(id, kind, ctype, member)                                                       \
    ROW(id, kind, true, true, offsetof(ctype, member), NULL)
#define NESTED(id, ctype, member, of)      ROW(id, STRUCT, false, false, offsetof(ctype, member), &of)
#define NESTED_LIST(id, ctype, member, of) ROW(id, STRUCT, true, true, offsetof(ctype, member), &of)
#define OPTIONAL_LIST(id, ctype, member, of)                                                       \
    ROW(id, STRUCT, true, false, offsetof(ctype, member), &of)
#define MARKER(id) ROW(id, MARKER, false, false, 0, NULL)

/* ---- schema ---------------------------------------------------------------------------------- */

static const lv_thrift_field decimal_fields[] = {
    NEEDED(1, I32, lv_pq_decimal_type, scale),
    NEEDED(2, I32, lv_pq_decimal_type, precision),
};
static STRUCT(decimal_type, lv_pq_decimal_type, decimal_fields);

static const lv_thrift_field unit_fields[] = {MARKER(1), MARKER(2), MARKER(3)};
static STRUCT(unit_type, lv_pq_time_unit, unit_fields);

static const lv_thrift_field time_fields[] = {
    NEEDED(1, BOOL, lv_pq_time_type, utc),
    NESTED(2, lv_pq_time_type, unit, unit_type),
};
static STRUCT(time_type, lv_pq_time_type, time_fields);

static const lv_thrift_field integer_fields[] = {
    NEEDED(1, I8, lv_pq_integer_type, bits),
    NEEDED(2, BOOL, lv_pq_integer_type, is_signed),
};
static STRUCT(integer_type, lv_pq_integer_type, integer_fields);

static const lv_thrift_field logical_fields[] = {
    MARKER(1),
    MARKER(2),
    MARKER(3),
    MARKER(4),
    NESTED(5, lv_pq_logical, decimal, decimal_type),
    MARKER(6),
    NESTED(7, lv_pq_logical, time, time_type),
    NESTED(8, lv_pq_logical, timestamp, time_type),
    NESTED(10, lv_pq_logical, integer, integer_type),
    MARKER(11),
    MARKER(12),
    MARKER(13),
    MARKER(14),
    MARKER(15),
    MARKER(16),
};
static STRUCT(logical_type, lv_pq_logical, logical_fields);

static const lv_thrift_field element_fields[] = {
    FIELD(1, I32, lv_pq_element, type),        FIELD(2, I32, lv_pq_element, type_length),
    FIELD(3, I32, lv_pq_element, repetition),  NEEDED(4, BINARY, lv_pq_element, name),
    FIELD(5, I32, lv_pq_element, child_count), FIELD(6, I32, lv_pq_element, converted_type),
    FIELD(7, I32, lv_pq_element, scale),       FIELD(8, I32, lv_pq_element, precision),
    FIELD(9, I32, lv_pq_element, field_id),    NESTED(10, lv_pq_element, logical, logical_type),
};
static STRUCT(element_type, lv_pq_element, element_fields);

/* ---- footer ---------------------------------------------------------------------------------- */

static const lv_thrift_field statistics_fields[] = {
    FIELD(1, BINARY, lv_pq_statistics, max),        FIELD(2, BINARY, lv_pq_statistics, min),
    FIELD(3, I64, lv_pq_statistics, null_count),    FIELD(5, BINARY, lv_pq_statistics, max_value),
    FIELD(6, BINARY, lv_pq_statistics, min_value),  FIELD(7, BOOL, lv_pq_statistics, is_max_exact),
    FIELD(8, BOOL, lv_pq_statistics, is_min_exact),
};
static STRUCT(statistics_type, lv_pq_statistics, statistics_fields);

static const lv_thrift_field key_value_fields[] = {
    NEEDED(1, BINARY, lv_pq_key_value, key),
    FIELD(2, BINARY, lv_pq_key_value, value),
};
static STRUCT(key_value_type, lv_pq_key_value, key_value_fields);

static const lv_thrift_field encoding_stats_fields[] = {
    NEEDED(1, I32, lv_pq_encoding_stats, page_type),
    NEEDED(2, I32, lv_pq_encoding_stats, encoding),
    NEEDED(3, I32, lv_pq_encoding_stats, count),
};
static STRUCT(encoding_stats_type, lv_pq_encoding_stats, encoding_stats_fields);

static const lv_thrift_field column_meta_fields[] = {
    NEEDED(1, I32, lv_pq_column_meta, type),
    NEEDED_LIST(2, I32, lv_pq_column_meta, encodings),
    NEEDED_LIST(3, BINARY, lv_pq_column_meta, path),
    NEEDED(4, I32, lv_pq_column_meta, codec),
    NEEDED(5, I64, lv_pq_column_meta, value_count),
    NEEDED(6, I64, lv_pq_column_meta, uncompressed_bytes),
    NEEDED(7, I64, lv_pq_column_meta, compressed_bytes),
    NEEDED(9, I64, lv_pq_column_meta, data_page_offset),
    FIELD(11, I64, lv_pq_column_meta, dictionary_page_offset),
    NESTED(12, lv_pq_column_meta, statistics, statistics_type),
    OPTIONAL_LIST(13, lv_pq_column_meta, encoding_stats, encoding_stats_type),
};
static STRUCT(column_meta_type, lv_pq_column_meta, column_meta_fields);

static const lv_thrift_field chunk_fields[] = {
    FIELD(1, BINARY, lv_pq_chunk, file_path),
    FIELD(2, I64, lv_pq_chunk, file_offset),
    NESTED(3, lv_pq_chunk, meta, column_meta_type),
    FIELD(4, I64, lv_pq_chunk, offset_index_offset),
    FIELD(5, I32, lv_pq_chunk, offset_index_length),
    FIELD(6, I64, lv_pq_chunk, column_index_offset),
    FIELD(7, I32, lv_pq_chunk, column_index_length),
    MARKER(8),
};
static STRUCT(chunk_type, lv_pq_chunk, chunk_fields);

static const lv_thrift_field row_group_fields[] = {
    NESTED_LIST(1, lv_pq_row_group, chunks, chunk_type),
    NEEDED(2, I64, lv_pq_row_group, uncompressed_bytes),
    NEEDED(3, I64, lv_pq_row_group, row_count),
    FIELD(5, I64, lv_pq_row_group, file_offset),
    FIELD(6, I64, lv_pq_row_group, compressed_bytes),
    FIELD(7, I16, lv_pq_row_group, ordinal),
};
static STRUCT(row_group_type, lv_pq_row_group, row_group_fields);

static const lv_thrift_field order_fields[] = {MARKER(1), MARKER(2)};
static STRUCT(order_type, lv_pq_column_order, order_fields);

static const lv_thrift_field file_meta_fields[] = {
    NEEDED(1, I32, lv_pq_file_meta, version),
    NESTED_LIST(2, lv_pq_file_meta, schema, element_type),
    NEEDED(3, I64, lv_pq_file_meta, row_count),
    NESTED_LIST(4, lv_pq_file_meta, row_groups, row_group_type),
    OPTIONAL_LIST(5, lv_pq_file_meta, key_values, key_value_type),
    FIELD(6, BINARY, lv_pq_file_meta, created_by),
    OPTIONAL_LIST(7, lv_pq_file_meta, column_orders, order_type),
    MARKER(8),
};
STRUCT(lv_pq_file_meta_type, lv_pq_file_meta, file_meta_fields);

/* ---- pages ----------------------------------------------------------------------------------- */

static const lv_thrift_field data_header_fields[] = {
    NEEDED(1, I32, lv_pq_data_header, value_count),
    NEEDED(2, I32, lv_pq_data_header, encoding),
    NEEDED(3, I32, lv_pq_data_header, def_encoding),
    NEEDED(4, I32, lv_pq_data_header, rep_encoding),
};
static STRUCT(data_header_type, lv_pq_data_header, data_header_fields);

static const lv_thrift_field dictionary_header_fields[] = {
    NEEDED(1, I32, lv_pq_dictionary_header, value_count),
    NEEDED(2, I32, lv_pq_dictionary_header, encoding),
};
static STRUCT(dictionary_header_type, lv_pq_dictionary_header, dictionary_header_fields);

static const lv_thrift_field data_header_v2_fields[] = {
    NEEDED(1, I32, lv_pq_data_header_v2, value_count),
    NEEDED(2, I32, lv_pq_data_header_v2, null_count),
    NEEDED(3, I32, lv_pq_data_header_v2, row_count),
    NEEDED(4, I32, lv_pq_data_header_v2, encoding),
    NEEDED(5, I32, lv_pq_data_header_v2, def_bytes),
    NEEDED(6, I32, lv_pq_data_header_v2, rep_bytes),
    FIELD(7, BOOL, lv_pq_data_header_v2, is_compressed),
};
static STRUCT(data_header_v2_type, lv_pq_data_header_v2, data_header_v2_fields);

static const lv_thrift_field page_header_fields[] = {
    NEEDED(1, I32, lv_pq_page_header, type),
    NEEDED(2, I32, lv_pq_page_header, uncompressed_bytes),
    NEEDED(3, I32, lv_pq_page_header, compressed_bytes),
    FIELD(4, I32, lv_pq_page_header, crc),
    NESTED(5, lv_pq_page_header, data, data_header_type),
    NESTED(7, lv_pq_page_header, dictionary, dictionary_header_type),
    NESTED(8, lv_pq_page_header, data_v2, data_header_v2_type),
};
STRUCT(lv_pq_page_header_type, lv_pq_page_header, page_header_fields);

static const lv_thrift_field location_fields[] = {
    NEEDED(1, I64, lv_pq_page_location, offset),
    NEEDED(2, I32, lv_pq_page_location, compressed_bytes),
    NEEDED(3, I64, lv_pq_page_location, first_row),
};
static STRUCT(location_type, lv_pq_page_location, location_fields);

static const lv_thrift_field offset_index_fields[] = {
    NESTED_LIST(1, lv_pq_offset_index, pages, location_type),
};
STRUCT(lv_pq_offset_index_type, lv_pq_offset_index, offset_index_fields);

static const lv_thrift_field column_index_fields[] = {
    NEEDED_LIST(1, BOOL, lv_pq_column_index, null_pages),
    NEEDED_LIST(2, BINARY, lv_pq_column_index, min_values),
    NEEDED_LIST(3, BINARY, lv_pq_column_index, max_values),
    NEEDED(4, I32, lv_pq_column_index, boundary_order),
    LIST(5, I64, lv_pq_column_index, null_counts),
};
STRUCT(lv_pq_column_index_type, lv_pq_column_index, column_index_fields);
