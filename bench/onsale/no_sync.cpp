// Preloaded into a server by run.sh for `no-fsync`: nothing waits for the disk, so that what durability costs
// is seen. The product itself has no such switch.
extern "C" int fsync(int) {
  return 0;
}
extern "C" int fdatasync(int) {
  return 0;
}
