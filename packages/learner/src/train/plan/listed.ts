/** Names in quotes, for a message of one line: the first twenty. */
export function listed(names: readonly string[]): string {
  const some = names.slice(0, 20).map((name) => JSON.stringify(shortened(name)));
  const more = names.length > 20 ? ` and ${names.length - 20} more` : "";
  return some.join(", ") + more;
}

/** A name of a damaged table may be a page long. */
function shortened(name: string): string {
  return name.length > 60 ? `${name.slice(0, 60)}…` : name;
}
