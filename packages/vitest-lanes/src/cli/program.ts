import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { ExitStatus } from './exit.ts'
import { parseLimit } from './limits.ts'
import { parseChange, parseLaneRange, parseShards } from './plan/arguments.ts'
import { FORMATS } from './report.ts'
import type { ReportOptions } from './report.ts'
import { parseRate } from './bisect/arguments.ts'
import { parseCount, parseDuration, parseSeed } from './stress/arguments.ts'
import type { Terminal } from './terminal.ts'

const OWN = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const STATUSES = `
Exit status: 0 all is well; 1 it worked, and the answer is no; 2 it could not be done.`

const INTERRUPTED = '             130 Ctrl-C ended it; what was found until then has been told.'

/** The command line. Each command is loaded when it is called. */
export function createProgram(terminal: Terminal, end: (status: ExitStatus) => void): Command {
  const program = new Command('vitest-lanes')
    .description('See how test files shared lanes and resources, and what would make them faster.')
    .version(OWN.version)
    .exitOverride()
    .showHelpAfterError('(add --help for what there is)')
    .addHelpText('after', STATUSES)
  const add = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .option('--root <folder>', "Vitest's root", process.cwd())
      .addHelpText('after', STATUSES)

  add('report', 'draws a run record: the timeline, or another format')
    .argument('[record]', 'path of a run record (default: .vitest-lanes/run.json)')
    .addOption(new Option('--format <format>', 'what to write').choices(FORMATS).default('html'))
    .option('--json', 'the same as --format json')
    .option('-o, --output <file>', 'where to; - is the terminal')
    .option('--open', 'opens what was written', false)
    .action(async (path: string | undefined, options: ReportOptions & { json?: true }) => {
      const { report } = await import('./report.ts')
      const format = options.json ? 'json' : options.format
      end(await report(path, { ...options, format }, terminal))
    })

  add('plan', 'says what a run would do, without running a test')
    .argument('[filters...]', 'parts of paths, as Vitest takes them')
    .option('-c, --config <file>', "Vitest's configuration")
    .addOption(repeatable('--project <name>', 'only this project; can be repeated', String))
    .option('--lanes <range>', 'so many lanes instead: 8, or 1..16 for a table', parsed(parseLaneRange))
    .option('--shard <range>', 'each shard: 1..4, or one of them: 2/4', parsed(parseShards))
    .addOption(
      repeatable(
        '--if <change>',
        'what a change would bring: stripe.instances=2, lanes=8; can be repeated',
        parseChange,
      ),
    )
    .option('--json', 'as JSON', false)
    .action(async (filters: string[], options) => {
      const { plan } = await import('./plan/plan.ts')
      end(await plan(filters, { ...options, changes: options.if }, terminal))
    })

  add('compare', 'two run records: what got slower, what waits more, what is new')
    .argument('<before>', 'path of a run record')
    .argument('<after>', 'path of a run record')
    .addOption(
      repeatable(
        '--fail-on <limit>',
        'exit status 1 for wall:10%, slower:20%, waits:50%, failures or findings; can be repeated',
        parseLimit,
      ),
    )
    .option('--json', 'as JSON', false)
    .action(async (before: string, after: string, options) => {
      const { compare } = await import('./compare.ts')
      end(await compare(before, after, options, terminal))
    })

  const history = program.command('history').description('the durations that runs have left')
  history
    .command('merge')
    .description("joins histories, such as those of a run's shards, with the project's own")
    .argument('<paths...>', 'histories, or folders that have one')
    .option('--root <folder>', "Vitest's root", process.cwd())
    .option('-o, --output <file>', "where to, instead of the project's own history")
    .option('--json', 'as JSON', false)
    .addHelpText('after', STATUSES)
    .action(async (paths: string[], options) => {
      const { mergeHistories } = await import('./history.ts')
      end(await mergeHistories(paths, options, terminal))
    })

  add('init', 'looks at the project, shows what would change, asks, writes')
    .option('-y, --yes', 'writes without asking', false)
    .option('--json', 'what was found and what would change, as JSON; writes nothing without --yes', false)
    .action(async (options) => {
      const { init } = await import('./init/init.ts')
      end(await init(options, terminal))
    })

  add('doctor', 'checks what runs need: each line says fine, or what to do')
    .option('-c, --config <file>', "Vitest's configuration")
    .option('--no-servers', 'starts no server to try it')
    .option('--json', 'as JSON', false)
    .action(async (options) => {
      const { doctor } = await import('./doctor/doctor.ts')
      end(await doctor(options, terminal))
    })

  add('certify-split', 'runs files whole, then in parts, and keeps which of them end alike')
    .argument('[filters...]', 'parts of paths, as Vitest takes them')
    .option('-c, --config <file>', "Vitest's configuration")
    .addOption(repeatable('--project <name>', 'only this project; can be repeated', String))
    .option('--json', 'as JSON', false)
    .action(async (filters: string[], options) => {
      const { certifySplit } = await import('./certify-split/certify-split.ts')
      end(await certifySplit(filters, options, terminal))
    })

  add('stress', 'runs the suite again and again, each time in another order')
    .argument('[filters...]', 'parts of paths, as Vitest takes them')
    .option('-c, --config <file>', "Vitest's configuration")
    .addOption(repeatable('--project <name>', 'only this project; can be repeated', String))
    .option('--runs <n>', 'so many runs (default: 10)', parsed(parseCount('--runs')))
    .option('--for <time>', 'as long as this: 90s, 10m, 1h', parsed(parseDuration))
    .option('--until-fail', 'ends after the first run in which something fails', false)
    .option('--only-changed [commit]', 'only files that depend on what has changed since')
    .option('--lanes <n>', 'so many lanes, whatever the configuration says', parsed(parseCount('--lanes')))
    .option('--pressure', 'every core is busy, and every server answers late', false)
    .option('--shuffle-tests', 'the tests of a file in another order, too', false)
    .option('--seed <n>', 'of the first run; those after it count up', parsed(parseSeed))
    .option('--json', 'as JSON', false)
    .addHelpText('after', INTERRUPTED)
    .action(async (filters: string[], options) => {
      const { stress } = await import('./stress/stress.ts')
      end(await stress(filters, options, terminal))
    })

  add('replay', 'runs a recorded run once more, its files meeting as they did')
    .argument('[record]', 'path of a run record (default: .vitest-lanes/run.json)')
    .option('-c, --config <file>', "Vitest's configuration")
    .addOption(repeatable('--project <name>', 'only this project; can be repeated', String))
    .option('--run <n>', 'the record of this stress run', parsed(parseCount('--run')))
    .option('--json', 'as JSON', false)
    .addHelpText('after', INTERRUPTED)
    .action(async (path: string | undefined, options) => {
      const { replay } = await import('./replay/replay.ts')
      end(await replay(path, options, terminal))
    })

  add('bisect', 'finds the files that make a test fail that passes alone')
    .argument('<test>', 'path/of/a.test.ts > a suite > a test, path/of/a.test.ts:12, or the file with -t')
    .option('-t, --testNamePattern <name>', "the test's name, where only its file is written")
    .option('-c, --config <file>', "Vitest's configuration")
    .addOption(repeatable('--project <name>', 'only this project; can be repeated', String))
    .option('--record <path>', 'a run record in which it failed, or a folder (default: the last that has it)')
    .addOption(
      new Option('--rate <percent>', 'the lowest rate of failure to look for')
        .argParser(parsed(parseRate))
        .default(0.1, '10%'),
    )
    .addOption(
      new Option('--causes <n>', 'most causes to look for, where each suffices')
        .argParser(parsed(parseCount('--causes')))
        .default(3),
    )
    .option(
      '--parallel <n>',
      'so many trials at once (default: as is safe)',
      parsed(parseCount('--parallel')),
    )
    .option('--reset <command>', 'runs before each trial: cleans what no provider does')
    .option('--fresh', 'discards what an earlier search has found', false)
    .option('--json', 'as JSON', false)
    .addHelpText('after', INTERRUPTED)
    .action(async (test: string, options) => {
      const { bisect } = await import('./bisect/bisect.ts')
      end(await bisect(test, options, terminal))
    })

  add('audit', 'what each file touches, which files would collide, and what they must claim')
    .argument('[dir]', 'a directory with tests (default: all)')
    .option('-c, --config <file>', "Vitest's configuration")
    .addOption(repeatable('--project <name>', 'only this project; can be repeated', String))
    .option('--no-run', 'takes the footprints that the last audit left')
    .option('--write', 'proposes the lines of `files` that differ, as a diff', false)
    .option('-y, --yes', 'writes them without asking', false)
    .option('--certify', 'runs the directory in parallel, each time in another order', false)
    .option('--runs <n>', 'how often --certify runs it', parsed(parseCount('--runs')), 10)
    .option('--check', 'fails where a file does more than it claims: for CI', false)
    .option('--json', 'as JSON', false)
    .addHelpText('after', INTERRUPTED)
    .action(async (directory: string | undefined, options) => {
      const { audit } = await import('./audit/audit.ts')
      end(await audit(directory, options, terminal))
    })

  return program
}

function repeatable(flags: string, description: string, parse: (text: string) => unknown): Option {
  const parseOne = parsed(parse)
  return new Option(flags, description)
    .argParser((text, before: readonly unknown[]) => [...before, parseOne(text)])
    .default([], 'none')
}

/** Commander shows an `InvalidArgumentError` beside the option that it is of. */
function parsed<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text)
    } catch (error) {
      throw new InvalidArgumentError(error instanceof Error ? error.message : String(error))
    }
  }
}
