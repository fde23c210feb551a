/* Coverage of the caseflow table: every row is taken in each of its states by each of its people, and everything that a row
 * can refuse is provoked: another state, each flag that stands in the way or is missing, each post that may not, the stale
 * page, recusal, the second person, each need, each value. The figures are counted and printed; a row or a refusal that
 * nothing here reaches fails. The sentences are taken from the source itself, so a new one needs a test of its own. */
#include "caseflow_rig.h"

enum { BITS_N = ROLES_N + ACTOR_KINDS_N, STAFF_MASK = (1 << ROLES_N) - 1 };
#define PERSONAL ((u32)(NEED_NOT_AUTHOR | NEED_NOT_ASKER | NEED_OUTSIDE))
#define FREE_ACT ACTS_N

/* Every sentence a refusal said in any of the tests below. */
static struct text said;

static enum refusal refusal_of(const struct case_view *v, const struct act_request *q,
                               const struct caseflow_row **row_r)
{
    struct outcome o;
    enum refusal r = caseflow_apply(v, q, &o);
    *row_r = o.row;
    if (r == REFUSE_NONE) return r;
    assert_true(same_view(&o.view, v));
    assert_true(o.row == NULL && o.clocks_start == 0 && o.clocks_stop == 0 && o.clocks_hold == 0 &&
                o.clocks_resume == 0 && o.extend_by == 0 && o.notices == 0 && o.letter == LETTER_NONE);
    if (said.n == 0 || memmem(said.p, said.n, o.detail, strlen(o.detail)) == NULL)
        text_addf(&said, "%s\n", o.detail);
    return r;
}

static struct act_request ask(const struct caseflow_row *r, unsigned bit, const struct case_view *v)
{
    struct actor a = actor_of(bit);
    return full_request(r->act, a, a.kind == ACTOR_STAFF ? v->version : CASE_VERSION_ANY);
}

/* The picture in which the row applies; a unit has the case where the row's people need one. */
static struct case_view fit_view(const struct caseflow_row *r, unsigned s)
{
    struct case_view v = view_in((enum case_state)s, r->require);
    if (r->act == ACT_RESUME) v.pause_until = instant_add(NOON, SPAN_H(-1));
    return v;
}

/* Somebody of the row in that picture; false when nobody of it can be there (a unit's people without a unit). */
static bool fit_bit(const struct caseflow_row *r, const struct case_view *v, unsigned *bit_r)
{
    for (unsigned bit = 0; bit < BITS_N; bit++) {
        struct act_request q = ask(r, bit, v);
        const struct caseflow_row *row;
        if ((r->who & (1u << bit)) == 0) continue;
        if ((v->flags & CASE_FLAG_CONFIDENTIAL) != 0 && bit < ROLES_N && bit != ROLE_ACCOUNTABILITY) continue;
        if (refusal_of(v, &q, &row) != REFUSE_NONE || row != r) continue;
        *bit_r = bit;
        return true;
    }
    return false;
}

struct sums {
    size_t rows, cells, refusals;
};

static void every_row_is_taken(void **state)
{
    struct sums *sum = *state;
    const struct caseflow_row *rows = caseflow_acts(&sum->rows);
    for (size_t i = 0; i < sum->rows; i++) {
        size_t taken = 0;
        for (unsigned s = 0; s < CASE_STATES_N; s++) {
            if ((rows[i].from & (1u << s)) == 0) continue;
            struct case_view v = fit_view(&rows[i], s);
            for (unsigned bit = 0; bit < BITS_N; bit++) {
                const struct caseflow_row *row;
                struct act_request q = ask(&rows[i], bit, &v);
                if ((rows[i].who & (1u << bit)) == 0) continue;
                if (v.unit == 0 && bit < ROLES_N && is_unit_role(bit)) continue;
                if ((v.flags & CASE_FLAG_CONFIDENTIAL) != 0 && bit < ROLES_N && bit != ROLE_ACCOUNTABILITY)
                    continue;
                assert_int_equal(refusal_of(&v, &q, &row), REFUSE_NONE);
                assert_ptr_equal(row, &rows[i]);
                taken++;
            }
        }
        if (taken == 0) fail_msg("row %zu (%s) is never taken", i, case_act_word(rows[i].act));
        sum->cells += taken;
    }
}

