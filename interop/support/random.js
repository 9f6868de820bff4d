// Users with random names and passwords.

import { randomBytes, randomInt } from 'node:crypto';

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const ascii = `${letters}0123456789`;
const signs = '^$*.[]{}()?"!@#%&/\\,><\':;|_~`=+-';
// Characters of one to four bytes in UTF-8, a character from right to left, and a combining
// accent. A client that composes the accent with its letter proves another password.
const others = 'äÖßéñçøžłΩλжЫщאبทあ漢字한국𝔘🔑';
const accent = '\u0301';

const draw = (alphabet, length) => {
  const characters = [...alphabet];
  return Array.from({ length }, () => characters[randomInt(characters.length)]).join('');
};

/**
 * Draws users. Every second user has a name and a password outside ASCII. Every fifth user has
 * a salt that begins with a zero byte, because clients get the salt as a number and hash bytes.
 *
 * @param {number} count
 * @param {{asciiNames?: boolean}} [options] for clients that cannot sign other names
 * @returns {{name: string, password: string, salt?: string}[]} users for the configuration of a pool
 */
export function randomUsers(count, { asciiNames = false } = {}) {
  return Array.from({ length: count }, (_, i) => {
    const more = i % 2 === 1;
    const name = draw(letters, 4) + draw(ascii, randomInt(4, 20)) + (more && !asciiNames ? draw(others, 3) : '');
    const password = draw(ascii + signs, randomInt(8, 40)) + (more ? draw(others, 5) + accent : '');
    return { name, password, ...(i % 5 === 0 && { salt: `00${randomBytes(15).toString('hex')}` }) };
  });
}

/**
 * Signs each user in. Reports how many users signed in, and how many users needed another try.
 *
 * @param {import('node:test').TestContext} t
 * @param {{name: string}[]} users
 * @param {(user: object) => Promise<void>} signIn
 * @param {{tries?: number}} [options] for clients that fail with some random numbers of SRP
 */
export async function everyone(t, users, signIn, { tries = 1 } = {}) {
  const failed = [];
  let again = 0;
  for (const user of users) {
    for (let left = tries; left > 0; left--) {
      try {
        await signIn(user);
        break;
      } catch (error) {
        if (left > 1) again++;
        else failed.push({ name: user.name, password: user.password, salt: user.salt, error: `${error.name}: ${error.message}` });
      }
    }
  }
  t.diagnostic(`${users.length - failed.length} of ${users.length} sign-ins, ${again} tried again`);
  if (failed.length > 0) throw new Error(`${failed.length} failed: ${JSON.stringify(failed, null, 2)}`);
}
