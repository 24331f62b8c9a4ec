// Links to the pages in WHM. They are routed by their query; WHM asks to sign in and puts its own token in front.

/** The address of a page; null without an address of WHM. Values are percent-encoded. */
export function pageAddress(
  whm: string | null,
  page: string,
  params: Readonly<Record<string, string>> = {},
): string | null {
  if (whm === null) return null;
  const query = Object.entries(params).map(
    ([name, value]) => `&${name}=${encodeURIComponent(value.toWellFormed())}`,
  );
  return `${whm}/cgi/whyblocked/index.cgi?p=${page}${query.join('')}`;
}
