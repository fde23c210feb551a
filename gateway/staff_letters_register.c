/* 收发文登记簿: every number that was given, void ones too, and what came in; with search, and as a page to print. A letter about a
 * confidential case stands there with number, date and receiver alone, for those who may know of it at all. */
#include "staff_letters_part.h"
#include "staff_query.h"
#include "staff_body.h"
#include "register.h"
#include "base/code.h"
#include "base/utf8.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT_DEFAULT 50
#define LIMIT_MAX     100
#define PRINT_MAX     3000
#define BODY_MAX      (8u << 20)

const struct db_stmt stmt_letters_out = {
    "letters_out",
    "select " LETTERS_COLUMNS LETTERS_FROM "where l.number is not null and ($1::text is null or l.kind = $1) "
    "and ($2::integer is null or l.year = $2) "
    "and ($3::text is null or l.serial ilike $3 or (t.title ilike $3 and not l.confidential) or t.receiver ilike $3 "
    "  or exists (select from units u where u.id = any (l.unit_ids) and (u.name ilike $3 or u.short_name ilike $3))) "
    "and (l.signed_at, l.id) < (coalesce($4, 'infinity'), coalesce($5, 0)) order by l.signed_at desc, l.id desc limit $6",
    6,
    {DB_TEXT, DB_INT4, DB_TEXT, DB_TIMESTAMPTZ, DB_INT8, DB_INT4}};
const struct db_stmt stmt_letters_in = {
    "letters_in",
    "select i.id, i.kind, i.serial, i.at, i.from_unit_id, i.from_name, i.their_serial, i.title, i.letter_id, l.serial, i.note, s.name, "
    "coalesce(l.confidential, false) from incoming i left join letters l on l.id = i.letter_id left join staff s on s.id = i.staff_id "
    "where ($1::text is null or i.kind = $1) and ($2::integer is null or i.year = $2) "
    "and ($3::text is null or i.serial ilike $3 or i.title ilike $3 or i.their_serial ilike $3 or i.from_name ilike $3 "
    "  or exists (select from units u where u.id = i.from_unit_id and (u.name ilike $3 or u.short_name ilike $3))) "
    "and (i.at, i.id) < (coalesce($4, 'infinity'), coalesce($5, 0)) order by i.at desc, i.id desc limit $6",
    6,
    {DB_TEXT, DB_INT4, DB_TEXT, DB_TIMESTAMPTZ, DB_INT8, DB_INT4}};
const struct db_stmt stmt_letters_enter = {
    "letters_enter",
    "select incoming_enter($1, $2, $3, $4, $5, $6, $7, $8)",
    8,
    {DB_TIMESTAMPTZ, DB_TEXT, DB_INT4, DB_TEXT, DB_TEXT, DB_TEXT, DB_INT8, DB_TEXT}};
enum {
    IN_ID,
    IN_KIND,
    IN_SERIAL,
    IN_AT,
    IN_UNIT,
    IN_FROM,
    IN_THEIRS,
    IN_TITLE,
    IN_LETTER,
    IN_LETTER_SERIAL,
    IN_NOTE,
    IN_BY,
    IN_SECRET
};

struct book {
    struct staff_ask ask;
    bool incoming, print;
    int limit, year;
};

static const char *incoming_chinese(struct str kind)
{
    return str_eq(kind, STR("answer")) ? "单位反馈" : "外来文件";
}

/* --- as JSON --- */

static void put_text(const char *name, struct str v, struct text *t)
{
    text_addf(t, ",\"%s\":", name);
    if (v.n)
        json_put(t, v);
    else
        text_addz(t, "null");
}

/* 区住建局、区城管局 */
static void put_names(struct gateway *g, const struct letter_row *l, struct text *t)
{
    size_t from = t->n;
    for (struct str rest = l->units, one; rest.n;) {
        u64 id = 0;
        str_cut(rest, ',', &one, &rest);
        const struct unit *u = str_u64(one, INT32_MAX, &id) ? register_unit(g, (int)id) : NULL;
        if (u)
            text_addf(t, "%s%.*s", t->n > from ? "、" : "",
                      STR_ARG(register_unit_name(g, u, l->signed_at, true)));
    }
    if (l->receiver.n) text_addf(t, "%s%.*s", t->n > from ? "、" : "", STR_ARG(l->receiver));
}

