const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** For texts and quoted attributes of XML and HTML; what no XML may hold becomes a replacement character. */
export function escapeXml(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are the characters to find
  const allowed = text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\p{Cs}\ufffe\uffff]/gu, "\ufffd");
  return allowed.replaceAll(/[&<>"']/g, (character) => escapes[character] ?? character);
}
