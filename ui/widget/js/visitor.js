/**
 * Asks the shop for a visitor's id, or for a later end of the one that this browser has, and for what the shop says of
 * itself: `{ visitor_id, shop_name, disclosure }`, each of which may be missing. `given` is the page's own id.
 */
export async function meet(client, identity, given, key, language) {
  identity.visitor = given || recall(key);
  const ask = () => client.ask("GET", `visitor?language=${language}`);
  const met = await ask().catch((error) => {
    // An id that is too old, or of another key, is none.
    if (error.status !== 401 || !identity.visitor) return {};
    identity.visitor = null;
    return ask().catch(() => ({}));
  });
  identity.visitor = met.visitor_id ?? identity.visitor;
  if (!given) keep(key, identity.visitor);
  return met;
}

// Storage may be forbidden: then each page has a new visitor.
function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function keep(key, visitor) {
  try {
    if (visitor) localStorage.setItem(key, visitor);
  } catch {
    // As above.
  }
}