static void out_json(struct gateway *g, const struct letter_row *l, struct text *t)
{
    const bool open = !l->view.confidential;
    struct text names;
    text_init(&names, 16 * 1024);
    put_names(g, l, &names);
    text_addf(t, "{\"id\":%lld,\"kind\":\"%s\",\"kind_label\":\"%s\"", (long long)l->id,
              case_letter_word(l->view.kind), case_letter_chinese(l->view.kind));
    put_text("serial", l->serial, t);
    json_put_instant(t, "signed_at", l->signed_at);
    put_text("to", text_str(&names), t);
    put_text("title", open ? l->title : STR_NONE, t);
    put_text("signer", open ? l->signer_name : STR_NONE, t);
    text_addf(t, ",\"confidential\":%s", open ? "false" : "true");
    if (open)
        text_addf(t, ",\"state\":\"%s\",\"state_label\":\"%s\",\"cases\":%lld}",
                  letter_state_word(l->view.state), letter_state_chinese(l->view.state),
                  (long long)l->n_cases);
    else
        text_addf(t, ",\"state\":%s,\"state_label\":%s,\"cases\":null}",
                  l->view.state == LETTER_IN_VOID ? "\"void\"" : "null",
                  l->view.state == LETTER_IN_VOID ? "\"作废\"" : "null");
    text_free(&names);
}

static struct str from_of(struct gateway *g, const struct db_result *r, int i)
{
    const struct unit *u =
        db_is_null(r, i, IN_UNIT) ? NULL : register_unit(g, (int)db_get_i64(r, i, IN_UNIT));
    return u ? u->short_name : db_get_text(r, i, IN_FROM);
}

static void in_json(struct gateway *g, const struct db_result *r, int i, struct text *t)
{
    const bool open = !db_get_bool(r, i, IN_SECRET);
    text_addf(t, "{\"id\":%lld", (long long)db_get_i64(r, i, IN_ID));
    put_text("kind", db_get_text(r, i, IN_KIND), t);
    text_addf(t, ",\"kind_label\":\"%s\"", incoming_chinese(db_get_text(r, i, IN_KIND)));
    put_text("serial", db_get_text(r, i, IN_SERIAL), t);
    json_put_instant(t, "at", db_get_instant(r, i, IN_AT));
    put_text("from", from_of(g, r, i), t);
    put_text("their_serial", open ? db_get_text(r, i, IN_THEIRS) : STR_NONE, t);
    put_text("title", open ? db_get_text(r, i, IN_TITLE) : STR_NONE, t);
    if (db_is_null(r, i, IN_LETTER))
        text_addz(t, ",\"letter\":null");
    else
        text_addf(t, ",\"letter\":%lld", (long long)db_get_i64(r, i, IN_LETTER));
    put_text("letter_serial", db_get_text(r, i, IN_LETTER_SERIAL), t);
    put_text("note", open ? db_get_text(r, i, IN_NOTE) : STR_NONE, t);
    put_text("entered_by", open ? db_get_text(r, i, IN_BY) : STR_NONE, t);
    text_addz(t, "}");
}

static void answer(struct book *b, const struct db_result *r)
{
    struct text t;
    struct letter_row row = {.id = 0};
    int shown = MIN(db_rows(r), b->limit);
    text_init(&t, BODY_MAX);
    text_addf(&t, "{\"book\":\"%s\",\"rows\":[", b->incoming ? "in" : "out");
    for (int i = 0; i < shown; i++) {
        if (i) text_addc(&t, ',');
        if (b->incoming) {
            in_json(b->ask.g, r, i, &t);
        } else {
            letters_row(r, i, &row);
            out_json(b->ask.g, &row, &t);
        }
    }
    text_addz(&t, "],\"next\":");
    if (shown && db_rows(r) > shown) {
        instant at = b->incoming ? db_get_instant(r, shown - 1, IN_AT) : row.signed_at;
        text_addc(&t, '"');
        staff_letter_cursor(at, b->incoming ? db_get_i64(r, shown - 1, IN_ID) : row.id, &t);
        text_addc(&t, '"');
    } else {
        text_addz(&t, "null");
    }
    text_addc(&t, '}');
    staff_answer(&b->ask, &t);
}

