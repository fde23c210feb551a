#include "core/glyph.h"
#include "core/redact_part.h"
#include <string.h>

/* Names have no form of their own, so a name is believed only where the writer says it is one: after words like
 * 我叫, after a label with a colon, alone right before a telephone number, or with 某 instead of the given name. */

/* Surnames that are hardly ever the start of another word after 我是, 本人, 村民 … */
static const char plain_surnames[] =
    "王李张張刘劉陈陳杨楊赵趙吴吳周徐孙孫朱胡郭罗羅郑鄭梁谢謝宋唐韩韓冯馮邓鄧曹彭肖萧蕭董袁潘蒋蔣蔡杜苏蘇"
    "魏吕呂丁沈姚卢盧姜崔谭譚陆陸汪廖贾賈韦韋邹鄒熊邱薛闫阎閻侯陶贺賀郝龚龔邵覃戴莫孔尹赖翟庞樊兰殷施洪翁倪"
    "芦聂焦柳邢岳梅俞欧阮裴褚娄屈卞郁庄辛甄祁舒项祝阳詹";
/* Surnames that are ordinary words too. */
static const char doubtful_surnames[] =
    "何高林马馬郭夏金于和向任石方白江龙龍万萬武黄黃田叶葉常秦温溫童黎章孟许許钱錢严嚴曾程顾顧余段毛史汤湯付"
    "钟鐘鍾范傅鲁牛葛左符申耿游乔喻管涂安齐康伍毕丘岑盛单季尚米宁文古易骆路明时";
static const char *const compounds[] = {"欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛",
                                        "东方", "皇甫", "尉迟", "公孙", "慕容", "司徒", "令狐",
                                        "夏侯", "端木", "南宫", "独孤", "轩辕"};
/* Never the first or second character of a given name. */
static const char never_given[] =
    "的了是在我你您他她它们這这那哪不没沒很请請打电電说說讲講要把被就也都还還吗嗎呢吧啊呀哦嘛么麼什吃去到给給"
    "从從"
    "对對向因为為跟或但而且该該让讓想做过過着只再才将將某住系和与與及县县村镇鎮乡鄉区區局部";
/* With these a sentence goes on behind a name. */
static const char goes_on[] = "请請打电電说說讲講要把被就也都在的了是我你他她不没沒今昨明现現住家系男女和与與"
                              "跟及手联聯身实實反举舉投申去到来來给給从從"
                              "对對因将將向等先同";
static const char *const not_names[] = {
    "周末", "周边", "周围", "周期", "陆续", "胡乱", "谢谢", "謝謝", "张贴", "陈述", "董事", "罗列", "高中",
    "高速", "高度", "高层", "金属", "林业", "马上", "马路", "黄金", "黄色", "常住", "常年", "安置", "方便",
    "方面", "万一", "白天", "石材", "江边", "温馨", "任何", "任务", "许可", "许多", "钱款", "严重", "曾经",
    "程序", "顾客", "余额", "段时", "管理", "单位", "单亲", "路过", "路人", "路边", "文明", "文件", "明天",
    "时间", "申请", "康复", "游客", "安全", "向上", "和平", "何时", "何人", "何事", "于是", "马桶", "史上",
    "毛坯", "左右", "左边", "牛奶", "单元", "季度", "米粉", "古镇", "古城", "项目", "祝您", "祝你", "施工",
    "兰花", "欧元", "安保", "安装", "宁可", "齐全", "尚未", "洪水", "洪涝", "叶子"};
static const char role_endings[] =
    "村镇组社区厂店校员工主户民生人师长总姐哥叔婶妈爸家队部站所局院医公司方货车楼栋路街者委办";

/* Surnames that are little words as well, and what follows 某 when it is no person: 于某日, 向某单位. */
static const char prepositions[] = "向于和任时管安单左路明对文";
static const char things[] = "种些个天日处地项类单部局公企领干年月村镇小家机学医工";

struct point {
    u32 c;
    size_t at, end;
};

static size_t read_ahead(struct str s, size_t at, struct point *p, size_t max)
{
    size_t n = 0;
    while (n < max) {
        struct point one = {.at = at};
        i64 c = glyph_next(s, &at);
        if (c < 0) break;
        one.c = (u32)c;
        one.end = at;
        p[n++] = one;
    }
    return n;
}

static bool boundary(const struct point *p, size_t n, size_t i)
{
    return i >= n || !glyph_han(p[i].c) || in_set(p[i].c, goes_on);
}

static bool listed(struct str s, size_t at, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (word_at(s, at, words[i])) return true;
    return false;
}

enum belief {
    SURE,   /* 我叫…: any surname, the end is guessed */
    MARKED, /* 姓名：…: any surname, something must end the name */
    CAREFUL /* 本人…, 村民…: plain surnames only, and not a role or a place */
};

