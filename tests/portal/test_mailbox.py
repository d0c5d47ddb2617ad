#!/usr/bin/python3 -B
"""A mailbox of one's own: made behind a clue, filled by whoever writes, opened with one passphrase,
and destroyed with everything in it."""

import concurrent.futures
import email
import email.policy
import io
import pathlib
import sys
import urllib.parse
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import ALICE, BOB, FRED, GINA, PASSPHRASE, held, notice, opens, reply, secured, send, unlock  # noqa: E402
from test_factor import enter as enter_code, mailed_code as factor_code  # noqa: E402
from postern import Postern, body_text, body_words, link_in, wait_for  # noqa: E402
from visitor import Visitor  # noqa: E402

OWN, OTHER = "seven green umbrellas", "an orange locomotive"
BODY = "The body of it."
TABLES = ("mailbox", "mailbox_message", "mailbox_session", "chunk", "session", "lock", "writing")


def make(postern, own=OWN, **more):
    """The first message of a recipient, and their mailbox; gives the list and who looks at it."""
    _, link = secured(postern, **more)
    page, visitor = opens(link)
    assert "Make a mailbox of your own" in page.words(), page.words()
    page = visitor.submit(visitor.get(link + "/mailbox"), "passphrase_again", passphrase=own,
                          passphrase_again=own)
    assert page.status == 200 and "You have a mailbox now" in page.words(), page.words()
    return page, visitor


def box_of(postern):
    """Where one signs in."""
    return postern.url + "/box"


def enter(postern, passphrase=OWN, address=FRED, visitor=None):
    """Sign in by address and passphrase; gives the answer and the visitor."""
    visitor = visitor or Visitor()
    return visitor.submit(visitor.get(box_of(postern)), "address", address=address,
                          passphrase=passphrase), visitor


def in_list(page):
    """Addresses of the messages in a list, newest first."""
    return [urllib.parse.urljoin(page.url, link) for link in page.links() if link.endswith("/message")]


def boxed(postern, subject, sender=ALICE, body=BODY):
    """Write to who has a mailbox; gives the link of the notice."""
    send(postern, sender=sender, subject=subject, body=body + "\n")
    message = notice(postern)
    assert "lies in your mailbox" in body_words(message), body_text(message)
    return link_in(message, "r")


def test_from_clue_to_mailbox():
    with Postern() as postern:
        page, fred = make(postern)
        assert FRED in page.words() and "Figures" in page.words(), page.words()
        (first,) = in_list(page)
        assert BODY in fred.get(first).words()
        # What comes now needs no clue of anybody's; its sender is told, and asked for nothing.
        link = boxed(postern, "Second", sender=BOB)
        sent, _ = postern.next_letter(BOB, lambda m: m["Subject"].startswith("Sent securely"))
        assert "mailbox that this recipient keeps" in body_words(sent)
        page = fred.get(box_of(postern))
        assert in_list(page) == [link + "/message", first] and "not opened yet" in page.words()
        # Another browser: the notice's link asks for the mailbox's passphrase, and leads to the message.
        asked = Visitor().get(link)
        assert "passphrase that you chose for your mailbox" in asked.words().replace("for it", "for your mailbox")
        assert "The clue to the passphrase" not in asked.words()
        assert unlock(link, PASSPHRASE)[0].status == 403, "the clue's answer is worth nothing here"
        page, other = opens(link, OWN)
        assert BODY in page.words() and "Back to your mailbox" in page.words()
        assert len(in_list(other.get(box_of(postern)))) == 2
        assert postern.query("select state, opened_at is not null from delivery order by created_at") == \
            [["5", "t"], ["5", "t"]]
        # Or the address and the passphrase.
        page, third = enter(postern)
        assert page.status == 200 and len(in_list(page)) == 2, page.words()
        reply(third.get(link + "/message"), third, "An answer from the mailbox.")
        answer, _ = postern.next_letter(BOB, lambda m: m["Subject"] == "Re: Second")
        assert "An answer from the mailbox." in body_text(answer)
        assert "; answered" in third.get(box_of(postern)).words()


