"""What all tests share. Kept small: a fixture that one file needs stands in that file."""
