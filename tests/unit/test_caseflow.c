/* The life of a case: the table against the design row by row, every act in every state and by every actor,
 * the promise that nothing closes without an answer (proved over all reachable pictures), recusal, second person,
 * confidentiality, rounds, silence, several reporters, the ladder. test_caseflow_rows takes every row and provokes every
 * refusal; test_caseflow_lives tries random lives. */
#include "caseflow_rig.h"
#include "caseflow_doc.h"

/* Written by hand from the design, so that a slip in the table is seen: d a h r v c x m = the states in order. */
static void the_table_says_what_the_design_says(void **state)
{
    (void)state;
    static const char letters[] = "ndahrvcxm";
    static const struct {
        enum case_act act;
        const char *from, *to;
    } want[] = {
        {ACT_RECEIVE, "n", "d"},
        {ACT_ASSIGN, "d", "a"},
        {ACT_DECLINE, "d", "x"},
        {ACT_MERGE, "dah", "mmm"},
        {ACT_UNMERGE, "m", "a"},
        {ACT_SIGN, "a", "h"},
        {ACT_RETURN_ASK, "a", "a"},
        {ACT_RETURN_GRANT, "a", "d"},
        {ACT_RETURN_REFUSE, "a", "a"},
        {ACT_CO_ASSIGN, "ahrv", "ahrv"},
        {ACT_EXTEND_ASK, "ah", "ah"},
        {ACT_EXTEND_GRANT, "ah", "ah"},
        {ACT_EXTEND_REFUSE, "ah", "ah"},
        {ACT_PAUSE_ASK, "h", "h"},
        {ACT_PAUSE_GRANT, "h", "h"},
        {ACT_PAUSE_REFUSE, "h", "h"},
        {ACT_RESUME, "h", "h"},
        {ACT_REPLY, "h", "r"},
        {ACT_ENDORSE, "r", "r"},
        {ACT_APPROVE, "r", "v"},
        {ACT_SEND_BACK, "r", "h"},
        {ACT_CALLBACK_SOLVED, "v", "c"},
        {ACT_CALLBACK_UNSOLVED, "v", "h"},
        {ACT_CALLBACK_ATTEMPT, "v", "v"},
        {ACT_CALLBACK_REFUSED, "v", "c"},
        {ACT_CONFIRM_SOLVED, "v", "c"},
        {ACT_CONFIRM_UNSOLVED, "v", "h"},
        {ACT_CONFIRM_PARTLY, "v", "h"},
        {ACT_ACCEPT_PARTLY, "v", "c"},
        {ACT_OBJECT, "cx", "cx"},
        {ACT_OBJECT_REJECT, "cx", "cx"},
        {ACT_WITHDRAW, "dahr", "cccc"},
        {ACT_ASK, "h", "h"},
        {ACT_SAY, "dahrvcxm", "dahrvcxm"},
        {ACT_NOTE, "dahrvcxm", "dahrvcxm"},
        {ACT_SUPERVISE, "dahrv", "dahrv"},
        {ACT_PROPOSE, "dahrv", "dahrv"},
        {ACT_OVERDUE, "darvcx", "darvcx"},
        {ACT_TRANSFER_OUT, "dahrv", "ccccc"},
        {ACT_REOPEN, "cx", "hd"},
        {ACT_SHARE, "dahrvcxm", "dahrvcxm"},
        {ACT_SPLIT, "d", "d"},
        {ACT_FOLLOW, "ahrv", "ahrv"},
    };
    size_t n;
    const struct caseflow_row *rows = caseflow_acts(&n);
    assert_int_equal(ARRAY_LEN(want), ACTS_N);
    for (unsigned a = 0; a < ACTS_N; a++) {
        assert_int_equal(want[a].act, a);
        for (unsigned s = 0; s < CASE_STATES_N; s++) {
            const char *at = strchr(want[a].from, letters[s]);
            bool legal = false;
            for (size_t i = 0; i < n; i++) {
                const struct caseflow_row *r = &rows[i];
                if (r->act != a || (r->from & (1u << s)) == 0) continue;
                struct case_view v = view_in((enum case_state)s, r->require);
                struct actor who = actor_of(first_bit(r->who));
                assert_int_equal(act_by(&v, (enum case_act)a, who), REFUSE_NONE);
                if ((r->require & CASE_FLAG_MORE_TO_ASK) != 0) /* the others are still to be asked */
                    assert_int_equal(v.state, CASE_VERIFYING);
                else if ((r->require & CASE_FLAG_TRIED_TWICE) != 0)
                    assert_int_equal(v.state, CASE_CLOSED);
                else if ((r->require & CASE_FLAG_WITHDRAWN) != 0) /* perhaps no unit ever had it */
                    assert_int_equal(v.state, CASE_DISCOVERED);
                else if (a == ACT_WITHDRAW &&
                         (r->require & CASE_FLAG_CONFIDENTIAL) != 0) /* on record, no more */
                    assert_int_equal(v.state, s);
                else {
                    assert_non_null(at);
                    assert_int_equal(letters[v.state], want[a].to[at - want[a].from]);
                }
                legal = true;
            }
            assert_int_equal(legal, at != NULL);
            if (legal) continue;
            for (unsigned bit = 0; bit < ROLES_N + ACTOR_KINDS_N; bit++) { /* illegal whoever asks */
                struct case_view v = view_in((enum case_state)s, 0);
                assert_int_equal(act_by(&v, (enum case_act)a, actor_of(bit)), REFUSE_ACT_ILLEGAL);
            }
        }
    }
}

