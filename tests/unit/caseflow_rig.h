/* What the tests of core/caseflow share: fit persons, full requests, plausible pictures, and acts that must leave the
 * picture alone when they are refused. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "core/caseflow.h"
#include <stdio.h>
#include <string.h>

enum { U_HANDLING = 3, U_OTHER = 4, U_OFFICE = 900, U_TARGET = 77 };
enum { P_HANDLER = 10, P_LEADER = 11, P_OFFICE = 50 };

static const instant NOON = {1773806400000000}; /* 2026-03-18 12:00 in China */

static inline bool is_unit_role(unsigned r) { return r == ROLE_HANDLER || r == ROLE_UNIT_LEADER; }

/* Somebody fit for the role: unit people sit in the handling unit, everyone is a different person. */
static inline struct actor person(unsigned role)
{
    return (struct actor){.kind = ACTOR_STAFF,
                          .staff = role == ROLE_HANDLER       ? P_HANDLER
                                   : role == ROLE_UNIT_LEADER ? P_LEADER
                                                              : P_OFFICE + (i64)role,
                          .roles = ROLE_BIT(role),
                          .unit = is_unit_role(role) ? U_HANDLING : U_OFFICE};
}

/* Actor for one bit of a `who` mask. */
static inline struct actor actor_of(unsigned bit)
{
    return bit < ROLES_N ? person(bit) : (struct actor){.kind = (enum actor_kind)(bit - ROLES_N)};
}

static inline unsigned first_bit(u32 mask) { return (unsigned)__builtin_ctz(mask); }

/* A request with everything any act could need. */
static inline struct act_request full_request(enum case_act act, struct actor actor, i64 version)
{
    return (struct act_request){.act = act,
                                .actor = actor,
                                .now = NOON,
                                .expected_version = version,
                                .unit = act == ACT_CO_ASSIGN || act == ACT_FOLLOW ? U_OTHER : U_HANDLING,
                                .reason = STR("理由"),
                                .text = STR("内容"),
                                .ground = STR("依据"),
                                .way = STR("行政复议"),
                                .receiver = STR("接收机关"),
                                .evidence = 1,
                                .target = 5000,
                                .person = 99,
                                .amount = 2,
                                .pause_cause = PAUSE_APPRAISAL,
                                .until = instant_add(NOON, SPAN_H(48)),
                                .rung = RUNG_REMIND,
                                .part_nature = NATURE_COMPLAIN,
                                .rest = STR("其余")};
}

/* A case in `state` with those flags, otherwise plausible. */
static inline struct case_view view_in(enum case_state state, u32 flags)
{
    struct case_view v = case_view_new(1, NATURE_COMPLAIN, 3, 0, false);
    v.state = state;
    v.merged_from = state == CASE_MERGED ? CASE_ASSIGNED : CASE_NEW;
    v.flags = flags;
    v.version = 4;
    v.unit = state == CASE_NEW || state == CASE_DISCOVERED || state == CASE_DECLINED ? 0 : U_HANDLING;
    v.handler = P_HANDLER;
    v.asker = (flags & (CASE_FLAG_RETURN_ASKED | CASE_FLAG_EXTENSION_ASKED | CASE_FLAG_PAUSE_ASKED)) != 0
                  ? P_HANDLER
                  : 0;
    v.limit_amount = 5;
    v.asked_amount = 2;
    v.due = instant_add(NOON, SPAN_H(1));
    v.pause_until = instant_add(NOON, (flags & CASE_FLAG_PAUSED) != 0 ? SPAN_H(-1) : SPAN_H(24));
    v.callback_tries = (flags & CASE_FLAG_TRIED_TWICE) != 0 ? 2 : 0;
    v.callback_day = china_day(NOON) - 1;
    v.closed = NOON;
    return v;
}

/* Every field of the picture. A new one belongs in this list: the size below tells. */
/* clang-format off */
#define VIEW_FIELDS(X) \
    X(state) X(merged_from) X(flags) X(nature) X(level) X(id) X(unit) X(about_unit) X(round) X(version) \
    X(handler) X(first_unit) X(asker) X(asked.us) X(limit_amount) X(asked_amount) X(extended) X(pause_cause) \
    X(pause_until.us) X(callback_tries) X(callback_day) X(rung) X(proposed) X(ending) X(opened.us) \
    X(assigned.us) X(signed_at.us) X(replied.us) X(closed.us) X(due.us)
/* clang-format on */
_Static_assert(sizeof(struct case_view) == 200, "same_view must know every field of struct case_view");

static inline bool same_view(const struct case_view *a, const struct case_view *b)
{
#define X(field) &&a->field == b->field
    return true VIEW_FIELDS(X);
#undef X
}

static inline enum refusal apply(struct case_view *v, const struct act_request *q)
{
    struct outcome o;
    enum refusal r = caseflow_apply(v, q, &o);
    if (r == REFUSE_NONE) {
        assert_int_equal(o.view.version, v->version + 1);
        assert_string_equal(o.detail, "");
    } else {
        assert_true(same_view(&o.view, v));
        assert_null(o.row);
        if (r != REFUSE_CASE_UNKNOWN) assert_true(o.detail[0] != '\0');
    }
    *v = o.view;
    return r;
}

static inline enum refusal act_by(struct case_view *v, enum case_act act, struct actor a)
{
    struct act_request q = full_request(act, a, a.kind == ACTOR_STAFF ? v->version : CASE_VERSION_ANY);
    return apply(v, &q);
}

#define MUST(v, act, who) assert_int_equal(act_by((v), (act), (who)), REFUSE_NONE)
#define CITIZEN           ((struct actor){.kind = ACTOR_CITIZEN})

static inline struct case_view case_at(enum case_state state)
{
    struct case_view v = case_view_new(1, NATURE_COMPLAIN, 3, 0, false);
    static const struct {
        enum case_act act;
        unsigned who;
    } way[] = {
        {ACT_RECEIVE, ROLES_N + ACTOR_GATEWAY},
        {ACT_ASSIGN, ROLE_COORDINATOR},
        {ACT_SIGN, ROLE_HANDLER},
        {ACT_REPLY, ROLE_HANDLER},
        {ACT_ENDORSE, ROLE_UNIT_LEADER},
        {ACT_APPROVE, ROLE_SUPERVISOR},
        {ACT_CALLBACK_SOLVED, ROLE_CALLBACK},
    };
    for (size_t i = 0; v.state != state; i++) {
        assert_true(i < ARRAY_LEN(way));
        MUST(&v, way[i].act, actor_of(way[i].who));
    }
    return v;
}
