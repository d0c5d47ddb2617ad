#!/usr/bin/python3 -B
"""An organisation's own look: logo, colour, address and legal line on pages and in mails."""

import pathlib
import re
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import FRED, secured  # noqa: E402
from picture import png  # noqa: E402
from postern import Postern, body_text, check_config, parse_letter, wait_for  # noqa: E402
from visitor import Visitor  # noqa: E402

SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 4"><path d="M0 0h8v4H0z"/></svg>\n'
LINES = ("Sparkasse <Süd>", "Brückenstraße 1", "80331 München")
OWN = '''logo = "logo.svg"; colour = "#FFD500"; address = ( %s );
	legal = "HRB 12345, Amtsgericht & München"; legal_url = "https://corp.example/imprint?a=1&b=2";''' % (
    ", ".join('"%s"' % line for line in LINES))


def branded(own=OWN, **files):
    """An installation that is not started; the files lie beside its configuration."""
    postern = Postern(organisation=own, start=False)
    for name, content in (files or {"logo.svg": SVG}).items():
        (postern.folder / name).write_bytes(content)
    return postern


def colours(text):
    """name -> colour, of each scheme."""
    return [dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{6})", scheme)) for scheme in text.split("@media")]


def test_pages_and_mails_bear_it():
    with branded(**{"logo.svg": SVG}) as postern:
        postern.start()
        _, link = secured(postern, FRED)
        page = Visitor().get(link)
        assert '<img src="/static/organisation.svg" alt="">' in page.text, page.text
        assert "<span>Example Organisation</span>" in page.text, page.text
        assert '<link rel="stylesheet" href="/static/organisation.css">' in page.text, page.text
        for line in ("<div>Sparkasse &lt;Süd&gt;</div>", "<div>80331 München</div>",
                     "<p>HRB 12345, Amtsgericht &amp; München</p>",
                     'href="https://corp.example/imprint?a=1&amp;b=2"'):
            assert line in page.text, (line, page.text)
        logo = Visitor().get(postern.url + "/static/organisation.svg")
        assert logo.headers["Content-Type"] == "image/svg+xml" and logo.text.encode() == SVG
        assert "script-src 'self'" in logo.headers["Content-Security-Policy"], logo.headers.items()
        light, dark = colours(Visitor().get(postern.url + "/static/organisation.css").text)
        assert set(light) == set(dark) == {"wall", "accent", "accent-deep", "on-accent", "link"}
        # Yellow: nobody could read it on paper as it is.
        assert light["link"] != "#ffd500" and dark["link"] == "#ffd500", (light, dark)
        mail = body_text(parse_letter(postern.letters(FRED)[0][1])[0]).replace("\r\n", "\n")
        foot = mail[mail.rindex("\n-- \n"):]
        assert foot.startswith("\n-- \nExample Organisation\nSparkasse <Süd>\nBrückenstraße 1\n80331 München\n"
                               "HRB 12345, Amtsgericht & München\n"
                               "Legal notice: https://corp.example/imprint?a=1&b=2\n"), foot


def test_nothing_is_set():
    with Postern() as postern:
        page = Visitor().get(postern.url + "/")
        assert "organisation.css" not in page.text and "<address>" not in page.text, page.text
        assert '<a class="brand" href="/"><span>Example Organisation</span></a>' in page.text, page.text
        for name in ("organisation.css", "organisation.svg", "organisation.png"):
            assert Visitor().get(postern.url + "/static/" + name).status == 404


def test_a_logo_that_says_the_name_and_another_one_later():
    with branded('logo = "logo"; logo_says_name = true;', logo=png()) as postern:
        postern.start()
        page = Visitor().get(postern.url + "/")
        assert '<img src="/static/organisation.png" alt="Example Organisation"></a>' in page.text, page.text
        (postern.folder / "logo").write_bytes(SVG)
        postern.processes["portal"].send_signal(signal.SIGHUP)
        wait_for("the new logo", lambda: "/static/organisation.svg" in Visitor().get(postern.url + "/").text)
        # What cannot be used changes nothing.
        (postern.folder / "logo").write_bytes(b"GIF89a")
        postern.processes["portal"].send_signal(signal.SIGHUP)
        wait_for("the refusal", lambda: "event=reload-refused" in postern.log.read_text())
        assert Visitor().get(postern.url + "/static/organisation.svg").text.encode() == SVG


BAD = (
    ('logo = "gone.png";', r"postern\.conf:\d+: organisation\.logo cannot be read"),
    ('logo = "logo";', r"organisation\.logo is neither PNG nor SVG"),
    ('logo = "large";', r"organisation\.logo cannot be read"),
    ('colour = "green";', r"organisation\.colour expects #rrggbb"),
    ('colour = "#12345";', r"organisation\.colour expects #rrggbb"),
    ('address = ( %s );' % ", ".join(['"x"'] * 9), r"organisation\.address expects at most 8 lines"),
    ('address = ( "a", "" );', r"organisation\.address expects"),
    ('address = ( "%s" );' % ("x" * 101), r"organisation\.address expects"),
    ('legal = "one\\ntwo";', r"organisation\.legal expects one line"),
    ('legal_url = "http://corp.example/";', r"organisation\.legal_url expects https"),
    ('legal_url = "https://corp.example/a b";', r"organisation\.legal_url expects https"),
)


def test_what_cannot_be_used_is_named():
    with branded(**{"logo": b"GIF89a", "large": SVG + b" " * 262144}) as postern:
        for own, complaint in BAD:
            postern.organisation = own
            postern.write_config()
            code, told = check_config(postern.config)
            assert code != 0 and re.search(complaint, told), (own, told)
            assert len(re.findall(r"organisation\.", told)) == 1, told


if __name__ == "__main__":
    cases.run(__name__)
