// The page /verify: two files and a key, checked here and nowhere else. Without this script the page gives the command.
import { check, Refused, Unable } from "./tlog.js";

const LONGEST_PROOF = 1_100_000; // bytes, as the command has it
const LONGEST_ENTRY = 65_535;

const tool = document.querySelector("[data-proof-check]");
const [proof, entry, key, button, verdict] = ["proof", "entry", "key", "button", "verdict"].map((name) =>
  tool.querySelector(`[data-${name}]`),
);

async function bytesOf(input, what, longest) {
  const file = input.files[0];
  if (!file) throw new Unable(`Choose the file of ${what} first.`);
  if (file.size > longest) throw new Unable(`${file.name} is too long to be the file of ${what}.`);
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new Unable(`${file.name} cannot be read. It may have moved or changed: choose it again.`);
  }
}

function told({ index, checkpoint, others }) {
  const count = checkpoint.size.toLocaleString("en-GB");
  const entries = checkpoint.size === 1n ? "1 entry" : `${count} entries`;
  const more = others.length
    ? ` It also carries the name of ${others.join(" and ")}; the command checks what witnesses signed.`
    : "";
  return `This is entry ${index} of the log ${checkpoint.origin}, byte for byte, as it was signed with ${entries}.${more}`;
}

async function judge() {
  try {
    const found = await check({
      proof: await bytesOf(proof, "the proof", LONGEST_PROOF),
      entry: await bytesOf(entry, "the entry", LONGEST_ENTRY),
      key: key.value,
    });
    return ["holds", "The proof holds.", told(found)];
  } catch (fault) {
    if (fault instanceof Refused) return ["refused", "The proof does not hold.", fault.message];
    if (fault instanceof Unable) return ["unable", "Nothing was checked.", fault.message];
    console.error(fault);
    return ["unable", "Nothing was checked.", "The check stopped for a reason we did not foresee. Use the command below."];
  }
}

let asked = 0; // an answer to an earlier question is not shown

function forget() {
  asked += 1;
  verdict.replaceChildren();
}

async function answer() {
  forget();
  const now = asked;
  const [kind, short, words] = await judge();
  if (now !== asked) return;
  const line = document.createElement("p");
  line.className = `cp-verdict cp-verdict--${kind}`;
  const strong = document.createElement("strong");
  strong.textContent = short;
  line.append(strong, ` ${words}`);
  verdict.replaceChildren(line);
}

for (const input of [proof, entry, key]) input.addEventListener("input", forget);
button.addEventListener("click", answer);
tool.hidden = false;
