/* Finding and masking personal data: rows of our own, then the labelled texts of the sample district. */
#include "base/utf8.h"
#include "core/redact.h"
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* Finds as "kind:words|kind:words". */
static const char *finds(struct str s, struct text *out)
{
    struct redact_span spans[64];
    size_t n = redact_find(s, spans, ARRAY_LEN(spans)), last = 0;
    text_clear(out);
    for (size_t i = 0; i < n; i++) {
        assert_true(spans[i].start >= last && spans[i].end > spans[i].start && spans[i].end <= s.n);
        last = spans[i].end;
        if (i) text_addc(out, '|');
        text_addz(out, redact_word(spans[i].kind));
        text_addc(out, ':');
        text_add(out, (struct str){s.p + spans[i].start, spans[i].end - spans[i].start});
    }
    return text_z(out);
}

static const struct {
    const char *words, *found;
} rows[] = {
    /* mobiles */
    {"15411628392", "phone:15411628392"},
    {"回我154 7213 5506", "phone:154 7213 5506"},
    {"电话154-9345-9171谢谢", "phone:154-9345-9171"},
    {"电话１５４７７９６６６９８。", "phone:１５４７７９６６６９８"},
    {"回我+8615416035965", "phone:+8615416035965"},
    {"+86 154 1603 5965", "phone:+86 154 1603 5965"},
    {"(+86)154-1603-5965", "phone:(+86)154-1603-5965"},
    {"（+86）15416035965", "phone:（+86）15416035965"},
    {"＋８６－１５４１６０３５９６５", "phone:＋８６－１５４１６０３５９６５"},
    {"008615416035965", "phone:008615416035965"},
    {"0086-154-1603-5965", "phone:0086-154-1603-5965"},
    {"8615416035965", "phone:8615416035965"},
    {"86 15416035965", "phone:86 15416035965"},
    {"154\u200b1603\u200b5965", "phone:154\u200b1603\u200b5965"},
    {"1\u200b5\u200b4\u200b1\u200b6\u200b0\u200b3\u200b5\u200b9\u200b6\u200b5",
     "phone:1\u200b5\u200b4\u200b1\u200b6\u200b0\u200b3\u200b5\u200b9\u200b6\u200b5"},
    {"1️⃣5️⃣4️⃣1️⃣6️⃣0️⃣3️⃣5️⃣9️⃣6️⃣5️⃣",
     "phone:1️⃣5️⃣4️⃣1️⃣6️⃣0️⃣3️⃣5️⃣9️⃣6️⃣5"},
    {"1 5 4 1 6 0 3 5 9 6 5", "phone:1 5 4 1 6 0 3 5 9 6 5"},
    {"1-5-4-1-6-0-3-5-9-6-5", "phone:1-5-4-1-6-0-3-5-9-6-5"},
    {"154.1603.5965", "phone:154.1603.5965"},
    {"154·1603·5965", "phone:154·1603·5965"},
    {"154　1603　5965", "phone:154　1603　5965"},
    {"154–1603–5965", "phone:154–1603–5965"},
    {"154 - 1603 - 5965", "phone:154 - 1603 - 5965"},
    {"1541603 5965", "phone:1541603 5965"},
    {"154 16035965", "phone:154 16035965"},
    {"电话15416 035965", "phone:15416 035965"},
    {"电话：15 41 60 35 96 5", "phone:15 41 60 35 96 5"},
    {"tel15416035965", "phone:15416035965"},
    {"Tel:15416035965", "phone:15416035965"},
    {"我电话15416035965或15416035966都行", "phone:15416035965|phone:15416035966"},
    {"15416035965/15416035966", "phone:15416035965|phone:15416035966"},
    {"15416035965 15416035966", "phone:15416035965|phone:15416035966"},
    {"154 1603 5965 154 1603 5966", "phone:154 1603 5965|phone:154 1603 5966"},
    {"1541603596515416035966", "phone:15416035965|phone:15416035966"},
    {"收我20 回我154 7213 5506", "phone:154 7213 5506"},
    {"罚了200 15416035965", "phone:15416035965"},
    {"2023-04-26 15416035965", "phone:15416035965"},
    {"打15416035965，3号窗口", "phone:15416035965"},
    {"王先生15416035965", "phone:15416035965"},
    {"电话15416035965元旦后打", "phone:15416035965"},
    {"𝟏𝟓𝟒𝟏𝟔𝟎𝟑𝟓𝟗𝟔𝟓", "phone:𝟏𝟓𝟒𝟏𝟔𝟎𝟑𝟓𝟗𝟔𝟓"},
    {"手机号(15416035965)", "phone:15416035965"},
    {"微信同号15416035965", "phone:15416035965"},
    {"微信15416035965", "phone:15416035965"},
    /* landlines */
    {"驿站电话0700-2438612", "landline:0700-2438612"},
    {"座机 0700 2438612", "landline:0700 2438612"},
    {"（0700）2438612", "landline:（0700）2438612"},
    {"(010)62438612", "landline:(010)62438612"},
    {"07002438612", "landline:07002438612"},
    {"０７００－２４３８６１２", "landline:０７００－２４３８６１２"},
    {"010-6243 8612", "landline:010-6243 8612"},
    {"0700-2438612转802", "landline:0700-2438612转802"},
    {"0700-2438612-802", "landline:0700-2438612-802"},
    {"+86-0700-2438612", "landline:0700-2438612"},
    {"家里座机2438612", "landline:2438612"},
    {"电话：6243-8612", "landline:6243-8612"},
    /* identity cards */
    {"身份证990199196007158331 电话", "id_card:990199196007158331"},
    {"证件号990199197706156575", "id_card:990199197706156575"},
    {"990199196007158331", "id_card:990199196007158331"},
    {"９９０１９９１９６００７１５８３３１", "id_card:９９０１９９１９６００７１５８３３１"},
    {"990199 19600715 8331", "id_card:990199 19600715 8331"},
    {"990199-19600715-8331", "id_card:990199-19600715-8331"},
    {"身份证：99019919900101001X", "id_card:99019919900101001X"},
    {"99019919900101009x", "id_card:99019919900101009x"},
    {"编码99019919900101009A", ""},
    {"身份证99019919900101001x，", "id_card:99019919900101001x"},
    {"身份证99019919900101001Ｘ", "id_card:99019919900101001Ｘ"},
    {"身份证号990199196007158332打错一位", "id_card:990199196007158332"},
    {"身份证430199600715833", "id_card:430199600715833"},
    {"430199600715833", "id_card:430199600715833"},
    /* bank cards */
    {"个人账户6200002708458940349，", "bank_card:6200002708458940349"},
    {"卡是用6200 0091 2628 7934 750充的", "bank_card:6200 0091 2628 7934 750"},
    {"6200-0091-2628-7934-750", "bank_card:6200-0091-2628-7934-750"},
    {"６２００００２７０８４５８９４０３４９", "bank_card:６２００００２７０８４５８９４０３４９"},
    {"银行卡6200002708458940340少抄一位也要遮", "bank_card:6200002708458940340"},
    {"4111111111111111", "bank_card:4111111111111111"},
    /* receipts: whoever has one acts as the citizen */
    {"回执码3712849187929649，一直没人联系", "receipt:3712849187929649"},
    {"我的是3712 8491 8792 9649", "receipt:3712 8491 8792 9649"},
    {"回执码3712849187929640", ""}, /* opens nothing */
    {"订单号3712849187929649", ""},
    /* plates */
    {"大货车湘Z70293在限行", "plate:湘Z70293"},
    {"湘ZB9818连续", "plate:湘ZB9818"},
    {"湘Z·77550", "plate:湘Z·77550"},
    {"湘Z 77550", "plate:湘Z 77550"},
    {"湘 Z77550", "plate:湘 Z77550"},
    {"湘Z-77550", "plate:湘Z-77550"},
    {"湘z77550", "plate:湘z77550"},
    {"湘ＺＤ１２３４５停在路口", "plate:湘ＺＤ１２３４５"},
    {"湘ZD12345", "plate:湘ZD12345"},
    {"湘Z1234学", "plate:湘Z1234学"},
    {"车牌Z77550", "plate:Z77550"},
    {"车牌号：湘Z77550。", "plate:湘Z77550"},
    /* mail and handles */
    {"邮箱user758@example.com", "email:user758@example.com"},
    {"user.name+tag@mail.example.com.cn。", "email:user.name+tag@mail.example.com.cn"},
    {"ｕｓｅｒ＠ｅｘａｍｐｌｅ．ｃｏｍ", "email:ｕｓｅｒ＠ｅｘａｍｐｌｅ．ｃｏｍ"},
    {"15416035965@example.com", "email:15416035965@example.com"},
    {"（微信wx_qingshan844，加我看照片）", "wechat:wx_qingshan844"},
    {"wxid_a1b2c3d4", "wechat:wxid_a1b2c3d4"},
    {"微信号：qingshan844", "wechat:qingshan844"},
    {"vx:abc_12345", "wechat:abc_12345"},
    {"加VX abc12345", "wechat:abc12345"},
    {"微信号是qingshan", "wechat:qingshan"},
    {"V信qingshan-1", "wechat:qingshan-1"},
    {"加微信qingshan844聊", "wechat:qingshan844"},
    {"QQ123456789", "qq:123456789"},
    {"qq：10001234", "qq:10001234"},
    {"我的QQ号是 1234567", "qq:1234567"},
    {"扣扣１２３４５６７", "qq:１２３４５６７"},
    {"QQ邮箱123456@example.com", "email:123456@example.com"},
    /* names */
    {"转到吴某的个人账户", "name:吴某"},
    {"我实名反映我叫孙某某电话15440377878", "name:孙某某|phone:15440377878"},
    {"联系人周某，电话154 0188 5528，住文昌路88号院5栋602。",
     "name:周某|phone:154 0188 5528|address:文昌路88号院5栋602"},
    {"换我叫王五请打15435748521晚上", "name:王五|phone:15435748521"},
    {"我叫张三丰，", "name:张三丰"},
    {"我叫李四住在城东", "name:李四"},
    {"姓名：郑小明", "name:郑小明"},
    {"姓名:高 远", "name:高 远"},
    {"联系人：欧阳小明 15416035965", "name:欧阳小明|phone:15416035965"},
    {"本人李四，家住", "name:李四"},
    {"王小明 15416035965", "name:王小明|phone:15416035965"},
    {"赵六，电话15416035965", "name:赵六|phone:15416035965"},
    {"我儿子叫陈小虎今年三岁", "name:陈小虎"},
    {"联系人李某某", "name:李某某"},
    /* addresses */
    {"家住向阳小区3栋2单元502室，楼上漏水", "address:向阳小区3栋2单元502室"},
    {"我住渡口社区四栋三单元", "address:渡口社区四栋三单元"},
    {"住址：青石镇白石村三组12号", "address:青石镇白石村三组12号"},
    {"家庭住址文昌街道文昌路12号", "address:文昌街道文昌路12号"},
    {"住在滨江路5号3-2-501的老人", "address:滨江路5号3-2-501"},
    {"联系地址：文昌路88号", "address:文昌路88号"},
    {"地址：文昌路88号院5栋602", "address:文昌路88号院5栋602"},
    {"请联系孙八15412345678", "name:孙八|phone:15412345678"},
    {"加Q123456789", "qq:123456789"},
    {"微x：abc12345", "wechat:abc12345"},
    {"1 541 234 5678", "phone:1 541 234 5678"},
    {"我是区里的退休教师陈某某", "name:陈某某"},
    {"患者黄某在区医院", "name:黄某"},
    {"我叫李梅，是老师", "name:李梅"},
    {"我叫刘洋今天来", "name:刘洋"},
    {"参保人990199197706156575", "id_card:990199197706156575"},
    {"身份证号：990199１９７７０６１５6575", "id_card:990199１９７７０６１５6575"},
    {"我是钱七，", "name:钱七"},
    {"户主林某某，", "name:林某某"},
    {"我住建设街19号3栋704，", "address:建设街19号3栋704"},
    /* what must stay */
    {"我是高三，", ""},
    {"住建局3号窗口2楼", ""},
    {"我是马路清洁工", ""},
    {"本人于某日到窗口", ""},
    {"事故地址文昌路88号", ""},
    {"地址：文昌路88号路灯不亮", ""},
    {"身份证尾号6575", ""},
    {"户号15412345678", ""},
    {"医保编号430000199001011234", ""},
    {"12.5万元，共15412345元", ""},
    {"面积15412.35平方米", ""},
    {"编号JH-2026-0318-1541", ""},
    {"第20260318154123号受理单", ""},
    {"举报电话12345678", ""},
    {"某某小区", ""},
    {"居住证办理", ""},
    {"记住3号楼2单元", ""},
    {"住在我楼上5栋702的邻居", ""},
    {"12345", ""},
    {"打110、119、120都没用", ""},
    {"400-123-4567", ""},
    {"客服电话4001234567", ""},
    {"电话400-123-4567", ""},
    {"800 820 8820", ""},
    {"拨打95588或96511", ""},
    {"2023-04-26 15:30", ""},
    {"2023-04-26 15:30:22", ""},
    {"20230426153022", ""},
    {"2023.04.26至2023.05.06", ""},
    {"12000000元", ""},
    {"欠我工资12600", ""},
    {"金额13800000000元", ""},
    {"订单号15412345678", ""},
    {"办件编号20230426000123456789", ""},
    {"订单12345678901234567890", ""},
    {"单号SF1541234567890", ""},
    {"统一社会信用代码911101050123456789", ""},
    {"版本V2.13.154.1603", ""},
    {"IP 192.168.154.160", ""},
    {"15000-20000元", ""},
    {"涨了150 200 300", ""},
    {"一三八零零一三八零零零", ""},
    {"错误E5003", ""},
    {"（2023）民初1541号", ""},
    {"服务热线0700-2438612", ""},
    {"请拨打区政府办公室电话0700-2438612咨询", ""},
    {"微信支付5000元", ""},
    {"微信公众号打不开", ""},
    {"微信小程序h5页面", ""},
    {"微信iPhone15闪退", ""},
    {"qq群里说", ""},
    {"9:00-17:30", ""},
    {"邮编410000", ""},
    {"第3批2024年1月15日", ""},
    {"154****5678", ""},
    {"本人愿意作证", ""},
    {"本人高度怀疑", ""},
    {"我是高中生，", ""},
    {"我是农民工", ""},
    {"我是张家村的村民", ""},
    {"姓名格式错误", ""},
    {"不知道姓名的工作人员", ""},
    {"老王家两口子打架", ""},
    {"向某单位反映", ""},
    {"区里某单位", ""},
    {"谢谢15416035965", "phone:15416035965"},
    {"周末，电话15416035965", "phone:15416035965"},
    {"铁路社区16栋后面的建筑垃圾", ""},
    {"请你们住在这里闻一个月", ""},
    {"注册地址是同一栋楼同一层", ""},
    {"堵住3号楼2单元的门", ""},
    {"住院3号楼5层", ""},
    {"办税厅3号窗口", ""},
    {"联系人是谁", ""},
    {"我叫了三次车", ""},
    {"我叫他们来", ""},
    {"新的A4纸12345张", ""},
    {"@所有人", ""},
    {"", ""},
};

