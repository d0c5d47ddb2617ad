#!/usr/bin/python3 -B
"""An organisation's own look: logo, colour, address and legal line on pages and in mails."""

import pathlib
import re
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import CLUE, FRED, held, ids, opens, secured, sign_in  # noqa: E402
from pdf import Paper  # noqa: E402
from picture import png  # noqa: E402
from postern import Postern, body_text, check_config, link_in, parse_letter, wait_for  # noqa: E402
from visitor import Visitor  # noqa: E402

SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 4"><path d="M0 0h8v4H0z"/></svg>\n'
LONG = "seven purple herons over Delft"
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


def test_pdfs_bear_it():
    """Logo, address and legal line on all that is drawn, headings in the colour; the logo of paper may be another."""
    blue = png(60, 16, b"\x00\x5a\xa0")
    with branded(OWN.replace('logo = "logo.svg";', 'logo_pdf = "paper.png"; logo_says_name = true;'),
                 **{"paper.png": blue}) as postern:
        postern.start()
        link = held(postern, FRED)
        visitor = Visitor()
        visitor.submit(visitor.get(link), "clue", clue=CLUE, passphrase=LONG, passphrase_again=LONG, pdf="passphrase")
        message, _ = postern.next_letter(FRED)
        (part,) = message.iter_attachments()
        page, fred = opens(link_in(message, "r"), LONG)
        form = fred.get(page.url.removesuffix("/message") + "/pdf")
        saved = fred.submit(form, "password", password=LONG, password_again=LONG).body
        secured(postern, "carla@example.net")
        alice = sign_in(postern)
        (delivery,) = ids(postern, "select id from delivery order by created_at desc limit 1")
        letter = alice.get(postern.url + "/desk/delivery/%s/letter" % delivery).body
        for what, password, content in (("mailed", LONG, part.get_content()), ("saved", LONG, saved),
                                        ("letter", "", letter)):
            with Paper(content, password) as paper:
                paper.check()
                text = " ".join(paper.text("-l", "1").split())
                for line in LINES + ("HRB 12345, Amtsgericht & München", "https://corp.example/imprint?a=1&b=2"):
                    assert line in text, (what, line, text)
                # The logo says it.
                assert not text.startswith("Example Organisation"), (what, text)
                assert paper.pictures()[:1] == [(60, 16)], (what, paper.pictures())
                # On a cover and on the last page it is the same one.
                objects = len(re.findall(rb"/Subtype /Image", paper.raw_objects()))
                assert objects == 1 and len(paper.pictures()) == (2 if what == "mailed" else 1), (what, objects)
                # Yellow as it is could not be read on paper.
                colours = {tuple(round(255 * float(part)) for part in found.split())
                           for found in re.findall(rb"^([0-9.]+ [0-9.]+ [0-9.]+) rg$", paper.raw_objects(), re.M)}
                yellow = [(red, green) for red, green, blue in colours if blue == 0 and red > green > 0]
                assert yellow and max(yellow)[0] < 160, (what, colours)


def test_paper_without_a_logo_says_the_name():
    """Nor is a page's logo that cannot be drawn on paper."""
    for own in ("", 'logo = "logo.svg"; logo_says_name = true;'):
        with branded(own, **{"logo.svg": SVG}) as postern:
            postern.start()
            secured(postern, FRED)
            alice = sign_in(postern)
            (delivery,) = ids(postern, "select id from delivery")
            with Paper(alice.get(postern.url + "/desk/delivery/%s/letter" % delivery).body) as paper:
                assert paper.text().startswith("Example Organisation") and not paper.pictures()


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
    ('logo_pdf = "gone.png";', r"organisation\.logo_pdf cannot be read"),
    ('logo_pdf = "logo";', r"organisation\.logo_pdf is no PNG"),
    ('colour = "green";', r"organisation\.colour expects #rrggbb"),
    ('colour = "#12345";', r"organisation\.colour expects #rrggbb"),
    ('address = ( %s );' % ", ".join(['"x"'] * 9), r"organisation\.address expects at most 8 lines"),
    ('address = ( "a", "" );', r"organisation\.address expects"),
    ('address = ( "%s" );' % ("x" * 101), r"organisation\.address expects"),
    ('legal = "one\\ntwo";', r"organisation\.legal expects one line"),
    ('legal_url = "http://corp.example/";', r"organisation\.legal_url expects https"),
    ('legal_url = "https://münchen.example/";', r"organisation\.legal_url expects https"),
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
