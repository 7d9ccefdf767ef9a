// Checks a .tlog-proof by the public formats (C2SP tlog-proof, tlog-checkpoint, signed-note; RFC 6962 and 9162) with what the
// browser itself brings: SHA-256 and Ed25519 of WebCrypto. Nothing leaves the browser. Written from the standards and not
// from the ledger's own code, so that neither repeats a mistake of the other unseen.

export class Refused extends Error {} // the proof does not hold
export class Unable extends Error {} // nothing could be checked

const LARGEST = 2n ** 63n;
const MOST_HASHES = 63;
const ED25519 = 1;

function base64(text) {
  let letters;
  try {
    letters = atob(text);
  } catch {
    return null;
  }
  // Only one way to write the same bytes: no spaces, whole padding, no stray bits.
  return btoa(letters) === text ? Uint8Array.from(letters, (letter) => letter.charCodeAt(0)) : null;
}

function decimal(text) {
  const number = /^(?:0|[1-9][0-9]{0,18})$/.test(text) ? BigInt(text) : LARGEST;
  return number < LARGEST ? number : null;
}

function utf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refused("The file is not text, so it is not a proof.");
  }
}

async function sha256(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}

const leafHash = (entry) => sha256(Uint8Array.of(0), entry);
const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);
const equal = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);
const isName = (name) => /^[^\s+\u0000-\u001f\u0085]+$/u.test(name);

// <name>+<hex id>+<base64(1 ‖ public key)>
export async function readKey(text) {
  const wrong = new Unable("The log’s public key is not whole. Copy all of it again, in one line.");
  const found = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/u.exec(text.trim());
  const data = found && base64(found[3]);
  if (!data || !isName(found[1]) || data.length !== 33) throw wrong;
  if (data[0] !== ED25519) throw new Unable("This is the key of a witness. Give the public key of the log.");
  const id = (await sha256(new TextEncoder().encode(`${found[1]}\n`), data)).slice(0, 4);
  if ([...id].map((byte) => byte.toString(16).padStart(2, "0")).join("") !== found[2]) throw wrong;
  return { name: found[1], id, bytes: data.slice(1) };
}

// “— <name> <base64(key id ‖ signature)>”
function readSignature(line) {
  const found = /^— (\S+) (\S+)$/u.exec(line);
  const data = found && base64(found[2]);
  if (!data || !isName(found[1]) || data.length < 5) throw new Refused("A line under the checkpoint is not a signature.");
  return { name: found[1], id: data.slice(0, 4), bytes: data.slice(4) };
}

// Text, an empty line, signature lines.
function readNote(written) {
  const end = written.lastIndexOf("\n\n");
  if (end < 0 || !written.endsWith("\n") || /[\u0000-\u0009\u000b-\u001f]/u.test(written)) {
    throw new Refused("The checkpoint in the file is not whole.");
  }
  const lines = written.slice(end + 2, -1).split("\n");
  return { text: written.slice(0, end + 1), signatures: lines.map(readSignature) };
}

// Which log, how many entries, the root of their tree.
function readCheckpoint(text) {
  const [origin, size, root, last, ...more] = text.split("\n");
  const checkpoint = { origin, size: decimal(size ?? ""), root: base64(root ?? "") };
  if (last !== "" || more.length || checkpoint.size === null || checkpoint.root?.length !== 32) {
    throw new Refused("What was signed is not a checkpoint of a log.");
  }
  return checkpoint;
}

export function readProof(bytes) {
  const text = utf8(bytes);
  const end = text.indexOf("\n\n");
  const [first, ...lines] = text.slice(0, Math.max(end, 0)).split("\n");
  if (first !== "c2sp.org/tlog-proof@v1") throw new Refused("The file is not a proof: it does not begin like one.");
  if (lines[0]?.startsWith("extra ") && base64(lines.shift().slice(6)) === null) {
    throw new Refused("The file is not a proof: what was added to it cannot be read.");
  }
  const index = lines[0]?.startsWith("index ") ? decimal(lines.shift().slice(6)) : null;
  if (index === null) throw new Refused("The file is not a proof: it does not say which entry it is about.");
  const hashes = lines.map(base64);
  if (hashes.length > MOST_HASHES || hashes.some((hash) => hash?.length !== 32)) {
    throw new Refused("The file is not a proof: one of its lines is not a fingerprint.");
  }
  return { index, hashes, note: readNote(text.slice(end + 2)) };
}

async function verifier(key) {
  if (!globalThis.crypto?.subtle) {
    throw new Unable("This browser checks signatures only on a page that was opened with https. Use the command below.");
  }
  try {
    return await crypto.subtle.importKey("raw", key.bytes, "Ed25519", false, ["verify"]);
  } catch (fault) {
    if (fault.name === "DataError") throw new Unable("The log’s public key is not one. Copy all of it again.");
    throw new Unable("This browser cannot check Ed25519 signatures. Use a newer browser, or the command below.");
  }
}

async function openCheckpoint(note, key) {
  const by = await verifier(key);
  const text = new TextEncoder().encode(note.text);
  const own = note.signatures.filter(({ name, id }) => name === key.name && equal(id, key.id));
  if (!own.length) throw new Refused(`The checkpoint is not signed with the key you gave, of ${key.name}.`);
  for (const signature of own) {
    if (!(await crypto.subtle.verify("Ed25519", by, signature.bytes, text))) {
      throw new Refused(`The checkpoint is not what ${key.name} signed, or somebody else signed it.`);
    }
  }
  const checkpoint = readCheckpoint(note.text);
  if (checkpoint.origin !== key.name) throw new Refused(`The checkpoint is of another log: ${checkpoint.origin}.`);
  return checkpoint;
}

// RFC 9162 §2.1.3.2.
async function rootFrom(leaf, index, size, hashes) {
  let [here, last, root] = [index, size - 1n, leaf];
  for (const hash of hashes) {
    if (last === 0n) throw new Refused("The proof has more fingerprints than a log of this size needs.");
    if (here & 1n || here === last) {
      root = await nodeHash(hash, root);
      while (here && !(here & 1n)) [here, last] = [here >> 1n, last >> 1n];
    } else {
      root = await nodeHash(root, hash);
    }
    [here, last] = [here >> 1n, last >> 1n];
  }
  if (last !== 0n) throw new Refused("The proof has fewer fingerprints than a log of this size needs.");
  return root;
}

// Resolves to the checkpoint, the entry's index and whoever else signed. Rejects with Refused or Unable.
export async function check({ key: keyText, proof: proofBytes, entry }) {
  if (!globalThis.crypto?.subtle) await verifier({});
  const key = await readKey(keyText);
  const { index, hashes, note } = readProof(proofBytes);
  const checkpoint = await openCheckpoint(note, key);
  if (index >= checkpoint.size) throw new Refused(`There is no entry ${index} in a log of ${checkpoint.size} entries.`);
  const root = await rootFrom(await leafHash(entry), index, checkpoint.size, hashes);
  if (!equal(root, checkpoint.root)) {
    throw new Refused(
      `The entry’s file does not lead to what was signed: it is not, byte for byte, entry ${index} of this log.`,
    );
  }
  const others = note.signatures.map(({ name }) => name).filter((name) => name !== key.name);
  return { index, checkpoint, others: [...new Set(others)] };
}
