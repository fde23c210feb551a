/* Words of a text -> scores. A word counts by what stands around it in its clause: 没有 and 不是 take it back, 万一 and
 * 去年 make a danger one that is not there now. */
#include "core/route_part.h"
#include <stdlib.h>
#include <string.h>

#define COMPOUND_SPAN 160 /* bytes, about fifty characters: one sentence and its neighbour */
#define NEGATION_SPAN 12  /* bytes between a negation and what it cancels: up to four characters */
#define MARKS_MAX     256
#define DENIAL_SPAN   18  /* between 不是 and the step it denies: 不是来找你们投诉 */
#define MOOD_SPAN     45  /* between 万一 or 去年 and the danger in the same clause */
#define OVER_SPAN     120 /* after the danger: 着火了,消防车来了,已经扑灭 */
#define CALL_SPAN     6   /* between 请 and the unit called upon */
#define ANEW_SPAN     24  /* behind the beginning of a danger: 煤气又漏了 */
#define BESIDE_SPAN   3   /* between a unit and 门口: 实验小学的门口 */
#define FAINT_GRAVE                                                                                          \
    0.7 /* of a hint of a confidential matter: an innocent text among them is hidden from its unit */
#define MARK_NEGATION MOODS_N

/* Where one side of "a&b" stands: all of its places, in their order. What is repeated must not hide what is said once. */
struct occurrence {
    u32 n, *start;
};
struct walk {
    const struct routing *r;
    struct str text;
    struct tally *t;
    u8 *seen;        /* by pattern: counted once, however often it stands there */
    uint16_t *cover; /* by byte: bit per kind of word that already lies over it */
    struct occurrence *slots;
    u32 *met; /* the slots that occur */
    size_t n_met;
    struct mark {
        u32 start, end;
        int what; /* a mood or MARK_NEGATION */
    } marks[MARKS_MAX];
    size_t n_marks;
    bool now;
};

static bool cuts_word(struct str text, const struct matcher_hit *h);
static void find_marks(struct walk *w, const struct matcher_hit *hits, size_t n);
static bool marked_before(const struct walk *w, int what, u32 start, u32 reach);
static bool beside(const struct walk *w, u32 end);
static bool denied(const struct walk *w, u32 start, bool danger, bool desperate);
static bool negated(const struct walk *w, u32 start);
static bool refused(struct str text, u32 start);
static bool averted(const struct walk *w, const struct meaning *m, u32 start);
static bool passed(const struct walk *w, const struct meaning *m, u32 start);
static bool find_sides(struct walk *w, const struct matcher_hit *hits, size_t n, struct arena *a);
static void count(struct walk *w, const struct meaning *m, const struct compound *compound, u32 pattern,
                  u32 start);
static bool count_compounds(struct walk *w, struct arena *a);
static bool near_each_other(const struct walk *w, const struct compound *c, u32 *start_r);

