#include "adapters/sms/uplink.h"

#define BODY_MAX (1u << 20)
#define SIGN_MAX 100
#define CODE_MAX 64

struct str uplink_text(struct reading *r, const struct json *object, const char *name)
{
    return read_json_text(r, json_get(object, name));
}

bool uplink_put(struct reading *r, struct inbox *inbox, const struct uplink *u, const char **reason_r)
{
    struct inbox_item *item = &inbox->items[inbox->n_items];
    struct str id = read_visible(u->id, READ_ID_MAX);
    if (u->from.n == 0) return *reason_r = "a message without its sender", false;
    if (!u->words.p) return *reason_r = "a message without words", false;
    if (id.n == 0 && u->sent_at.us == 0) return *reason_r = "a message with neither id nor time", false;
    item->s = (struct submission){.door = DOOR_SMS,
                                  .nature = NATURE_UNKNOWN,
                                  .external_id = id,
                                  .sender = read_phone(r, u->from),
                                  .text = u->words,
                                  .sent_at = u->sent_at};
    item->s.dedupe_key = id.n ? id : read_content_key(r, u->from, u->sent_at, u->words);
    item->to = read_visible(u->to, READ_ID_MAX);
    item->sign_name = u->sign.n <= SIGN_MAX ? u->sign : STR_NONE;
    if (r->full) return false;
    inbox->n_items++;
    return true;
}

bool uplink_put_receipt(struct reading *r, struct inbox *inbox, const struct uplink_receipt *d,
                        const char **reason_r)
{
    struct receipt_report report = {.provider_id = read_visible(d->id, READ_ID_MAX),
                                    .client_ref = read_visible(d->ref, READ_ID_MAX),
                                    .to = d->to,
                                    .status = d->status,
                                    .raw_status = read_visible(d->raw_status, CODE_MAX),
                                    .done_at = d->done_at,
                                    .part_total = d->part_total,
                                    .part_index = d->part_index};
    if (d->status != DELIVERY_DELIVERED) report.error_code = read_visible(d->code, CODE_MAX);
    if (report.provider_id.n == 0 && report.client_ref.n == 0)
        return *reason_r = "a receipt without an id", false;
    if (r->full) return false;
    inbox->receipts[inbox->n_receipts++] = report;
    return true;
}

struct json *uplink_json(struct reading *r, struct str body, enum json_kind due, struct inbox *inbox,
                         enum parse_result *result_r, const char **reason_r)
{
    struct json *doc = json_parse_foreign(body, BODY_MAX, reason_r);
    const size_t n = due == JSON_ARRAY ? json_count(doc) : 1;
    *result_r = PARSE_MALFORMED;
    if (!doc) return NULL;
    if (json_kind(doc) != due) {
        *reason_r = due == JSON_ARRAY ? "the body is not an array" : "the body is not an object";
    } else if (!inbox_reserve(inbox, r->arena, n, n)) {
        *reason_r = "too many elements in one push";
        *result_r = PARSE_TOO_MANY;
    } else {
        return doc;
    }
    json_free(&doc);
    return NULL;
}

enum parse_result uplink_end(const struct reading *r, struct inbox *inbox, enum parse_result result,
                             const char **reason_r)
{
    if (result == PARSE_OK && inbox->n_unreadable && inbox->n_items + inbox->n_receipts == 0)
        result = PARSE_MALFORMED;
    if (r->full) *reason_r = "the push is over the limit", result = PARSE_TOO_MANY;
    if (result != PARSE_OK) inbox->n_items = inbox->n_receipts = 0;
    return result;
}
