/* Random lives of cases, seeded so that a failure can be repeated: whatever people, citizens and clocks try in whatever order,
 * no case is closed without its answer and the word, the refusal or the silence of every reporter, or a transfer with its
 * notice; nothing illegal changes anything; the flags agree with the state; rungs only rise; the acts give the row again. */
#include "caseflow_rig.h"
#include "core/deadline.h"
#include <time.h>

enum { LEGAL_WANTED = 220000, STEPS = 90, REPORTERS_MAX = 3 };

static u64 rng_state;
static u32 rng(u32 below) /* xorshift64* */
{
    rng_state ^= rng_state >> 12;
    rng_state ^= rng_state << 25;
    rng_state ^= rng_state >> 27;
    return (u32)((rng_state * 2685821657736338717ull) >> 33) % below;
}

/* What the record says of one reporter in this round. */
struct reporter {
    bool heard, refused;
    int tries;
    i64 day;
};
struct life {
    bool approved, told; /* told: a transfer whose text is the notice */
    int n_reporters;
    struct reporter reporters[REPORTERS_MAX];
};

static bool is_done(const struct reporter *r) { return r->heard || r->refused || r->tries >= CALLBACK_TRIES; }

static bool is_callback(enum case_act act)
{
    return act == ACT_CALLBACK_SOLVED || act == ACT_CALLBACK_UNSOLVED || act == ACT_CALLBACK_ATTEMPT ||
           act == ACT_CALLBACK_REFUSED || act == ACT_CONFIRM_SOLVED || act == ACT_CONFIRM_UNSOLVED ||
           act == ACT_CONFIRM_PARTLY || act == ACT_ACCEPT_PARTLY;
}

/* As the callers do: what the picture says of the reporter that the act is about. */
static void put_reporter(struct case_view *v, const struct life *l, int who)
{
    const struct reporter *r = &l->reporters[who];
    bool more = false;
    if (v->state != CASE_VERIFYING) return;
    for (int i = 0; i < l->n_reporters; i++) more |= i != who && !is_done(&l->reporters[i]);
    v->callback_tries = r->tries;
    v->callback_day = r->day;
    v->flags &= ~(u32)(CASE_FLAG_MORE_TO_ASK | CASE_FLAG_TRIED_TWICE);
    if (more) v->flags |= CASE_FLAG_MORE_TO_ASK;
    if (r->tries == CALLBACK_TRIES - 1) v->flags |= CASE_FLAG_TRIED_TWICE;
}

static void new_round(struct life *l)
{
    for (int i = 0; i < REPORTERS_MAX; i++) l->reporters[i] = (struct reporter){0};
    l->approved = false;
}

/* Kept from the acts alone; at the end of a case it must explain the end. */
static void live(struct life *l, const struct act_request *q, int who, const struct case_view *v)
{
    struct reporter *r = &l->reporters[who];
    if (q->act == ACT_APPROVE) new_round(l), l->approved = true;
    if (q->act == ACT_CALLBACK_ATTEMPT) r->tries++, r->day = china_day(q->now);
    if (q->act == ACT_CALLBACK_SOLVED || q->act == ACT_CONFIRM_SOLVED || q->act == ACT_ACCEPT_PARTLY)
        r->heard = true;
    if (q->act == ACT_CALLBACK_REFUSED) r->refused = true;
    if (q->act == ACT_CALLBACK_UNSOLVED || q->act == ACT_CONFIRM_UNSOLVED || q->act == ACT_CONFIRM_PARTLY ||
        q->act == ACT_REOPEN)
        new_round(l);
    if (q->act == ACT_TRANSFER_OUT) l->told = str_trim(q->text).n > 0;
    if (v->state != CASE_CLOSED) return;
    if (v->ending == ENDING_TRANSFERRED) {
        assert_true(l->told && (v->flags & CASE_FLAG_TRANSFERRED) != 0);
        return;
    }
    if (v->ending == ENDING_WITHDRAWN) { /* the finder's own word, and nobody else's matter */
        assert_true(q->act != ACT_WITHDRAW || (q->actor.kind == ACTOR_CITIZEN && l->n_reporters == 1));
        assert_true((v->flags & CASE_FLAG_WITHDRAWN) != 0 && (v->flags & CASE_FLAG_CONFIDENTIAL) == 0);
        return;
    }
    assert_true(l->approved);
    for (int i = 0; i < l->n_reporters; i++) assert_true(is_done(&l->reporters[i]));
    bool right = v->ending == ENDING_SOLVED || v->ending == ENDING_PARTLY ? r->heard
                 : v->ending == ENDING_REFUSED                            ? r->refused
                                               : v->ending == ENDING_SILENCE && r->tries == CALLBACK_TRIES;
    if (!is_callback(q->act)) right = true; /* a note on a closed case */
    assert_true(right && v->ending != ENDING_NONE);
}

