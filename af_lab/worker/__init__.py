"""What a worker job runs. It imports nothing else of af_lab, so that it can be sent along with a job."""