static void finds_what_is_personal_and_nothing_else(void **state)
{
    (void)state;
    struct text t;
    int wrong = 0;
    text_init(&t, 4096);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *got = finds(str_of(rows[i].words), &t);
        if (strcmp(got, rows[i].found) == 0) continue;
        wrong++;
        printf("  %s\n    want %s\n    got  %s\n", rows[i].words, rows[i].found, got);
    }
    text_free(&t);
    assert_int_equal(wrong, 0);
}

/* Every word that announces a handle, a name or an address, with a value behind it. */
static void every_label_is_heard(void **state)
{
    (void)state;
    static const char *const handles[] = {
        "微信号码", "微信号", "微信號", "微信id", "加微信", "加我微信", "微信", "薇信",   "威信",
        "徽信",     "wechat", "weixin", "wx号",   "wx",     "vx号",     "vx",   "v信",    "加v",
        "加微",     "绿泡泡", "qq号码", "qq号",   "qq群号", "qq群",     "qq",   "扣扣号", "扣扣",
        "企鹅号",   "企鹅",   "球球",   "秋秋",   "扣号",   "q号",      "我q",  "我的q",  "有人加我"};
    static const char *const names[] = {
        "我的名字是", "我的名字叫", "名字叫", "名字是", "我叫做", "我叫",   "本人叫", "本人姓名", "名叫",
        "儿子叫",     "女儿叫",     "孩子叫", "老公叫", "老婆叫", "父亲叫", "母亲叫", "爱人叫",   "丈夫叫",
        "妻子叫",     "弟弟叫",     "哥哥叫", "老人叫", "姓名",   "真名",   "联系人", "聯繫人",   "聯絡人",
        "反映人",     "举报人",     "舉報人", "投诉人", "申请人", "当事人", "来电人", "求助人",   "信访人",
        "委托人",     "收款人",     "收件人", "寄件人", "署名",   "落款",   "签名",   "户主",     "户名",
        "患者",       "业主",       "村民",   "居民",   "住户",   "法人",   "家长",   "学生",     "司机",
        "职工",       "我是",       "本人",   "转到",   "转给",   "打给",   "汇给",   "联系",     "我姓名",
        "署名人",     "产权人",     "执行人", "登记人", "承租人", "车主",   "机主"};
    static const char *const addresses[] = {
        "家庭住址", "家庭地址", "居住地址", "联系地址", "聯繫地址", "通讯地址", "收货地址", "户籍地址",
        "现住址",   "住址",     "现居住在", "居住在",   "居住于",   "现住在",   "现住",     "家住在",
        "家住",     "我家在",   "我家住",   "住在",     "住于",     "地址",     "住"};
    struct text in, t;
    text_init(&in, 1000);
    text_init(&t, 1000);
#define EACH(words, value)                                                                                   \
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {                                                          \
        text_clear(&in);                                                                                     \
        text_addf(&in, "%s：%s，", (words)[i], value);                                                       \
        const char *got = finds(text_str(&in), &t);                                                          \
        if (str_find(str_of(got), STR(value)) == SIZE_MAX) fail_msg("%s: %s", in.p, got);                    \
    }
    EACH(handles, "1234567")
    EACH(names, "王小明")
    EACH(addresses, "向阳小区3栋502室")
#undef EACH
    text_free(&in);
    text_free(&t);
}

