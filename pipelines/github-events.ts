// The parts of GitHub's webhook payloads that the read models need. Only types: this file exports no processor.
// The whole of them: https://docs.github.com/en/webhooks/webhook-events-and-payloads

/** Times are text, as GitHub sends them; projections turn them into dates. */
type Time = string;

export interface Named {
  name: string;
}

export interface User {
  login: string;
}

export interface Repository {
  full_name: string;
  private: boolean;
  language: string | null;
  stargazers_count: number;
  forks_count: number;
  open_issues_count: number;
}

export interface Issue {
  id: number;
  number: number;
  title: string;
  user: User;
  labels: Named[];
  assignees: User[];
  milestone: { title: string } | null;
  comments: number;
  locked: boolean;
  created_at: Time;
  updated_at: Time;
  closed_at: Time | null;
}

interface OfRepository {
  repository: Repository;
}

type AboutIssue<Type extends string, More = object> = { type: Type; data: OfRepository & { issue: Issue } & More };

export type IssueEvent =
  | AboutIssue<"issues.opened">
  | AboutIssue<"issues.edited">
  | AboutIssue<"issues.closed">
  | AboutIssue<"issues.reopened">
  | AboutIssue<"issues.deleted">
  | AboutIssue<"issues.transferred", { changes: { new_issue: { html_url: string } } }>
  | AboutIssue<"issues.labeled", { label: Named }>
  | AboutIssue<"issues.unlabeled", { label: Named }>
  | AboutIssue<"issues.assigned", { assignee: User }>
  | AboutIssue<"issues.unassigned", { assignee: User }>
  | AboutIssue<"issues.milestoned">
  | AboutIssue<"issues.demilestoned">
  | AboutIssue<"issues.locked">
  | AboutIssue<"issues.unlocked">
  | AboutIssue<"issue_comment.created", { comment: { user: User; created_at: Time } }>
  | AboutIssue<"issue_comment.deleted">;

type AboutRepository<Type extends string, More = object> = { type: Type; data: OfRepository & More };
interface Release {
  tag_name: string;
  published_at: Time;
}
interface Alert {
  dependency: { package: Named };
}
interface Ref {
  ref: string;
  ref_type: "branch" | "tag";
}

export type RepositoryEvent =
  | AboutRepository<"repository.created">
  | AboutRepository<"repository.edited">
  | AboutRepository<"repository.renamed">
  | AboutRepository<"repository.transferred">
  | AboutRepository<"repository.publicized">
  | AboutRepository<"repository.privatized">
  | AboutRepository<"star.created">
  | AboutRepository<"star.deleted">
  | AboutRepository<"fork">
  | AboutRepository<"issues.opened">
  | AboutRepository<"issues.closed">
  | AboutRepository<"issues.reopened">
  | AboutRepository<"push", { ref: string; pusher: Named; commits: unknown[]; head_commit: { timestamp: Time } | null }>
  | AboutRepository<"create", Ref>
  | AboutRepository<"delete", Ref>
  | AboutRepository<"member.added", { member: User }>
  | AboutRepository<"team.added_to_repository", { team: { slug: string } }>
  | AboutRepository<"team.removed_from_repository", { team: { slug: string } }>
  | AboutRepository<"discussion.created">
  | AboutRepository<"dependabot_alert.created", { alert: Alert }>
  | AboutRepository<"dependabot_alert.fixed", { alert: Alert }>
  | AboutRepository<"release.published", { release: Release }>
  | AboutRepository<"release.deleted", { release: Release }>
  | AboutRepository<"workflow_run.completed", { workflow_run: { conclusion: string | null; updated_at: Time } }>;

/** The read model of issues.ts. */
export interface IssueView {
  repository: string;
  number: number;
  title: string;
  author: string;
  state: "open" | "closed" | "transferred";
  labels: string[];
  assignees: string[];
  milestone?: string | null;
  locked: boolean;
  comments: { count: number; by: string[]; latest?: Date };
  openedAt: Date;
  closedAt?: Date;
  updatedAt: Date;
  movedTo?: string;
}

/** The read model of repositories.ts. */
export interface RepositoryView {
  fullName: string;
  private: boolean;
  language: string | null;
  stars: number;
  forks: number;
  openIssues: number;
  pushes: number;
  commits: number;
  lastPush?: { ref: string; by: string; committedAt: Date | null };
  contributors: string[];
  teams: string[];
  discussions: number;
  /** Packages with a known weakness. */
  alerts: string[];
  branches: string[];
  tags: string[];
  releases: { tag: string; publishedAt: Date }[];
  workflows: { succeeded: number; other: number; latest?: Date };
}