static void only_who_the_row_names(void **state)
{
    (void)state;
    size_t n;
    const struct caseflow_row *rows = caseflow_acts(&n);
    for (size_t i = 0; i < n; i++) {
        u32 who = 0; /* of all rows that fit the same picture */
        struct case_view v = view_in((enum case_state)first_bit(rows[i].from), rows[i].require);
        for (size_t k = 0; k < n; k++)
            if (rows[k].act == rows[i].act && (rows[k].from & (1u << v.state)) != 0 &&
                (v.flags & rows[k].require) == rows[k].require && (v.flags & rows[k].forbid) == 0)
                who |= rows[k].who;
        for (unsigned bit = 0; bit < ROLES_N + ACTOR_KINDS_N; bit++) {
            struct case_view w = v;
            struct actor a = actor_of(bit);
            if (bit == ROLES_N + ACTOR_STAFF) a.staff = 1; /* a person without any role */
            /* A unit's people have no say while no unit has the case. */
            bool may = (who & (1u << bit)) != 0 && !(w.unit == 0 && bit < ROLES_N && is_unit_role(bit));
            if ((w.flags & CASE_FLAG_CONFIDENTIAL) != 0 && bit < ROLES_N)
                may = may && bit == ROLE_ACCOUNTABILITY;
            enum refusal r = act_by(&w, rows[i].act, a);
            if (may)
                assert_int_equal(r, REFUSE_NONE);
            else
                assert_true(r == REFUSE_FORBIDDEN || r == REFUSE_CASE_UNKNOWN);
        }
    }
    /* The handler of another unit is nobody here. */
    struct case_view v = case_at(CASE_ASSIGNED);
    struct actor other = person(ROLE_HANDLER);
    other.unit = U_OTHER;
    assert_int_equal(act_by(&v, ACT_SIGN, other), REFUSE_FORBIDDEN);
    assert_int_equal(act_by(&v, ACT_NOTE, other), REFUSE_FORBIDDEN);
    other.co_unit = true;
    assert_int_equal(act_by(&v, ACT_NOTE, other), REFUSE_NONE);
    assert_int_equal(act_by(&v, ACT_SIGN, other), REFUSE_FORBIDDEN);
    v.about_unit = U_OTHER; /* called in about itself, it may still say its part */
    assert_int_equal(act_by(&v, ACT_NOTE, other), REFUSE_NONE);
}