static void masks_keep_the_form(void **state)
{
    (void)state;
    static const struct {
        const char *words, *masked;
    } table[] = {
        {"电话15412345678。", "电话154****5678。"},
        {"154-1234-5678", "154-****-5678"},
        {"+86 154 1234 5678", "+86 154 **** 5678"},
        {"１５４１２３４５６７８", "１５４****５６７８"},
        {"154\u200b1234\u200b5678", "154****5678"},
        {"0700-2438612", "0700-*****12"},
        {"990199196007158331", "990199**********31"},
        {"99019919900101009X", "990199**********9X"},
        {"6200 0091 2628 7934 750", "6200 **** **** ***4 750"},
        {"湘Z70293", "湘Z****3"},
        {"user758@example.com", "u******@example.com"},
        {"微信wx_qingshan844，", "微信wx_***********，"},
        {"QQ123456789", "QQ12*******"},
        {"我叫孙某某，", "我叫孙**，"},
        {"家住向阳小区3栋502，", "家住【住址】，"},
        {"没有个人信息 2023-04-26", "没有个人信息 2023-04-26"},
    };
    struct text t;
    text_init(&t, 4096);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        text_clear(&t);
        redact_mask(str_of(table[i].words), &t);
        assert_string_equal(text_z(&t), table[i].masked);
    }
    text_free(&t);
}

