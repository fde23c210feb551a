/* Everybody's words for one place have one key; what is no place has none; no key ever points at one household (P11). */
#include "core/placename.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "文昌路 朝阳街 文昌路×朝阳街 @望江" */
static const char *told(const char *words, char out[1000])
{
    struct placenames p;
    size_t n = 0;
    placenames_of(str_of(words), &p);
    out[0] = 0;
    for (size_t i = 0; i < p.n; i++)
        n += (size_t)snprintf(out + n, 1000 - n, "%s%s%s", n ? " " : "", p.all[i].key,
                              p.all[i].narrow ? "!" : "");
    if (p.town[0]) (void)snprintf(out + n, 1000 - n, "%s@%s", n ? " " : "", p.town);
    return out;
}

static void keys(void **state)
{
    static const struct {
        const char *words, *keys;
    } rows[] = {
        /* Streets and crossings, whoever comes first. */
        {"文昌路与朝阳街口的红绿灯坏了", "文昌路 文昌路×朝阳街! 朝阳街"},
        {"朝阳街和文昌路交叉口没有灯", "朝阳街 文昌路×朝阳街! 文昌路"},
        {"在文昌路朝阳街的十字路口", "文昌路 文昌路×朝阳街! 朝阳街"},
        {"从文昌路到朝阳街都没有灯", "文昌路 朝阳街"},
        {"昨天晚上文昌路塌了一块", "文昌路"},
        {"人民东路积水，人民西路也积水", "人民东路 人民西路"},
        {"和平路和桂花巷", "和平路 桂花巷"},
        {"桂花巷路灯全黑", "桂花巷"},
        {"滨江大道有人飙车", "滨江大道"},
        /* A compound by whatever sign, and its buildings. */
        {"示例小区停水三天", "示例小区"},
        {"示例花园水压很低", "示例小区"},
        {"示例花园小区的井盖坏了", "示例小区"},
        {"阳光国际小区停水", "阳光国际小区"},
        {"示例小区3号楼电梯停运", "示例小区3号楼! 示例小区"},
        {"示例小区三栋", "示例小区3号楼! 示例小区"},
        {"示例小区第十二幢", "示例小区12号楼! 示例小区"},
        /* Public places; the township. */
        {"滨江公园的湖发臭", "滨江公园"},
        {"望江镇文昌路的垃圾没人运", "文昌路 @望江"},
        {"望江镇中心小学门口很堵", "望江中心小学 @望江"},
        {"望江中心小学门口很堵", "望江中心小学"},
        {"城北农贸市场污水横流，旁边云台社区也臭", "城北农贸市场 云台社区"},
        {"桂花村村民没有水喝", "桂花村"},
        {"第一中学门口的人民路", "第一中学 人民路"},
    };
    char out[1000];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) assert_string_equal(told(rows[i].words, out), rows[i].keys);
}

/* What must not become a place. */
static void no_place(void **state)
{
    static const char *const rows[] = {"",
                                       "路",
                                       "小区",
                                       "马路上有个大坑",
                                       "这条路不平",
                                       "我们小区没有水",
                                       "那个村的路断头了",
                                       "门口路灯不亮",
                                       "附近公园很吵",
                                       "老旧小区改造",
                                       "新建小区没有验收",
                                       "孩子上小学",
                                       "小学生过马路",
                                       "村民委员会不理人",
                                       "广场舞太吵",
                                       "去医院看病",
                                       "各大医院都一样",
                                       "东街有坑",
                                       "一路上都在堵",
                                       "下班回家路上",
                                       "断头路三年没修通",
                                       "政府没有人管",
                                       "物业公司和超市都不管",
                                       "张三家门口",
                                       "154****5678",
                                       "【住址】",
                                       "王某某",
                                       "中心小学门口",
                                       "乡村道路硬化",
                                       "走路修路都难",
                                       "\xff\xfe",
                                       "a路b街"};
    char out[1000];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (told(rows[i], out)[0]) fail_msg("\"%s\" became %s", rows[i], out);
}

/* P11: cut to what many share. */
static void no_household(void **state)
{
    static const struct {
        const char *words, *keys;
    } rows[] = {
        {"示例小区3号楼2单元501室漏水", "示例小区3号楼! 示例小区"},
        {"示例小区3栋501", "示例小区3号楼! 示例小区"},
        {"示例小区2单元501室", "示例小区"},
        {"示例小区501室", "示例小区"},
        {"示例小区3-2-501", "示例小区"},
        {"示例小区12号", "示例小区"},
        {"示例小区二期3号楼", "示例小区"}, /* which of two, nobody knows */
        {"文昌路88号", "文昌路"},
        {"文昌路88号院5栋602", "文昌路"},
        {"桂花村3组12号", "桂花村"},
        {"桂花村5栋", "桂花村"},
        {"云栖花园是别墅，云栖花园5栋乱搭", "云栖小区"},
        {"云栖小区联排5栋", "云栖小区"},
    };
    char out[1000];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) assert_string_equal(told(rows[i].words, out), rows[i].keys);
}

static void labels(void **state)
{
    struct placenames p;
    (void)state;
    placenames_of(STR("北滨江公园，示例花园三栋，文昌路与朝阳街口"), &p);
    assert_string_equal(p.all[0].key, "滨江公园");
    assert_string_equal(p.all[0].label, "北滨江公园");
    assert_string_equal(p.all[1].label, "示例花园3号楼");
    assert_string_equal(p.all[4].label, "文昌路与朝阳街路口");
    /* Bounds: no more than so many, no label longer than its field, whatever comes. */
    placenames_of(STR("文昌路、朝阳街、桂花巷、滨江公园、示例小区、云台社区、荷叶村、望江广场"), &p);
    assert_int_equal(p.n, PLACENAMES);
    char *big = malloc(60000);
    assert_non_null(big);
    for (size_t i = 0; i < 20000; i++) memcpy(big + 3 * i, i % 3 == 2 ? "路" : "昌", 3);
    placenames_of((struct str){big, 60000}, &p);
    for (size_t i = 0; i < p.n; i++) assert_true(strlen(p.all[i].label) < PLACENAME_MAX);
    free(big);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(keys), cmocka_unit_test(no_place),
                                       cmocka_unit_test(no_household), cmocka_unit_test(labels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
