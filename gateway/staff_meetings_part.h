/* What the files of exchange meetings share: staff_meetings.c enters and shows them, staff_meetings_board.c adds them up. */
#pragma once
#include "finders.h"
#include "core/choice.h"

/* 政企交流: the kinds of M30, M31, M46 and M55. */
/* clang-format off */
#define MEETING_KINDS(X) \
    X("theme_day", "主题日") \
    X("morning_tea", "早茶会") \
    X("evening_talk", "园区夜话") X("joint", "联席会议") X("other", "其他")
/* clang-format on */
enum { MEETING_KINDS_N = 5 };
extern const struct choice meeting_kinds[MEETING_KINDS_N];

/* Problems of meetings with what has become of them. What the person may not see is in no row and no count (P4). */
#define MATTERS                                                                                              \
    "findings f join cases c on c.id = f.case_id " FINDER_MAIN                                               \
    "left join lateral (select mm.words, mm.unit_id, mm.due_on, mm.at from meeting_measures mm "             \
    "where mm.feedback_id = f.feedback_id order by mm.id desc limit 1) me on true "
/* A row for people: CASEWORK_COLUMNS, then these, from FINDER_MATTER on. */
#define MATTER_COLUMNS                                                                                       \
    CASEWORK_COLUMNS                                                                                         \
    ", f.ordinal, f.raised_by, me.words, me.unit_id, me.due_on::text, me.at, " FINDER_SOLVED ", "            \
    "case when c.confidential then '' else left(s.masked, 80) end, f.meeting_id, " FINDER_FEEDBACKS
#define MATTER_WORDS                                                                                         \
    "left join lateral (select x.masked from feedback x where x.id = f.feedback_id) s on true "
/* One matter as JSON; reads the columns above. */
void meeting_matter_json(struct gateway *g, const struct db_result *r, int row, struct text *t);
/* {"id":…,"kind":…,"label":…,"held_at":…,"place":…,"theme":…,"host_unit":… without the closing brace, from columns
 * id, kind, held_at, place, theme, host_unit_id. */
void meeting_head_json(struct gateway *g, const struct db_result *r, int row, struct text *t);
