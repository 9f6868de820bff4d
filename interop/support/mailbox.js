// Keeps the codes that a pool sends until a test takes them.

/** Codes by user name. A test gets each code once and in order. */
export class Mailbox {
  #delivered = new Map(); // from a user name to the codes that no test has taken
  #takers = new Map(); // from a user name to the tests that wait for a code

  #queue(map, name) {
    return map.get(name) ?? map.set(name, []).get(name);
  }

  /** Keeps a code, or gives the code to a waiting test. */
  deliver(username, code) {
    const take = this.#queue(this.#takers, username).shift();
    if (take) take(code);
    else this.#queue(this.#delivered, username).push(code);
  }

  /**
   * Waits for the next code of a user.
   *
   * @param {import('./program.js').Program} program the program that sends codes
   * @returns {Promise<string>}
   */
  take(program, username) {
    return program.wait(`code for ${username}`, (resolve) => {
      const waiting = this.#queue(this.#delivered, username);
      if (waiting.length > 0) resolve(waiting.shift());
      else this.#queue(this.#takers, username).push(resolve);
    });
  }
}
