// All pages work without this script, except the pages for passkeys.

// The script stops a second click on a button. The first click has used up the prompt.
addEventListener('submit', (event) => {
  if (event.defaultPrevented) return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = 'yes';
});
addEventListener('pageshow', () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// A form with a passkey calls the browser first, and is sent with the credential.
const calls = {
  get: (options) => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
  create: (options) => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
};
const field = document.querySelector('[data-passkey]');
field?.form.addEventListener('submit', async (event) => {
  if (field.value) return;
  event.preventDefault();
  const problem = document.querySelector('[data-passkey-problem]');
  problem.hidden = true;
  try {
    const credential = await calls[field.dataset.passkey](JSON.parse(field.dataset.options));
    field.value = JSON.stringify(credential);
    field.form.requestSubmit();
  } catch (error) {
    problem.textContent = error.name === 'NotAllowedError'
      ? 'Your device did not give a passkey. Try again, or choose another way to sign in.'
      : 'This browser cannot use passkeys here. Choose another way to sign in.';
    problem.hidden = false;
  }
});