static bool in(const struct case_view *v, u32 states) { return (states & (1u << v->state)) != 0; }
#define IN(name) (1u << CASE_##name)

static void flags_agree_with_the_state(const struct case_view *v)
{
    const u32 f = v->flags;
    const u32 asks = f & (CASE_FLAG_RETURN_ASKED | CASE_FLAG_EXTENSION_ASKED | CASE_FLAG_PAUSE_ASKED);
    assert_true(!(f & CASE_FLAG_PAUSED) || in(v, IN(HANDLING)));
    assert_true(!(f & CASE_FLAG_PAUSE_ASKED) || in(v, IN(HANDLING)));
    assert_true(!(f & CASE_FLAG_RETURN_ASKED) || in(v, IN(ASSIGNED)));
    assert_true(!(f & CASE_FLAG_EXTENSION_ASKED) || in(v, IN(ASSIGNED) | IN(HANDLING)));
    assert_true((asks & (asks - 1)) == 0); /* one request at a time */
    assert_true((asks != 0) == (v->asker != 0) && (asks != 0) == (v->asked.us != 0));
    assert_true(!(f & CASE_FLAG_ENDORSED) || in(v, IN(REPLIED) | IN(VERIFYING)));
    assert_int_equal((f & (CASE_FLAG_ANSWERED | CASE_FLAG_WITHDRAWN)) != 0,
                     in(v, IN(VERIFYING) | IN(CLOSED)));
    assert_int_equal((f & CASE_FLAG_WITHDRAWN) != 0, v->ending == ENDING_WITHDRAWN);
    assert_true(!(f & CASE_FLAG_OBJECTED) ||
                (in(v, IN(CLOSED) | IN(DECLINED)) && !(f & CASE_FLAG_OBJECTION_RULED)));
    assert_true(!(f & CASE_FLAG_TRIED_TWICE) || in(v, IN(VERIFYING)));
    assert_true(!(f & CASE_FLAG_TRANSFERRED) || in(v, IN(CLOSED)));
    assert_int_equal((f & CASE_FLAG_SUPERVISED) != 0, v->rung != RUNG_NONE);
    assert_true(v->extended == 0 || ((f & CASE_FLAG_EXTENDED) && v->extended <= v->limit_amount));
    assert_true(!(f & CASE_FLAG_LATE) || (f & CASE_FLAG_OBJECTED) || !in(v, IN(CLOSED) | IN(DECLINED)));
    assert_int_equal(v->merged_from != CASE_NEW, in(v, IN(MERGED)));
    assert_int_equal(v->closed.us != 0, in(v, IN(CLOSED)));
    assert_int_equal(v->ending != ENDING_NONE, in(v, IN(CLOSED)));
    assert_true(v->unit != 0 ||
                !in(v, IN(ASSIGNED) | IN(HANDLING) | IN(REPLIED) | IN(VERIFYING) | IN(CLOSED)) ||
                v->ending == ENDING_TRANSFERRED || v->ending == ENDING_WITHDRAWN);
    assert_true(v->unit == 0 || v->first_unit != 0);
    assert_true((f & CASE_FLAG_PAUSED) || (f & CASE_FLAG_PAUSE_ASKED) || v->pause_cause == PAUSE_NONE);
}

