// The codes that a pool has sent, as those who wait for them see it.

/** Codes by user name, each given out once and in order. */
export class Mailbox {
  #delivered = new Map(); // user name to codes that nobody has taken yet
  #takers = new Map(); // user name to those who wait for one

  #queue(map, name) {
    return map.get(name) ?? map.set(name, []).get(name);
  }

  /** A code has been sent. */
  deliver(username, code) {
    const take = this.#queue(this.#takers, username).shift();
    if (take) take(code);
    else this.#queue(this.#delivered, username).push(code);
  }

  /**
   * The next code of a user, as soon as there is one.
   *
   * @param {import('./program.js').Program} program what sends them
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
