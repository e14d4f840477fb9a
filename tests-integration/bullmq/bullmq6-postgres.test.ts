import { test } from '@vitest-lanes/bullmq/fixture'
import type { Library } from '@vitest-lanes/bullmq'
import * as bullmq6 from 'bullmq6'
import { describeBehaviour } from './support/behaviour.ts'

test.override({ bullmqOptions: { library: bullmq6 as unknown as Library, backend: 'postgres' } })

describeBehaviour(test)