/* Within a ladder the rung only rises; a ladder ends with a new handling clock, an approved answer or the end. */
static void rungs_only_rise(const struct case_view *was, const struct outcome *o)
{
    bool fresh =
        (o->clocks_start & (1u << CLOCK_HANDLING)) != 0 || (o->row->clear & CASE_FLAG_SUPERVISED) != 0;
    if (fresh)
        assert_true(o->view.rung == RUNG_NONE && o->view.proposed == RUNG_NONE);
    else if (o->row->act == ACT_SUPERVISE)
        assert_true(o->view.rung > was->rung && o->view.rung <= o->row->rung_max);
    else
        assert_int_equal(o->view.rung, was->rung);
    if (!fresh) assert_true(o->view.proposed >= was->proposed);
}

/* Mostly something that some button offers, and rarely what ends or only decorates a case, so that lives get
 * long; one step in five is anything by anybody. */
static void random_step(const struct case_view *v, struct actor *a_r, enum case_act *act_r)
{
    static const enum case_act rare[] = {
        ACT_TRANSFER_OUT, ACT_DECLINE,   ACT_MERGE,     ACT_NOTE,           ACT_SAY,
        ACT_SHARE,        ACT_SUPERVISE, ACT_CO_ASSIGN, ACT_OVERDUE,        ACT_PROPOSE,
        ACT_FOLLOW,       ACT_WITHDRAW,  ACT_OBJECT,    ACT_CONFIRM_PARTLY, ACT_ACCEPT_PARTLY};
    bool anything = rng(5) == 0;
    for (int tries = 0; tries < 40; tries++) {
        enum case_act can[ACTS_N];
        bool seldom = false;
        *a_r = actor_of(rng(ROLES_N + ACTOR_KINDS_N));
        if (a_r->kind == ACTOR_STAFF && a_r->staff == 0) a_r->staff = 1; /* without a post */
        if (a_r->kind == ACTOR_STAFF && rng(10) == 0) a_r->roles |= ROLE_BIT(rng(ROLES_N));
        if (rng(12) == 0) a_r->home_unit = rng(2) ? U_TARGET : U_HANDLING;
        if (a_r->kind == ACTOR_STAFF && rng(12) == 0) a_r->unit = rng(2) ? U_OTHER : U_HANDLING;
        a_r->co_unit = a_r->unit == U_OTHER && rng(2);
        size_t n = caseflow_allowed(v, a_r, can);
        *act_r = anything || n == 0 ? (enum case_act)rng(ACTS_N) : can[rng((u32)n)];
        for (size_t i = 0; i < ARRAY_LEN(rare); i++) seldom |= *act_r == rare[i];
        if (anything || (n > 0 && (!seldom || rng(*act_r == ACT_TRANSFER_OUT ? 1000 : 20) == 0))) return;
    }
}

static struct act_request random_request(const struct case_view *v, enum case_act act, struct actor a,
                                         instant now, int who, int reporters)
{
    struct act_request q = full_request(act, a, rng(20) == 0 ? v->version - 1 : v->version);
    q.now = now;
    q.until = instant_add(now, SPAN_H(24 + rng(100)));
    q.rung = (int)rng(9);
    q.letter = rng(2) ? 4711 : 0;
    q.feedback = who + 1;
    q.reporters = reporters;
    q.rating = (int)rng(7);
    if (act == ACT_ASSIGN && rng(3) == 0) q.unit = U_OTHER;
    if (rng(15) == 0) q.text = q.reason = STR_NONE;
    return q;
}

struct done {
    struct act_request q;
    int who;
};
struct sums {
    size_t lives, steps, legal, endings[ENDINGS_N];
};

/* The record alone gives the same picture again; only `due` comes from elsewhere. */
static void replay(struct case_view born, struct life l, const struct done *done, size_t n,
                   const struct case_view *v)
{
    struct case_view w = born;
    for (size_t i = 0; i < n; i++) {
        struct outcome o;
        w.due = instant_add(done[i].q.now, SPAN_H(1));
        put_reporter(&w, &l, done[i].who);
        assert_int_equal(caseflow_apply(&w, &done[i].q, &o), REFUSE_NONE);
        w = o.view;
        live(&l, &done[i].q, done[i].who, &w);
    }
    struct case_view last = *v; /* refused tries have put other reporters into it */
    put_reporter(&last, &l, 0);
    put_reporter(&w, &l, 0);
    w.due = last.due;
    assert_true(same_view(&w, &last));
}