bool route_tally(const struct routing *r, struct str text, struct arena *a, struct tally *t)
{
    memset(t, 0, sizeof *t);
    t->categories = arena_alloc(a, r->n_categories * sizeof *t->categories);
    t->topics = arena_alloc(a, r->n_units * sizeof *t->topics);
    t->names = arena_alloc(a, r->n_units * sizeof *t->names);
    t->places = arena_alloc(a, r->n_units * sizeof *t->places);
    t->name_pattern = arena_alloc(a, r->n_units * sizeof *t->name_pattern);
    t->name_at = arena_alloc(a, r->n_units * sizeof *t->name_at);
    t->accused = arena_alloc(a, r->n_units * sizeof *t->accused);
    struct walk w = {.r = r, .text = text, .t = t};
    w.seen = arena_alloc(a, r->n_patterns + 1);
    w.cover = arena_alloc(a, (text.n + 1) * sizeof *w.cover);
    w.slots = arena_alloc(a, (r->n_slots + 1) * sizeof *w.slots);
    w.met = arena_alloc(a, (r->n_slots + 1) * sizeof *w.met);
    size_t max = text.n / 2 + 64;
    struct matcher_hit *hits = arena_alloc(a, max * sizeof *hits);
    if (t->categories == NULL || t->topics == NULL || t->names == NULL || t->places == NULL ||
        t->name_pattern == NULL || t->name_at == NULL || t->accused == NULL || w.seen == NULL ||
        w.cover == NULL || w.slots == NULL || w.met == NULL || hits == NULL)
        return false;
    size_t n = matcher_find(r->matcher, text, hits, max);
    if (n >
        max) { /* denser than language: nested words all along; take them all, what is urgent may stand last */
        hits = arena_alloc(a, n * sizeof *hits);
        if (hits == NULL) return false;
        n = matcher_find(r->matcher, text, hits, n);
    }
    struct matcher_hit *longest = arena_alloc(a, (n + 1) * sizeof *longest);
    if (longest == NULL || !find_sides(&w, hits, n, a)) return false;
    find_marks(&w, hits, n);
    route_cues_read(text, t);
    matcher_longest_first(hits, n, longest);
    for (const struct matcher_hit *h = longest; h < longest + n; h++) {
        if (cuts_word(text, h)) continue;
        u32 id = h->pattern;
        const struct pattern *p = &r->patterns[id];
        /* Longer words came first, so one that overlaps covers the first or the last byte of this one. */
        uint16_t blocked = w.cover[h->start] | w.cover[h->end - 1], mine = 0;
        for (u32 k = 0; k < p->count; k++) {
            const struct meaning *m = &r->meanings[p->first + k];
            if (m->kind == WORD_NEGATION || m->kind == WORD_MOOD || m->kind == WORD_PART) continue;
            uint16_t bit = (uint16_t)(1u << m->kind);
            if (blocked & bit) continue;
            count(&w, m, NULL, id, h->start);
            mine |= bit;
        }
        for (u32 b = h->start; mine != 0 && b < h->end; b++) w.cover[b] |= mine;
        w.seen[id] = 1;
    }
    return count_compounds(&w, a);
}

/* "app" inside "happen", "110" inside a telephone number: a word of letters or digits ends where they end. */
static bool cuts_word(struct str text, const struct matcher_hit *h)
{
    for (int side = 0; side < 2; side++) {
        size_t at = side == 0 ? h->start : h->end;
        if (at == 0 || at == text.n) continue;
        char left = text.p[at - 1], right = text.p[at];
        bool letters = left >= 'a' && left <= 'z' && right >= 'a' && right <= 'z';
        bool digits = left >= '0' && left <= '9' && right >= '0' && right <= '9';
        if (letters || digits) return true;
    }
    return false;
}

/* The places of the sides of compounds. Hits come in the order of their ends, so that few of them move far. */
static bool find_sides(struct walk *w, const struct matcher_hit *hits, size_t n, struct arena *a)
{
    size_t total = 0;
    for (int fill = 0; fill < 2; fill++) {
        u32 *room = fill ? arena_alloc(a, (total + 1) * sizeof *room) : NULL;
        if (fill && room == NULL) return false;
        for (size_t i = 0; i < n; i++) {
            const struct pattern *p = &w->r->patterns[hits[i].pattern];
            for (u32 k = 0; k < p->count; k++) {
                const struct meaning *m = &w->r->meanings[p->first + k];
                if (m->kind != WORD_PART || cuts_word(w->text, &hits[i])) continue;
                struct occurrence *o = &w->slots[m->target];
                if (!fill) {
                    if (o->n++ == 0) w->met[w->n_met++] = (u32)m->target;
                    total++;
                    continue;
                }
                if (o->start == NULL) { /* its own stretch of the room, as long as was counted */
                    o->start = room;
                    room += o->n;
                    o->n = 0;
                }
                u32 at = o->n++;
                for (; at > 0 && o->start[at - 1] > hits[i].start; at--) o->start[at] = o->start[at - 1];
                o->start[at] = hits[i].start;
            }
        }
    }
    return true;
}

