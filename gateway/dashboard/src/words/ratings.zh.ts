/* What the desk of ratings says, in Chinese. */
type Named = Record<string, string>;
export const ratingsZh = {
  ratings: {
    tabs: { windows: '窗口服务', ratings: '评价' }, window: '窗口', unit: '单位', plaque: '监督牌', finished: '今日办结', rated: '已评价', none: '没有您单位的窗口。监督牌制发并启用后，窗口会出现在这里；请联系综合办公室。',
    finish: '办结，请群众评价', matter: '办件编号', matterHint: '可不填；同一编号只算一件', done: '已办结', again: '这件事已经办结过，没有重复登记', alreadyRated: '群众已经评价过', toTablet: '评价器已提示', noTablet: '没有配对的评价器，请群众扫这个码', link: '评价链接（7 天内有效，评一次）',
    tablets: '评价器', pair: '配对评价器', code: '配对码', codeHint: (t: string) => `在评价器上打开 /kiosk，输入监督牌编号和这个码。${t} 前有效，只能用一次。`, paired: '评价器已配对', pairedAt: '配对时间', seenAt: '最近连接', revoke: '解除配对', revoked: '已解除', noTablets: '还没有配对的评价器。',
    kinds: { once: '现场一次一评', matter: '网上一事一评', open: '扫码自愿评价' } as Named, kind: '方式', level: '等级', at: '时间', words: '文字', reasons: '原因', consent: '愿意跟进', toCase: (id: number) => `办件 ${id}`,
    low: '只看差评', marked: '只看不计入的', counted: '计入', notCounted: '不计入', noRatings: '这段时间没有评价。',
    steps: { generated: '生成', collected: '归集', analysed: '分析', returned: '反馈' } as Named,
    hows: { tablet: '评价器提示', link: '评价链接', form: '群众填写', stored: '已入库', counted: '计入', marked: '有标记，不计入', unit: '单位可见', case: '随办件反馈' } as Named, waits: '待反馈',
    figures: '按窗口统计', formula: '主动评价率 = 已有计入评价的办结事项 ÷ 办结事项；有标记的评价保留、可查，不计入', levels: '满意程度（非常不满意→非常满意）', rate: '主动评价率', of: (a: number, n: number) => `${a} / ${n}`, noRate: '无办结', markedN: '不计入', lowN: '差评',
  },
};
