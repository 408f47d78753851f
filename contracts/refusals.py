"""How a refusal is told: a code for machines, a sentence for people, the field or rule it is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field

from contracts.codes import RefusalCode
from contracts.envelope import quoted
from contracts.message import Code
from contracts.refusal_details import DETAILS


class Reason(BaseModel):
    """One reason of a refusal, complete enough to mend the request."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", use_attribute_docstrings=True)

    code: Code
    """One of `RefusalCode` today; an open list, so that a new rule never breaks an old reader."""
    field: Annotated[str, Field(max_length=200)] | None = None
    """Path of the field at fault, such as ``contact.email``; None when the rule is about the case."""
    detail: Annotated[str, Field(max_length=200)] | None = None
    """What is wrong with the field, for programs: ``missing``, ``string_too_long``, ``identifier_not_nfc``."""
    zh: str
    en: str


_SENTENCES: dict[RefusalCode, tuple[str, str]] = {
    RefusalCode.MALFORMED: (
        "消息不符合约定的格式，请按接口说明改正该字段后重新提交。",
        "The message does not fit its contract; correct the field and send it again.",
    ),
    RefusalCode.UNKNOWN_TYPE: (
        "本主题不接收类型为 {came} 的消息，请检查消息类型（ce_type）后重新提交。可用类型：{taken}。",
        "This topic takes no messages of the type {came}; correct ce_type and send again. It takes: {taken}.",
    ),
    RefusalCode.FIELD_UNKNOWN: (
        "没有这个字段，最接近的是 {nearest}；请改正名称或去掉该字段后重新提交。",
        "There is no such field; the nearest one is {nearest}. Correct the name or leave the field out.",
    ),
    RefusalCode.FIELD_REPEATED: (
        "该字段只能出现一次，请去掉多余的后重新提交。",
        "This field may be given once; remove the others and send it again.",
    ),
    RefusalCode.TEXT_MISSING: (
        "诉求内容为空，请补充后重新提交。",
        "The text of the complaint is missing; add it and send it again.",
    ),
    RefusalCode.TEXT_TOO_LONG: (
        "文字超过上限（{limit} 字），请缩短后重新提交。",
        "The text is longer than {limit} characters; shorten it and send it again.",
    ),
    RefusalCode.CHANNEL_UNKNOWN: (
        "渠道不在本市渠道表中；请本市中心先在 channels.toml 中登记。",
        "The channel is not in this city's list of channels; ask its centre to add it to channels.toml.",
    ),
    RefusalCode.CHANNEL_WITHDRAWN: (
        "该渠道自 {until} 后不再受理诉求，请改用其他渠道提交。",
        "This channel has taken no complaints since {until}; submit by another channel.",
    ),
    RefusalCode.AREA_UNKNOWN: ("区域代码不在本市区域表中。", "The area is not in this city's list of areas."),
    RefusalCode.CATEGORY_UNKNOWN: ("事项类别不在本市目录中。", "The category is not in this city's catalogue."),
    RefusalCode.RECEIVED_IN_FUTURE: (
        "受理时间晚于当前时间，请检查时钟和时区。",
        "The time of receipt lies in the future; check the clock and the time zone.",
    ),
    RefusalCode.CONTACT_MISSING: (
        "选择了电子邮件回复，但未留电子邮箱。",
        "An answer by e-mail was chosen, but no address was given.",
    ),
    RefusalCode.NOTICE_UNKNOWN: ("没有这个通知。", "There is no such notice."),
    RefusalCode.NOT_BY_THIS_PROVIDER: (
        "该通知不是由这个服务商发送的。",
        "The notice was not sent by this provider.",
    ),
    RefusalCode.PHONE_MISSING: (
        "选择了短信回复，但未留手机号码。",
        "An answer by text message was chosen, but no telephone number was given.",
    ),
    RefusalCode.CONTACT_MALFORMED: ("联系方式格式不正确。", "The contact is not well-formed."),
    RefusalCode.ALREADY_REGISTERED: (
        "同一编号的诉求已登记（{number}），内容不同，不能覆盖。",
        "This reference is already registered as {number} with other content; it cannot be overwritten.",
    ),
    RefusalCode.CASE_UNKNOWN: ("没有这个案件。", "There is no such case."),
    RefusalCode.CASE_CLOSED: ("案件已办结。", "The case is closed."),
    RefusalCode.ITEM_UNKNOWN: (
        "没有这个监察事项：请先发送 WatchItem。",
        "There is no such item; send WatchItem first.",
    ),
    RefusalCode.ITEM_WATCHED: (
        "同一编号的监察事项已在监察，内容不同，不能覆盖。",
        "This reference is already watched with other content; it cannot be overwritten.",
    ),
    RefusalCode.ITEM_FINISHED: ("该监察事项已办结或已撤销。", "The item is finished or cancelled."),
    RefusalCode.ITEM_PAUSED: ("该监察事项已因同一原因暂停。", "The item stands still for this reason already."),
    RefusalCode.ITEM_NOT_PAUSED: ("该监察事项没有暂停。", "The item does not stand still."),
    RefusalCode.ITEM_TYPE_UNKNOWN: (
        "没有“{type}”这种办件类型，现有：{known}。",
        "The place has no type of item '{type}'; it has: {known}.",
    ),
    RefusalCode.ITEM_LIMIT_TOO_LONG: (
        "“{type}”的时限不得超过 {limit}。",
        "An item of type '{type}' may not have a limit longer than {limit}.",
    ),
    RefusalCode.ITEM_ON_THE_SPOT: (
        "“{type}”应当场办结，不得暂停。",
        "An item of type '{type}' is finished on the spot: it may not be paused.",
    ),
    RefusalCode.ITEM_NOT_COORDINATED: (
        "“{type}”须写明协办单位，且不得是主办单位。",
        "An item of type '{type}' names its co-handlers, other units than the lead.",
    ),
    RefusalCode.ITEM_NOT_FORWARDED: (
        "“{type}”须写明上报到哪个上级单位。",
        "An item of type '{type}' names the superior unit to which it is forwarded.",
    ),
    RefusalCode.ITEM_MISSING_UNNAMED: (
        "请一次性写明所缺的全部材料。",
        "Name everything that is missing, at once.",
    ),
    RefusalCode.STEP_UNKNOWN: (
        "该事项的程序没有这一环节，现有：{known}。",
        "The item's procedure has no such step; it has: {known}.",
    ),
    RefusalCode.STEP_OUT_OF_ORDER: (
        "环节须按顺序办理，下一环节是“{expected}”。",
        "Steps are done in their order; the next one is '{expected}'.",
    ),
    RefusalCode.STEP_POST_WRONG: (
        "岗位不存在，或不是负责该环节的岗位。",
        "The post does not exist, or is not the one that does this step.",
    ),
    RefusalCode.STEP_ERROR_UNKNOWN: (
        "没有这种工作差错，现有：{known}。",
        "The place's list has no such error; it has: {known}.",
    ),
    RefusalCode.STEPS_OPEN: (
        "程序尚未走完，下一环节是“{expected}”；退办须说明理由。",
        "Not every step is done, the next one is '{expected}'; what is handed back gives its reason.",
    ),
    RefusalCode.ITEM_TOLD_ALREADY: (
        "所缺材料只能告知一次，已于 {told_on} 告知。",
        "What is missing is asked for once; it was asked for on {told_on}.",
    ),
    RefusalCode.STARTED_IN_FUTURE: (
        "起算时间晚于当前时间，请检查时钟和时区。",
        "The start lies in the future; check the clock and the time zone.",
    ),
    RefusalCode.ISSUED_IN_FUTURE: (
        "所报发生时间晚于当前时间，请检查时钟和时区。",
        "What is said to have happened lies in the future; check the clock and the time zone.",
    ),
    RefusalCode.ISSUED_TOO_EARLY: (
        "所报发生时间早于该事项起算、最近一次预警或暂停（{known_at}），不能倒填。",
        "It is said to have happened before the start, the last card or the last pause of the item ({known_at}).",
    ),
    RefusalCode.NOT_VERIFIER: (
        "该案件的办理结果由其他单位核查销号，本单位不能核查。",
        "Another unit verifies how this case was handled.",
    ),
    RefusalCode.NOT_REPORTED: (
        "该案件目前没有待核查的办理结果。",
        "Nothing that was reported waits to be verified.",
    ),
    RefusalCode.REPORT_PENDING: (
        "办理结果已经上报，正在核查，请等待核查结论。",
        "What was reported is being verified; wait for the result.",
    ),
    RefusalCode.REASON_MISSING: ("请写明理由。", "Give the reason."),
    RefusalCode.CASE_HELD: (
        "案件尚在受理审查或等待补充材料，还不能派单。",
        "The case is still being examined, or waits for the complainant; it cannot be dispatched yet.",
    ),
    RefusalCode.NOT_HELD: ("案件已受理，不再处于受理审查阶段。", "The case is past its examination."),
    RefusalCode.NOT_ASKED: ("该案件目前没有需要补充的内容。", "Nothing is asked for in this case at present."),
    RefusalCode.NOT_YOUR_CENTRE: (
        "该案件由其他受理中心负责，本中心不能处理。",
        "Another centre answers for the case; this centre cannot act on it.",
    ),
    RefusalCode.REPLY_MISSING: (
        "不予受理或转告其他机关时必须写明给群众的答复。",
        "A case that is not taken needs a reply to the complainant.",
    ),
    RefusalCode.AUTHORITY_MISSING: (
        "转告其他机关时必须写明是哪个机关，其他情形不得填写。",
        "A diverted case names the authority it has to go to, and no other case does.",
    ),
    RefusalCode.ANSWER_MISSING: ("请补充：{question}。", "Please tell us: {question}."),
    RefusalCode.CLERK_ASKS: ("请您补充：“{question}”。", "Please add: {question}."),
    RefusalCode.SUPPLEMENT_LAPSED: (
        "未在期限内补充所需内容，本件终结；补齐后可以重新反映。",
        "What was missing was not given in time, and the case is closed; you may bring it again with everything.",
    ),
    RefusalCode.WITHDRAWN: ("已按您的要求撤回。", "Withdrawn at your request."),
    RefusalCode.NOT_RESPONSIBLE: ("该案件不由本单位办理。", "The case is not assigned to this unit."),
    RefusalCode.NOT_DISPATCHER: ("只有派单中心可以派单。", "Only the dispatching centre may dispatch."),
    RefusalCode.NOT_SIGNED: (
        "尚未签收，请先签收再办理。",
        "The case has not been signed for; sign before handling it.",
    ),
    RefusalCode.ALREADY_SIGNED: ("已经签收，不能重复签收。", "The case has been signed for already."),
    RefusalCode.RETURN_WINDOW_CLOSED: (
        "已超过退单期限（派单后 {hours} 小时内）。",
        "The window for returning has closed ({hours} hours from dispatch).",
    ),
    RefusalCode.RETURN_PENDING: ("退单申请正在审核，请等待裁定。", "A return is waiting for its ruling; wait for it."),
    RefusalCode.RULING_BINDS: (
        "派单中心已裁定由本单位办理，不能再退。",
        "The centre has ruled that this unit handles the case; it cannot be returned again.",
    ),
    RefusalCode.UNIT_UNKNOWN: ("单位不在组织机构表中。", "The unit is not in the organisation tree."),
    RefusalCode.RECUSED: ("该单位是被投诉单位，应当回避。", "The unit is the one complained about and is recused."),
    RefusalCode.CASE_SUSPENDED: (
        "案件已挂起，请先恢复办理。",
        "The case is suspended; resume it first.",
    ),
    RefusalCode.NOT_SUSPENDED: (
        "案件没有挂起。",
        "The case is not suspended.",
    ),
    RefusalCode.SUSPENSION_NOT_LISTED: (
        "该挂起理由不在本市规定之内。",
        "This city does not suspend cases for that reason.",
    ),
    RefusalCode.SUSPENSION_USED_UP: (
        "该理由的挂起时间已用完（最多 {days} 天）。",
        "A case may rest {days} days for that reason at most, and has.",
    ),
    RefusalCode.EXTENSION_PENDING: (
        "延期申请正在审批，请等待结果。",
        "A request for more time is being decided; wait for it.",
    ),
    RefusalCode.EXTENSION_NOT_ASKED: (
        "该案件没有待审批的延期申请。",
        "No request for more time waits to be decided.",
    ),
    RefusalCode.EXTENSION_TOO_LONG: (
        "申请延期超过上限（{limit} 个工作日）。",
        "More than {limit} working days cannot be granted.",
    ),
    RefusalCode.EXTENSION_TOO_LATE: (
        "申请延期时办理期限已经届满，批准的延期不计，期限不变。",
        "The limit had ended when more time was asked for; what was granted does not count, and the limit stays.",
    ),
    RefusalCode.EXTENSIONS_USED_UP: (
        "延期次数已达上限（{times} 次）。",
        "The case has been extended {times} times already; there is no more.",
    ),
    RefusalCode.NOT_APPROVER: (
        "该事项由其他单位审批。",
        "Another unit decides about this.",
    ),
    RefusalCode.NOTHING_TO_APPROVE: (
        "该案件没有待审批的派单。",
        "No dispatch waits for approval.",
    ),
    RefusalCode.ACTOR_MISSING: (
        "请写明是哪个岗位作出的决定；通过 HTTP 时请使用该岗位的密钥。",
        "Name the post that decides; over HTTP, use that post's own key.",
    ),
    RefusalCode.ACTOR_UNKNOWN: (
        "该岗位不属于本单位。",
        "The post is not one of this unit.",
    ),
    RefusalCode.ACTOR_RECUSED: (
        "该岗位是被投诉人，应当回避。",
        "The post is the one complained about and is recused.",
    ),
    RefusalCode.SAME_ACTOR: (
        "提出和审批必须由不同岗位作出，请由另一岗位审批。",
        "The post that proposed it cannot approve it; another post has to.",
    ),
    RefusalCode.NOT_ASSIGNED: (
        "案件尚未派出，请直接派单。",
        "The case is with no unit; dispatch it.",
    ),
    RefusalCode.ALREADY_THERE: (
        "案件已在该单位。",
        "The case is with that unit already.",
    ),
    RefusalCode.NOT_CLOSED: (
        "案件尚未办结。",
        "The case is not closed.",
    ),
    RefusalCode.NOT_REOPENABLE: (
        "案件未经办理即终结，不能重办；可以重新反映。",
        "The case ended before any unit handled it; bring it again instead.",
    ),
    RefusalCode.REOPEN_WINDOW_CLOSED: (
        "已超过重办期限（办结后 {days} 天内）。",
        "The window for opening it again has closed ({days} days from its end).",
    ),
    RefusalCode.NOT_CO_HANDLER: (
        "该单位没有待办的协办事项。",
        "The unit has no open part of this case.",
    ),
    RefusalCode.ALREADY_CO_HANDLER: (
        "该单位已是主办或协办单位。",
        "The unit is the lead or a co-handler already.",
    ),
    RefusalCode.SUBTASKS_OPEN: (
        "还有 {count} 项协办事项未完成。",
        "Parts of co-handlers are still open: {count}.",
    ),
    RefusalCode.NOT_INSTRUCTOR: (
        "该岗位无权对此案件作出批示：须为名册中可批示的领导岗位，且其单位是承办单位的上级。",
        "The post may not instruct here: it must be listed for instructions, in a unit above the handling one.",
    ),
    RefusalCode.SUPPLEMENT_ASKED: (
        "已要求当事人补充过一次，不能再次要求；请按现有材料办理。",
        "The complainant has been asked once already; handle the case with what there is.",
    ),
    RefusalCode.SUPPLEMENT_PENDING: (
        "正在等待当事人补充材料。",
        "The complainant has been asked and has not answered yet.",
    ),
    RefusalCode.CONSULTATION_MISSING: (
        "裁定前应当会商：请写明参加单位和会商纪要。",
        "A ruling needs a consultation: name the units that took part, and give its minutes.",
    ),
    RefusalCode.CONSULTATION_INCOMPLETE: (
        "退单单位 {unit} 未参加会商。",
        "Unit {unit} has returned the case and took no part in the consultation.",
    ),
    RefusalCode.ADOPTION_MISSING: (
        "答复建议时须说明是否采纳。",
        "The answer to a suggestion says whether it is adopted.",
    ),
    RefusalCode.ADOPTION_NOT_EXPECTED: (
        "只有建议才说明是否采纳。",
        "Only the answer to a suggestion says whether it is adopted.",
    ),
    RefusalCode.NOTES_FULL: (
        "本案内部备注已达上限（{most} 条）。",
        "The case has {most} internal notes already, the most it may have.",
    ),
    RefusalCode.REOPENINGS_USED_UP: (
        "当事人申请重办的次数已达上限（{times} 次）。",
        "The complainant has had the case reopened as often as allowed ({times} times).",
    ),
    RefusalCode.ANSWER_APPEALED: (
        "对该答复已申请过复核。",
        "This answer has been appealed already.",
    ),
    RefusalCode.NOTHING_APPEALED: (
        "没有待处理的复核申请。",
        "No appeal against the answer waits to be decided.",
    ),
    RefusalCode.APPEALS_NOT_OFFERED: (
        "本市不受理对答复的复核申请。",
        "Answers cannot be appealed in this city.",
    ),
    RefusalCode.PROMISE_IN_PAST: (
        "承诺日期必须晚于当前时间。",
        "The date that is promised must lie in the future.",
    ),
    RefusalCode.CASE_MERGED: (
        "案件已并入其他案件一并办理。",
        "The case was merged into another and is handled with it.",
    ),
    RefusalCode.NOT_MERGED: ("案件没有并案。", "The case is not merged into another."),
    RefusalCode.CANNOT_LEAD: (
        "拟并入的案件不存在、已办结、尚未受理、已并案、属于其他中心或就是本案。",
        "The case to merge into is not there, is over, not accepted yet, merged itself, another centre's, or this one.",
    ),
    RefusalCode.ASSESSMENT_EXISTS: (
        "该编号已登记为另一项评议，不能覆盖；请先撤销，或换一个编号。",
        "This reference stands for another assessment already; withdraw it, or use another reference.",
    ),
    RefusalCode.ASSESSMENT_UNKNOWN: ("没有这项评议。", "There is no such assessment."),
    RefusalCode.ASSESSMENT_WITHDRAWN: ("该评议已撤销。", "The assessment was withdrawn."),
    RefusalCode.NOT_IN_SCORES: (
        "本市考核办法中没有这一项。",
        "The scores of this place have no such item.",
    ),
    RefusalCode.NOT_ASSESSOR: (
        "按本市考核办法，该项由其他单位评定。",
        "By the scores of this place, another body enters this.",
    ),
    RefusalCode.PERIOD_NOT_BEGUN: ("该考核期尚未开始。", "The period has not begun."),
    RefusalCode.POINTS_TOO_MANY: ("分值超过上限（{most} 分）。", "No more than {most} points can be given."),
    RefusalCode.NOT_FINDING_BODY: (
        "按本市规定，本单位无权作出认定。",
        "By the rules of this place, this unit makes no findings.",
    ),
    RefusalCode.JUDGES_ITSELF: ("不能对本单位自己作出认定或处理。", "Nobody judges himself; another body has to."),
    RefusalCode.CODE_UNKNOWN: ("代码不在本市代码表中。", "The code is not in the lists of this place."),
    RefusalCode.POST_UNKNOWN: (
        "该岗位不在岗位名册中，或不属于被认定单位。",
        "The post is not in the directory, or of none of these units.",
    ),
    RefusalCode.HAPPENED_IN_FUTURE: ("发生日期晚于今天。", "The date on which it happened lies in the future."),
    RefusalCode.FINDING_EXISTS: (
        "该编号已登记为另一项认定，不能覆盖。",
        "This reference stands for another finding already; it cannot be overwritten.",
    ),
    RefusalCode.FINDING_UNKNOWN: ("没有这项认定。", "There is no such finding."),
    RefusalCode.FINDING_FINAL: ("认定已生效，不能再申诉。", "The finding is final; it cannot be appealed against."),
    RefusalCode.FINDING_NOT_FINAL: (
        "认定尚未生效，请走申诉程序。",
        "The finding is not final; appeal against it instead.",
    ),
    RefusalCode.NOT_CONCERNED: ("该事项与本单位无关。", "This is about another unit."),
    RefusalCode.APPEAL_PENDING: ("申诉正在处理，请等待结果。", "An appeal is being decided; wait for it."),
    RefusalCode.NOT_APPEALED: ("没有待处理的申诉。", "No appeal waits to be decided."),
    RefusalCode.APPEAL_WINDOW_CLOSED: (
        "已超过申诉期限（{days} 天）。",
        "The window for appeals has closed ({days} days).",
    ),
    RefusalCode.NOT_APPEAL_BODY: ("该申诉由其他单位处理。", "Another body decides about this appeal."),
    RefusalCode.PROPOSAL_UNKNOWN: ("没有这项处理建议。", "There is no such proposal."),
    RefusalCode.PROPOSAL_CLOSED: (
        "该处理建议已决定或已失效。",
        "The proposal was decided already, or has lapsed.",
    ),
    RefusalCode.NOT_DECIDER: (
        "该处理由其他单位决定。",
        "Another body decides about this.",
    ),
    RefusalCode.MEASURE_NOT_TAKEN: ("没有已作出的处理。", "No measure was taken."),
    RefusalCode.CONSENT_MISSING: (
        "未采取全部建议的处理，须由本单位另一岗位作出同样的决定。",
        "Something that was proposed is left out; a second post of the body has to make the same decision.",
    ),
    RefusalCode.NOBODY_HEARS_APPEALS: (
        "可受理申诉的单位均与此事有关，请按单位分别认定。",
        "Every body that could hear an appeal is concerned; make a finding for each unit apart.",
    ),
    RefusalCode.NOT_INSPECTION_BODY: (
        "按本市规定，该检查由其他单位组织。",
        "By the rules of this place, another body inspects this.",
    ),
    RefusalCode.INSPECTION_EXISTS: (
        "该编号已登记为另一次检查，不能覆盖。",
        "This reference stands for another inspection already; it cannot be overwritten.",
    ),
    RefusalCode.INSPECTION_UNKNOWN: ("没有这次检查，请先登记计划。", "There is no such inspection; plan it first."),
    RefusalCode.ENDS_BEFORE_IT_BEGINS: ("结束日期早于开始日期。", "It ends before it begins; correct the dates."),
    RefusalCode.UNIT_DID_NOT_EXIST: (
        "检查日期早于该单位成立日期。",
        "The date lies before the unit existed.",
    ),
    RefusalCode.NOT_PLANNED: (
        "该单位或日期不在检查计划内。",
        "The unit, or the day, is not in the plan of this inspection.",
    ),
    RefusalCode.VISIT_EXISTS: (
        "该编号已登记为另一次走访，不能覆盖。",
        "This reference stands for another visit already; it cannot be overwritten.",
    ),
    RefusalCode.MONITOR_NAMED: (
        "暗访只填监督员代码，不填岗位；明查不填监督员代码。",
        "A covert visit names a monitor's code and no post; an open one names no monitor's code.",
    ),
    RefusalCode.RECTIFICATION_UNKNOWN: ("没有这项整改。", "There is no such rectification."),
    RefusalCode.RECTIFICATION_CLOSED: ("该整改已销号。", "The rectification was struck off already."),
    RefusalCode.NOT_SURVEY_BODY: (
        "按本市规定，测评由其他单位组织。",
        "By the rules of this place, another body makes surveys.",
    ),
    RefusalCode.SURVEY_EXISTS: (
        "该编号已登记为另一次测评，不能覆盖。",
        "This reference stands for another survey already; it cannot be overwritten.",
    ),
    RefusalCode.SURVEY_UNKNOWN: ("没有这次测评，请先登记计划。", "There is no such survey; plan it first."),
    RefusalCode.SURVEY_CLOSED: ("测评已结束，不能再计票。", "The survey is closed; nothing more is counted."),
    RefusalCode.BATCH_EXISTS: (
        "该批次已计票，内容不同，不能覆盖。",
        "This batch was counted with other numbers already; it cannot be overwritten.",
    ),
    RefusalCode.WEIGHTS_DO_NOT_ADD_UP: ("各题权重合计应为 100。", "The weights of the questions must make 100."),
    RefusalCode.PAPERS_DO_NOT_ADD_UP: (
        "份数不符：有效不多于收回，收回不多于发出，每题答数不多于有效份数。",
        "The numbers do not fit: valid, returned, issued must not shrink, and no question has more answers than valid.",
    ),
    RefusalCode.NOT_CLOSED_YET: ("案件尚未办结，暂不能评价。", "The case is not closed yet and cannot be rated."),
    RefusalCode.ALREADY_RATED: ("已经评价过，不能重复评价。", "The case has been rated already."),
    RefusalCode.NOT_YOUR_CASE: ("该案件不是由本渠道受理的。", "The case was not received through this channel."),
    RefusalCode.NOTHING_HANDLED: (
        "案件未经办理即终结，没有可以评价的办理结果。",
        "The case ended before any unit handled it; there is nothing to rate.",
    ),
    RefusalCode.RATING_WINDOW_CLOSED: (
        "已超过评价期限（答复后 {days} 天内）。",
        "The window for rating has closed ({days} days from the answer).",
    ),
    RefusalCode.NOT_PROPOSER: (
        "按本市规定，本单位不能提出公开，或不是提出单位。",
        "By the rules of this place this unit puts nothing up for publication, or it was put up by another.",
    ),
    RefusalCode.OWN_REVIEW: (
        "不能审核本单位提出或涉及本单位的公开内容。",
        "Nobody reviews what they have proposed, or what names them.",
    ),
    RefusalCode.NOT_REVIEWER: ("该公开内容由其他单位审核。", "Another unit reviews this."),
    RefusalCode.NOBODY_REVIEWS: (
        "没有可以审核的单位：审核单位须既非提出单位，也非所涉单位。",
        "There is nobody to review it: a reviewer neither proposes it nor is named in it.",
    ),
    RefusalCode.PUBLICATION_EXISTS: (
        "该编号已登记为另一项公开内容，不能覆盖。",
        "This reference stands for another publication already; it cannot be overwritten.",
    ),
    RefusalCode.PUBLICATION_UNKNOWN: ("没有这项公开内容。", "There is no such publication."),
    RefusalCode.PUBLICATION_DECIDED: ("该公开内容已经审核。", "The publication was reviewed already."),
    RefusalCode.PUBLICATION_OVER: (
        "该公开内容未获批准或已撤回。",
        "The publication was declined, or is withdrawn already.",
    ),
    RefusalCode.ATTACHMENT_UNKNOWN: (
        "没有上传过这个文件，或文件已过期删除，请重新上传。",
        "The sender has uploaded no such file, or it has expired; upload it again.",
    ),
    RefusalCode.ATTACHMENT_TAKEN: (
        "该文件已附在另一件诉求上，请为本件重新上传。",
        "The file is attached to another case; upload it again for this one.",
    ),
    RefusalCode.ATTACHMENT_DIFFERS: (
        "所报的类型、大小或摘要与已上传的文件不符。",
        "Type, size or digest differ from those of the uploaded file.",
    ),
    RefusalCode.ATTACHMENT_EMPTY: ("文件是空的，请重新选择文件。", "The file is empty; choose the file again."),
    RefusalCode.ATTACHMENT_TOO_LARGE: (
        "文件超过上限（{limit} 字节），请压缩后重新上传。",
        "The file has more than {limit} bytes; send a smaller one.",
    ),
    RefusalCode.ATTACHMENTS_TOO_MANY: (
        "附件超过上限（{most} 个），请减少后重新提交。",
        "There are more than {most} attachments; send fewer.",
    ),
    RefusalCode.ATTACHMENT_TYPE_NOT_TAKEN: (
        "不接收这种文件。可发 JPEG、HEIC、PNG、WebP、GIF、PDF、MP3、M4A、AAC、OGG、WAV、AMR。",
        "This type is not taken; send JPEG, HEIC, PNG, WebP, GIF, PDF, MP3, M4A, AAC, OGG, WAV or AMR.",
    ),
    RefusalCode.ATTACHMENT_TYPE_MISMATCH: (
        "文件内容与所报类型不符，请按真实类型上传。",
        "The file is not of the type that was declared; upload it as what it is.",
    ),
    RefusalCode.ATTACHMENT_DAMAGED: (
        "文件已损坏或不完整，无法读取，请重新上传。",
        "The file is damaged or incomplete and cannot be read; upload it again.",
    ),
    RefusalCode.ATTACHMENT_PIXELS: (
        "图片像素超过上限（{limit} 像素），请缩小后重新上传。",
        "The image has more than {limit} pixels; send a smaller one.",
    ),
    RefusalCode.ATTACHMENT_PROTECTED: (
        "文件设有打开密码，请取消密码后重新上传。",
        "The file opens with a password only; save it without one and upload it again.",
    ),
    RefusalCode.ATTACHMENT_ENCLOSES: (
        "PDF 内嵌有其他文件，请将各文件分别上传。",
        "The PDF holds other files; upload each of them on its own.",
    ),
    RefusalCode.ANSWER_SUPERSEDED: (
        "案件已重新办理，该链接对应的答复不再有效；请使用最新答复中的链接。",
        "The case was handled again since; use the link of the latest answer.",
    ),
    RefusalCode.PROOF_MISSING: (
        "请提供受理编号和查询码，或使用通知中的链接。",
        "Give the case number and the receipt code, or the link of a notice.",
    ),
    RefusalCode.LINK_INVALID: (
        "链接无效，请完整复制通知中的链接。",
        "The link is not valid; copy the whole link of the notice.",
    ),
    RefusalCode.LINK_EXPIRED: (
        "链接已过期，请使用受理编号和查询码。",
        "The link has expired; use the case number and the receipt code.",
    ),
    RefusalCode.LINK_OF_ANOTHER_CASE: (
        "链接属于另一件诉求。",
        "The link belongs to another case.",
    ),
    RefusalCode.LINK_RATES_ONLY: (
        "该链接只能用于评价和查询；请使用受理编号和查询码，或案件链接。",
        "This link is for rating and status only; use the case number and receipt code, or the link of the case.",
    ),
    RefusalCode.RATING_INCOMPLETE: (
        "接通并已评价时，须同时填写满意度和是否解决；未接通时都不填写。",
        "Give satisfaction and solved together, and only for somebody who was reached.",
    ),
    RefusalCode.SEARCH_TOO_WIDE: (
        "请至少给出一项查询条件：编号、电话、关键词（至少两个字）、单位、区域、状态或时间。",
        "Name something to search for: number, telephone, words (two characters or more), unit, area, state or time.",
    ),
    RefusalCode.PAGE_TOO_DEEP: (
        "只能翻看前 {most} 条，请缩小查询范围。",
        "Only the first {most} results can be paged through; narrow the search.",
    ),
    RefusalCode.EXPORT_TOO_LARGE: (
        "查询结果超过导出上限（{most} 条），请缩小查询范围。",
        "More than {most} cases match; narrow the search before exporting.",
    ),
    RefusalCode.CODE_WRONG: ("评价码不正确，请核对后重新提交。", "The rating code is wrong; check it and send again."),
}


