/* Words of the desk where staff write down what citizens say. */
type Named = Record<string, string>;
export const entryZh = {
  entry: {
    title: '登记来访、来电、来信', lead: '群众当面、打电话、写信说的，照原话记下来，走同一个流程：自动去重、派单、计时，回执码交给群众。',
    way: '来源', ways: { visit: '来访', call: '来电', letter: '来信', email: '电子邮件', meeting: '会上' } as Named, nature: '性质', text: '群众说了什么', textHint: '照原话写，不要替群众概括。电话、证件号可以写，办理单位看到的是隐去后的文字。',
    unit: '反映哪个单位', unitHint: '不清楚就不填，由系统和值班人员判断。', category: '类别', categoryHint: '不清楚就不填。', place: '地点', saidOn: '哪天说的', saidOnHint: '今天说的不用填。', contact: '联系电话', contactHint: '加密保存，只有回访人员说明理由后才能看。群众不愿留就不填，即匿名。',
    name: '举报人姓名', nameHint: '只有实名举报才填，与内容一起加密。', send: '同时把回执码发短信到这个号码', sendNeeds: '要发短信，先填联系电话。', submit: '登记',
    report: '这是举报：提交后内容立即加密，只有追责问责组和纪检监察单位能看；您以后查不到这一件。不要另行记录，不要告诉他人。', reportOwn: '举报您所在单位的，请不要在这里登记：告诉群众可以扫监督牌自己填写，或直接向追责问责组、纪检监察单位反映。',
    alike: '可能是同一件事', alikeHint: '已有的未办结办件；同一个人重复反映的，可以告诉他上次的回执码仍然有效。', alikeOffice: '是否并案由统筹协调组决定。', alikeNone: '没有发现相同的未办结办件。', alikeWait: '写到十个字以上，这里会列出可能相同的未办结办件。', shared: (words: string) => `相同的话：“${words}”`,
    join: '是同一件事，并案', joinOff: '不并案', joinChosen: (id: number) => `登记后并入办件 ${id}；回执码照样交给群众，办理结果两边都告知。`, joinAsk: '先问清群众，确认是同一件事再并案。',
    joined: '已并入办件', unjoin: '撤销并案', unjoinReason: '登记后核对，不是同一事项', unjoined: '已撤销并案，这一件单独办理。', unjoinOther: '如果不是同一件事，请告诉统筹协调组撤销并案。',
    files: '照片、视频', filesHint: '群众带来或发来的，最多 6 个；系统会去除拍摄信息，原件加密留存。举报的与内容一起加密。', filesMost: '最多 6 个文件，多出的没有加上。', filesOut: '去掉', filesLeave: (name: string) => `去掉 ${name}`, filesBad: '这个文件没有通过，请去掉或换一个', filesSize: (mb: string) => `${mb} MB`,
    slipPdf: '回执单（带二维码，PDF）', sent: '回执码已发短信', by: (way: string, who: string, unit: string, day: string) => `${way}${day ? `（${day}）` : ''}，由${unit}${who}登记`,
  },
};
export type EntryWords = typeof entryZh;
