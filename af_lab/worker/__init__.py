"""The program of a worker job. It imports nothing else of af_lab, so that it can be sent with a job."""
