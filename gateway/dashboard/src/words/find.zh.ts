/* Words of finding: filters, kept views, several cases at once. */
type Named = Record<string, string>;

export const findZh = {
  find: {
    more: '更多条件', fewer: '收起条件', active: '当前条件', drop: (what: string) => `去掉条件：${what}`,
    channel: '渠道', colour: '时限颜色', rung: '督办等级', plaque: '监督牌编号', from: '收件从', to: '到', level: '等级', sort: '排序', newest: '最新在前', due: '最早到期在前', handler: '答复人编号', burst: '突发地点编号',
    plaqueBad: '监督牌编号是一串数字。', sortWords: '搜索内容时按收件先后排列。',
    cut: '内容较多，还没有查完。', goOn: '接着查',
    emptyWords: (q: string) => `没有找到含“${q}”的办件`, emptyWordsHint: '可以换个说法或者少写几个字；保密件的内容不参加搜索。词与词之间用空格分开，表示都要出现。',
    phone: '按电话查', phoneLabel: '来电号码（后四位或完整号码）', phoneFind: '查找', phoneHint: '号码不进入网址；每次查找都会记入日志。', phoneLead: (n: number) => `按电话找到 ${n} 件`, phoneNone: '这个号码没有可以查看的办件', phoneNoneHint: '举报件和没有留电话的办件查不到；升级前留的号码要输入完整号码。', phoneOver: '回到列表', looksLikePhone: '这像是一个电话号码：请用“按电话查”，号码不会留在网址里。',
    selected: (n: number) => `已选 ${n} 件`, selectRow: (id: number) => `选中办件 ${id}`, selectAll: '选中本页全部', unselect: '取消选择', act: '批量办理', tooMany: '一次最多 200 件。',
  },
  views: {
    title: '视图', everything: '全部办件', keep: '保存为视图', edit: '管理视图', name: '名称', nameHint: '例如：本周到期', shared: '给谁用', mine: '只给自己', unit: '本单位', save: '保存', saved: '视图已保存', changed: '视图已更新', gone: '视图已删除', none: '还没有视图。先选好条件，再按“保存为视图”。',
    first: '默认', isFirst: '打开列表时默认用它', notFirst: '不再默认', up: '上移', down: '下移', rename: '改名', remove: '删除', update: '改成当前条件', by: (who: string) => `${who} 共享`, open: (n: number) => `未办结 ${n >= 100 ? '100 件以上' : `${n} 件`}`, sure: '再按一次就删除',
  },
  bulk: {
    title: (n: number) => `批量办理 ${n} 件`, act: '动作', choose: '请选择动作', none: '所选办件没有可以一起办理的动作。', preview: '预览', busy: '正在核对…', run: (n: number) => `办理这 ${n} 件`, running: '正在逐件办理…',
    may: '可以办理', mayNot: '不能办理', becomes: (state: string) => `办理后：${state}`, final: '这个动作不可撤回，请看清楚再办。', canUndo: (act: string) => `办理后可以撤回（${act}）。`,
    done: (n: number, of: number) => `已办理 ${n} 件，共 ${of} 件`, failed: (n: number) => `${n} 件没有办成，原因如下`, undo: '撤回刚才的办理', undone: (n: number) => `已撤回 ${n} 件`, undoReason: '撤回批量并案', changed: '条件变了，请重新预览。', target: '并入的主办件编号', person: '知悉人员编号', rung: '提醒方式', rungs: { '1': '提醒', '2': '催办' } as Named,
  },
};
export type FindWords = typeof findZh;
