"""`crypto-key-gen`: high compute, low data."""

import hashlib

from planner.protocol.functions.outcome import Outcome
from planner.protocol.functions.payloads import KeyGeneration

PUBLIC_EXPONENT = 65_537


def run(payload: KeyGeneration) -> Outcome:
    """Generate an RSA key and forget it: only its size and the SHA-256 of its public half leave the function."""
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = generate_private_key(PUBLIC_EXPONENT, payload.bits).public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Outcome(len(der), facts={"bits": public.key_size, "fingerprint": hashlib.sha256(der).hexdigest()})
