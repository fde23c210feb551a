#include "intake_part.h"
#include "cleaning.h"
#include "casework.h"
#include "ids.h"
#include "metrics.h"
#include "ratings.h"
#include "sealed.h"
#include "proposal.h"
#include "register.h"
#include "rules.h"
#include "base/code.h"
#include "base/log.h"
#include "core/conversation.h"
#include "core/normalise.h"
#include "core/receipt.h"
#include "core/redact.h"
#include "core/route.h"
#include "qr/plaque.h"
#include <stdio.h>
#include <string.h>

/* --- receipts --- */

void receipt_of_feedback(const struct gateway *g, u64 feedback_id, char out[17])
{
    u8 mac[32], id[8];
    struct str part = {(const char *)id, sizeof id};
    for (int i = 0; i < 8; i++) id[i] = (u8)(feedback_id >> (56 - 8 * i));
    crypto_mac(g->keys, KEY_RECEIPT_MAKE, &part, 1, mac);
    receipt_from_bytes(mac, out);
    crypto_wipe(mac, sizeof mac);
}

void receipt_hash(const struct gateway *g, const char receipt[17], u8 out[32])
{
    struct str part = {receipt, RECEIPT_DIGITS};
    crypto_mac(g->keys, KEY_RECEIPT_HASH, &part, 1, out);
}

/* --- one item: checked, cleaned, masked, routed --- */

bool intake_clean(struct gateway *g, struct str raw, struct text *clean)
{
    struct normalise_tools tools = cleaning_tools(g->simplify);
    return normalise_clean(&tools, raw, clean);
}

struct str intake_cleaned(struct gateway *g, struct str raw, struct arena *a)
{
    struct text t;
    text_init(&t, raw.n * NORMALISE_GROWTH + 64);
    struct str clean = intake_clean(g, raw, &t) ? arena_str(a, text_str(&t)) : STR_NONE;
    text_free(&t);
    return clean;
}

static void item_number(struct gateway *g, struct item *it)
{
    it->id = ids_next(g);
    it->case_id = ids_next(g);
    it->act_id = ids_next(g);
    if (ids_next(g) !=
        it->act_id + 1) { /* the assigning act takes the number behind it: both from one block */
        it->act_id = ids_next(g);
        (void)ids_next(g);
    }
    receipt_of_feedback(g, it->id, it->receipt);
    receipt_hash(g, it->receipt, it->receipt_hash);
}

static struct str sealed(struct gateway *g, struct item *it, enum key_purpose purpose, u64 id,
                         const char *what, struct str plain)
{
    char context[48];
    struct text t;
    snprintf(context, sizeof context, "%s %llu", what, (unsigned long long)id);
    text_init(&t, plain.n + 256);
    crypto_seal(g->keys, purpose, str_of(context), plain, &t);
    struct str kept = arena_str(&it->arena, text_str(&t));
    text_free(&t);
    return kept;
}

/* The acknowledgement by SMS: one receipt, no word of what was said (P11). */
static void item_acknowledge(struct gateway *g, struct item *it)
{
    const bool english = it->to_seal ? it->english : talk_english(it->s.text),
               rated = !it->opens_case && it->s.rating;
    const enum message_event e = talk_received(it->confidential, rated, it->s.plaque.n > 0);
    struct message_value values[2];
    char grouped[20];
    struct text link;
    size_t n = 0;
    if (!messages_reach(g, it->s.provider, it->s.sender)) return;
    receipt_group(it->receipt, grouped);
    text_init(&link, 1000);
    if (e == MESSAGE_RATED)
        values[n++] = (struct message_value){"meaning", str_of(talk_meaning(it->s.rating, english))};
    values[n++] = (struct message_value){"receipt", str_of(grouped)};
    if (e == MESSAGE_RECEIVED_REPORT) {
        messages_link(g, it->s.plaque, &link);
        values[n++] = (struct message_value){"link", text_str(&link)};
    }
    if (it->outbox_id == 0) it->outbox_id = ids_next(g);
    const struct owed owed = {.id = it->outbox_id,
                              .channel = it->s.provider,
                              .to = it->s.sender,
                              .event = e,
                              .values = values,
                              .n_values = n,
                              .english = english,
                              .urgent = it->opens_case && it->opening.level == 1,
                              .event_at = it->arrived};
    if (!messages_seal(g, &owed, &it->arena, &it->owed)) it->outbox_id = 0;
    text_free(&link);
}

