#!/usr/bin/python3 -B
"""A recipient's reply goes on encrypted to those of the organisation whose key is known, and as ordinary
mail to everybody else; what was typed arrives as it was either way, and both sides are told which it was."""

import email
import email.policy
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "portal"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import cases  # noqa: E402
from desk import BOB, FRED, finish, finish_mail, letter, notice, opens  # noqa: E402
from postern import body_text, link_in, wait_for  # noqa: E402
from test_keys import ALICE, House  # noqa: E402
from test_reply import form_of, read_python, typed_lines, unflow  # noqa: E402
from visitor import Visitor  # noqa: E402

TYPED = "Grüße an alle.\n\nSecond paragraph,\n> with an older quotation\n-- \nFred\n"
CANARY = "reed-warbler"
FILES = [("Zürich Plan.txt", b"plan " * 1000 + CANARY.encode(), "text/plain"),
         ("a.bin", bytes(range(256)) * 300, "application/octet-stream")]
WORD = "fred opens it"


class Answered:
    """Alice has written to Fred (and Bob, of her own house), who has opened it."""

    def __init__(self, house, cc=()):
        self.house, self.postern = house, house.postern
        raw = letter(to="secure-" + FRED, cc=", ".join(cc), subject="About reeds",
                     message_id="<reeds@corp.example>")
        self.postern.send(ALICE, ["secure-" + FRED, *cc], raw)
        self.sender_link = link_in(finish_mail(self.postern, FRED), "s")
        finish(self.sender_link, clue="The usual", passphrase=WORD)
        self.page, self.fred = opens(link_in(notice(self.postern, FRED), "r"), WORD)
        for address in cc:
            self.postern.next_letter(address)

    def answer(self, **more):
        """Fred writes back."""
        form = form_of(self.fred, self.page)
        page = self.fred.submit(form, "body", body=TYPED + CANARY, quote="", files=FILES, **more)
        assert page.url.endswith("/sent"), page.words()

    def next(self, address=ALICE):
        """The reply as it lies with somebody: nothing else is expected there."""
        return self.postern.next_letter(
            address, lambda m: str(m["In-Reply-To"]) == "<reeds@corp.example>")

    def told(self):
        """What the sender's page says, and the administrator's view of the newest delivery to Fred."""
        delivery = next(row for row in self.house.ctl("message", "list", "--state", "all")["deliveries"]
                        if row["recipient"] == FRED)
        shown = self.house.ctl("message", "show", delivery["delivery"])
        (delivery,) = [row for row in shown["deliveries"] if row["recipient"] == FRED]
        return Visitor().get(self.sender_link).words(), delivery["replies"]


def check_inside(raw):
    """It is what was typed, and its own header."""
    raw = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert message["Subject"] == "Re: About reeds" and message["In-Reply-To"] == "<reeds@corp.example>"
    assert FRED in str(message["From"]) or "postern@corp.example" in str(message["From"])
    assert message["Reply-To"].addresses[0].addr_spec == "secure-" + FRED
    text, files = read_python(raw)
    assert unflow(text.removesuffix("\n").split("\n")) == typed_lines(TYPED + CANARY), text
    assert files == [(name, content) for name, content, _ in FILES]
    return message


def check_outside(message, raw):
    """Mail programs thread it, servers learn nothing."""
    assert message["Subject"] == "..." and message["In-Reply-To"] == "<reeds@corp.example>"
    assert "<reeds@corp.example>" in str(message["References"])
    assert message["Reply-To"].addresses[0].addr_spec == "secure-" + FRED
    for word in (CANARY.encode(), b"reeds\n", "Grüße".encode(), b"rich Plan"):
        assert word not in raw, word


def test_encrypted_by_smime():
    with House() as house:
        (key,) = house.bring(house.pki.person(ALICE))
        talk = Answered(house)
        talk.answer()
        message, raw = talk.next()
        assert message.get_content_type() == "application/pkcs7-mime"
        check_outside(message, raw)
        inside = check_inside(house.pki.open(ALICE, raw))
        assert inside["Content-Type"].params["hp"] == "cipher"
        talk.postern.settle()
        words, (reply,) = talk.told()
        assert "sent to you encrypted by S/MIME" in words, words
        assert reply["route"] == "smime" and reply["key_fingerprint"] == key["fingerprint"], reply
        # Once it has arrived nothing of it is kept, and what Fred wrote is his own.
        assert talk.postern.query("select count(*) from message where parent_delivery is not null and "
                                  "chunk is null and gateway_wrap is null and state = 3") == [["1"]]
        assert CANARY in talk.fred.get(talk.page.url).words()


