# shellcheck shell=bash
# ssh keys that are derived from the secret, so that no node has to learn another's.

# private | public, and the password that it is derived from. OpenSSH reads this form, too; in its
# own form the same key would not always be the same text.
ssh_key() {
  SEED=$2 python3 - "$1" <<'EOP'
import hashlib, os, sys
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

seed = hashlib.sha256(os.environ["SEED"].encode()).digest()
key = Ed25519PrivateKey.from_private_bytes(seed)
if sys.argv[1] == "private":
    made = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
else:
    made = key.public_key().public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH)
print(made.decode().strip())
EOP
}
