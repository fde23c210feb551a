/* The router over any text, chosen nature, rating and plaque: it always decides, never for a station, a community or the
 * unit a report complains of, within its promise of memory. The tables are a small district made here. */
#include "core/route.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct routing_unit units[] = {
    {1, STR("U000"), STR("office"), STR("优化办"), STR("优化办"), STR("优化办"), STR(""), 0, 0, STR("")},
    {2, STR("U010"), STR("unit"), STR("责任单位"), STR("区公安局"), STR("公安局"), STR("公安|派出所"), 1, 0,
     STR("")},
    {3, STR("U011"), STR("unit"), STR("责任单位"), STR("区公安局交通警察大队"), STR("交警大队"), STR("交警"),
     2, 0, STR("")},
    {4, STR("U026"), STR("unit"), STR("责任单位"), STR("区城管局"), STR("城管局"), STR("城管|综合执法局"), 1,
     0, STR("")},
    {5, STR("U026-01"), STR("station"), STR(""), STR("区城管局市容大队"), STR("市容大队"), STR(""), 4, 0,
     STR("")},
    {6, STR("U047"), STR("unit"), STR("乡镇街道"), STR("白石镇人民政府"), STR("白石镇"), STR(""), 1, 0,
     STR("")},
    {7, STR("U133"), STR("unit"), STR("村社区"), STR("白石镇白石村便民服务中心"), STR("白石村"), STR(""), 6,
     0, STR("")},
    {8, STR("U032"), STR("unit"), STR("责任单位"), STR("区纪委监委"), STR("纪委"), STR("监委"), 1, 0,
     STR("")},
    {9, STR("U900"), STR("unit"), STR("责任单位"), STR("区市容局"), STR("市容局"), STR(""), 1, 4, STR("")},
};
static const struct routing_category categories[] = {
    {STR("03"), STR(""), STR("作风"), NATURE_UNKNOWN, 0, 0, false},
    {STR("0301"), STR("03"), STR("吃拿卡要"), NATURE_REPORT, 8, 4, true},
    {STR("0306"), STR("03"), STR("粗暴执法"), NATURE_COMPLAIN, 1, 3, false},
    {STR("0501"), STR("05"), STR("占道经营"), NATURE_COMPLAIN, 4, 3, false},
    {STR("1406"), STR("14"), STR("村务公开"), NATURE_SUPERVISE, 6, 4, false},
    {STR("1507"), STR("15"), STR("突发险情"), NATURE_APPEAL, 2, 1, false},
};
static const struct routing_word words[] = {
    {STR("category"), STR("红包"), STR("0301"), 3},
    {STR("category"), STR("掀摊"), STR("0306"), 3},
    {STR("category"), STR("占道"), STR("0501"), 3},
    {STR("category"), STR("村&账"), STR("1406"), 3},
    {STR("category"), STR("着火"), STR("1507"), 3},
    {STR("urgency"), STR("着火"), STR("特急"), 4},
    {STR("urgency"), STR("着火点"), STR("一般"), 0},
    {STR("urgency"), STR("a&@夜"), STR("紧急"), 2},
    {STR("class"), STR("半夜"), STR("夜"), 1},
    {STR("class"), STR("夜"), STR("夜"), 1},
    {STR("misconduct"), STR("红包"), STR("贿"), 3},
    {STR("conduct"), STR("不理"), STR("-"), 1},
    {STR("negation"), STR("没"), STR("-"), 1},
    {STR("nature"), STR("举报"), STR("举报"), 3},
    {STR("nature"), STR("请问"), STR("询问"), 3},
    {STR("legalpath"), STR("判决"), STR("请向人民法院提出"), 1},
    {STR("praise"), STR("谢"), STR("-"), 1},
    {STR("place"), STR("白石河"), STR("U047"), 1},
    {STR("handler"), STR("1406"), STR("place"), 1},
    {STR("handler"), STR("03"), STR("named"), 1},
    {STR("about"), STR("03"), STR("-"), 1},
    {STR("desk"), STR("triage"), STR("U000"), 1},
    {STR("desk"), STR("discipline"), STR("U032"), 1},
    {STR("weak"), STR("公安"), STR("-"), 1},
    {STR("mood"), STR("万一"), STR("设想"), 1},
    {STR("mood"), STR("去年"), STR("过去"), 1},
    {STR("mood"), STR("扑灭"), STR("已了"), 1},
    {STR("mood"), STR("又"), STR("正在"), 1},
    {STR("mood"), STR("请"), STR("称呼"), 1},
    {STR("mood"), STR("门口"), STR("地标"), 1},
    {STR("mood"), STR("不是"), STR("否认"), 1},
};

