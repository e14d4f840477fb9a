// A setup file: runs in a worker whose file cannot be given what it claims, so that Vitest reports the file as failed
// with the reason, in every reporter, and goes on with the others.
const error = new Error(process.env['VITEST_LANES_REFUSED'])
error.name = 'LanesError'
error.stack = `${error.name}: ${error.message}`
throw error
