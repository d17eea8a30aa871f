import type { GithubEvent } from "../fixtures/github/given/github.events.ts";

// The read models of pipelines/issues.ts and pipelines/repositories.ts once more, folded by plain JavaScript over the payloads
// and sharing nothing with those but their meaning: what `asp` makes of the events is held against this.

interface Person {
  readonly login: string;
}
interface Payload {
  readonly repository: {
    readonly full_name: string;
    readonly private: boolean;
    readonly language: string | null;
    readonly stargazers_count: number;
    readonly forks_count: number;
    readonly open_issues_count: number;
  };
  readonly issue: {
    readonly id: number;
    readonly number: number;
    readonly title: string;
    readonly user: Person;
    readonly labels: readonly { readonly name: string }[];
    readonly assignees: readonly Person[];
    readonly milestone: { readonly title: string } | null;
    readonly comments: number;
    readonly locked: boolean;
    readonly created_at: string;
    readonly updated_at: string;
    readonly closed_at: string;
  };
  readonly label: { readonly name: string };
  readonly assignee: Person;
  readonly member: Person;
  readonly comment: { readonly user: Person; readonly created_at: string };
  readonly changes: { readonly new_issue: { readonly html_url: string } };
  readonly ref: string;
  readonly ref_type: string;
  readonly pusher: { readonly name: string };
  readonly commits: readonly unknown[];
  readonly head_commit: { readonly timestamp: string } | null;
  readonly release: { readonly tag_name: string; readonly published_at: string };
  readonly team: { readonly slug: string };
  readonly alert: { readonly dependency: { readonly package: { readonly name: string } } };
  readonly workflow_run: { readonly conclusion: string | null; readonly updated_at: string };
}

interface Issue {
  state: string;
  labels: string[];
  assignees: string[];
  locked: boolean;
  comments: { count: number; by: string[]; latest?: Date };
  [field: string]: unknown;
}

export function foldIssues(events: readonly GithubEvent[]): ReadonlyMap<number, Issue> {
  const issues = new Map<number, Issue>();
  for (const { type, data } of events) {
    const payload = data as unknown as Payload;
    const [name, action = ""] = type.split(".");
    if (!(name === "issues" && !["pinned", "unpinned"].includes(action)) && !isComment(type)) continue;
    const { issue: about, repository } = payload;
    if (type === "issues.deleted") {
      issues.delete(about.id);
      continue;
    }
    const issue = issues.get(about.id) ?? newIssue();
    issues.set(about.id, issue);
    issue["repository"] = repository.full_name;
    issue["number"] = about.number;
    issue["title"] = about.title;
    issue["author"] = about.user.login;
    issue["openedAt"] = new Date(about.created_at);
    issue["updatedAt"] = new Date(about.updated_at);
    if (name === "issue_comment") changeComments(issue, action, payload);
    else changeIssue(issue, action, payload);
  }
  return issues;
}

function isComment(type: string): boolean {
  return type === "issue_comment.created" || type === "issue_comment.deleted";
}

function newIssue(): Issue {
  return { state: "open", labels: [], assignees: [], locked: false, comments: { count: 0, by: [] } };
}

function changeComments({ comments }: Issue, action: string, { comment }: Payload): void {
  if (action === "deleted") {
    comments.count -= 1;
    return;
  }
  comments.count += 1;
  comments.latest = new Date(comment.created_at);
  addTo(comments.by, comment.user.login);
}

function changeIssue(issue: Issue, action: string, { issue: about, label, assignee, changes }: Payload): void {
  if (action === "opened" || action === "reopened") {
    delete issue["closedAt"];
    issue.state = "open";
    issue.labels = about.labels.map((one) => one.name);
    issue.assignees = about.assignees.map((one) => one.login);
    issue.locked = about.locked;
    issue.comments.count = about.comments;
  } else if (action === "closed") {
    issue.state = "closed";
    issue["closedAt"] = new Date(about.closed_at);
  } else if (action === "transferred") {
    issue.state = "transferred";
    issue["movedTo"] = changes.new_issue.html_url;
  } else if (action === "labeled") addTo(issue.labels, label.name);
  else if (action === "unlabeled") removeFrom(issue.labels, label.name);
  else if (action === "assigned") addTo(issue.assignees, assignee.login);
  else if (action === "unassigned") removeFrom(issue.assignees, assignee.login);
  else if (action === "locked" || action === "unlocked") issue.locked = action === "locked";
  else if (action === "milestoned") {
    if (about.milestone !== null) issue["milestone"] = about.milestone.title;
  } else if (action === "demilestoned") delete issue["milestone"];
  else if (action !== "edited") throw new Error(`the fold does not know issues.${action}`);
}

