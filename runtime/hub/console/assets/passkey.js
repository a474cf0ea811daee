// Signs in with a passkey, or makes one. Browsers read and write the JSON of Web Authentication
// themselves; where they do not, the buttons stay hidden.

const able = globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON !== undefined;

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = !able;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const trouble = form.querySelector("[role=alert]");
    trouble.textContent = "";
    try {
      const answer = form.dataset.passkey === "make" ? await make(form) : await use(form);
      location.assign(answer.next);
    } catch (error) {
      trouble.textContent = error.name === "NotAllowedError"
        ? "No passkey was given."
        : error.message;
    }
  });
}

async function make(form) {
  const options = await post("/passkeys/offer", form);
  const credential = await navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
  });
  return await post("/passkeys/add", form, credential);
}

async function use(form) {
  const options = await post("/passkeys/ask", form);
  const credential = await navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
  });
  return await post("/passkeys/answer", form, credential);
}

async function post(path, form, credential) {
  const body = new URLSearchParams(new FormData(form));
  if (credential) body.set("credential", JSON.stringify(credential.toJSON()));
  const answer = await fetch(path, { method: "POST", body });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.error);
  return told;
}