static int parent_of(int id)
{
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (units[i].id == id) return units[i].parent_id;
    return 0;
}

/* Behind the wall of a report on `about`: itself, what is below it unless it is the office that is above all, who acts for it. */
static bool walled(int unit, int about)
{
    if (unit == about || (about == 5 && unit == 4) || (about == 7 && unit == 6) || (about == 9 && unit == 4))
        return true;
    for (int at = parent_of(unit); at != 0; at = parent_of(at))
        if (at == about && about != 1) return true;
    return false;
}

static void check_wall(const struct decision *d)
{
    if (d->nature != NATURE_REPORT || d->about_unit_id == 0) return;
    ASSERT(!walled(d->unit_id, d->about_unit_id));
    for (size_t i = 0; i < d->n_units; i++) ASSERT(!walled(d->units[i], d->about_unit_id));
    for (size_t i = 0; i < d->n_guesses; i++) ASSERT(!walled(d->guesses[i].unit_id, d->about_unit_id));
}

/* Every byte that is no blank is in one piece, in its order; a proposal keeps both sides and the wall. */
static void check_parts(const struct routing *r, const struct route_input *in, const struct decision *d,
                        struct arena *a)
{
    struct str pieces[ROUTE_SENTENCES];
    struct route_proposal p;
    size_t n = route_sentences(in->text, pieces, ROUTE_SENTENCES), report = 0;
    const char *at = in->text.p;
    for (size_t i = 0; i < n; i++) {
        ASSERT(pieces[i].p >= at && pieces[i].n > 0 && pieces[i].p + pieces[i].n <= in->text.p + in->text.n);
        at = pieces[i].p + pieces[i].n;
    }
    if (!route_propose(r, in, d, pieces, n, a, &p)) return;
    for (size_t i = 0; i < n; i++) report += p.alleges[i];
    ASSERT(report > 0 && report < n && in->nature != NATURE_REPORT);
    ASSERT(p.report.nature == NATURE_REPORT && p.report.confidential && !p.rest.confidential);
    ASSERT(p.report.about_unit_id == 0 || !walled(p.report.unit_id, p.report.about_unit_id));
    check_wall(&p.report);
    check_wall(&p.rest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct routing *r;
    if (r == NULL) {
        struct routing_rows rows = {.units = units,
                                    .n_units = ARRAY_LEN(units),
                                    .categories = categories,
                                    .n_categories = ARRAY_LEN(categories),
                                    .words = words,
                                    .n_words = ARRAY_LEN(words)};
        struct text error;
        text_init(&error, 400);
        r = routing_build(&rows, &error);
        ASSERT(r != NULL);
    }
    if (size < 3 || size > 20003) return 0;
    struct route_input in = {.nature = (enum nature)(data[0] % NATURES_N),
                             .rating = data[1] % 6,
                             .unit_id = data[2] % (ARRAY_LEN(units) + 2),
                             .text = {(const char *)data + 3, size - 3}};
    struct arena a;
    struct decision d;
    arena_init(&a, size * 64 + ((size_t)512 << 10));
    route_decide(r, &in, &a, &d);
    ASSERT(d.unit_id == 1 || d.unit_id == 2 || d.unit_id == 3 || d.unit_id == 4 || d.unit_id == 6 ||
           d.unit_id == 8);
    ASSERT(d.category.n == 4 && d.nature != NATURE_UNKNOWN && d.level >= 0 && d.level <= 4);
    ASSERT(d.confidence >= 0 && d.confidence <= 1);
    check_wall(&d);
    for (size_t i = 0; i < d.n_guesses; i++) ASSERT(utf8_valid(d.guesses[i].because));
    for (size_t i = 0; i < d.n_because; i++) ASSERT(utf8_valid(d.because[i]));
    arena_free(&a);
    arena_init(&a, (size_t)16 << 20);
    check_parts(r, &in, &d, &a);
    arena_free(&a);
    return 0;
}
