/** The strings of an instruction's JSON form (`["a", "b"]`), null when the text is not one. */
export function jsonStrings(text: string): readonly string[] | null {
  const trimmed = text.trim();
  if (!trimmed.startsWith('[')) return null;
  try {
    const value: unknown = JSON.parse(trimmed);
    return Array.isArray(value) && value.every((each): each is string => typeof each === 'string')
      ? value
      : null;
  } catch {
    return null;
  }
}
