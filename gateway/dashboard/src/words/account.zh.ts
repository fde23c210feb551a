/* Words of signing in by steps and of the account page. */
export const accountZh = {
  signIn: {
    codeTitle: '第二步：动态验证码', codeHint: '打开手机上的验证器，输入“码上督”下的 6 位数字。', code: '验证码', recovery: '恢复码',
    recoveryHint: '输入启用时打印的恢复码中没用过的一个，每个只能用一次。', useRecovery: '手机不在身边，用恢复码', useCode: '改用手机验证码',
    back: '换个账号登录', submit: '验证并登录', missing: '请输入验证码。', missingRecovery: '请输入恢复码。',
    lost: '手机和恢复码都不在手边？请联系系统管理员重置。', or: '或者', byOidc: (name: string) => `用${name}登录`,
    why: {
      oidc_unknown: '您的统一身份还没有对应的本系统账号。请用账号密码登录，或联系系统管理员绑定。',
      oidc_failed: '统一身份认证没有完成，请再试一次；仍不行就用账号密码登录。',
      login_locked: '连续输错次数过多，账号已暂时锁定，请稍后再试。',
    } as Record<string, string>,
  },
  account: {
    title: '我的账号', forced: '须先启用动态验证码（岗位要求，或原来的已被重置）：按下面三步设好，就可以开始工作。', go: '已可以使用，去工作台 →',
    factor: '动态验证码', on: '已启用', off: '未启用', needed: '本岗位必须启用',
    factorHint: '登录时除了密码，再输一次手机上的 6 位数字；密码被人知道了，也登录不了您的账号。任何支持 TOTP 的验证器都可以，不用联网。',
    onSince: (time: string) => `${time} 启用，每次登录都要验证码。`, codesLeft: (n: number) => `还剩 ${n} 个恢复码。`,
    begin: '启用动态验证码', confirm: '确认启用', newCodes: '换一组恢复码', turnOff: '停用', begun2: '请用手机扫码，再输入验证码',
    go2: { begin: '下一步', codes: '生成新的恢复码', off: '停用动态验证码' },
    password: '现在的密码', code: '验证码', codeHint: '6 位数字，每 30 秒换一组；用过的一组不能再用。', codeOrRecovery: '手机上的 6 位数字，或一个没用过的恢复码。',
    needPassword: '请填写密码。', needCode: '请输入验证码。', isOn: '动态验证码已启用', isOff: '动态验证码已停用', codesNew: '旧的恢复码已作废',
    offText: '停用后，登录只需要密码。', offNeeded: '您的岗位必须启用：停用后要马上重新设置（例如换手机），才能继续工作。',
    picture: '供手机验证器扫描的二维码', steps: ['在手机上打开验证器，选“添加”或“扫一扫”。', '扫左边的二维码。', '把手机上显示的 6 位数字填在下面。'], typed: '不能扫码时，手工输入这串密钥（只显示这一次，不要发给别人）：',
    codesTitle: '恢复码：只显示这一次', codesText: '手机丢失或不在身边时，用其中一个代替验证码，每个只能用一次。请打印后锁好，不要存在手机里，也不要发给别人。', codesDone: '我已保存好',
    sessions: '登录的地方', sessionsHint: '不认识的，或忘了退出的，请结束它，并修改密码。这里不记录地址。',
    endsHint: (minutes: number, time: string) => `本次登录：${minutes} 分钟没有操作会自动退出，最晚到 ${time}。`,
    device: '浏览器和系统', begun: '登录时间', seen: '最近使用', ends: '最晚结束', end: '结束', endHere: '用“退出”结束', here: '本机', byOidc: '统一身份', unknownDevice: '其他程序',
    endOthers: (n: number) => `结束其他 ${n} 处登录`, ended: (n: number) => `已结束 ${n} 处登录`,
    idleTitle: '您还在吗？', idleText: (s: number) => `很久没有操作，${s} 秒后自动退出，以免别人看到办件。没有提交的文字会保留。`, idleStay: '继续使用',
    ending: (time: string) => `本次登录将在 ${time} 结束，请提交正在填写的内容；之后重新登录即可。`,
  },
};
