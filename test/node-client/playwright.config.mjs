import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'playwright',
  timeout: 120000, // a busy machine is no failure
  expect: { timeout: 60000 },
  workers: 2,
  fullyParallel: true,
  globalSetup: './playwright/setup.mjs',
  reporter: 'line',
  use: { launchOptions: { executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] } },
});
