#include "core/placename.h"
#include "core/glyph.h"
#include "core/shingles.h"
#include "base/utf8.h"
#include <string.h>

#define EXTENDS    4 /* characters of a label before those of the key */
#define NAME_MOST  6 /* of a key, before the sign */
#define NUMBER_MAX 399

enum kind { STREET, COMPOUND, VILLAGE, PUBLIC, TOWN };

/* The longer stand before what they begin with. `behind`: what makes another word of it (路灯, 村民, 小学生). */
static const struct {
    const char *sign;
    enum kind kind;
    const char *behind;
} signs[] = {
    {"大道", STREET, ""},
    {"胡同", STREET, ""},
    {"街道", TOWN, ""},
    {"路", STREET, "灯面人线政由过况障基牌费程网桥遇途径数燈線過況"},
    {"街", STREET, "坊头區区道头"},
    {"巷", STREET, "道战"},
    {"家属院", COMPOUND, ""},
    {"花园", COMPOUND, ""},
    {"家园", COMPOUND, ""},
    {"新村", COMPOUND, "民委"},
    {"公寓", COMPOUND, ""},
    {"花苑", COMPOUND, ""},
    {"佳苑", COMPOUND, ""},
    {"名苑", COMPOUND, ""},
    {"名邸", COMPOUND, ""},
    {"名都", COMPOUND, ""},
    {"华庭", COMPOUND, ""},
    {"宿舍", COMPOUND, ""},
    {"小区", COMPOUND, ""},
    {"苑", COMPOUND, ""},
    {"社区", VILLAGE, ""},
    {"村", VILLAGE, "民委干支主镇组规"},
    {"寨", VILLAGE, ""},
    {"农贸市场", PUBLIC, "监"},
    {"批发市场", PUBLIC, "监"},
    {"集贸市场", PUBLIC, "监"},
    {"菜市场", PUBLIC, "监"},
    {"幼儿园", PUBLIC, ""},
    {"工业园", PUBLIC, "长"},
    {"产业园", PUBLIC, "长"},
    {"卫生院", PUBLIC, ""},
    {"养老院", PUBLIC, ""},
    {"敬老院", PUBLIC, ""},
    {"公园", PUBLIC, ""},
    {"广场", PUBLIC, "舞"},
    {"大厦", PUBLIC, ""},
    {"商场", PUBLIC, ""},
    {"景区", PUBLIC, ""},
    {"医院", PUBLIC, ""},
    {"小学", PUBLIC, "生"},
    {"中学", PUBLIC, "生"},
    {"大桥", PUBLIC, ""},
    {"水库", PUBLIC, ""},
    {"镇", TOWN, ""},
    {"乡", TOWN, "村下"},
};
/* No name has them; what stands before them belongs to the sentence. */
static const char parting[] =
    "在到于从去往是的与及跟或把被对这那哪某该每各我你您他她它们内个了都也还就很让给因着过来没不请说走修问"
    "找叫住条段处号全整本为有由至和离旁边面口另其两几";
/* …nor has what stands directly before the sign of a street: 道路, 马路, 回路, 让路. */
static const char no_street[] =
    "道公马铁网气回半一跑停封送辅指顺限上下进带让堵拦占挖断短电思套出铺手认迷赶绕养筑各线后前支干主老旧好破烂外丝退销双末筹财水歧";