/* Negations and moods, in the order of their ends. A-not-A is a question: 有没有, 是不是 deny nothing. */
static void find_marks(struct walk *w, const struct matcher_hit *hits, size_t n)
{
    for (size_t i = 0; i < n && w->n_marks < MARKS_MAX; i++) {
        const struct pattern *p = &w->r->patterns[hits[i].pattern];
        for (u32 k = 0; k < p->count && w->n_marks < MARKS_MAX; k++) {
            const struct meaning *m = &w->r->meanings[p->first + k];
            if (m->kind != WORD_NEGATION && m->kind != WORD_MOOD) continue;
            const char *at = w->text.p + hits[i].start;
            if (m->kind == WORD_NEGATION && hits[i].start >= 3 && hits[i].end - hits[i].start >= 3 &&
                memcmp(at - 3, w->text.p + hits[i].end - 3, 3) == 0)
                continue;
            if (m->kind == WORD_MOOD && m->target == MOOD_NOW) w->now = true;
            if (m->kind == WORD_MOOD && m->target == MOOD_TURN) w->t->turned = true;
            w->marks[w->n_marks++] = (struct mark){hits[i].start, hits[i].end,
                                                   m->kind == WORD_NEGATION ? MARK_NEGATION : m->target};
        }
    }
}

static bool same_clause(struct str text, u32 from, u32 to, bool sentence)
{
    for (u32 i = from; i < to; i++) {
        char c = text.p[i];
        if (c == '\n' || c == '!' || c == '?') return false;
        if (!sentence && (c == ',' || c == ';')) return false;
        if (i + 3 <= to && memcmp(text.p + i, "。", 3) == 0) return false;
    }
    return true;
}

static bool marked_before(const struct walk *w, int what, u32 start, u32 reach)
{
    for (size_t i = 0; i < w->n_marks; i++)
        if (w->marks[i].what == what && w->marks[i].end <= start && start - w->marks[i].end <= reach &&
            same_clause(w->text, w->marks[i].end, start, false))
            return true;
    return false;
}

/* 实验小学后门 is a place. */
static bool beside(const struct walk *w, u32 end)
{
    for (size_t i = 0; i < w->n_marks; i++)
        if (w->marks[i].what == MOOD_BESIDE && w->marks[i].start >= end &&
            w->marks[i].start - end <= BESIDE_SPAN)
            return true;
    return false;
}

/* 不热情, 没耐心, 不太方便: a character before praise turns it. */
static bool refused(struct str text, u32 start)
{
    static const struct str degrees[] = {STR("太"), STR("很"),   STR("够"),
                                         STR("大"), STR("怎么"), STR("那么")};
    struct str before = {text.p, start};
    for (size_t i = 0; i < ARRAY_LEN(degrees); i++) {
        if (!str_ends(before, degrees[i])) continue;
        before.n -= degrees[i].n;
        break;
    }
    return str_ends(before, STR("不")) || str_ends(before, STR("没")) || str_ends(before, STR("欠"));
}

/* Whether between a negation and what it might cancel something else begins: 没人管就跳楼 denies the help. */
static bool another_clause(struct str between)
{
    static const struct str turns[] = {STR("就"), STR("才"), STR("又"), STR("几天"), STR("多久")};
    for (size_t i = 0; i < ARRAY_LEN(turns); i++)
        if (str_find(between, turns[i]) != SIZE_MAX) return true;
    return false;
}

/* 防止, 避免 and the like say what shall not come, whatever stands between; all others deny what follows at once. */
static bool prevents(const struct walk *w, const struct mark *m)
{
    static const struct str words[] = {STR("防止"), STR("预防"), STR("避免"), STR("以免"), STR("杜绝")};
    const struct str word = {w->text.p + m->start, m->end - m->start};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq(word, words[i])) return true;
    return false;
}

/* Who 没有人 may be said of, as the danger begins: 没有人被困. 家里没人着火了 is a fire. */
static bool befalls(struct str danger)
{
    static const struct str begins[] = {STR("被"), STR("受"), STR("落"), STR("溺"), STR("触"), STR("晕"),
                                        STR("昏"), STR("中"), STR("砸"), STR("撞"), STR("掉"), STR("困"),
                                        STR("埋"), STR("打"), STR("吐"), STR("失"), STR("走")};
    for (size_t i = 0; i < ARRAY_LEN(begins); i++)
        if (str_starts(danger, begins[i])) return true;
    return false;
}

