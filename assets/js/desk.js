export function startDesk() {}
