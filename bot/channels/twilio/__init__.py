"""SMS through Twilio, or through the local carrier that stands in for it where no account is configured."""
