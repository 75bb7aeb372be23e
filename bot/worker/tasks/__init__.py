"""The worker's tasks: functions of plain arguments, which decide by rows in the database whoever runs them."""
