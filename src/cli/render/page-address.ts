/** What is read of package.json. */
export interface PackageManifest {
  readonly version?: string | undefined;
  readonly repository?: string | { readonly url: string; readonly directory?: string } | undefined;
}

/** Where the page of a code stands on the web: on GitHub, as of this version; undefined where the manifest names no repository there. */
export function pageAddress(code: string, { version, repository }: PackageManifest): string | undefined {
  if (repository === undefined || version === undefined) return undefined;
  const { url, directory } = typeof repository === "string" ? { url: repository, directory: undefined } : repository;
  const [, owner, name] = url.match(/^(?:.*github\.com[/:]|github:)?([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/u) ?? [];
  if (owner === undefined || name === undefined) return undefined;
  const folder = directory === undefined ? "" : `${directory.replace(/\/$/u, "")}/`;
  return `https://github.com/${owner}/${name}/blob/v${version}/${folder}docs/errors/${code}.md`;
}
