// The users that other people's clients and our own sign in as: one per second
// factor, one with every first factor, one who has to choose a new password.

import { Secret, TOTP } from 'otpauth';

export const password = 'Correct-horse-1';

/** Of app clients that have one: the service makes none of less than 24 characters. */
export const clientSecret = 'the_secret_of_an_app_client_of_interop';

/** The authenticator app of the user "totp", and that of "several". */
export const totp = new TOTP({ secret: new Secret({ size: 20 }) });
export const severalTOTP = new TOTP({ secret: new Secret({ size: 20 }) });

/** What custom authentication asks, in turn. */
export const questions = [
  { question: 'What is 5 + 3?', answer: '8' },
  { question: 'Which colour has the sky?', answer: 'blau' },
];

const email = (name) => ({ email: `${name}@example.com`, email_verified: 'true' });
const phone = { phone_number: '+15550100123', phone_number_verified: 'true' };

/** What a pool's configuration needs for them. "new" has no e-mail address yet. */
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

/** A pool in which everyone needs a second factor, and nobody has one yet. */
export const setupSettings = {
  mfa: 'ON',
  mfaTypes: ['SOFTWARE_TOKEN_MFA', 'EMAIL_OTP'],
  users: ['wants-app', 'wants-mail'].map((name) => ({ name, password })),
};

/** The flows of an app client that may use all that needs no credentials. */
export const authFlows = [
  'ALLOW_USER_SRP_AUTH', 'ALLOW_USER_PASSWORD_AUTH', 'ALLOW_USER_AUTH', 'ALLOW_CUSTOM_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH',
];

/**
 * Digits that are refused: not the code that was sent, or none that the
 * authenticator app shows a few steps around the present one.
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
 * A pool that remembers devices, which then take the place of the second
 * factor: all of them, or those that the user wants remembered.
 */
export const deviceSettings = (deviceOnlyRememberedOnUserPrompt) => ({
  mfa: 'OPTIONAL',
  deviceConfiguration: { challengeRequiredOnNewDevice: true, deviceOnlyRememberedOnUserPrompt },
  users: settings.users.filter(({ mfa }) => mfa?.length === 1),
});
