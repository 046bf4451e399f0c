/** Runs one compiled block of the documentation and ends, whatever the block leaves open (connections, timers). */
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

await import(pathToFileURL(process.argv[2] ?? '').href);
// What the block did not wait for may still fail, and must then be seen.
await pause(20);
process.exit();
