/* The rules of the labels as rows: what is said, what it is. All texts are made up for this table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "route_rig.h"

static void decide(struct arena *a, const char *plaque, int rating, enum door door, const char *words,
                   struct decision *d)
{
    struct route_input in = {.text = str_of(words),
                             .nature = rating ? NATURE_RATE : NATURE_UNKNOWN,
                             .rating = rating,
                             .unit_id = id_of(plaque),
                             .door = door};
    arena_init(a, (size_t)4 << 20);
    route_decide(routing, &in, a, d);
}

static void natures_follow_the_form(void **state)
{
    (void)state;
    static const struct {
        const char *plaque, *words;
        enum nature nature;
    } table[] = {
        /* a question has its form; the same matter without it is a request or a complaint */
        {NULL, "请问退休金每个月几号发?", NATURE_ASK},
        {NULL, "异地就医备案怎么办理,要哪些材料", NATURE_ASK},
        {NULL, "公积金能提出来还房贷吗", NATURE_ASK},
        {NULL, "医保报销拖了四个月,跑了三趟都说在审核,凭什么一直不给报", NATURE_COMPLAIN},
        {NULL, "社保转移办了半年还没转过来,打了八次电话没人接", NATURE_COMPLAIN},
        {NULL, "公积金提取被退回来三次,每次理由都不一样", NATURE_COMPLAIN},
        /* wants something done */
        {NULL, "我们巷子的路灯坏了,请派人来修一下", NATURE_APPEAL},
        {NULL, "小区门口井盖松动,请尽快处理", NATURE_APPEAL},
        {NULL, "家里老人走不动,请帮忙上门办一下残疾证", NATURE_APPEAL},
        {NULL, "村里的水渠垮了,希望尽快修好,田里等水", NATURE_APPEAL},
        /* a right of one's own is hurt */
        {NULL, "买的热水器用了两天就坏,商家不肯退款", NATURE_COMPLAIN},
        {NULL, "楼上装修天天吵到半夜,物业说管不了", NATURE_COMPLAIN},
        {NULL, "老板拖欠我们三个月工资,一分钱没给", NATURE_COMPLAIN},
        {NULL, "快递丢了,客服说不归他们管,不肯赔", NATURE_COMPLAIN},
        {NULL, "宽带退订了还在扣钱,客服让我自己去营业厅,又说要本人来", NATURE_COMPLAIN},
        /* somebody else breaks a rule */
        {NULL, "举报东街那家饭店用过期的肉", NATURE_REPORT},
        {NULL, "有人无证给人拔牙,没有执照", NATURE_REPORT},
        {NULL, "建材市场有家店卖假酒,请严查", NATURE_REPORT},
        {NULL, "河边那个厂晚上偷排废水,有视频", NATURE_REPORT},
        {NULL, "招标的三家公司是一个老板,串标", NATURE_REPORT},
        /* points at conduct */
        {NULL, "下午三点政务大厅综合窗口没人,上班时间在玩手机", NATURE_SUPERVISE},
        {NULL, "村务公开栏一年没有更新", NATURE_SUPERVISE},
        /* proposes */
        {NULL, "建议大厅里多放几把椅子", NATURE_SUGGEST},
        {NULL, "建议公交末班车延长到晚上十点", NATURE_SUGGEST},
        {NULL, "希望增设一个老年人专用窗口", NATURE_SUGGEST},
        /* one service received */
        {"U062", "小姑娘很耐心,服务热情,点赞", NATURE_RATE},
        {"U117", "窗口服务好,效率高,非常满意", NATURE_RATE},
        /* the stronger duty wins */
        {NULL, "建议查一查这家店,用的油是地沟油,举报他们", NATURE_REPORT},
        {NULL, "请问这种老赖老板欠我工资一年不给怎么办,我要投诉他", NATURE_COMPLAIN},
        {"U001", "服务挺好的,就是有个科长收红包才给办", NATURE_REPORT},
        {NULL, "区市场监督管理局的股长收了他家的红包", NATURE_REPORT},
        {NULL, "验收的人说不给两万块好处费就不签字,办事员也拿回扣", NATURE_REPORT},
        /* what only resembles a matter of reports alleges nothing */
        {"U003", "没有回访任务的旧件", NATURE_APPEAL},
        /* denied steps are not taken */
        {NULL, "我不是投诉,就是想问一下养老认证怎么办理", NATURE_ASK},
        {NULL, "这不是举报,只是建议把公交站牌改到路口", NATURE_SUGGEST},
    };
    int bad = 0; /* every row is tried, so that one run tells all that are wrong */
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct arena a;
        struct decision d;
        decide(&a, table[i].plaque, 0, table[i].plaque ? DOOR_PLAQUE : DOOR_SMS, table[i].words, &d);
        if (d.nature != table[i].nature) {
            (void)printf("%s: %s\n", table[i].words, nature_chinese(d.nature));
            bad++;
        }

        arena_free(&a);
    }
    assert_int_equal(bad, 0);
}