/* Whether nothing but such words stands between a denial and the danger: 没有发生过爆炸. 没关煤气 has a verb of its own there. */
static bool only_fillers(struct str between, struct str danger)
{
    static const struct str fillers[] = {
        STR("有"),   STR("发生"), STR("出现"), STR("发现"), STR("过"),   STR("再"),   STR("任何"),
        STR("什么"), STR("真的"), STR("真"),   STR("看到"), STR("看见"), STR("听到"), STR("闻到"),
        STR("见"),   STR("去"),   STR("要"),   STR("想"),   STR("会"),   STR("被"),   STR("是"),
        STR("说"),   STR("一点"), STR("的"),   STR("没有"), STR("没")};
    while (between.n > 0) {
        size_t n = str_starts(between, STR("人")) && befalls(danger) ? 3 : 0;
        for (size_t i = 0; i < ARRAY_LEN(fillers) && n == 0; i++)
            if (str_starts(between, fillers[i])) n = fillers[i].n;
        if (n == 0) return false;
        between.p += n;
        between.n -= n;
    }
    return true;
}

/* Two negations are none: 不是没有着火. `danger`: only what is surely denied, for a fire that was there is worse than one look in vain;
 * `desperate`: only what is prevented, for nobody is asked to prove that they meant it. */
static bool denied(const struct walk *w, u32 start, bool danger, bool desperate)
{
    unsigned n = 0;
    u32 last = 0;
    for (size_t i = 0; i < w->n_marks; i++) {
        const struct mark *m = &w->marks[i];
        if (m->what != MARK_NEGATION || m->end > start || start - m->end > NEGATION_SPAN ||
            !same_clause(w->text, m->end, start, false))
            continue;
        const struct str between = {w->text.p + m->end, start - m->end};
        if (another_clause(between)) continue;
        if (danger && !prevents(w, m) &&
            (desperate || !only_fillers(between, (struct str){w->text.p + start, w->text.n - start})))
            continue;
        if (n == 0 || m->start >= last) n++;
        last = m->end;
    }
    return n % 2 == 1;
}
static bool negated(const struct walk *w, u32 start) { return denied(w, start, false, false); }

/* What stands right behind the beginning of a danger may say that it is there again: 处理好了煤气又漏了. */
static bool anew(const struct walk *w, u32 from, u32 start)
{
    static const struct str words[] = {STR("又"), STR("再次"), STR("还是"),
                                       STR("仍"), STR("依然"), STR("没好")};
    u32 to = start;
    while (to < w->text.n && to < start + ANEW_SPAN && same_clause(w->text, to, to + 1, false)) to++;
    const struct str around = {w->text.p + from, to - from};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_find(around, words[i]) != SIZE_MAX) return true;
    return false;
}

/* 修好了,又漏了 */
static bool returns(const struct walk *w, u32 over)
{
    u32 to = over;
    while (to < w->text.n && to < over + ANEW_SPAN && same_clause(w->text, to, to + 1, true)) to++;
    const struct str behind = {w->text.p + over, to - over};
    return str_find(behind, STR("又")) != SIZE_MAX || str_find(behind, STR("再次")) != SIZE_MAX;
}

/* 不给钱我就点火, 再不解决我只有去死: what is supposed there is the cause, the danger follows. */
static bool threatens(struct str between, const struct meaning *m)
{
    static const struct str words[] = {STR("就"), STR("我"), STR("俺"), STR("只")};
    for (size_t i = 0; i < (m->desperate ? ARRAY_LEN(words) : 1); i++)
        if (str_find(between, words[i]) != SIZE_MAX) return true;
    return false;
}

