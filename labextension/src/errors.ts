/**
 * What went wrong, in a form for people (`message`) and for code (`code`: one of the server's stable codes, or
 * `unreachable`, `disconnected`, `no_answer`, `unsupported`).
 */
export class LiveError extends Error {
  /** @param final trying the same again cannot help */
  constructor(
    readonly code: string,
    message: string,
    readonly final: boolean
  ) {
    super(message);
    this.name = 'LiveError';
  }
}