static void dangers_count_when_they_are_there(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        bool critical;
    } table[] = {
        {"三楼着火了", true},
        {"楼道里没有着火", false},
        {"今天没有着火,只是有烟味,有人烧纸", false},
        {"别等着火了才来清理楼道", false},
        {"万一着火了往哪跑,消防通道都堵死了", false},
        {"去年着火以后一直没修电线", false},
        {"去年着火过,现在又着火了", true},
        {"仓库着火,消防车来了,已经扑灭", false},
        {"仓库着火,还没扑灭", true},
        {"不是没有着火,是火在楼上", true},
        {"有没有着火我不知道,反正一屋子浓烟", true},
        {"你们不管我就跳楼", true},
        {"要是今天不给钱我就点燃汽油", true},
        {"如果再不给个说法,我就从楼上跳下去", true},
        {"隔壁有人说不想活了", true},
        {"想跳楼的心都有了只是气话,谁也没跳楼", true}, /* when in doubt a person looks */
        {"他没有自杀", true},                          /* nobody is asked to prove that they meant it */
        {"我又没说要自杀,你们急什么", true},
        {"建议社区多办预防自杀的讲座", false},
        /* a denial of help, of work or of time denies no danger */
        {"再没人理我,我就从阳台上跳楼", true},
        {"没有一个人管我就割腕", true},
        {"没钱看病就只好上吊", true},
        {"没拧紧煤气漏得满屋都是", true},
        {"家里没人起火了快来", true},
        {"没几天燃气又泄漏了", true},
        {"没多久又着火了", true},
        {"修的人说处理好了燃气又漏了", true},
        {"煤气上午处理好了,晚上又漏了", true},
        {"煤气还在漏,以前报过说修好了", true},
        {"去年触电过,没有再触电", false},
        {"没有发生过爆炸", false},
        {"没有看到火花", false},
        /* an end announced without the words of an alarm */
        {"实在熬不住了,真想死", true},
        {"没路了,我只有去死", true},
        {"如果再拖我只能去死", true},
        {"逼急了一把火烧了你们办公室", true},
        {"再拦我我就捅死他,拉你们陪葬", true},
        {"窗口的人思想死板,一点不灵活", false},
        {"老家的味道,想死我了", false},
        {"隔壁男的正在打老婆,快来人", true},
        {"谁都没打人,就是嗓门大", false},
        {"燃气泄漏,味道很大", true},
        {"建议开展燃气泄漏的演练,没有泄漏", true},
        {"孩子掉进河里了", true},
        {"防溺水的牌子褪色了", false},
        {"跳楼价的鞋子是假货", false},
        {"第24件商品怎么都杀不掉价", false},
        {"砍价砍了半天不给发货", false},
        {"前年电梯困人,早就修好了,现在问的是物业费", true}, /* 现在: looked at rather than missed */
        {"上次电梯困人已经处理,谢谢", false},
        /* said without the words of an alarm */
        {"楼道里臭鸡蛋味道越来越大,我妈头晕", true},
        {"有个工友坐在六楼边边上不肯下来,说拿不到钱就算了", true},
        {"坝脚这边冒浑水,管水库的人电话没人接", true},
        {"储罐一直嘶嘶响,漏出来的东西味道呛人", true},
        {"他给我发了遗书,手机就关机了,写的是对不起爸妈", true},
        {"水已经淹到配电箱下面了", true},
        {"娃娃反锁在车里叫不醒", true},
        {"楼板上的广告牌颜色太暗,卡在中间看不清", false},
        {"理发店老板失联,卡里还有一千块", false},
        {"压力表过期了没有年检", false},
        {"漏电保护器的发票开错了", false},
    };
    int bad = 0; /* every row is tried, so that one run tells all that are wrong */
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct arena a;
        struct decision d;
        decide(&a, NULL, 0, DOOR_SMS, table[i].words, &d);
        if ((d.urgency == URGENCY_CRITICAL) != table[i].critical) {
            (void)printf("%s: %s\n", table[i].words, urgency_chinese(d.urgency));
            bad++;
        }
        arena_free(&a);
    }
    assert_int_equal(bad, 0);
}

