"""A web server by HTTPS and HTTP on one port for one test, whose pages are functions, and listeners that answer nothing."""

import http.server
import socket
import ssl
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    """Hands each request to the server's function; one request for each connection."""

    def setup(self):
        if self.request.recv(1, socket.MSG_PEEK) == b"\x16":
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def do_GET(self):
        host = self.headers["Host"].split(":")[0]
        self.server.seen.append((host, self.path, dict(self.headers)))
        self.server.answer(self, host, self.path)

    def do_POST(self):
        self.body = self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def give(self, code, body=b"", kind="application/octet-stream", **fields):
        """A whole answer."""
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Web(http.server.ThreadingHTTPServer):
    """`answer(handler, host, path)` gives the answers; `seen` lists what was asked for."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, certificate, key, answer):
        super().__init__(("127.0.0.1", 0), Handler)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.answer = answer
        self.seen = []
        self.port = self.server_address[1]

    def handle_error(self, request, client_address):
        pass

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Silence:
    """Takes connections at an address and says nothing; counts them."""

    def __init__(self, address, port):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((address, port))
        self.socket.listen(128)
        self.port = self.socket.getsockname()[1]
        self.taken = []

    def _take(self):
        while True:
            try:
                self.taken.append(self.socket.accept()[0])
            except OSError:
                return

    def __enter__(self):
        threading.Thread(target=self._take, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for connection in self.taken:
            connection.close()