def test_only_its_passphrase():
    with Postern() as postern:
        page, _ = make(postern)
        stranger = Visitor()
        (first,) = in_list(page)
        assert stranger.get(first).status == 403 and BODY not in stranger.get(first).words()
        assert "Open your mailbox" in stranger.get(box_of(postern)).words()
        wrong, _ = enter(postern, "seven green umbrella")
        nobody, _ = enter(postern, address=GINA)
        assert wrong.status == nobody.status == 403
        assert wrong.words().replace(FRED, "") == nobody.words().replace(GINA, "")
        assert enter(postern, "")[0].status == 400
        # Somebody else's mailbox opens nothing of this one.
        page, gina = make(postern, own=OTHER, to=GINA)
        assert gina.get(first).status == 403
        assert [urllib.parse.urlparse(link).path for link in in_list(page)] != []
        assert first not in in_list(page)


def test_guessing_is_bounded():
    with Postern(policy="tries_before_wait = 2; tries_before_suspend = 4;") as postern:
        page, fred = make(postern)
        link = boxed(postern, "Later")
        for number in range(4):
            assert enter(postern, "guess number %d" % number)[0].status == 403
        answer, _ = enter(postern)
        assert answer.status == 429 and int(answer.headers["Retry-After"]) <= 3600
        assert "private link in a notice" in answer.words()
        # Who is inside stays there, and the rightful one comes in by the notice.
        assert fred.get(box_of(postern)).status == 200
        page, _ = opens(link, OWN)
        assert BODY in page.words()
        # The same for addresses without a mailbox.
        for number in range(4):
            assert enter(postern, "guess number %d" % number, address=GINA)[0].status == 403
        assert enter(postern, address=GINA)[0].status == 429


def test_another_passphrase():
    with Postern() as postern:
        page, fred = make(postern)
        (first,) = in_list(page)
        _, thief = enter(postern)
        assert thief.get(first).status == 200
        # By the clue that it came with, which opens it to this day.
        _, reader = opens(first.removesuffix("/message"))
        page = fred.submit(fred.get(postern.url + "/box/passphrase"), "current", current="not this one",
                           passphrase=OTHER, passphrase_again=OTHER)
        assert page.status == 403 and "not your present passphrase" in page.words()
        page = fred.submit(page, "current", current=OWN, passphrase="short", passphrase_again="short")
        assert page.status == 400 and "too short" in page.words()
        page = fred.submit(page, "current", current=OWN, passphrase=OTHER, passphrase_again=OTHER)
        assert page.status == 200 and "You have a new passphrase" in page.words(), page.words()
        # Every other session is over, the old passphrase is worth nothing, old messages are readable.
        assert thief.get(first).status == 403 and not in_list(thief.get(box_of(postern)))
        assert reader.get(first).status == 403
        assert enter(postern, OWN)[0].status == 403
        assert BODY in fred.get(first).words()
        page, again = enter(postern, OTHER)
        assert in_list(page) == [first] and BODY in again.get(first).words()
        assert opens(boxed(postern, "After that"), OTHER)


def test_sessions_end():
    with Postern() as postern:
        page, fred = make(postern)
        (first,) = in_list(page)
        _, other = enter(postern)
        token = [c.value for c in fred.cookies if c.name == "__Host-postern-box"]
        page = fred.submit(fred.get(box_of(postern)), "csrf", do=None)
        assert "You are signed out" in page.words(), page.words()
        assert other.get(first).status == 200
        # The cookie that was left is worth nothing any more.
        stale = Visitor().request(first, headers={"Cookie": "__Host-postern-box=%s" % token[0]})
        assert stale.status == 403 and BODY not in stale.words()
        _, third = enter(postern)
        _, reader = opens(first.removesuffix("/message"))
        page = third.get(box_of(postern))
        form = [f for f in page.forms() if f["action"].endswith("/box/leave")][0]
        third.request(postern.url + "/box/leave",
                      urllib.parse.urlencode({"csrf": form["fields"]["csrf"], "do": "everywhere"}).encode())
        assert other.get(first).status == 403 and reader.get(first).status == 403
        assert postern.query("select count(*) from mailbox_session") == [["0"]]


def test_many_come_in_at_once():
    """Each waits for the one before; none is turned away with the right passphrase."""
    with Postern() as postern:
        make(postern)
        visitors = [Visitor() for _ in range(6)]
        with concurrent.futures.ThreadPoolExecutor(len(visitors)) as pool:
            pages = list(pool.map(lambda visitor: enter(postern, visitor=visitor)[0], visitors))
        assert [page.status for page in pages] == [200] * 6 and all(in_list(page) for page in pages)
        assert postern.query("select count(*) from mailbox_session") == [["7"]]


