import type { RedisClient } from './redis-client.js';

/** What is to be done when a client is closed. One listener for all, as a client warns of more than ten. */
const actionsOf = new WeakMap<RedisClient, Set<() => void>>();

/** Calls `action` whenever the client has been closed for good. Returns how to call that off. */
export function whenClosed(client: RedisClient, action: () => void): () => void {
  const actions = actionsOf.get(client) ?? listenTo(client);
  actions.add(action);
  return () => void actions.delete(action);
}

function listenTo(client: RedisClient): Set<() => void> {
  const actions = new Set<() => void>();
  actionsOf.set(client, actions);
  client.on('end', () => {
    for (const action of actions) action();
  });
  return actions;
}