/* …of anything else: 老小区, 破公园. */
static const char bare[] = "老旧好破烂坏空穷主外进给送看要交转拉";
/* …of a school, a hospital, a park: one goes there (孩子上小学), and 大医院 is any. */
static const char no_public[] = "上下去大医转换读考住逛";
static const char no_town[] = "乡村城集小市老下返故家回异他进入区";
/* With 路, 村, 镇 … before it a single character is left of the name, and every town has that one. */
static const char ends_place[] = "路街巷村镇乡区";
/* Pairs that name nothing. */
static const char *const generic[] = {
    "附近", "旁边", "周边", "周围", "隔壁", "对面", "后面", "前面", "里面", "外面", "门口", "中间", "楼下",
    "楼上", "屋后", "屋前", "门前", "门后", "边上", "上面", "下面", "新建", "在建", "高档", "高端", "商业",
    "住宅", "安置", "回迁", "拆迁", "还建", "廉租", "公租", "保障", "封闭", "开放", "别墅", "居民", "职工",
    "单位", "学生", "员工", "教师", "教工", "农村", "乡村", "城乡", "全体", "所在", "多数", "许多", "同一",
    "大型", "小型", "中型", "市区", "城区", "县城", "城市", "街上", "当地", "县级", "市级", "区级", "公立",
    "私立", "民办", "民营", "公办", "基层", "定点", "三甲", "专科", "综合", "附属", "水泥", "柏油", "沥青",
    "泥巴", "石子", "砂石", "泥土", "土石", "通村", "通组", "入户", "进村", "出村", "断头", "人行", "高速",
    "上学", "放学", "上班", "下班", "回家", "出行", "机耕", "生产", "盘山", "沿街", "临街", "背街", "大街",
    "小街", "小巷", "小区", "社区", "家属", "学校", "校园", "公园", "花园", "家园", "广场", "物业", "业主",
    "国家", "人家", "大家", "共建", "美丽", "空中", "开发", "贫困", "行政", "自然", "搬迁", "移民", "示范",
    "文明", "和谐", "智慧", "平安", "完整", "无物", "三无", "硬化", "拓宽", "打通", "通往", "占用", "破损",
    "乱挖", "道路", "主干", "次干", "十字", "丁字", "三岔", "夜市", "美食", "小吃", "游乐", "室外", "户外",
    "儿童", "老年", "单身", "青年", "集体", "家里", "村里", "镇里", "区里", "县里", "市里", "城里", "正规",
    "宠物", "整形", "口腔", "男科", "妇科", "眼科", "重点", "初级", "高级", "希望", "大小", "主要", "楼房",
    "电梯", "多层", "高层", "老式", "落后", "相邻", "毗邻", "多个", "部分", "网红", "沿线", "一条", "这条",
    "那条", "整条", "乡镇", "村镇", "偏远", "山区", "边远", "引水", "自来", "灌溉", "饮用", "跨江", "跨河",
    "过江", "高架", "立交", "工业", "科技", "电商", "物流", "产业", "创业", "上级", "下级", "反映", "知道",
    "自称", "结果", "自己", "建议", "冤枉", "闲置", "领导", "私家", "私人", "通知", "最近", "检查", "怎么",
    "转办", "投诉", "举报", "咨询", "要求", "现在", "已经", "昨天", "今天", "晚上", "早上", "第一", "第二",
    "人民", "改造", "整治", "管理", "建设",
};
/* …with two characters more before them they do: 阳光国际小区, 望江中心小学. */
static const char *const half[] = {"国际", "世纪", "新城", "名城", "东区", "西区", "南区",
                                   "北区", "中心", "一期", "二期", "三期", "四期"};
/* Of these one is as good a name as any, and most districts have one. */
static const char *const spared[] = {"人民路",   "人民街",   "人民大道", "人民公园", "人民广场", "人民医院",
                                     "建设路",   "建设街",   "建设大道", "平安路",   "平安大道", "希望路",
                                     "国际广场", "世纪大道", "世纪广场", "中心广场", "中心公园", "市民广场",
                                     "工业路",   "工业大道", "科技路",   "科技大道", "文明路",   "和谐路",
                                     "创业路",   "中心医院", "老年公园", "儿童公园", "人民小学", "第一小学",
                                     "第二小学", "第一中学", "第二中学", "第一医院", "第二医院"};

struct reading {
    u32 c[SHINGLES_POINTS];
    size_t n;
    struct placenames *out;
    bool villas;
    size_t street_end; /* behind the street before, 0: none */
    struct placename street;
};

static bool stands_in(const char *set, u32 c)
{
    const struct str s = str_of(set);
    for (size_t at = 0; at < s.n;)
        if (utf8_next(s, &at) == (i64)c) return true;
    return false;
}

/* How many characters of `word` stand at `at`: all or 0. */
static size_t word_at(const struct reading *r, size_t at, const char *word)
{
    const struct str w = str_of(word);
    size_t n = 0;
    for (size_t k = 0; k < w.n; n++)
        if (at + n >= r->n || utf8_next(w, &k) != (i64)r->c[at + n]) return 0;
    return n;
}

static bool any_at(const struct reading *r, size_t at, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (word_at(r, at, words[i])) return true;
    return false;
}