def test_close():
    with Postern() as postern:
        page, fred = make(postern)
        link = boxed(postern, "Second")
        reply(fred.get(link + "/message"), fred)
        page = fred.submit(fred.get(postern.url + "/box/close"), "sure", passphrase=OWN, sure="")
        assert page.status == 400 and "type yes" in page.words()
        page = fred.submit(page, "sure", passphrase="not this one", sure="yes")
        assert page.status == 403
        page = fred.submit(page, "sure", passphrase=OWN, sure="yes")
        assert "Your mailbox is gone" in page.words(), page.words()
        assert enter(postern)[0].status == 403
        assert "destroyed" in Visitor().get(link).words()
        postern.settle()
        wait_for("everything to be gone", lambda: all(
            postern.query("select count(*) from %s" % table) == [["0"]] for table in TABLES))
        # What comes later comes with a clue again.
        held(postern, subject="Third")


def archive(answer):
    """Names and contents of a ZIP archive."""
    assert answer.status == 200 and answer.headers["Content-Type"] == "application/zip", answer.text[:300]
    return archive_in(io.BytesIO(answer.body))


def archive_in(file):
    """The same of a file, or its path; None as long as it is not whole."""
    if not zipfile.is_zipfile(file):
        return None
    with zipfile.ZipFile(file) as read:
        return {name: email.message_from_bytes(read.read(name), policy=email.policy.default)
                for name in read.namelist()}


def test_write_and_take_along():
    with Postern() as postern:
        page, fred = make(postern)
        second = boxed(postern, "Second: a/b", sender=BOB, body="Another body.")
        fred.get(second + "/message")
        people = fred.get(postern.url + "/box/write")
        assert ALICE in people.words() and BOB in people.words(), people.words()
        form = fred.get(urllib.parse.urljoin(people.url, [
            link for link in people.links() if "/r/" in link][1]))
        assert BOB in form.words() and "New message" in form.words()
        page = fred.submit(form, "body", body="", subject="Something else", do="save")
        page = fred.submit(form, "body", body="Not an answer.", subject="Something else")
        assert page.url.endswith("/sent"), page.words()
        message, _ = postern.next_letter(BOB, lambda m: m["Subject"] == "Something else")
        assert "Not an answer." in body_text(message)
        assert message["In-Reply-To"] is None and message["References"] is None, message.as_string()
        assert message["Reply-To"].endswith("secure-%s" % FRED)
        assert "answered" not in fred.get(box_of(postern)).words(), "nothing was answered"
        reply(fred.get(second + "/message"), fred, "An answer.")
        postern.next_letter(BOB, lambda m: m["Subject"] == "Re: Second: a/b")
        sent = fred.get(postern.url + "/box/sent").words()
        assert sent.index("An answer.") < sent.index("Not an answer."), sent
        assert "Something else" in sent
        # All of it, as mail programs read it.
        page = fred.get(postern.url + "/box/export")
        assert "2 in all" in page.words(), page.words()
        pieces = [urllib.parse.urljoin(page.url, link) for link in page.links() if link.endswith(".zip")]
        letters = archive(fred.get(pieces[0]))
        assert sorted(letters) == ["0001 Figures.eml", "0002 Second_ a_b.eml"], sorted(letters)
        assert [BODY in body_text(one) for one in letters.values()].count(True) == 1
        written = archive(fred.get(pieces[1]))
        assert [body_text(one).splitlines()[0] for _, one in sorted(written.items())] == \
            ["An answer.", "Not an answer."], {n: m.as_string() for n, m in written.items()}
        assert Visitor().get(pieces[0]).status == 403


def test_what_came_with_a_clue_is_put_there():
    with Postern(policy="mailbox_messages = 1;") as postern:
        page, fred = make(postern)
        (first,) = in_list(page)
        _, second = secured(postern, subject="Outside", sender=BOB)
        page, stranger = opens(second)
        assert "Put this message into your mailbox" in page.words()
        asked = stranger.get(second + "/mailbox")
        assert "To put it there" in asked.words() and "Put it into" not in asked.words()
        opens(second, visitor=fred)
        page = fred.submit(fred.get(second + "/mailbox"), "csrf", do="keep")
        assert page.url == box_of(postern) and in_list(page) == [second + "/message", first], page.words()
        # Nobody else's goes there.
        _, third = secured(postern, to=GINA)
        opens(third, visitor=fred)
        form = fred.get(third + "/mailbox").form("passphrase_again")
        answer = fred.request(third + "/mailbox", urllib.parse.urlencode(
            {"csrf": form["fields"]["csrf"], "do": "keep"}).encode())
        assert answer.status == 403 and len(in_list(fred.get(box_of(postern)))) == 2, answer.words()


