"""`xn`: the commands of whoever develops or operates Xiaoneng."""
