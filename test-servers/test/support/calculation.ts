/** A program that sends twice the NUMBER of its environment, and fails where there is none. */
const number = process.env['NUMBER'];
if (number === undefined) throw new Error('There is no NUMBER');
process.send?.({ pid: process.pid, double: Number(number) * 2 });
