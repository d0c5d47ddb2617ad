"""What senders and recipients do, in the words of the portal's pages: write, finish, unlock, sign in.

Every function looks at what comes back and fails at once when it is not what people would expect.
"""

import email.message
import email.policy
import html
import json
import re
import urllib.parse

from postern import body_text, link_in
from visitor import Visitor, origin_of

ALICE, BOB, FRED, GINA = ("alice@corp.example", "bob@corp.example", "fred@example.net",
                          "gina@example.net")
CLUE, PASSPHRASE = "What did we ride in Delft?", "the blue bicycle"
OTHER_CLUE, OTHER_PASSPHRASE = "And what stood in the shed?", "a rusty wheelbarrow"
# A password or passphrase that was generated.
GENERATED = r"[0-9a-hjkmnp-tv-z]{4}(?:-[0-9a-hjkmnp-tv-z]{4}){3}"
MINUTE, HOUR, DAY = 60, 3600, 86400


def letter(to="secure-" + FRED, subject="Figures", body="The body of it.\n", files=(), sender=ALICE,
           message_id=None, **headers):
    """The bytes of a message; `files` are (name, content), a header is named with _ for -."""
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"] = "%s <%s>" % (sender.split("@")[0].title(), sender)
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = "Sun, 22 Nov 2026 08:00:00 +0100"
    if message_id is not None:
        message["Message-ID"] = message_id
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream",
                               filename=name)
    return message.as_bytes()


def send(postern, to="secure-" + FRED, sender=ALICE, **more):
    """Write to one recipient."""
    postern.send(sender, [to], letter(to=to, sender=sender, **more))


def route_test(postern, to="secure-" + FRED, sender=ALICE):
    """What `ctl route test` says of a message."""
    return json.loads(postern.ctl("route", "test", sender, to, "--json", "--config", str(postern.config)))


def finish_mail(postern, to=FRED, sender=ALICE):
    """The mail that asks the sender to finish their message to somebody."""
    message, _ = postern.next_letter(
        sender, lambda m: m["Subject"] == "Your message to %s is waiting for you" % to)
    return message


def held(postern, to=FRED, sender=ALICE, **more):
    """Write a marked message; gives the link of its sender."""
    send(postern, "secure-" + to, sender, **more)
    return link_in(finish_mail(postern, to, sender), "s")


def finish(link, visitor=None, **choices):
    """Set clue and passphrase; gives the page that follows."""
    visitor = visitor or Visitor()
    values = dict(clue=CLUE, passphrase=PASSPHRASE, lifetime_days="14")
    values.update(choices)
    values.setdefault("passphrase_again", values["passphrase"])
    answer = visitor.submit(visitor.get(link), "clue", **values)
    assert answer.status == 200, answer.words()
    return answer


def notice(postern, to=FRED):
    """The next mail to a recipient."""
    message, _ = postern.next_letter(to)
    return message


def secured(postern, to=FRED, sender=ALICE, choices=None, **more):
    """A message that waits for its recipient; gives both links."""
    link = held(postern, to, sender, **more)
    finish(link, **(choices or {}))
    return link, link_in(notice(postern, to), "r")


def unlock(link, passphrase=PASSPHRASE, visitor=None):
    """One try; gives the answer and the visitor."""
    visitor = visitor or Visitor()
    page = visitor.get(link)
    assert page.status == 200, page.words()
    return visitor.submit(page, "passphrase", passphrase=passphrase), visitor


def opens(link, passphrase=PASSPHRASE, visitor=None):
    """Unlock, which must do; gives the message's page and the visitor."""
    page, visitor = unlock(link, passphrase, visitor)
    assert page.status == 200 and page.url == link + "/message", page.words()
    return page, visitor


def refuses(link, passphrase):
    """A passphrase that does not open this message."""
    answer, _ = unlock(link, passphrase)
    assert answer.status == 403, (answer.status, answer.words())


def file_links(page):
    """Addresses of the files on a message's page."""
    return [urllib.parse.urljoin(page.url, link) for link in page.links() if "/file/" in link]