def test_who_wants_to_be_asked_is_asked():
    with Postern(policy='mailbox_messages = 1;') as postern:
        make(postern)
        # It is full: the sender sets a clue, nothing is lost, and the recipient may put it there later.
        link = held(postern, subject="Too much", sender=BOB)
        assert link


def test_what_asks_for_a_code_asks_again():
    """A message in a mailbox that asks for a code of its own is not read by who has the mailbox alone."""
    with Postern() as postern:
        _, link = secured(postern, choices={"second_factor": "mail"})
        page, fred = unlock(link)
        page = enter_code(fred, page, factor_code(postern))
        assert BODY in page.words(), page.words()
        reply(page, fred, "An answer that repeats a secret.")
        page = fred.submit(fred.get(link + "/mailbox"), "passphrase_again", passphrase=OWN, passphrase_again=OWN)
        assert in_list(page) == [link + "/message"], page.words()
        postern.settle()
        _, later = enter(postern)
        answer = later.get(link + "/message")
        assert answer.status == 403 and BODY not in answer.words() and "The clue to the passphrase" in answer.words()
        assert "repeats a secret" not in later.get(postern.url + "/box/sent").words()
        for piece in ("1/messages-1.zip", "0/sent.zip"):
            assert later.get(postern.url + "/box/export/" + piece).status == 404
        assert ALICE not in later.get(postern.url + "/box/write").words()


def test_subjects_are_bounded():
    with Postern() as postern:
        page, fred = make(postern)
        form = fred.get(in_list(page)[0].removesuffix("/message") + "/write")
        page = fred.submit(form, "body", body="Much to say.", subject="\u00fc" * 100000 + "\r\nBcc: eve@evil.example")
        assert page.url.endswith("/sent"), page.words()
        letter, raw = postern.next_letter(ALICE, lambda m: "Much to say." in body_text(m))
        assert 100 < len(letter["Subject"]) <= 500 and set(letter["Subject"]) == {"\u00fc"}, len(letter["Subject"])
        assert letter["Bcc"] is None


def test_a_list_is_searched_and_turned_over():
    with Postern() as postern:
        page, fred = make(postern)
        for number in range(26):
            send(postern, sender=(ALICE, BOB)[number % 2], subject="Letter %d of many" % number)
        postern.settle()
        page = fred.get(box_of(postern))
        assert len(in_list(page)) == 25 and "Letter 25 of many" in page.words() and "Figures" not in page.words()
        (older,) = [link for link in page.links() if "behind=" in link and "language=" not in link]
        page = fred.get(urllib.parse.urljoin(page.url, older))
        assert len(in_list(page)) == 2 and "Figures" in page.words() and "Letter 0 of many" in page.words()
        assert not [link for link in page.links() if "behind=" in link and "language=" not in link], "there is no more"
        # In subject and sender, in any case of letters; what was opened, and what was not.
        find = postern.url + "/box?show=%s&find=%s"
        assert len(in_list(fred.get(find % ("all", "LETTER+2")))) == 7
        assert len(in_list(fred.get(find % ("all", "bob%40corp")))) == 13
        assert "Nothing was found" in fred.get(find % ("all", "nowhere")).words()
        assert "Figures" in fred.get(find % ("read", "")).words()
        assert len(in_list(fred.get(find % ("read", "")))) == 1
        (unread,) = in_list(fred.get(find % ("unread", "letter+7")))
        fred.get(unread)
        assert in_list(fred.get(find % ("unread", "letter+7"))) == []


def test_never():
    with Postern(policy='mailbox = "never";') as postern:
        _, link = secured(postern)
        page, fred = opens(link)
        assert "mailbox of your own" not in page.words()
        assert fred.get(link + "/mailbox").url == link + "/message"


def test_always():
    with Postern(policy='mailbox = "always";') as postern:
        _, link = secured(postern)
        page, fred = unlock(link)
        assert page.url == link + "/mailbox" and "asks its correspondents" in page.words(), page.words()
        # It is not forced on who only wants to read.
        assert BODY in fred.get(link + "/message").words()


if __name__ == "__main__":
    cases.run("__main__")
