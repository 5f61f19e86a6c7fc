/* request_session.c: what clients begin with: ApiVersions, SASL PLAIN, and whom to ask for groups.
 *
 * PLAIN's token is `authorization id NUL user NUL password`. The user is "$ConnectionString" and the
 * password a connection string, as Event Hubs has it. Source: RFC 4616; Azure Event Hubs for Apache
 * Kafka, "Security and authentication". */
#include "base/check.h"
#include "hub/broker_int.h"

#define MECHANISM "PLAIN"
#define USER      "$ConnectionString"

lv_served lv_handle_api_versions(const lv_exchange *exchange)
{
    size_t count;
    const lv_kafka_api *apis = lv_kafka_apis(&count);
    lv_kafka_api_version_range *ranges =
        LV_NEW_ARRAY(exchange->arena, lv_kafka_api_version_range, count);
    for (size_t i = 0; i < count; i++)
        ranges[i] =
            (lv_kafka_api_version_range){apis[i].key, apis[i].min_version, apis[i].max_version};
    lv_kafka_api_versions_response response = {.api_keys = {ranges, (int32_t)count}};
    lv_exchange answer = *exchange;
    if (exchange->header.api_version < 0 ||
        exchange->header.api_version > lv_kafka_api_get(LV_KAFKA_API_VERSIONS)->max_version) {
        /* So that the client can try again with a version from the list. Source: KIP-511. */
        response.error_code = LV_KAFKA_ERROR_UNSUPPORTED_VERSION;
        answer.header.api_version = 0;
    }
    lv_exchange_answer(&answer, &response);
    return LV_SERVED;
}

/* There are no groups and no transactions here. Clients that are told so by an error give up with it at
 * once, while one that finds nobody to ask goes on asking. */
lv_served lv_handle_find_coordinator(const lv_exchange *exchange)
{
    enum { KEY_TRANSACTION = 1 };
    const lv_kafka_find_coordinator_request *request = exchange->request;
    lv_kafka_find_coordinator_response response = lv_kafka_find_coordinator_response_default();
    response.error_code = request->key_type == KEY_TRANSACTION
                              ? LV_KAFKA_ERROR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED
                              : LV_KAFKA_ERROR_UNSUPPORTED_VERSION;
    response.error_message =
        LV_STR("the hub has no consumer groups and no transactions: assign partitions instead");
    lv_exchange_answer(exchange, &response);
    return LV_SERVED;
}

lv_served lv_handle_sasl_handshake(const lv_exchange *exchange)
{
    const lv_kafka_sasl_handshake_request *request = exchange->request;
    lv_session *session = exchange->session;
    lv_str mechanism = LV_STR(MECHANISM);
    lv_kafka_sasl_handshake_response response = {.mechanisms = {&mechanism, 1}};
    if (session->authenticated || session->sasl != LV_SASL_NONE)
        response.error_code = LV_KAFKA_ERROR_ILLEGAL_SASL_STATE;
    else if (!lv_str_is(request->mechanism, MECHANISM))
        response.error_code = LV_KAFKA_ERROR_UNSUPPORTED_SASL_MECHANISM;
    else
        session->sasl = exchange->header.api_version == 0 ? LV_SASL_RAW : LV_SASL_EXPECTED;
    lv_exchange_answer(exchange, &response);
    return response.error_code == LV_KAFKA_ERROR_NONE ? LV_SERVED : LV_SERVED_HANG_UP;
}

/* Takes the same time wherever the texts differ. */
static bool is_secret(lv_str given, const char *secret)
{
    size_t len = strlen(secret);
    size_t difference = given.len ^ len;
    for (size_t i = 0; i < given.len; i++)
        difference |= (size_t)(uint8_t)(given.ptr[i] ^ secret[len > 0 ? i % len : 0]);
    return difference == 0;
}

static bool token_is_good(const lv_broker *broker, lv_str token)
{
    lv_str authorization_id;
    lv_str user;
    lv_str rest = token;
    if (!lv_str_split(&rest, '\0', &authorization_id) || !lv_str_split(&rest, '\0', &user) ||
        rest.ptr == NULL)
        return false;
    bool secret_fits = is_secret(rest, broker->options.sasl);
    return secret_fits && lv_str_is(user, USER) &&
           (authorization_id.len == 0 || lv_str_eq(authorization_id, user));
}

static bool authenticate(lv_broker *broker, lv_session *session, lv_str token)
{
    session->authenticated = token_is_good(broker, token);
    session->sasl = LV_SASL_DONE;
    return session->authenticated;
}

lv_served lv_handle_sasl_authenticate(const lv_exchange *exchange)
{
    const lv_kafka_sasl_authenticate_request *request = exchange->request;
    lv_kafka_sasl_authenticate_response response = lv_kafka_sasl_authenticate_response_default();
    if (exchange->session->sasl != LV_SASL_EXPECTED) {
        response.error_code = LV_KAFKA_ERROR_ILLEGAL_SASL_STATE;
        response.error_message = LV_STR("SaslAuthenticate must follow SaslHandshake");
    } else if (!authenticate(exchange->broker, exchange->session, request->auth_bytes)) {
        response.error_code = LV_KAFKA_ERROR_SASL_AUTHENTICATION_FAILED;
        response.error_message =
            LV_STR("Authentication failed: the user must be $ConnectionString, the "
                   "password the hub's connection string");
    }
    lv_exchange_answer(exchange, &response);
    return response.error_code == LV_KAFKA_ERROR_NONE ? LV_SERVED : LV_SERVED_HANG_UP;
}

lv_served lv_handle_raw_sasl(lv_broker *broker, lv_session *session, lv_str token)
{
    if (!authenticate(broker, session, token))
        return LV_SERVED_HANG_UP;
    lv_wr_i32be(&session->outbox.bytes, 0);
    return LV_SERVED;
}