static bool any_row(enum case_act act, unsigned s, u32 flags)
{
    size_t n;
    const struct caseflow_row *rows = caseflow_acts(&n);
    for (size_t i = 0; i < n; i++)
        if (rows[i].act == act && (rows[i].from & (1u << s)) != 0 &&
            (flags & rows[i].require) == rows[i].require && (flags & rows[i].forbid) == 0)
            return true;
    return false;
}

static u32 who_fits(enum case_act act, const struct case_view *v)
{
    size_t n;
    u32 who = 0;
    const struct caseflow_row *rows = caseflow_acts(&n);
    for (size_t i = 0; i < n; i++)
        if (rows[i].act == act && (rows[i].from & (1u << v->state)) != 0 &&
            (v->flags & rows[i].require) == rows[i].require && (v->flags & rows[i].forbid) == 0)
            who |= rows[i].who;
    return who;
}

/* Another state, a flag missing, a flag in the way: the row is not taken; where no other row of the act fits, it is illegal. */
static size_t refuse_pictures(const struct caseflow_row *r, unsigned at, unsigned bit)
{
    size_t n = 0;
    const struct caseflow_row *row;
    for (unsigned s = 0; s < CASE_STATES_N; s++) {
        struct case_view v = fit_view(r, s);
        struct act_request q = ask(r, bit, &v);
        if (any_row(r->act, s, v.flags)) continue;
        assert_int_equal(refusal_of(&v, &q, &row), REFUSE_ACT_ILLEGAL);
        n++;
    }
    for (unsigned b = 0; b < CASE_FLAGS_N; b++) {
        const u32 flag = 1u << b;
        struct case_view v = fit_view(r, at);
        if (((r->require | r->forbid) & flag) == 0) continue;
        v.flags ^= flag;
        struct act_request q = ask(r, bit, &v);
        enum refusal got = refusal_of(&v, &q, &row);
        assert_true(row != r);
        const bool hidden = flag == CASE_FLAG_CONFIDENTIAL && (r->forbid & flag) &&
                            q.actor.kind == ACTOR_STAFF && !(q.actor.roles & ROLE_BIT(ROLE_ACCOUNTABILITY));
        if (!any_row(r->act, at, v.flags))
            assert_int_equal(got, hidden ? REFUSE_CASE_UNKNOWN : REFUSE_ACT_ILLEGAL);
        n++;
    }
    return n;
}

/* Posts that no row of the act names, and whoever may not know of a confidential case. */
static size_t refuse_people(const struct caseflow_row *r, unsigned at)
{
    size_t n = 0;
    const struct caseflow_row *row;
    const bool closed = (r->require & CASE_FLAG_CONFIDENTIAL) != 0;
    for (unsigned bit = 0; bit < BITS_N; bit++) {
        struct case_view v = fit_view(r, at);
        struct act_request q = ask(r, bit, &v);
        if (bit == ROLES_N + ACTOR_STAFF)
            q.actor.staff = 1, q.expected_version = v.version; /* without a post */
        bool may = (who_fits(r->act, &v) & (1u << bit)) != 0;
        if (may && !(closed && bit < ROLES_N && bit != ROLE_ACCOUNTABILITY)) continue;
        bool hidden = closed && q.actor.kind == ACTOR_STAFF && bit != ROLE_ACCOUNTABILITY &&
                      !(bit < ROLES_N && is_unit_role(bit) && v.unit != 0);
        assert_int_equal(refusal_of(&v, &q, &row), hidden ? REFUSE_CASE_UNKNOWN : REFUSE_FORBIDDEN);
        n++;
    }
    if ((r->who & STAFF_MASK) != 0) {
        struct case_view v = fit_view(r, at);
        struct act_request q = ask(r, ROLE_LEADER, &v);
        v.flags |= CASE_FLAG_CONFIDENTIAL;
        assert_int_equal(refusal_of(&v, &q, &row), REFUSE_CASE_UNKNOWN);
        n++;
    }
    return n;
}

