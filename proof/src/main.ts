/**
 * Tries to prove the claims named on the command line wrong, all of them if none is: `npm run prove`,
 * `npm run prove -- one-load --storage redis --rounds 100 --seed 7`. Prints what it found and keeps it in
 * `proof/results`. Ends with 1 if a claim does not hold.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { allClaims } from './claims/all-claims.js';
import type { Claim } from './claims/claim.js';
import { InvalidCommandError, readCommand, type Command } from './command.js';
import { markdown, type Tried } from './report.js';

const results = new URL('../results/', import.meta.url);
const commandLine = ['npm run prove', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ');

try {
  const command = readCommand(process.argv.slice(2), allClaims);
  mkdirSync(results, { recursive: true });
  for (const claim of command.claims) {
    if (!(await prove(claim, command))) process.exitCode = 1;
  }
} catch (error) {
  if (!(error instanceof InvalidCommandError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function prove(claim: Claim, { storages, amount, seed }: Command): Promise<boolean> {
  const date = new Date();
  const tried: Tried[] = [];
  for (const storage of claim.storages.filter((one) => storages.includes(one))) {
    const trial = { storage, amount: amount ?? claim.long, seed };
    const started = performance.now();
    console.error(`${claim.name} on ${storage}: ${trial.amount} ${claim.unit} with seed ${seed} ...`);
    tried.push({ trial, finding: await claim.try(trial), duration: performance.now() - started });
  }
  if (tried.length === 0) return true;
  const text = markdown({ claim, tried, command: commandLine, date });
  writeFileSync(new URL(`${claim.name}.md`, results), text);
  console.log(text);
  return tried.every(({ finding }) => finding.violations.length === 0);
}
