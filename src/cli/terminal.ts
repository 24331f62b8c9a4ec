// Text for a terminal: colours only there, and no byte of a log may act on it.
import { styleText } from 'node:util';

export interface Output {
  readonly colour: boolean;
  readonly width: number;
  write(text: string): void;
  note(text: string): void;
}

type Style = Parameters<typeof styleText>[0];

/** The text in a style when the output is a terminal, else as it is. */
export function styled(output: Output, style: Style, text: string): string {
  return output.colour ? styleText(style, text, { validateStream: false }) : text;
}

// C0 and C1 controls, and the marks that turn the direction of text around.
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Makes control, ANSI and direction characters visible as `\xNN`; line feeds and tabs stay. */
export function safeText(text: string): string {
  return text.replace(UNSAFE, (char) => {
    const code = char.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
}

/** Breaks text at blanks so that no line is longer than `width`; later lines are indented by `indent` blanks. */
export function wrap(text: string, width: number, indent = 0): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width - indent) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}
