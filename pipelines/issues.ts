import { defineProjection, remove } from "asp-toolkit";
import type { Ref } from "asp-toolkit";
import type { Issue, IssueEvent, IssueView, Repository } from "./github-events.ts";
import { adding, removing } from "./lists.ts";

type Data = { readonly issue: Ref<Issue>; readonly repository: Ref<Repository> };

/** What every payload says about its issue. */
const about = ({ issue, repository }: Data) =>
  ({
    repository: repository.full_name,
    number: issue.number,
    title: issue.title,
    author: issue.user.login,
    openedAt: { $toDate: issue.created_at },
    updatedAt: { $toDate: issue.updated_at },
  }) as const;

/** What it says about an issue that may not be known yet, or not any more. */
const whole = (data: Data) =>
  ({
    ...about(data),
    state: "open",
    labels: { $map: { input: data.issue.labels, in: "$$this.name" } },
    assignees: { $map: { input: data.issue.assignees, in: "$$this.login" } },
    locked: data.issue.locked,
    "comments.count": data.issue.comments,
    closedAt: "$$REMOVE",
  }) as const;

/** One document per issue, from what GitHub's webhooks tell. */
export default defineProjection<IssueView, IssueEvent>({
  name: "issues",
  source: { db: "github", coll: "events" },
  into: { connectionName: "domain", db: "github", coll: "issues" },
  key: ({ data }) => data.issue.id,
  // The stream is the repository's, and whatever happens to an issue is in that one stream: its version will do.
  guard: "version",
  initial: { state: "open", labels: [], assignees: [], locked: false, comments: { count: 0, by: [] } },
  on: {
    "issues.opened": ({ data }) => whole(data),
    "issues.edited": ({ data }) => about(data),
    "issues.closed": ({ data }) => ({
      ...about(data),
      state: "closed",
      closedAt: { $toDate: data.issue.closed_at },
    }),
    // An issue may come back after it was deleted: the read model then starts from `initial`.
    "issues.reopened": ({ data }) => whole(data),
    "issues.deleted": () => remove(),
    "issues.transferred": ({ data }) => ({
      ...about(data),
      state: "transferred",
      movedTo: data.changes.new_issue.html_url,
    }),
    "issues.labeled": ({ data }, view) => ({ ...about(data), labels: adding(view.labels, data.label.name) }),
    "issues.unlabeled": ({ data }, view) => ({ ...about(data), labels: removing(view.labels, data.label.name) }),
    "issues.assigned": ({ data }, view) => ({
      ...about(data),
      assignees: adding(view.assignees, data.assignee.login),
    }),
    "issues.unassigned": ({ data }, view) => ({
      ...about(data),
      assignees: removing(view.assignees, data.assignee.login),
    }),
    "issues.milestoned": ({ data }) => ({ ...about(data), milestone: data.issue.milestone.title }),
    "issues.demilestoned": ({ data }) => ({ ...about(data), milestone: "$$REMOVE" }),
    "issues.locked": ({ data }) => ({ ...about(data), locked: true }),
    "issues.unlocked": ({ data }) => ({ ...about(data), locked: false }),
    "issue_comment.created": ({ data }, view) => ({
      ...about(data),
      "comments.count": { $add: [view.comments.count, 1] },
      "comments.by": adding(view.comments.by, data.comment.user.login),
      "comments.latest": { $toDate: data.comment.created_at },
    }),
    "issue_comment.deleted": ({ data }, view) => ({
      ...about(data),
      "comments.count": { $subtract: [view.comments.count, 1] },
    }),
  },
});
