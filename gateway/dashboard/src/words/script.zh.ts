/* Words of the script of a call; its sentences are the office's own and come from the gateway. */
type Named = Record<string, string>;

export const scriptZh = {
  title: '回访话术', steps: '按顺序念', other: '换成英文念', none: '话术没有载入，请按平常的问法回访。', happens: '遇到这些情况', back: '退回上一问', anew: '重新问', next: '当前', made: '按所答拟好，可以修改', fit: '与所答不符', suggests: '按所答应记',
  questions: { reached: '接听', contacted: '单位是否联系', done: '是否按答复做到', solved: '是否解决', demand: '其他要求', danger: '讲到危险', misconduct: '讲到作风问题' } as Named,
  answers: {
    reached: { spoken: '本人，方便', later: '不方便，另约', refuses: '不愿回访', nobody: '无人接听', wrong: '号码不对' }, contacted: { yes: '联系过', no: '没有', unsure: '记不清' }, done: { yes: '做到了', partly: '做到一部分', no: '没有做到', unsure: '不清楚' },
    solved: { solved: '已经解决', partly: '部分解决', not: '没有解决' }, demand: { none: '没有', more: '有，记下来', beyond: '超出政策' }, danger: { told: '讲到危险' }, misconduct: { told: '讲到作风问题' },
  } as Record<string, Named>,
  branches: { call_angry: '情绪激动', call_danger: '讲到危险', call_misconduct: '讲到作风问题' } as Named,
  does: {
    later: '约好的时间写进文字里，按 D 记为“未接通”。', call_refuses: '按 F 记为“拒绝回访”。', call_nobody: '按 D 记为“未接通”。', call_wrong: '按 D 记为“未接通”。', call_beyond: '要求写进文字里，不许诺结果。', call_angry: '照原话记，不记对人的评价。',
    call_danger: '写明地点和情况。记录后办件升为一级，值班群立即收到通知。', call_misconduct: '写明时间、地点、经过。记录后办件暂缓，承办单位看不到，由追责问责组先看。',
  } as Named,
};

export type ScriptWords = typeof scriptZh;
