// The users for all clients. There is a user for each second factor, a user with all first
// factors, and a user who must choose a new password.

import { Secret, TOTP } from 'otpauth';

export const password = 'Correct-horse-1';

/** The client secret. Client secrets of the service have 24 characters or more. */
export const clientSecret = 'the_secret_of_an_app_client_of_interop';

/** The authenticator app of the users "totp" and "several". */
export const totp = new TOTP({ secret: new Secret({ size: 20 }) });
export const severalTOTP = new TOTP({ secret: new Secret({ size: 20 }) });

/** The questions of custom authentication, in order. */
export const questions = [
  { question: 'What is 5 + 3?', answer: '8' },
  { question: 'Which colour has the sky?', answer: 'blau' },
];

const email = (name) => ({ email: `${name}@example.com`, email_verified: 'true' });
const phone = { phone_number: '+15550100123', phone_number_verified: 'true' };

/** The configuration of a pool with these users. The user "new" has no e-mail address. */
export const settings = {
  mfa: 'OPTIONAL',
  aliasAttributes: ['email'],
  allowedFirstFactors: ['PASSWORD', 'EMAIL_OTP', 'SMS_OTP', 'WEB_AUTHN'],
  customQuestions: questions,
  requiredAttributes: ['email'],
  users: [
    { name: 'plain', password, attributes: email('plain') },
    { name: 'Zoë.ünïcode', password: 'Grüße-пароль-9' },
    { name: 'sms', password, attributes: phone, mfa: ['SMS_MFA'] },
    { name: 'mail', password, attributes: email('mail'), mfa: ['EMAIL_OTP'] },
    { name: 'totp', password, totpSecret: totp.secret.base32 },
    {
      name: 'several', password, attributes: email('several'),
      totpSecret: severalTOTP.secret.base32, mfa: ['EMAIL_OTP', 'SOFTWARE_TOKEN_MFA'],
    },
    { name: 'anyhow', password, attributes: { ...email('anyhow'), phone_number: '+15550100124', phone_number_verified: 'true' } },
    { name: 'new', temporaryPassword: password },
  ],
};

/** A pool that requires a second factor. Its users have no second factor. */
export const setupSettings = {
  mfa: 'ON',
  mfaTypes: ['SOFTWARE_TOKEN_MFA', 'EMAIL_OTP'],
  users: ['wants-app', 'wants-mail'].map((name) => ({ name, password })),
};

/** All flows that need no AWS credentials. */
export const authFlows = [
  'ALLOW_USER_SRP_AUTH', 'ALLOW_USER_PASSWORD_AUTH', 'ALLOW_USER_AUTH', 'ALLOW_CUSTOM_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH',
];

/**
 * Returns a wrong code. The code differs from the sent code, or from the codes of the
 * authenticator app for some minutes.
 *
 * @param {string | TOTP} right
 */
export function wrongCode(right) {
  const good = right instanceof TOTP
    ? [-2, -1, 0, 1, 2].map((n) => right.generate({ timestamp: Date.now() + n * right.period * 1000 }))
    : [right];
  return [0, 1, 2, 3, 4, 5].map((n) => String(n).padStart(good[0].length, '0')).find((code) => !good.includes(code));
}

/**
 * A pool that remembers devices, which then replace the second factor. The pool remembers all
 * devices, or the devices that the user chooses.
 */
export const deviceSettings = (deviceOnlyRememberedOnUserPrompt) => ({
  mfa: 'OPTIONAL',
  deviceConfiguration: { challengeRequiredOnNewDevice: true, deviceOnlyRememberedOnUserPrompt },
  users: settings.users.filter(({ mfa }) => mfa?.length === 1),
});