def reply(page, visitor, body="Thank you."):
    """Answer the message on this page."""
    form = visitor.get(page.url.removesuffix("/message") + "/reply")
    answer = visitor.submit(form, "body", body=body)
    assert answer.url.endswith("/sent"), answer.words()


def do(visitor, address, word="yes"):
    """Follow a link that wants a yes, and type it; gives the page that follows."""
    page = visitor.get(address)
    assert page.status == 200, page.words()
    return visitor.submit(page, "sure", sure=word)


def post(visitor, url, fields):
    """Send a form by hand."""
    return visitor.request(url, urllib.parse.urlencode(fields).encode(), {
        "Content-Type": "application/x-www-form-urlencoded", "Origin": origin_of(url)},
        follow=False)


# ---- the desk ----

def ask_code(postern, address, visitor):
    """Ask for a code; gives the page that follows."""
    return visitor.submit(visitor.get(postern.url + "/desk"), "address", address=address)


def is_code(message):
    """Is this the mail with a code?"""
    return message["Subject"].startswith("Your code for ")


def mailed_code(postern, address):
    """The code in the mail, which stands alone on its line."""
    message, _ = postern.next_letter(address, is_code)
    return re.search(r"^ +(\d{4} \d{4})\s*$", body_text(message), re.M).group(1)


def sign_in(postern, address=ALICE):
    """Sign in; gives the visitor."""
    visitor = Visitor()
    page = ask_code(postern, address, visitor)
    desk = visitor.submit(page, "code", code=mailed_code(postern, address))
    assert desk.url == postern.url + "/desk/messages" and is_signed_in(desk, address), desk.words()
    return visitor


def is_signed_in(page, address=ALICE):
    """Does the page say so?"""
    return page.status == 200 and "Signed in as %s" % address in page.words()


def token(visitor, postern, path="/desk"):
    """What every form of a signed-in visitor carries."""
    return visitor.get(postern.url + path).forms()[0]["fields"]["csrf"]


def rows(page):
    """The lines of a list: (address, words)."""
    found = re.findall(r'<tr role="row"><th role="rowheader".*?<a href="([^"]*)">(.*?)</tr>',
                       page.text, re.S)
    return [(urllib.parse.urljoin(page.url, html.unescape(url)),
             " ".join(html.unescape(re.sub("<[^>]*>", " ", text)).split())) for url, text in found]


def desk(postern, visitor, path="", **query):
    """A page of the desk."""
    page = visitor.get(postern.url + "/desk" + path +
                       ("?" + urllib.parse.urlencode(query) if query else ""))
    assert page.status == 200, page.words()
    return page


def new_template(postern, visitor, to=FRED, **choices):
    """Make a template; gives the list that follows."""
    values = dict(recipient=to, clue=CLUE, passphrase=PASSPHRASE, lifetime_days="14")
    values.update(choices)
    values.setdefault("passphrase_again", values["passphrase"])
    page = visitor.submit(desk(postern, visitor, "/templates/new"), "recipient", **values)
    assert page.status == 200 and "Saved" in page.words(), page.words()
    return page


def template_of(postern, visitor, to=FRED):
    """The address of somebody's template."""
    found = [url for url, words in rows(desk(postern, visitor, "/templates", find=to))
             if words.split()[0] == to]
    assert len(found) == 1, found
    return found[0]


def id_text(uuid):
    """An id as addresses show it: Crockford's base32."""
    number = int(uuid.replace("-", ""), 16) << 2
    return "".join("0123456789abcdefghjkmnpqrstvwxyz"[number >> 5 * place & 31]
                   for place in range(25, -1, -1))


def ids(postern, sql):
    """Ids that a query finds, as addresses show them."""
    return [id_text(row[0]) for row in postern.query(sql)]


# ---- mails ----

def report_part(message, kind="message/disposition-notification"):
    """The part of a report that machines read, as text."""
    parts = [part for part in message.walk() if part.get_content_type() == kind]
    assert len(parts) == 1, message.get_content_type()
    return parts[0].as_string()


def mails(postern, kind):
    """How many mails of a kind were ever written (sql/migrations)."""
    return int(postern.query("select count(*) from outbox where kind = %d" % kind)[0][0])
