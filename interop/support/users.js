// The users that other people's clients sign in as: one per second factor, one
// who has to choose a new password.

import { Secret, TOTP } from 'otpauth';

export const password = 'Correct-horse-1';

/** The authenticator app of the user "totp". */
export const totp = new TOTP({ secret: new Secret({ size: 20 }) });

const email = (name) => ({ email: `${name}@example.com`, email_verified: 'true' });
const phone = { phone_number: '+15550100123', phone_number_verified: 'true' };

/** What a pool's configuration needs for them. "new" has no e-mail address yet. */
export const settings = {
  mfa: 'OPTIONAL',
  requiredAttributes: ['email'],
  users: [
    { name: 'plain', password, attributes: email('plain') },
    { name: 'Zoë.ünïcode', password: 'Grüße-пароль-9' },
    { name: 'sms', password, attributes: phone, mfa: ['SMS_MFA'] },
    { name: 'mail', password, attributes: email('mail'), mfa: ['EMAIL_OTP'] },
    { name: 'totp', password, totpSecret: totp.secret.base32 },
    { name: 'new', temporaryPassword: password },
  ],
};
