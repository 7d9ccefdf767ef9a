// A button that makes a passkey, or signs in with one. Without this script, or in a browser without passkeys, it stays hidden.
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

async function send(address, token, given) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(given),
  });
  const kind = answer.headers.get("Content-Type") ?? "";
  const said = kind.startsWith("application/json") ? await answer.json() : {};
  if (!answer.ok) throw new Error(said.sentence ?? "This page was open for too long. Load it again; nothing was changed.");
  return said;
}

function question(options) {
  const known = (list) => (list ?? []).map((each) => ({ ...each, id: bytes(each.id) }));
  const asked = { ...options, challenge: bytes(options.challenge) };
  if (options.user) asked.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) asked.excludeCredentials = known(options.excludeCredentials);
  if (options.allowCredentials) asked.allowCredentials = known(options.allowCredentials);
  return asked;
}

function answer({ id, rawId, type, response }) {
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const given = parts.filter((part) => response[part]).map((part) => [part, text(response[part])]);
  return { id, rawId: text(rawId), type, response: Object.fromEntries(given), clientExtensionResults: {} };
}

async function go({ passkey, options, answer: address, token }) {
  const asked = question(await send(options, token, {}));
  let made;
  try {
    made = await navigator.credentials[passkey]({ publicKey: asked });
  } catch {
    throw new Error("Your browser gave no passkey. Try again, or sign in in another way; nothing was changed.");
  }
  location.assign((await send(address, token, answer(made))).onward);
}

for (const part of window.PublicKeyCredential ? document.querySelectorAll("[data-passkey]") : []) {
  const [button, fault] = [part.querySelector("button"), part.querySelector("p")];
  part.hidden = false;
  button.addEventListener("click", async () => {
    [button.disabled, fault.textContent] = [true, ""];
    try {
      await go(part.dataset);
    } catch (refused) {
      fault.textContent = refused.message;
    }
    button.disabled = false;
  });
}
