/** What generates this run's inputs; SEED in the environment repeats a run. Stands in the names of tests. */
export const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