/* More finds than one batch: none may slip through. */
static void masks_any_number_of_finds(void **state)
{
    (void)state;
    struct text in, out;
    text_init(&in, 20000);
    text_init(&out, 20000);
    for (int i = 0; i < 700; i++) text_addz(&in, "王小明 15412345678，");
    redact_mask(text_str(&in), &out);
    assert_int_equal(str_find(text_str(&out), STR("12345678")), SIZE_MAX);
    assert_int_equal(str_find(text_str(&out), STR("小明")), SIZE_MAX);
    text_free(&in);
    text_free(&out);
}

/* ---- the labelled texts ---- */

struct score {
    size_t gold, hit, found, right;
};

static size_t byte_of(struct str s, json_int_t points) { return utf8_prefix(s, (size_t)points); }

static enum redact_kind kind_named(const char *word)
{
    for (unsigned k = 0; k < REDACT_KINDS_N; k++)
        if (strcmp(redact_word((enum redact_kind)k), word) == 0) return (enum redact_kind)k;
    fail_msg("unknown label %s", word);
    return REDACT_KINDS_N;
}

/* Digit runs of five and more outside every label must be in the masked text as they were. */
static size_t harmed_runs(struct str s, const struct redact_span *spans, size_t n,
                          const struct redact_span *gold, size_t g)
{
    size_t harmed = 0;
    for (size_t i = 0; i < s.n; i++) {
        size_t len = 0;
        while (i + len < s.n && s.p[i + len] >= '0' && s.p[i + len] <= '9') len++;
        bool labelled = false, touched = false;
        for (size_t k = 0; k < g; k++) labelled = labelled || (i < gold[k].end && i + len > gold[k].start);
        for (size_t k = 0; k < n; k++) touched = touched || (i < spans[k].end && i + len > spans[k].start);
        if (len >= 5 && touched && !labelled) harmed++;
        i += len;
    }
    return harmed;
}