/* --- as paper --- */

#define COLUMNS 7
struct page {
    struct arena arena;
    struct paper_table table;
    struct paper_row *rows;
};

static void page_free(void *arg)
{
    struct page *p = arg;
    arena_free(&p->arena);
    free(p->rows);
    free(p);
}
static bool page_print(void *arg, struct text *out, struct paper_fault *fault_r)
{
    return paper_table_print(&((struct page *)arg)->table, out, fault_r);
}

static struct str keep(struct page *p, struct str s) { return s.n ? arena_str(&p->arena, s) : STR_NONE; }

static struct str keep_date(struct page *p, instant at)
{
    struct text t;
    text_init(&t, 64);
    letter_date(at, &t);
    struct str s = keep(p, text_str(&t));
    text_free(&t);
    return s;
}

static void out_cells(struct gateway *g, struct page *p, const struct letter_row *l, struct paper_cell *cells)
{
    const bool open = !l->view.confidential;
    char n[24];
    struct text names;
    text_init(&names, 16 * 1024);
    put_names(g, l, &names);
    snprintf(n, sizeof n, "%lld", (long long)l->n_cases);
    cells[0].text = keep(p, l->serial);
    cells[1].text = keep_date(p, l->signed_at);
    cells[2].text = keep(p, open ? l->title : STR("（保密）"));
    cells[3].text = keep(p, text_str(&names));
    cells[4].text = keep(p, open ? l->signer_name : STR_NONE);
    cells[5].text = keep(p, open ? str_of(n) : STR_NONE);
    cells[6].text =
        open || l->view.state == LETTER_IN_VOID ? str_of(letter_state_chinese(l->view.state)) : STR_NONE;
    if (l->view.state == LETTER_IN_VOID) cells[6].colour = PAPER_GREY;
    text_free(&names);
}

static void in_cells(struct gateway *g, struct page *p, const struct db_result *r, int i,
                     struct paper_cell *cells)
{
    const bool open = !db_get_bool(r, i, IN_SECRET);
    cells[0].text = keep(p, db_get_text(r, i, IN_SERIAL));
    cells[1].text = keep_date(p, db_get_instant(r, i, IN_AT));
    cells[2].text = keep(p, open ? db_get_text(r, i, IN_TITLE) : STR("（保密）"));
    cells[3].text = keep(p, from_of(g, r, i));
    cells[4].text = keep(p, open ? db_get_text(r, i, IN_THEIRS) : STR_NONE);
    cells[5].text = keep(p, db_get_text(r, i, IN_LETTER_SERIAL));
    cells[6].text = keep(p, open ? db_get_text(r, i, IN_BY) : STR_NONE);
}

static void print(struct book *b, const struct db_result *r)
{
    static const struct paper_column columns[2][COLUMNS] = {{{STR("发文字号"), 4, PAPER_LEFT},
                                                             {STR("签发日期"), 2.6, PAPER_CENTRE},
                                                             {STR("标题"), 7, PAPER_LEFT},
                                                             {STR("主送"), 4, PAPER_LEFT},
                                                             {STR("签发人"), 2, PAPER_LEFT},
                                                             {STR("办件数"), 1.3, PAPER_CENTRE},
                                                             {STR("状态"), 1.6, PAPER_CENTRE}},
                                                            {{STR("收文号"), 4, PAPER_LEFT},
                                                             {STR("收文日期"), 2.6, PAPER_CENTRE},
                                                             {STR("标题"), 6, PAPER_LEFT},
                                                             {STR("来文单位"), 4, PAPER_LEFT},
                                                             {STR("来文字号"), 3, PAPER_LEFT},
                                                             {STR("对应发文"), 4, PAPER_LEFT},
                                                             {STR("登记人"), 2, PAPER_LEFT}}};
    struct page *p = MEM_NEW(struct page);
    struct letter_row row;
    size_t n = (size_t)MIN(db_rows(r), PRINT_MAX);
    arena_init(&p->arena, (size_t)16 << 20);
    p->rows = mem_alloc((n + 1) * sizeof *p->rows);
    for (size_t i = 0; i < n; i++) { /* the newest came first; a book begins with the oldest */
        int from = (int)(n - 1 - i);
        struct paper_cell *cells = arena_alloc(&p->arena, COLUMNS * sizeof *cells);
        ASSERT(cells); /* 3000 rows of bounded texts are far below the arena */
        if (b->incoming) {
            in_cells(b->ask.g, p, r, from, cells);
        } else {
            letters_row(r, from, &row);
            out_cells(b->ask.g, p, &row, cells);
        }
        p->rows[i] = (struct paper_row){PAPER_ROW, cells};
    }
    char year[32] = "";
    if (b->year) snprintf(year, sizeof year, "%d年", b->year);
    p->table = (struct paper_table){
        .title = b->incoming ? STR("收文登记簿") : STR("发文登记簿"),
        .subtitle = keep(p, str_of(year)),
        .landscape = true,
        .grid = {columns[b->incoming], COLUMNS, p->rows, n},
        .note = db_rows(r) > PRINT_MAX ? STR("只列最近3000件，请按年度或者种类分别打印。") : STR_NONE,
        .printed = clock_now()};
    staff_letter_print(&b->ask, b->incoming ? "register-in.pdf" : "register-out.pdf", page_print, page_free,
                       p);
}

