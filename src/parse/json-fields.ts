// Fields of JSON that came from outside, each read as the type that it should have.

export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value is an object and no list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object at a name; an empty one where none stands. */
export function objectAt(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isObject(value) ? value : {};
}

/** The list at a name; an empty one where none stands. */
export function listAt(object: JsonObject, name: string): readonly unknown[] {
  const value = object[name];
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** The text at a name; empty where none stands. */
export function textAt(object: JsonObject, name: string): string {
  const value = object[name];
  return typeof value === 'string' ? value : '';
}

/** The whole number at a name; null where none stands. */
export function numberAt(object: JsonObject, name: string): number | null {
  const value = object[name];
  return Number.isSafeInteger(value) ? (value as number) : null;
}
