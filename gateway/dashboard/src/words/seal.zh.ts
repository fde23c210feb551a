/* Words of the desk of reports, of the officers' keys and of recovery. */
type Named = Record<string, string>;

export const sealZh = {
  sealTabs: { reports: '举报件', keys: '我的密钥与组密钥', recovery: '找回' },
  reports: {
    none: '没有举报件。', caption: '举报件', opened: '收件', open: (id: number) => `打开举报件 ${id}`,
    hint: '举报内容在浏览器里解密，网关和数据库里只有密文。每次打开都要写理由，并记入审计日志。',
    noKeys: '还没有任何组密钥或托管密钥，群众现在还不能提交密封举报。请先到“我的密钥与组密钥”生成。',
    owed: (n: number) => `有 ${n} 条举报内容还没有封给现在的组密钥，请到“我的密钥与组密钥”补封。`,
    title: (id: number) => `举报件 ${id}`, toCase: '办件页', plain: '这件举报不是密封送来的（例如短信），原话在办件页查看。', more: '有新的内容或办理记录。', again: '重新打开',
    panelTitle: '这是密封的举报', panel: '内容只能由纪检监察单位和追责问责组的人用自己的密钥，在举报页面里打开。这里不显示原话。', panelOpen: '到举报页面打开',
    panelOther: '内容不在系统里以明文保存，您的岗位不能打开。',
  },
  talk: {
    title: '举报内容与往来', from: { reporter: '举报人', officer: '办理人员' } as Named, contact: '联系方式', sender: '自称', place: '地点', position: (lat: string, lon: string, m: string) => `北纬 ${lat}，东经 ${lon}${m ? `，误差约 ${m} 米` : ''}`,
    files: '附件', clean: '清洁件（已去掉拍摄信息）', original: '打开原件', originalHint: '原件可能带有拍摄地点、设备等信息，只在核查需要时打开。', save: '保存原件', saveHint: '保存到电脑后不再受系统保护，请按涉密要求管理。',
    picture: (n: number) => `图片 ${n}`, film: (n: number) => `视频 ${n}`, size: (kb: string) => `${kb} KB`, opening: '正在解密…', noWords: '没有写文字。', gone: '按规定已删除内容。',
    noEnvelope: '这一条没有封给您手里的密钥。请同组已能打开的人在“我的密钥与组密钥”补封，或由追责问责组找回。',
  },
  answer: {
    title: '回复或追问举报人', hint: '举报人凭回执码在查询页看到；不会发短信，也不会显示您的姓名。', field: '写给举报人', who: '哪一位举报人', reporter: (n: number) => `举报人 ${n}`, reads: '谁能看到这段话：',
    readers: { reporter: '举报人本人（凭回执码）', escrow: '两位托管人同时到场时（仅用于找回）' } as Named, group: (title: string, n: number) => `${title}（${n} 人有密钥）`,
    send: '封好并发出', busy: '正在加密并发出…', done: '已发出', empty: '请先写内容。',
  },
  lock: {
    open: (n: number) => `已解锁，${n} 把组密钥`, shut: '已锁定', none: '未登记密钥', now: '立即锁定', title: '用口令解锁', field: '我的口令', submit: '解锁', busy: '正在验证口令…',
    hint: '口令只在这台电脑的浏览器里使用，不会发送给服务器。15 分钟不操作，或页面在后台 5 分钟，会自动锁定。',
    causes: { idle: '15 分钟没有操作，已自动锁定。', hidden: '页面在后台超过 5 分钟，已自动锁定。', asked: '已锁定。', session: '', left: '您在别处登记了新密钥，请用新口令解锁。' } as Named,
    enrolFirst: '您还没有登记自己的密钥。', enrol: '去登记', noGroup: '您已解锁，但还没有人把组密钥交给您。请同组有密钥的人在“我的密钥与组密钥”里点“交给”。', forgot: '忘记口令怎么办',
    spoilt: (n: number) => `有 ${n} 把组密钥打不开：可能是为您以前的密钥封的，请同组的人重新交给您。`,
  },
  sealKeys: {
    title: '举报密钥', mine: '我的密钥', enrolTitle: '登记密钥', enrolHint: '密钥在这台电脑的浏览器里生成，用您的口令加密后才保存。口令没有人能替您查到，请务必记住。',
    passphrase: '口令', repeat: '再输一遍口令', rule: '至少 12 个字，建议用几个不相干的词连成一句；不要与登录密码相同。', submit: '生成并登记', busy: '正在生成…', differ: '两次输入的口令不一致。',
    strength: { short: '还不够 12 个字', plain: '太简单：重复的字太多，或全是数字', fair: '可以，再长一些更好', good: '很好' } as Named, strengthLabel: '口令强度', enrolled: (v: number) => `已登记，第 ${v} 版`, enrolDone: '密钥已登记。',
    change: '修改口令', old: '现在的口令', next: '新口令', changeSubmit: '保存新口令', changed: '口令已修改，密钥不变。', sameOne: '新口令不能与现在的相同。',
    lost: '忘记口令', lostSteps: ['没有人能找回口令，包括系统管理员。请在下面登记一把新密钥，用新的口令。', '然后请同组有密钥的人在本页把组密钥重新交给您；从前的举报随即可以打开。', '如果组里没有别人有密钥：由追责问责组请两位托管人到场，在“找回”页输入各自的托管码，把组密钥重新封给您。'],
    renew: '登记新密钥', renewWarn: '登记后，旧口令和为旧密钥封存的组密钥都不再有用。',
    noKey: '还没有组密钥', version: (v: number) => `组密钥第 ${v} 版`, member: '成员', enrolledAt: '自己的密钥', has: '组密钥', yes: '已登记', no: '未登记', hasKey: '有', hasNot: '没有', act: '办理', give: (name: string) => `交给${name}`, given: (name: string) => `已把组密钥交给${name}`,
    noMembers: '组里还没有人。', self: '（我）', first: '生成第一把组密钥', rotate: '更换组密钥', rotateHint: '有人离开岗位、或怀疑密钥泄露时更换。新举报只封给新密钥；以前的举报随后补封。勾选谁得到新密钥：', firstHint: '生成后，新的举报会封给这个组。勾选谁得到密钥：', make: '确认生成', made: (v: number) => `组密钥第 ${v} 版已生成`,
    needUnlock: '请先解锁自己的密钥。', needEnrol: '请先登记自己的密钥。', owedTitle: '补封', owed: (n: number) => `有 ${n} 条内容还只封给旧的组密钥。`, owedNone: '没有还封给旧组密钥的举报。', rewrap: '开始补封', resume: '继续补封', stop: '暂停', progress: (n: number, of: number) => `已补封 ${n} / ${of}`, failed: (n: number) => `${n} 条打不开，已跳过：没有旧密钥，或封套损坏。`, rewrapDone: (n: number) => `补封完成，共 ${n} 条`,
    escrow: '托管密钥', escrowYes: '已设置。两位托管人各持一份托管码，同时到场才能找回。', escrowNo: '还没有设置。没有托管密钥时，全组都忘记口令就再也打不开。请系统管理员在服务器上运行 mashangdu seal escrow。',
  },
  recovery: {
    hint: '只在口令遗失、组里没有别人有密钥，或有在生成组密钥之前收到的举报时使用。两位托管人要同时到场，各自输入自己的托管码；输入后立即清空，托管密钥只在这个页面的内存里，用完即抹去。',
    none: '没有设置托管密钥，无法找回。', reason: '理由', reasonShort: '请写明理由，至少两个字。', share: (n: number) => `第 ${n} 位托管人的托管码`, shareHint: '14 组，每组 4 个字符；大小写、空格和短横线都不要紧。', take: '收下', taken: (n: number) => `第 ${n} 份已收下并清空`, join: '合成托管密钥', busy: '正在打开…',
    open: '托管密钥已合成', wipe: '抹去托管密钥', wiped: '托管密钥已从内存抹去。', timed: '长时间没有操作，托管密钥已抹去，请重新开始。', give: '把组密钥交给', giveHint: '列出已登记自己的密钥、但没有组密钥的人。', nobody: '没有这样的人。忘记口令的人要先登记新密钥。', giveSubmit: '封给所选的人', gave: (n: number) => `已交给 ${n} 人`,
    early: '早期举报', earlyHint: '在生成组密钥之前收到的举报，只封给了托管密钥；这里把它们封给现在的组密钥。', earlySubmit: '补封早期举报', earlyNoGroup: '还没有组密钥，请先到“我的密钥与组密钥”生成。', unopened: (n: number) => `${n} 把组密钥打不开：封给了另一把托管密钥，或已损坏。`, done: (n: number) => `已补封 ${n} 条`,
  },
  sealFaults: {
    passphrase: '口令不对，请再试一次。', format: '保存的密钥数据不完整，无法使用。请重新载入页面；仍然如此，请登记新密钥。', wrap: '这把组密钥打不开：不是封给您现在的密钥，或已损坏。请同组的人重新交给您。', envelope: '这一条的封套打不开：已损坏，或不是封给这把密钥。', message: '这一条的密文已损坏或被改动，不能显示。', file: '这个附件的密文已损坏或被改动，不能打开。',
    share_letters: '托管码里有不会出现的字符，请对照纸面检查。', share_length: '托管码长短不对，应为 14 组、每组 4 个字符。', share_check: '托管码的校验组不符，有一处抄错了，请逐组核对。', share_same: '两份是同一份托管码，需要另一位托管人的那一份。', shares: '两份托管码合不成现在的托管密钥：可能有一份是旧的。', library: '加密程序没有载入，请检查网络后重新载入页面。',
  } as Named,
};

export type SealWords = typeof sealZh;