static void digest_body(const struct gateway *g, struct item *it)
{
    char facts[2] = {(char)('0' + it->s.rating), (char)('a' + (int)it->s.nature)};
    const struct str parts[] = {it->s.text, it->s.plaque, it->s.contact, {facts, 2}};
    crypto_mac(g->keys, KEY_DEDUPE, parts, ARRAY_LEN(parts), it->body_digest);
}

static void put_category(struct gateway *g, struct str code, struct text *t)
{
    const struct category *c = register_category(g, code);
    text_addz(t, "{\"code\":");
    json_put(t, code);
    text_addz(t, ",\"name\":");
    json_put(t, c ? c->name : code);
    text_addc(t, '}');
}

/* What the clerk sees of the decision, and what the evaluation reads. */
struct str intake_decision(struct gateway *g, struct arena *a, const struct decision *d,
                           const struct proposal *proposal, bool confidential, bool bare, bool chosen)
{
    struct text t;
    text_init(&t, 64 * 1024);
    text_addz(&t, "{\"unit\":");
    register_unit_whole_json(g, d->unit_id, &t);
    text_addz(&t, ",\"about_unit\":");
    register_unit_whole_json(g, d->about_unit_id, &t);
    text_addz(&t, ",\"category\":");
    put_category(g, d->category, &t);
    text_addf(
        &t,
        ",\"nature\":\"%s\",\"level\":%d,\"urgency\":\"%s\",\"confidence\":%.3f,\"triage\":%s,\"held\":%s,\"confidential\":%s,\"rules\":%d,\"model\":%d",
        nature_word(d->nature), d->level, urgency_chinese(d->urgency), d->confidence,
        d->triage ? "true" : "false", d->held ? "true" : "false", confidential ? "true" : "false",
        register_rules_version(g), register_model(g));
    if (chosen) text_addz(&t, ",\"chosen\":true");
    if (d->lawful_way.n) {
        text_addz(&t, ",\"lawful_way\":");
        json_put(&t, d->lawful_way);
    }
    if (bare) { /* reasons quote the words, and nobody else is offered */
        text_addz(&t, ",\"words\":[],\"because\":[],\"candidates\":[]}");
        struct str short_one = arena_str(a, text_str(&t));
        text_free(&t);
        return short_one;
    }
    text_addz(&t, ",\"words\":[");
    for (size_t i = 0; i < d->n_words; i++) {
        if (i) text_addc(&t, ',');
        json_put(&t, d->words[i]);
    }
    text_addz(&t, "],\"because\":[");
    for (size_t i = 0; i < d->n_because; i++) {
        if (i) text_addc(&t, ',');
        json_put(&t, d->because[i]);
    }
    text_addz(&t, "],\"candidates\":[");
    for (size_t i = 0; i < d->n_guesses; i++) {
        text_addz(&t, i ? ",{\"unit\":" : "{\"unit\":");
        register_unit_whole_json(g, d->guesses[i].unit_id, &t);
        text_addz(&t, ",\"category\":");
        put_category(g, d->guesses[i].category, &t);
        text_addf(&t, ",\"confidence\":%.3f,\"because\":", d->guesses[i].confidence);
        json_put(&t, d->guesses[i].because.n ? d->guesses[i].because : STR(""));
        text_addc(&t, '}');
    }
    text_addc(&t, ']');
    if (proposal) proposal_json(g, proposal, &t);
    text_addc(&t, '}');
    struct str kept = arena_str(a, text_str(&t));
    text_free(&t);
    return kept;
}

/* Moves the clocks on by one opening act. Nobody is refused for a missing year: the case then has no deadline yet, never
 * a wrong one, and waits for a person and for the calendar. */
static bool clocks_known(struct gateway *g, const struct outcome *o, instant now, struct case_clocks *clocks)
{
    const struct deadline_rules rules = rules_deadline(g);
    int year = 0;
    if (clocks_after(&rules, register_workdays(g), o, now, clocks, &year)) return true;
    COUNT(NO_CALENDAR);
    log_line(LOG_WARNING, LOG_INTAKE, "no calendar for a deadline", "year=%d", year);
    return false;
}