/* Every picture the table can reach: state, state before merging, flags. */
static void nothing_closes_without_an_answer(void **state)
{
    (void)state;
    enum { FLAGSETS = 1 << CASE_FLAGS_N, PICTURES = CASE_STATES_N * CASE_STATES_N * FLAGSETS };
    static u8 seen[PICTURES];
    static u32 todo[PICTURES];
    size_t head = 0, tail = 0, n, closed = 0;
    const struct caseflow_row *rows = caseflow_acts(&n);
    seen[0] = seen[CASE_FLAG_CONFIDENTIAL] = 1;
    todo[tail++] = 0;
    todo[tail++] = CASE_FLAG_CONFIDENTIAL;
    while (head < tail) {
        u32 p = todo[head++], flags = p % FLAGSETS, merged = p / FLAGSETS % CASE_STATES_N;
        u32 at = p / FLAGSETS / CASE_STATES_N;
        if (at == CASE_CLOSED) {
            closed++;
            assert_true((flags & (CASE_FLAG_ANSWERED | CASE_FLAG_WITHDRAWN)) != 0);
        }
        for (size_t i = 0; i < n; i++) {
            const struct caseflow_row *r = &rows[i];
            if ((r->from & (1u << at)) == 0 || (flags & r->require) != r->require || (flags & r->forbid) != 0)
                continue;
            u32 to = r->to == CASE_TO_SAME ? at : r->to == CASE_TO_BACK ? merged : (u32)r->to;
            u32 from = to == CASE_MERGED ? (at == CASE_MERGED ? merged : at) : 0;
            u32 f = (flags & ~r->clear) | r->set;
            if (to == CASE_CLOSED && at != CASE_CLOSED) {
                /* answered and called back, transferred with a notice in words, or ended by the finder alone */
                assert_true(r->ending != ENDING_NONE);
                if (r->ending == ENDING_TRANSFERRED)
                    assert_true((r->needs & NEED_TEXT) != 0 && (r->notices & NOTIFY_CITIZEN) != 0);
                else if (r->ending == ENDING_WITHDRAWN)
                    assert_true(r->who == WHO_KIND(ACTOR_CITIZEN) && at != CASE_VERIFYING &&
                                (flags & CASE_FLAG_CONFIDENTIAL) == 0 && (f & CASE_FLAG_WITHDRAWN) != 0);
                else
                    assert_true(at == CASE_VERIFYING && (flags & CASE_FLAG_ANSWERED) != 0);
                if (r->ending == ENDING_SILENCE) assert_true((flags & CASE_FLAG_TRIED_TWICE) != 0);
            } else
                assert_int_equal(r->ending, ENDING_NONE);
            if (to == CASE_VERIFYING && at != CASE_VERIFYING)
                assert_true((f & CASE_FLAG_ANSWERED) != 0 && (flags & CASE_FLAG_ENDORSED) != 0);
            for (int twice = 0; twice < (r->act == ACT_CALLBACK_ATTEMPT ? 2 : 1); twice++) {
                u32 next = (to * CASE_STATES_N + from) * FLAGSETS + (twice ? f | CASE_FLAG_TRIED_TWICE : f);
                if (seen[next]) continue;
                seen[next] = 1;
                todo[tail++] = next;
            }
        }
    }
    assert_true(closed > 0);
}

static void who_comes_from_the_unit_steps_aside(void **state)
{
    (void)state;
    struct case_view v = case_at(CASE_DISCOVERED);
    struct actor clerk = person(ROLE_COORDINATOR);
    v.about_unit = U_TARGET;
    clerk.home_unit = U_TARGET;
    assert_int_equal(act_by(&v, ACT_ASSIGN, clerk), REFUSE_RECUSED);
    assert_int_equal(act_by(&v, ACT_DECLINE, clerk), REFUSE_RECUSED);
    enum case_act can[ACTS_N];
    assert_int_equal(caseflow_allowed(&v, &clerk, can), 0);
    /* A unit answers an ordinary complaint about itself, but nobody of it judges the answer. */
    v = case_at(CASE_REPLIED);
    v.about_unit = U_HANDLING;
    assert_int_equal(act_by(&v, ACT_ENDORSE, person(ROLE_UNIT_LEADER)), REFUSE_NONE);
    struct actor judge = person(ROLE_SUPERVISOR);
    judge.home_unit = U_HANDLING;
    assert_int_equal(act_by(&v, ACT_APPROVE, judge), REFUSE_RECUSED);
    v.about_unit = 0; /* coming from the handling unit is enough */
    assert_int_equal(act_by(&v, ACT_APPROVE, judge), REFUSE_RECUSED);
    judge.home_unit = U_OTHER;
    assert_int_equal(act_by(&v, ACT_APPROVE, judge), REFUSE_NONE);
    struct actor caller = person(ROLE_CALLBACK);
    caller.unit = U_HANDLING;
    assert_int_equal(act_by(&v, ACT_CALLBACK_SOLVED, caller), REFUSE_RECUSED);
    assert_int_equal(act_by(&v, ACT_CONFIRM_SOLVED, CITIZEN), REFUSE_NONE);
}