/* A danger that has not happened, is long past or is over. What may be a threat (不给钱我就点火) always counts. */
static bool passed(const struct walk *w, const struct meaning *of, u32 start)
{
    for (size_t i = 0; i < w->n_marks; i++) {
        const struct mark *m = &w->marks[i];
        bool before =
            m->end <= start && start - m->end <= MOOD_SPAN && same_clause(w->text, m->end, start, false);
        if (m->what == MOOD_SUPPOSED && before &&
            !threatens((struct str){w->text.p + m->end, start - m->end}, of))
            return true;
        if (w->now || (before && anew(w, m->end, start))) continue;
        if (m->what == MOOD_PAST && before) return true;
        bool after =
            m->start >= start && m->start - start <= OVER_SPAN && same_clause(w->text, start, m->start, true);
        /* 煤气又漏了,上次说修好了; 煤气修好了,又漏了: what was over then is not over now. */
        after = after && !marked_before(w, MOOD_PAST, m->start, MOOD_SPAN) && !returns(w, m->end);
        if (m->what == MOOD_OVER && (before || after) && !negated(w, m->start)) return true;
    }
    return false;
}

/* Whether a word of danger at this place tells of none. */
static bool averted(const struct walk *w, const struct meaning *m, u32 start)
{
    return denied(w, start, m->target == URGENCY_CRITICAL, m->desperate) ||
           (m->target == URGENCY_CRITICAL && passed(w, m, start));
}

/* One word met, or, when `compound` is not NULL, words near each other that mean something together; `pattern` is then nothing. */
static void count(struct walk *w, const struct meaning *m, const struct compound *compound, u32 pattern,
                  u32 start)
{
    struct tally *t = w->t;
    struct str word = compound ? compound->shown : w->r->patterns[pattern].word;
    bool again = !compound && w->seen[pattern] != 0;
    if (again && m->kind != WORD_URGENCY && m->kind != WORD_MISCONDUCT && m->kind != WORD_NAME) return;
    switch (m->kind) {
    case WORD_NAME:
        if (m->weight > (float)t->names[m->target]) {
            t->names[m->target] = (double)m->weight;
            t->name_pattern[m->target] = pattern + 1;
            t->name_at[m->target] = start;
        }
        if (!marked_before(w, MOOD_CALLED, start, CALL_SPAN) && !beside(w, start + (u32)word.n))
            t->accused[m->target] = MAX(t->accused[m->target], (double)m->weight);
        break;
    case WORD_CATEGORY:
        /* 没有收红包 is no matter of discipline, and what only sounds like one hardly is. */
        if (w->r->categories[m->target].confidential && negated(w, start)) break;
        if (w->r->categories[m->target].nature == NATURE_RATE && refused(w->text, start))
            break; /* 不太方便 */
        t->categories[m->target] +=
            (double)m->weight * (m->hint && w->r->categories[m->target].confidential ? FAINT_GRAVE : 1);
        if (!m->hint && t->n_shown < ARRAY_LEN(t->shown)) {
            t->shown[t->n_shown].category = (u32)m->target;
            t->shown[t->n_shown].word = word;
            t->shown[t->n_shown].compound = compound;
            t->shown[t->n_shown++].weight = (double)m->weight;
        }
        break;
    case WORD_NATURE:
        if (!marked_before(w, MOOD_DENIED, start, DENIAL_SPAN)) t->natures[m->target] += (double)m->weight;
        break;
    case WORD_URGENCY:
        if (denied(w, start, m->target == URGENCY_CRITICAL, m->desperate)) break;
        if (m->target == URGENCY_CRITICAL && passed(w, m, start)) { /* still a reason to look soon */
            t->urgencies[URGENCY_URGENT] += (double)m->weight;
            break;
        }
        if (again && t->urgencies[m->target] > 0) break;
        t->urgencies[m->target] += (double)m->weight;
        if (m->target == URGENCY_CRITICAL && t->critical.n == 0) t->critical = word;
        break;
    case WORD_UNIT:
        t->topics[m->target] += (double)m->weight;
        break;
    case WORD_PLACE:
        t->places[m->target] = MAX(t->places[m->target], (double)m->weight);
        break;
    case WORD_MISCONDUCT:
        if (negated(w, start) || (again && t->misconduct > 0)) break;
        t->misconduct += (double)m->weight;
        if (t->misconduct_word.n == 0) t->misconduct_word = word;
        break;
    case WORD_CONDUCT:
        t->conduct += (double)m->weight;
        break;
    case WORD_GRIPE:
        if (!negated(w, start)) t->gripe += (double)m->weight;
        break;
    case WORD_PRAISE:
        t->praise += negated(w, start) || refused(w->text, start) ? 0 : (double)m->weight;
        break;
    case WORD_REQUEST:
        t->request += (double)m->weight;
        break;
    case WORD_LEGALPATH:
        if (t->lawful_way.n == 0) {
            t->lawful_way = m->value;
            t->lawful_word = word;
        }
        break;
    case WORD_NEGATION:
    case WORD_MOOD:
    case WORD_PART:
    case WORD_KINDS:
        break;
    }
}

