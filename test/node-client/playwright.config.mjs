import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'playwright',
  workers: 2,
  fullyParallel: true,
  globalSetup: './playwright/setup.mjs',
  reporter: 'line',
  use: { launchOptions: { executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] } },
});
