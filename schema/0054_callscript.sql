-- The script of a call back (回访): what the clerk reads aloud, step by step, and what is said or done when something else happens. It is
-- worded where messages are worded, in the same versions and by the same people; nothing of it is ever sent. The steps and the
-- questions with their answers are in core/callscript.h. No sentence needs a parameter; each may have {office}, {unit}, {matter}
-- and {case}, and none says who reported what before it is clear that the right person is on the line.

insert into message_events (word) values
  ('call_greeting'), ('call_suits'), ('call_matter'), ('call_contacted'), ('call_done'), ('call_solved'), ('call_rating'), ('call_demand'),
  ('call_thanks'), ('call_farewell'), ('call_nobody'), ('call_wrong'), ('call_refuses'), ('call_beyond'), ('call_angry'), ('call_danger'),
  ('call_misconduct');

insert into message_templates (event, lang, version, text) values
  ('call_greeting', 'zh', 1, '您好，这里是{office}政务服务回访中心。前些时候您向我们反映过一件事，现在有了答复，想请您说说办得怎么样。'),
  ('call_greeting', 'en', 1, 'Hello, this is the call-back centre of {office}. Some time ago you told us about a matter. It has been answered now, and we should like to hear from you how it went.'),
  ('call_suits', 'zh', 1, '请问是您本人反映的吗？现在方便讲两分钟吗？您说的只用来核实办理结果。'),
  ('call_suits', 'en', 1, 'Was it you who reported it? Do you have two minutes now? What you say is only used to check the result.'),
  ('call_matter', 'zh', 1, '您反映的是“{matter}”方面的事，编号 {case}，由{unit}承办。'),
  ('call_matter', 'en', 1, 'Your matter was about {matter}. Its number is {case}, and {unit} was responsible for it.'),
  ('call_contacted', 'zh', 1, '办理过程中，{unit}的工作人员跟您联系过吗？'),
  ('call_contacted', 'en', 1, 'Did somebody of {unit} get in touch with you while it was being handled?'),
  ('call_done', 'zh', 1, '{unit}的答复我念给您听（念答复）。答复里说的，实际做到了吗？'),
  ('call_done', 'en', 1, 'Let me read you the answer of {unit} (read it). Has what it says really been done?'),
  ('call_solved', 'zh', 1, '您反映的问题现在是已经解决、部分解决，还是没有解决？'),
  ('call_solved', 'en', 1, 'Is your problem solved now, partly solved, or not solved?'),
  ('call_rating', 'zh', 1, '对这次办理，您觉得是非常满意、满意、基本满意、不满意，还是非常不满意？'),
  ('call_rating', 'en', 1, 'How was it handled in your view: are you very satisfied, satisfied, fairly satisfied, dissatisfied or very dissatisfied?'),
  ('call_demand', 'zh', 1, '除了这些，您还有别的要求或者建议吗？'),
  ('call_demand', 'en', 1, 'Is there anything else that you ask for or suggest?'),
  ('call_thanks', 'zh', 1, '谢谢您，您的意见已经记下，没有解决的会发回重新办理。以后对结果有不同意见，三十日内可以凭回执码在网页上提出异议，也可以随时再打电话来。'),
  ('call_thanks', 'en', 1, 'Thank you, I have written that down; what is not solved goes back to be handled again. If you disagree with the result later, you can object on our page with your receipt within thirty days, or ring us at any time.'),
  ('call_farewell', 'zh', 1, '打扰您了，再见。'),
  ('call_farewell', 'en', 1, 'Thank you for your time. Goodbye.'),
  ('call_nobody', 'zh', 1, '（不留言，不向别人说明是什么事。记为“未接通”，改天换一个时段再打，共打三次。）'),
  ('call_nobody', 'en', 1, '(Leave no message and tell nobody else what it is about. Record “not reached” and try on another day at another hour, three times in all.)'),
  ('call_wrong', 'zh', 1, '对不起，我打错了，打扰您了，再见。（不说明是什么事，记为“未接通”。）'),
  ('call_wrong', 'en', 1, 'I am sorry, I have the wrong number. Goodbye. (Do not say what it was about; record “not reached”.)'),
  ('call_refuses', 'zh', 1, '好的，不打扰您了。您以后想说，可以凭回执码在网页上答复。再见。'),
  ('call_refuses', 'en', 1, 'Of course, I will not trouble you. If you wish to tell us later, you can answer on our page with your receipt. Goodbye.'),
  ('call_beyond', 'zh', 1, '您的心情我理解，不过这项要求超出了{unit}的职责或者现行规定，我们不能答应。您可以依法申请行政复议、提起行政诉讼，或者按信访程序申请复查，我把您的要求也记下来。'),
  ('call_beyond', 'en', 1, 'I understand, but this goes beyond what {unit} may do or what the rules allow, so we cannot promise it. You may apply for administrative reconsideration, go to court, or ask for a review. I am writing your request down as well.'),
  ('call_angry', 'zh', 1, '您别着急，慢慢说，我一句一句记下来。我不是承办单位的人，会照您的原话转达。（不争辩，不打断，不替单位解释。）'),
  ('call_angry', 'en', 1, 'Please take your time, I am writing it down word by word. I do not belong to the unit, and I will pass on what you say as you say it. (Do not argue, interrupt or defend the unit.)'),
  ('call_danger', 'zh', 1, '请您先到安全的地方。有人受伤或者情况紧急，请马上拨打 110、119 或 120。您在哪里、现在是什么情况？我马上报告值班人员。'),
  ('call_danger', 'en', 1, 'Please go to a safe place first. If somebody is hurt or it is urgent, ring 110, 119 or 120 at once. Where are you and what is happening? I am telling the people on duty right away.'),
  ('call_misconduct', 'zh', 1, '您说的这个情况我单独记下来，由专门人员核查，核查之前不会转给被反映的单位。请您说说时间、地点、什么事；您也可以在网页上用“举报”加密提交。'),
  ('call_misconduct', 'en', 1, 'I am writing this down apart; it is looked into by people who do nothing else, and does not go to the unit before that. When, where and what was it? You can also send it sealed on our page, under “report”.');
