import re

from django import template

register = template.Library()
BROWSERS = {  # the first that is found names it: each also calls itself by the names below it
    "MicroMessenger": "WeChat", "DingTalk": "DingTalk", "Lark": "Feishu", "Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox",
    "HeadlessChrome": "Chrome", "Chrome": "Chrome", "Safari": "Safari",
}  # fmt: skip
SYSTEMS = {
    "HarmonyOS": "HarmonyOS", "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows",
    "Mac OS X": "macOS", "Linux": "Linux",
}  # fmt: skip


@register.filter
def browser_name(user_agent: str) -> str:
    """What a person calls their browser, e.g. ``Chrome 141 · Windows``; what is unknown stays as it was sent."""
    system = next((name for sign, name in SYSTEMS.items() if sign in user_agent), "")
    for sign, name in BROWSERS.items():
        if found := re.search(rf"{sign}(?:A|iOS)?/(\d+)", user_agent):
            return " · ".join(filter(None, (f"{name} {found[1]}", system)))
    return user_agent
