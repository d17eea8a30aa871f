import type { Document } from "bson";

/** A pipeline of a change stream, the needed fields that it loses, and those that it may lose, which nothing is said of. */
export interface EventPipeline {
  readonly pipeline: readonly Document[];
  readonly loses: readonly ("_id" | "wallTime" | "clusterTime")[];
  readonly unsaid?: readonly ("_id" | "wallTime" | "clusterTime")[];
}

const all = ["_id", "wallTime", "clusterTime"] as const;
const times = ["wallTime", "clusterTime"] as const;

export const eventPipelines: readonly EventPipeline[] = [
  { pipeline: [], loses: [] },
  { pipeline: [{ $match: { operationType: "insert" } }], loses: [] },
  { pipeline: [{ $unset: "_id" }], loses: ["_id"] },
  { pipeline: [{ $unset: ["fullDocument.a", "wallTime"] }], loses: ["wallTime"] },
  { pipeline: [{ $unset: ["_id._data"] }], loses: ["_id"] },
  { pipeline: [{ $unset: ["fullDocument", "_idea", "wallTimes.x"] }], loses: [] },
  { pipeline: [{ $project: { _id: 0 } }], loses: ["_id"] },
  { pipeline: [{ $project: { _id: false, fullDocument: 1 } }], loses: all },
  { pipeline: [{ $project: { fullDocument: 1 } }], loses: times },
  { pipeline: [{ $project: { _id: 1 } }], loses: times },
  { pipeline: [{ $project: { fullDocument: 1, wallTime: 1, clusterTime: true } }], loses: [] },
  {
    pipeline: [{ $project: { fullDocument: 1, wallTime: "$wallTime", clusterTime: "$$ROOT.clusterTime" } }],
    loses: [],
  },
  { pipeline: [{ $project: { fullDocument: 0 } }], loses: [] },
  { pipeline: [{ $project: { fullDocument: { a: 0 } } }], loses: [] },
  { pipeline: [{ $project: { "fullDocument.a": 0, clusterTime: 0 } }], loses: ["clusterTime"] },
  { pipeline: [{ $project: { "_id._data": 0 } }], loses: ["_id"] },
  { pipeline: [{ $project: { _id: { _data: 0 } } }], loses: ["_id"] },
  { pipeline: [{ $project: { _id: { $literal: 1 }, wallTime: 1, clusterTime: 1 } }], loses: ["_id"] },
  { pipeline: [{ $project: { _id: "$documentKey._id", wallTime: 1, clusterTime: 1 } }], loses: ["_id"] },
  { pipeline: [{ $set: { _id: 1 } }], loses: ["_id"] },
  { pipeline: [{ $set: { _id: "$_id" } }], loses: [] },
  { pipeline: [{ $set: { _id: { $ifNull: ["$_id", 1] } } }], loses: [] },
  { pipeline: [{ $set: { _id: { $toString: "$documentKey._id" } } }], loses: ["_id"] },
  { pipeline: [{ $set: { _id: "$$REMOVE" } }], loses: ["_id"] },
  { pipeline: [{ $set: { _id: { $cond: ["$fullDocument", 1, "$_id"] } } }], loses: [], unsaid: ["_id"] },
  { pipeline: [{ $addFields: { "_id.more": 1 } }], loses: ["_id"] },
  { pipeline: [{ $addFields: { wallTime: "$fullDocument.a" } }], loses: ["wallTime"] },
  { pipeline: [{ $addFields: { "fullDocument.wallTime": 1 } }], loses: [] },
  { pipeline: [{ $replaceRoot: { newRoot: "$fullDocument" } }], loses: all },
  { pipeline: [{ $replaceRoot: { newRoot: "$$ROOT" } }], loses: [] },
  { pipeline: [{ $replaceWith: { _id: "$_id", a: 1 } }], loses: times },
  { pipeline: [{ $replaceWith: { a: "$fullDocument" } }], loses: all },
  { pipeline: [{ $replaceWith: { $mergeObjects: ["$fullDocument", { op: "$operationType" }] } }], loses: all },
  { pipeline: [{ $replaceWith: { $mergeObjects: ["$$ROOT", { a: 1 }] } }], loses: [] },
  { pipeline: [{ $replaceWith: { $mergeObjects: ["$fullDocument", "$$ROOT"] } }], loses: [] },
  { pipeline: [{ $redact: "$$KEEP" }], loses: [] },
  { pipeline: [{ $project: { fullDocument: 1 } }, { $set: { _id: 1 } }, { $unset: "wallTime" }], loses: all },
];