/* The case as caseflow makes it: received by the gateway and, when the router is sure, assigned by the router. */
static void item_open(struct gateway *g, struct item *it, const struct decision *d)
{
    const struct category *cat = register_category(g, d->category);
    struct case_row row = {.category = d->category,
                           .urgency = str_of(urgency_chinese(d->urgency)),
                           .channel = str_of(door_word(it->s.door)),
                           .held = d->held,
                           .triage = d->triage};
    struct act_request req = {.act = ACT_RECEIVE,
                              .actor = {.kind = ACTOR_GATEWAY},
                              .now = it->arrived,
                              .expected_version = CASE_VERSION_ANY};
    struct outcome o;
    struct text t;
    struct opening *op = &it->opening;

    *op = (struct opening){.nature = d->nature == NATURE_UNKNOWN ? NATURE_APPEAL : d->nature,
                           .category =
                               arena_str(&it->arena, d->category), /* the snapshot may be swapped meanwhile */
                           .urgency = urgency_chinese(d->urgency),
                           .about_unit = d->about_unit_id,
                           .held = d->held};
    if (it->s.plaque.n) {
        const struct plaque_row *p = register_plaque(g, it->s.plaque);
        if (p) op->plaque_unit = p->unit_id;
    }
    row.view = case_view_new((i64)it->case_id, op->nature, d->level, d->about_unit_id, it->confidential);
    row.view.limit_amount = cat ? cat->limit_amount : 5;
    enum refusal r = caseflow_apply(&row.view, &req, &o);
    ASSERT(r == REFUSE_NONE);
    row.view = o.view;
    row.view.unit = d->unit_id;
    bool timed = clocks_known(g, &o, it->arrived, &row.clocks);

    /* A confidential case always waits for a person of 追责问责组. */
    bool sure =
        timed && !it->confidential && !it->s.by_hand && route_goes_alone(d, g->cfg.auto_assign_percent);
    if (sure) {
        req.act = ACT_ASSIGN;
        req.actor.kind = ACTOR_ROUTER;
        req.unit = d->unit_id;
        req.reason = d->n_because ? d->because[0] : STR("按监督牌和正文自动分派");
        struct case_clocks clocks = row.clocks;
        op->assigned =
            caseflow_apply(&row.view, &req, &o) == REFUSE_NONE && clocks_known(g, &o, it->arrived, &clocks);
        if (op->assigned) row.clocks = clocks;
    }
    if (op->assigned) {
        row.view = o.view;
        op->reason = req.reason;
    }
    op->clocks = row.clocks;
    op->first_unit = (int)row.view.first_unit;
    row.triage = !op->assigned;
    it->unit = op->assigned && !d->held ? (int)row.view.unit : 0;
    it->hidden = op->nature == NATURE_REPORT || it->confidential ? d->about_unit_id : 0;
    op->level = row.view.level;
    op->unit = (int)row.view.unit;
    op->limit = row.view.limit_amount;

    text_init(&t, 8192);
    for (unsigned b = 0; b < CASE_FLAGS_N; b++) {
        if (!(row.view.flags >> b & 1)) continue;
        if (t.n) text_addc(&t, ',');
        text_addz(&t, case_flag_word(b));
    }
    op->flags = arena_str(&it->arena, text_str(&t));
    text_clear(&t);
    casework_json(g, &row, &t);
    it->event = arena_str(&it->arena, text_str(&t));
    text_free(&t);
    if (op->assigned)
        COUNT(ROUTE_ASSIGNED);
    else
        COUNT(ROUTE_TRIAGE);
    if (d->held) COUNT(ROUTE_HELD);
}

static void item_rated(struct item *it, const struct decision *d)
{
    struct text t;
    text_init(&t, 256);
    text_addf(&t, "{\"rating\":%d,\"unit\":%d}", it->s.rating, d->unit_id);
    it->event = arena_str(&it->arena, text_str(&t));
    it->unit = d->unit_id;
    text_free(&t);
}

/* The doors whose rating asks whether it shall be followed up; by SMS or telephone nobody was asked. */
static bool rating_asked(enum door d) { return d == DOOR_PLAQUE || d == DOOR_WEB || d == DOOR_LIVE; }

/* Who handles a sealed report: the discipline unit, unless it is the one that is reported. Nobody else is ever offered. */
static int sealed_unit(const struct gateway *g, const struct decision *d)
{
    const struct unit *u = register_unit_code(g, str_of(g->cfg.discipline_unit));
    return u && !u->retired && u->id != d->about_unit_id ? u->id : d->unit_id;
}

