// A partner in JavaScript, written from docs/partners.md alone: a channel and a unit's staff app in one process.
// node partner.mjs BOOTSTRAP CHANNEL UNIT REFERENCE: prints the replies it could correlate as one JSON object.
import { createHash, randomUUID } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'

const NAMESPACE = '92a801e4-b01c-5be2-8e76-842b6e249209'
const [bootstrap, channel, unit, reference] = process.argv.slice(2)

const caseId = (externalId) => {
  const bytes = createHash('sha1')
    .update(Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex'))
    .update(`${channel}\n${externalId}`, 'utf8')
    .digest()
    .subarray(0, 16)
  bytes[6] = (bytes[6] & 0x0f) | 0x50
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

const submission = (externalId, changes = {}) => ({
  channel,
  external_id: externalId,
  received_at: new Date().toISOString(),
  appeal: 'complaint',
  category: 'water-outage',
  area: 'nancheng',
  title: '停水两天',
  text: '自来水停了两天，无人告知。',
  ...changes,
})

const kafka = new Kafka({ clientId: 'partner', brokers: [bootstrap], logLevel: logLevel.ERROR })
const producer = kafka.producer()

const publish = async (topic, type, body, key) => {
  const id = randomUUID()
  const headers = {
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: id,
    ce_source: `/partners/${channel}`,
    ce_type: type,
  }
  await producer.send({ topic, messages: [{ key, value: JSON.stringify(body), headers }] })
  return id
}

const read = async (topic, each) => {
  const consumer = kafka.consumer({ groupId: `partner-${randomUUID()}`, sessionTimeout: 6000, maxWaitTimeInMs: 100 })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message }) =>
      each(message.headers.ce_type.toString(), JSON.parse(message.value), message.key.toString()),
  })
  return consumer
}

const replies = []
const offers = []
const until = async (found) => {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
    const result = found()
    if (result) return result
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`no such reply among ${JSON.stringify(replies)}`)
}
const answered = (id, type) => until(() => replies.find((each) => each.submission_id === id && each.type === type))

await producer.connect()
const consumers = await Promise.all([
  read(`replies.${channel}`, (type, body, key) => replies.push({ type, key, ...body })),
  read(`assignments.${unit}`, (type, body, key) => offers.push({ type, key, ...body })),
])

const SUBMIT = 'cn.xiaoneng.complaint.submit.v1'
const complaints = `complaints.${channel}`
const good = await publish(complaints, SUBMIT, submission(reference), caseId(reference))
const [refused, spoilt, misspelt] = ['refused', 'spoilt', 'misspelt'].map((name) => `${reference}-${name}`)
const ids = {
  refused: await publish(complaints, SUBMIT, submission(refused, { area: 'atlantis' }), caseId(refused)),
  spoilt: await publish(complaints, SUBMIT, submission(spoilt, { text: 7 }), caseId(spoilt)),
  misspelt: await publish(complaints, 'cn.xiaoneng.complaint.sumbit.v1', submission(misspelt), caseId(misspelt)),
}
const seen = { acknowledged: await answered(good, 'cn.xiaoneng.complaint.acknowledged.v1') }
for (const [name, id] of Object.entries(ids)) seen[name] = await answered(id, 'cn.xiaoneng.complaint.refused.v1')

const mine = caseId(reference)
await until(() => offers.find((each) => each.key === mine && each.type === 'cn.xiaoneng.assignment.offered.v1'))
const command = { case_id: mine, unit, issued_at: new Date().toISOString() }
await publish(`handling.${unit}`, 'cn.xiaoneng.case.sign.v1', command, mine)
const report = { ...command, result: 'resolved', reply: '已恢复供水。' }
await publish(`handling.${unit}`, 'cn.xiaoneng.case.report-handling.v1', report, mine)
seen.answered = await answered(good, 'cn.xiaoneng.complaint.answered.v1')

console.log(JSON.stringify({ case_ids: { good: mine, ...Object.fromEntries(Object.entries({ refused, spoilt, misspelt }).map(([name, id]) => [name, caseId(id)])) }, ids: { good, ...ids }, seen }))
await Promise.all([...consumers.map((each) => each.disconnect()), producer.disconnect()])