static int by_number(const void *a, const void *b)
{
    u32 x = *(const u32 *)a, y = *(const u32 *)b;
    return x < y ? -1 : x > y;
}

/* Those whose first part was met, in the order of the table. */
static bool count_compounds(struct walk *w, struct arena *a)
{
    const struct routing *r = w->r;
    size_t n = 0, max = 0;
    for (size_t i = 0; i < w->n_met; i++) max += r->heads[w->met[i] + 1] - r->heads[w->met[i]];
    u32 *begun = arena_alloc(a, (max + 1) * sizeof *begun);
    if (begun == NULL) return false;
    for (size_t i = 0; i < w->n_met; i++)
        for (u32 k = r->heads[w->met[i]]; k < r->heads[w->met[i] + 1]; k++) begun[n++] = r->headed[k];
    qsort(begun, n, sizeof *begun, by_number);
    ASSERT(n == 0 || r->compounds != NULL);
    for (size_t i = 0; i < n; i++) {
        const struct compound *c = &r->compounds[begun[i]];
        u32 start;
        if (near_each_other(w, c, &start)) count(w, &c->meaning, c, 0, start);
    }
    return true;
}

/* Whether a side stands near `head`, which is no place of its own. */
static bool stands_near(const struct walk *w, const struct occurrence *o, u32 head, bool deniable)
{
    u32 low = 0, high = o->n, from = head > COMPOUND_SPAN ? head - COMPOUND_SPAN : 0;
    while (low < high) {
        u32 mid = low + (high - low) / 2;
        if (o->start[mid] < from)
            low = mid + 1;
        else
            high = mid;
    }
    for (u32 j = low; j < o->n && o->start[j] <= head + COMPOUND_SPAN; j++)
        if (o->start[j] != head && !(deniable && negated(w, o->start[j]))) return true;
    return false;
}

/* The first place where all sides stand near each other; of a danger the first that is there. */
static bool near_each_other(const struct walk *w, const struct compound *c, u32 *start_r)
{
    const struct occurrence *head = &w->slots[c->slots[0]];
    /* Who alleges names all of it; of danger the parts may stand beside a 没 or 不 of their own (不下来). */
    bool misconduct = c->meaning.kind == WORD_MISCONDUCT, found = false;
    bool deniable =
        misconduct || (c->meaning.kind == WORD_CATEGORY && w->r->categories[c->meaning.target].confidential);
    for (u32 k = 1; k < c->n; k++)
        if (w->slots[c->slots[k]].n == 0) return false;
    for (u32 i = 0; i < head->n; i++) {
        u32 at = head->start[i];
        bool all = true;
        for (u32 k = 1; k < c->n && all; k++) all = stands_near(w, &w->slots[c->slots[k]], at, deniable);
        if (!all) continue;
        if (!found) *start_r = at;
        found = true;
        bool taken_back = misconduct                        ? negated(w, at)
                          : c->meaning.kind == WORD_URGENCY ? averted(w, &c->meaning, at)
                                                            : false;
        if (taken_back) continue;
        *start_r = at;
        break;
    }
    return found;
}