/* What a compound is made of may stand in a text many times before it stands together, and what was denied once may be there further on. */
static void repeats_hide_no_danger(void **state)
{
    (void)state;
    static const struct {
        const char *often;
        int times;
        const char *once;
        bool critical;
    } table[] = {
        {"楼上漏水,楼下反潮,楼道堆物,楼长不管,楼顶长草,", 6, "整栋楼开始倾斜了", true},
        {"变压器旁边停车,变压器围栏生锈,变压器牌子旧了,", 6, "今晚变压器一直在冒烟", true},
        {"配电箱没锁,配电箱门掉漆,配电箱旁堆纸箱,", 8, "水已经漫进配电箱了", true},
        {"没有烟,没有火光,也没有味道,", 8, "刚才火光冲天全是烟", true},
        {"楼上漏水,楼下反潮,楼道堆物,楼长不管,楼顶长草,", 6, "椅子有点旧了", false},
    };
    int bad = 0;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct text words;
        struct arena a;
        struct decision d;
        text_init(&words, 10000);
        for (int k = 0; k < table[i].times; k++) text_addz(&words, table[i].often);
        text_addz(&words, table[i].once);
        decide(&a, NULL, 0, DOOR_WEB, text_z(&words), &d);
        if ((d.urgency == URGENCY_CRITICAL) != table[i].critical) {
            (void)printf("%s: %s\n", table[i].once, urgency_chinese(d.urgency));
            bad++;
        }
        arena_free(&a);
        text_free(&words);
    }
    assert_int_equal(bad, 0);
    /* An office of many posts, and the gift at its end: 职务 is one class, and its words are many. */
    struct arena a;
    struct decision d;
    decide(
        &a, NULL, 0, DOOR_WEB,
        "科长在,股长在,主任在,站长在,所长在,局长在,队长在,处长在,办公室里人人都在开会学习,中午有人送饭,下午还有人来修空调,"
        "后来那位股长把我家送的两条烟收下了",
        &d);
    assert_true(d.held || d.confidential);
    arena_free(&a);
}

/* A long text of small things with one thing in its middle. */
static void one_danger_in_a_long_text_surfaces(void **state)
{
    (void)state;
    static const struct {
        const char *middle;
        bool critical;
    } table[] = {
        {"昨晚有人在楼顶说要跳楼,现在还站在上面。", true},
        {"我邻居天天拿刀威胁要砍死他老婆。", true},
        {"楼下燃气表那里一直有燃气泄漏的声音。", true},
        {"配电房里正在冒火花。", true},
        {"我举报以后,被举报的老板带人来打击报复,威胁要打死我。", true},
        {"小区今年没有着火,也没有人受伤。", false},
        {"别等着火了再来检查消防栓。", false},
    };
    int bad = 0; /* every row is tried, so that one run tells all that are wrong */
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct text words;
        struct arena a;
        struct decision d;
        text_init(&words, 60000);
        for (int k = 0; k < 60; k++) text_addz(&words, "小区的椅子可以多放几张,花坛里的草也该剪了。");
        text_addz(&words, table[i].middle);
        for (int k = 0; k < 60; k++) text_addz(&words, "另外停车线画得不清楚,信箱也旧了。");
        decide(&a, NULL, 0, DOOR_WEB, text_z(&words), &d);
        if ((d.urgency == URGENCY_CRITICAL) != table[i].critical) {
            (void)printf("%s\n", table[i].middle);
            bad++;
        }
        if (table[i].critical) assert_int_equal(d.level, 1);
        arena_free(&a);
        text_free(&words);
    }
    assert_int_equal(bad, 0);
}

