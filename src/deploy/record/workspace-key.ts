import type { Environment } from "../../config/environment.ts";
import { interpolate, type Interpolated, type Variables } from "../../config/interpolate.ts";

/**
 * By what records know the workspace of an environment: `65a0…/commerce`, or `commerce` where the environment names no Atlas project. A
 * project's id is unique in the world, and neither it nor a workspace's name holds a slash. At which address the workspace is reached, or by
 * which door, is no part of it.
 */
export function workspaceKey({ name, settings = {} }: Environment, env: Variables): Interpolated {
  const { projectId, workspace = name } = settings;
  return interpolate(projectId === undefined ? workspace : `${projectId}/${workspace}`, env);
}