/* A character that may stand in a name. 和 may begin one (和平路), but joins two behind the sign of a place. */
static bool nameable(const struct reading *r, size_t at)
{
    const u32 c = r->c[at];
    if (!glyph_han(c)) return false;
    if (c == 0x548c)
        return (at == 0 || !stands_in(ends_place, r->c[at - 1])) && at + 1 < r->n && r->c[at + 1] == 0x5e73;
    return !stands_in(parting, c);
}

static void put_points(const struct reading *r, size_t from, size_t to, struct text *t)
{
    for (size_t i = from; i < to; i++) utf8_put(t, r->c[i]);
}

static void put_z(struct text *t, char *out, size_t cap)
{
    const size_t n = utf8_count(text_str(t)) ? MIN(t->n, cap - 1) : 0;
    memcpy(out, t->p ? t->p : "", t->overflow ? 0 : n);
    out[t->overflow ? 0 : n] = 0;
    text_free(t);
}

static void add(struct reading *r, const struct placename *p)
{
    if (!p->key[0] || !p->label[0] || r->out->n == PLACENAMES) return;
    for (size_t i = 0; i < r->out->n; i++)
        if (strcmp(r->out->all[i].key, p->key) == 0) return;
    r->out->all[r->out->n++] = *p;
}

/* --- names --- */

/* How many characters before the sign at `at` are the key's; 0: it names no place. */
static size_t name_of(const struct reading *r, size_t at, enum kind kind)
{
    if (at < 2 || !nameable(r, at - 1) || !nameable(r, at - 2) || stands_in(ends_place, r->c[at - 2]))
        return 0;
    const u32 last = r->c[at - 1];
    const bool more = at >= 3 && nameable(r, at - 3) && !stands_in(ends_place, r->c[at - 3]);
    if (stands_in(kind == STREET ? no_street : kind == TOWN ? no_town : bare, last)) return 0;
    if (kind == PUBLIC && stands_in(no_public, last)) return 0;
    if (any_at(r, at - 2, half, ARRAY_LEN(half)) && !any_at(r, at - 2, spared, ARRAY_LEN(spared))) {
        /* 望江镇中心小学 and 望江中心小学 are one: the key leaves the sign of the town out (put_key). */
        if (at >= 5 && stands_in("镇乡", r->c[at - 3]) && nameable(r, at - 4) && nameable(r, at - 5))
            return 5;
        return more && at >= 4 && nameable(r, at - 4) && !any_at(r, at - 4, generic, ARRAY_LEN(generic)) ? 4
                                                                                                         : 0;
    }
    if (any_at(r, at - 2, generic, ARRAY_LEN(generic)) && !any_at(r, at - 2, spared, ARRAY_LEN(spared)))
        return 0;
    return kind == STREET && more && stands_in("东西南北中", last) ? 3 : 2;
}

static void put_key(const struct reading *r, size_t at, size_t n, size_t sign, enum kind kind, struct text *t)
{
    for (size_t i = at - n; i < at; i++)
        if (n < 5 || !stands_in("镇乡", r->c[i])) utf8_put(t, r->c[i]);
    if (kind == COMPOUND)
        text_addz(t, "小区"); /* people say 竹影花园, 竹影苑 and 竹影小区 of one */
    else
        put_points(r, at, at + sign, t);
}

static struct placename named(const struct reading *r, size_t at, size_t n, size_t sign, enum kind kind)
{
    struct placename p = {.narrow = false};
    struct text key, label;
    size_t from = at - n;
    text_init(&key, PLACENAME_MAX - 1);
    text_init(&label, PLACENAME_MAX - 1);
    put_key(r, at, n, sign, kind, &key);
    for (size_t i = 0;
         i < EXTENDS && from > 0 && nameable(r, from - 1) && !stands_in(ends_place, r->c[from - 1]); i++)
        from--;
    put_points(r, from, at + sign, &label);
    put_z(&key, p.key, sizeof p.key);
    put_z(&label, p.label, sizeof p.label);
    return p;
}

/* --- buildings --- */

static int numeral(u32 c)
{
    static const char digits[] = "零一二三四五六七八九十";
    const struct str s = str_of(digits);
    const int d = glyph_digit(c);
    if (d >= 0) return d;
    int value = 0;
    for (size_t at = 0; at < s.n; value++)
        if (utf8_next(s, &at) == (i64)c) return value;
    return -1;
}