/* Who wrote it down chose the category: it counts with its limit and its secrecy. Urgent stays urgent. False: nobody chose one. */
static bool category_choose(struct gateway *g, const struct submission *s, struct decision *d)
{
    const struct category *c = s->category.n ? register_category(g, s->category) : NULL;
    if (!c) return false;
    /* Whom the words pointed to under another category is a guess: a person gives it out. */
    d->triage |= !str_eq(d->category, c->code);
    d->category = c->code;
    if (d->urgency != URGENCY_CRITICAL) d->level = c->level;
    d->confidential |= c->confidential;
    if (d->n_because < ROUTE_BECAUSE) d->because[d->n_because++] = STR("类别由登记人选定");
    return true;
}

/* False when the words could not be brought into shape within their bounds. */
static bool item_route(struct gateway *g, struct item *it)
{
    struct text t;
    struct decision d;
    const struct plaque_row *plaque = it->s.plaque.n ? register_plaque(g, it->s.plaque) : NULL;

    it->clean = intake_cleaned(g, it->s.text, &it->arena);
    bool good = it->clean.p != NULL;
    text_init(&t, it->s.text.n * NORMALISE_GROWTH + 64);
    redact_mask(it->s.text, &t);
    it->masked = arena_str(&it->arena, text_str(&t));
    good = good && !t.overflow;
    text_free(&t);
    if (!good) return false;

    struct route_input in = {.text = it->clean,
                             .nature = it->s.nature,
                             .rating = it->s.rating,
                             .unit_id = it->s.about ? it->s.about : register_plaque_unit(g, plaque),
                             .named = it->s.about != 0,
                             .door = it->s.door};
    route_decide(register_routing(g), &in, &it->arena, &d);
    struct proposal proposal;
    const bool proposed = proposal_make(g, &it->arena, it->masked, &in, &d, &proposal);
    const bool chosen = category_choose(g, &it->s, &d);
    /* Whoever pressed 举报 was promised that only 追责问责组 and the discipline unit look, whatever the words say. */
    it->confidential = d.confidential || it->s.nature == NATURE_REPORT ||
                       (d.nature == NATURE_REPORT && d.about_unit_id != 0);
    const struct rating_facts rated = {.level = it->s.rating,
                                       .words = it->clean.n > 0,
                                       .asked = it->s.nature == NATURE_RATE && rating_asked(it->s.door),
                                       .consent = it->s.consent,
                                       .router = d.opens_case,
                                       .alarming =
                                           d.held || it->confidential || d.urgency == URGENCY_CRITICAL};
    it->opens_case = it->s.found || (it->s.rating ? rating_opens_case(&rated) : d.opens_case);
    it->to_seal = it->confidential && it->opens_case && sealed_ready(g);
    if (it->to_seal) d.unit_id = sealed_unit(g, &d);
    it->decision = intake_decision(g, &it->arena, &d, proposed ? &proposal : NULL, it->confidential,
                                   it->to_seal, chosen);
    if (it->opens_case)
        item_open(g, it, &d);
    else
        item_rated(it, &d);
    return it->decision.p != NULL && it->event.p != NULL;
}

/* The texts of a submission, copied; the plaque number in its plain form. */
static bool item_copy(struct item *it, const struct submission *s)
{
    char plaque[PLAQUE_NUMBER_MAX], phone[PHONE_MAX];
    struct str *texts[] = {&it->s.provider, &it->s.external_id,   &it->s.dedupe_key, &it->s.sender,
                           &it->s.text,     &it->s.reasons,       &it->s.service,    &it->s.position.words,
                           &it->s.marks,    &it->s.pow,           &it->s.sealed_key, &it->s.sealed_files,
                           &it->s.name,     &it->s.sealed_hashes, &it->s.category};
    it->s = *s;
    if (s->n_files) {
        u64 *files = arena_alloc(&it->arena, s->n_files * sizeof *files);
        if (!files) return false;
        memcpy(files, s->files, s->n_files * sizeof *files);
        it->s.files = files;
    }
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        *texts[i] = texts[i]->n ? arena_str(&it->arena, *texts[i]) : STR("");
        if (!texts[i]->p) return false;
    }
    it->s.contact =
        s->contact.n && phone_normalise(s->contact, phone) ? arena_str(&it->arena, str_of(phone)) : STR("");
    it->s.plaque = s->plaque.n && plaque_number_parse(s->plaque, plaque)
                       ? arena_str(&it->arena, str_of(plaque))
                       : STR("");
    return true;
}

/* --- the record: what the citizen said is committed to in the first act, and the acts hang together --- */

