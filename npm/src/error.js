/** What every refused call throws. */
export class QuorateError extends Error {
  static {
    this.prototype.name = "QuorateError";
  }

  /**
   * @param {string} code What a program compares.
   * @param {string} message What a person reads.
   * @param {number} [line] Where in a refused text, from 1.
   * @param {number} [column] Where in that line, from 1.
   * @param {ErrorOptions} [options] What caused it.
   */
  constructor(code, message, line, column, options) {
    super(message, options);
    this.code = code;
    if (line !== undefined) {
      this.line = line;
      this.column = column;
    }
  }
}