static void every_labelled_span_is_masked(void **state)
{
    (void)state;
    struct score score[REDACT_KINDS_N] = {0};
    size_t harmed = 0, texts = 0, missed_machine = 0;
    char line[65536];
    FILE *f = fopen(TREE "/deploy/sample-district/feedback-corpus.jsonl", "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        json_error_t e;
        json_t *o = json_loads(line, 0, &e), *p;
        size_t i, g = 0;
        struct redact_span gold[16], spans[64];
        assert_non_null(o);
        struct str s = str_of(json_string_value(json_object_get(o, "text")));
        size_t n = redact_find(s, spans, ARRAY_LEN(spans));
        texts++;
        json_array_foreach(json_object_get(o, "pii"), i, p)
        {
            gold[g++] = (struct redact_span){byte_of(s, json_integer_value(json_object_get(p, "start"))),
                                             byte_of(s, json_integer_value(json_object_get(p, "end"))),
                                             kind_named(json_string_value(json_object_get(p, "type")))};
        }
        for (size_t k = 0; k < g; k++) {
            bool hit = false;
            for (size_t j = 0; j < n; j++)
                hit = hit || (spans[j].start <= gold[k].start && spans[j].end >= gold[k].end);
            score[gold[k].kind].gold++;
            score[gold[k].kind].hit += hit;
            missed_machine += !hit && gold[k].kind < REDACT_NAME;
            if (!hit)
                printf("  missed in %s: %.*s\n", json_string_value(json_object_get(o, "id")), STR_ARG(s));
        }
        for (size_t j = 0; j < n; j++) {
            bool right = false;
            for (size_t k = 0; k < g; k++)
                right = right || (spans[j].start < gold[k].end && spans[j].end > gold[k].start);
            score[spans[j].kind].found++;
            score[spans[j].kind].right += right;
            if (!right)
                printf("  not labelled in %s: %.*s\n", json_string_value(json_object_get(o, "id")),
                       (int)(spans[j].end - spans[j].start), s.p + spans[j].start);
        }
        harmed += harmed_runs(s, spans, n, gold, g);
        json_decref(o);
    }
    fclose(f);
    printf("%zu texts\n%-10s %5s %6s %5s %9s\n", texts, "kind", "gold", "recall", "found", "precision");
    for (unsigned k = 0; k < REDACT_KINDS_N; k++) {
        const struct score *c = &score[k];
        printf("%-10s %5zu %6.3f %5zu %9.3f\n", redact_word((enum redact_kind)k), c->gold,
               c->gold ? (double)c->hit / (double)c->gold : 1.0, c->found,
               c->found ? (double)c->right / (double)c->found : 1.0);
    }
    assert_true(texts >= 400);
    assert_int_equal(missed_machine, 0);
    assert_int_equal(harmed, 0);
    assert_int_equal(score[REDACT_NAME].hit, score[REDACT_NAME].gold);
    assert_int_equal(score[REDACT_ADDRESS].hit, score[REDACT_ADDRESS].gold);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_is_personal_and_nothing_else),
        cmocka_unit_test(every_label_is_heard),
        cmocka_unit_test(masks_keep_the_form),
        cmocka_unit_test(masks_any_number_of_finds),
        cmocka_unit_test(every_labelled_span_is_masked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