def malformed(field: str, detail: str) -> Reason:
    """The reason for a message whose field, or envelope where it names none, does not fit the contract."""
    return detailed(RefusalCode.MALFORMED, field, detail)


def attachment_refusal(fault: str, field: str, detail: str | None = None, **figures: object) -> Reason:
    """The reason for a file that is not stored: `fault` is `missing`, or the rest of a code after `attachment-`."""
    if fault == "missing":
        return malformed(field, fault)
    code = RefusalCode.ATTACHMENTS_TOO_MANY if fault == "too-many" else RefusalCode(f"attachment-{fault}")
    return reason(code, field, **figures).model_copy(update={"detail": detail})


def detailed(code: RefusalCode, field: str, detail: str) -> Reason:
    """Build the reason for a code and a detail; texts come from the detail if it has any, else from the code."""
    fault = reason(code, field[:200] or None)
    zh, en = DETAILS.get(detail, (fault.zh, fault.en))
    return fault.model_copy(update={"detail": detail[:200], "zh": zh, "en": en})


class Fault(Protocol):
    """One fault of a message: the field, empty for the envelope, and its kind."""

    @property
    def field(self) -> str: ...
    @property
    def kind(self) -> str: ...


class WrongType(Protocol):
    """The received type, None if absent, and the types that the topic accepts."""

    @property
    def came(self) -> str | None: ...
    @property
    def taken(self) -> tuple[str, ...]: ...


class Misfit(Protocol):
    """What the loop could read of a message that does not match its contract."""

    @property
    def problems(self) -> Sequence[Fault]: ...
    @property
    def unknown(self) -> WrongType | None: ...


def unreadable(message: Misfit) -> tuple[Reason, ...]:
    """The reasons in the answer to a message that does not match its contract."""
    if message.unknown is None:
        return tuple(malformed(each.field, each.kind) for each in message.problems)
    came, taken = message.unknown.came, ", ".join(message.unknown.taken)
    fault = reason(RefusalCode.UNKNOWN_TYPE, "type", came=quoted(came), taken=taken)
    return (fault.model_copy(update={"detail": "missing" if came is None else "unknown"}),)


def reason(code: RefusalCode, field: str | None = None, **figures: object) -> Reason:
    """The reason for a code, its sentences filled with the figures they name. Raises `KeyError` when one is missing."""
    zh, en = _SENTENCES[code]
    return Reason(code=code, field=field, zh=zh.format(**figures), en=en.format(**figures))