static void a_report_is_closed_to_the_unit_it_names(void **state)
{
    (void)state;
    struct case_view v = case_view_new(1, NATURE_REPORT, 4, U_TARGET, true);
    MUST(&v, ACT_RECEIVE, actor_of(ROLES_N + ACTOR_GATEWAY));
    struct actor acc = person(ROLE_ACCOUNTABILITY), clerk = person(ROLE_COORDINATOR);
    assert_int_equal(act_by(&v, ACT_ASSIGN, clerk), REFUSE_CASE_UNKNOWN); /* not even "forbidden" */
    struct act_request q = full_request(ACT_ASSIGN, acc, v.version);
    q.unit = U_TARGET;
    assert_int_equal(apply(&v, &q), REFUSE_RECUSED);
    q.actor = actor_of(ROLES_N + ACTOR_ROUTER);
    assert_int_equal(apply(&v, &q), REFUSE_RECUSED); /* the router is bound as well */
    q.unit = U_HANDLING;
    assert_int_equal(apply(&v, &q), REFUSE_NONE);
    assert_int_equal(act_by(&v, ACT_SIGN, person(ROLE_HANDLER)), REFUSE_NONE);
    q = full_request(ACT_SHARE, acc, v.version);
    q.person_about = true;
    assert_int_equal(apply(&v, &q), REFUSE_RECUSED);
    q.person_about = false;
    assert_int_equal(apply(&v, &q), REFUSE_NONE);
    clerk.shared = true;
    assert_int_equal(act_by(&v, ACT_NOTE, clerk), REFUSE_NONE);
    acc.home_unit = U_TARGET;
    assert_int_equal(act_by(&v, ACT_NOTE, acc), REFUSE_CASE_UNKNOWN);
    assert_false(caseflow_visible(&v, &acc));
    clerk.home_unit = U_TARGET; /* shared by mistake: still not */
    assert_false(caseflow_visible(&v, &clerk));
    /* An open case of nature 举报 is not handed to its subject either. */
    v = case_view_new(2, NATURE_REPORT, 4, U_TARGET, false);
    MUST(&v, ACT_RECEIVE, actor_of(ROLES_N + ACTOR_GATEWAY));
    q = full_request(ACT_ASSIGN, person(ROLE_COORDINATOR), v.version);
    q.unit = U_TARGET;
    assert_int_equal(apply(&v, &q), REFUSE_RECUSED);
}

static void a_second_person_looks(void **state)
{
    (void)state;
    struct case_view v = case_at(CASE_REPLIED);
    struct actor both = person(ROLE_HANDLER);
    both.roles |= ROLE_BIT(ROLE_UNIT_LEADER);
    assert_int_equal(act_by(&v, ACT_ENDORSE, both), REFUSE_SECOND_PERSON);
    assert_int_equal(act_by(&v, ACT_APPROVE, person(ROLE_SUPERVISOR)), REFUSE_ACT_ILLEGAL); /* leader first */
    v = case_at(CASE_HANDLING);
    v.limit_amount = 5;
    v.due = instant_add(NOON, SPAN_H(1));
    assert_int_equal(act_by(&v, ACT_PAUSE_ASK, both), REFUSE_NONE);
    assert_int_equal(v.asker, P_HANDLER);
    assert_int_equal(act_by(&v, ACT_EXTEND_ASK, both), REFUSE_ACT_ILLEGAL); /* one request at a time */
    assert_int_equal(act_by(&v, ACT_PAUSE_GRANT, both), REFUSE_SECOND_PERSON);
    struct actor clerk = person(ROLE_COORDINATOR);
    clerk.home_unit = U_HANDLING;
    assert_int_equal(act_by(&v, ACT_PAUSE_GRANT, clerk), REFUSE_RECUSED);
    assert_int_equal(act_by(&v, ACT_PAUSE_GRANT, person(ROLE_UNIT_LEADER)), REFUSE_NONE);
    assert_int_equal(act_by(&v, ACT_REPLY, both), REFUSE_ACT_ILLEGAL);
    assert_int_equal(act_by(&v, ACT_RESUME, actor_of(ROLES_N + ACTOR_CLOCK)),
                     REFUSE_ACT_ILLEGAL); /* too early */
    assert_int_equal(act_by(&v, ACT_RESUME, both), REFUSE_NONE);
    assert_int_equal(v.asker, 0);
}

static void unsolved_starts_a_round_with_half_the_time(void **state)
{
    (void)state;
    struct case_view v = case_at(CASE_VERIFYING);
    struct act_request q = full_request(ACT_CONFIRM_UNSOLVED, CITIZEN, CASE_VERSION_ANY);
    struct outcome o;
    assert_int_equal(caseflow_apply(&v, &q, &o), REFUSE_NONE);
    assert_int_equal(o.view.round, 2);
    assert_int_equal(o.view.state, CASE_HANDLING);
    assert_int_equal(o.clocks_start, 1u << CLOCK_HANDLING);
    assert_int_equal(o.clocks_stop, 1u << CLOCK_CALLBACK);
    v = o.view;
    MUST(&v, ACT_REPLY, person(ROLE_HANDLER));
    assert_int_equal(act_by(&v, ACT_APPROVE, person(ROLE_SUPERVISOR)),
                     REFUSE_ACT_ILLEGAL); /* the old signature is gone */
}

