/* GET /plaques/sheet.pdf and /plaques/{number}/plate.svg: what the printer gets. Faces are filled on the loop (they need the key) and
 * drawn on the thread pool (that takes up to seconds). */
#include "staff_plaques.h"
#include "casework.h"
#include "staff_query.h"
#include "metrics.h"
#include "plaques.h"
#include "register.h"
#include "base/log.h"
#include "qr/sheet.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FACES_MAX   500
#define NUMBERS_MAX (FACES_MAX * PLAQUE_NUMBER_MAX)

/* A station's plaque bears its unit's name, and its own where a window's would stand. */
const struct db_stmt stmt_plaque_sheet = {
    "plaque_sheet",
    "select p.number, p.key_version::int4, case u.kind when 'station' then s.name else u.name end, "
    "concat_ws(' ', case u.kind when 'station' then u.short_name end, p.window_name) from plaques p join plaque_walls w "
    "on w.number = p.number join units u on u.id = p.unit_id left join units s on s.id = u.parent_id "
    "where p.state in ('issued', 'active') and ($1::text is null or p.number = any (string_to_array($1, ','))) "
    "and ($2::int4 is null or p.unit_id = $2 or u.parent_id = $2) and (not $3 or w.reprint_since is not null) "
    "order by u.code collate \"C\", p.number collate \"C\" limit $4",
    4,
    {DB_TEXT, DB_INT4, DB_BOOL, DB_INT4}};

struct printing {
    struct staff_ask ask;
    enum sheet_layout layout;
    struct arena arena;
    struct plaque_face *faces;
    size_t n, failed;
    struct text out;
    const char *why;
    bool good;
};

static void printing_free(struct printing *p)
{
    free(p->faces);
    arena_free(&p->arena);
    text_free(&p->out);
    free(p);
}

static void work(void *arg)
{
    struct printing *p = arg;
    p->why = "";
    p->failed = p->n;
    p->good = p->layout == SHEET_PLATE
                  ? sheet_print_plate(&p->faces[0], &p->out, &p->why)
                  : sheet_print_pages(p->faces, p->n, p->layout, &p->out, &p->failed, &p->why);
}

static void printed(void *arg)
{
    struct printing *p = arg;
    const bool plate = p->layout == SHEET_PLATE;
    char disposition[96];
    if (p->good) {
        struct http_header h = {STR("content-disposition"), STR_NONE};
        snprintf(disposition, sizeof disposition, "%s; filename=\"plaque-%s.%s\"",
                 plate ? "attachment" : "inline", sheet_layout_word(p->layout), plate ? "svg" : "pdf");
        h.value = str_of(disposition);
        reply_file(p->ask.g, p->ask.ticket, 200, plate ? "image/svg+xml" : "application/pdf",
                   text_str(&p->out), "no-store", &h, 1);
    } else {
        log_line(LOG_WARNING, LOG_STAFF, "plaques not printed", "why=\"%s\"", p->why);
        staff_refuse(&p->ask, REFUSE_UNKNOWN_FIELD, "有一块牌不能打印：名称缺失、太长，或有本机没有的字。",
                     p->why);
    }
    printing_free(p);
}

static struct str kept(struct printing *p, struct str s) { return s.n ? arena_str(&p->arena, s) : STR(""); }

static bool face_fill(struct printing *p, const struct db_result *r, int row, struct plaque_face *face)
{
    char number[PLAQUE_NUMBER_MAX], tag[PLAQUE_TAG_MAX];
    struct gateway *g = p->ask.g;
    struct text url, issuer;
    const unsigned version = (unsigned)db_get_i64(r, row, 1);
    if (!plaque_number_parse(db_get_text(r, row, 0), number) || version >= PLAQUE_KEY_VERSIONS) return false;
    text_init(&url, 2048);
    text_init(&issuer, 512);
    plaques_tag(g, number, version, tag);
    plaque_url(str_of(g->cfg.public_url), number, tag, &url);
    text_addf(&issuer, "%s%s", g->cfg.district_name, g->cfg.office_name);
    *face = (struct plaque_face){.unit = kept(p, db_get_text(r, row, 2)),
                                 .window = kept(p, db_get_text(r, row, 3)),
                                 .number = kept(p, str_of(number)),
                                 .tag = kept(p, str_of(tag)),
                                 .url = kept(p, text_str(&url)),
                                 .sms_number = kept(p, str_of(g->cfg.sms_number)),
                                 .issuer = kept(p, text_str(&issuer))};
    text_free(&url);
    text_free(&issuer);
    return face->unit.p && face->url.p && face->issuer.p;
}