static size_t refuse_this_person(const struct caseflow_row *r, unsigned at, unsigned bit)
{
    size_t n = 0;
    const struct caseflow_row *row;
    const struct case_view fit = fit_view(r, at);
    const struct act_request good = ask(r, bit, &fit);
    struct act_request q = good;
    q.expected_version = fit.version - 1;
    assert_int_equal(refusal_of(&fit, &q, &row), REFUSE_CASE_CHANGED);
    n++;
    if (good.actor.kind != ACTOR_STAFF) return n;
    struct case_view v = fit; /* the case is about the unit the person came from */
    q = good;
    v.about_unit = U_TARGET;
    q.actor.home_unit = U_TARGET;
    assert_int_equal(refusal_of(&v, &q, &row),
                     (fit.flags & CASE_FLAG_CONFIDENTIAL) != 0 ? REFUSE_CASE_UNKNOWN : REFUSE_RECUSED);
    n++;
    if ((r->needs & NEED_OUTSIDE) != 0) {
        for (int home = 0; home < 2; home++) {
            v = fit;
            q = good;
            v.unit = U_OTHER;
            *(home ? &q.actor.home_unit : &q.actor.unit) = U_OTHER;
            assert_int_equal(refusal_of(&v, &q, &row), REFUSE_RECUSED);
            n++;
        }
    }
    if ((r->needs & NEED_NOT_AUTHOR) != 0) {
        v = fit;
        v.handler = good.actor.staff;
        assert_int_equal(refusal_of(&v, &good, &row), REFUSE_SECOND_PERSON);
        n++;
    }
    if ((r->needs & NEED_NOT_ASKER) != 0) {
        v = fit;
        v.asker = good.actor.staff;
        assert_int_equal(refusal_of(&v, &good, &row), REFUSE_SECOND_PERSON);
        n++;
    }
    return n;
}

static void leave_out(struct act_request *q, u32 need, i64 itself)
{
    switch (need) {
    case NEED_REASON:
        q->reason = STR(" \n"); /* blank is missing */
        break;
    case NEED_TEXT:
        q->text = STR_NONE;
        break;
    case NEED_EVIDENCE:
        q->evidence = 0;
        break;
    case NEED_UNIT:
        q->unit = 0;
        break;
    case NEED_GROUND:
        q->ground = STR_NONE;
        break;
    case NEED_WAY:
        q->way = STR_NONE;
        break;
    case NEED_RECEIVER:
        q->receiver = STR_NONE;
        break;
    case NEED_TARGET:
        q->target = itself; /* a case cannot follow itself */
        break;
    case NEED_PERSON:
        q->person = 0;
        break;
    case NEED_AMOUNT:
        q->amount = 0;
        break;
    case NEED_PAUSE_CAUSE:
        q->pause_cause = PAUSE_NONE;
        break;
    case NEED_UNTIL:
        q->until = q->now;
        break;
    case NEED_RUNG:
        q->rung = RUNGS_N;
        break;
    case NEED_NATURE:
        q->part_nature = NATURE_UNKNOWN;
        break;
    case NEED_REST:
        q->rest = STR(" ");
        break;
    default:
        fail_msg("need %u has no case", need);
    }
}

static size_t refuse_needs(const struct caseflow_row *r, unsigned at, unsigned bit)
{
    size_t n = 0;
    for (unsigned b = 0; b < NEEDS_N; b++) {
        const u32 need = 1u << b;
        if ((r->needs & need & ~PERSONAL) == 0) continue;
        const struct case_view v = fit_view(r, at);
        struct act_request q = ask(r, bit, &v);
        struct outcome o;
        const struct caseflow_row *row;
        leave_out(&q, need, v.id);
        assert_int_equal(refusal_of(&v, &q, &row), REFUSE_ACT_NEEDS);
        assert_int_equal(caseflow_apply(&v, &q, &o), REFUSE_ACT_NEEDS);
        assert_non_null(strstr(o.detail, case_need_chinese(b)));
        n++;
    }
    return n;
}

