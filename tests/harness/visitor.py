"""A browser without a screen: follows links, fills forms, keeps cookies, over real HTTPS."""

import html.parser
import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
import uuid

from tls import unchecked_tls


def without_token(address):
    """An address without the token by which a redirection makes it a new one."""
    return re.sub(r"[?&]at=[0-9a-z]+$", "", address)


class Answer:
    """What came back: status, headers, body, and the address it came from."""

    def __init__(self, response, url):
        self.status = response.status if hasattr(response, "status") else response.code
        self.headers = response.headers
        self.body = response.read()
        # Where a redirection leads, a token stands behind the address.
        self.url = without_token(url)
        self.location = without_token(self.headers["Location"] or "")

    @property
    def text(self):
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def words(self):
        """The text that a reader sees, in one line."""
        reader = _Reader()
        reader.feed(self.text)
        return " ".join(" ".join(reader.words).split())

    def forms(self):
        """Every form of the page: dicts of action, method, enctype, fields (name to value)."""
        reader = _Forms()
        reader.feed(self.text)
        return reader.forms

    def form(self, field):
        """The form that has this field."""
        for form in self.forms():
            if field in form["fields"] or field in form["buttons"]:
                return form
        raise AssertionError("no form with %s on %s:\n%s" % (field, self.url, self.words()[:600]))

    def links(self):
        """Targets of all links."""
        reader = _Reader()
        reader.feed(self.text)
        return reader.links


class _Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.words, self.links = [], []

    def handle_data(self, data):
        self.words.append(data)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "a" and "href" in values:
            self.links.append(values["href"])


class _Forms(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms, self.area, self.select = [], None, None

    def handle_starttag(self, tag, attrs):
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({"action": values.get("action", ""), "fields": {}, "buttons": {},
                               "checkboxes": {}, "files": [], "method": values.get("method", "get"),
                               "enctype": values.get("enctype", "")})
        elif self.forms and tag == "input" and "name" in values:
            form, kind = self.forms[-1], values.get("type", "text")
            if kind == "checkbox":
                form["checkboxes"][values["name"]] = values.get("value", "on")
                form["fields"][values["name"]] = \
                    values.get("value", "on") if "checked" in values else None
            elif kind == "radio":
                form["fields"].setdefault(values["name"], None)
                if "checked" in values:
                    form["fields"][values["name"]] = values.get("value", "on")
            elif kind == "file":
                form["files"].append(values["name"])
            elif kind == "submit":
                form["buttons"][values["name"]] = values.get("value", "")
            else:
                form["fields"][values["name"]] = values.get("value", "")
        elif self.forms and tag == "button" and "name" in values:
            self.forms[-1]["buttons"][values["name"]] = values.get("value", "")
        elif self.forms and tag == "textarea" and "name" in values:
            self.area = values["name"]
            self.forms[-1]["fields"][self.area] = ""
        elif self.forms and tag == "select" and "name" in values:
            self.area, self.select = None, values["name"]
        elif self.forms and tag == "option" and self.select is not None:
            # The first one, unless another is marked.
            if "selected" in values or self.select not in self.forms[-1]["fields"]:
                self.forms[-1]["fields"][self.select] = values.get("value", "")

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.area = None
        elif tag == "select":
            self.select = None

    def handle_data(self, data):
        if self.area is not None:
            self.forms[-1]["fields"][self.area] += data


class Visitor:
    """One person with one browser."""

    def __init__(self):
        self.cookies = http.cookiejar.CookieJar()
        context = unchecked_tls()
        handlers = [urllib.request.HTTPSHandler(context=context),
                    urllib.request.HTTPCookieProcessor(self.cookies)]
        self.opener = urllib.request.build_opener(*handlers)
        self.still = urllib.request.build_opener(_Stay(), *handlers)

    def request(self, url, data=None, headers=None, method=None, follow=True):
        """One request; redirects are followed unless told not to.  Never raises for a status."""
        request = urllib.request.Request(url, data, headers or {}, method=method)
        opener = self.opener if follow else self.still
        try:
            response = opener.open(request, timeout=60)
        except urllib.error.HTTPError as error:
            response = error
        return Answer(response, response.geturl())

    def get(self, url, **more):
        """GET."""
        return self.request(url, **more)

    def submit(self, page, field, follow=True, files=(), **values):
        """Fill in and send the form of `page` that has `field`; True ticks a checkbox, None
        leaves it.  `files` are (name, bytes, type)."""
        form = page.form(field)
        fields = {name: value for name, value in form["fields"].items() if value is not None}
        for name, value in values.items():
            if value is True:
                fields[name] = form["checkboxes"][name]
            elif value is None:
                fields.pop(name, None)
            else:
                fields[name] = value
        url = urllib.parse.urljoin(page.url, form["action"])
        if form["enctype"] == "multipart/form-data":
            kind, data = encode_multipart(fields, form["files"][0] if form["files"] else "", files)
        else:
            kind, data = "application/x-www-form-urlencoded", urllib.parse.urlencode(fields).encode()
        return self.request(url, data, {"Content-Type": kind, "Origin": origin_of(url)},
                            follow=follow)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None


def origin_of(url):
    """Scheme, host and port."""
    parts = urllib.parse.urlsplit(url)
    return "%s://%s" % (parts.scheme, parts.netloc)


def encode_multipart(fields, file_field, files):
    """RFC 7578, as browsers write it."""
    boundary = "----postern" + uuid.uuid4().hex
    out = []
    for name, value in fields.items():
        out += [b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n' % (
            boundary.encode(), name.encode()), value.encode(), b"\r\n"]
    for name, content, kind in files or [("", b"", "application/octet-stream")]:
        safe = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        out += [b'--%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n'
                b"Content-Type: %s\r\n\r\n" % (boundary.encode(), file_field.encode(),
                                              safe.encode(), kind.encode()), content, b"\r\n"]
    out.append(b"--%s--\r\n" % boundary.encode())
    return "multipart/form-data; boundary=" + boundary, b"".join(out)