static void silence_takes_three_days_and_is_called_silence(void **state)
{
    (void)state;
    struct case_view v = case_at(CASE_VERIFYING);
    struct act_request q = full_request(ACT_CALLBACK_ATTEMPT, person(ROLE_CALLBACK), v.version);
    for (int day = 0; day < CALLBACK_TRIES; day++) {
        q.now = instant_add(NOON, SPAN_H(24 * day));
        q.expected_version = v.version;
        assert_int_equal(v.state, CASE_VERIFYING);
        assert_int_equal(apply(&v, &q), REFUSE_NONE);
        if (v.state != CASE_VERIFYING) break;
        q.now = instant_add(q.now, SPAN_H(11)); /* later the same day */
        q.expected_version = v.version;
        assert_int_equal(apply(&v, &q), REFUSE_ACT_ILLEGAL);
    }
    assert_int_equal(v.callback_tries, 3);
    assert_int_equal(v.state, CASE_CLOSED);
    assert_int_equal(v.ending, ENDING_SILENCE);
    /* and the silent one may still speak, for thirty days */
    struct act_request again = full_request(ACT_REOPEN, CITIZEN, CASE_VERSION_ANY);
    struct case_view late = v;
    again.now = instant_add(v.closed, SPAN_H(24 * 30 + 1));
    assert_int_equal(apply(&late, &again), REFUSE_ACT_ILLEGAL);
    again.now = instant_add(v.closed, SPAN_H(24 * 30));
    assert_int_equal(apply(&v, &again), REFUSE_NONE);
    assert_int_equal(v.ending, ENDING_NONE);
    assert_int_equal(v.round, 2);
}

static void a_ruling_is_final_and_an_extension_comes_once(void **state)
{
    (void)state;
    struct case_view v = case_at(CASE_ASSIGNED);
    MUST(&v, ACT_RETURN_ASK, person(ROLE_HANDLER));
    assert_int_equal(act_by(&v, ACT_SIGN, person(ROLE_HANDLER)), REFUSE_ACT_ILLEGAL);
    MUST(&v, ACT_RETURN_REFUSE, person(ROLE_COORDINATOR));
    assert_int_equal(act_by(&v, ACT_RETURN_ASK, person(ROLE_HANDLER)), REFUSE_ACT_ILLEGAL);

    struct act_request q = full_request(ACT_EXTEND_ASK, person(ROLE_HANDLER), v.version);
    struct outcome o;
    v.limit_amount = 5;
    v.due = NOON; /* expired this moment */
    assert_int_equal(apply(&v, &q), REFUSE_ACT_ILLEGAL);
    v.due = instant_add(NOON, SPAN_H(1));
    q.amount = 6;
    assert_int_equal(apply(&v, &q), REFUSE_ACT_NEEDS); /* at most the original length */
    q.amount = 5;
    assert_int_equal(apply(&v, &q), REFUSE_NONE);
    q = full_request(ACT_EXTEND_GRANT, person(ROLE_COORDINATOR), v.version);
    assert_int_equal(caseflow_apply(&v, &q, &o), REFUSE_NONE);
    assert_int_equal(o.extend_by, 5);
    assert_true((o.notices & NOTIFY_CITIZEN) != 0);
    v = o.view;
    assert_int_equal(act_by(&v, ACT_EXTEND_ASK, person(ROLE_HANDLER)), REFUSE_ACT_ILLEGAL);
}

static void the_first_unit_may_not_push_it_away_again(void **state)
{
    (void)state;
    struct case_view v = case_at(CASE_ASSIGNED);
    assert_int_equal(v.first_unit, U_HANDLING);
    MUST(&v, ACT_RETURN_ASK, person(ROLE_HANDLER));
    MUST(&v, ACT_RETURN_GRANT, person(ROLE_COORDINATOR));
    assert_int_equal(v.state, CASE_DISCOVERED);
    assert_int_equal(v.unit, 0);
    struct act_request q = full_request(ACT_ASSIGN, person(ROLE_COORDINATOR), v.version);
    struct case_view elsewhere = v;
    q.unit = U_OTHER;
    assert_int_equal(apply(&elsewhere, &q), REFUSE_NONE); /* another unit may still dispute once */
    struct actor other = person(ROLE_HANDLER);
    other.unit = U_OTHER;
    assert_int_equal(act_by(&elsewhere, ACT_RETURN_ASK, other), REFUSE_NONE);
    assert_int_equal(elsewhere.first_unit, U_HANDLING);
    q.unit = U_HANDLING;
    assert_int_equal(apply(&v, &q), REFUSE_NONE); /* back at the first: it leads now */
    assert_true((v.flags & CASE_FLAG_RULED) != 0);
    assert_int_equal(act_by(&v, ACT_RETURN_ASK, person(ROLE_HANDLER)), REFUSE_ACT_ILLEGAL);
}

