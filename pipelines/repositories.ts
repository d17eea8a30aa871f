import { defineProjection } from "asp-toolkit";
import type { Ref } from "asp-toolkit";
import type { Repository, RepositoryEvent, RepositoryView } from "./github-events.ts";
import { adding, removing } from "./lists.ts";

/** Every payload brings its repository as it is at that time. */
const about = ({ repository }: { readonly repository: Ref<Repository> }) =>
  ({
    fullName: repository.full_name,
    private: repository.private,
    language: repository.language,
    stars: repository.stargazers_count,
    forks: repository.forks_count,
    openIssues: repository.open_issues_count,
  }) as const;

/** One document per repository: a stream holds what happened to one of them. */
export default defineProjection<RepositoryView, RepositoryEvent>({
  name: "repositories",
  source: { db: "github", coll: "events" },
  into: { connectionName: "domain", db: "github", coll: "repositories" },
  initial: {
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
  },
  on: {
    "repository.created": ({ data }) => about(data),
    "repository.edited": ({ data }) => about(data),
    "repository.renamed": ({ data }) => about(data),
    "repository.transferred": ({ data }) => about(data),
    "repository.publicized": ({ data }) => about(data),
    "repository.privatized": ({ data }) => about(data),
    "star.created": ({ data }) => about(data),
    "star.deleted": ({ data }) => about(data),
    fork: ({ data }) => about(data),
    "issues.opened": ({ data }) => about(data),
    "issues.closed": ({ data }) => about(data),
    "issues.reopened": ({ data }) => about(data),
    push: ({ data }, view) => ({
      ...about(data),
      pushes: { $add: [view.pushes, 1] },
      commits: { $add: [view.commits, { $size: data.commits }] },
      contributors: adding(view.contributors, data.pusher.name),
      // A push that deletes a branch or a tag has no head commit: null.
      lastPush: { ref: data.ref, by: data.pusher.name, committedAt: { $toDate: data.head_commit.timestamp } },
    }),
    create: ({ data }, view) => ({
      ...about(data),
      branches: { $cond: [{ $eq: [data.ref_type, "branch"] }, adding(view.branches, data.ref), view.branches] },
      tags: { $cond: [{ $eq: [data.ref_type, "tag"] }, adding(view.tags, data.ref), view.tags] },
    }),
    delete: ({ data }, view) => ({
      ...about(data),
      branches: { $cond: [{ $eq: [data.ref_type, "branch"] }, removing(view.branches, data.ref), view.branches] },
      tags: { $cond: [{ $eq: [data.ref_type, "tag"] }, removing(view.tags, data.ref), view.tags] },
    }),
    "member.added": ({ data }, view) => ({
      ...about(data),
      contributors: adding(view.contributors, data.member.login),
    }),
    "team.added_to_repository": ({ data }, view) => ({ ...about(data), teams: adding(view.teams, data.team.slug) }),
    "team.removed_from_repository": ({ data }, view) => ({
      ...about(data),
      teams: removing(view.teams, data.team.slug),
    }),
    "discussion.created": ({ data }, view) => ({ ...about(data), discussions: { $add: [view.discussions, 1] } }),
    "dependabot_alert.created": ({ data }, view) => ({
      ...about(data),
      alerts: adding(view.alerts, data.alert.dependency.package.name),
    }),
    "dependabot_alert.fixed": ({ data }, view) => ({
      ...about(data),
      alerts: removing(view.alerts, data.alert.dependency.package.name),
    }),
    "release.published": ({ data }, view) => ({
      ...about(data),
      releases: {
        $concatArrays: [
          { $filter: { input: view.releases, as: "one", cond: { $ne: ["$$one.tag", data.release.tag_name] } } },
          [{ tag: data.release.tag_name, publishedAt: { $toDate: data.release.published_at } }],
        ],
      },
    }),
    "release.deleted": ({ data }, view) => ({
      ...about(data),
      releases: { $filter: { input: view.releases, as: "one", cond: { $ne: ["$$one.tag", data.release.tag_name] } } },
    }),
    "workflow_run.completed": ({ data }, view) => ({
      ...about(data),
      "workflows.succeeded": {
        $add: [view.workflows.succeeded, { $cond: [{ $eq: [data.workflow_run.conclusion, "success"] }, 1, 0] }],
      },
      "workflows.other": {
        $add: [view.workflows.other, { $cond: [{ $eq: [data.workflow_run.conclusion, "success"] }, 0, 1] }],
      },
      "workflows.latest": { $toDate: data.workflow_run.updated_at },
    }),
  },
});
