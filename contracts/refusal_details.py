"""Chinese and English texts for the details of a refusal: what is wrong with the field, and how to correct it."""

from __future__ import annotations

DETAILS: dict[str, tuple[str, str]] = {
    "text_missing": (
        "该字段没有可见文字，请填写后重新提交。",
        "The field contains no visible text; fill it in and send it again.",
    ),
    "text_forbidden_character": (
        "该字段含有不可见的控制字符，请去掉。",
        "The field contains an invisible control character; remove it.",
    ),
    "identifier_blank": (
        "编号没有可见字符，请填写编号后重新提交。",
        "The identifier contains no visible character; fill it in and send it again.",
    ),
    "identifier_outer_space": (
        "编号首尾有空白字符，请去掉后重新提交。",
        "The identifier begins or ends with white space; remove it and send it again.",
    ),
    "identifier_not_nfc": (
        "编号不是 Unicode NFC 规范形式，请转换为 NFC，重新计算键后再提交。",
        "The identifier is not in Unicode form NFC; convert it, compute its key again and send it again.",
    ),
    "identifier_invisible_character": (
        "编号含有控制符、格式符、换行、特殊空格等字符，请去掉后重新提交。",
        "The identifier contains a control, format, line end or special space character; remove it and send it again.",
    ),
    "phone_not_a_number": (
        "电话号码无法识别：请只填写数字，可加国家代码（+86）。",
        "The telephone number cannot be read; give digits only, with the country code (+86) where needed.",
    ),
    "phone_not_in_plan": (
        "没有这样的电话号码：位数或号段不对，请核对；国外号码请加国家代码。",
        "No such telephone number exists: check its digits, and add the country code if it is a foreign number.",
    ),
    "phone_extension": (
        "短信不能发到分机：请填写手机号码，或改选其他答复方式。",
        "A text message cannot reach an extension; give a mobile number, or choose another way of answering.",
    ),
    "phone_several": (
        "该字段只能填写一个电话号码。",
        "The field takes only one telephone number.",
    ),
    "phone_not_for_sms": (
        "该号码不能接收短信：请填写手机号码，或改选其他答复方式。",
        "The number takes no text messages; give a mobile number, or choose another way of answering.",
    ),
    "email_not_an_address": (
        "电子邮箱地址格式不正确，应形如 name@example.cn。",
        "The e-mail address is not well-formed; write it like name@example.cn.",
    ),
    "email_invisible_character": (
        "电子邮箱地址中有不可见字符，请重新输入地址。",
        "The e-mail address contains an invisible character; type it again.",
    ),
    "email_dots": (
        "电子邮箱地址 @ 前不能以点开头或结尾，也不能有连续的点；请换一个地址。",
        "A dot before the @ must not come first, last or twice in a row; give another address.",
    ),
    "email_quoted": (
        "不支持 @ 前带引号的电子邮箱地址，请换一个地址。",
        "E-mail addresses with quotes before the @ are not supported; give another address.",
    ),
    "email_domain": (
        "电子邮箱地址 @ 后不是公网上可用的域名，请核对。",
        "The part after the @ is not a domain of the public Internet; check it.",
    ),
    "email_too_long": (
        "电子邮箱地址太长，请核对。",
        "The e-mail address is too long; check it.",
    ),
    "datetime": (
        "日期或时间无法识别，请写成 2026-11-20 或 2026-11-20T09:00:00+08:00（网址中的 + 须写成 %2B）。",
        "The date or time cannot be read; write 2026-11-20 or 2026-11-20T09:00:00+08:00 (in an address + is %2B).",
    ),
    "after_end_date": (
        "开始日期晚于结束日期，请核对。",
        "The first date lies after the last; check both.",
    ),
    "span_over_90_days": (
        "查询的时间跨度超过 90 天，请分段查询。",
        "The span is longer than 90 days; ask for shorter ones.",
    ),
    "from_the_key": (
        "由哪个岗位作出，以所用密钥为准；请去掉该字段，或改用该岗位自己的密钥。",
        "The key determines which post acts; leave this field out, or use that post's own key.",
    ),
    "ids_over_200": (
        "一次查询的编号超过 200 个，请分次查询。",
        "There are more than 200 numbers; ask for them in several requests.",
    ),
    "body_only": (
        "请用 POST 在请求正文中提供，不要写在地址里。",
        "Give it in the body of a POST request, not in the address.",
    ),
    "day": (
        "请填写日期，例如 2026-01-31。",
        "Write a date such as 2026-01-31.",
    ),
    "given_twice": (
        "该参数只能出现一次；多个取值请用逗号分隔。",
        "Give this parameter once; separate several codes by commas.",
    ),
    "over_10_words": (
        "一次最多查询 10 个词。",
        "A search takes at most 10 words.",
    ),
    "before_first_day": (
        "截止日期早于起始日期。",
        "The last day is before the first.",
    ),
    "over_400_buckets": (
        "时间段超过 400 个，请改用周或月，或缩短日期范围。",
        "There are more than 400 days, weeks or months; ask for longer ones, or for fewer days.",
    ),
    "units_only": (
        "渠道的密钥不能按等待事项查询，请去掉该条件，或改用单位的密钥。",
        "A key of a channel cannot search by what cases wait for; leave it out, or use the key of a unit.",
    ),
    "needs_waits_for": (
        "按等待时间排序时，须同时给出 waits_for 或 what。",
        "The order `waiting` needs `waits_for` or `what`; give one of them, or choose another order.",
    ),
}
"""The Chinese and the English text, by detail code."""