static void every_reporter_is_asked_and_the_last_answer_closes(void **state)
{
    (void)state;
    struct case_view v = case_at(CASE_VERIFYING);
    v.flags |= CASE_FLAG_MORE_TO_ASK; /* the caller says so of the reporter the act is about */
    struct act_request q = full_request(ACT_CONFIRM_SOLVED, CITIZEN, CASE_VERSION_ANY);
    assert_int_equal(apply(&v, &q), REFUSE_NONE);
    assert_int_equal(v.state, CASE_VERIFYING);
    assert_int_equal(v.ending, ENDING_NONE);
    MUST(&v, ACT_CALLBACK_REFUSED, person(ROLE_CALLBACK));
    assert_int_equal(v.state, CASE_VERIFYING);
    struct case_view w = v;
    MUST(&w, ACT_CALLBACK_UNSOLVED, person(ROLE_CALLBACK)); /* one unsolved answer outweighs the others */
    assert_int_equal(w.state, CASE_HANDLING);
    assert_int_equal(w.round, 2);
    v.flags &= ~(u32)CASE_FLAG_MORE_TO_ASK;
    MUST(&v, ACT_CALLBACK_REFUSED, person(ROLE_CALLBACK));
    assert_int_equal(v.state, CASE_CLOSED);
    assert_int_equal(v.ending, ENDING_REFUSED); /* a refusal is no satisfaction */
    assert_int_equal(act_by(&v, ACT_REOPEN, CITIZEN), REFUSE_NONE);
}

static void lateness_is_told_once_per_clock(void **state)
{
    (void)state;
    const struct actor clock = {.kind = ACTOR_CLOCK};
    struct case_view v = case_at(CASE_ASSIGNED);
    MUST(&v, ACT_OVERDUE, clock);
    assert_int_equal(act_by(&v, ACT_OVERDUE, clock), REFUSE_ACT_ILLEGAL);
    MUST(&v, ACT_SIGN, person(ROLE_HANDLER)); /* that clock has stopped */
    assert_true((v.flags & CASE_FLAG_LATE) == 0);
    assert_int_equal(act_by(&v, ACT_OVERDUE, clock),
                     REFUSE_ACT_ILLEGAL); /* beside handling nothing runs now */
    MUST(&v, ACT_REPLY, person(ROLE_HANDLER));
    MUST(&v, ACT_ENDORSE, person(ROLE_UNIT_LEADER));
    MUST(&v, ACT_OVERDUE, clock);
    MUST(&v, ACT_APPROVE, person(ROLE_SUPERVISOR));
    MUST(&v, ACT_OVERDUE, clock);
}

