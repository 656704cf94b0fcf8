// A courier in a process of its own, for tests that kill it.
import { createCourier } from '../../src/app/collaboration/deliver.ts'
import { courierPorts, type CourierPlace } from '../support/courier.ts'

const place = JSON.parse(process.argv[2] ?? '') as CourierPlace // written by the test
const { ports } = courierPorts(place, (message) => void process.stderr.write(`${message}\n`))
const courier = createCourier(ports)
const stopped = new AbortController()
setInterval(() => void courier.run(stopped.signal), 20)
