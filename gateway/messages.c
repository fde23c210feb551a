#include "messages.h"
#include "citizen.h"
#include "ids.h"
#include "metrics.h"
#include "outbox.h"
#include "register.h"
#include "base/code.h"
#include "base/log.h"
#include <stdio.h>

#define BODY_MAX (64u * 1024)

/* Without naming the key that may meet its like: a person's transaction may insert here, but read nothing. */
const struct db_stmt stmt_messages_owe = {
    "messages_owe",
    "insert into outbox (id, created_at, channel, recipient, body, body_form, dedupe_key, feedback_id, case_id, due_at, "
    "  purpose, event, urgent, recipient_hash) "
    "values ($1, now(), $2, $3, $4, 1, $5, $6, $7, coalesce($8, now()), $9, $10, $11, $12) on conflict do nothing",
    12,
    {DB_INT8, DB_TEXT, DB_BYTEA, DB_BYTEA, DB_TEXT, DB_INT8, DB_INT8, DB_TIMESTAMPTZ, DB_TEXT, DB_TEXT,
     DB_BOOL, DB_BYTEA}};

void messages_person(const struct gateway *g, struct str e164, u8 out[32])
{
    crypto_mac(g->keys, KEY_PERSON, &e164, 1, out);
}

void messages_tail(const struct gateway *g, struct str number, u8 out[32])
{
    const size_t n = MIN(number.n, 4);
    const struct str parts[] = {STR("tail "), {number.p + number.n - n, n}};
    crypto_mac(g->keys, KEY_PERSON, parts, ARRAY_LEN(parts), out);
}

bool messages_reach(const struct gateway *g, struct str channel, struct str to)
{
    const struct channel_row *row = register_ready(g) ? register_channel(g, channel) : NULL;
    return row && channel_sends(row->adapter, &row->ch) && to.n > 0 && to.n <= MESSAGES_TO_MAX;
}

struct str messages_sign(const struct gateway *g, const struct channel *ch)
{
    const struct str own = ch ? channel_setting(ch, STR("sign")) : STR_NONE;
    return own.n ? own : str_of(g->cfg.district_name);
}

bool messages_text(struct gateway *g, enum message_event e, bool english, const struct message_value *values,
                   size_t n, struct text *out)
{
    if (register_ready(g) && message_render(register_template(g, e, english), values, n, out)) return true;
    COUNT(MESSAGES_UNWORDED);
    log_line(LOG_ERROR, LOG_OUTBOX, "a message could not be put into words", "event=%s",
             message_event_word(e));
    return false;
}

static void page_link(const struct gateway *g, const char *path, struct text *out)
{
    struct str base = str_of(g->cfg.public_url);
    while (base.n && base.p[base.n - 1] == '/') base.n--;
    text_add(out, base);
    text_addz(out, path);
}

void messages_link(const struct gateway *g, struct str plaque, struct text *out)
{
    const struct plaque_row *row = plaque.n && register_ready(g) ? register_plaque(g, plaque) : NULL;
    if (row && citizen_plaque_url(g, row, out)) return;
    page_link(g, "/write", out);
}

void messages_status_link(const struct gateway *g, struct text *out) { page_link(g, "/status", out); }

struct str messages_hint(const char receipt[17]) { return (struct str){receipt + RECEIPT_DIGITS - 4, 4}; }

/* --- what stands under the seal --- */

static void put_member(struct text *t, const char *name, struct str v)
{
    if (!v.n) return;
    text_addf(t, ",\"%s\":", name);
    json_put(t, v);
}

static bool is_event(const struct owed *o) { return o->text.n == 0 && o->kind.n == 0; }