def test_password_of_a_pdf_is_encrypted_too():
    """What opens a PDF is told to its sender as a reply is: to their key where there is one."""
    with House() as house:
        house.bring(house.pki.person(ALICE))
        postern = house.postern
        postern.send(ALICE, ["secure-" + FRED], letter(to="secure-" + FRED, subject="About reeds"))
        finish(link_in(finish_mail(postern, FRED), "s"), clue="", passphrase="", pdf="generated")
        mail, _ = postern.next_letter(FRED)
        message, raw = postern.next_letter(ALICE)
        assert message.get_content_type() == "application/pkcs7-mime" and message["Subject"] == "...", raw[:400]
        inside = email.message_from_bytes(house.pki.open(ALICE, raw), policy=email.policy.default)
        password = re.search(r"[0-9a-z]{4}(-[0-9a-z]{4}){3}", body_text(inside)).group(0)
        assert password.encode() not in raw and inside["Subject"].startswith("Password of the PDF")
        opens(link_in(mail, "r"), password)
        postern.settle()
        assert postern.query("select count(*) from delivery where pdf_password is not null") == [["0"]]


def test_encrypted_by_openpgp():
    with House() as house:
        house.bring(house.openpgp(ALICE))
        talk = Answered(house)
        talk.answer()
        message, raw = talk.next()
        assert message.get_content_type() == "multipart/encrypted"
        check_outside(message, raw)
        check_inside(house.gpg.run("--decrypt", given=message.get_payload()[1].get_payload(decode=True)))
        words, (reply,) = talk.told()
        assert "sent to you encrypted by OpenPGP" in words and reply["route"] == "openpgp", (words, reply)


def test_without_a_key_as_ever():
    with House() as house:
        talk = Answered(house)
        talk.answer()
        message, raw = talk.next()
        assert message.get_content_type() == "multipart/mixed"
        check_inside(raw)
        words, (reply,) = talk.told()
        assert "sent to you as ordinary mail within" in words, words
        assert (reply["route"], reply["key_fingerprint"]) == ("plain", None), reply


def test_it_can_be_switched_off():
    with House(keys='keys: { sources = ( ); replies = "off"; };') as house:
        house.bring(house.pki.person(ALICE))
        talk = Answered(house)
        talk.answer()
        check_inside(talk.next()[1])


def test_a_key_that_is_over_meanwhile():
    """Banned between routing and sending: the reply arrives all the same, once, and both sides are told."""
    with House() as house:
        (key,) = house.bring(house.pki.person(ALICE))
        talk = Answered(house)
        talk.postern.query(
            "create function later() returns trigger language plpgsql as "
            "'begin new.next_at = new.next_at + 3600; return new; end'; "
            "create trigger later before insert on outbox for each row when (new.kind = 21) "
            "execute function later()")
        talk.answer()
        wait_for("the reply to be routed",
                 lambda: talk.postern.query("select 1 from outbox where kind = 21 and state = 1"))
        house.ctl("key", "ban", key["key"])
        house.ctl("queue", "retry", "--all")
        check_inside(talk.next()[1])
        talk.postern.settle()
        words, (reply,) = talk.told()
        assert "because your key is no longer valid" in words, words
        assert (reply["route"], reply["reason"]) == ("plain", "reply-key-over"), reply
        assert len(talk.postern.letters(ALICE)) == 2
        assert talk.postern.query("select count(*) from message where parent_delivery is not null and "
                                  "state = 3 and chunk is null") == [["1"]]


def test_an_answer_to_all_by_everybodys_own_way():
    with House() as house:
        house.bring(house.openpgp(BOB))
        talk = Answered(house, cc=[BOB])
        talk.answer(to="all")
        message, raw = talk.next()
        check_inside(raw)
        message, raw = talk.next(BOB)
        assert message.get_content_type() == "multipart/encrypted"
        check_inside(house.gpg.run("--decrypt", given=message.get_payload()[1].get_payload(decode=True)))
        talk.postern.settle()
        rows = talk.postern.query("select d.route, d.state from delivery d join message m on m.id = message_id "
                                  "where parent_delivery is not null order by d.route")
        assert rows == [["1", "6"], ["5", "6"]], rows


if __name__ == "__main__":
    cases.run("__main__")