static void conduct_is_somebodys(void **state)
{
    (void)state;
    static const struct {
        const char *plaque, *words, *about;
    } table[] = {
        {NULL, "税务局窗口的人态度恶劣,爱理不理", "U006"},
        {NULL, "公安专区办护照的工作人员骂人", "U118"}, /* not the police */
        {NULL, "市民中心的窗口让我白跑了三趟", "U001"}, /* an alias */
        {NULL, "工商局的人来店里索要红包", "U003"},     /* an old name */
        {NULL, "办房产证的人说要给好处费才办", "U057"}, /* nobody is named, the topic points */
        {NULL, "白石镇政府的科长优亲厚友,低保都给了亲戚", "U047"},
        {NULL, "竹山村低保名单全是村主任亲戚,优亲厚友", "U047"}, /* the township approves */
        {NULL, "竹山村村务公开栏两年没公示财务", "U134"},        /* its own affairs */
        {"U133", "村务公开栏三年没换过", "U133"},
        {"U006-01", "窗口的人一直玩手机不理人", "U006"}, /* a station stands for its unit */
        {"U062", "工作人员很热情,点赞", "U062"},
        {NULL, "请税务局核实一下这家店偷税", ""}, /* only called upon */
        {NULL, "希望城管局来管一管楼下的烧烤摊", ""},
        {NULL, "实验小学门口有人卖三无食品,举报", ""}, /* only where */
        {NULL, "请问社保局几点上班", ""},
        {NULL, "建议交警大队在路口装红绿灯", ""},
        {NULL, "路灯坏了请修一下", ""},
        {NULL, "快递丢了不赔钱", ""},
        {"U026", "楼下夜宵摊占道经营,油烟熏人", ""}, /* the unit on the plaque is asked to act */
        {NULL, "感谢人民医院的护士,特别细心", "U097"},
    };
    int bad = 0; /* every row is tried, so that one run tells all that are wrong */
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct arena a;
        struct decision d;
        decide(&a, table[i].plaque, 0, table[i].plaque ? DOOR_PLAQUE : DOOR_SMS, table[i].words, &d);
        if (strcmp(code_of(d.about_unit_id), table[i].about) != 0) {
            (void)printf("%s: %s (%s, %.*s)\n", table[i].words, code_of(d.about_unit_id),
                         nature_chinese(d.nature), STR_ARG(d.category));
            bad++;
        }
        arena_free(&a);
    }
    assert_int_equal(bad, 0);
}

static void praise_is_weighed_against_facts(void **state)
{
    (void)state;
    static const struct {
        int rating;
        const char *words;
        bool opens, held;
    } table[] = {
        {0, "服务热情周到,点赞", false, false},
        {5, "服务真好,让我跑了五趟", true, false},
        {5, "感谢贵单位,一个章让我等了两个月", true, false},
        {0, "效率真高,三趟才办好一张证明", true, false},
        {5, "办得很快,一次就办好了,谢谢", false, false},
        {5, "工作人员没有收红包,态度好,满意", false, false},
        {5, "从来不收礼,好干部,点赞", false, false},
        {5, "服务很好,就是要收红包", true, true},
        {5, "不给钱不办,给了红包马上就办,服务真好", true, true},
        {4, "不是没有收红包,是收了还不办", true, true},
        {0, "谢绝了我的红包,感动", false, false},
        {0, "有件事,不太方便在这里讲", true,
         false}, /* praise of nobody: somebody's words, read by a person */
        {2, "办事员不热情,也不耐心,但是没有收红包", true, false},
    };
    int bad = 0; /* every row is tried, so that one run tells all that are wrong */
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct arena a;
        struct decision d;
        decide(&a, "U062", table[i].rating, DOOR_PLAQUE, table[i].words, &d);
        if (d.opens_case != table[i].opens || d.held != table[i].held) {
            (void)printf("%s: opens %d held %d %s\n", table[i].words, d.opens_case, d.held,
                         nature_chinese(d.nature));
            bad++;
        }
        arena_free(&a);
    }
    assert_int_equal(bad, 0);
}

