// As theirs, but: no server of its own, the system's Chromium, no video (which would need a download).
const base = require('@jupyterlab/galata/lib/playwright-config');

const { FLAGS, JUPYTER_LIVE_CHROMIUM, TARGET_URL } = process.env;

module.exports = {
  ...base,
  // The whole, not suite/tests: names of folders, which tests look for in links, are made of the paths in it.
  testDir: 'suite',
  outputDir: 'results',
  // Who is online is one list for all pages of the server.
  workers: 1,
  timeout: 120_000,
  reporter: [['list'], ['json', { outputFile: 'report.json' }]],
  ignoreSnapshots: true,
  use: {
    ...base.use,
    baseURL: TARGET_URL,
    // A button that is not there should not take the whole time of a test.
    actionTimeout: 30_000,
    video: 'off',
    trace: 'off',
    launchOptions: { executablePath: JUPYTER_LIVE_CHROMIUM, args: FLAGS.split(' ') }
  }
};