/* The end of the name that begins at `at`, or 0. */
static size_t name_end(struct str s, size_t at, enum belief belief)
{
    struct point p[7];
    size_t n = read_ahead(s, at, p, ARRAY_LEN(p)), sur = 1;
    if (n < 2 || !glyph_han(p[0].c)) return 0;
    bool plain = in_set(p[0].c, plain_surnames);
    if (listed(s, at, compounds, ARRAY_LEN(compounds)))
        sur = 2;
    else if (!plain && !in_set(p[0].c, doubtful_surnames))
        return 0;
    /* 钱七, 马六: a numeral for a given name makes even a doubtful surname one; 高三 and 万一 are something else. */
    else if (!plain && belief == CAREFUL && p[1].c != U'某' &&
             !(in_set(p[1].c, "三四五六七八九十") && boundary(p, n, 2) && !in_set(p[0].c, "高万萬单段米")))
        return 0;
    if (sur == 1 && p[1].c == U'某') {
        if (in_set(p[0].c, prepositions) && n > 2 && in_set(p[2].c, things)) return 0;
        if (n > 2 && p[2].c == U'某') return p[2].end;
        if (n > 2 && glyph_han(p[2].c) && !in_set(p[2].c, never_given) && !in_set(p[2].c, goes_on) &&
            boundary(p, n, 3))
            return p[2].end;
        return p[1].end;
    }
    if (listed(s, at, not_names, ARRAY_LEN(not_names))) return 0;
    /* 张 三: a form with a blank between. */
    if (belief != CAREFUL && n > 2 && p[1].c == ' ' && glyph_han(p[2].c) && !in_set(p[2].c, never_given) &&
        (n == 3 || !glyph_han(p[3].c)))
        return p[2].end;
    if (n <= sur || !glyph_han(p[sur].c) || in_set(p[sur].c, never_given)) return 0;
    bool longer = n > sur + 1 && glyph_han(p[sur + 1].c) && !in_set(p[sur + 1].c, never_given) &&
                  !(in_set(p[sur + 1].c, goes_on) && !boundary(p, n, sur + 2));
    /* A character that may also go on with the sentence is a name's only when the name would end there anyway. */
    if (longer && in_set(p[sur + 1].c, goes_on) && n > sur + 2 && glyph_han(p[sur + 2].c)) longer = false;
    if (longer && in_set(p[sur + 1].c, "请電电打住说在要联手身实我今现")) longer = false;
    size_t last = longer && (boundary(p, n, sur + 2) || belief == SURE) ? sur + 1 : sur;
    if (last == sur && !boundary(p, n, sur + 1)) {
        if (belief != SURE) return 0;
    }
    if (belief == CAREFUL && in_set(p[last].c, role_endings)) return 0;
    return p[last].end;
}

static const struct {
    const char *word;
    enum belief bare;
    bool bare_ok;
} triggers[] = {
    {"我的名字是", SURE, true}, {"我的名字叫", SURE, true}, {"名字叫", SURE, true},
    {"名字是", MARKED, true},   {"我叫做", SURE, true},     {"我叫", SURE, true},
    {"本人叫", SURE, true},     {"本人姓名", MARKED, true}, {"名叫", SURE, true},
    {"儿子叫", SURE, true},     {"女儿叫", SURE, true},     {"孩子叫", SURE, true},
    {"老公叫", SURE, true},     {"老婆叫", SURE, true},     {"父亲叫", SURE, true},
    {"母亲叫", SURE, true},     {"爱人叫", SURE, true},     {"丈夫叫", SURE, true},
    {"妻子叫", SURE, true},     {"弟弟叫", SURE, true},     {"哥哥叫", SURE, true},
    {"老人叫", SURE, true},     {"姓名", CAREFUL, true},    {"真名", MARKED, true},
    {"联系人", CAREFUL, true},  {"聯繫人", CAREFUL, true},  {"聯絡人", CAREFUL, true},
    {"反映人", CAREFUL, true},  {"举报人", CAREFUL, true},  {"舉報人", CAREFUL, true},
    {"投诉人", CAREFUL, true},  {"申请人", CAREFUL, true},  {"当事人", CAREFUL, true},
    {"来电人", CAREFUL, true},  {"求助人", CAREFUL, true},  {"信访人", CAREFUL, true},
    {"委托人", CAREFUL, true},  {"收款人", CAREFUL, true},  {"收件人", CAREFUL, true},
    {"寄件人", CAREFUL, true},  {"署名", CAREFUL, true},    {"落款", CAREFUL, true},
    {"签名", CAREFUL, true},    {"户主", CAREFUL, true},    {"户名", CAREFUL, true},
    {"患者", CAREFUL, true},    {"业主", CAREFUL, true},    {"村民", CAREFUL, true},
    {"居民", CAREFUL, true},    {"住户", CAREFUL, true},    {"法人", CAREFUL, true},
    {"家长", CAREFUL, true},    {"学生", CAREFUL, true},    {"司机", CAREFUL, true},
    {"职工", CAREFUL, true},    {"我是", CAREFUL, true},    {"本人", CAREFUL, true},
    {"转到", CAREFUL, true},    {"转给", CAREFUL, true},    {"打给", CAREFUL, true},
    {"汇给", CAREFUL, true},    {"联系", CAREFUL, false},   {"我姓名", MARKED, true},
    {"署名人", MARKED, true},   {"产权人", CAREFUL, true},  {"执行人", CAREFUL, true},
    {"登记人", CAREFUL, true},  {"承租人", CAREFUL, true},  {"车主", CAREFUL, true},
    {"机主", CAREFUL, true},
};

