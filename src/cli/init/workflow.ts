/**
 * The GitHub Actions workflow of a new project: what can be checked without a secret, on every push and pull request.
 *
 * Findings of `validate` become annotations at their lines. Definitions are compared where the project commits them. The mongod
 * that a first `asp test` downloads is kept, in the two folders that it may be in.
 */
export const workflow = `name: asp
on: [push, pull_request]
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-latest
    timeout-minutes: 20
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 22, cache: npm }
      - uses: actions/cache@v4
        with:
          path: |
            ~/.cache/asp-toolkit
            ~/.cache/mongodb-binaries
          key: mongod-\${{ runner.os }}-\${{ hashFiles('package-lock.json') }}
          restore-keys: mongod-\${{ runner.os }}-
      - run: npm ci
      - run: npx tsc
      - run: npx asp validate --format github
      - name: asp compile --check
        if: hashFiles('definitions/*.json') != ''
        run: npx asp compile --out definitions --check
      - run: npx asp test --junit junit.xml
      - uses: actions/upload-artifact@v4
        if: always()
        with: { name: junit, path: junit.xml, if-no-files-found: ignore }
`;
