"""What a lever may say to the engine: effects, values of the channels by which it decides."""
