// Most tests wait for timers of the server: more of them than there are processors run at once.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
