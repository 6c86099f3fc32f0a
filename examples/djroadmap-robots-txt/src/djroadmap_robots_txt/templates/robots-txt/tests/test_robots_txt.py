"""/robots.txt is there, and says who may read. https://www.rfc-editor.org/rfc/rfc9309"""

from http import HTTPStatus
from urllib.robotparser import RobotFileParser

from django.test import SimpleTestCase


class RobotsTxtTests(SimpleTestCase):
    def setUp(self) -> None:
        self.response = self.client.get("/robots.txt", secure=True)

    def allows(self, crawler: str) -> bool:
        parser = RobotFileParser()
        parser.parse(self.response.content.decode().splitlines())
        return parser.can_fetch(crawler, "https://example.com/page/")

    def test_it_is_plain_text(self) -> None:
        self.assertEqual(self.response.status_code, HTTPStatus.OK)
        self.assertEqual(self.response["Content-Type"], "text/plain; charset=utf-8")

    def test_who_may_read(self) -> None:
[% if crawlers == "none" %]
        self.assertFalse(self.allows("Googlebot"))
        self.assertFalse(self.allows("GPTBot"))
[% else %]
        self.assertTrue(self.allows("Googlebot"))
[% if crawlers == "search" %]
        self.assertFalse(self.allows("GPTBot"))
[% else %]
        self.assertTrue(self.allows("GPTBot"))
[% endif %]
[% endif %]