static void have_faces(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct printing *p = arg;
    struct staff_who who;
    (void)n;
    if (!plaque_entered(&p->ask, end, results, error, &who)) {
        printing_free(p);
        return;
    }
    const struct db_result *r = results[CASEWORK_FIRST];
    p->n = (size_t)db_rows(r);
    bool good = p->n > 0 && p->n <= FACES_MAX;
    if (!good && p->n)
        staff_refuse(&p->ask, REFUSE_TOO_BIG, "一次最多打印 500 块牌，请缩小范围。",
                     "At most 500 plaques are printed at once.");
    else if (!good)
        plaque_refuse_unknown(&p->ask);
    p->faces = mem_alloc((p->n + 1) * sizeof *p->faces);
    for (size_t i = 0; good && i < p->n; i++)
        if (!face_fill(p, r, (int)i, &p->faces[i])) {
            staff_refuse(&p->ask, REFUSE_INTERNAL, NULL, NULL);
            good = false;
        }
    if (good && loop_offload(p->ask.g->loop, work, printed, p)) return;
    if (good)
        staff_refuse(&p->ask, REFUSE_UNAVAILABLE, "打印任务太多，请稍后重试。",
                     "Too many prints wait; please try again soon.");
    printing_free(p);
}

static void print(const struct staff_ask *a, enum sheet_layout layout, struct str numbers, int unit,
                  bool reprint)
{
    struct printing *p = MEM_NEW(struct printing);
    p->ask = *a;
    p->layout = layout;
    arena_init(&p->arena, 4u << 20);
    text_init(&p->out, SHEET_BYTES_MAX);
    struct db_call *c = staff_call(a, have_faces, p);
    struct db_params *q = db_params_new(&stmt_plaque_sheet);
    db_put_text(q, numbers);
    if (unit)
        db_put_i32(q, unit);
    else
        db_put_null(q);
    db_put_bool(q, reprint);
    db_put_i32(q, FACES_MAX + 1);
    db_call_add(c, &stmt_plaque_sheet, q);
    if (!staff_go(a, c)) printing_free(p);
}

void plaque_sheet(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct text layout, numbers, unit, reprint;
    enum sheet_layout l = SHEET_A4_4;
    u64 unit_id = 0;
    bool bad = false;
    (void)id;
    text_init(&layout, 16);
    text_init(&numbers, NUMBERS_MAX);
    text_init(&unit, 24);
    text_init(&reprint, 8);
    const bool has_layout = query_param(in, "layout", &layout, &bad),
               some = query_param(in, "numbers", &numbers, &bad),
               has_unit = query_param(in, "unit", &unit, &bad),
               again = query_param(in, "reprint", &reprint, &bad);
    if (bad || (has_layout && (!sheet_layout_parse(text_str(&layout), &l) || l == SHEET_PLATE)))
        query_refuse(a, "layout");
    else if (has_unit && (!str_u64(text_str(&unit), INT32_MAX, &unit_id) || unit_id == 0))
        query_refuse(a, "unit");
    else
        print(a, l, some ? text_str(&numbers) : STR_NONE, (int)unit_id, again);
    text_free(&layout);
    text_free(&numbers);
    text_free(&unit);
    text_free(&reprint);
}

void plaque_sheet_one(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    char number[24];
    (void)in;
    snprintf(number, sizeof number, "%llu", (unsigned long long)id);
    print(a, SHEET_PLATE, str_of(number), 0, false);
}
