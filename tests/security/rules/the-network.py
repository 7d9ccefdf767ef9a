"""What the rules about other servers find and let pass."""

# ruleid: module-that-fetches
import requests

# ruleid: module-that-fetches
import urllib.request

# ok: module-that-fetches
import urllib.parse

# ruleid: module-that-fetches
from http.client import HTTPConnection

# ruleid: module-that-fetches
from urllib3 import PoolManager

# ok: module-that-fetches
from urllib.parse import urlsplit


def ask(address, context):
    # ruleid: stranger-taken-at-their-word
    requests.get(address, timeout=5, verify=False)
    # ruleid: stranger-taken-at-their-word
    context.check_hostname = False
    # ruleid: stranger-taken-at-their-word
    context.verify_mode = ssl.CERT_NONE
    # ruleid: stranger-taken-at-their-word
    decode(address, options={"verify_signature": False})
    # ok: stranger-taken-at-their-word
    return requests.get(address, timeout=5)
