// A coded "no" that the caller can act on: a wrong path, a missing repository. Anything else that is thrown is a bug.

export class Refusal extends Error {
  /**
   * @param {string} code in snake_case, for programs
   * @param {string} message a sentence, for people
   */
  constructor(code, message) {
    super(message);
    this.name = "Refusal";
    this.code = code;
  }
}