/* Must hash exactly what store_params and its statement write. */
static void item_prove(struct item *it)
{
    struct proof_feedback said = {
        .id = (i64)it->id,
        .received = it->arrived,
        .channel = str_of(door_word(it->s.door)),
        .plaque = it->s.plaque.n ? it->s.plaque : STR_NONE,
        .nature_said = it->s.nature == NATURE_UNKNOWN ? STR_NONE : str_of(nature_word(it->s.nature)),
        .rating = it->s.rating,
        .words = it->s.text};
    u8 salts[sizeof it->salt + 2 * PROOF_SALT], who[HASH_BYTES], commitment[HASH_BYTES];
    crypto_random(salts, sizeof salts);
    memcpy(it->salt, salts, sizeof it->salt);
    if (!it->opens_case) return; /* a plain rating has no act */
    memcpy(it->receive.salt, salts + sizeof it->salt, PROOF_SALT);
    memcpy(it->assign.salt, salts + sizeof it->salt + PROOF_SALT, PROOF_SALT);

    memcpy(said.salt, it->salt, sizeof said.salt);
    proof_feedback(crypto_sha256, &said, commitment);
    proof_receive_data(said.id, commitment, it->receive_data);
    struct proof_act act = {.id = (i64)it->act_id,
                            .case_id = (i64)it->case_id,
                            .version = 1,
                            .at = it->arrived,
                            .act = STR("receive"),
                            .actor = STR("gateway"),
                            .from = STR("new"),
                            .to = STR("discovered"),
                            .public_words = true,
                            .data = str_of(it->receive_data)};
    memcpy(act.salt, it->receive.salt, PROOF_SALT);
    proof_who(crypto_sha256, &act, who);
    proof_words(crypto_sha256, &act, it->receive.words);
    proof_act(crypto_sha256, NULL, &act, who, it->receive.words, it->receive.hash);
    if (!it->opening.assigned) return;

    act.id++;
    act.version = 2;
    act.act = STR("assign");
    act.actor = STR("router");
    act.from = STR("discovered");
    act.to = STR("assigned");
    act.unit = it->opening.unit;
    act.reason = it->opening.reason.n ? it->opening.reason : STR_NONE;
    act.data = STR("{}");
    memcpy(act.salt, it->assign.salt, PROOF_SALT);
    proof_who(crypto_sha256, &act, who);
    proof_words(crypto_sha256, &act, it->assign.words);
    proof_act(crypto_sha256, it->receive.hash, &act, who, it->assign.words, it->assign.hash);
}

/* What depends on the ids, once all else is known. */
void item_bind(struct gateway *g, struct item *it)
{
    struct str from = it->to_seal ? STR("") : it->s.contact.n ? it->s.contact : it->s.sender;
    if (from.n) it->contact = sealed(g, it, KEY_CONTACT, it->id, "feedback", from);
    it->findable = from.n > 0 && from.p[0] == '+' && !it->confidential;
    if (it->findable) {
        messages_person(g, from, it->person);
        messages_tail(g, from, it->tail);
    }
    if (it->acknowledge) item_acknowledge(g, it);
    item_prove(it);
}

void item_renumber(struct gateway *g, struct item *it)
{
    item_number(g, it);
    item_bind(g, it);
}

/* The doors that say why a report is not taken while nobody has a key; at the others it is kept as confidential as before. */
static bool report_explained(enum door d) { return d == DOOR_PLAQUE || d == DOOR_WEB || d == DOOR_LIVE; }

enum refusal item_make(struct gateway *g, struct item *it, const struct submission *s, bool acknowledge)
{
    if (!item_copy(it, s)) return REFUSE_TEXT_TOO_LONG;
    if (s->plaque.n && (it->s.plaque.n == 0 || !register_plaque(g, it->s.plaque)))
        return REFUSE_PLAQUE_UNKNOWN;
    const enum refusal r = ratings_read(g, it);
    if (r != REFUSE_NONE) return r;
    it->arrived = clock_now();
    it->waiting_since = clock_monotonic();
    item_number(g, it);
    digest_body(g, it);
    if (!item_route(g, it)) return REFUSE_TEXT_TOO_LONG;
    it->acknowledge = acknowledge;
    if (it->confidential && !it->to_seal && s->nature == NATURE_REPORT &&
        (s->entered_by || report_explained(s->door)))
        return REFUSE_REPORT_NOT_READY;
    if (it->to_seal)
        item_hide(g, it);
    else
        item_bind(g, it);
    return REFUSE_NONE;
}
