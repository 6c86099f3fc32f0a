"""What crawlers are asked not to read. https://www.rfc-editor.org/rfc/rfc9309"""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

[% if crawlers == "search" %]
# Crawlers that collect texts for language models, as their operators name them:
# https://platform.openai.com/docs/bots
# https://support.claude.com/en/articles/8896518
# https://developers.google.com/search/docs/crawling-indexing/google-common-crawlers
# https://commoncrawl.org/ccbot
AI_CRAWLERS = ("GPTBot", "ClaudeBot", "Google-Extended", "CCBot")

LINES = (
    *(f"User-agent: {name}" for name in AI_CRAWLERS),
    "Disallow: /",
    "",
    "User-agent: *",
    "Disallow:",
)
[% elif crawlers == "all" %]
LINES = (
    "User-agent: *",
    "Disallow:",
)
[% else %]
LINES = (
    "User-agent: *",
    "Disallow: /",
)
[% endif %]


@require_safe
def robots_txt(request: HttpRequest) -> HttpResponse:
    """Who may read what. Never name here what nobody is to find: everybody can read it."""
    return HttpResponse("\n".join(LINES) + "\n", content_type="text/plain; charset=utf-8")
