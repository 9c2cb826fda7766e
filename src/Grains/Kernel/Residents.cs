using System.Collections.Concurrent;

namespace Agora.Grains.Kernel;

/// <summary>
/// Bounds how many entities a silo has in memory. Beyond the bound those leave that were called longest ago and owe no answer, down to nine tenths of it; from five fourths of it on, no further one comes to life until they have.
/// Thread-safe.
/// </summary>
public sealed class Residents(int atMost, TimeProvider time)
{
    private readonly ConcurrentDictionary<EntityGrain, Resident> _all = new();
    private int _count;
    private int _leaving;

    public int Count => Volatile.Read(ref _count);

    /// <summary>
    /// Before the silo leaves its cluster: ends what entities would continue for ever, and completes when none of them has a step under way. A step that is under way later would ask entities that are nowhere any more.
    /// </summary>
    /// <param name="patience">What is under way after this is left to the next activation, which takes it up.</param>
    public async Task Settle(TimeSpan patience, CancellationToken cancel)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        over.CancelAfter(patience);
        try
        {
            bool areIdle;
            do
            {
                var settled = await Task.WhenAll(_all.Keys.Where(static grain => !grain.IsGone).Select(static grain => grain.Settle(isLast: true))).WaitAsync(over.Token);
                areIdle = Array.TrueForAll(settled, static wasIdle => wasIdle); // a step that has ended can have begun another elsewhere
            }
            while (!areIdle);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The silo leaves all the same.
        }
    }

    /// <summary>Before the silo ends, where others go on: each entity leaves as soon as it has nothing under way that the next activation could not take up. Completes when all have been told to.</summary>
    public Task Leave(CancellationToken cancel) => Task.WhenAll(_all.Keys.Select(LeaveWhenSettled)).WaitAsync(cancel);

    private static async Task LeaveWhenSettled(EntityGrain grain)
    {
        if (grain.IsGone) return;

        await grain.Settle(isLast: false);
        grain.Leave();
    }

    /// <summary>Whether one more may come to life.</summary>
    internal bool HasRoom()
    {
        if (Count < atMost + (atMost / 4)) return true;

        LetLeave();
        return false;
    }

    internal Resident Add(EntityGrain grain)
    {
        var resident = new Resident(time);
        if (_all.TryAdd(grain, resident) && Interlocked.Increment(ref _count) > atMost)
        {
            LetLeave();
        }

        return resident;
    }

    internal void Remove(EntityGrain grain)
    {
        if (_all.TryRemove(grain, out _))
        {
            Interlocked.Decrement(ref _count);
        }
    }

    // Not in the turn of who came last. One at a time: what is still too much afterwards is seen by the next that comes.
    private void LetLeave()
    {
        if (Interlocked.Exchange(ref _leaving, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static self => self.LetOldestLeave(), this, preferLocal: false);
        }
    }

    private void LetOldestLeave()
    {
        try
        {
            // One that Orleans ended without a word, because it did not answer for hours.
            foreach (var (grain, _) in _all.Where(static one => one.Key.IsGone))
            {
                Remove(grain);
            }

            var idle = _all.Where(static one => one.Value.IsIdle).Select(static one => (Grain: one.Key, Resident: one.Value, Last: one.Value.LastCallAt));
            foreach (var (grain, resident, last) in idle.OrderBy(static one => one.Last).Take(Count - (atMost - (atMost / 10))).ToList())
            {
                if (resident.IsIdle && resident.LastCallAt == last)
                {
                    grain.Leave();
                }
            }
        }
        finally
        {
            Volatile.Write(ref _leaving, 0);
        }
    }
}

/// <summary>When an entity was called last, and how many calls it has under way.</summary>
internal sealed class Resident(TimeProvider time)
{
    private long _lastCallAt = time.GetTimestamp();
    private int _underWay;

    public long LastCallAt => Volatile.Read(ref _lastCallAt);

    public bool IsIdle => Volatile.Read(ref _underWay) == 0;

    public void Began()
    {
        Interlocked.Increment(ref _underWay);
        Volatile.Write(ref _lastCallAt, time.GetTimestamp());
    }

    public void Ended() => Interlocked.Decrement(ref _underWay);
}
