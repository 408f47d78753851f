"""`python -m bench.receivers <mail port> <SMS port>`: who takes what is sent, in a process of its own."""

from __future__ import annotations

import sys
import threading

from xn.demo.mail import MailServer
from xn.demo.sms import SmsGateway


def main(mail_port: int, sms_port: int) -> None:
    """Both answer on their ports until they are killed."""
    with MailServer(port=mail_port), SmsGateway(port=sms_port):
        threading.Event().wait()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
