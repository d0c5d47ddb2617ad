/*
 * OpenPGP keys that gpg made, of Ed25519 with a subkey of Curve25519, on 1 January 2024.
 */
#ifndef TESTS_CRYPTO_OPENPGP_KEYS_H
#define TESTS_CRYPTO_OPENPGP_KEYS_H

#define FRED_PRINT "FCFBAE976F4B09B16C6E3F5CF99028227E993DEA"
#define FRED_OWNER "Fred <fred@example.net>"
#define OLD_PRINT "D045558885C63AF8C78B33739B09B4423BE553F1"
#define OLD_ENDS 1706659200

static const char fred_key[] = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
			       "\n"
			       "mDMEZZIAgBYJKwYBBAHaRw8BAQdALOk6FPzn3D3S3oZ2UNc831Kvz8Ar8++zTQ02\n"
			       "YjFFSPK0F0ZyZWQgPGZyZWRAZXhhbXBsZS5uZXQ+iJAEExYIADgWIQT8+66Xb0sJ\n"
			       "sWxuP1z5kCgifpk96gUCZZIAgAIbAwULCQgHAgYVCgkICwIEFgIDAQIeAQIXgAAK\n"
			       "CRD5kCgifpk96mz6AQDR/yPfPJmoMmvZ29RJCZFnyE/aaCqT3ddpgQ1V/Nq3kwEA\n"
			       "ySP5M5YdTMw2lF5mpcYkFNcclFG8Fhjm/l38x+k4Uwi4OARlkgCAEgorBgEEAZdV\n"
			       "AQUBAQdAqPghoaatW7U+nQAXLB/qDdF5oCoICYEDAEwF8fxruGoDAQgHiHgEGBYI\n"
			       "ACAWIQT8+66Xb0sJsWxuP1z5kCgifpk96gUCZZIAgAIbDAAKCRD5kCgifpk96hoH\n"
			       "AQDmoxWX5VcvUQewrGxiqEDVNXFAIxrxeadmqCgHrD01oQD/TwI0RZVsHSntPzqn\n"
			       "y+ifmNY0qejGrfXHFwaL6W/opQA=\n"
			       "=xo6f\n"
			       "-----END PGP PUBLIC KEY BLOCK-----\n";

/* The same with its revocation. */
static const char fred_revoked[] =
    "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
    "\n"
    "mDMEZZIAgBYJKwYBBAHaRw8BAQdALOk6FPzn3D3S3oZ2UNc831Kvz8Ar8++zTQ02\n"
    "YjFFSPKIeAQgFggAIBYhBPz7rpdvSwmxbG4/XPmQKCJ+mT3qBQJlkgCAAh0AAAoJ\n"
    "EPmQKCJ+mT3qdJgBAIuslo6P/l/gKG87Aqbero5qYxPcyg6L5EQJkd5C/nSzAP0X\n"
    "dc/dBpUSrB3kw3Qbm5dcO3sH+zd7QCju7jn52xJ3BLQXRnJlZCA8ZnJlZEBleGFt\n"
    "cGxlLm5ldD6IkAQTFggAOBYhBPz7rpdvSwmxbG4/XPmQKCJ+mT3qBQJlkgCAAhsD\n"
    "BQsJCAcCBhUKCQgLAgQWAgMBAh4BAheAAAoJEPmQKCJ+mT3qbPoBANH/I988magy\n"
    "a9nb1EkJkWfIT9poKpPd12mBDVX82reTAQDJI/kzlh1MzDaUXmalxiQU1xyUUbwW\n"
    "GOb+XfzH6ThTCLg4BGWSAIASCisGAQQBl1UBBQEBB0Co+CGhpq1btT6dABcsH+oN\n"
    "0XmgKggJgQMATAXx/Gu4agMBCAeIeAQYFggAIBYhBPz7rpdvSwmxbG4/XPmQKCJ+\n"
    "mT3qBQJlkgCAAhsMAAoJEPmQKCJ+mT3qGgcBAOajFZflVy9RB7CsbGKoQNU1cUAj\n"
    "GvF5p2aoKAesPTWhAP9PAjRFlWwdKe0/OqfL6J+Y1jSp6Mat9ccXBovpb+ilAA==\n"
    "=NLkK\n"
    "-----END PGP PUBLIC KEY BLOCK-----\n";

/* Of "Old <old@example.net>", for thirty days. */
static const char old_key[] = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
			      "\n"
			      "mDMEZZIAgBYJKwYBBAHaRw8BAQdAIPUaQkR/gIGP/wb54DR2HFZwB4WxaxmxBO+/\n"
			      "IH1T9r+0FU9sZCA8b2xkQGV4YW1wbGUubmV0PoiWBBMWCAA+FiEE0EVViIXGOvjH\n"
			      "izNzmwm0QjvlU/EFAmWSAIACGwMFCQAnjQAFCwkIBwIGFQoJCAsCBBYCAwECHgEC\n"
			      "F4AACgkQmwm0QjvlU/GoegEAxg6uqRY+ZxHet7t98/T5YZVDSnD/nju6ZARlACnC\n"
			      "RecA/0PZUUWgG57melDCzoKyvMeeKl+dCmbspWYprMMFNIAGuDgEZZIAgBIKKwYB\n"
			      "BAGXVQEFAQEHQMFZZMJiI00lfW+QiFnOvc3mCv/TrqPdOF/GeNs7aXRyAwEIB4h+\n"
			      "BBgWCAAmFiEE0EVViIXGOvjHizNzmwm0QjvlU/EFAmWSAIACGwwFCQAnjQAACgkQ\n"
			      "mwm0QjvlU/GQeQEA0FwLE7y0wYmVHFGkhtJREIOxljqe8md3zlfcf9Gw9NQBAMiP\n"
			      "LGIgky0wRDhvswl1JeS8mAlx/QKfNJkk2qd6K2MG\n"
			      "=JK9p\n"
			      "-----END PGP PUBLIC KEY BLOCK-----\n";

#endif