/* --- the question --- */

static void have_book(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct book *b = arg;
    struct staff_who who;
    (void)n;
    if (!staff_entered(&b->ask, end, results, error, false, &who)) goto over;
    if (!(who.actor.roles &
          (ROLE_BIT(ROLE_COORDINATOR) | ROLE_BIT(ROLE_SUPERVISOR) | ROLE_BIT(ROLE_ACCOUNTABILITY) |
           ROLE_BIT(ROLE_REGISTRY) | ROLE_BIT(ROLE_CALLBACK) | ROLE_BIT(ROLE_LEADER)))) {
        staff_refuse(&b->ask, REFUSE_FORBIDDEN, "收发文登记簿由优化办各组和领导查看。", NULL);
        goto over;
    }
    if (b->print)
        print(b, results[CASEWORK_FIRST]);
    else
        answer(b, results[CASEWORK_FIRST]);
over:
    free(b);
}

static const char *read_filters(const struct http_in *in, struct book *b, struct db_params *p)
{
    struct text f;
    bool bad = false;
    u64 v = 0;
    i64 id = 0;
    instant at = {0};
    enum case_letter kind;
    const char *wrong = NULL;
    text_init(&f, 1024);
    bool given = query_param(in, "kind", &f, &bad);
    if (given && !(b->incoming ? str_eq(text_str(&f), STR("answer")) || str_eq(text_str(&f), STR("outside"))
                               : letter_kind_parse(text_str(&f), &kind)))
        wrong = "kind";
    db_put_text(p, given ? text_str(&f) : STR_NONE);
    if (query_param(in, "year", &f, &bad)) {
        if (!str_u64(text_str(&f), 2999, &v) || v < 2000) wrong = "year";
        b->year = (int)v;
        db_put_i32(p, b->year);
    } else {
        db_put_null(p);
    }
    if (!staff_letter_search(in, &f, p, &bad)) wrong = "q";
    if (query_param(in, "cursor", &f, &bad) && !staff_letter_cursor_of(text_str(&f), &at, &id))
        wrong = "cursor";
    db_put_instant(p, at);
    db_put_i64(p, id);
    b->limit = LIMIT_DEFAULT;
    if (query_param(in, "limit", &f, &bad)) {
        if (!str_u64(text_str(&f), LIMIT_MAX, &v) || v == 0) wrong = "limit", v = LIMIT_DEFAULT;
        b->limit = (int)v;
    }
    db_put_i32(p, b->print ? PRINT_MAX + 1 : b->limit + 1);
    text_free(&f);
    return bad && !wrong ? "?" : wrong;
}

