"""Rules of each stage: functions on arrays, without state, clock or world; `behaviour` has their numbers."""