/* What only sounds like corruption is not hidden from the unit that should see to it. */
static void innocent_words_are_not_hidden(void **state)
{
    (void)state;
    static const char *const table[] = {
        "红包雨活动什么时候开始",     "单位发的红包要交税吗",        "第24件商品怎么都杀不掉价",
        "请税务局核实一下这家店偷税", "窗口没有收红包,就是排队太久", "快递员打电话态度不好,没送货",
        "公交车上没人让座",           "物业费收据丢了怎么补"};
    int bad = 0;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct arena a;
        struct decision d;
        decide(&a, NULL, 0, DOOR_SMS, table[i], &d);
        if (d.confidential || d.held) {
            (void)printf("%s: %.*s\n", table[i], STR_ARG(d.category));
            bad++;
        }
        arena_free(&a);
    }
    assert_int_equal(bad, 0);
}

static void one_text_two_matters(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        enum nature chosen;
        const char *report; /* its sentences; NULL: no proposal */
    } table[] = {
        {"楼下路灯坏了半个月,晚上看不见。城管队员收了摊主的好处费才不来管。名字我不敢说。", NATURE_UNKNOWN,
         "城管队员收了摊主的好处费才不来管。名字我不敢说。"},
        {"窗口科长索要红包。另外我们小区井盖松动,请派人修。", NATURE_COMPLAIN, "窗口科长索要红包。"},
        {"公厕没人打扫,很臭,还有管理员要好处费才开门", NATURE_UNKNOWN, "还有管理员要好处费才开门"},
        {"窗口科长索要红包。另外我们小区井盖松动,请派人修。", NATURE_REPORT, NULL}, /* 举报 is not asked */
        {"窗口科长索要红包。不给钱就不盖章。", NATURE_UNKNOWN, NULL},
        {"楼下路灯坏了。小区井盖松动,请派人修。", NATURE_UNKNOWN, NULL},
        {"服务热情,点赞。就是科长收了红包。", NATURE_UNKNOWN, NULL}, /* praise is no matter of its own */
    };
    int bad = 0;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct arena a;
        struct decision d;
        struct route_proposal p;
        struct str pieces[ROUTE_SENTENCES];
        struct text report;
        struct route_input in = {.text = str_of(table[i].words), .nature = table[i].chosen, .door = DOOR_WEB};
        arena_init(&a, (size_t)16 << 20);
        text_init(&report, 2000);
        route_decide(routing, &in, &a, &d);
        size_t n = route_sentences(in.text, pieces, ROUTE_SENTENCES);
        bool made = route_propose(routing, &in, &d, pieces, n, &a, &p);
        for (size_t k = 0; made && k < n; k++)
            if (p.alleges[k]) text_add(&report, pieces[k]);
        if (made != (table[i].report != NULL) || (made && strcmp(text_z(&report), table[i].report) != 0)) {
            (void)printf("%s: %s\n", table[i].words, made ? text_z(&report) : "-");
            bad++;
        }
        if (made) assert_true(p.report.confidential && !p.rest.confidential && p.rest.about_unit_id == 0);
        text_free(&report);
        arena_free(&a);
    }
    assert_int_equal(bad, 0);
}

/* A long complaint, a plaque, and a model that has seen ten thousand complaints: the bribe in it is still reported, and nobody of the unit
 * complained of is offered as its handler. */