static bool put_body(struct gateway *g, const struct owed *o, struct text *t)
{
    const struct channel_row *row = register_ready(g) ? register_channel(g, o->channel) : NULL;
    struct text words;
    text_init(&words, MESSAGE_TEMPLATE_MAX * 16);
    bool good = !is_event(o) || messages_text(g, o->event, o->english, o->values, o->n_values, &words);
    text_addz(t, "{\"lang\":");
    text_addz(t, o->english ? "\"en\"" : "\"zh\"");
    put_member(t, "text", is_event(o) ? text_str(&words) : o->text);
    put_member(t, "sign", messages_sign(g, row ? &row->ch : NULL));
    put_member(t, "title", o->title);
    put_member(t, "event", is_event(o) ? str_of(message_event_word(o->event)) : o->kind);
    if (o->n_values) text_addz(t, ",\"params\":[");
    for (size_t i = 0; i < o->n_values; i++) {
        text_addz(t, i ? ",[" : "[");
        json_put(t, str_of(o->values[i].name));
        text_addc(t, ',');
        json_put(t, o->values[i].value);
        text_addc(t, ']');
    }
    if (o->n_values) text_addc(t, ']');
    if (o->data.n) {
        text_addz(t, ",\"data\":");
        text_add(t, o->data);
    }
    text_addf(t, ",\"at\":%lld}", (long long)(o->event_at.us ? o->event_at : clock_now()).us);
    text_free(&words);
    return good && !t->overflow;
}

static struct str sealed(const struct gateway *g, struct arena *arena, const char *what, u64 id,
                         struct str plain)
{
    char context[48];
    struct text t;
    snprintf(context, sizeof context, "%s %llu", what, (unsigned long long)id);
    text_init(&t, plain.n + 256);
    crypto_seal(g->keys, KEY_OUTBOX, str_of(context), plain, &t);
    struct str kept = arena_str(arena, text_str(&t));
    text_free(&t);
    return kept;
}

bool messages_seal(struct gateway *g, const struct owed *o, struct arena *arena, struct owed_row *row_r)
{
    u8 person[32];
    struct text body;
    if (o->id == 0) return false;
    text_init(&body, BODY_MAX);
    bool good = put_body(g, o, &body);
    if (o->to.n) messages_person(g, o->to, person);
    *row_r = (struct owed_row){
        .purpose = str_of(message_purpose_word(is_event(o) ? message_event_purpose(o->event) : o->purpose)),
        .event = is_event(o) ? str_of(message_event_word(o->event)) : o->kind,
        .urgent = o->urgent};
    if (good) {
        row_r->recipient = sealed(g, arena, OUTBOX_TO, o->id, o->to);
        row_r->body = sealed(g, arena, OUTBOX_BODY, o->id, text_str(&body));
        if (o->to.n) row_r->recipient_hash = arena_str(arena, (struct str){(const char *)person, 32});
        good = row_r->recipient.p && row_r->body.p && (!o->to.n || row_r->recipient_hash.p);
    }
    crypto_wipe(person, sizeof person);
    text_free(&body);
    return good;
}

static void put_id(struct db_params *p, u64 id)
{
    if (id)
        db_put_i64(p, (i64)id);
    else
        db_put_null(p);
}

bool messages_owe(struct gateway *g, struct db_call *c, const struct owed *o)
{
    struct arena arena;
    struct owed_row row;
    arena_init(&arena, 4 * BODY_MAX);
    const bool good = messages_seal(g, o, &arena, &row);
    if (good) {
        struct db_params *p = db_params_new(&stmt_messages_owe);
        db_put_i64(p, (i64)o->id);
        db_put_text(p, o->channel);
        db_put_bytes(p, row.recipient);
        db_put_bytes(p, row.body);
        db_put_text(p, o->dedupe_key);
        put_id(p, o->feedback_id);
        put_id(p, o->case_id);
        db_put_instant(p, o->due);
        db_put_text(p, row.purpose);
        db_put_text(p, row.event.n ? row.event : STR(""));
        db_put_bool(p, row.urgent);
        db_put_bytes(p, row.recipient_hash);
        db_call_add(c, &stmt_messages_owe, p);
    }
    arena_free(&arena);
    return good;
}