static void ask_book(const struct staff_ask *a, const struct http_in *in, bool print_it)
{
    struct book *b = MEM_NEW(struct book);
    struct text which;
    bool bad = false;
    text_init(&which, 64);
    b->ask = *a;
    b->print = print_it;
    b->incoming = query_param(in, "book", &which, &bad) && str_eq(text_str(&which), STR("in"));
    bool known = which.n == 0 || b->incoming || str_eq(text_str(&which), STR("out"));
    text_free(&which);
    struct db_call *c = staff_call(a, have_book, b);
    const struct db_stmt *s = b->incoming ? &stmt_letters_in : &stmt_letters_out;
    struct db_params *p = db_params_new(s);
    const char *wrong = read_filters(in, b, p);
    db_call_add(c, s, p);
    if (wrong || bad || !known) {
        db_call_drop(&c);
        staff_letter_refuse_member(a, wrong ? wrong : "book");
        free(b);
    } else if (!staff_go(a, c)) {
        free(b);
    }
}

void staff_letter_register(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)id;
    ask_book(a, in, false);
}
void staff_letter_register_pdf(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)id;
    ask_book(a, in, true);
}

/* --- a document from outside --- */

static void entered(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text t;
    (void)n;
    if (end == DB_FAILED && error) {
        struct letter_result r = {.detail = NULL};
        r.refusal = letters_refusal(end, error, &r.detail);
        if (!r.detail) r.detail = "";
        staff_letter_refuse(a, &r);
    } else if (staff_entered(a, end, results, error, false, &who)) {
        text_init(&t, 1024);
        text_addz(&t, "{\"serial\":");
        json_put(&t, db_get_text(results[CASEWORK_FIRST], 0, 0));
        text_addc(&t, '}');
        staff_answer(a, &t);
    }
    free(a);
}

/* One string member; false when it is none or too long. */
static bool member(const struct json *doc, const char *name, size_t max, struct str *out)
{
    const struct json *v = json_get(doc, name);
    *out = json_str(v);
    return (!v || json_kind(v) == JSON_STRING || json_kind(v) == JSON_NULL) && utf8_count(*out) <= max;
}

static const char *read_entry(struct gateway *g, const struct json *doc, struct db_params *p)
{
    static const char *const known[] = {"from", "from_unit", "their_serial", "title", "letter", "note"};
    struct str from, theirs, title, note;
    struct text head;
    i64 unit = 0, letter = 0;
    const char *wrong = NULL;
    for (const char *key = NULL; (key = json_next_key(doc, key)) != NULL;) {
        size_t i = 0;
        while (i < ARRAY_LEN(known) && strcmp(known[i], key) != 0) i++;
        if (i == ARRAY_LEN(known)) wrong = "?";
    }
    if (!member(doc, "from", 100, &from)) wrong = "from";
    if (!member(doc, "their_serial", 60, &theirs)) wrong = "their_serial";
    if (!member(doc, "title", LETTER_TITLE_MAX, &title) || str_trim(title).n == 0) wrong = "title";
    if (!member(doc, "note", 500, &note)) wrong = "note";
    if (json_get(doc, "from_unit") &&
        (!json_int(json_get(doc, "from_unit"), &unit) || unit < 1 || unit > INT32_MAX))
        wrong = "from_unit";
    if (json_get(doc, "letter") && (!json_int(json_get(doc, "letter"), &letter) || letter < 1))
        wrong = "letter";
    if (!wrong && !unit && str_trim(from).n == 0) wrong = "from";
    text_init(&head, 2048);
    text_addf(&head, "%s收", g->cfg.letter_prefix);
    db_put_instant(p, clock_now());
    db_put_text(p, text_str(&head));
    if (unit)
        db_put_i32(p, (int)unit);
    else
        db_put_null(p);
    db_put_text(p, from);
    db_put_text(p, theirs);
    db_put_text(p, title);
    if (letter)
        db_put_i64(p, letter);
    else
        db_put_null(p);
    db_put_text(p, note);
    text_free(&head);
    return wrong;
}

void staff_letter_enter(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct json *doc;
    (void)id;
    if (!body_object(a, in, 16 * 1024, &doc)) return;
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = staff_call(a, entered, kept);
    struct db_params *p = db_params_new(&stmt_letters_enter);
    const char *wrong = read_entry(a->g, doc, p);
    db_call_add(c, &stmt_letters_enter, p);
    if (wrong) {
        db_call_drop(&c);
        staff_letter_refuse_member(a, wrong);
        free(kept);
    } else if (!staff_go(a, c)) {
        free(kept);
    }
    json_free(&doc);
}