static void misconduct_is_outvoted_by_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *plaque, *words, *about;
    } table[] = {
        {"U006",
         "我要投诉,为了开一张票跑了五趟,排了三个小时,窗口态度恶劣,一个推一个,差评,太慢,气死人,听人讲是股长没收到红包,送了红包的当天就办",
         "U006"},
        {"U006-01", "投诉这个窗口,白跑了四趟,差评,失望,态度很差,后来股长说要好处费才给办", "U006"},
        {NULL, "投诉城管局,摊位证拖了半年,打了八次电话没人理,太差了,队长收了隔壁的红包", "U026"},
    };
    float like[NATURES_N];
    for (int n = 0; n < NATURES_N; n++) like[n] = n == NATURE_COMPLAIN ? -0.001F : -9.0F;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct arena a;
        struct decision d;
        const struct route_input in = {.text = str_of(table[i].words),
                                       .nature = NATURE_COMPLAIN,
                                       .unit_id = id_of(table[i].plaque),
                                       .door = DOOR_PLAQUE};
        const struct route_opinion o = {.log_p = {[LEARNED_NATURE] = like},
                                        .mix = {[LEARNED_NATURE] = {.heat = 8, .share = 3}}};
        arena_init(&a, (size_t)4 << 20);
        route_decide_told(routing, &in, &o, &a, &d);
        assert_int_equal(d.nature, NATURE_REPORT);
        assert_true(d.confidential && d.held);
        assert_string_equal(code_of(d.about_unit_id), table[i].about);
        assert_false(route_walled(routing, d.about_unit_id, d.unit_id));
        for (size_t k = 0; k < d.n_units; k++)
            assert_false(route_walled(routing, d.about_unit_id, d.units[k]));
        for (size_t k = 0; k < d.n_guesses; k++)
            assert_false(route_walled(routing, d.about_unit_id, d.guesses[k].unit_id));
        arena_free(&a);
    }
}

/* However long a letter is, the allegation in it is proposed for a case of its own. */
static void a_long_letter_is_parted_too(void **state)
{
    (void)state;
    struct text words, report;
    struct arena a;
    struct decision d;
    struct route_proposal p;
    struct str pieces[ROUTE_SENTENCES];
    text_init(&words, 60000);
    text_init(&report, 6000);
    for (int k = 0; k < 70; k++) text_addz(&words, "楼下路灯坏了,晚上看不见。");
    text_addz(&words, "城管队员收了摊主的好处费才不来管。");
    for (int k = 0; k < 70; k++) text_addz(&words, "小区井盖松动,请派人修。");
    arena_init(&a, (size_t)64 << 20);
    const struct route_input in = {.text = text_str(&words), .door = DOOR_WEB};
    route_decide(routing, &in, &a, &d);
    size_t n = route_sentences(in.text, pieces, ROUTE_SENTENCES), bytes = 0;
    assert_in_range(n, 2, ROUTE_SENTENCES);
    for (size_t i = 0; i < n; i++) bytes += pieces[i].n;
    assert_int_equal(bytes, in.text.n); /* nothing of the letter is left out */
    assert_true(route_propose(routing, &in, &d, pieces, n, &a, &p));
    for (size_t i = 0; i < n; i++)
        if (p.alleges[i]) text_add(&report, pieces[i]);
    assert_non_null(strstr(text_z(&report), "好处费"));
    assert_true(report.n < in.text.n / 10);
    text_free(&report);
    text_free(&words);
    arena_free(&a);
}

static void a_monitor_points_at_what_was_seen(void **state)
{
    (void)state;
    struct arena a;
    struct decision d;
    decide(&a, NULL, 0, DOOR_MONITOR, "今天走访便民中心,两个窗口无人值守,没有去向说明", &d);
    assert_int_equal(d.nature, NATURE_SUPERVISE);
    arena_free(&a);
    decide(&a, NULL, 0, DOOR_MONITOR, "走访发现工地没有围挡,裸土没有覆盖", &d);
    assert_int_equal(d.nature, NATURE_SUPERVISE);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(natures_follow_the_form),
        cmocka_unit_test(dangers_count_when_they_are_there),
        cmocka_unit_test(repeats_hide_no_danger),
        cmocka_unit_test(one_danger_in_a_long_text_surfaces),
        cmocka_unit_test(conduct_is_somebodys),
        cmocka_unit_test(praise_is_weighed_against_facts),
        cmocka_unit_test(innocent_words_are_not_hidden),
        cmocka_unit_test(one_text_two_matters),
        cmocka_unit_test(misconduct_is_outvoted_by_nothing),
        cmocka_unit_test(a_long_letter_is_parted_too),
        cmocka_unit_test(a_monitor_points_at_what_was_seen),
    };
    return cmocka_run_group_tests(tests, rig_load, rig_unload);
}
