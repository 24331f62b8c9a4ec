// Failures that a user can mend, each with one sentence and what it means for the exit code or status.

/** Input that cannot be understood: exit code 2, status 400. The message says what was wrong and what fits. */
export class BadInput extends Error {
  /** The field of a form that it is about; null when it is about all of it. */
  readonly field: string | null;

  constructor(message: string, field: string | null = null) {
    super(message);
    this.name = 'BadInput';
    this.field = field;
  }
}

/** An act that was refused or failed although the input was right: exit code 1. */
export class Refused extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'Refused';
  }
}
