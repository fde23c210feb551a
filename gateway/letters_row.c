/* A letter's row: from the database, to JSON. */
#include "letters.h"
#include "register.h"
#include "base/code.h"
#include <string.h>

void letters_row(const struct db_result *r, int row, struct letter_row *out)
{
    int c = 0;
    enum staff_role role;
    struct letter_view *v = &out->view;
    memset(out, 0, sizeof *out);
    out->id = db_get_i64(r, row, c++);
    v->version = db_get_i64(r, row, c++);
    bool known = letter_kind_parse(db_get_text(r, row, c++), &v->kind);
    v->rung = (int)db_get_i64(r, row, c++);
    known &= letter_state_parse(db_get_text(r, row, c++), &v->state);
    out->text_version = (int)db_get_i64(r, row, c++);
    v->confidential = db_get_bool(r, row, c++);
    out->units = db_get_text(r, row, c++);
    out->serial = db_get_text(r, row, c++);
    v->drafter = db_get_i64(r, row, c++);
    v->drafter_role = staff_role_parse(db_get_text(r, row, c++), &role) ? (int)role : -1;
    v->checker = db_get_i64(r, row, c++);
    out->signer = db_get_i64(r, row, c++);
    instant *const times[] = {&out->drafted,  &out->checked,  &out->signed_at, &out->delivered,
                              &out->received, &out->answered, &out->finished,  &out->voided};
    for (size_t i = 0; i < ARRAY_LEN(times); i++) *times[i] = db_get_instant(r, row, c++);
    out->title = db_get_text(r, row, c++);
    out->receiver = db_get_text(r, row, c++);
    out->due = db_get_text(r, row, c++);
    out->n_cases = db_get_i64(r, row, c++);
    out->drafter_name = db_get_text(r, row, c++);
    out->checker_name = db_get_text(r, row, c++);
    out->signer_name = db_get_text(r, row, c++);
    v->inside = out->units.n > 0;
    v->mine = db_get_bool(r, row, c++);
    v->mine_received = db_get_bool(r, row, c++);
    v->mine_answered = db_get_bool(r, row, c++);
    v->waiting_receive = (int)db_get_i64(r, row, c++);
    v->waiting_answer = (int)db_get_i64(r, row, c++);
    v->from_addressee = db_get_bool(r, row, c++);
    v->addressed = v->inside || out->receiver.n > 0;
    ASSERT(c == LETTERS_COLUMNS_N);
    ASSERT(known); /* the table's checks allow no other words */
}

static void put_person(const char *name, i64 id, struct str who, struct text *t)
{
    text_addf(t, ",\"%s\":", name);
    if (!id) {
        text_addz(t, "null");
        return;
    }
    text_addf(t, "{\"id\":%lld,\"name\":", (long long)id);
    json_put(t, who.p ? who : STR(""));
    text_addc(t, '}');
}

void letters_json(struct gateway *g, const struct letter_row *l, struct text *t)
{
    const struct letter_view *v = &l->view;
    text_addf(
        t,
        "{\"id\":%lld,\"version\":%lld,\"kind\":\"%s\",\"kind_label\":\"%s\",\"rung\":%d,\"rung_label\":\"%s\","
        "\"state\":\"%s\",\"state_label\":\"%s\",\"text_version\":%d,\"confidential\":%s",
        (long long)l->id, (long long)v->version, case_letter_word(v->kind), case_letter_chinese(v->kind),
        v->rung, supervise_rung_chinese(v->rung), letter_state_word(v->state), letter_state_chinese(v->state),
        l->text_version, v->confidential ? "true" : "false");
    json_put_text(t, "serial", l->serial);
    json_put_text(t, "title", l->title);
    json_put_text(t, "receiver", l->receiver.n ? l->receiver : STR_NONE);
    json_put_text(t, "due", l->due);
    text_addz(t, ",\"units\":[");
    for (struct str rest = l->units, one; rest.n;) {
        u64 id = 0;
        str_cut(rest, ',', &one, &rest);
        if (!str_u64(one, INT32_MAX, &id)) continue;
        if (t->p[t->n - 1] != '[') text_addc(t, ',');
        register_unit_json_at(g, (i64)id, l->signed_at, t);
    }
    text_addf(t, "],\"cases\":%lld", (long long)l->n_cases);
    put_person("drafter", v->drafter, l->drafter_name, t);
    put_person("checker", v->checker, l->checker_name, t);
    put_person("signer", l->signer, l->signer_name, t);
    json_put_instant(t, "drafted_at", l->drafted);
    json_put_instant(t, "checked_at", l->checked);
    json_put_instant(t, "signed_at", l->signed_at);
    json_put_instant(t, "delivered_at", l->delivered);
    json_put_instant(t, "received_at", l->received);
    json_put_instant(t, "answered_at", l->answered);
    json_put_instant(t, "finished_at", l->finished);
    json_put_instant(t, "voided_at", l->voided);
    text_addc(t, '}');
}
