/** What a workspace is made with. */
export interface WorkspaceSettings {
  /** AWS, AZURE or GCP. */
  readonly provider: string;
  /** As the service names it. */
  readonly region: string;
  /** Of processors that name none; default the service's own. */
  readonly tier?: string;
  /** The largest that a processor may have; default the service's own. */
  readonly maxTier?: string;
}

/** What of a workspace can be changed; what is absent stays. */
export type WorkspaceChange = Pick<WorkspaceSettings, "tier" | "maxTier">;
