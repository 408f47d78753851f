import asyncio, os, uuid
from datetime import UTC, datetime
from aiokafka import AIOKafkaProducer
from contracts.channel import SubmitComplaint
from contracts.codes import AppealType, Channel
from contracts.envelope import encode

async def main() -> None:
    complaint = SubmitComplaint(channel=Channel.RADIO, external_id=f"call-{uuid.uuid4()}", area="beicheng",
        category="noise-residential", appeal=AppealType.COMPLAINT, received_at=datetime.now(UTC), text="凌晨两点仍在施工。")
    record = encode(complaint, id=str(uuid.uuid4()), source="/channels/radio")
    async with AIOKafkaProducer(bootstrap_servers=os.environ["XN_KAFKA_BOOTSTRAP"], acks="all") as producer:
        await producer.send_and_wait(record.topic, record.value, record.key, headers=record.headers)

asyncio.run(main())