static void every_refusal_of_every_row_is_provoked(void **state)
{
    struct sums *sum = *state;
    const struct caseflow_row *rows = caseflow_acts(&sum->rows);
    for (size_t i = 0; i < sum->rows; i++) {
        bool judged = false;
        for (unsigned s = 0; s < CASE_STATES_N; s++) {
            unsigned bit;
            if ((rows[i].from & (1u << s)) == 0) continue;
            const struct case_view v = fit_view(&rows[i], s);
            if (!fit_bit(&rows[i], &v, &bit)) continue;
            sum->refusals += refuse_pictures(&rows[i], s, bit) + refuse_people(&rows[i], s) +
                             refuse_this_person(&rows[i], s, bit) + refuse_needs(&rows[i], s, bit);
            judged = true;
        }
        if (!judged) fail_msg("row %zu (%s) refuses nothing here", i, case_act_word(rows[i].act));
    }
}

/* What depends on more than one field, act by act: one slip in an otherwise good request. */
static void every_value_is_judged(void **state)
{
    struct sums *sum = *state;
    const unsigned by_clock = ROLES_N + ACTOR_CLOCK, by_citizen = ROLES_N + ACTOR_CITIZEN;
    enum slip {
        ABOUT_UNIT,
        LEAD_UNIT,
        PERSON_ABOUT,
        TOO_LATE,
        TOO_LONG,
        PAUSE_TOO_LONG,
        PAUSE_OVER,
        TOO_EARLY,
        SAME_DAY,
        LOWER_RUNG,
        HIGH_RUNG,
        NO_LETTER,
        PROPOSED,
        UNHAPPY,
        LONG_AGO,
        NOT_ALONE,
        RATING_6,
        PART_RATED,
        PART_ABOUT_OWN
    };
    const struct {
        enum case_act act;
        unsigned who;
        enum case_state state;
        u32 flags;
        enum slip slip;
        enum refusal want;
    } tries[] = {
        {ACT_ASSIGN, ROLE_COORDINATOR, CASE_DISCOVERED, 0, ABOUT_UNIT, REFUSE_RECUSED},
        {ACT_ASSIGN, ROLES_N + ACTOR_ROUTER, CASE_DISCOVERED, 0, ABOUT_UNIT, REFUSE_RECUSED},
        {ACT_CO_ASSIGN, ROLE_COORDINATOR, CASE_HANDLING, 0, ABOUT_UNIT, REFUSE_RECUSED},
        {ACT_CO_ASSIGN, ROLE_COORDINATOR, CASE_HANDLING, 0, LEAD_UNIT, REFUSE_ACT_NEEDS},
        {ACT_FOLLOW, by_clock, CASE_HANDLING, 0, ABOUT_UNIT, REFUSE_RECUSED},
        {ACT_FOLLOW, by_clock, CASE_HANDLING, 0, LEAD_UNIT, REFUSE_ACT_NEEDS},
        {ACT_SHARE, ROLE_ACCOUNTABILITY, CASE_HANDLING, CASE_FLAG_CONFIDENTIAL, PERSON_ABOUT, REFUSE_RECUSED},
        {ACT_SPLIT, ROLE_COORDINATOR, CASE_DISCOVERED, 0, PART_RATED, REFUSE_ACT_NEEDS},
        {ACT_SPLIT, ROLE_COORDINATOR, CASE_DISCOVERED, 0, PART_ABOUT_OWN, REFUSE_RECUSED},
        {ACT_EXTEND_ASK, ROLE_HANDLER, CASE_HANDLING, 0, TOO_LATE, REFUSE_ACT_ILLEGAL},
        {ACT_EXTEND_ASK, ROLE_HANDLER, CASE_HANDLING, 0, TOO_LONG, REFUSE_ACT_NEEDS},
        {ACT_PAUSE_ASK, ROLE_HANDLER, CASE_HANDLING, 0, PAUSE_TOO_LONG, REFUSE_ACT_NEEDS},
        {ACT_PAUSE_GRANT, ROLE_UNIT_LEADER, CASE_HANDLING, CASE_FLAG_PAUSE_ASKED, PAUSE_OVER,
         REFUSE_ACT_ILLEGAL},
        {ACT_PAUSE_GRANT, ROLE_COORDINATOR, CASE_HANDLING, CASE_FLAG_PAUSE_ASKED, PAUSE_OVER,
         REFUSE_ACT_ILLEGAL},
        {ACT_RESUME, by_clock, CASE_HANDLING, CASE_FLAG_PAUSED, TOO_EARLY, REFUSE_ACT_ILLEGAL},
        {ACT_CALLBACK_ATTEMPT, ROLE_CALLBACK, CASE_VERIFYING, CASE_FLAG_ANSWERED, SAME_DAY,
         REFUSE_ACT_ILLEGAL},
        {ACT_SUPERVISE, by_clock, CASE_HANDLING, 0, LOWER_RUNG, REFUSE_ACT_ILLEGAL},
        {ACT_SUPERVISE, ROLE_SUPERVISOR, CASE_HANDLING, 0, LOWER_RUNG, REFUSE_ACT_ILLEGAL},
        {ACT_SUPERVISE, by_clock, CASE_HANDLING, 0, HIGH_RUNG, REFUSE_FORBIDDEN},
        {ACT_SUPERVISE, ROLE_SUPERVISOR, CASE_HANDLING, 0, HIGH_RUNG, REFUSE_FORBIDDEN},
        {ACT_SUPERVISE, ROLE_SUPERVISOR, CASE_HANDLING, 0, NO_LETTER, REFUSE_ACT_NEEDS},
        {ACT_SUPERVISE, ROLE_ACCOUNTABILITY, CASE_HANDLING, 0, NO_LETTER, REFUSE_ACT_NEEDS},
        {ACT_PROPOSE, by_clock, CASE_HANDLING, 0, PROPOSED, REFUSE_ACT_ILLEGAL},
        {ACT_PROPOSE, by_clock, CASE_HANDLING, 0, LOWER_RUNG, REFUSE_ACT_ILLEGAL},
        {ACT_CALLBACK_SOLVED, ROLE_CALLBACK, CASE_VERIFYING, CASE_FLAG_ANSWERED, UNHAPPY, REFUSE_ACT_NEEDS},
        {ACT_CALLBACK_SOLVED, ROLE_CALLBACK, CASE_VERIFYING, CASE_FLAG_ANSWERED | CASE_FLAG_MORE_TO_ASK,
         UNHAPPY, REFUSE_ACT_NEEDS},
        {ACT_CONFIRM_SOLVED, by_citizen, CASE_VERIFYING, CASE_FLAG_ANSWERED, UNHAPPY, REFUSE_ACT_NEEDS},
        {ACT_REOPEN, by_citizen, CASE_CLOSED, CASE_FLAG_ANSWERED, LONG_AGO, REFUSE_ACT_ILLEGAL},
        {ACT_ACCEPT_PARTLY, by_citizen, CASE_VERIFYING, CASE_FLAG_ANSWERED, UNHAPPY, REFUSE_ACT_NEEDS},
        {ACT_OBJECT, by_citizen, CASE_CLOSED, CASE_FLAG_ANSWERED, LONG_AGO, REFUSE_ACT_ILLEGAL},
        {ACT_WITHDRAW, by_citizen, CASE_HANDLING, 0, NOT_ALONE, REFUSE_ACT_ILLEGAL},
        {ACT_NOTE, ROLE_HANDLER, CASE_HANDLING, 0, RATING_6, REFUSE_RATING_RANGE},
        {FREE_ACT, ROLE_HANDLER, CASE_HANDLING, 0, RATING_6, REFUSE_ACT_ILLEGAL}, /* no act at all */
    };
    for (size_t i = 0; i < ARRAY_LEN(tries); i++) {
        struct case_view v = view_in(tries[i].state, tries[i].flags);
        struct actor a = actor_of(tries[i].who);
        struct act_request q =
            full_request(tries[i].act, a, a.kind == ACTOR_STAFF ? v.version : CASE_VERSION_ANY);
        const struct caseflow_row *row;
        if (tries[i].act < ACTS_N) {
            if (tries[i].act == ACT_RESUME) q.now = instant_add(NOON, SPAN_H(1));
            assert_int_equal(refusal_of(&v, &q, &row), REFUSE_NONE); /* good but for the slip */
        }
        switch (tries[i].slip) {
        case ABOUT_UNIT:
            v.nature = NATURE_REPORT;
            v.about_unit = q.unit = U_TARGET;
            break;
        case LEAD_UNIT:
            q.unit = v.unit;
            break;
        case PERSON_ABOUT:
            v.about_unit = U_TARGET;
            q.person_about = true;
            break;
        case TOO_LATE:
            v.due = q.now;
            break;
        case TOO_LONG:
            q.amount = v.limit_amount + 1;
            break;
        case PAUSE_TOO_LONG:
            q.until = instant_add(q.now, SPAN_H(24 * CASE_PAUSE_DAYS_MAX + 1));
            break;
        case PAUSE_OVER:
            v.pause_until = q.now;
            break;
        case TOO_EARLY:
            v.pause_until = instant_add(q.now, SPAN_H(1));
            break;
        case SAME_DAY:
            v.callback_tries = 1;
            v.callback_day = china_day(q.now);
            break;
        case LOWER_RUNG:
            v.rung = q.rung;
            break;
        case HIGH_RUNG:
            q.rung = RUNG_HAND_OVER;
            break;
        case NO_LETTER:
            q.rung = RUNG_YELLOW;
            break;
        case PROPOSED:
            v.proposed = q.rung;
            break;
        case UNHAPPY:
            q.rating = RATING_SATISFIED_MIN - 1;
            break;
        case LONG_AGO:
            v.closed = instant_add(q.now, SPAN_H(-24 * CASE_REOPEN_DAYS - 1));
            break;
        case NOT_ALONE:
            q.reporters = 2;
            break;
        case RATING_6:
            q.rating = 6;
            break;
        case PART_RATED:
            q.part_nature = NATURE_RATE;
            break;
        case PART_ABOUT_OWN:
            q.part_nature = NATURE_REPORT;
            q.about = q.actor.unit;
            break;
        }
        assert_int_equal(refusal_of(&v, &q, &row), tries[i].want);
        sum->refusals++;
    }
}