/* 3, 12, 三, 十二, 二十三; *at moves behind it; 0: none. */
static unsigned number_at(const struct reading *r, size_t *at)
{
    unsigned value = 0;
    bool tens = false;
    for (int d; *at < r->n && value <= NUMBER_MAX && (d = numeral(r->c[*at])) >= 0; (*at)++) {
        if (d == 10) {
            value = (value ? value : 1) * 10;
            tens = true;
        } else {
            value = tens ? value + (unsigned)d : value * 10 + (unsigned)d;
            tens = false;
        }
    }
    return value <= NUMBER_MAX ? value : 0;
}

/* The building that is named behind a compound, if it is one in which many live. */
static void add_building(struct reading *r, size_t at, const struct placename *compound)
{
    static const char *const ends[] = {"号楼", "号栋", "栋", "幢", "座", "棟"};
    struct placename p = {.narrow = true};
    struct text key, label;
    while (at < r->n && (stands_in("的里内第", r->c[at]) || glyph_blank(r->c[at]))) at++;
    const unsigned number = number_at(r, &at);
    if (number == 0 || r->villas || !any_at(r, at, ends, ARRAY_LEN(ends))) return;
    text_init(&key, PLACENAME_MAX - 1);
    text_init(&label, PLACENAME_MAX - 1);
    text_addf(&key, "%s%u号楼", compound->key, number);
    text_addf(&label, "%s%u号楼", compound->label, number);
    put_z(&key, p.key, sizeof p.key);
    put_z(&label, p.label, sizeof p.label);
    add(r, &p);
}

/* --- crossings --- */

/* Two streets side by side and a word for where they meet. */
static void add_crossing(struct reading *r, size_t begins, size_t at, const struct placename *street)
{
    static const char *const meets[] = {"口",   "路口", "街口", "交叉", "交汇", "交会",   "交界",
                                        "相交", "拐角", "转角", "十字", "丁字", "红绿灯", "三岔"};
    const struct placename *first = &r->street, *second = street;
    struct placename p = {.narrow = true};
    struct text key, label;
    if (!r->street_end || begins < r->street_end || begins - r->street_end > 2) return;
    while (at < r->n && (stands_in("的处那", r->c[at]))) at++;
    if (!any_at(r, at, meets, ARRAY_LEN(meets))) return;
    if (strcmp(first->key, second->key) > 0) first = street, second = &r->street;
    text_init(&key, PLACENAME_MAX - 1);
    text_init(&label, PLACENAME_MAX - 1);
    text_addf(&key, "%s×%s", first->key, second->key);
    text_addf(&label, "%s与%s路口", first->key, second->key);
    put_z(&key, p.key, sizeof p.key);
    put_z(&label, p.label, sizeof p.label);
    add(r, &p);
}

/* --- the text --- */

static void take(struct reading *r, size_t at, size_t sign, enum kind kind)
{
    const size_t n = name_of(r, at, kind);
    if (n == 0) return;
    if (kind == TOWN) {
        struct text town;
        if (r->out->town[0]) return;
        text_init(&town, sizeof r->out->town - 1);
        put_points(r, at - 2, at, &town);
        put_z(&town, r->out->town, sizeof r->out->town);
        return;
    }
    const struct placename p = named(r, at, n, sign, kind);
    if (kind == COMPOUND) add_building(r, at + sign, &p);
    if (kind == STREET) add_crossing(r, at - n, at + sign, &p);
    add(r, &p);
    r->street_end = kind == STREET ? at + sign : 0;
    if (kind == STREET) r->street = p;
}

void placenames_of(struct str clean_masked, struct placenames *p_r)
{
    static const char *const villas[] = {"别墅", "独栋", "联排", "叠拼", "排屋"};
    struct reading r = {.out = p_r};
    *p_r = (struct placenames){.n = 0};
    for (size_t at = 0; at < clean_masked.n && r.n < ARRAY_LEN(r.c);) {
        const i64 c = utf8_next(clean_masked, &at);
        r.c[r.n++] = c < 0 ? 0 : glyph_fold((u32)c);
    }
    for (size_t i = 0; i < r.n && !r.villas; i++) r.villas = any_at(&r, i, villas, ARRAY_LEN(villas));
    for (size_t i = 2; i < r.n; i++) {
        for (size_t k = 0; k < ARRAY_LEN(signs); k++) {
            const size_t n = word_at(&r, i, signs[k].sign);
            if (n == 0) continue;
            if (i + n >= r.n || !stands_in(signs[k].behind, r.c[i + n])) take(&r, i, n, signs[k].kind);
            i += n - 1;
            break;
        }
    }
}
