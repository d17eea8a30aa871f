/**
 * The GitHub Actions workflow of a new project: what can be checked without a secret, on every push and pull request, and what a deployment
 * would change, once a variable of the repository names the environment.
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
  # What a deployment would change, in the summary of the run. It waits for the repository's variable ASP_ENVIRONMENT to name an
  # environment of atlas.config.yaml; a pull request from a fork has no secrets and goes without.
  plan:
    needs: check
    if: vars.ASP_ENVIRONMENT != '' && (github.event_name == 'push' || github.event.pull_request.head.repo.full_name == github.repository)
    runs-on: ubuntu-latest
    timeout-minutes: 20
    env:
      ASP_ENVIRONMENT: \${{ vars.ASP_ENVIRONMENT }}
      ATLAS_PROJECT_ID: \${{ vars.ATLAS_PROJECT_ID }}
      ATLAS_CLIENT_ID: \${{ secrets.ATLAS_CLIENT_ID }}
      ATLAS_CLIENT_SECRET: \${{ secrets.ATLAS_CLIENT_SECRET }}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 22, cache: npm }
      - run: npm ci
      - run: npx asp plan -e "$ASP_ENVIRONMENT" --format markdown >> "$GITHUB_STEP_SUMMARY"
`;