/* Is some line of `said` the format with something in place of every conversion? */
static bool was_said(struct str format)
{
    struct str rest = text_str(&said), line;
    while (rest.n) {
        str_cut(rest, '\n', &line, &rest);
        struct str f = format;
        bool fits = true;
        while (f.n && fits) {
            size_t n = 0;
            while (n < f.n && f.p[n] != '%') n++;
            const char *at = n ? memmem(line.p, line.n, f.p, n) : line.p;
            fits = at != NULL;
            if (!fits) break;
            line = (struct str){at + n, (size_t)(line.p + line.n - (at + n))};
            f = (struct str){f.p + n, f.n - n};
            if (f.n == 0) break;
            do f.p++, f.n--;
            while (f.n && strchr("sd", f.p[-1]) == NULL);
        }
        if (fits) return true;
    }
    return false;
}

/* Reads the sentences out of the engine's source: string literals that are not ASCII. */
static void every_sentence_was_said(void **state)
{
    struct sums *sum = *state;
    struct text source;
    char part[4096];
    size_t n, sentences = 0;
    FILE *f = fopen(TREE "/gateway/core/caseflow_judge.c", "r");
    assert_non_null(f);
    text_init(&source, 1 << 20);
    while ((n = fread(part, 1, sizeof part, f)) > 0) text_add(&source, (struct str){part, n});
    fclose(f);
    for (size_t i = 0; i < source.n; i++) {
        size_t end = i + 1;
        bool chinese = false;
        if (source.p[i] != '"') continue;
        for (; source.p[end] != '"'; end++) chinese |= (source.p[end] & 0x80) != 0;
        struct str literal = {source.p + i + 1, end - i - 1};
        i = end;
        if (!chinese || literal.n <= sizeof "、") continue;
        if (!was_said(literal)) fail_msg("nothing here provokes \"%.*s\"", (int)literal.n, literal.p);
        sentences++;
    }
    text_free(&source);
    assert_true(sentences > 15);
    printf("%zu rows taken in %zu pictures; %zu refusals provoked; %zu sentences said\n", sum->rows,
           sum->cells, sum->refusals, sentences);
}

int main(void)
{
    static struct sums sums;
    struct sums *sum = &sums;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(every_row_is_taken, sum),
        cmocka_unit_test_prestate(every_refusal_of_every_row_is_provoked, sum),
        cmocka_unit_test_prestate(every_value_is_judged, sum),
        cmocka_unit_test_prestate(every_sentence_was_said, sum),
    };
    text_init(&said, 1 << 20);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    text_free(&said);
    return failed;
}
