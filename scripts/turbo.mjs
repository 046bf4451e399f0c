/** Runs turbo with the arguments given: without telemetry, and with this repository's own pnpm. */
import { run } from './processes.mjs';

process.exitCode = (await run('turbo', process.argv.slice(2), { shown: true })).code;