static void one_life(struct sums *sum)
{
    static struct done done[STEPS];
    struct case_view born = case_view_new(1, rng(8) == 0 ? NATURE_REPORT : NATURE_COMPLAIN, (int)rng(5),
                                          rng(8) == 0 ? U_TARGET : 0, rng(6) == 0);
    struct life l = {.n_reporters = 1 + (int)rng(REPORTERS_MAX)};
    const struct life unborn = l;
    born.limit_amount = 5;
    struct case_view v = born;
    size_t n_done = 0;
    instant now = NOON;
    sum->lives++;
    for (int s = 0; s < STEPS && (v.flags & CASE_FLAG_TRANSFERRED) == 0; s++) {
        enum case_act can[ACTS_N], act;
        struct actor a;
        struct outcome o, again;
        bool listed = false;
        const int who = (int)rng((u32)l.n_reporters);
        put_reporter(&v, &l, who);
        random_step(&v, &a, &act);
        now = instant_add(now, SPAN_H(rng(30)));
        v.due = instant_add(now, SPAN_H((i64)rng(4) - 1)); /* stands for what core/deadline says */
        const struct act_request q = random_request(&v, act, a, now, who, l.n_reporters);
        const struct case_view was = v;
        enum refusal r = caseflow_apply(&v, &q, &o);
        assert_true(same_view(&was, &v));                    /* the caller's picture is its own */
        assert_int_equal(r, caseflow_apply(&v, &q, &again)); /* pure */
        assert_true(same_view(&o.view, &again.view));
        sum->steps++;
        if (r != REFUSE_NONE) {
            assert_true(same_view(&o.view, &v));
            assert_true(o.row == NULL && o.clocks_start == 0 && o.clocks_stop == 0 && o.clocks_hold == 0 &&
                        o.clocks_resume == 0 && o.extend_by == 0 && o.notices == 0 &&
                        o.letter == LETTER_NONE);
            continue;
        }
        assert_int_equal(o.view.version, v.version + 1);
        assert_true(o.view.round == v.round + (o.row->new_round ? 1 : 0));
        size_t n = caseflow_allowed(&v, &a, can);
        for (size_t i = 0; i < n; i++) listed |= can[i] == act;
        assert_true(listed); /* a legal act was on a button */
        rungs_only_rise(&v, &o);
        if (act == ACT_RETURN_ASK) assert_true((v.flags & CASE_FLAG_RULED) == 0); /* no second return */
        if (o.view.state == CASE_CLOSED && v.state != CASE_CLOSED) sum->endings[o.view.ending]++;
        v = o.view;
        flags_agree_with_the_state(&v);
        done[n_done++] = (struct done){q, who};
        live(&l, &q, who, &v);
        sum->legal++;
    }
    replay(born, unborn, done, n_done, &v);
}

static void random_lives_keep_the_promises(void **state)
{
    (void)state;
    struct sums sum = {0};
    struct timespec begun, ended;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    rng_state = 20260318;
    while (sum.legal < LEGAL_WANTED) one_life(&sum);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    printf(
        "%zu lives, %zu acts tried, %zu legal; closed: solved %zu, silence %zu, refused %zu, transferred %zu, partly %zu, withdrawn %zu; %.1f s\n",
        sum.lives, sum.steps, sum.legal, sum.endings[ENDING_SOLVED], sum.endings[ENDING_SILENCE],
        sum.endings[ENDING_REFUSED], sum.endings[ENDING_TRANSFERRED], sum.endings[ENDING_PARTLY],
        sum.endings[ENDING_WITHDRAWN],
        (double)(ended.tv_sec - begun.tv_sec) + (double)(ended.tv_nsec - begun.tv_nsec) / 1e9);
    assert_true(sum.legal > sum.steps / 4);
    for (unsigned e = ENDING_SOLVED; e < ENDINGS_N; e++)
        assert_true(sum.endings[e] > 0); /* no ending untried */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_lives_keep_the_promises)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
