import asyncio, os
from aiokafka import AIOKafkaConsumer
from contracts.envelope import decode
from contracts.routing import AssignmentOffered

async def main(unit: str) -> None:
    desk = AIOKafkaConsumer(f"assignments.{unit}", bootstrap_servers=os.environ["XN_KAFKA_BOOTSTRAP"],
        group_id=f"desk.{unit}", auto_offset_reset="earliest", session_timeout_ms=6_000)
    async with desk:
        async for record in desk:
            event, body = decode(record.headers, record.value)
            if event.type == AssignmentOffered.TYPE:  # types you do not know are skipped
                print(AssignmentOffered.model_validate_json(body).number, flush=True)

asyncio.run(main("police-beicheng"))