static void the_ladder_only_goes_up(void **state)
{
    (void)state;
    const unsigned by_clock = ROLES_N + ACTOR_CLOCK;
    static const i64 signed_letter = 4711;
    const struct {
        enum case_act act;
        unsigned who;
        int rung;
        i64 signed_as;
        enum refusal want;
        enum case_letter letter;
    } rows[] = {
        {ACT_SUPERVISE, by_clock, 1, 0, REFUSE_NONE, LETTER_NONE},
        {ACT_SUPERVISE, by_clock, 1, 0, REFUSE_ACT_ILLEGAL, LETTER_NONE}, /* fires once */
        {ACT_SUPERVISE, by_clock, 2, 0, REFUSE_NONE, LETTER_URGE},
        {ACT_SUPERVISE, by_clock, 3, 0, REFUSE_FORBIDDEN, LETTER_NONE}, /* from here a person */
        {ACT_PROPOSE, by_clock, 3, 0, REFUSE_NONE, LETTER_NONE},
        {ACT_PROPOSE, by_clock, 3, 0, REFUSE_ACT_ILLEGAL, LETTER_NONE}, /* one draft on the desk is enough */
        {ACT_SUPERVISE, ROLE_SUPERVISOR, 3, 0, REFUSE_ACT_NEEDS,
         LETTER_NONE}, /* the signature climbs the rung */
        {ACT_SUPERVISE, ROLE_SUPERVISOR, 3, signed_letter, REFUSE_NONE, LETTER_SUPERVISE},
        {ACT_PROPOSE, by_clock, 3, 0, REFUSE_ACT_ILLEGAL, LETTER_NONE}, /* issued already */
        {ACT_SUPERVISE, ROLE_SUPERVISOR, 4, signed_letter, REFUSE_NONE, LETTER_SUPERVISE},
        {ACT_SUPERVISE, ROLE_SUPERVISOR, 5, signed_letter, REFUSE_NONE, LETTER_ANNOUNCE},
        {ACT_SUPERVISE, ROLE_SUPERVISOR, 6, 0, REFUSE_FORBIDDEN, LETTER_NONE},
        {ACT_SUPERVISE, ROLE_ACCOUNTABILITY, 6, 0, REFUSE_NONE, LETTER_NONE}, /* a talk has no letter */
        {ACT_SUPERVISE, ROLE_ACCOUNTABILITY, 7, signed_letter, REFUSE_NONE, LETTER_TRANSFER},
    };
    struct case_view v = case_at(CASE_HANDLING);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct act_request q = full_request(rows[i].act, actor_of(rows[i].who), v.version);
        struct outcome o;
        q.rung = rows[i].rung;
        q.letter = rows[i].signed_as;
        assert_int_equal(caseflow_apply(&v, &q, &o), rows[i].want);
        assert_int_equal(o.letter, rows[i].letter);
        v = o.view;
    }
    assert_true((v.flags & CASE_FLAG_SUPERVISED) != 0);
    MUST(&v, ACT_REPLY, person(ROLE_HANDLER));
    MUST(&v, ACT_ENDORSE, person(ROLE_UNIT_LEADER));
    MUST(&v, ACT_APPROVE, person(ROLE_SUPERVISOR)); /* the delay is over: the next one starts at the foot */
    assert_true(v.rung == RUNG_NONE && v.proposed == RUNG_NONE && (v.flags & CASE_FLAG_SUPERVISED) == 0);
}

