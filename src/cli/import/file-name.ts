/** A processor's name as a file's: what a path would read as something else is a dash. */
export function fileName(name: string): string {
  return name.replaceAll(/[^\w-]/g, "-");
}
