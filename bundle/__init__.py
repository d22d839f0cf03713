"""Everything that this project needs from the network, in one file: made with a network, installed without one."""