interface Repository {
  pushes: number;
  commits: number;
  contributors: string[];
  teams: string[];
  discussions: number;
  alerts: string[];
  branches: string[];
  tags: string[];
  releases: { tag: string; publishedAt: Date }[];
  workflows: { succeeded: number; other: number; latest?: Date };
  [field: string]: unknown;
}

/** Types after which a repository is only what its payload says. */
const snapshots = new Set([
  ...["created", "edited", "renamed", "transferred", "publicized", "privatized"].map(
    (action) => `repository.${action}`,
  ),
  ...["star.created", "star.deleted", "fork", "issues.opened", "issues.closed", "issues.reopened"],
]);

export function foldRepositories(events: readonly GithubEvent[]): ReadonlyMap<string, Repository> {
  const repositories = new Map<string, Repository>();
  for (const { streamId, type, data } of events) {
    const payload = data as unknown as Payload;
    const change = changes[type];
    if (change === undefined && !snapshots.has(type)) continue;
    const repository = repositories.get(streamId) ?? newRepository();
    repositories.set(streamId, repository);
    const about = payload.repository;
    repository["fullName"] = about.full_name;
    repository["private"] = about.private;
    repository["language"] = about.language;
    repository["stars"] = about.stargazers_count;
    repository["forks"] = about.forks_count;
    repository["openIssues"] = about.open_issues_count;
    change?.(repository, payload);
  }
  return repositories;
}

function newRepository(): Repository {
  return {
    pushes: 0,
    commits: 0,
    contributors: [],
    teams: [],
    discussions: 0,
    alerts: [],
    branches: [],
    tags: [],
    releases: [],
    workflows: { succeeded: 0, other: 0 },
  };
}

const changes: Readonly<Record<string, (repository: Repository, payload: Payload) => void>> = {
  push: (repository, { ref, pusher, commits, head_commit }) => {
    repository.pushes += 1;
    repository.commits += commits.length;
    addTo(repository.contributors, pusher.name);
    const committedAt = head_commit === null ? null : new Date(head_commit.timestamp);
    repository["lastPush"] = { ref, by: pusher.name, committedAt };
  },
  create: ({ branches, tags }, { ref, ref_type }) => addTo(ref_type === "branch" ? branches : tags, ref),
  delete: ({ branches, tags }, { ref, ref_type }) => removeFrom(ref_type === "branch" ? branches : tags, ref),
  "member.added": ({ contributors }, { member }) => addTo(contributors, member.login),
  "team.added_to_repository": ({ teams }, { team }) => addTo(teams, team.slug),
  "team.removed_from_repository": ({ teams }, { team }) => removeFrom(teams, team.slug),
  "discussion.created": (repository) => {
    repository.discussions += 1;
  },
  "dependabot_alert.created": ({ alerts }, { alert }) => addTo(alerts, alert.dependency.package.name),
  "dependabot_alert.fixed": ({ alerts }, { alert }) => removeFrom(alerts, alert.dependency.package.name),
  "release.published": (repository, { release }) => {
    const others = repository.releases.filter(({ tag }) => tag !== release.tag_name);
    repository.releases = [...others, { tag: release.tag_name, publishedAt: new Date(release.published_at) }];
  },
  "release.deleted": (repository, { release }) => {
    repository.releases = repository.releases.filter(({ tag }) => tag !== release.tag_name);
  },
  "workflow_run.completed": ({ workflows }, { workflow_run: { conclusion, updated_at } }) => {
    if (conclusion === "success") workflows.succeeded += 1;
    else workflows.other += 1;
    workflows.latest = new Date(updated_at);
  },
};

function addTo<T>(list: T[], element: T): void {
  if (!list.includes(element)) list.push(element);
}

function removeFrom<T>(list: T[], element: T): void {
  const index = list.indexOf(element);
  if (index >= 0) list.splice(index, 1);
}