static void the_handling_clock_knows_whose_time_it_is(void **state)
{
    (void)state;
    const u32 handling = 1u << CLOCK_HANDLING;
    struct case_view v = case_at(CASE_HANDLING);
    struct outcome o;
    static const struct {
        enum case_act act;
        unsigned who;
        u32 start, stop, hold, resume;
    } rows[] = {
        {ACT_REPLY, ROLE_HANDLER, 0, 0, 0, 0}, /* written, not yet signed: still the unit's time */
        {ACT_ENDORSE, ROLE_UNIT_LEADER, 1u << CLOCK_REVIEW, 0, 1u << CLOCK_HANDLING, 0},
        {ACT_SEND_BACK, ROLE_SUPERVISOR, 0, 1u << CLOCK_REVIEW, 0, 1u << CLOCK_HANDLING},
        {ACT_REPLY, ROLE_HANDLER, 0, 0, 0, 0},
        {ACT_SEND_BACK, ROLE_UNIT_LEADER, 0, 0, 0, 0},
        {ACT_REPLY, ROLE_HANDLER, 0, 0, 0, 0},
        {ACT_ENDORSE, ROLE_UNIT_LEADER, 1u << CLOCK_REVIEW, 0, 1u << CLOCK_HANDLING, 0},
        {ACT_APPROVE, ROLE_SUPERVISOR, 1u << CLOCK_CALLBACK, (1u << CLOCK_REVIEW) | (1u << CLOCK_HANDLING), 0,
         0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct act_request q = full_request(rows[i].act, actor_of(rows[i].who), v.version);
        assert_int_equal(caseflow_apply(&v, &q, &o), REFUSE_NONE);
        assert_int_equal(o.clocks_start, rows[i].start);
        assert_int_equal(o.clocks_stop, rows[i].stop);
        assert_int_equal(o.clocks_hold, rows[i].hold);
        assert_int_equal(o.clocks_resume, rows[i].resume);
        v = o.view;
    }
    assert_int_equal(v.round, 1); /* the office's send back is no 重办 */
    assert_true((o.clocks_stop & handling) != 0);
}

static void a_stale_page_is_told_so(void **state)
{
    (void)state;
    struct case_view v = case_at(CASE_ASSIGNED);
    struct act_request q = full_request(ACT_SIGN, person(ROLE_HANDLER), v.version - 1);
    assert_int_equal(apply(&v, &q), REFUSE_CASE_CHANGED);
    q.expected_version = CASE_VERSION_ANY; /* staff must say what they saw */
    assert_int_equal(apply(&v, &q), REFUSE_CASE_CHANGED);
    q.expected_version = v.version;
    q.rating = 6;
    assert_int_equal(apply(&v, &q), REFUSE_RATING_RANGE);
    q.rating = 0;
    q.act = (enum case_act)ACTS_N;
    assert_int_equal(apply(&v, &q), REFUSE_ACT_ILLEGAL);
}

static void buttons_are_the_acts_that_would_work(void **state)
{
    (void)state;
    struct case_view v = case_at(CASE_ASSIGNED);
    struct actor handler = person(ROLE_HANDLER), admin = person(ROLE_ADMIN);
    enum case_act can[ACTS_N];
    size_t n = caseflow_allowed(&v, &handler, can);
    static const enum case_act want[] = {ACT_SIGN, ACT_RETURN_ASK, ACT_EXTEND_ASK, ACT_NOTE};
    assert_int_equal(n, ARRAY_LEN(want));
    assert_memory_equal(can, want, sizeof want);
    assert_int_equal(caseflow_allowed(&v, &admin, can), 0); /* runs the system, touches no case */
}

static void words_come_back(void **state)
{
    (void)state;
    enum case_act act;
    enum case_state st;
    enum staff_role role;
    u32 flag;
    for (unsigned i = 0; i < ACTS_N; i++) {
        assert_true(case_act_parse(str_of(case_act_word((enum case_act)i)), &act));
        assert_int_equal(act, i);
    }
    for (unsigned i = 0; i < CASE_STATES_N; i++) {
        assert_true(case_state_parse(str_of(case_state_word((enum case_state)i)), &st));
        assert_int_equal(st, i);
    }
    for (unsigned i = 0; i < ROLES_N; i++) {
        assert_true(staff_role_parse(str_of(staff_role_word((enum staff_role)i)), &role));
        assert_int_equal(role, i);
    }
    for (unsigned i = 0; i < CASE_FLAGS_N; i++) {
        assert_true(case_flag_parse(str_of(case_flag_word(i)), &flag));
        assert_int_equal(flag, 1u << i);
    }
    assert_false(case_act_parse(STR("close"), &act));
}

static void the_manual_is_fresh(void **state)
{
    (void)state;
    struct text want, have;
    char part[4096];
    size_t n;
    FILE *f = fopen(TREE "/docs/caseflow.md", "r");
    if (f == NULL) fail_msg("docs/caseflow.md is missing: run tests/caseflow-doc");
    text_init(&want, 1 << 20);
    text_init(&have, 1 << 20);
    while ((n = fread(part, 1, sizeof part, f)) > 0) text_add(&have, (struct str){part, n});
    fclose(f);
    doc_print(&want);
    if (!str_eq(text_str(&want), text_str(&have)))
        fail_msg("docs/caseflow.md is stale: run tests/caseflow-doc");
    text_free(&want);
    text_free(&have);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_says_what_the_design_says),
        cmocka_unit_test(only_who_the_row_names),
        cmocka_unit_test(nothing_closes_without_an_answer),
        cmocka_unit_test(who_comes_from_the_unit_steps_aside),
        cmocka_unit_test(a_report_is_closed_to_the_unit_it_names),
        cmocka_unit_test(a_second_person_looks),
        cmocka_unit_test(unsolved_starts_a_round_with_half_the_time),
        cmocka_unit_test(silence_takes_three_days_and_is_called_silence),
        cmocka_unit_test(a_ruling_is_final_and_an_extension_comes_once),
        cmocka_unit_test(the_first_unit_may_not_push_it_away_again),
        cmocka_unit_test(every_reporter_is_asked_and_the_last_answer_closes),
        cmocka_unit_test(lateness_is_told_once_per_clock),
        cmocka_unit_test(the_ladder_only_goes_up),
        cmocka_unit_test(the_handling_clock_knows_whose_time_it_is),
        cmocka_unit_test(a_stale_page_is_told_so),
        cmocka_unit_test(buttons_are_the_acts_that_would_work),
        cmocka_unit_test(words_come_back),
        cmocka_unit_test(the_manual_is_fresh),
    };
    if (argc == 2 && strcmp(argv[1], "--doc") == 0) {
        struct text t;
        text_init(&t, 1 << 20);
        doc_print(&t);
        fwrite(t.p, 1, t.n, stdout);
        text_free(&t);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
