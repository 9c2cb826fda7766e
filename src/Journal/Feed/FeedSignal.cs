using System.Collections.Immutable;

namespace Agora.Journal.Feed;

/// <summary>
/// Wakes who waits for what was appended. Who takes <see cref="Waiting.Next"/> before looking misses nothing that was raised while it looked. Safe from any thread.
/// </summary>
internal sealed class FeedSignal
{
    private ImmutableArray<Waiting> _waiting = [];

    /// <param name="topics">None: everything.</param>
    public Waiting Wait(IReadOnlyList<string> topics)
    {
        var waiting = new Waiting(this, topics);
        ImmutableInterlocked.Update(ref _waiting, static (all, one) => all.Add(one), waiting);
        return waiting;
    }

    /// <param name="batch">What was appended.</param>
    public void Raise(IReadOnlyList<StreamAppend> batch)
    {
        if (_waiting.Length > 0)
        {
            Raise(FeedTopics.Of(batch));
        }
    }

    /// <param name="topics">None: whatever it was.</param>
    public void Raise(IReadOnlySet<string> topics)
    {
        foreach (var waiting in _waiting)
            if (topics.Count == 0 || waiting.Topics.Count == 0 || waiting.Topics.Any(topics.Contains))
                waiting.Raise();
    }

    /// <summary>One who follows, until it is disposed.</summary>
    public sealed class Waiting(FeedSignal signal, IReadOnlyList<string> topics) : IDisposable
    {
        private TaskCompletionSource _next = New();

        public IReadOnlyList<string> Topics => topics;

        public Task Next => Volatile.Read(ref _next).Task;

        public void Raise() => Interlocked.Exchange(ref _next, New()).TrySetResult();

        public void Dispose() => ImmutableInterlocked.Update(ref signal._waiting, static (all, one) => all.Remove(one), this);

        // Who is woken goes on elsewhere: whoever appended is not to wait for it.
        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>What a batch wakes for: the kinds of its rows, and the query tables that they write.</summary>
internal static class FeedTopics
{
    public static HashSet<string> Of(IReadOnlyList<StreamAppend> batch)
    {
        var topics = new HashSet<string>(StringComparer.Ordinal);
        var kinds = topics.GetAlternateLookup<ReadOnlySpan<char>>(); // Makes a string of what is new only.
        foreach (var append in batch)
        {
            if (append.Row is null) continue;
            kinds.Add(KindOf(append.Stream));
            foreach (var upsert in append.Upserts) topics.Add(upsert.Table.Name);
        }

        return topics;
    }

    /// <summary>The second of the parts of a stream's name; nothing where there is none.</summary>
    public static ReadOnlySpan<char> KindOf(string stream)
    {
        var rest = stream.AsSpan(stream.IndexOf('/') + 1);
        if (rest.Length == stream.Length) return [];
        return rest.IndexOf('/') is >= 0 and var end ? rest[..end] : rest;
    }
}
