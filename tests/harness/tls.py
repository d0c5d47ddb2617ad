"""TLS for visitors who take any certificate."""

import ssl


def unchecked_tls():
    """Like ssl.create_default_context(), but it does not read the system's authorities, which it would
    not ask anyway: that takes longer than a handshake, and every visitor has one of these."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