/* 吴某, 孙某某 anywhere. Surnames that are prepositions (向某单位, 于某日) only count before a second 某 or a mark. */
static size_t some_one(struct str s, size_t at, size_t floor)
{
    struct point p[4];
    size_t n = read_ahead(s, at, p, ARRAY_LEN(p));
    if (n < 2 || p[1].c != U'某' || !glyph_han(p[0].c)) return 0;
    bool doubtful = in_set(p[0].c, prepositions);
    if (!in_set(p[0].c, plain_surnames) && !in_set(p[0].c, doubtful_surnames)) return 0;
    bool twice = n > 2 && p[2].c == U'某';
    size_t last = twice ? 2 : 1;
    if (n > last + 1 && in_set(p[last + 1].c, doubtful ? things : "种些个天日处地项类单部局")) return 0;
    i64 c = before_char(s, at, floor);
    if (doubtful && !(c < 0 || !glyph_han((u32)c) || in_set((u32)c, "叫是人"))) return 0;
    return p[last].end;
}

bool redact_somebody(struct str s, size_t at, size_t floor, struct redact_span *span_r)
{
    size_t end = some_one(s, at, floor);
    *span_r = (struct redact_span){at, end, REDACT_NAME};
    return end != 0;
}

bool redact_name(struct str s, size_t at, struct redact_span *span_r)
{
    for (size_t i = 0; i < ARRAY_LEN(triggers); i++) {
        bool marked;
        size_t name = word_at(s, at, triggers[i].word);
        if (!name) continue;
        name = skip_fillers(s, name, &marked);
        if (!marked && !triggers[i].bare_ok) continue;
        enum belief belief = triggers[i].bare;
        if (belief == CAREFUL && marked) belief = MARKED;
        size_t end = name_end(s, name, belief);
        if (!end) continue;
        *span_r = (struct redact_span){name, end, REDACT_NAME};
        return true;
    }
    return false;
}

bool redact_name_before(struct str s, size_t number, size_t floor, struct redact_span *span_r)
{
    static const char *const labels[] = {"联系电话", "聯繫電話", "联系方式", "手机号码", "手机号", "电话号码",
                                         "手机",     "手機",     "电话",     "電話",     "tel",    "联系"};
    struct before b;
    before_read(s, number, floor, &b);
    size_t k = 0;
    while (k < b.n && in_set(b.c[k], ":,.(-，。、；;=是")) k++;
    for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
        struct before rest = b;
        rest.n = b.n - k;
        memmove(rest.c, b.c + k, rest.n * sizeof *rest.c);
        if (!before_ends(&rest, &labels[i], 1)) continue;
        for (struct str w = str_of(labels[i]); w.n; k++) w.n -= (u8)w.p[0] >= 0xe0 ? 3 : 1;
        break;
    }
    while (k < b.n && in_set(b.c[k], ":,.(-，。、；;")) k++;
    size_t han = 0;
    while (k + han < b.n && glyph_han(b.c[k + han])) han++;
    /* 请联系孙八154…: only what stands behind such a word. */
    for (size_t n = 2; n <= 3 && n < han; n++)
        if (in_set(b.c[k + n], "系繫找叫给給") && in_set(b.c[k + n - 1], plain_surnames)) han = n;
    if (han < 2 || han > 3 || k + han == BEFORE_MAX) return false;
    size_t start = b.at[k + han - 1];
    if (!in_set(b.c[k + han - 1], plain_surnames) || listed(s, start, not_names, ARRAY_LEN(not_names)))
        return false;
    for (size_t i = 0; i + 1 < han; i++)
        if (in_set(b.c[k + i], never_given)) return false;
    if (in_set(b.c[k], role_endings)) return false;
    size_t end = b.at[k];
    (void)glyph_next(s, &end);
    *span_r = (struct redact_span){start, end, REDACT_NAME};
    return end <= number;
}
