/* Words of pictures and videos of a case. */
export const filesZh = {
  files: {
    title: '照片和视频', hint: '展示件，已去除拍摄信息', photo: (n: number) => `照片 ${n}`, video: (n: number) => `视频 ${n}`, fromAct: '办理佐证', fromCitizen: '群众提供', open: '看大图', play: '播放',
    original: '调阅原件', reason: '调阅理由', reasonHint: '2 到 500 字；每次调阅都会留痕。', get: '调阅', short: '请填写理由。',
    evidence: '上传照片或视频', evidenceHint: '最多 6 个；也可以在上面写明材料名称。', sending: '正在上传…', ready: (n: number) => `已上传 ${n} 个文件，提交后随本次办理保存。`, remove: '不用了',
  },
};
export type FilesWords = typeof filesZh;
